#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codes.h"

/**
 * hnswlib's graph, with an add and a search of its own. A label is the node's number. One thread at a time, but for searches while
 * it is saved.
 */
class Graph : public hnswlib::HierarchicalNSW<float> {
 public:
  using Node = hnswlib::tableint;

  /** Layers above layer 0. At two links a node, which makes the most layers, a random number of 53 bits comes no higher. */
  static constexpr int LAYERS_MAX = 64;

  /** As hnswlib's own, but for 65,536 locks of labels, which take 2.6 MB of each graph; here a label has one thread. */
  Graph(Codes &codes, size_t capacity, size_t m, size_t ef_construction)
      : HierarchicalNSW(&codes), codes_(codes), code_(codes.get_data_size()) {
    data_size_ = codes.get_data_size();
    fstdistfunc_ = codes.get_dist_func();
    dist_func_param_ = codes.get_dist_func_param();
    M_ = maxM_ = m;
    maxM0_ = 2 * m;
    ef_construction_ = std::max(ef_construction, m);
    mult_ = 1 / std::log(static_cast<double>(m));
    revSize_ = 1 / mult_;
    level_generator_.seed(SEED);
    offsetData_ = size_links_level0_ = sizeof(Node) * (1 + maxM0_);
    label_offset_ = offsetData_ + data_size_;
    size_data_per_element_ = label_offset_ + sizeof(hnswlib::labeltype);
    size_links_per_element_ = sizeof(Node) * (1 + maxM_);
    enterpoint_node_ = std::numeric_limits<Node>::max();
    maxlevel_ = -1;
    resizeIndex(capacity);
  }

  /** Room for this many nodes leaves room for so many more. */
  static constexpr size_t grown(size_t count) { return count + count / 2 + 1; }

  const Codes &codes() const { return codes_; }

  /** @param label one more than the last */
  void add(hnswlib::labeltype label, const float *vector) {
    if (label != cur_element_count) throw std::runtime_error("Labels must follow each other without a gap.");
    if (cur_element_count == max_elements_) resizeIndex(grown(max_elements_));
    codes_.encode(vector, code_.data());
    const Node node = append(std::min(getRandomLevel(mult_), LAYERS_MAX));
    const int layers = element_levels_[node];
    if (node > 0) connect(node, layers);
    if (layers <= maxlevel_) return;
    enterpoint_node_ = node;
    maxlevel_ = layers;
  }

  void remove(hnswlib::labeltype label) {
    if (label >= cur_element_count) throw std::runtime_error("The graph has no such label.");
    markDeletedInternal(static_cast<Node>(label));
  }

  /** For the links of one node above layer 0. hnswlib prefetches one link past the end of a list, which must be readable. */
  char *newUpperLinks(size_t layers) const {
    if (layers == 0) return nullptr;
    char *links = static_cast<char *>(std::calloc(layers * size_links_per_element_ + sizeof(Node), 1));
    if (!links) throw std::bad_alloc();
    return links;
  }

  /**
   * The k nearest of what a search of this width meets, nearest first.
   * hnswlib's own makes two heaps and a list anew each time, and waits for each neighbour's memory in turn.
   * @return how many there are
   */
  size_t search(const float *vector, size_t k, size_t ef, uint32_t *labels, float *distances) {
    if (cur_element_count == 0) return 0;
    codes_.encode(vector, code_.data());
    searchLayer0(descend(0), std::max(ef, k));
    std::sort_heap(nearest_.begin(), nearest_.end(), isNearer);
    const size_t found = std::min(k, nearest_.size());
    for (size_t i = 0; i < found; i++) {
      labels[i] = static_cast<uint32_t>(getExternalLabel(nearest_[i].second));
      distances[i] = nearest_[i].first;
    }
    return found;
  }

 private:
  using Candidate = std::pair<float, Node>;

  static constexpr size_t CACHE_LINE = 64;
  static constexpr unsigned SEED = 100;

  static bool isNearer(const Candidate &a, const Candidate &b) { return a.first < b.first; }
  static bool isFarther(const Candidate &a, const Candidate &b) { return a.first > b.first; }

  float distanceTo(Node node) const { return fstdistfunc_(code_.data(), getDataByInternalId(node), dist_func_param_); }

