#pragma once
/// \file
/// Writes small .tflite files for tests. Nothing is checked: wrong models are made as easily as right ones, and
/// everything in `model` can be changed before bytes().

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "guest-sdk/compiler/tflite/tflite_generated.h"

namespace zkvm::compiler::tflite::testing {

using Op = format::BuiltinOperator;
using Type = format::TensorType;

/// Scales and zero points; one of each, or one for each index along `axis`.
struct Quantised {
  std::vector<float> scales;
  std::vector<int64_t> zero_points;
  int axis = 0;
  Quantised() = default;
  Quantised(float scale, int64_t zero_point) : scales{scale}, zero_points{zero_point} {}
};
inline Quantised along(int axis, std::vector<float> scales) {
  Quantised out;
  out.zero_points.assign(scales.size(), 0);
  out.scales = std::move(scales);
  out.axis = axis;
  return out;
}

/// The options of an operator, from its options table.
template <class T>
format::OptionsUnion options(T table) {
  format::OptionsUnion out;
  out.Set(std::move(table));
  return out;
}

class ModelBuilder {
 public:
  format::ModelT model;

  ModelBuilder() {
    model.version = 3;
    model.buffers.push_back(std::make_unique<format::BufferT>());
    model.subgraphs.push_back(std::make_unique<format::SubGraphT>());
  }

  format::SubGraphT& graph() { return *model.subgraphs[0]; }
  format::TensorT& tensor(int id) { return *graph().tensors[static_cast<size_t>(id)]; }

  /// A tensor that is computed; its number. Tensors are named t0, t1, ...
  int tensor(std::vector<int32_t> shape, Quantised quantised, Type type = Type::INT8) {
    auto t = std::make_unique<format::TensorT>();
    t->name = "t" + std::to_string(graph().tensors.size());
    t->shape = std::move(shape);
    t->type = type;
    t->quantization = std::make_unique<format::QuantizationParametersT>();
    t->quantization->scale = std::move(quantised.scales);
    t->quantization->zero_point = std::move(quantised.zero_points);
    t->quantization->quantized_dimension = quantised.axis;
    graph().tensors.push_back(std::move(t));
    return static_cast<int>(graph().tensors.size()) - 1;
  }
  int input(std::vector<int32_t> shape, Quantised quantised, Type type = Type::INT8) {
    graph().inputs.push_back(tensor(std::move(shape), std::move(quantised), type));
    return graph().inputs.back();
  }
  template <class T>
  int constant(std::vector<int32_t> shape, const std::vector<T>& data, Quantised quantised, Type type) {
    const int id = tensor(std::move(shape), std::move(quantised), type);
    auto buffer = std::make_unique<format::BufferT>();
    buffer->data.resize(data.size() * sizeof(T));
    if (!data.empty()) std::memcpy(buffer->data.data(), data.data(), buffer->data.size());
    tensor(id).buffer = static_cast<uint32_t>(model.buffers.size());
    model.buffers.push_back(std::move(buffer));
    return id;
  }
  int int8s(std::vector<int32_t> shape, const std::vector<int8_t>& data, Quantised quantised) {
    return constant(std::move(shape), data, std::move(quantised), Type::INT8);
  }
  int int32s(std::vector<int32_t> shape, const std::vector<int32_t>& data, Quantised quantised = {}) {
    return constant(std::move(shape), data, std::move(quantised), Type::INT32);
  }

  void add(Op code, std::vector<int32_t> inputs, std::vector<int32_t> outputs, format::OptionsUnion o = {}) {
    auto op = std::make_unique<format::OperatorT>();
    op->opcode_index = static_cast<uint32_t>(model.operator_codes.size());
    op->inputs = std::move(inputs);
    op->outputs = std::move(outputs);
    op->options = std::move(o);
    auto op_code = std::make_unique<format::OperatorCodeT>();
    op_code->builtin_code = code;
    op_code->deprecated_builtin_code = static_cast<int8_t>(std::min(static_cast<int32_t>(code), 127));
    model.operator_codes.push_back(std::move(op_code));
    graph().operators.push_back(std::move(op));
  }
  /// Adds an operator with one output, a new tensor; its number.
  int add(Op code, std::vector<int32_t> inputs, std::vector<int32_t> shape, Quantised quantised,
          format::OptionsUnion o = {}, Type type = Type::INT8) {
    const int out = tensor(std::move(shape), std::move(quantised), type);
    add(code, std::move(inputs), {out}, std::move(o));
    return out;
  }

  std::vector<uint8_t> bytes() const {
    flatbuffers::FlatBufferBuilder builder;
    format::FinishModelBuffer(builder, format::Model::Pack(builder, &model));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
  /// With one output.
  std::vector<uint8_t> bytes(int output) {
    graph().outputs = {output};
    return bytes();
  }
};

}  // namespace zkvm::compiler::tflite::testing
