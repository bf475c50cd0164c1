#include "guest-sdk/compiler/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::compiler {
namespace {

using Elements = std::vector<int8_t>;

size_t byte(int8_t x) { return static_cast<uint8_t>(x); }
size_t at(Shape s, int32_t row, int32_t col, int32_t channel) {
  return static_cast<size_t>((int64_t{row} * s.w + col) * s.c + channel);
}

int8_t requantise(const Requantise& r, int32_t channel, int32_t accumulator) {
  const auto c = static_cast<size_t>(channel);
  if (r.thresholds.empty())
    return nn::software::requantise_to_int8(accumulator, r.scales[c], r.zero_point, r.range.min, r.range.max);
  const Thresholds& t = r.thresholds[c];
  return static_cast<int8_t>(std::upper_bound(t.begin(), t.end(), accumulator) - t.begin() - 128);
}

/// One operator; `in` and `in_shape` are its inputs, `out` has its size.
struct Evaluator {
  std::vector<const Elements*> in;
  std::vector<Shape> in_shape;
  Shape shape;
  Elements& out;

  template <class F>
  void each_output(F f) {
    for (int32_t y = 0; y < shape.h; ++y)
      for (int32_t x = 0; x < shape.w; ++x)
        for (int32_t c = 0; c < shape.c; ++c) out[at(shape, y, x, c)] = f(y, x, c);
  }
  /// Calls f(tap row, tap column, input row, input column) for the part of a window that lies in the input.
  template <class F>
  void each_tap(const Window& w, int32_t y, int32_t x, F f) const {
    for (int32_t ky = 0; ky < w.kernel_h; ++ky)
      for (int32_t kx = 0; kx < w.kernel_w; ++kx) {
        const int32_t row = y * w.stride_h - w.top + ky, col = x * w.stride_w - w.left + kx;
        if (row >= 0 && row < in_shape[0].h && col >= 0 && col < in_shape[0].w) f(ky, kx, row, col);
      }
  }

