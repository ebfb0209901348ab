#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

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

  /** The vector in this slot was set. */
  void measureLength(uint32_t slot) {
    if (metric_ == Metric::cosine) inverse_norms_[slot] = inverseNorm(at(slot));
  }

  /** In double precision and always by the same steps, so that equal vectors are at equal distance wherever they were found. */
  void distances(const float *query, const uint32_t *slots, size_t count, double *distances) const {
    const double norm = metric_ == Metric::cosine ? inverseNorm(query) : 1;
    for (size_t i = 0; i < count; i++) {
      if (i + AHEAD < count) __builtin_prefetch(at(slots[i + AHEAD]));
      distances[i] = distance(query, norm, slots[i]);
    }
  }

 private:
  /** So many sums at once, in an order that does not depend on the compiler. */
  static constexpr size_t LANES = 16;
  static constexpr size_t AHEAD = 4;

  const float *at(uint32_t slot) const { return chunks_[slot / chunk_rows_] + (slot % chunk_rows_) * dimension_; }

  double distance(const float *query, double norm, uint32_t slot) const {
    const float *vector = at(slot);
    if (metric_ == Metric::l2) {
      return sum(vector, query, [](double a, double b) { return (a - b) * (a - b); });
    }
    const double product = sum(vector, query, [](double a, double b) { return a * b; });
    if (metric_ == Metric::ip) return 1 - product;
    // Rounding can take a vector's cosine with itself past 1 by the last bit.
    return std::max(0.0, 1 - product * norm * inverse_norms_[slot]);
  }

  double inverseNorm(const float *vector) const {
    return 1 / std::sqrt(sum(vector, vector, [](double a, double b) { return a * b; }));
  }

  template <class Term>
  double sum(const float *a, const float *b, Term term) const {
    double lanes[LANES] = {};
    size_t i = 0;
    for (; i + LANES <= dimension_; i += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += term(a[i + lane], b[i + lane]);
    }
    for (size_t lane = 0; i < dimension_; i++, lane++) lanes[lane] += term(a[i], b[i]);
    double total = 0;
    for (const double lane : lanes) total += lane;
    return total;
  }

  size_t dimension_;
  Metric metric_;
  size_t chunk_rows_;
  std::vector<const float *> chunks_;
  /** Of each slot, under cosine. */
  std::vector<double> inverse_norms_;
};
