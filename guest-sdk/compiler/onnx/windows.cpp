// Windows over images: pools, means, and the geometry that they share with convolutions.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler::onnx {

Window window_of(Call& call, const Layout& in, const std::vector<int64_t>& kernel, bool round_up) {
  const size_t axes = in.dims.size() - 2;
  const std::string auto_pad = call.string("auto_pad", "NOTSET");
  std::vector<int64_t> strides = call.integers("strides", std::vector<int64_t>(axes, 1));
  std::vector<int64_t> pads = call.integers("pads", std::vector<int64_t>(2 * axes, 0));
  if (strides.size() != axes || *std::min_element(strides.begin(), strides.end()) < 1)
    call.refuse("attribute strides: expected " + std::to_string(axes) + " of at least 1, found " + text(strides));
  if (pads.size() != 2 * axes || *std::min_element(pads.begin(), pads.end()) < 0)
    call.refuse("attribute pads: expected " + std::to_string(2 * axes) + " of at least 0, found " + text(pads));
  if (auto_pad != "NOTSET" && auto_pad != "VALID" && auto_pad != "SAME_UPPER" && auto_pad != "SAME_LOWER")
    call.refuse("attribute auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found " + auto_pad);
  if (kernel.size() != axes)
    call.refuse("attribute kernel_shape: expected " + std::to_string(axes) + " sizes, found " + text(kernel));
  for (size_t i = 0; i < axes; ++i) {
    const int64_t size = in.dims[i + 2];
    int64_t &before = pads[i], &after = pads[i + axes];
    if (auto_pad != "NOTSET") {
      const int64_t outputs = (size + strides[i] - 1) / strides[i];
      const int64_t all = auto_pad == "VALID" ? 0 : std::max<int64_t>((outputs - 1) * strides[i] + kernel[i] - size, 0);
      before = auto_pad == "SAME_LOWER" ? all - all / 2 : all / 2;
      after = all - before;
    }
    const int64_t room = size + before + after - kernel[i];
    if (kernel[i] < 1 || room < 0)
      call.refuse("expected a kernel of 1 to " + std::to_string(size + before + after) + " for input " + text(in.dims) +
                  ", found " + std::to_string(kernel[i]));
    if (round_up && auto_pad == "NOTSET" && room % strides[i] != 0) {
      const int64_t last = (room / strides[i] + 1) * strides[i];  // where one more window starts
      if (last < size + before) after = last + kernel[i] - size - before;
    }
  }
  const auto narrow = [](int64_t x) { return static_cast<int32_t>(std::min<int64_t>(x, INT32_MAX / 4)); };
  Window w;
  w.kernel_w = narrow(kernel[axes - 1]);
  w.stride_w = narrow(strides[axes - 1]);
  w.left = narrow(pads[axes - 1]);
  w.right = narrow(pads[2 * axes - 1]);
  if (axes == 2) {
    w.kernel_h = narrow(kernel[0]);
    w.stride_h = narrow(strides[0]);
    w.top = narrow(pads[0]);
    w.bottom = narrow(pads[2]);
  }
  return w;
}

Layout window_layout(Call& call, const Layout& in, const Window& window, int64_t channels) {
  const Shape s = in.shape();
  std::vector<int64_t> dims{1, channels};
  if (in.dims.size() == 4)
    dims.push_back((int64_t{s.h} + window.top + window.bottom - window.kernel_h) / window.stride_h + 1);
  dims.push_back((int64_t{s.w} + window.left + window.right - window.kernel_w) / window.stride_w + 1);
  call.check_dims(dims);
  return image_layout(dims);
}

