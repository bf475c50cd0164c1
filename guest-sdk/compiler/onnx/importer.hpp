#pragma once
/// \file
/// The state of an import and what operators see of it. What a tensor of the file is to the importer is an Item: reals
/// are never computed on activations; a tensor of floats is an int8 tensor and the real number of each of its 256
/// bytes, or the accumulators of a layer and what is to be done with them, until a QuantizeLinear makes integers of it.

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "guest-sdk/compiler/onnx/layout.hpp"
#include "guest-sdk/compiler/onnx/model.hpp"

namespace zkvm::compiler::onnx {

/// Thrown inside of this library only: the operator cannot be imported, for the reasons in the problems.
struct Refused {};

/// Scale, and zero point in the file's type.
struct Parameters {
  float scale = 1;
  int32_t zero_point = 0;
  Type type = Type::INT8;

  int32_t low() const { return type == Type::UINT8 ? 0 : -128; }
  int32_t high() const { return low() + 255; }
  /// Between the file's integers and the graph's.
  int32_t offset() const { return type == Type::UINT8 ? 128 : 0; }
  nn::Quantization quantization() const { return {scale, zero_point - offset()}; }
  /// QuantizeLinear's rounding, in the graph's int8: saturate(rint(x / scale) + zero point).
  int8_t quantise(float x) const { return saturate(x / scale); }
  int8_t saturate(float quotient) const {
    const float q = std::nearbyint(quotient) + static_cast<float>(zero_point);
    const float lowest = static_cast<float>(low()), highest = static_cast<float>(high());
    const auto integer = static_cast<int32_t>(q > lowest ? (q < highest ? q : highest) : lowest);  // NaN: lowest
    return static_cast<int8_t>(integer - offset());
  }
  float real(int8_t q) const { return static_cast<float>(q + offset() - zero_point) * scale; }
};

using Reals = std::array<float, 256>;  ///< by byte of the graph's int8

/// An int8 tensor of the graph.
struct Activation {
  ValueId value = -1;
  Layout layout;
  Type type = Type::INT8;  ///< INT8, UINT8: the file's tensor. FLOAT: the file's are reals[byte].
  Reals reals{};
  bool is_affine = false;               ///< reals are what `parameters` say
  Parameters parameters;                ///< FLOAT: of the DequantizeLinear
  std::string function = "requantise";  ///< what else is in `reals`
};

/// A step of a real function, not decreasing in its first argument; the second is the channel.
struct Step {
  std::function<float(float, size_t)> apply;
  bool is_clamp = false;  ///< to low ... high
  float low = 0, high = 0;
  std::string name;
};

/// A linear layer whose accumulators have not become int8 yet. `node.operation`'s requantisation is empty.
struct Accumulators {
  Node node;
  Layout layout;  ///< axis 2 is the output channels
  size_t channels = 0;
  Type type = Type::FLOAT;    ///< INT32: the accumulators themselves
  std::vector<float> scales;  ///< one for each channel; empty: the number is the accumulator
  float count = 1;            ///< the mean is over so many
  std::vector<Step> steps;
};

/// f(a, b) of two int8 tensors, second spread over first.
struct Pair {
  Activation a, b;  ///< layouts already fit
  std::function<float(float, float)> apply;
  std::vector<Step> steps;
  std::string function;
  bool is_sum = false;
  bool swapped = false;  ///< `a` is the operator's second
};

/// A Concat of tensors that stand for different reals.
struct Parts {
  std::vector<Activation> parts;
  Layout layout;
  int axis = 2;
};

/// Softmax over axis 2 of an affine tensor.
struct Distribution {
  Activation logits;
  std::string node;
};

/// A constant of integers that stand for reals: one scale, or one for each index of dimension `axis`.
struct Quantised {
  std::shared_ptr<const Tensor> integers;
  std::vector<float> scales;
  std::vector<int32_t> zero_points;  ///< as many
  int64_t axis = 0;

  Tensor dequantise() const;
};

using Constants = std::shared_ptr<const Tensor>;
struct Broken {};  ///< its operator was refused

using Item = std::variant<Broken, Constants, Quantised, Activation, Accumulators, Pair, Parts, Distribution>;

class Importer {
 public:
  Importer(const Model& model, std::string name) : model_(model) {
    graph.name = std::move(name);
    graph.format = "ONNX";
  }
  void run();

  Graph graph;
  std::vector<Problem> problems;
  const Model& model() const { return model_; }

  /// Makes a node and its value.
  ValueId emit(Node node, Shape shape, const std::string& name, nn::Quantization quantization);
  /// The value's elements in another layout of the same dimensions.
  ValueId arrange(ValueId value, const Layout& from, const Layout& to, const std::string& name);
  ValueId reshape(ValueId value, Shape to, const std::string& name);
  /// Counts `bytes` of memory that the file makes us use; false if it is too much.
  bool afford(int64_t bytes);
  /// Remembers what an input's integers mean, told by the operator that reads it.
  void learn(ValueId value, const Parameters& parameters);

