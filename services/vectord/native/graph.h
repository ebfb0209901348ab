#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codes.h"

/** hnswlib's graph, with a search of its own. One thread at a time, but for searches while it is saved. */
class Graph : public hnswlib::HierarchicalNSW<float> {
 public:
  Graph(Codes &codes, size_t capacity, size_t m, size_t ef_construction)
      : HierarchicalNSW(&codes, capacity, m, ef_construction), codes_(codes), code_(codes.get_data_size()) {}

  void add(hnswlib::labeltype label, const float *vector) {
    if (cur_element_count == max_elements_) resizeIndex(max_elements_ + max_elements_ / 2 + 1);
    codes_.encode(vector, code_.data());
    addPoint(code_.data(), label);
  }

  /**
   * The k nearest of what a search of this width meets, nearest first.
   * hnswlib's own makes two heaps and a list anew each time, and waits for each neighbour's memory in turn.
   * @return how many there are
   */
  size_t search(const float *vector, size_t k, size_t ef, uint32_t *labels, float *distances) {
    if (cur_element_count == 0) return 0;
    codes_.encode(vector, code_.data());
    searchLayer0(descend(), std::max(ef, k));
    std::sort_heap(nearest_.begin(), nearest_.end(), isNearer);
    const size_t found = std::min(k, nearest_.size());
    for (size_t i = 0; i < found; i++) {
      labels[i] = static_cast<uint32_t>(getExternalLabel(nearest_[i].second));
      distances[i] = nearest_[i].first;
    }
    return found;
  }

 private:
  using Node = hnswlib::tableint;
  using Candidate = std::pair<float, Node>;

  static constexpr size_t CACHE_LINE = 64;

  static bool isNearer(const Candidate &a, const Candidate &b) { return a.first < b.first; }
  static bool isFarther(const Candidate &a, const Candidate &b) { return a.first > b.first; }

  float distanceTo(Node node) const { return fstdistfunc_(code_.data(), getDataByInternalId(node), dist_func_param_); }

  /** From the top layer down, always to the nearest neighbour. */
  Candidate descend() const {
    Candidate at{distanceTo(enterpoint_node_), enterpoint_node_};
    for (int layer = maxlevel_; layer > 0; layer--) {
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

/**
 * Takes in what saveIndex writes, in pieces of any length. hnswlib itself would have it in a file, in which it seeks two times for
 * each element before it reads any.
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
    const size_t capacity = std::max(header_.capacity, header_.count);
    graph_ = std::make_shared<Graph>(codes_, capacity, m_, ef_construction_);
    graph_->maxlevel_ = header_.top_layer;
    graph_->enterpoint_node_ = header_.entry_point;
    graph_->label_lookup_.reserve(header_.count);
    expect(Part::elements, graph_->data_level0_memory_, header_.count * graph_->size_data_per_element_);
  }

  void addElement() {
    const size_t bytes_a_layer = graph_->size_links_per_element_;
    if (link_bytes_ % bytes_a_layer != 0) throw std::runtime_error("The graph's upper layers are not whole.");
    void *links = link_bytes_ > 0 ? std::malloc(link_bytes_) : nullptr;
    if (link_bytes_ > 0 && !links) throw std::bad_alloc();
    // From here on the graph frees it.
    const auto element = static_cast<hnswlib::tableint>(graph_->cur_element_count++);
    graph_->element_levels_[element] = link_bytes_ / bytes_a_layer;
    graph_->linkLists_[element] = static_cast<char *>(links);
    graph_->label_lookup_[graph_->getExternalLabel(element)] = element;
    if (graph_->isMarkedDeleted(element)) graph_->num_deleted_ += 1;
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