  /** A node of the code in code_, without links. */
  Node append(int layers) {
    char *upper = newUpperLinks(static_cast<size_t>(layers));
    const auto node = static_cast<Node>(cur_element_count++);
    element_levels_[node] = layers;
    linkLists_[node] = upper;
    std::memset(get_linklist0(node), 0, size_data_per_element_);
    std::memcpy(getDataByInternalId(node), code_.data(), data_size_);
    setExternalLabel(node, node);
    return node;
  }

  /**
   * As hnswlib's addPoint does, which lets the vector of an empty list end the process: where the search arrives at a removed node
   * from which only removed ones can be reached, it finds nothing to link to.
   */
  void connect(Node node, int layers) {
    const bool is_entry_removed = isMarkedDeleted(enterpoint_node_);
    Node at = descend(layers).second;
    for (int layer = std::min(layers, maxlevel_); layer >= 0; layer--) {
      auto near = searchBaseLayer(at, code_.data(), layer);
      if (is_entry_removed) near.emplace(distanceTo(enterpoint_node_), enterpoint_node_);
      if (near.size() > ef_construction_) near.pop();
      if (near.empty()) near.emplace(distanceTo(at), at);
      at = mutuallyConnectNewElement(code_.data(), node, near, layer, false);
    }
  }

  /** From the top layer down to above this one, always to the nearest neighbour. */
  Candidate descend(int last_layer) const {
    Candidate at{distanceTo(enterpoint_node_), enterpoint_node_};
    for (int layer = maxlevel_; layer > last_layer; layer--) {
      for (Node from = at.second;; from = at.second) {
        const auto *links = get_linklist(from, layer);
        for (size_t i = 1; i <= getListCount(const_cast<unsigned *>(links)); i++) {
          const float distance = distanceTo(links[i]);
          if (distance < at.first) at = {distance, links[i]};
        }
        if (at.second == from) break;
      }
    }
    return at;
  }

  /** Leaves up to ef live nodes in nearest_, a heap with the farthest on top. */
  void searchLayer0(Candidate entry, size_t ef) {
    hnswlib::VisitedList *visited = visited_list_pool_->getFreeVisitedList();
    nearest_.clear();
    open_.assign(1, entry);
    visited->mass[entry.second] = visited->curV;
    if (!isMarkedDeleted(entry.second)) nearest_.push_back(entry);
    while (!open_.empty() && !(nearest_.size() == ef && open_.front().first > nearest_.front().first)) {
      const Node node = open_.front().second;
      std::pop_heap(open_.begin(), open_.end(), isFarther);
      open_.pop_back();
      gatherNeighbours(node, *visited);
      for (const Node neighbour : neighbours_) offer({distanceTo(neighbour), neighbour}, ef);
    }
    visited_list_pool_->releaseVisitedList(visited);
  }

  /** Those that were not met before. Their codes are on their way from memory when the first is looked at. */
  void gatherNeighbours(Node node, hnswlib::VisitedList &visited) {
    const auto *links = get_linklist0(node);
    neighbours_.clear();
    for (size_t i = 1; i <= getListCount(const_cast<unsigned *>(links)); i++) {
      if (visited.mass[links[i]] == visited.curV) continue;
      visited.mass[links[i]] = visited.curV;
      neighbours_.push_back(links[i]);
      const char *code = getDataByInternalId(links[i]);
      for (size_t at = 0; at < data_size_; at += CACHE_LINE) __builtin_prefetch(code + at);
    }
  }

  void offer(Candidate candidate, size_t ef) {
    if (nearest_.size() == ef && candidate.first >= nearest_.front().first) return;
    open_.push_back(candidate);
    std::push_heap(open_.begin(), open_.end(), isFarther);
    __builtin_prefetch(get_linklist0(open_.front().second));
    if (isMarkedDeleted(candidate.second)) return;
    nearest_.push_back(candidate);
    std::push_heap(nearest_.begin(), nearest_.end(), isNearer);
    if (nearest_.size() <= ef) return;
    std::pop_heap(nearest_.begin(), nearest_.end(), isNearer);
    nearest_.pop_back();
  }

  Codes &codes_;
  /** Of the vector that is being added, or searched for. */
  std::vector<char> code_;
  /** Kept from one search to the next, so that none asks for memory. */
  std::vector<Candidate> nearest_, open_;
  std::vector<Node> neighbours_;
};
