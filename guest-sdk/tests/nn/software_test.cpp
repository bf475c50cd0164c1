// The reference against formulations of its own: sums by scattering inputs instead of gathering taps, 64-bit sums and
// exact divisions, long double for what is defined by real numbers.

#include "zkvm/nn/software.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "support.hpp"

namespace zkvm::nn::test {
namespace {

using Bytes = std::vector<std::int8_t>;

Scale random_scale(Random& random, int expected_bits) {
  if (random.one_in(10)) return {0, random.between(-31, 0)};
  if (random.one_in(10)) return {INT32_MAX, random.between(-31, 0)};
  // Sums have expected_bits bits; outputs have 8.
  return {random.between(1 << 30, INT32_MAX), random.between(-expected_bits + 4, -expected_bits + 10)};
}

struct Linear {
  zkvm_nn_linear header{};
  std::vector<zkvm_nn_channel> channels;
  std::vector<zkvm_nn_thresholds> thresholds;
  Bytes weights, in, in2;

  int weight(int o, int ky, int kx, int i) const {
    const auto& h = header;
    if (h.operand == ZKVM_NN_DEPTHWISE)
      return i == o ? weights.at(static_cast<std::size_t>((ky * h.kernel_w + kx) * h.weight_out + o)) : 0;
    if (h.operand == ZKVM_NN_RAM_NK) return in2.at(static_cast<std::size_t>(o * h.in_c + i)) - h.b_zp;
    if (h.operand == ZKVM_NN_RAM_KN) return in2.at(static_cast<std::size_t>(i * h.out_c + o)) - h.b_zp;
    return weights.at(static_cast<std::size_t>(((o * h.kernel_h + ky) * h.kernel_w + kx) * h.weight_in + i));
  }

  /// Every input element is added to all the outputs that it reaches.
  Bytes expected() const {
    const auto& h = header;
    std::vector<std::int64_t> sums(static_cast<std::size_t>(h.out_h * h.out_w * h.out_c));
    for (int y = 0; y < h.in_h; ++y)
      for (int x = 0; x < h.in_w; ++x)
        for (int ky = 0; ky < h.kernel_h; ++ky)
          for (int kx = 0; kx < h.kernel_w; ++kx) {
            const int up = y + h.pad_top - ky * h.dilation_h, left = x + h.pad_left - kx * h.dilation_w;
            if (up < 0 || left < 0 || up % h.stride_h != 0 || left % h.stride_w != 0) continue;
            const int row = up / h.stride_h, col = left / h.stride_w;
            if (row >= h.out_h || col >= h.out_w) continue;
            for (int o = 0; o < h.weight_out; ++o)
              for (int i = 0; i < h.weight_in; ++i)
                sums[static_cast<std::size_t>((row * h.out_w + col) * h.out_c + o)] +=
                    (in[static_cast<std::size_t>((y * h.in_w + x) * h.in_c + i)] - h.in_zp) * weight(o, ky, kx, i);
          }
    Bytes out;
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const auto o = k % static_cast<std::size_t>(h.out_c);
      if (o < thresholds.size()) {
        int level = -128;
        for (const std::int32_t t : thresholds[o].threshold) level += t <= sums[k] + thresholds[o].bias;
        out.push_back(static_cast<std::int8_t>(level));
        continue;
      }
      const zkvm_nn_channel c = o < channels.size() ? channels[o] : zkvm_nn_channel{};
      out.push_back(exact_output(sums[k] + c.bias, {c.multiplier, c.shift}, h.out_zp, h.act_min, h.act_max));
    }
    return out;
  }