  void operator()(const Linear& l) {
    const Elements& x = *in[0];
    const int32_t channels = in_shape[0].c;
    each_output([&](int32_t row, int32_t col, int32_t o) {
      int64_t sum = l.biases[static_cast<size_t>(o)];
      each_tap(l.window, row, col, [&](int32_t ky, int32_t kx, int32_t r, int32_t c) {
        const int64_t tap = int64_t{ky} * l.window.kernel_w + kx;
        if (l.kind == Linear::Kind::DEPTHWISE) {
          sum +=
              (x[at(in_shape[0], r, c, o)] - l.input_zero_point) * l.weights[static_cast<size_t>(tap * channels + o)];
          return;
        }
        const int8_t* weight = l.weights.data() + (int64_t{o} * l.window.kernel_h * l.window.kernel_w + tap) * channels;
        const int8_t* element = x.data() + at(in_shape[0], r, c, 0);
        for (int32_t i = 0; i < channels; ++i) sum += (element[i] - l.input_zero_point) * weight[i];
      });
      return requantise(l.requantise, o, static_cast<int32_t>(sum));
    });
  }
  void operator()(const MatMul& m) {
    each_output([&](int32_t, int32_t row, int32_t col) {
      int64_t sum = 0;
      for (int32_t k = 0; k < in_shape[0].c; ++k) {
        const int8_t b = (*in[1])[m.transposed ? at(in_shape[1], 0, col, k) : at(in_shape[1], 0, k, col)];
        sum += ((*in[0])[at(in_shape[0], 0, row, k)] - m.a_zero_point) * (b - m.b_zero_point);
      }
      return requantise(m.requantise, col, static_cast<int32_t>(sum));
    });
  }
  void operator()(const Add& a) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = nn::software::requantise_to_int8(a.first[byte((*in[0])[i])] + a.second[byte((*in[1])[i])], a.scale,
                                                a.zero_point, a.range.min, a.range.max);
  }
  void operator()(const Binary& b) {
    const Shape s = in_shape[1];
    each_output([&](int32_t y, int32_t x, int32_t c) {
      const int8_t second = (*in[1])[at(s, s.h == 1 ? 0 : y, s.w == 1 ? 0 : x, s.c == 1 ? 0 : c)];
      return b.table[256 * byte((*in[0])[at(shape, y, x, c)]) + byte(second)];
    });
  }
  void operator()(const Table& t) {
    for (size_t i = 0; i < out.size(); ++i) out[i] = t.table[byte((*in[0])[i])];
  }
  void operator()(const Pool& p) {
    each_output([&](int32_t row, int32_t col, int32_t c) {
      int32_t sum = 0, count = 0, greatest = -128;
      each_tap(p.window, row, col, [&](int32_t, int32_t, int32_t r, int32_t x) {
        const int32_t value = (*in[0])[at(in_shape[0], r, x, c)];
        sum += value;
        ++count;
        greatest = std::max(greatest, value);
      });
      const int32_t average = count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      return static_cast<int8_t>(nn::software::clamp(p.is_max ? greatest : average, p.range.min, p.range.max));
    });
  }
  void operator()(const Softmax& s) {
    zkvm_nn_softmax header{};
    header.rows = shape.h * shape.w;
    header.cols = shape.c;
    std::vector<uint8_t> record(sizeof header + sizeof s.exponential);
    std::copy_n(reinterpret_cast<const uint8_t*>(&header), sizeof header, record.data());
    std::copy_n(reinterpret_cast<const uint8_t*>(s.exponential.data()), sizeof s.exponential,
                record.data() + sizeof header);
    nn::software::softmax(*reinterpret_cast<const zkvm_nn_softmax*>(record.data()), in[0]->data(), out.data());
  }
  void operator()(const SoftmaxFloat& s) {
    const auto channels = static_cast<size_t>(shape.c);
    for (size_t row = 0; row < out.size(); row += channels) {
      const int8_t* x = in[0]->data() + row;
      const int32_t greatest = *std::max_element(x, x + channels);
      float sum = 0;
      for (size_t c = 0; c < channels; ++c) sum += s.exponential[static_cast<size_t>(greatest - x[c])];
      for (size_t c = 0; c < channels; ++c) {
        const float p = s.exponential[static_cast<size_t>(greatest - x[c])] / sum / s.output.scale;
        const float q = std::nearbyint(p) + static_cast<float>(s.output.zero_point);
        out[row + c] = static_cast<int8_t>(std::min(std::max(q, -128.0F), 127.0F));
      }
    }
  }
  void operator()(const Concat& c) {
    int32_t first[3] = {0, 0, 0};  // of the current input in the output
    for (size_t k = 0; k < in.size(); ++k) {
      const Shape s = in_shape[k];
      for (int32_t y = 0; y < s.h; ++y)
        for (int32_t x = 0; x < s.w; ++x)
          std::copy_n(in[k]->data() + at(s, y, x, 0), s.c,
                      out.data() + at(shape, first[0] + y, first[1] + x, first[2]));
      first[c.axis] += c.axis == 0 ? s.h : c.axis == 1 ? s.w : s.c;
    }
  }
  void operator()(const Pad& p) {
    std::fill(out.begin(), out.end(), p.value);
    const Shape s = in_shape[0];
    for (int32_t y = 0; y < s.h; ++y)
      for (int32_t x = 0; x < s.w; ++x)
        std::copy_n(in[0]->data() + at(s, y, x, 0), s.c,
                    out.data() + at(shape, p.before[0] + y, p.before[1] + x, p.before[2]));
  }
  void operator()(const Reshape&) { out = *in[0]; }
  void operator()(const Transpose& t) {
    each_output([&](int32_t y, int32_t x, int32_t c) {
      int32_t from[3];
      from[t.order[0]] = y;
      from[t.order[1]] = x;
      from[t.order[2]] = c;
      return (*in[0])[at(in_shape[0], from[0], from[1], from[2])];
    });
  }
  void operator()(const Constant& c) { out = c.values; }
};

int64_t bytes_of(const Graph& graph, const std::vector<Border>& borders) {
  int64_t bytes = 0;
  for (const Border& b : borders) bytes += graph.value(b.value).shape.elements();
  return bytes;
}

}  // namespace

int64_t input_bytes(const Graph& graph) { return bytes_of(graph, graph.inputs); }
int64_t output_bytes(const Graph& graph) { return bytes_of(graph, graph.outputs); }

std::vector<uint8_t> evaluate(const Graph& graph, std::span<const uint8_t> input,
                              std::vector<std::vector<int8_t>>* trace) {
  std::vector<Elements> values(graph.values.size());
  const auto value = [&](ValueId id) -> Elements& { return values[static_cast<size_t>(id)]; };
  for (const Border& b : graph.inputs) {
    const auto size = static_cast<size_t>(graph.value(b.value).shape.elements());
    for (const uint8_t x : input.first(size))
      value(b.value).push_back(static_cast<int8_t>(b.is_unsigned ? x ^ 0x80 : x));
    input = input.subspan(size);
  }
  for (const Node& n : graph.nodes) {
    const Shape shape = graph.value(n.output).shape;
    value(n.output).resize(static_cast<size_t>(shape.elements()));
    Evaluator e{{}, {}, shape, value(n.output)};
    for (const ValueId id : n.inputs) {
      e.in.push_back(&value(id));
      e.in_shape.push_back(graph.value(id).shape);
    }
    std::visit(e, n.operation);
  }
  std::vector<uint8_t> out;
  for (const Border& b : graph.outputs)
    for (const int8_t x : value(b.value))
      out.push_back(static_cast<uint8_t>(b.is_unsigned ? static_cast<uint8_t>(x) ^ 0x80 : x));
  if (trace != nullptr) *trace = std::move(values);
  return out;
}

}  // namespace zkvm::compiler
