// Pooling, softmax, and layers that move elements.
#include <algorithm>

#include "guest-sdk/compiler/tflite/importer.hpp"
#include "guest-sdk/include/zkvm/nn/layers.hpp"

namespace zkvm::compiler::tflite {
namespace {

/// The graph's axis (0 height, 1 width, 2 channels) of a tensor's axis, or -1 if it is one of those before.
int32_t graph_axis(int64_t axis, int64_t rank) {
  return axis < rank - 3 ? -1 : static_cast<int32_t>(axis - (rank - 3));
}

}  // namespace

void convert_pool(Layer& l) {
  const auto* o = l.options<format::Pool2DOptions>();
  if (!l.count_inputs(1, 1) || o == nullptr) return;
  l.require(l.input(0).shape.size() == 4, "input", "4 dimensions", text(l.input(0).shape));
  const ValueId x = l.value(0);
  const nn::Quantization in = l.input_quantization(0), out = l.output_quantization();
  l.require(in.zero_point == out.zero_point && std::abs(static_cast<double>(in.scale - out.scale)) <= 1e-6, "output",
            text(in) + " of the input", text(out));
  const nn::Range range = l.range(o->activation());
  if (!l.ok()) return;
  const Shape shape = l.shape(x);
  const std::optional<Placed> placed =
      place_window(l, shape, o->filter_h(), o->filter_w(), o->stride_h(), o->stride_w(), o->padding());
  if (!placed) return;
  const Shape pooled{placed->out_h, placed->out_w, shape.c};
  if (l.require_shape(pooled))
    l.emit({x}, Pool{l.op.code == format::BuiltinOperator::MAX_POOL_2D, placed->window, range}, pooled);
}

void convert_softmax(Layer& l) {
  const auto* o = l.options<format::SoftmaxOptions>();
  if (!l.count_inputs(1, 1) || o == nullptr) return;
  const ValueId x = l.value(0);
  const nn::Quantization in = l.input_quantization(0), out = l.output_quantization();
  l.require(out.scale == 1.0F / 256 && out.zero_point == -128, "output", "scale 1/256 and zero point -128", text(out));
  const double step = static_cast<double>(o->beta()) * static_cast<double>(in.scale);
  l.require(step > 0x1p-26, "beta", "one that gives beta * input scale above 2^-26", std::to_string(o->beta()));
  if (!l.ok()) return;
  const Shape shape = l.shape(x);
  l.require(shape.c <= 4095, "input", "at most 4095 channels", std::to_string(shape.c));
  if (!l.ok() || !l.require_shape(shape) || !l.g.room_for(1024)) return;
  const nn::SoftmaxRecord record =
      nn::softmax_layer({.rows = 1, .cols = 4, .input_scale = in.scale, .beta = o->beta()});
  Softmax softmax;
  std::copy(std::begin(record.exponential), std::end(record.exponential), softmax.exponential.begin());
  l.emit({x}, softmax, shape);
}

/// RESHAPE, EXPAND_DIMS, SQUEEZE: what the output's shape is stands in its tensor, other inputs only repeat it.
void convert_reshape(Layer& l) {
  if (!l.count_inputs(1, 2)) return;
  const std::optional<Shape> out = l.output_shape();
  const TensorId from = l.input_id(0), to = l.op.outputs[0];
  l.require(l.input(0).type == l.output().type, "output", name_of(l.input(0).type), name_of(l.output().type));
  if (!l.ok()) return;
  if (l.g.is_constant(from) && !l.input(0).is_variable) {
    std::string wrong;
    const std::optional<Shape> in = shape_of(l.input(0), wrong);
    if (!in) return l.problem("input: " + wrong);
    if (l.require(in->elements() == out->elements(), "output", std::to_string(in->elements()) + " elements",
                  std::to_string(out->elements())))
      l.g.same_as[static_cast<size_t>(to)] = from;
    return;
  }
  const ValueId x = l.value(0);
  if (!l.ok()) return;
  if (!l.require(l.shape(x).elements() == out->elements(), "output",
                 std::to_string(l.shape(x).elements()) + " elements", std::to_string(out->elements())))
    return;
  const nn::Quantization q = l.g.out.graph.value(x).quantization;
  const nn::Quantization q_out = quantization_of(l.output()).value_or(q);
  if (l.shape(x) == *out && q.scale == q_out.scale && q.zero_point == q_out.zero_point) {
    l.g.values[static_cast<size_t>(to)] = x;  // nothing moves
    return;
  }
  l.emit({x}, Reshape{}, *out);
}

void convert_concatenation(Layer& l) {
  const auto* o = l.options<format::ConcatenationOptions>();
  if (!l.count_inputs(1, l.op.inputs.size()) || o == nullptr) return;
  l.require(o->activation() == format::Activation::NONE, "fused activation", "NONE",
            format::EnumNameActivation(o->activation()));
  const auto rank = static_cast<int64_t>(l.output().shape.size());
  const int64_t axis = o->axis() < 0 ? o->axis() + rank : o->axis();
  const nn::Quantization out = l.output_quantization();
  std::vector<ValueId> values;
  for (size_t i = 0; i < l.op.inputs.size(); ++i) {
    if (!l.require(l.has_input(i), "input", "a tensor", "none")) return;
    const nn::Quantization in = l.input_quantization(i);
    l.require(in.scale == out.scale && in.zero_point == out.zero_point, "input " + l.input(i).name,
              text(out) + " of the output", text(in));
    l.require(static_cast<int64_t>(l.input(i).shape.size()) == rank, "input " + l.input(i).name,
              std::to_string(rank) + " dimensions", text(l.input(i).shape));
    values.push_back(l.value(i));
  }
  if (!l.require(axis >= 0 && axis < rank && graph_axis(axis, rank) >= 0, "axis",
                 "one of the last three of " + text(l.output().shape), std::to_string(o->axis())) ||
      !l.ok())
    return;
  const int32_t along = graph_axis(axis, rank);
  int32_t Shape::*const size = along == 0 ? &Shape::h : along == 1 ? &Shape::w : &Shape::c;
  Shape sum = l.shape(values[0]);
  int64_t extent = 0;
  for (const ValueId v : values) {
    Shape s = l.shape(v);
    extent += s.*size;
    s.*size = sum.*size;
    if (!l.require(s == sum, "inputs", "shapes that differ along the axis only", text(s) + " and " + text(sum))) return;
  }
  if (!l.require(extent <= 1 << 27, "output", "at most 2^27 elements", std::to_string(extent))) return;
  sum.*size = static_cast<int32_t>(extent);
  if (l.require_shape(sum)) l.emit(values, Concat{along}, sum);
}

void convert_pad(Layer& l) {
  if (!l.count_inputs(2, l.op.code == format::BuiltinOperator::PADV2 ? 3 : 2)) return;
  const std::vector<int64_t> paddings = l.integers(1, "paddings");
  const ValueId x = l.value(0);
  const nn::Quantization out = l.output_quantization();
  auto value = static_cast<int8_t>(out.zero_point);
  if (l.has_input(2)) {
    const std::vector<int8_t> given = l.constant<int8_t>(2, format::TensorType::INT8, "padding value");
    const nn::Quantization q = l.input_quantization(2);
    l.require(given.size() == 1, "padding value", "one element", std::to_string(given.size()));
    l.require(q.scale == out.scale && q.zero_point == out.zero_point, "padding value", text(out) + " of the output",
              text(q));
    if (l.ok()) value = given[0];
  }
  if (!l.ok()) return;
  const size_t rank = l.input(0).shape.size();
  if (!l.require(paddings.size() == 2 * rank, "paddings", std::to_string(2 * rank), std::to_string(paddings.size())))
    return;
  Pad pad;
  pad.value = value;
  const Shape in = l.shape(x);
  int64_t size[] = {in.h, in.w, in.c};
  for (size_t i = 0; i < rank; ++i) {
    const int64_t before = paddings[2 * i], after = paddings[2 * i + 1];
    const int32_t axis = graph_axis(static_cast<int64_t>(i), static_cast<int64_t>(rank));
    const int64_t most = axis < 0 ? 0 : 1 << 27;
    l.require(before >= 0 && before <= most && after >= 0 && after <= most,
              "paddings of dimension " + std::to_string(i), "0 to " + std::to_string(most),
              std::to_string(before) + " and " + std::to_string(after));
    if (!l.ok() || axis < 0) continue;
    const auto at = static_cast<size_t>(axis);
    pad.before[at] = static_cast<int32_t>(before);
    pad.after[at] = static_cast<int32_t>(after);
    size[at] += before + after;
  }
  if (!l.ok() || !l.require(std::max({size[0], size[1], size[2]}) <= 1 << 27, "paddings", "an output of at most 2^27",
                            std::to_string(std::max({size[0], size[1], size[2]}))))
    return;
  const Shape padded{static_cast<int32_t>(size[0]), static_cast<int32_t>(size[1]), static_cast<int32_t>(size[2])};
  if (l.require_shape(padded)) l.emit({x}, pad, padded);
}

void convert_transpose(Layer& l) {
  if (!l.count_inputs(2, 2)) return;
  const std::vector<int64_t> order = l.integers(1, "permutation");
  const ValueId x = l.value(0);
  if (!l.ok()) return;
  const auto rank = static_cast<int64_t>(l.input(0).shape.size());
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool fits = static_cast<int64_t>(order.size()) == rank && rank >= 1;
  Transpose transpose;
  for (int64_t i = 0; fits && i < rank; ++i) {
    fits = sorted[static_cast<size_t>(i)] == i;
    const int64_t from = order[static_cast<size_t>(i)];
    const int32_t to = graph_axis(i, rank), axis = graph_axis(from, rank);
    if (to < 0) fits = fits && from == i;
    if (fits && to >= 0) fits = axis >= 0;
    if (fits && to >= 0) transpose.order[static_cast<size_t>(to)] = axis;
  }
  if (!l.require(fits, "permutation", "one of the last three axes of " + text(l.input(0).shape),
                 std::to_string(order.size()) + " axes in another order"))
    return;
  const Shape in = l.shape(x);
  const int32_t size[] = {in.h, in.w, in.c};
  const Shape out{size[transpose.order[0]], size[transpose.order[1]], size[transpose.order[2]]};
  if (l.require_shape(out)) l.emit({x}, transpose, out);
}

}  // namespace zkvm::compiler::tflite
