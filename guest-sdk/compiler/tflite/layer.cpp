#include <algorithm>
#include <cmath>

#include "guest-sdk/compiler/tflite/importer.hpp"

namespace zkvm::compiler::tflite {

std::optional<Shape> shape_of(const Tensor& tensor, std::string& problem) {
  constexpr int64_t MOST = int64_t{1} << 27;
  int64_t elements = 1;
  for (const int32_t size : tensor.shape) {
    if (size < 1 || elements * size > MOST) {
      problem = "shape: expected fixed sizes of 1 to 2^27 elements, found " + text(tensor.shape);
      return std::nullopt;
    }
    elements *= size;
  }
  Shape shape;
  int32_t* const sizes[] = {&shape.c, &shape.w, &shape.h};
  const size_t rank = tensor.shape.size();
  for (size_t i = 0; i < rank; ++i) {
    const int32_t size = tensor.shape[rank - 1 - i];
    if (i < 3) {
      *sizes[i] = size;
    } else if (size != 1) {
      problem = "batch: expected at most three sizes other than 1, found " + text(tensor.shape);
      return std::nullopt;
    }
  }
  return shape;
}

std::optional<nn::Quantization> quantization_of(const Tensor& tensor) {
  if (tensor.scales.size() != 1 || tensor.zero_points.size() > 1) return std::nullopt;
  const float scale = tensor.scales[0];
  int64_t zero_point = tensor.zero_points.empty() ? int64_t{0} : tensor.zero_points[0];
  if (tensor.type == format::TensorType::UINT8 && zero_point >= 0) zero_point -= 128;
  if (!std::isnormal(scale) || scale <= 0 || zero_point < -128 || zero_point > 127) return std::nullopt;
  return nn::Quantization{scale, static_cast<int>(zero_point)};
}

std::string text(nn::Quantization q) {
  char out[64];
  std::snprintf(out, sizeof out, "scale %.9g and zero point %d", static_cast<double>(q.scale), q.zero_point);
  return out;
}
std::string text(std::span<const int32_t> shape) {
  std::string out;
  for (const int32_t size : shape.first(std::min<size_t>(shape.size(), 8)))
    out += (out.empty() ? "" : ", ") + std::to_string(size);
  return "[" + out + (shape.size() > 8 ? ", ...]" : "]");
}
std::string text(Shape s) { return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.c); }

void Layer::problem(std::string what) {
  ok_ = false;
  g.out.problems.push_back({op.label, op.type, std::move(what)});
}

bool Layer::require(bool holds, const std::string& parameter, const std::string& expected, const std::string& found) {
  if (!holds) problem(parameter + ": expected " + expected + ", found " + found);
  return holds;
}

bool Layer::count_inputs(size_t least, size_t most) {
  bool there = op.inputs.size() >= least && op.inputs.size() <= most && op.outputs.size() == 1;
  for (size_t i = 0; there && i < least; ++i) there = has_input(i);
  const std::string count = std::to_string(least) + (most == least ? "" : " to " + std::to_string(most));
  return require(there, "operands", count + " inputs and 1 output",
                 std::to_string(op.inputs.size()) + " and " + std::to_string(op.outputs.size()));
}

ValueId Layer::value(size_t i) {
  const TensorId id = input_id(i);
  const Tensor& t = input(i);
  const bool any_byte = op.code == format::BuiltinOperator::QUANTIZE || op.code == format::BuiltinOperator::RESHAPE ||
                        op.code == format::BuiltinOperator::EXPAND_DIMS || op.code == format::BuiltinOperator::SQUEEZE;
  if (!require(t.type == format::TensorType::INT8 || (any_byte && t.type == format::TensorType::UINT8),
               "input " + t.name, "INT8", name_of(t.type)))
    return -1;
  const auto index = static_cast<size_t>(id);
  if (g.values[index] >= 0) return g.values[index];
  if (g.failed[index]) {
    ok_ = false;  // reported already
    return -1;
  }
  if (t.is_variable || !g.is_constant(id)) {
    require(!t.is_variable, "input " + t.name, "a tensor without state", "a variable");
    if (!t.is_variable)
      require(false, "input " + t.name, "what an earlier layer computes", "a tensor that none computes");
    return -1;
  }
  const std::vector<int8_t> elements = constant<int8_t>(i, format::TensorType::INT8, "input " + t.name);
  std::string wrong;
  const std::optional<Shape> shape = shape_of(t, wrong);
  if (!shape) problem("input " + t.name + ": " + wrong);
  if (elements.empty() || !shape || !g.room_for(static_cast<int64_t>(elements.size()))) {
    ok_ = false;
    return -1;
  }
  const ValueId made = g.add_value(t.name, *shape, quantization_of(t));
  g.add_node(t.name.empty() ? op.name + "_constant" : t.name, "constant", {}, made, Constant{elements});
  return g.values[index] = made;
}