 private:
  void add_input(const Input& input);
  void add_output(const std::string& name);
  void add_operator(const Operator& op);
  std::vector<const Operator*> needed_operators() const;
  const Operator* quantiser_of(const std::string& tensor, bool& turned, std::string& wrong) const;
  void prune();

  const Model& model_;
  std::unordered_map<std::string, Item> items_;
  std::set<std::tuple<std::string, std::string>> seen_problems_;
  std::vector<std::pair<std::array<int32_t, 8>, ValueId>> turned_;  ///< what arrange() has made
  std::set<ValueId> unknown_;                                       ///< inputs of integers, quantisation not told yet
  int64_t memory_ = 0;

  friend class Call;
};

/// One operator of the file while it is imported: its inputs and attributes, checked, and its problems.
class Call {
 public:
  Call(Importer& importer, const Operator& op) : importer(importer), op(op) {}

  Importer& importer;
  const Operator& op;

  void complain(const std::string& what);
  [[noreturn]] void refuse(const std::string& what);
  /// Complains about attributes that nobody has asked for.
  void finish();

  int64_t integer(const std::string& name, int64_t otherwise);
  float real(const std::string& name, float otherwise);
  std::string string(const std::string& name, const std::string& otherwise);
  std::vector<int64_t> integers(const std::string& name, std::vector<int64_t> otherwise);
  /// An attribute that has to be `expected` if it is there.
  void expect(const std::string& name, int64_t expected);
  const Attribute* attribute(const std::string& name);

  bool has(size_t input) const { return input < op.inputs.size() && !op.inputs[input].empty(); }
  const Item& item(size_t input);
  /// An int8 tensor; constants become nodes. `dequantised`: has to be FLOAT or not.
  Activation activation(size_t input);
  Activation affine(size_t input);       ///< FLOAT, straight from a DequantizeLinear
  Activation integers_of(size_t input);  ///< INT8 or UINT8
  const Tensor& constant(size_t input);
  bool is_constant(size_t input);
  std::vector<int64_t> constant_integers(size_t input);
  float scalar(size_t input);
  /// Scales and zero points at these inputs; an absent zero point is 0 of type `type` (OTHER: uint8).
  Parameters parameters(size_t scale, size_t zero_point, Type type);
  /// An int8 tensor of a QLinear operator with its parameters at the inputs behind it.
  Activation quantised(size_t input);
  Activation quantised(size_t tensor, size_t scale, size_t zero_point);
  Quantised quantised_constant(size_t tensor, size_t scale, size_t zero_point, int64_t axis);

  /// Checks dimensions that are new: few enough elements, at most three that are not 1.
  void check_dims(const std::vector<int64_t>& dims);
  /// The tensor in another layout.
  Activation arranged(Activation a, const Layout& to);
  Activation in_image_layout(Activation a);
  Activation in_linear_layout(Activation a);
  std::string describe(size_t input);

  /// QuantizeLinear of whatever an item is.
  Activation quantise(const Item& item, const Parameters& to, const std::string& name);
  /// A real function of each element, put behind whatever an item is. `monotone`: not decreasing.
  Item apply(const Item& item, const std::string& name, bool monotone, const std::function<float(float)>& f);
  Item clamp(const Item& item, const std::string& name, float low, float high);

  /// The output's name, or a made-up one.
  std::string output() const { return op.outputs.empty() ? op.name : op.outputs[0]; }

 private:
  std::set<std::string> used_;
};

/// Operators by type, in the files that are named after them.
using Import = Item (*)(Call&);
Import find_quantise(const std::string& type, bool microsoft);     // quantise.cpp
Import find_linear(const std::string& type, bool microsoft);       // linear.cpp
Import find_elementwise(const std::string& type, bool microsoft);  // elementwise.cpp
Import find_window(const std::string& type, bool microsoft);       // windows.cpp
Import find_movement(const std::string& type, bool microsoft);     // movement.cpp

/// The accumulators of a sum over windows of 1s, for average pools.
Item window_sums(Call& call, const Activation& x, const Window& window, const Layout& out, float scale);
/// Windows of Conv and pools, from kernel_shape, strides, pads, auto_pad; `kernel` is already dilated.
Window window_of(Call& call, const Layout& in, const std::vector<int64_t>& kernel, bool round_up);
/// The output's layout for an input of image layout.
Layout window_layout(Call& call, const Layout& in, const Window& window, int64_t channels);

}  // namespace zkvm::compiler::onnx
