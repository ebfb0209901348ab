#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

// GCC 12 warns of its own header for AVX-512 (its bug 105593), wherever that is inlined.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include "hnswlib/hnswlib.h"
#pragma GCC diagnostic pop
#include "laned-sum.h"

/** How a graph holds a vector, and the distance between two that are held so. */
class Codes : public hnswlib::SpaceInterface<float> {
 public:
  /** @param code of get_data_size() bytes */
  virtual void encode(const float *vector, char *code) const = 0;

  /** True if this is the code of the vector times the factor, but for rounding. */
  virtual bool isOf(const char *code, const float *vector, double factor) const = 0;

  /** True if some vector has this code, so that distances to it are numbers. */
  virtual bool isSound(const char *code) const = 0;
};

/** As it is. */
template <class Space>
class Float32Codes : public Codes {
 public:
  explicit Float32Codes(size_t dimension) : dimension_(dimension), space_(dimension) {}

  void encode(const float *vector, char *code) const override { std::memcpy(code, vector, space_.get_data_size()); }

  bool isOf(const char *code, const float *vector, double factor) const override {
    const float *held = reinterpret_cast<const float *>(code);
    int32_t differs = 0;
    for (size_t i = 0; i < dimension_; i++) {
      const float wanted = static_cast<float>(vector[i] * factor);
      differs |= !(std::fabs(held[i] - wanted) <= std::fabs(wanted) * ROUNDING);
    }
    return differs == 0 && isSound(code);
  }

  /** Longer ones would overflow distances. */
  bool isSound(const char *code) const override {
    const float *held = reinterpret_cast<const float *>(code);
    return lanedSum(dimension_, [&](size_t i) { return static_cast<double>(held[i]) * held[i]; }) < SQUARED_LENGTH_MAX;
  }

  size_t get_data_size() override { return space_.get_data_size(); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return space_.get_dist_func(); }
  void *get_dist_func_param() override { return space_.get_dist_func_param(); }

 private:
  /** Two of the last bits: the factor is not reckoned everywhere by the same steps. */
  static constexpr float ROUNDING = 0x1p-22f;
  /** As ann-index.ts has it. */
  static constexpr double SQUARED_LENGTH_MAX = 1e36;

  size_t dimension_;
  mutable Space space_;
};

/**
 * Under the inner product, as an int8 a number: of a vector's largest number 127, then the scale, then the sum of the codes, then
 * zeros up to a multiple of 4. A quarter of the memory, which is what a search waits for.
 */
class Int8Codes : public Codes {
 public:
  explicit Int8Codes(size_t dimension) : dimension_(dimension) {}

  void encode(const float *vector, char *code) const override {
    float largest = 0;
    for (size_t i = 0; i < dimension_; i++) largest = std::max(largest, std::fabs(vector[i]));
    Tail tail{largest / LARGEST_CODE, 0};
    const float factor = largest > 0 ? LARGEST_CODE / largest : 0;
    for (size_t i = 0; i < dimension_; i++) {
      code[i] = static_cast<int8_t>(std::lrintf(vector[i] * factor));
      tail.sum += static_cast<int8_t>(code[i]);
    }
    std::memcpy(code + dimension_, &tail, sizeof(tail));
  }

  /**
   * Whether the distances between these vectors of length 1 survive. Where all point in nearly one direction, or one number dwarfs
   * the others, what tells neighbours apart is less than a code's step.
   */
  bool suits(const float *vectors, size_t count) {
    if (count < 2) return true;
    std::vector<char> codes(count * get_data_size());
    for (size_t i = 0; i < count; i++) encode(vectors + i * dimension_, &codes[i * get_data_size()]);
    hnswlib::InnerProductSpace exact(dimension_);
    std::vector<float> nearest(count, std::numeric_limits<float>::max());
    double errors = 0;
    for (size_t i = 0; i < count; i++) {
      for (size_t j = 0; j < i; j++) {
        const float wanted = exact.get_dist_func()(vectors + i * dimension_, vectors + j * dimension_, &dimension_);
        const float found = distance(&codes[i * get_data_size()], &codes[j * get_data_size()], &dimension_);
        errors += std::fabs(wanted - found);
        nearest[i] = std::min(nearest[i], wanted);
        nearest[j] = std::min(nearest[j], wanted);
      }
    }
    const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(nearest.begin(), middle, nearest.end());
    return errors / static_cast<double>(count * (count - 1) / 2) <= ERROR_SHARE_MAX * *middle;
  }

