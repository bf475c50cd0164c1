#pragma once
/// \file
/// What element-wise layers and pooling compute. See software.hpp.

#include "software_linear.hpp"

namespace zkvm::nn::software {

/// ZKVM_NN_ADD: clamp(requantise(first[in] + second[in2]) + out_zp). `out` may be `in` or `in2`.
inline void add(const zkvm_nn_add& r, const std::int8_t* in, const std::int8_t* in2, std::int8_t* out) {
  const auto* first = payload<std::int32_t>(&r);
  const auto* second = first + 256;
  for (std::int32_t i = 0; i < r.count; ++i) {
    const auto a = static_cast<std::uint8_t>(in[i]), b = static_cast<std::uint8_t>(in2[i]);
    out[i] = requantise_to_int8(first[a] + second[b], {r.multiplier, r.shift}, r.out_zp, r.act_min, r.act_max);
  }
}

/// ZKVM_NN_TABLE: table[in]. `out` may be `in`.
inline void table(const zkvm_nn_table& r, const std::int8_t* in, std::int8_t* out) {
  const auto* values = payload<std::int8_t>(&r);
  for (std::int32_t i = 0; i < r.count; ++i) out[i] = values[static_cast<std::uint8_t>(in[i])];
}

/// ZKVM_NN_POOL: over the part of each window that lies in the input, the maximum, or the average rounded to nearest,
/// halves away from zero; clamped. Input and output share their quantisation. in: [in_h][in_w][channels]; out:
/// [out_h][out_w][channels], disjoint. A window without any input gives the clamp of 0 (average) or -128 (maximum); the
/// machine refuses such layers.
inline void pool(const zkvm_nn_pool& r, const std::int8_t* in, std::int8_t* out) {
  for (std::int32_t row = 0; row < r.out_h; ++row) {
    for (std::int32_t col = 0; col < r.out_w; ++col, out += r.channels) {
      const std::int32_t top = row * r.stride_h - r.pad_top, left = col * r.stride_w - r.pad_left;
      const Taps rows = valid_taps(top, 1, r.kernel_h, r.in_h), cols = valid_taps(left, 1, r.kernel_w, r.in_w);
      const std::int32_t count = (rows.last - rows.first) * (cols.last - cols.first);
      for (std::int32_t channel = 0; channel < r.channels; ++channel) {
        std::int32_t sum = 0, greatest = -128;
        for (std::int32_t y = rows.first; y < rows.last; ++y) {
          for (std::int32_t x = cols.first; x < cols.last; ++x) {
            const std::int32_t value = in[((top + y) * r.in_w + left + x) * r.channels + channel];
            sum += value;
            if (value > greatest) greatest = value;
          }
        }
        std::int32_t result = greatest;
        if (!r.is_max && count != 0) result = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
        if (!r.is_max && count == 0) result = 0;
        out[channel] = static_cast<std::int8_t>(clamp(result, r.act_min, r.act_max));
      }
    }
  }
}

}  // namespace zkvm::nn::software
