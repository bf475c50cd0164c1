#pragma once
/// \file
/// What a linear layer computes: convolution, depthwise convolution, fully connected, matrix product. See software.hpp.

#include "fixed_point.hpp"
#include "record.h"

namespace zkvm::nn::software {

/// What follows a record's header.
template <class T>
const T* payload(const void* record, int offset = 0) {
  return reinterpret_cast<const T*>(static_cast<const char*>(record) + ZKVM_NN_HEADER_BYTES + offset);
}

/// The taps first ... last - 1 of a kernel of `taps` that meet 0 ... size - 1, tap t at start + t * dilation.
struct Taps {
  std::int32_t first, last;
};
constexpr Taps valid_taps(std::int32_t start, std::int32_t dilation, std::int32_t taps, std::int32_t size) {
  std::int32_t first = 0, last = taps;
  while (first < last && start + first * dilation < 0) ++first;
  while (first < last && start + (last - 1) * dilation >= size) --last;
  return {first, last};
}

/// What a channel's thresholds make of accumulator and bias: -128 + number of thresholds that are at most `a`. Eight
/// steps without branches, of the kind that compilers turn into conditional moves.
constexpr std::int8_t threshold_level(const std::int32_t* threshold, std::int32_t a) {
  std::int32_t count = 0;
  for (std::int32_t step = 128; step != 0; step /= 2) count += threshold[count + step - 1] <= a ? step : 0;
  return static_cast<std::int8_t>(count - 128);
}

/// Bytes of a channel before the weights.
constexpr int channel_bytes(const zkvm_nn_linear& r) {
  return static_cast<int>(r.requantisation == ZKVM_NN_THRESHOLDS ? sizeof(zkvm_nn_thresholds)
                                                                 : sizeof(zkvm_nn_channel));
}

/// One output position (row, col): sums over the taps that meet the input. Sums wrap modulo 2^32; the machine refuses
/// layers in which they could leave 30 bits.
inline void linear_position(const zkvm_nn_linear& r, std::int32_t row, std::int32_t col, const std::int8_t* in,
                            const std::int8_t* second, std::int8_t* out) {
  const auto* channels = payload<zkvm_nn_channel>(&r);
  const auto* thresholds = payload<zkvm_nn_thresholds>(&r);
  const bool by_thresholds = r.requantisation == ZKVM_NN_THRESHOLDS;
  const auto* weights = payload<std::int8_t>(&r, r.weight_out * channel_bytes(r));
  const std::int32_t top = row * r.stride_h - r.pad_top, left = col * r.stride_w - r.pad_left;
  const Taps rows = valid_taps(top, r.dilation_h, r.kernel_h, r.in_h);
  const Taps cols = valid_taps(left, r.dilation_w, r.kernel_w, r.in_w);
  const bool in_ram = r.operand == ZKVM_NN_RAM_NK || r.operand == ZKVM_NN_RAM_KN, nk = r.operand == ZKVM_NN_RAM_NK;
  for (std::int32_t o = 0; o < r.out_c; ++o) {
    if (o >= r.weight_out) {
      out[o] = requantise_to_int8(0, {0, 0}, r.out_zp, r.act_min, r.act_max);
      continue;
    }
    auto sum = static_cast<std::uint32_t>(by_thresholds ? thresholds[o].bias : channels[o].bias);
    for (std::int32_t y = rows.first; y < rows.last; ++y) {
      for (std::int32_t x = cols.first; x < cols.last; ++x) {
        const std::int8_t* position = in + ((top + y * r.dilation_h) * r.in_w + left + x * r.dilation_w) * r.in_c;
        const std::int32_t tap = y * r.kernel_w + x;
        if (r.operand == ZKVM_NN_DEPTHWISE) {
          sum += static_cast<std::uint32_t>((position[o] - r.in_zp) * weights[tap * r.weight_out + o]);
        } else if (in_ram) {
          const std::int8_t* factor = nk ? second + o * r.in_c : second + o;
          const std::int32_t step = nk ? 1 : r.out_c;
          for (std::int32_t i = 0; i < r.weight_in; ++i, factor += step)
            sum += static_cast<std::uint32_t>((position[i] - r.in_zp) * (*factor - r.b_zp));
        } else {
          const std::int8_t* weight = weights + (o * r.kernel_h * r.kernel_w + tap) * r.weight_in;
          for (std::int32_t i = 0; i < r.weight_in; ++i)
            sum += static_cast<std::uint32_t>((position[i] - r.in_zp) * weight[i]);
        }
      }
    }
    if (by_thresholds) {
      out[o] = threshold_level(thresholds[o].threshold, static_cast<std::int32_t>(sum));
      continue;
    }
    out[o] = requantise_to_int8(static_cast<std::int32_t>(sum), {channels[o].multiplier, channels[o].shift}, r.out_zp,
                                r.act_min, r.act_max);
  }
}

/// ZKVM_NN_LINEAR. in: [in_h][in_w][in_c]; second (RAM operands only): [out_c][in_c] or [in_c][out_c]; out:
/// [out_h][out_w][out_c], disjoint from both. For each output position and channel o
///
///     out = clamp(requantise(bias[o] + sum over taps and input channels of (in - in_zp) * weight) + out_zp)
///
/// or, with ZKVM_NN_THRESHOLDS, out = -128 + number of thresholds that are at most the same sum.
/// Taps that fall outside of the input contribute nothing. Output channels from weight_out on are clamp(out_zp).
inline void linear(const zkvm_nn_linear& r, const std::int8_t* in, const std::int8_t* second, std::int8_t* out) {
  for (std::int32_t row = 0; row < r.out_h; ++row)
    for (std::int32_t col = 0; col < r.out_w; ++col, out += r.out_c) linear_position(r, row, col, in, second, out);
}

}  // namespace zkvm::nn::software
