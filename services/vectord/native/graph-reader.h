#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "graph.h"

/**
 * Takes in what saveIndex writes, in pieces of any length. hnswlib itself would have it in a file, in which it seeks two times for
 * each element before it reads any. What it takes in fits into the graph, and may still lead anywhere: that is for GraphCheck.
 */
class GraphReader {
 public:
  GraphReader(Codes &codes, size_t m, size_t ef_construction)
      : codes_(codes), m_(m), ef_construction_(ef_construction) {
    expect(Part::header, &header_, sizeof(header_));
  }

  void take(const char *bytes, size_t size) {
    while (size > 0) {
      if (missing_ == 0) throw std::runtime_error("The graph is longer than it says.");
      const size_t taken = std::min(size, missing_);
      std::memcpy(target_, bytes, taken);
      target_ += taken, missing_ -= taken, bytes += taken, size -= taken;
      while (missing_ == 0 && !isWhole()) next();
    }
  }

  bool isWhole() const { return part_ == Part::links && missing_ == 0 && graph_->cur_element_count == header_.count; }

  std::shared_ptr<Graph> graph() const { return graph_; }

 private:
  /** As saveIndex writes it, field by field. */
  struct Header {
    uint64_t level0_offset, capacity, count, element_bytes, label_offset, data_offset;
    int32_t top_layer;
    uint32_t entry_point;
    uint64_t links, links_of_layer0, m;
    double level_factor;
    uint64_t ef_construction;
  };

  /** Elements are all in one; then of each the bytes of its links above layer 0, and those links. */
  enum class Part { header, elements, link_bytes, links };

  void expect(Part part, void *target, size_t bytes) {
    part_ = part;
    target_ = static_cast<char *>(target);
    missing_ = bytes;
  }

  void next() {
    if (part_ == Part::header) {
      begin();
    } else if (part_ == Part::link_bytes) {
      addElement();
    } else {
      expect(Part::link_bytes, &link_bytes_, sizeof(link_bytes_));
    }
  }

  void begin() {
    // The header may claim any capacity; more than growth would have made is not believed.
    const size_t capacity = std::clamp<size_t>(header_.capacity, header_.count, Graph::grown(header_.count));
    graph_ = std::make_shared<Graph>(codes_, capacity, m_, ef_construction_);
    graph_->maxlevel_ = header_.top_layer;
    graph_->enterpoint_node_ = header_.entry_point;
    expect(Part::elements, graph_->data_level0_memory_, header_.count * graph_->size_data_per_element_);
  }

  void addElement() {
    const size_t bytes_a_layer = graph_->size_links_per_element_;
    const size_t layers = link_bytes_ / bytes_a_layer;
    if (link_bytes_ % bytes_a_layer != 0) throw std::runtime_error("The graph's upper layers are not whole.");
    // Before memory is taken for what the file may not even have.
    if (header_.top_layer < 0 || layers > static_cast<size_t>(header_.top_layer)) {
      throw std::runtime_error("A node of the graph is above its top layer.");
    }
    char *links = graph_->newUpperLinks(layers);
    // From here on the graph frees it.
    const auto node = static_cast<Graph::Node>(graph_->cur_element_count++);
    graph_->element_levels_[node] = static_cast<int>(layers);
    graph_->linkLists_[node] = links;
    if (graph_->isMarkedDeleted(node)) graph_->num_deleted_ += 1;
    expect(Part::links, links, link_bytes_);
  }

  Codes &codes_;
  size_t m_, ef_construction_;
  Header header_;
  uint32_t link_bytes_ = 0;
  Part part_;
  char *target_;
  size_t missing_;
  std::shared_ptr<Graph> graph_;
};
