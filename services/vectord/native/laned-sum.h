#pragma once

#include <cstddef>

/** Adds up term(0) … term(count − 1), many at once, in an order that does not depend on the compiler. */
template <class Term>
double lanedSum(size_t count, Term term) {
  constexpr size_t LANES = 16;
  double lanes[LANES] = {};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += term(i + lane);
  }
  for (size_t lane = 0; i < count; i++, lane++) lanes[lane] += term(i);
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}
