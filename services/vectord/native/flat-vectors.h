#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "laned-sum.h"

enum class Metric { cosine, l2, ip };

/** Vectors in chunks of somebody else's memory, and exact distances to them. */
class FlatVectors {
 public:
  FlatVectors(size_t dimension, Metric metric, size_t chunk_rows)
      : dimension_(dimension), metric_(metric), chunk_rows_(chunk_rows) {}

  void append(const float *chunk) {
    chunks_.push_back(chunk);
    if (metric_ == Metric::cosine) inverse_norms_.resize(chunks_.size() * chunk_rows_);
  }

  size_t capacity() const { return chunks_.size() * chunk_rows_; }

  /**
   * The vector in this slot was set.
   * @return true if it has distances: its numbers are finite, and under cosine not all zeros
   */
  bool measureLength(size_t slot) {
    const double squared = squaredLength(at(slot));
    if (metric_ != Metric::cosine) return std::isfinite(squared);
    inverse_norms_[slot] = inverse(squared);
    return std::isfinite(squared) && squared > 0;
  }

  const float *at(size_t slot) const { return chunks_[slot / chunk_rows_] + (slot % chunk_rows_) * dimension_; }

  /** By this a graph holds the vector. */
  double factor(size_t slot) const { return metric_ == Metric::cosine ? inverse_norms_[slot] : 1; }

  /** In double precision and always by the same steps, so that equal vectors are at equal distance wherever they were found. */
  void distances(const float *query, const uint32_t *slots, size_t count, double *distances) const {
    const double norm = metric_ == Metric::cosine ? inverse(squaredLength(query)) : 1;
    for (size_t i = 0; i < count; i++) {
      if (i + AHEAD < count) __builtin_prefetch(at(slots[i + AHEAD]));
      distances[i] = distance(query, norm, slots[i]);
    }
  }

 private:
  static constexpr size_t AHEAD = 4;

  double distance(const float *query, double norm, uint32_t slot) const {
    const float *vector = at(slot);
    if (metric_ == Metric::l2) {
      return lanedSum(dimension_, [&](size_t i) {
        const double difference = static_cast<double>(vector[i]) - query[i];
        return difference * difference;
      });
    }
    const double product = lanedSum(dimension_, [&](size_t i) { return static_cast<double>(vector[i]) * query[i]; });
    if (metric_ == Metric::ip) return 1 - product;
    // Rounding can take a vector's cosine with itself past 1 by the last bit.
    return std::max(0.0, 1 - product * norm * inverse_norms_[slot]);
  }

  double squaredLength(const float *vector) const {
    return lanedSum(dimension_, [&](size_t i) { return static_cast<double>(vector[i]) * vector[i]; });
  }

  static double inverse(double squared_length) { return 1 / std::sqrt(squared_length); }

  size_t dimension_;
  Metric metric_;
  size_t chunk_rows_;
  std::vector<const float *> chunks_;
  /** Of each slot, under cosine. */
  std::vector<double> inverse_norms_;
};
