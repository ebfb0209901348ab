#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "codes.h"

/** hnswlib's graph, with a search of its own. One thread at a time, but for searches while it is saved. */
class Graph : public hnswlib::HierarchicalNSW<float> {
 public:
  Graph(Codes &codes, size_t capacity, size_t m, size_t ef_construction)
      : HierarchicalNSW(&codes, capacity, m, ef_construction), codes_(codes), code_(codes.get_data_size()) {}

  Graph(Codes &codes, const std::string &path)
      : HierarchicalNSW(&codes, path), codes_(codes), code_(codes.get_data_size()) {}

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