std::optional<nn::Quantization> Layer::quantization(const Tensor& tensor, const std::string& what) {
  const std::optional<nn::Quantization> q = quantization_of(tensor);
  if (!q)
    problem("quantisation of the " + what + " " + tensor.name +
            ": expected one scale above 0 and one zero point of its type");
  return q;
}

std::optional<Shape> Layer::output_shape() {
  std::string wrong;
  const std::optional<Shape> shape = shape_of(output(), wrong);
  if (!shape) problem("output: " + wrong);
  return shape;
}

bool Layer::require_shape(Shape expected) {
  const std::optional<Shape> found = output_shape();
  return found && require(*found == expected, "output shape", text(expected), text(*found));
}

std::span<const uint8_t> Layer::constant_bytes(size_t i, format::TensorType type, size_t size,
                                               const std::string& what) {
  const Tensor& t = input(i);
  require(!t.is_sparse, what, "a dense tensor", "a sparse one");
  require(t.type == type, what, name_of(type), name_of(t.type));
  const std::span<const uint8_t> bytes = g.constant_data(input_id(i));
  if (!require(!bytes.empty() && !t.is_variable, what, "a constant", "a tensor that is computed")) return {};
  uint64_t elements = 1;
  for (const int32_t extent : t.shape) {
    elements = extent < 1 ? bytes.size() + 1 : elements * static_cast<uint64_t>(extent);
    if (elements > bytes.size()) break;
  }
  require(elements * size == bytes.size(), what, "as many bytes as its shape " + text(t.shape) + " has",
          std::to_string(bytes.size()));
  return ok_ ? bytes : std::span<const uint8_t>{};
}

std::vector<int64_t> Layer::integers(size_t i, const std::string& what) {
  if (input(i).type == format::TensorType::INT64) return constant<int64_t>(i, format::TensorType::INT64, what);
  const std::vector<int32_t> narrow = constant<int32_t>(i, format::TensorType::INT32, what);
  return {narrow.begin(), narrow.end()};
}

nn::Activation Layer::activation(format::Activation found) {
  switch (found) {
    case format::Activation::NONE:
      return nn::Activation::NONE;
    case format::Activation::RELU:
      return nn::Activation::RELU;
    case format::Activation::RELU6:
      return nn::Activation::RELU6;
    case format::Activation::RELU_N1_TO_1:
      return nn::Activation::RELU_N1_TO_1;
    default:
      break;
  }
  const std::string name = format::EnumNameActivation(found);
  require(false, "fused activation", "NONE, RELU, RELU6 or RELU_N1_TO_1",
          name.empty() ? "number " + std::to_string(static_cast<int>(found)) : name);
  return nn::Activation::NONE;
}

nn::Range Layer::range(format::Activation found) {
  const nn::Activation known = activation(found);
  if (known == nn::Activation::NONE) return {};
  const nn::Quantization q = output_quantization();
  const std::optional<nn::Range> range = fused_range(known, q);
  require(range.has_value(), "fused activation", "an output scale that its limits fit", text(q));
  return range.value_or(nn::Range{});
}

void Layer::emit(std::vector<ValueId> inputs, Operation operation, Shape shape) {
  const std::optional<Shape> wanted = output_shape();
  if (!wanted) return;
  if (!require(wanted->elements() == shape.elements(), "output shape", text(shape), text(*wanted))) return;
  const std::optional<nn::Quantization> q = quantization_of(output());
  ValueId result = g.add_value(output().name, shape, q);
  g.add_node(op.name, op.type, std::move(inputs), result, std::move(operation));
  if (*wanted != shape) result = reshaped(result, *wanted);
  g.values[static_cast<size_t>(op.outputs[0])] = result;
}

ValueId Layer::reshaped(ValueId id, Shape shape) {
  if (this->shape(id) == shape) return id;
  const Value from = g.out.graph.value(id);
  const ValueId result = g.add_value(from.name, shape, from.quantization);
  g.add_node(op.name + "_reshape", op.type, {id}, result, Reshape{});
  return result;
}

}  // namespace zkvm::compiler::tflite
