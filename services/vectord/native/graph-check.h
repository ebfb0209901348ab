#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include "flat-vectors.h"
#include "graph.h"

/**
 * Checks that a graph could have been made of these vectors. Checksums only show that somebody wrote it, and hnswlib follows any
 * link. All methods throw std::runtime_error.
 */
class GraphCheck {
 public:
  using Node = Graph::Node;

  /** Stands for the slot of a removed vector. */
  static constexpr int32_t NO_SLOT = -1;

  GraphCheck(const Graph &graph, const FlatVectors &vectors) : graph_(graph), vectors_(vectors) {}

  /** The entry point must be on the top layer: a search follows its links there. No node is above it, which the reader has seen to. */
  void assertEntryPoint() const {
    const Node entry = graph_.enterpoint_node_;
    if (entry >= graph_.cur_element_count || graph_.element_levels_[entry] != graph_.maxlevel_) {
      throw std::runtime_error("The graph's entry point is not on its top layer.");
    }
  }

  /** @param slot where the vector of this node is, or NO_SLOT */
  void assertNode(Node node, int32_t slot) const {
    if (graph_.getExternalLabel(node) != node) fail(node, "has another label");
    if (graph_.isMarkedDeleted(node) != (slot == NO_SLOT)) fail(node, "is removed in the graph or in the rows, not in both");
    assertLinks(node);
    assertCode(node, slot);
  }

 private:
  static constexpr uint32_t COUNT_BITS = 0xffff;
  static constexpr uint32_t REMOVED_BIT = 0x10000;

  void assertLinks(Node node) const {
    assertList(node, 0, graph_.get_linklist0(node), graph_.maxM0_, COUNT_BITS | REMOVED_BIT);
    for (int layer = 1; layer <= graph_.element_levels_[node]; layer++) {
      assertList(node, layer, graph_.get_linklist(node, layer), graph_.maxM_, COUNT_BITS);
    }
  }

  /** @param list the number of links, which has marks in its upper half; then the links */
  void assertList(Node node, int layer, const uint32_t *list, size_t links_max, uint32_t bits) const {
    const size_t count = list[0] & COUNT_BITS;
    if (count > links_max || (list[0] & ~bits) != 0) fail(node, "has more links than it may have");
    const size_t nodes = graph_.cur_element_count;
    bool leads_away = false;
    for (size_t i = 1; i <= count; i++) leads_away |= list[i] >= nodes || list[i] == node;
    if (leads_away) fail(node, "has a link to itself or to no node");
    if (layer == 0) return;
    // A search goes on in the list of the node it came to, which must reach up to this layer.
    for (size_t i = 1; i <= count; i++) {
      if (graph_.element_levels_[list[i]] < layer) fail(node, "has a link to a node that is not on its layer");
    }
  }

  void assertCode(Node node, int32_t slot) const {
    const char *code = graph_.getDataByInternalId(node);
    const bool is_right = slot == NO_SLOT ? graph_.codes().isSound(code)
                                          : graph_.codes().isOf(code, vectors_.at(static_cast<uint32_t>(slot)),
                                                                vectors_.factor(static_cast<uint32_t>(slot)));
    if (!is_right) fail(node, "does not have the vector of its row");
  }

  [[noreturn]] static void fail(Node node, const char *fault) {
    throw std::runtime_error("Node " + std::to_string(node) + " of the graph " + fault + ".");
  }

  const Graph &graph_;
  const FlatVectors &vectors_;
};
