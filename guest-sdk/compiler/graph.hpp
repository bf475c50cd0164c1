#pragma once
/// \file
/// A quantised network as the compiler sees it: int8 tensors and operators that are functions of integers, exactly.
/// Importers resolve every scale, zero point and fused activation of their format into multipliers, thresholds and
/// tables; whatever comes after them knows neither formats nor real numbers. What an operator computes is defined by
/// evaluate.hpp.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "guest-sdk/include/zkvm/nn/quantise.hpp"

namespace zkvm::compiler {

/// Height, width, channels, row-major, channels last. A matrix [rows][cols] is {1, rows, cols}; the batch is 1.
struct Shape {
  int32_t h = 1, w = 1, c = 1;
  int64_t elements() const { return int64_t{h} * w * c; }
  bool operator==(const Shape&) const = default;
};

/// A tensor that an operator computes, or an input: int8 without padding channels. Tensors of uint8 in the file are
/// here as their values - 128.
struct Value {
  std::string name;  ///< as in the file
  Shape shape;
  nn::Quantization quantization;  ///< for people and borders; no operator's result depends on it
};
using ValueId = int32_t;

/// Outputs where a kernel stands at -top, -left, and so on. Input outside counts as its zero point (linear operators)
/// or not at all (pooling).
struct Window {
  int32_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1;
  int32_t top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const Window&) const = default;
};

/// The thresholds of a monotone function from accumulators to int8: value = -128 + number of thresholds <= accumulator.
/// Not decreasing; NEVER stands for a level that is not reached.
using Thresholds = std::array<int32_t, 255>;
inline constexpr int32_t ALWAYS = -(1 << 29), NEVER = (1 << 29);

/// Accumulator plus bias to int8. Either scales, with the double rounding of TensorFlow Lite, then zero point and
/// clamp, or thresholds; one of the vectors is empty, the other has an element for each output channel.
struct Requantise {
  std::vector<nn::Scale> scales;
  std::vector<Thresholds> thresholds;
  int32_t zero_point = 0;  ///< with scales
  nn::Range range;         ///< with scales: of the output, zero point included
};

/// Convolution, depthwise convolution and fully connected: sums of (input - input zero point) * weight.
/// FULLY_CONNECTED works on each row of {1, rows, in}; a convolution with weights [out][kernel_h][kernel_w][in].
/// Dilation and groups do not exist here: importers write zeros into the weights.
struct Linear {
  enum class Kind { CONV, DEPTHWISE, FULLY_CONNECTED };
  Kind kind = Kind::CONV;
  Window window;
  std::vector<int8_t> weights;  ///< CONV [out][kernel_h][kernel_w][in], DEPTHWISE [kernel_h][kernel_w][channel],
                                ///< FULLY_CONNECTED [out][in]
  std::vector<int32_t> biases;  ///< one for each output channel
  int32_t input_zero_point = 0;
  Requantise requantise;
};

/// Product of two tensors: a [m][k] times b [k][n], or [n][k] if `transposed`; one batch.
struct MatMul {
  bool transposed = false;
  int32_t a_zero_point = 0, b_zero_point = 0;
  Requantise requantise;  ///< n channels
};

/// clamp(requantise(first[a] + second[b]) + zero point) for elements a, b of tensors of one shape; the tables by byte.
struct Add {
  std::array<int32_t, 256> first{}, second{};
  nn::Scale scale{};
  int32_t zero_point = 0;
  nn::Range range;
};

/// Any function of two elements: table[256 * byte(a) + byte(b)]. A dimension of the second tensor may be 1 where the
/// first's is not: its element is then used for all.
struct Binary {
  std::string function;  ///< "multiply", "add", ...: for people
  std::vector<int8_t> table;
};

/// table[byte(x)].
struct Table {
  std::string function;  ///< "logistic", "relu", "requantise", ...: for people
  std::array<int8_t, 256> table{};
};

/// Maximum, or average over the part of a window that lies in the input, rounded half away from zero; clamped.
struct Pool {
  bool is_max = false;
  Window window;
  nn::Range range;
};

/// Softmax along channels as the TensorFlow Lite reference kernel, from the exponentials, Q0.31, of the distance to the
/// row's maximum (zkvm_nn_softmax in zkvm/nn/record.h).
struct Softmax {
  std::array<int32_t, 256> exponential{};
};

/// Softmax along channels in single precision, then quantised: exponential[d] / (sum of the row's, in order) /
/// output scale, rounded half to even, + zero point, saturated; d the distance to the row's maximum.
struct SoftmaxFloat {
  std::array<float, 256> exponential{};
  nn::Quantization output;
};

/// Inputs one behind the other along an axis: 0 height, 1 width, 2 channels.
struct Concat {
  int32_t axis = 2;
};

/// The input in the middle of `value`.
struct Pad {
  std::array<int32_t, 3> before{}, after{};  ///< height, width, channels
  int8_t value = 0;
};

/// The same elements in the same order, in the output's shape.
struct Reshape {};

/// Output axis i is input axis `order[i]`; 0 height, 1 width, 2 channels.
struct Transpose {
  std::array<int32_t, 3> order{0, 1, 2};
};

/// Elements that do not depend on the input.
struct Constant {
  std::vector<int8_t> values;
};

using Operation = std::variant<Linear, MatMul, Add, Binary, Table, Pool, Softmax, SoftmaxFloat, Concat, Pad, Reshape,
                               Transpose, Constant>;

struct Node {
  std::string name;  ///< of the layer, for messages and the generated code: the file's, or type and number
  std::string type;  ///< the file's operator, such as "CONV_2D" or "QLinearConv"
  std::vector<ValueId> inputs;
  ValueId output = -1;
  Operation operation;
};

/// Where a network meets the world. Bytes of inputs and outputs are elements of this type in this order.
struct Border {
  ValueId value = -1;
  std::string name;
  std::vector<int64_t> shape;   ///< as the file has it, batch included
  bool is_unsigned = false;     ///< uint8: byte = element + 128
  bool channels_first = false;  ///< NCHW: how people's images are put into `shape`
};

struct Graph {
  std::string name;    ///< of the model
  std::string format;  ///< "TensorFlow Lite" or "ONNX"
  std::vector<Value> values;
  std::vector<Node> nodes;  ///< every node after those that it reads
  std::vector<Border> inputs, outputs;

  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
};

/// A reason why a model cannot be compiled. All of a model's are reported at once.
struct Problem {
  std::string layer;  ///< its name and number; empty: of the whole file
  std::string type;   ///< operator, or, without a layer, what part of the model; both empty: it is none, or damaged
  std::string what;   ///< what was expected and what was found
};
std::string describe(const std::vector<Problem>& problems);

/// A graph, or why there is none: `problems` is empty exactly if `graph` can be used.
struct Imported {
  Graph graph;
  std::vector<Problem> problems;
};

/// Multiplications of the node; weights and biases that it has.
int64_t multiplications(const Graph& graph, const Node& node);
int64_t parameters(const Node& node);
/// "conv", "depthwise conv", "add", ...
std::string kind_of(const Node& node);

/// What is wrong with a graph that an importer or a pass made, or an empty string: shapes, sizes and ranges fit, every
/// value is computed once and before it is read. A finding is a fault of this library, not of the model.
std::string check(const Graph& graph);

}  // namespace zkvm::compiler