  bool isOf(const char *code, const float *vector, double factor) const override {
    const float largest = largestOf(vector);
    // Too small or too large a vector's factor is no float32.
    const bool fits = std::isnormal(LARGEST_CODE / largest);
    const bool differs = fits ? differ(code, vector, LARGEST_CODE / largest) : differ(code, vector, double{LARGEST_CODE} / largest);
    const double scale = double{largest} * factor / LARGEST_CODE;
    return !differs && std::fabs(tailOf(code).scale - scale) <= scale * SCALE_ROUNDING && isSound(code);
  }

  bool isSound(const char *code) const override {
    const auto *codes = reinterpret_cast<const int8_t *>(code);
    int32_t sum = 0;
    for (size_t i = 0; i < dimension_; i++) sum += codes[i];
    const Tail tail = tailOf(code);
    // No number of a vector of length 1 is larger than 1.
    return tail.sum == sum && tail.scale > 0 && tail.scale <= 1;
  }

  /** hnswlib reads its links where they lie, which must be at a multiple of 4 behind any code. */
  size_t get_data_size() override { return (dimension_ + sizeof(Tail) + 3) / 4 * 4; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void *get_dist_func_param() override { return &dimension_; }

 private:
  struct Tail {
    float scale;
    int32_t sum;
  };
  static constexpr float LARGEST_CODE = 127;
  /** A number that was rounded the other way by an error in its last bit is half a step off, and this. */
  static constexpr float STEP_ROUNDING = 0.501f;
  static constexpr double SCALE_ROUNDING = 1e-5;
  static constexpr int32_t OFFSET = 128;
  /** Of the usual distance to the nearest; embeddings lose a few thousandths of it. */
  static constexpr double ERROR_SHARE_MAX = 0.02;

  Tail tailOf(const char *code) const {
    Tail tail;
    std::memcpy(&tail, code + dimension_, sizeof(tail));
    return tail;
  }

  /** By the bits of positive numbers, which are in the numbers' order: of floats, compilers do not look at many at once. */
  float largestOf(const float *vector) const {
    uint32_t largest = 0;
    for (size_t i = 0; i < dimension_; i++) {
      uint32_t bits;
      std::memcpy(&bits, vector + i, sizeof(bits));
      largest = std::max(largest, bits & 0x7fffffffU);
    }
    float number;
    std::memcpy(&number, &largest, sizeof(number));
    return number;
  }

  template <class Number>
  bool differ(const char *code, const float *vector, Number factor) const {
    const auto *codes = reinterpret_cast<const int8_t *>(code);
    int32_t differs = 0;
    for (size_t i = 0; i < dimension_; i++) {
      differs |= !(std::fabs(static_cast<Number>(codes[i]) - static_cast<Number>(vector[i]) * factor) <= Number{STEP_ROUNDING});
    }
    return differs != 0;
  }

  /** Processors multiply unsigned by signed bytes (vpdpbusd and its kin): a + 128 is unsigned, and 128 · b is known. */
  static float distance(const void *first, const void *second, const void *parameter) {
    const size_t dimension = *static_cast<const size_t *>(parameter);
    const int8_t *a = static_cast<const int8_t *>(first);
    const int8_t *b = static_cast<const int8_t *>(second);
    int32_t product = 0;
    for (size_t i = 0; i < dimension; i++) {
      product += static_cast<int32_t>(static_cast<uint8_t>(a[i] ^ 0x80)) * static_cast<int32_t>(b[i]);
    }
    Tail of_a, of_b;
    std::memcpy(&of_a, a + dimension, sizeof(Tail));
    std::memcpy(&of_b, b + dimension, sizeof(Tail));
    return 1.0f - of_a.scale * of_b.scale * static_cast<float>(product - OFFSET * of_b.sum);
  }

  size_t dimension_;
};
