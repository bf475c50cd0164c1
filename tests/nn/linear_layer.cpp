#include "tests/nn/linear_layer.hpp"

#include <algorithm>
#include <cstring>

#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::tests {

size_t LinearLayer::weight_count() const {
  if (in_ram()) return 0;
  const int32_t in = depthwise() ? 1 : header.weight_in;
  return static_cast<size_t>(header.weight_out * header.kernel_h * header.kernel_w * in);
}

TestLayer LinearLayer::made() const {
  std::vector<uint8_t> payload;
  const auto append = [&](const auto& values) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    payload.insert(payload.end(), bytes, bytes + values.size() * sizeof values[0]);
  };
  if (header.requantisation == ZKVM_NN_THRESHOLDS) {
    append(thresholds);
  } else {
    append(channels);
  }
  append(weights);
  zkvm_nn_linear h = header;
  h.kind = ZKVM_NN_LINEAR;
  return {make_record(h, payload), static_cast<uint32_t>(h.in_h * h.in_w * h.in_c),
          in_ram() ? static_cast<uint32_t>(h.in_c * h.out_c) : 0, static_cast<uint32_t>(h.out_h * h.out_w * h.out_c),
          "linear"};
}

void LinearLayer::use_thresholds(int32_t step) {
  header.requantisation = ZKVM_NN_THRESHOLDS;
  header.act_min = -128;
  header.act_max = 127;
  for (const zkvm_nn_channel& c : channels) {
    zkvm_nn_thresholds& t = thresholds.emplace_back();
    t.bias = c.bias;
    for (int32_t i = 0; i < 255; ++i) t.threshold[i] = step * (i - 127);
  }
}

std::vector<uint8_t> LinearLayer::run(const std::vector<uint8_t>& input, const std::vector<uint8_t>& second) const {
  const TestLayer layer = made();
  std::vector<uint32_t> record(layer.record.size() / 4);
  std::memcpy(record.data(), layer.record.data(), layer.record.size());
  std::vector<uint8_t> output(layer.output_bytes);
  const auto bytes = [](const std::vector<uint8_t>& v) { return reinterpret_cast<const int8_t*>(v.data()); };
  nn::software::run(record.data(), bytes(input), bytes(second), reinterpret_cast<int8_t*>(output.data()));
  return output;
}

namespace {

void fill_plain(LinearLayer& l) {
  zkvm_nn_linear& h = l.header;
  h.dilation_h = h.dilation_w = 1;
  h.act_min = -128;
  h.act_max = 127;
  l.channels.assign(static_cast<size_t>(h.weight_out), {7, 1 << 30, -3});
  l.weights.resize(l.weight_count());
  for (size_t i = 0; i < l.weights.size(); ++i) l.weights[i] = static_cast<int8_t>(i % 11 + 1);
}

}  // namespace

LinearLayer plain_convolution(int32_t size, int32_t in_c, int32_t out_c, int32_t kernel) {
  LinearLayer l;
  zkvm_nn_linear& h = l.header;
  h.operand = ZKVM_NN_DENSE;
  h.in_h = h.in_w = size;
  h.out_h = h.out_w = size - kernel + 1;
  h.in_c = h.weight_in = in_c;
  h.out_c = h.weight_out = out_c;
  h.kernel_h = h.kernel_w = kernel;
  h.stride_h = h.stride_w = 1;
  fill_plain(l);
  return l;
}

LinearLayer plain_product(zkvm_nn_operand operand, int32_t m, int32_t k, int32_t n) {
  LinearLayer l;
  zkvm_nn_linear& h = l.header;
  h.operand = operand;
  h.in_h = h.out_h = h.kernel_h = h.kernel_w = h.stride_h = h.stride_w = 1;
  h.in_w = h.out_w = m;
  h.in_c = h.weight_in = k;
  h.out_c = h.weight_out = n;
  fill_plain(l);
  return l;
}