namespace {

std::vector<int64_t> kernel_shape(Call& call) {
  if (call.attribute("kernel_shape") == nullptr) call.refuse("attribute kernel_shape: expected one, found none");
  return call.integers("kernel_shape", {});
}

Item max_pool(Call& call) {
  call.expect("storage_order", 0);
  const bool round_up = call.integer("ceil_mode", 0) != 0;
  Activation x = call.in_image_layout(call.activation(0));
  for (size_t i = 1; x.type == Type::FLOAT && i < 256; ++i) {
    const auto at = [&](size_t k) { return x.reals[(k + 128) % 256]; };  // from -128 on
    if (at(i) < at(i - 1))
      call.refuse("expected QuantizeLinear and DequantizeLinear behind " + x.function + ", which is not increasing");
  }
  const std::vector<int64_t> kernel = kernel_shape(call);
  for (const int64_t d : call.integers("dilations", std::vector<int64_t>(kernel.size(), 1)))
    if (d != 1) call.refuse("attribute dilations: expected 1, found " + std::to_string(d));
  Pool pool;
  pool.is_max = true;
  pool.window = window_of(call, x.layout, kernel, round_up);
  const Layout out = window_layout(call, x.layout, pool.window, x.layout.dims[1]);
  const Window& w = pool.window;
  const Shape in = x.layout.shape(), s = out.shape();
  if (w.top >= w.kernel_h || w.left >= w.kernel_w || (s.h - 1) * int64_t{w.stride_h} - w.top >= in.h ||
      (s.w - 1) * int64_t{w.stride_w} - w.left >= in.w)
    call.refuse("attribute pads: expected windows that meet the input, found padding as large as the kernel");
  x.value = call.importer.emit({call.op.name, call.op.type, {x.value}, -1, pool}, s, call.output(),
                               call.importer.graph.value(x.value).quantization);
  x.layout = out;
  return x;
}

Item average(Call& call, Activation x) {
  x = call.in_image_layout(std::move(x));
  const bool includes = call.integer("count_include_pad", 0) != 0, round_up = call.integer("ceil_mode", 0) != 0;
  const std::vector<int64_t> kernel = kernel_shape(call);
  for (const int64_t d : call.integers("dilations", std::vector<int64_t>(kernel.size(), 1)))
    if (d != 1) call.refuse("attribute dilations: expected 1, found " + std::to_string(d));
  const Window w = window_of(call, x.layout, kernel, round_up);
  if (round_up && w != window_of(call, x.layout, kernel, false))
    call.refuse("attribute ceil_mode: expected 0 where it makes a difference, found 1");
  if (!includes && (w.top != 0 || w.left != 0 || w.bottom != 0 || w.right != 0))
    call.refuse("attribute count_include_pad: expected 1 with padding, found 0");
  return window_sums(call, x, w, window_layout(call, x.layout, w, x.layout.dims[1]), x.parameters.scale);
}

Item average_pool(Call& call) { return average(call, call.affine(0)); }

/// The mean over dimensions of which the graph can hold the others as channels.
Item mean(Call& call, Activation x, const std::vector<bool>& reduced, bool keep) {
  Layout to = linear_layout(x.layout.dims);
  std::vector<int64_t> dims;
  int next = 0;
  bool channels = false;
  for (size_t d = 0; d < to.dims.size(); ++d) {
    if (!reduced[d] || keep) dims.push_back(reduced[d] ? 1 : to.dims[d]);
    if (to.dims[d] == 1) continue;
    if (!reduced[d] && channels) call.refuse("expected a mean over all but one dimension, found " + text(to.dims));
    channels = channels || !reduced[d];
    to.axes[d] = reduced[d] ? std::min(next++, 2) : 2;
  }
  if (next > 2) call.refuse("expected a mean over at most two dimensions, found " + text(to.dims));
  x = call.arranged(std::move(x), to);
  const Shape s = x.layout.shape();
  Layout out{dims, std::vector<int>(dims.size(), 2)};
  call.check_dims(dims);
  return window_sums(call, x, {s.h, s.w, 1, 1, 0, 0, 0, 0}, out, x.parameters.scale);
}

Item global_mean(Call& call, Activation x) {
  std::vector<bool> reduced(x.layout.dims.size(), true);
  if (reduced.size() < 3) call.refuse("expected [1, channels, height, width], found " + text(x.layout.dims));
  reduced[0] = reduced[1] = false;
  return mean(call, std::move(x), reduced, true);
}

Item global_average_pool(Call& call) { return global_mean(call, call.affine(0)); }

Item reduce_mean(Call& call) {
  Activation x = call.affine(0);
  const bool keep = call.integer("keepdims", 1) != 0;
  call.expect("noop_with_empty_axes", 0);
  std::vector<int64_t> axes = call.integers("axes", {});
  if (call.has(1)) axes = call.constant_integers(1);
  const auto rank = static_cast<int64_t>(x.layout.dims.size());
  std::vector<bool> reduced(static_cast<size_t>(rank), axes.empty());
  for (const int64_t axis : axes) {
    if (axis < -rank || axis >= rank)
      call.refuse("axes: expected dimensions of " + text(x.layout.dims) + ", found " + text(axes));
    reduced[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  return mean(call, std::move(x), reduced, keep);
}

Item qlinear_average_pool(Call& call) {
  call.expect("channels_last", 0);
  const Activation x = call.quantised(0);
  const Parameters to = call.parameters(3, 4, x.parameters.type);
  const Item sums = call.op.type == "QLinearAveragePool" ? average(call, x) : global_mean(call, x);
  return call.quantise(sums, to, call.output());
}

}  // namespace

Import find_window(const std::string& type, bool microsoft) {
  static const std::unordered_map<std::string, Import> STANDARD{{"MaxPool", max_pool},
                                                                {"AveragePool", average_pool},
                                                                {"GlobalAveragePool", global_average_pool},
                                                                {"ReduceMean", reduce_mean}};
  if (microsoft)
    return type == "QLinearAveragePool" || type == "QLinearGlobalAveragePool" ? qlinear_average_pool : nullptr;
  const auto found = STANDARD.find(type);
  return found == STANDARD.end() ? nullptr : found->second;
}

}  // namespace zkvm::compiler::onnx