  Bytes found() const {
    Record record(header);
    record.append(channels.data(), channels.size() * sizeof(zkvm_nn_channel));
    record.append(thresholds.data(), thresholds.size() * sizeof(zkvm_nn_thresholds));
    record.append(weights.data(), weights.size());
    Bytes out(static_cast<std::size_t>(header.out_h * header.out_w * header.out_c), 85);
    EXPECT_TRUE(software::run(record.data(), in.data(), in2.data(), out.data()));
    return out;
  }
};

Linear random_linear(Random& random, int operand) {
  Linear layer;
  auto& h = layer.header;
  const bool in_ram = operand == ZKVM_NN_RAM_NK || operand == ZKVM_NN_RAM_KN;
  h.magic = ZKVM_NN_MAGIC, h.kind = ZKVM_NN_LINEAR, h.operand = operand;
  h.in_h = in_ram ? 1 : random.between(1, 7), h.in_w = random.between(1, 7), h.in_c = 4 * random.between(1, 3);
  h.out_c = operand == ZKVM_NN_DEPTHWISE ? h.in_c : 4 * random.between(1, 3);
  h.kernel_h = in_ram ? 1 : random.between(1, 4), h.kernel_w = in_ram ? 1 : random.between(1, 4);
  h.stride_h = in_ram ? 1 : random.between(1, 3), h.stride_w = in_ram ? 1 : random.between(1, 3);
  h.dilation_h = in_ram || !random.one_in(4) ? 1 : 2, h.dilation_w = in_ram || !random.one_in(4) ? 1 : 2;
  h.pad_top = in_ram ? 0 : random.between(0, 3), h.pad_left = in_ram ? 0 : random.between(0, 3);
  // Any output size: windows may lie in part or wholly outside of the input.
  h.out_h = in_ram ? 1 : random.between(1, 8), h.out_w = in_ram ? h.in_w : random.between(1, 8);
  h.weight_in = in_ram ? h.in_c : h.in_c - random.between(0, 3);
  h.weight_out = in_ram ? h.out_c : operand == ZKVM_NN_DEPTHWISE ? h.weight_in : h.out_c - random.between(0, 3);
  h.in_zp = random.zero_point(), h.out_zp = random.zero_point(), h.b_zp = in_ram ? random.zero_point() : 0;
  h.act_min = random.one_in(2) ? -128 : random.between(-128, 127);
  h.act_max = random.one_in(2) ? 127 : random.between(h.act_min, 127);
  for (int o = 0; o < h.weight_out; ++o) {
    const Scale scale = random_scale(random, 18);
    layer.channels.push_back({random.between(-100'000, 100'000), scale.multiplier, scale.shift});
  }
  const int inputs = operand == ZKVM_NN_DEPTHWISE ? 1 : h.weight_in;
  if (in_ram)
    layer.in2 = random.bytes(h.in_c * h.out_c);
  else
    layer.weights = random.bytes(h.weight_out * h.kernel_h * h.kernel_w * inputs);
  layer.in = random.bytes(h.in_h * h.in_w * h.in_c);
  return layer;
}

/// Evenly spaced as scales give them, or anywhere, often equal to their neighbours, or at the ends that are always or
/// never reached.
zkvm_nn_thresholds random_thresholds(Random& random) {
  constexpr std::int32_t LIMIT = 1 << 29;
  zkvm_nn_thresholds t{};
  t.bias = random.between(-100'000, 100'000);
  const bool even = random.one_in(2);
  const std::int32_t step = random.between(1, 2000), range = 1 << random.between(4, 29);
  for (int i = 0; i < 255; ++i)
    t.threshold[i] = even                        ? step * (i - 128) + step / 2
                     : i > 0 && random.one_in(3) ? t.threshold[i - 1]
                                                 : random.between(-range, range);
  for (int i = random.one_in(2) ? random.between(0, 255) : 0; i > 0; --i) t.threshold[i - 1] = -LIMIT;
  for (int i = random.one_in(2) ? random.between(0, 255) : 0; i > 0; --i) t.threshold[255 - i] = LIMIT;
  std::sort(std::begin(t.threshold), std::end(t.threshold));
  return t;
}

class LinearOperands : public testing::TestWithParam<int> {};

TEST_P(LinearOperands, equals_sums_by_scattering) {
  Random random(static_cast<std::uint64_t>(10 + GetParam()));
  for (int i = 0; i < 2'500; ++i) {
    const Linear layer = random_linear(random, GetParam());
    ASSERT_EQ(layer.found(), layer.expected()) << "case " << i;
  }
}
TEST_P(LinearOperands, thresholds_count_what_sums_by_scattering_reach) {
  Random random(static_cast<std::uint64_t>(30 + GetParam()));
  for (int i = 0; i < 1'000; ++i) {
    Linear layer = random_linear(random, GetParam());
    layer.channels.clear();
    layer.header.requantisation = ZKVM_NN_THRESHOLDS;
    for (int o = 0; o < layer.header.weight_out; ++o) layer.thresholds.push_back(random_thresholds(random));
    ASSERT_EQ(layer.found(), layer.expected()) << "case " << i;
  }
}
INSTANTIATE_TEST_SUITE_P(All, LinearOperands,
                         testing::Values(ZKVM_NN_DENSE, ZKVM_NN_DEPTHWISE, ZKVM_NN_RAM_NK, ZKVM_NN_RAM_KN));

TEST(Linear, channels_without_weights_are_the_zero_point_clamped) {
  Random random(20);
  Linear layer = random_linear(random, ZKVM_NN_DENSE);
  while (layer.header.weight_out == layer.header.out_c) layer = random_linear(random, ZKVM_NN_DENSE);
  layer.header.out_zp = -100, layer.header.act_min = -60, layer.header.act_max = 127;
  EXPECT_EQ(layer.found().back(), -60);
}

TEST(Linear, thresholds_are_counted_at_every_accumulator) {
  Random random(23);
  for (int i = 0; i < 200; ++i) {
    zkvm_nn_thresholds t = random_thresholds(random);
    for (int k = 0; k < 500; ++k) {
      const std::int32_t near = t.threshold[random.between(0, 254)] + random.between(-1, 1);
      const std::int32_t a = random.one_in(4) ? random.between(INT32_MIN, INT32_MAX) : near;
      const auto reached =
          std::count_if(std::begin(t.threshold), std::end(t.threshold), [&](auto x) { return x <= a; });
      ASSERT_EQ(software::threshold_level(t.threshold, a), reached - 128) << a;
    }
  }
}

TEST(Linear, huge_bias_of_a_dead_channel_is_exact) {
  Random random(21);
  for (const std::int32_t bias : {INT32_MIN, -(1 << 30), (1 << 30) + 12345, INT32_MAX}) {
    for (const Scale scale : {Scale{INT32_MAX, 0}, Scale{1 << 30, -23}, Scale{1234567890, -31}, Scale{0, 0}}) {
      Linear layer = random_linear(random, ZKVM_NN_DENSE);
      std::fill(layer.weights.begin(), layer.weights.end(), std::int8_t{0});
      layer.channels.assign(layer.channels.size(), {bias, scale.multiplier, scale.shift});
      ASSERT_EQ(layer.found(), layer.expected());
    }
  }
}

TEST(Linear, input_padding_channels_do_not_count) {
  Random random(22);
  for (int i = 0; i < 100; ++i) {
    Linear layer = random_linear(random, ZKVM_NN_DENSE);
    const Bytes before = layer.found();
    const auto channels = static_cast<std::size_t>(layer.header.in_c);
    for (std::size_t k = 0; k < layer.in.size(); ++k)
      if (k % channels >= static_cast<std::size_t>(layer.header.weight_in)) layer.in[k] = random.byte();
    ASSERT_EQ(layer.found(), before);
  }
}

TEST(Add, equals_two_look_ups_and_an_exact_division) {
  Random random(30);
  for (int i = 0; i < 1'000; ++i) {
    zkvm_nn_add h{};
    h.magic = ZKVM_NN_MAGIC, h.kind = ZKVM_NN_ADD;
    h.count = 4 * random.between(1, 20);
    h.out_zp = random.zero_point();
    h.act_min = random.between(-128, 127), h.act_max = random.between(h.act_min, 127);
    const Scale scale = random_scale(random, 29);
    h.multiplier = scale.multiplier, h.shift = scale.shift;
    std::vector<std::int32_t> tables(512);
    for (std::int32_t& value : tables) value = random.between(-(1 << 28) + 1, (1 << 28) - 1);
    Record record(h);
    record.append(tables.data(), tables.size() * 4);
    const Bytes a = random.bytes(h.count), b = random.bytes(h.count);
    Bytes expected, out(a.size());
    for (std::size_t k = 0; k < a.size(); ++k)
      expected.push_back(exact_output(std::int64_t{tables[static_cast<std::size_t>(a[k] & 255)]} +
                                          tables[256 + static_cast<std::size_t>(b[k] & 255)],
                                      scale, h.out_zp, h.act_min, h.act_max));
    ASSERT_TRUE(software::run(record.data(), a.data(), b.data(), out.data()));
    ASSERT_EQ(out, expected);
    Bytes same = a;  // in place, either operand
    ASSERT_TRUE(software::run(record.data(), same.data(), b.data(), same.data()));
    ASSERT_EQ(same, expected);
    same = b;
    ASSERT_TRUE(software::run(record.data(), a.data(), same.data(), same.data()));
    ASSERT_EQ(same, expected);
  }
}

TEST(Table, looks_up_every_byte) {
  Random random(31);
  zkvm_nn_table h{};
  h.magic = ZKVM_NN_MAGIC, h.kind = ZKVM_NN_TABLE, h.count = 256;
  const Bytes table = random.bytes(256);
  Record record(h);
  record.append(table.data(), table.size());
  Bytes in(256);
  for (int x = -128; x < 128; ++x) in[static_cast<std::size_t>(x + 128)] = static_cast<std::int8_t>(x);
  ASSERT_TRUE(software::run(record.data(), in.data(), nullptr, in.data()));
  for (int x = -128; x < 128; ++x)
    EXPECT_EQ(in[static_cast<std::size_t>(x + 128)], table[static_cast<std::size_t>(x < 0 ? x + 256 : x)]);
}

TEST(Pool, equals_the_values_of_each_window) {
  Random random(32);
  for (int i = 0; i < 1'500; ++i) {
    zkvm_nn_pool h{};
    h.magic = ZKVM_NN_MAGIC, h.kind = ZKVM_NN_POOL;
    h.is_max = random.between(0, 1);
    h.in_h = random.between(1, 8), h.in_w = random.between(1, 8), h.channels = 4 * random.between(1, 2);
    h.kernel_h = random.between(1, 5), h.kernel_w = random.between(1, 5);
    h.stride_h = random.between(1, 3), h.stride_w = random.between(1, 3);
    h.pad_top = random.between(0, h.kernel_h - 1), h.pad_left = random.between(0, h.kernel_w - 1);
    h.out_h = (h.in_h - 1 + h.pad_top) / h.stride_h + 1, h.out_w = (h.in_w - 1 + h.pad_left) / h.stride_w + 1;
    h.act_min = random.one_in(2) ? -128 : random.between(-128, 127);
    h.act_max = random.one_in(2) ? 127 : random.between(h.act_min, 127);
    const Bytes in = random.bytes(h.in_h * h.in_w * h.channels);
    Bytes expected, out(static_cast<std::size_t>(h.out_h * h.out_w * h.channels));
    for (int k = 0; k < static_cast<int>(out.size()); ++k) {
      const int row = k / h.channels / h.out_w, col = k / h.channels % h.out_w, channel = k % h.channels;
      std::vector<int> values;
      for (int y = 0; y < h.in_h; ++y)
        for (int x = 0; x < h.in_w; ++x) {
          const int ky = y + h.pad_top - row * h.stride_h, kx = x + h.pad_left - col * h.stride_w;
          if (ky >= 0 && ky < h.kernel_h && kx >= 0 && kx < h.kernel_w)
            values.push_back(in[static_cast<std::size_t>((y * h.in_w + x) * h.channels + channel)]);
        }
      ASSERT_FALSE(values.empty());
      const double mean =
          static_cast<double>(std::accumulate(values.begin(), values.end(), 0)) / static_cast<double>(values.size());
      const int q = h.is_max ? *std::max_element(values.begin(), values.end()) : static_cast<int>(std::round(mean));
      expected.push_back(static_cast<std::int8_t>(std::clamp<int>(q, h.act_min, h.act_max)));
    }
    Record record(h);
    ASSERT_TRUE(software::run(record.data(), in.data(), nullptr, out.data()));
    ASSERT_EQ(out, expected) << "case " << i;
  }
}

struct Softmax {
  zkvm_nn_softmax header{};
  std::array<std::int32_t, 256> exponential{};

