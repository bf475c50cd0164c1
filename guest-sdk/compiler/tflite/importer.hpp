#pragma once
/// \file
/// What the parts of the importer share: the state of one import, and one operator of it as seen by its converter.

#include <cstring>

#include "guest-sdk/compiler/tflite/import.hpp"
#include "guest-sdk/compiler/tflite/kernels.hpp"
#include "guest-sdk/compiler/tflite/model.hpp"

namespace zkvm::compiler::tflite {

/// The last three sizes of a tensor; those before must be 1. Nothing, and why in `problem`, if it does not fit.
std::optional<Shape> shape_of(const Tensor& tensor, std::string& problem);
/// The one scale and zero point of a tensor; those of uint8 as its values - 128. Nothing if there is none or if it is
/// no number that could be one.
std::optional<nn::Quantization> quantization_of(const Tensor& tensor);
std::string text(nn::Quantization q);
std::string text(std::span<const int32_t> shape);  ///< [1, 2, 3]
std::string text(Shape shape);

/// One import. Operators' converters add nodes through it.
class Importer {
 public:
  Importer(const Model& model, Imported& out) : model(model), out(out) {}
  void run();

  // For converters.
  ValueId add_value(const std::string& name, Shape shape, std::optional<nn::Quantization> quantization);
  void add_node(const std::string& name, const std::string& type, std::vector<ValueId> inputs, ValueId output,
                Operation operation);
  /// Whether `bytes` more of constants are acceptable: a small file must not become a large graph without end.
  bool room_for(int64_t bytes);
  /// A tensor's elements, through reshapes of constants; empty if it is computed.
  std::span<const uint8_t> constant_data(TensorId id) const;
  bool is_constant(TensorId id) const { return !constant_data(id).empty(); }

  const Model& model;
  Imported& out;
  std::vector<ValueId> values;    ///< of each tensor; -1: none (yet)
  std::vector<TensorId> same_as;  ///< of each tensor: the constant that it is a reshape of, or the int8 tensor that it
                                  ///< is the dequantisation of; -1: neither
  std::vector<bool> failed;       ///< tensors that a layer with a problem should have computed

 private:
  void find_needed();
  void import_input(TensorId id);
  void import_operator(size_t number);
  void import_outputs();
  void report_unquantised();
  bool is_unquantised(const Operator& op) const;

  std::vector<bool> needed_, done_;       ///< operators
  std::vector<size_t> unquantised_;       ///< operators
  std::vector<std::string> input_types_;  ///< of inputs that are not int8
  int64_t room_ = int64_t{1} << 28;
};

/// An operator during its conversion. Every check that fails adds a problem; the converter goes on to find more, and
/// adds nodes only while ok().
class Layer {
 public:
  Layer(Importer& importer, const Operator& op) : g(importer), op(op) {}

  void problem(std::string what);
  bool require(bool holds, const std::string& parameter, const std::string& expected, const std::string& found);
  bool ok() const { return ok_; }

  /// The options of the operator, null with a problem if they are missing or of another kind.
  template <class Options>
  const Options* options() {
    const auto* found = op.options->template options_as<Options>();
    require(found != nullptr, "options", "those of the operator", "none");
    return found;
  }
  bool count_inputs(size_t least, size_t most);
  bool has_input(size_t i) const { return i < op.inputs.size() && op.inputs[i] >= 0; }
  TensorId input_id(size_t i) const { return op.inputs[i]; }
  const Tensor& input(size_t i) const { return g.model.tensor(op.inputs[i]); }
  const Tensor& output() const { return g.model.tensor(op.outputs[0]); }

  /// Input i as a value, as a Constant if it is one; -1, with a problem if none was reported yet.
  ValueId value(size_t i);
  Shape shape(ValueId id) const { return g.out.graph.value(id).shape; }
  std::optional<nn::Quantization> quantization(const Tensor& tensor, const std::string& what);
  nn::Quantization input_quantization(size_t i) { return quantization(input(i), "input").value_or(nn::Quantization{}); }
  nn::Quantization output_quantization() { return quantization(output(), "output").value_or(nn::Quantization{}); }
  std::optional<Shape> output_shape();
  bool require_shape(Shape expected);  ///< of the output

  /// The elements of a constant of type T, as many as its shape says; empty with a problem.
  template <class T>
  std::vector<T> constant(size_t i, format::TensorType type, const std::string& what) {
    const std::span<const uint8_t> bytes = constant_bytes(i, type, sizeof(T), what);
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
  /// A constant of small integers, INT32 or INT64, such as axes and paddings.
  std::vector<int64_t> integers(size_t i, const std::string& what);

  nn::Activation activation(format::Activation found);
  /// The output's clamp for the fused activation.
  nn::Range range(format::Activation found);

  /// Adds a node whose result is the operator's output; `shape` is what it computes, a Reshape follows if the output's
  /// is another.
  void emit(std::vector<ValueId> inputs, Operation operation, Shape shape);
  /// A value in another shape.
  ValueId reshaped(ValueId id, Shape shape);

  Importer& g;
  const Operator& op;

 private:
  std::span<const uint8_t> constant_bytes(size_t i, format::TensorType type, size_t size, const std::string& what);
  bool ok_ = true;
};

// Converters, by file. linear.cpp:
void convert_conv(Layer& layer);
void convert_depthwise_conv(Layer& layer);
void convert_fully_connected(Layer& layer);
void convert_mean(Layer& layer);
// elementwise.cpp:
void convert_add(Layer& layer);
void convert_sub(Layer& layer);
void convert_mul(Layer& layer);
void convert_activation(Layer& layer);
void convert_quantize(Layer& layer);
// shapes.cpp:
void convert_pool(Layer& layer);
void convert_softmax(Layer& layer);
void convert_reshape(Layer& layer);
void convert_concatenation(Layer& layer);
void convert_pad(Layer& layer);
void convert_transpose(Layer& layer);

/// A window with TensorFlow Lite's padding over an input; checks strides, kernel and the output's size, which it gives.
struct Placed {
  Window window;
  int32_t out_h = 1, out_w = 1;
};
std::optional<Placed> place_window(Layer& layer, Shape in, int64_t kernel_h, int64_t kernel_w, int32_t stride_h,
                                   int32_t stride_w, format::Padding padding);

}  // namespace zkvm::compiler::tflite
