#pragma once
/// \file
/// Linear layers field by field: plain ones to build cases on, and random ones of every geometry that records allow.

#include <vector>

#include "tests/nn/layers.hpp"

namespace zkvm::tests {

struct LinearLayer {
  zkvm_nn_linear header{};
  std::vector<zkvm_nn_channel> channels;
  std::vector<zkvm_nn_thresholds> thresholds;  ///< instead of channels, where the header says so
  std::vector<int8_t> weights;

  bool in_ram() const { return header.operand == ZKVM_NN_RAM_NK || header.operand == ZKVM_NN_RAM_KN; }
  bool depthwise() const { return header.operand == ZKVM_NN_DEPTHWISE; }
  /// Thresholds of this distance, the middle one at 0, instead of the channels; biases stay.
  void use_thresholds(int32_t step);
  /// Weights that the header asks for.
  size_t weight_count() const;
  TestLayer made() const;
  /// What the defining software makes of these tensors.
  std::vector<uint8_t> run(const std::vector<uint8_t>& input, const std::vector<uint8_t>& second) const;
};

/// Neither padding nor strides; weights 1, 2, 3 ..., every channel scaled by 2^-4.
LinearLayer plain_convolution(int32_t size, int32_t in_c, int32_t out_c, int32_t kernel);
LinearLayer plain_product(zkvm_nn_operand operand, int32_t m, int32_t k, int32_t n);

/// Up to 100 channels, kernels of 7, strides beyond the kernel, padding beyond it, outputs beyond the input's reach, dead
/// channels with huge biases; edge values often. At most `products` multiplications. Multipliers and shifts may be out
/// of reach of the layer's accumulators, everything else is valid but for kernels that never meet the input.
LinearLayer wide_linear(Random& random, int64_t products);

}  // namespace zkvm::tests
