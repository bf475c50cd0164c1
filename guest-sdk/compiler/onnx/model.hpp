#pragma once
/// \file
/// What an ONNX file states, in plain types: the only part that knows protobuf is model.cpp. Sizes are checked here;
/// what operators mean is not.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler::onnx {

/// Limits on hostile files. Far above what fits into a guest.
inline constexpr size_t MAX_FILE_BYTES = size_t{1} << 27;
inline constexpr int MAX_NODES = 10000;
inline constexpr int64_t MAX_ELEMENTS = int64_t{1} << 27;  ///< of one tensor
inline constexpr int64_t MAX_MEMORY = int64_t{1} << 30;    ///< bytes, about, of all weights, thresholds and tables

enum class Type { FLOAT, UINT8, INT8, INT32, INT64, BOOL, OTHER };
std::string text(Type type);
std::string text(const std::vector<int64_t>& dims);  ///< "[1, 3, 32, 32]"

/// A constant. Of `reals` and `integers`, the one that its type asks for has elements() elements. 64-bit integers
/// are saturated to 32 bits: nothing needs more, and "to the end" stays that.
struct Tensor {
  Type type = Type::OTHER;
  std::vector<int64_t> dims;
  std::vector<float> reals;
  std::vector<int32_t> integers;

  int64_t elements() const { return static_cast<int64_t>(type == Type::FLOAT ? reals.size() : integers.size()); }
  double at(int64_t i) const {
    return type == Type::FLOAT ? static_cast<double>(reals[static_cast<size_t>(i)])
                               : static_cast<double>(integers[static_cast<size_t>(i)]);
  }
};

struct Attribute {
  enum class Kind { FLOAT, INT, STRING, TENSOR, FLOATS, INTS, STRINGS, OTHER };
  Kind kind = Kind::OTHER;
  float real = 0;
  int64_t integer = 0;
  std::string string;
  std::vector<float> reals;
  std::vector<int64_t> integers;
  Tensor tensor;
};

struct Operator {
  std::string name;    ///< as in the file, or type and number
  std::string type;    ///< "Conv"
  std::string domain;  ///< "" or "com.microsoft", ...
  std::vector<std::string> inputs, outputs;
  std::map<std::string, Attribute> attributes;
};

struct Input {
  std::string name;
  Type type = Type::OTHER;
  bool has_shape = false;
  std::vector<int64_t> dims;           ///< -1: symbolic
  std::vector<std::string> parameter;  ///< names of symbolic dimensions
};

struct Model {
  int64_t opset = 0;
  std::vector<Operator> operators;
  std::unordered_map<std::string, Tensor> constants;
  std::vector<Input> inputs;  ///< without those that have a default in `constants`
  std::vector<std::string> outputs;
};

/// Reads `file`; problems of its form go to `problems`, and if there are any the model may be incomplete.
Model read_model(std::span<const uint8_t> file, std::vector<Problem>& problems);

}  // namespace zkvm::compiler::onnx
