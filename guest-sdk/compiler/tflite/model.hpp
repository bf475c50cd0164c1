#pragma once
/// \file
/// A .tflite file as plain structures: every offset, index and length has been checked, nothing else has. Views point
/// into the copy of the file that the Model owns.

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"
#include "guest-sdk/compiler/tflite/tflite_generated.h"

namespace zkvm::compiler::tflite {

using TensorId = int32_t;

/// 64 bits of the file: they may lie at any multiple of 4 there, which nothing verifies.
struct Int64 {
  std::array<uint8_t, 8> bytes;
  operator int64_t() const { return std::bit_cast<int64_t>(bytes); }
};
static_assert(alignof(Int64) == 1 && sizeof(Int64) == 8);

struct Tensor {
  std::string name;  ///< printable, may be empty
  format::TensorType type{};
  std::span<const int32_t> shape, signature;  ///< the signature, if there is one, has -1 for sizes that may vary
  std::span<const float> scales;
  std::span<const Int64> zero_points;
  int32_t quantized_dimension = 0;
  std::span<const uint8_t> data;  ///< of a constant; empty otherwise
  bool is_variable = false, is_sparse = false;
};

struct Operator {
  format::BuiltinOperator code{};
  std::string type;                          ///< "CONV_2D", "CUSTOM (name)", "operator number 250"
  std::string label;                         ///< name and number, for messages
  std::string name;                          ///< of its first output, or type and number
  std::span<const int32_t> inputs, outputs;  ///< of tensors; -1: an input that is left out
  const format::Operator* options = nullptr;
};

struct Model {
  std::vector<uint8_t> file;
  std::vector<Tensor> tensors;
  std::vector<Operator> operators;
  std::span<const int32_t> inputs, outputs;

  const Tensor& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
};

/// The model, or nothing and at least one problem more.
std::optional<Model> read_model(std::span<const uint8_t> file, std::vector<Problem>& problems);

/// "INT8", or "type 99".
std::string name_of(format::TensorType type);

}  // namespace zkvm::compiler::tflite
