#pragma once
/// \file
/// What layers along the last axis compute: softmax and layer norm. See software.hpp.

#include "software_linear.hpp"

namespace zkvm::nn::software {

/// Softmax of one row, as the int8 reference kernel: output scale 1/256, zero point -128. `exponential` is the table of
/// zkvm_nn_softmax. cols: 1 ... 4095, so that the sum (Q12) keeps 31 bits. `out` may be `in`.
inline void softmax_row(const std::int32_t* exponential, std::int32_t cols, const std::int8_t* in, std::int8_t* out) {
  std::int32_t greatest = -128;
  for (std::int32_t i = 0; i < cols; ++i) greatest = in[i] > greatest ? in[i] : greatest;
  std::int32_t sum = 0;
  for (std::int32_t i = 0; i < cols; ++i) sum += rounding_divide_by_pot(exponential[greatest - in[i]], 12);
  // sum = (1 + x) 2^(12 - headroom), 0 <= x < 1
  const std::int32_t headroom = std::countl_zero(static_cast<std::uint32_t>(sum));
  const std::int32_t reciprocal = one_over_one_plus_x(
      static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << headroom) - (std::uint32_t{1} << 31)));
  const std::int32_t exponent = 12 - headroom + 31 - 8;
  for (std::int32_t i = 0; i < cols; ++i) {
    const std::int32_t product = rounding_doubling_high_mul(reciprocal, exponential[greatest - in[i]]);
    // Beyond 31 every quotient is below one half. Entries that are cut give -128.
    const std::int32_t quotient = exponent > 31 ? 0 : rounding_divide_by_pot(product, exponent);
    out[i] = static_cast<std::int8_t>(clamp(quotient - 128, -128, 127));
  }
}

/// ZKVM_NN_SOFTMAX: softmax_row for each of the rows.
inline void softmax(const zkvm_nn_softmax& r, const std::int8_t* in, std::int8_t* out) {
  for (std::int32_t row = 0; row < r.rows; ++row, in += r.cols, out += r.cols)
    softmax_row(payload<std::int32_t>(&r), r.cols, in, out);
}

/// ZKVM_NN_LAYER_NORM, see record.h. `out` may be `in`.
inline void layer_norm(const zkvm_nn_layer_norm& r, const std::int8_t* in, std::int8_t* out) {
  const auto* channels = payload<zkvm_nn_norm>(&r);
  for (std::int32_t row = 0; row < r.rows; ++row, in += r.cols, out += r.cols) {
    std::int32_t sum = 0, squares = 0;  // at most 2^19 and 2^26
    for (std::int32_t i = 0; i < r.cols; ++i) {
      sum += in[i];
      squares += in[i] * in[i];
    }
    const auto variance =
        static_cast<std::uint64_t>(std::int64_t{r.cols} * squares - std::int64_t{sum} * sum + r.epsilon);
    const auto inverse = static_cast<std::int64_t>((std::uint64_t{1} << 47) / integer_square_root(variance << 24));
    for (std::int32_t i = 0; i < r.cols; ++i) {
      const std::int64_t deviation = r.cols * in[i] - sum;
      const auto normalised = static_cast<std::int32_t>((deviation * inverse + (1 << 24)) >> 25);
      const std::int32_t value = channels[i].gamma * normalised + channels[i].beta;
      out[i] = requantise_to_int8(value, {r.multiplier, r.shift}, r.out_zp, r.act_min, r.act_max);
    }
  }
}

}  // namespace zkvm::nn::software