  Softmax(int rows, int cols, double step) {  // of exp(-step d), 0 from d = 31 / step on
    header.magic = ZKVM_NN_MAGIC, header.kind = ZKVM_NN_SOFTMAX;
    header.rows = rows, header.cols = cols;
    for (int d = 0; d < 256 && d * step < 31; ++d)
      exponential[static_cast<std::size_t>(d)] =
          software::exp_on_negative_values(static_cast<std::int32_t>(-d * step * (1 << 26)));
  }
  void run(const std::int8_t* in, std::int8_t* out) const {
    Record record(header);
    record.append(exponential.data(), sizeof exponential);
    ASSERT_TRUE(software::run(record.data(), in, nullptr, out));
  }
};

TEST(Softmax, is_near_the_real_one) {
  Random random(34);
  for (int i = 0; i < 2'000; ++i) {
    const int rows = random.between(1, 3), cols = random.one_in(10) ? random.between(1, 4095) : random.between(1, 20);
    const double step = std::exp(random.real(-8, 1.5));
    const Softmax layer(rows, cols, step);
    Bytes in = random.bytes(rows * cols), out(in.size());
    if (random.one_in(5)) std::fill(in.begin(), in.end(), random.byte());
    layer.run(in.data(), out.data());
    for (int row = 0; row < rows; ++row) {
      const auto first = in.begin() + row * cols;
      const int greatest = *std::max_element(first, first + cols);
      long double sum = 0;
      for (int c = 0; c < cols; ++c) sum += std::exp(static_cast<long double>(step) * (first[c] - greatest));
      for (int c = 0; c < cols; ++c) {
        const long double real = 256 * std::exp(static_cast<long double>(step) * (first[c] - greatest)) / sum - 128;
        const auto found = out[static_cast<std::size_t>(row * cols + c)];
        // The sum has 19 fractional bits: cols roundings of half a unit are at most cols / 2^20 of it.
        ASSERT_LT(std::abs(found - std::min(real, 127.0L)), 0.51L + cols / 4096.0L) << "case " << i;
      }
    }
    layer.run(in.data(), in.data());
    ASSERT_EQ(in, out) << "in place";
  }
}

TEST(LayerNorm, equals_its_definition_and_is_near_the_real_one) {
  Random random(33);
  for (int i = 0; i < 1'500; ++i) {
    zkvm_nn_layer_norm h{};
    h.magic = ZKVM_NN_MAGIC, h.kind = ZKVM_NN_LAYER_NORM;
    h.rows = random.between(1, 3), h.cols = random.one_in(20) ? 4096 : 4 * random.between(1, 40);
    h.epsilon = random.one_in(2) ? 1 : random.between(1, 100'000);
    h.out_zp = random.between(-10, 10), h.act_min = -128, h.act_max = 127;
    h.multiplier = random.between(1 << 30, INT32_MAX), h.shift = random.between(-20, -15);
    std::vector<zkvm_nn_norm> channels(static_cast<std::size_t>(h.cols));
    for (auto& c : channels) c = {random.between(-8191, 8191), random.between(-(1 << 24), 1 << 24)};
    Bytes in = random.bytes(h.rows * h.cols);
    const int range = random.between(0, 7);  // rows that are nearly constant, too
    for (std::int8_t& x : in) x = static_cast<std::int8_t>(x >> range);
    Record record(h);
    record.append(channels.data(), channels.size() * sizeof(zkvm_nn_norm));
    Bytes out(in.size());
    ASSERT_TRUE(software::run(record.data(), in.data(), nullptr, out.data()));
    for (int row = 0; row < h.rows; ++row) {
      const std::int8_t* x = in.data() + row * h.cols;
      // n^2 times the variance as a sum over pairs of columns.
      Wide variance = h.epsilon;
      std::int64_t sum = 0;
      std::vector<std::int64_t> counts(256);
      for (int c = 0; c < h.cols; ++c) sum += x[c], ++counts[static_cast<std::size_t>(x[c] + 128)];
      for (int a = 0; a < 256; ++a)
        for (int b = a + 1; b < 256; ++b)
          variance +=
              Wide{counts[static_cast<std::size_t>(a)]} * counts[static_cast<std::size_t>(b)] * (a - b) * (a - b);
      const Wide scaled = variance << 24;
      auto root = static_cast<Wide>(std::sqrt(static_cast<long double>(scaled)));
      while (root * root > scaled) --root;
      while ((root + 1) * (root + 1) <= scaled) ++root;
      const Wide inverse = (Wide{1} << 47) / root;
      for (int c = 0; c < h.cols; ++c) {
        const auto [gamma, beta] = channels[static_cast<std::size_t>(c)];
        const Wide deviation = Wide{h.cols} * x[c] - sum;
        const Wide normalised = floor_divide(deviation * inverse + (1 << 24), 1 << 25);
        const Wide value = gamma * normalised + beta;
        ASSERT_LT(normalised * normalised, Wide{1} << 33);
        const auto found = out[static_cast<std::size_t>(row * h.cols + c)];
        ASSERT_EQ(found, exact_output(static_cast<std::int64_t>(value), {h.multiplier, h.shift}, h.out_zp, -128, 127));
        const long double real =
            (gamma * 1024.0L * static_cast<long double>(deviation) / std::sqrt(static_cast<long double>(variance)) +
             beta) *
            std::ldexp(static_cast<long double>(h.multiplier), h.shift - 31);
        // One unit of gamma * normalised is below one output step: multiplier * 2^shift is at most 2^-15, gamma 2^13.
        ASSERT_LT(std::abs(found - std::clamp(real + h.out_zp, -128.0L, 127.0L)), 1.25L);
      }
    }
    ASSERT_TRUE(software::run(record.data(), in.data(), nullptr, in.data()));
    ASSERT_EQ(in, out) << "in place";
  }
}

TEST(Run, refuses_what_is_no_record) {
  std::vector<std::uint32_t> words(64);
  Bytes tensor(4);
  EXPECT_FALSE(software::run(words.data(), tensor.data(), nullptr, tensor.data()));
  words[0] = ZKVM_NN_MAGIC;
  for (const std::uint32_t kind : {0U, 7U, 0xffffffffU}) {
    words[1] = kind;
    EXPECT_FALSE(software::run(words.data(), tensor.data(), nullptr, tensor.data()));
  }
}

}  // namespace
}  // namespace zkvm::nn::test
