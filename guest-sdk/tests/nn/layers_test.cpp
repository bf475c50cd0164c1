// Builders: records made in constant expressions, parameters as TensorFlow Lite derives them, what is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support.hpp"
#include "zkvm/nn/nn.hpp"

namespace zkvm::nn::test {
namespace {

constexpr std::int8_t WEIGHTS[2 * 3 * 3 * 3] = {1, -2, 3, 4, 5, -6, 7, 8, 127, -128};
constexpr std::int32_t BIASES[2] = {1000, -2000};
constexpr float SCALES[2] = {0.25F, 0.125F};
constexpr Conv2d CONVOLUTION = {.in_h = 5,
                                .in_w = 6,
                                .in_c = 3,
                                .out_c = 2,
                                .kernel_h = 3,
                                .kernel_w = 3,
                                .stride_h = 2,
                                .stride_w = 1,
                                .padding = SAME,
                                .input = {0.5F, -7},
                                .output = {2.0F, 9},
                                .activation = Activation::RELU6};
ZKVM_NN_ROM(CONV, conv2d_layer(CONVOLUTION, WEIGHTS, BIASES, SCALES));

TEST(Layers, record_is_what_record_h_says) {
  static_assert(sizeof(CONV) == 224 && CONV.record.header.bytes == 224);  // 128 + 2 * 12 + 54, to a multiple of 32
  std::uint32_t words[56];
  std::memcpy(words, &CONV, sizeof words);
  const std::uint32_t header[32] = {ZKVM_NN_MAGIC,
                                    ZKVM_NN_LINEAR,
                                    224,
                                    0,
                                    ZKVM_NN_DENSE,
                                    5,
                                    6,
                                    4,  // in
                                    3,
                                    6,
                                    4,  // out
                                    3,
                                    3,
                                    2,
                                    1,
                                    1,
                                    1,  // kernel, stride, dilation
                                    1,
                                    1,  // pad
                                    static_cast<std::uint32_t>(-7),
                                    0,
                                    9,
                                    9,
                                    12,  // zero points, clamp to 0 ... 6 / 2
                                    3,
                                    2};
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(words[i], header[i]) << "word " << i;
  const std::uint32_t channels[6] = {1000,
                                     1U << 30,
                                     static_cast<std::uint32_t>(-3),  // 0.5 * 0.25 / 2 = 2^-4
                                     static_cast<std::uint32_t>(-2000),
                                     1U << 30,
                                     static_cast<std::uint32_t>(-4)};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(words[32 + i], channels[i]) << "channel word " << i;
  const auto* weights = reinterpret_cast<const std::int8_t*>(&CONV) + 152;
  for (std::size_t i = 0; i < 72; ++i) EXPECT_EQ(weights[i], i < 54 ? WEIGHTS[i] : 0) << "weight " << i;
}

/// y is reached from 10 y + channel on.
struct Steps {
  zkvm_nn_thresholds channels[2];
  constexpr Steps() : channels{} {
    for (int c = 0; c < 2; ++c) {
      channels[c].bias = c == 0 ? 5 : -6;
      for (int i = 0; i < 255; ++i) channels[c].threshold[i] = 10 * (i - 127) + c;
    }
  }
};
constexpr Steps STEPS;
constexpr Conv2d STEPPED = {
    .in_h = 3, .in_w = 3, .in_c = 3, .out_c = 2, .kernel_h = 3, .kernel_w = 3, .output = {1, 7}};

TEST(Layers, record_with_thresholds_is_what_record_h_says) {
  constexpr auto layer = conv2d_layer(STEPPED, WEIGHTS, STEPS.channels);
  static_assert(sizeof(layer) == 2240 && layer.header.bytes == 2240);  // 128 + 2 * 1024 + 54, to a multiple of 32
  std::uint32_t words[560];
  std::memcpy(words, &layer, sizeof words);
  EXPECT_EQ(words[26], std::uint32_t{ZKVM_NN_THRESHOLDS});  // behind weight_out
  EXPECT_EQ(words[25], 2u);
  EXPECT_EQ(words[22], static_cast<std::uint32_t>(-128));
  EXPECT_EQ(words[23], 127u);
  EXPECT_EQ(words[32], 5u);
  EXPECT_EQ(words[33], static_cast<std::uint32_t>(-1270));
  EXPECT_EQ(words[32 + 256], static_cast<std::uint32_t>(-6));
  EXPECT_EQ(words[32 + 511], 1271u);
  EXPECT_EQ(reinterpret_cast<const std::int8_t*>(&layer)[128 + 2048 + 1], -2);
  constexpr zkvm_nn_linear SHAPE = conv2d_shape(STEPPED, ZKVM_NN_THRESHOLDS);
  EXPECT_EQ(std::memcmp(&SHAPE, &layer.header, sizeof SHAPE), 0);
  // The first weights are 1, -2, 3: inputs 1, 1, 1 and bias 5 make 7, the level from 0 on; the next one starts at 10.
  Tensor<3, 3, 3> in{};
  for (int c = 0; c < 3; ++c) in.at(0, 0, c) = 1;
  Tensor<1, 1, 2> out;
  linear<SHAPE>(&layer.header, in, out);
  EXPECT_EQ(out.at(0, 0, 0), 0);
  EXPECT_EQ(out.at(0, 0, 2), 7);
  in.at(0, 0, 2) = 2;
  linear<SHAPE>(&layer.header, in, out);
  EXPECT_EQ(out.at(0, 0, 0), 1);
}

TEST(Layers, thresholds_go_with_every_linear_layer) {
  constexpr std::int8_t weights[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  constexpr zkvm_nn_thresholds channels[4] = {{.bias = 1, .threshold = {}}, {}, {}, {}};
  constexpr auto depthwise =
      depthwise_conv2d_layer({.in_h = 2, .in_c = 4, .out_c = 4, .kernel_h = 2}, weights, channels);
  constexpr auto full = fully_connected_layer({.in_c = 2, .out_c = 4}, weights, channels);
  constexpr auto nk = matmul_nk_layer({.m = 3, .k = 8, .n = 4}, channels);
  constexpr auto kn = matmul_kn_layer({.m = 3, .k = 8, .n = 4}, channels);
  const auto check = [](const auto& layer, int operand, std::size_t payload) {
    EXPECT_EQ(layer.header.operand, operand);
    EXPECT_EQ(layer.header.requantisation, ZKVM_NN_THRESHOLDS);
    EXPECT_EQ(layer.header.bytes, sizeof layer);
    EXPECT_EQ(sizeof layer, (128 + 4096 + payload + 31) / 32 * 32);
    EXPECT_EQ(layer.channels[0].bias, 1);
  };
  check(depthwise, ZKVM_NN_DEPTHWISE, 8);
  check(full, ZKVM_NN_DENSE, 8);
  check(nk, ZKVM_NN_RAM_NK, 0);
  check(kn, ZKVM_NN_RAM_KN, 0);
}

TEST(Layers, records_are_multiples_of_32_bytes_without_weights_too) {
  ZKVM_NN_SECTION(A) static constexpr auto A = in_rom(matmul_nk_layer<8>({.m = 3, .k = 4, .n = 8}));
  ZKVM_NN_SECTION(B) static constexpr auto B = in_rom(matmul_kn_layer<12>({.m = 3, .k = 4, .n = 12}));
  static_assert(sizeof(A) == 224 && A.record.header.bytes == sizeof(A) && alignof(decltype(A)) == 32);
  static_assert(sizeof(B) == 288 && B.record.header.bytes == sizeof(B));
  EXPECT_EQ(A.record.header.operand, ZKVM_NN_RAM_NK);
  EXPECT_EQ(B.record.header.operand, ZKVM_NN_RAM_KN);
}

TEST(Layers, same_padding_splits_evenly_and_valid_drops_the_rest) {
  for (int in = 1; in <= 12; ++in) {
    for (int kernel = 1; kernel <= 5; ++kernel) {
      for (int stride = 1; stride <= 4; ++stride) {
        const auto same =
            conv2d_shape({.in_h = in, .in_c = 1, .out_c = 1, .kernel_h = kernel, .stride_h = stride, .padding = SAME});
        int outputs = 0;
        while (outputs * stride < in) ++outputs;
        const int needed = std::max((outputs - 1) * stride + kernel, in);
        EXPECT_EQ(same.out_h, outputs);
        EXPECT_EQ(same.pad_top, (needed - in) / 2);
        if (kernel > in) continue;
        const auto valid = conv2d_shape({.in_h = in, .in_c = 1, .out_c = 1, .kernel_h = kernel, .stride_h = stride});
        int fitting = 0;
        while (fitting * stride + kernel <= in) ++fitting;
        EXPECT_EQ(valid.out_h, fitting);
        EXPECT_EQ(valid.pad_top, 0);
      }
    }
  }
  const auto explicit_padding = conv2d_shape(
      {.in_h = 4, .in_w = 4, .in_c = 1, .out_c = 1, .kernel_h = 3, .kernel_w = 3, .padding = {false, 2, 1, 0, 3}});
  EXPECT_EQ(explicit_padding.out_h, 4);
  EXPECT_EQ(explicit_padding.out_w, 6);
  EXPECT_EQ(explicit_padding.pad_top, 2);
  EXPECT_EQ(explicit_padding.pad_left, 1);
}

TEST(Layers, quantize_multiplier_is_the_nearest_with_31_bits) {
  Random random(1);
  for (int i = 0; i < 200'000; ++i) {
    const double real = std::ldexp(random.real(0.5, 1), random.between(-40, 13));
    const Scale scale = quantize_multiplier(real);
    int exponent = 0;
    const long double fraction = std::frexp(static_cast<long double>(real), &exponent);
    long double multiplier = std::round(std::ldexp(fraction, 31));
    if (multiplier == std::ldexp(1.0L, 31)) multiplier /= 2, ++exponent;
    if (exponent < -31) multiplier = 0, exponent = 0;
    ASSERT_EQ(static_cast<long double>(scale.multiplier), multiplier) << real;
    ASSERT_EQ(scale.shift, exponent) << real;
  }
  static_assert(quantize_multiplier(0).multiplier == 0);
  static_assert(quantize_multiplier(1e-300).multiplier == 0);
  static_assert(quantize_multiplier(5e-324).multiplier == 0);
  static_assert(quantize_multiplier(1).multiplier == 1 << 30 && quantize_multiplier(1).shift == 1);
  static_assert(quantize_multiplier(0.99999999999).multiplier == 1 << 30);  // rounded up to 1
  static_assert(quantize_multiplier(8191).shift == 13);
  static_assert(quantize_multiplier(0x1p-32).shift == -31 && quantize_multiplier(0x1p-33).multiplier == 0);
}

TEST(Layers, fused_activations_clamp_where_their_reals_are) {
  const auto range = [](Activation activation, Quantization output) {
    const Range r = activation_range(activation, output);
    return std::pair(r.min, r.max);
  };
  EXPECT_EQ(range(Activation::NONE, {0.1F, 5}), std::pair(-128, 127));
  EXPECT_EQ(range(Activation::RELU, {0.1F, 5}), std::pair(5, 127));
  EXPECT_EQ(range(Activation::RELU6, {0.1F, 5}), std::pair(5, 65));
  EXPECT_EQ(range(Activation::RELU6, {0.01F, 5}), std::pair(5, 127));
  EXPECT_EQ(range(Activation::RELU_N1_TO_1, {0.1F, 5}), std::pair(-5, 15));
  EXPECT_EQ(range(Activation::RELU_N1_TO_1, {0.001F, -128}), std::pair(-128, 127));
}

TEST(Layers, a_range_takes_the_place_of_the_activation) {
  const auto check = [](const auto& header) {
    EXPECT_EQ(header.act_min, -5);
    EXPECT_EQ(header.act_max, 100);
  };
  constexpr Range range{-5, 100};
  constexpr auto RELU = Activation::RELU;
  check(conv2d_shape({.in_c = 1, .out_c = 1, .activation = RELU, .range = range}));
  check(fully_connected_shape({.in_c = 1, .out_c = 1, .activation = RELU, .range = range}));
  check(matmul_shape(ZKVM_NN_RAM_NK, {.k = 4, .n = 4, .activation = RELU, .range = range}));
  check(add_layer({.count = 4, .activation = RELU, .range = range}).header);
  check(max_pool2d_layer({.channels = 4, .activation = RELU, .range = range}).header);
}

TEST(Layers, matmul_transposes_its_weights) {
  constexpr std::int8_t by_rows[6] = {1, 2, 3, 4, 5, 6};  // [3][2]
  constexpr auto layer = matmul_layer<2>({.in_c = 3, .out_c = 2}, by_rows, 1.0F);
  const std::int8_t expected[6] = {1, 3, 5, 2, 4, 6};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(layer.weights[i], expected[i]);
}

TEST(Layers, add_is_within_a_step_of_the_real_sum) {
  Random random(2);
  for (int i = 0; i < 300; ++i) {
    const auto scale = [&] { return static_cast<float>(std::exp(random.real(-5, 0))); };
    const Add options = {.count = 4,
                         .first = {scale(), random.zero_point()},
                         .second = {scale(), random.zero_point()},
                         .output = {scale(), random.zero_point()}};
    const AddRecord record = add_layer(options);
    for (int k = 0; k < 300; ++k) {
      const std::int8_t a[4] = {random.byte()}, b[4] = {random.byte()};
      std::int8_t out[4];
      software::add(record.header, a, b, out);
      const double real = (static_cast<double>(options.first.scale) * (a[0] - options.first.zero_point) +
                           static_cast<double>(options.second.scale) * (b[0] - options.second.zero_point)) /
                              static_cast<double>(options.output.scale) +
                          options.output.zero_point;
      ASSERT_NEAR(out[0], std::clamp(real, -128.0, 127.0), 0.501);
    }
  }
}

// As the reference kernel of TensorFlow Lite 2.14 computes them.
TEST(Layers, softmax_gives_the_reference_kernels_bytes) {
  struct Case {
    float scale, beta;
    std::int8_t in[12], out[12];
  };
  constexpr Case CASES[] = {
      {0.1F,
       1,
       {-113, 73, 34, 13, 75, -66, 93, -43, 119, -47, -37, -29},
       {-128, -126, -128, -128, -125, -128, -111, -128, 105, -128, -128, -128}},
      {1.7F,
       0.5F,
       {-45, 77, -81, -105, 105, -33, -75, 74, 58, 66, 61, 26},
       {-128, -128, -128, -128, 127, -128, -128, -128, -128, -128, -128, -128}},
      {0.01F,
       1,
       {120, -95, 69, -36, 44, 94, -13, 122, -76, 53, -92, -87},
       {-80, -122, -99, -118, -106, -91, -115, -79, -121, -104, -122, -122}},
  };
  for (const Case& c : CASES) {
    const SoftmaxRecord record = softmax_layer({.cols = 12, .input_scale = c.scale, .beta = c.beta});
    std::int8_t out[12];
    software::softmax(record.header, c.in, out);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(out[i], c.out[i]) << "scale " << c.scale << ", column " << i;
  }
}

TEST(Layers, softmax_table_ends_where_q5_does) {
  const SoftmaxRecord steep = softmax_layer({.cols = 4, .input_scale = 1});
  EXPECT_EQ(steep.exponential[0], INT32_MAX);
  EXPECT_NE(steep.exponential[15], 0);
  EXPECT_EQ(steep.exponential[32], 0);
  EXPECT_EQ(steep.exponential[255], 0);
  const SoftmaxRecord flat = softmax_layer({.cols = 4, .input_scale = 1e-6F});
  EXPECT_GT(flat.exponential[255], INT32_MAX - (1 << 20));
}

TEST(Layers, layer_norm_is_within_a_step_of_the_real_one) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    constexpr std::size_t COLS = 48;
    float gamma[COLS], beta[COLS];
    for (std::size_t c = 0; c < COLS; ++c) {
      gamma[c] = static_cast<float>(random.real(-2, 2));
      beta[c] = static_cast<float>(random.real(-3, 3));
    }
    const LayerNorm options = {.input_scale = static_cast<float>(std::exp(random.real(-5, 0))),
                               .output = {static_cast<float>(random.real(0.02, 0.1)), random.between(-40, 40)}};
    const auto record = layer_norm_layer(options, gamma, beta);
    const auto in = random.bytes(COLS);
    std::int8_t out[COLS];
    software::layer_norm(record.header, in.data(), out);
    double mean = 0, variance = 0;
    for (const std::int8_t x : in) mean += static_cast<double>(options.input_scale) * x / COLS;
    for (const std::int8_t x : in) variance += std::pow(static_cast<double>(options.input_scale) * x - mean, 2) / COLS;
    for (std::size_t c = 0; c < COLS; ++c) {
      const double normalised =
          (static_cast<double>(options.input_scale) * in[c] - mean) / std::sqrt(variance + options.epsilon);
      const double real = (static_cast<double>(gamma[c]) * normalised + static_cast<double>(beta[c])) /
                              static_cast<double>(options.output.scale) +
                          options.output.zero_point;
      ASSERT_NEAR(out[c], std::clamp(real, -128.0, 127.0), 0.6) << "case " << i << ", column " << c;
    }
  }
}

TEST(Layers, what_does_not_fit_together_is_refused) {
  EXPECT_DEATH((void)conv2d_shape({.in_h = 2, .in_c = 1, .out_c = 1, .kernel_h = 3}), "larger than its padded input");
  EXPECT_DEATH((void)conv2d_shape({.in_c = 0, .out_c = 1}), "channel counts");
  EXPECT_DEATH((void)conv2d_shape({.in_c = 1, .out_c = 1, .stride_h = 0}), "at least 1");
  EXPECT_DEATH((void)conv2d_shape({.in_c = 1, .out_c = 1, .input = {1, 128}}), "zero point");
  EXPECT_DEATH((void)depthwise_conv2d_shape({.in_c = 4, .out_c = 8}), "as many output as input");
  EXPECT_DEATH((void)conv2d_layer({.in_c = 3, .out_c = 2}, WEIGHTS, BIASES, SCALES), "weights must be");
  EXPECT_DEATH((void)conv2d_layer({.in_c = 9, .out_c = 6}, WEIGHTS, BIASES, SCALES), "biases");
  EXPECT_DEATH((void)matmul_shape(ZKVM_NN_RAM_NK, {.m = 1, .k = 3, .n = 4}), "multiples of 4");
  EXPECT_DEATH((void)conv2d_shape({.in_c = 1, .out_c = 1, .range = Range{5, 4}}), "within -128 ... 127");
  EXPECT_DEATH((void)max_pool2d_layer({.channels = 4, .range = Range{-129, 4}}), "within -128 ... 127");
  EXPECT_DEATH((void)conv2d_shape({.in_c = 1, .out_c = 1, .range = Range{0, 127}}, ZKVM_NN_THRESHOLDS), "thresholds");
  EXPECT_DEATH((void)matmul_shape(ZKVM_NN_RAM_KN, {.k = 4, .n = 4, .activation = Activation::RELU}, ZKVM_NN_THRESHOLDS),
               "thresholds");
  Steps steps;
  steps.channels[1].threshold[9] = steps.channels[1].threshold[8] - 1;
  EXPECT_DEATH((void)conv2d_layer(STEPPED, WEIGHTS, steps.channels), "must not decrease");
  steps = STEPS;
  steps.channels[0].threshold[254] = (1 << 29) + 1;
  EXPECT_DEATH((void)conv2d_layer(STEPPED, WEIGHTS, steps.channels), "2\\^29");
  EXPECT_DEATH((void)quantize_multiplier(8192), "less than 8192");
  EXPECT_DEATH((void)quantize_multiplier(-1), "less than 8192");
  EXPECT_DEATH((void)quantize_multiplier(std::nan("")), "less than 8192");
  EXPECT_DEATH((void)add_layer({.count = 6}), "multiple of 4");
  EXPECT_DEATH((void)average_pool2d_layer({.channels = 3}), "multiple of 4 channels");
  EXPECT_DEATH((void)max_pool2d_layer({.channels = 4, .kernel_h = 1, .padding = {.top = 1}}), "meet the input");
  EXPECT_DEATH((void)softmax_layer({.cols = 4096}), "1 ... 4095");
  EXPECT_DEATH((void)in_rom(softmax_layer({.cols = 6})), "multiple of 4 columns");
}

TEST(Calls, sizes_are_part_of_the_type) {
  // conv2d<CONV> takes [5][6][4] and [3][6][4], and nothing else.
  using In = std::span<const std::int8_t, 120>;
  using Out = std::span<std::int8_t, 72>;
  static_assert(std::is_same_v<decltype(&conv2d<CONV>), void (*)(In, Out)>);
  static_assert(std::is_convertible_v<Tensor<5, 6, 3>&, In> && !std::is_convertible_v<Tensor<5, 6, 5>&, In>);
  static_assert(std::is_convertible_v<Tensor<3, 6, 2>&, Out> && !std::is_convertible_v<const Tensor<3, 6, 2>&, Out>);
}

TEST(Calls, run_the_layer) {
  Random random(4);
  Tensor<5, 6, 3> in;
  Tensor<3, 6, 2> out, expected;
  for (std::int8_t& value : in.values) value = random.byte();
  conv2d<CONV>(in, out);
  ASSERT_TRUE(software::run(&CONV, in.values, nullptr, expected.values));
  EXPECT_EQ(std::memcmp(out.values, expected.values, sizeof out.values), 0);
  linear<conv2d_shape(CONVOLUTION)>(reinterpret_cast<const zkvm_nn_linear*>(&CONV), in, out);
  EXPECT_EQ(std::memcmp(out.values, expected.values, sizeof out.values), 0);
}

TEST(Calls, wrong_tensors_are_refused) {
  alignas(4) static std::int8_t memory[256];
  const auto in = [](int offset) { return std::span<const std::int8_t, 120>(memory + offset, 120); };
  const auto out = [](int offset) { return std::span<std::int8_t, 72>(memory + offset, 72); };
  conv2d<CONV>(in(0), out(120));
  conv2d<CONV>(in(72), out(0));
  EXPECT_DEATH(conv2d<CONV>(in(0), out(116)), "overlaps");
  EXPECT_DEATH(conv2d<CONV>(in(68), out(0)), "overlaps");
  EXPECT_DEATH(conv2d<CONV>(in(0), out(0)), "overlaps");
  EXPECT_DEATH(conv2d<CONV>(in(1), out(124)), "multiple of 4");
  EXPECT_DEATH(conv2d<CONV>(in(0), out(122)), "multiple of 4");
  static constexpr zkvm_nn_linear OTHER = conv2d_shape({.in_h = 5, .in_w = 6, .in_c = 3, .out_c = 4, .padding = SAME});
  static Tensor<5, 6, 4> other;
  EXPECT_DEATH(linear<OTHER>(reinterpret_cast<const zkvm_nn_linear*>(&CONV), in(0), other), "another shape");
}

TEST(Calls, padding_channels_come_and_go) {
  Random random(5);
  const auto pixels = random.bytes(2 * 3 * 3);
  Tensor<2, 3, 3> padded_pixels;
  pad_channels(pixels, padded_pixels, -9);
  for (int row = 0; row < 2; ++row)
    for (int col = 0; col < 3; ++col)
      for (int c = 0; c < 4; ++c)
        EXPECT_EQ(padded_pixels.at(row, col, c),
                  c < 3 ? pixels[static_cast<std::size_t>((row * 3 + col) * 3 + c)] : -9);
  std::vector<std::int8_t> back(pixels.size());
  unpad_channels(padded_pixels, back);
  EXPECT_EQ(back, pixels);
  EXPECT_DEATH(pad_channels(std::span(pixels).first(17), padded_pixels), "another size");
}

}  // namespace
}  // namespace zkvm::nn::test
