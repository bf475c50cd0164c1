#pragma once
/// \file
/// Softmax and layer norm in the steps that the chips prove; for the executor and the trace. What they compute is
/// defined by guest-sdk/include/zkvm/nn/software_rows.hpp; here roundings are merged and estimates doubled.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "precompiles/nn/layer.hpp"

namespace zkvm::precompiles::nn {

// ---- Softmax

/// floor((a b + 2^31) / 2^32). With b twice a factor this is the rounding doubling product with the factor.
inline int64_t high_product(int64_t a, int64_t b) { return (a * b + (int64_t{1} << 31)) >> 32; }

inline constexpr unsigned NEWTON_STEPS = 3, HEADROOMS = 12;
/// Twice 48/17 and minus twice 32/17, in Q2.
inline constexpr int64_t NEWTON_START = 2 * int64_t{1515870810}, NEWTON_SLOPE = 2 * int64_t{1010580540};
inline constexpr int64_t NEWTON_ONE = int64_t{1} << 29;

/// 2^31 / sum, scaled: sum 2^(headroom - 1) = denominator in [2^30, 2^31).
struct Reciprocal {
  unsigned headroom;
  uint32_t denominator;
  uint32_t y[NEWTON_STEPS + 1];  ///< twice the estimates, in Q2
  int32_t error[NEWTON_STEPS];   ///< 1 - denominator y, in Q2
  uint32_t value;
};
/// 2^19 <= sum < 2^31.
inline Reciprocal reciprocal(uint32_t sum) {
  Reciprocal r{};
  r.headroom = static_cast<unsigned>(std::countl_zero(sum));
  r.denominator = sum << (r.headroom - 1);
  int64_t y = NEWTON_START + 2 * high_product(r.denominator, -NEWTON_SLOPE);
  r.y[0] = static_cast<uint32_t>(y);
  for (unsigned i = 0; i < NEWTON_STEPS; ++i) {
    const int64_t error = NEWTON_ONE - high_product(r.denominator, y);
    r.error[i] = static_cast<int32_t>(error);
    y += 8 * high_product(y, error);
    r.y[i + 1] = static_cast<uint32_t>(y);
  }
  r.value = static_cast<uint32_t>(std::min<int64_t>(y, INT32_MAX));
  return r;
}

/// What remains of a quotient's division, by headroom: with w = floor((r e + 2^30) / 2^32), w + half = q power + z, z
/// in [0, power), power = 2^(16 + bits), q at most `greatest` = 2^(most_bits - 1). The exponent of the software is 35 -
/// headroom; from 32 on every quotient is 0, and z is w itself.
struct Division {
  uint32_t power, half;
  unsigned bits, most_bits;
  uint32_t greatest;
};
inline Division division(unsigned headroom) {
  if (headroom < 4) return {1u << 30, 0, 14, 0, 0};
  const uint32_t power = 1u << (34 - headroom);
  return {power, power / 2, 18 - headroom, headroom - 3, 1u << (headroom - 4)};
}
/// The quotient, 0 to 256.
inline uint32_t share(const Reciprocal& r, uint32_t exponential) {
  const Division d = division(r.headroom);
  const auto w = static_cast<uint32_t>((uint64_t{r.value} * exponential + (1u << 30)) >> 32);
  return (w + d.half) / d.power;
}
/// The element that a quotient becomes.
inline int32_t share_output(uint32_t quotient) { return static_cast<int32_t>(std::min(quotient, 255u)) - 128; }

// ---- Layer norm

/// Of a row with these sums: radicand = 2^24 variance, root its integer square root, inverse = floor(2^47 / root).
struct Root {
  uint64_t variance, root, inverse;
};
inline Root root(const LayerNorm& norm, int64_t sum, int64_t squares) {
  Root r{};
  r.variance = static_cast<uint64_t>(norm.shape.cols * squares - sum * sum + norm.shape.epsilon);
  const uint64_t radicand = r.variance << 24;
  r.root = static_cast<uint64_t>(std::sqrt(static_cast<double>(radicand)));
  while (r.root * r.root > radicand) --r.root;
  while ((r.root + 1) * (r.root + 1) <= radicand) ++r.root;
  r.inverse = (uint64_t{1} << 47) / r.root;
  return r;
}
/// floor((deviation inverse + 2^24) / 2^25), with the deviation times 2^7.
inline int64_t normalised(const LayerNorm& norm, int32_t x, int64_t sum, const Root& r) {
  return high_product(128 * (norm.shape.cols * int64_t{x} - sum), static_cast<int64_t>(r.inverse));
}

}  // namespace zkvm::precompiles::nn
