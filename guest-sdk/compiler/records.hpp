#pragma once
/// \file
/// Layer records at run time, byte for byte what the builders of zkvm/nn/ make in constant expressions.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"
#include "guest-sdk/include/zkvm/nn/layers.hpp"

namespace zkvm::compiler {

/// Why a builder would refuse such a layer or the machine has no place for it, or an empty string. Call before the
/// functions below: they end the process on what does not pass.
std::string check_shape(const nn::Conv2d& options, zkvm_nn_operand operand);

/// A linear layer or product of tensors; `biases` may be empty for products.
std::vector<uint8_t> linear_record(const nn::Conv2d& options, zkvm_nn_operand operand, std::span<const int8_t> weights,
                                   std::span<const int32_t> biases, const Requantise& requantise);
std::vector<uint8_t> add_record(const Add& add, int32_t count);
std::vector<uint8_t> table_record(const Table& table, int32_t count);
/// Channels in memory, padded.
std::vector<uint8_t> pool_record(const Pool& pool, Shape in, Shape out);

/// What the machine says against a record, without its address, or an empty string.
std::string refusal(std::vector<uint8_t> record);

}  // namespace zkvm::compiler