LinearLayer wide_linear(Random& random, int64_t products) {
  constexpr int32_t SIZE = 12, CHANNELS = 100, KERNEL = 7, STRIDE = 9, PAD = 9;
  LinearLayer l;
  zkvm_nn_linear& h = l.header;
  const auto channels = [&] { return 4 * (random.one_in(3) ? 1 : random(1, CHANNELS / 4)); };
  const auto size = [&](int32_t limit) { return random.one_in(4) ? 1 : random(1, limit); };
  const auto zero_point = [&] { return random.one_in(3) ? (random.one_in(2) ? -128 : 127) : random(-128, 127); };
  do {
    h.operand = random(ZKVM_NN_DENSE, ZKVM_NN_RAM_KN);
    h.in_c = channels();
    h.out_c = l.depthwise() ? h.in_c : channels();
    h.in_h = size(SIZE);
    h.in_w = size(SIZE);
    if (l.in_ram()) {
      h.in_h = h.out_h = h.kernel_h = h.kernel_w = h.stride_h = h.stride_w = 1;
      h.out_w = h.in_w;
      h.pad_top = h.pad_left = 0;
      h.weight_in = h.in_c;
      h.weight_out = h.out_c;
      continue;
    }
    h.kernel_h = size(KERNEL);
    h.kernel_w = size(KERNEL);
    h.stride_h = size(random.one_in(4) ? STRIDE : 3);
    h.stride_w = size(random.one_in(4) ? STRIDE : 3);
    h.pad_top = random.one_in(2) ? 0 : random(0, PAD);
    h.pad_left = random.one_in(2) ? 0 : random(0, PAD);
    // As many outputs as the usual padding gives, or any number: they may lie beyond the input's reach.
    const auto outputs = [&](int32_t in, int32_t pad, int32_t kernel, int32_t stride) {
      const int32_t usual = std::max(1, (in + 2 * pad - kernel) / stride + 1);
      return random.one_in(3) ? random(1, usual + 3) : usual;
    };
    h.out_h = outputs(h.in_h, h.pad_top, h.kernel_h, h.stride_h);
    h.out_w = outputs(h.in_w, h.pad_left, h.kernel_w, h.stride_w);
    h.weight_out = random.one_in(3) ? random(1, h.out_c) : h.out_c;
    h.weight_in = l.depthwise() ? h.weight_out : random.one_in(3) ? random(1, h.in_c) : h.in_c;
  } while (int64_t{h.out_h} * h.out_w * h.out_c * h.kernel_h * h.kernel_w * (l.depthwise() ? 1 : h.in_c) > products);
  h.dilation_h = h.dilation_w = 1;
  h.in_zp = zero_point();
  h.b_zp = l.in_ram() ? zero_point() : 0;
  h.out_zp = zero_point();
  h.act_min = random.one_in(2) ? -128 : random(-128, 127);
  h.act_max = random.one_in(2) ? 127 : random(h.act_min, 127);

  l.weights.resize(l.weight_count());
  const int32_t divisor = random.one_in(3) ? 16 : 1;
  for (int8_t& w : l.weights) w = static_cast<int8_t>(random(-128, 127) / divisor);
  const auto outs = static_cast<size_t>(h.weight_out);
  l.channels.resize(outs);
  // About how large accumulators are, so that most results are neither 0 nor clamped.
  double scale = 1.0 / (40.0 * h.kernel_h * h.kernel_w * (l.depthwise() ? 1 : h.weight_in));
  int32_t shift = 0;
  while (scale < 0.5) scale *= 2, --shift;
  for (size_t o = 0; o < outs; ++o) {
    zkvm_nn_channel& c = l.channels[o];
    c.shift = std::clamp(shift + random(-1, 3), -31, 13);
    c.multiplier = random(1 << 30, INT32_MAX);
    c.bias = random(-1000, 1000);
    constexpr int32_t EDGES[] = {0, 1, 1 << 30, INT32_MAX, INT32_MAX - 1};
    if (random.one_in(6)) c.multiplier = EDGES[random(0, 4)];
    if (random.one_in(8)) c.shift = random(-31, 13);
    if (random.one_in(8)) c.bias = random(-(1 << 24), 1 << 24);
    if (!l.in_ram() && random.one_in(10)) {
      // A dead channel, with a bias that such channels have in real models.
      const size_t each = l.weights.size() / outs;
      for (size_t i = 0; i < each; ++i) l.weights[l.depthwise() ? i * outs + o : o * each + i] = 0;
      c.bias = random(-(1 << 30), 1 << 30);
      c.shift = std::min(c.shift, 0);
    }
  }
  if (random.one_in(3)) {
    h.requantisation = ZKVM_NN_THRESHOLDS;
    h.act_min = -128;
    h.act_max = 127;
    const int32_t size = 40 * h.kernel_h * h.kernel_w * (l.depthwise() ? 1 : h.weight_in);
    for (size_t o = 0; o < outs; ++o) l.thresholds.push_back(random_thresholds(random, 32 * size + 1));
  }
  return l;
}

}  // namespace zkvm::tests
