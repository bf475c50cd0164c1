// Runs a layer of every kind and commits what comes out; natively and on the machine the journal must be the same.
//
// Input:   any bytes; tensors are made from their sum.
// Journal: the layers' outputs.

#include <cstdint>

#include "zkvm/guest.hpp"
#include "zkvm/nn/nn.hpp"

namespace nn = zkvm::nn;

extern "C" const zkvm_nn_linear ASSEMBLED[];

namespace {

template <std::size_t N>
struct Pattern {
  std::int8_t values[N];
  constexpr explicit Pattern(std::uint32_t state) : values{} {
    for (std::int8_t& value : values) {
      state = state * 1664525 + 1013904223;
      value = static_cast<std::int8_t>(state >> 24);
    }
  }
};

constexpr nn::Quantization A{0.05F, -7}, B{0.04F, 11}, C{1.5F, 3};
constexpr Pattern<8 * 3 * 3 * 3> DENSE_WEIGHTS(1);
constexpr Pattern<3 * 3 * 8> DEPTHWISE_WEIGHTS(2);
constexpr Pattern<6 * 8> MATRIX(3);
constexpr std::int32_t BIASES[8] = {1000, -2000, 3000, 0, -1, 7, 1 << 20, -(1 << 20)};
constexpr float SCALES[8] = {0.1F, 0.2F, 0.3F, 0.01F, 0.02F, 0.03F, 1e-12F, 0.05F};
constexpr float GAMMA[8] = {1, -0.5F, 0.25F, 2, 1, 1, 0, 3}, BETA[8] = {0, 1, -1, 0.5F, 0, 0, 2, 0};

/// Thresholds as a scale of 1 / `step` gives them with halves rounded to even, a little different for each channel.
template <std::size_t CHANNELS>
struct Steps {
  zkvm_nn_thresholds channels[CHANNELS];
  constexpr explicit Steps(std::int32_t step) : channels{} {
    for (std::size_t c = 0; c < CHANNELS; ++c) {
      channels[c].bias = static_cast<std::int32_t>(c) * 77 - 200;
      // From y - 1/2 on, or just above where y - 1 is even.
      for (std::int32_t i = 0; i < 255; ++i)
        channels[c].threshold[i] = (2 * i - 255) * step / 2 + (i + 1) % 2 + static_cast<std::int32_t>(c);
    }
  }
};
constexpr Steps<8> STEPS(700), SMALL_STEPS(90);

constexpr nn::Conv2d window(int in_c, nn::Padding padding, int stride) {
  return {.in_h = 7,
          .in_w = 5,
          .in_c = in_c,
          .out_c = 8,
          .kernel_h = 3,
          .kernel_w = 3,
          .stride_h = stride,
          .stride_w = stride,
          .padding = padding,
          .input = A,
          .output = C};
}

ZKVM_NN_ROM(DENSE, nn::conv2d_layer(window(3, nn::SAME, 1), DENSE_WEIGHTS.values, BIASES, SCALES));
ZKVM_NN_ROM(DEPTHWISE, nn::depthwise_conv2d_layer(window(8, nn::VALID, 2), DEPTHWISE_WEIGHTS.values, BIASES, SCALES));
ZKVM_NN_ROM(MATMUL,
            nn::matmul_layer<6>({.rows = 6, .in_c = 8, .out_c = 6, .input = A, .output = B}, MATRIX.values, 0.01F));
ZKVM_NN_ROM(PRODUCT_NK, nn::matmul_nk_layer<8>({.m = 6, .k = 8, .n = 8, .a = A, .b = B, .output = C}));
ZKVM_NN_ROM(PRODUCT_KN, nn::matmul_kn_layer<8>({.m = 6, .k = 8, .n = 8, .a = A, .b = B, .output = C}));
ZKVM_NN_ROM(STEPPED, nn::conv2d_layer(window(3, nn::SAME, 1), DENSE_WEIGHTS.values, STEPS.channels));
ZKVM_NN_ROM(STEPPED_NK, nn::matmul_nk_layer({.m = 6, .k = 8, .n = 8, .a = A, .b = B}, SMALL_STEPS.channels));
ZKVM_NN_ROM(STEPPED_KN, nn::matmul_kn_layer({.m = 6, .k = 8, .n = 8, .a = A, .b = B}, SMALL_STEPS.channels));
ZKVM_NN_ROM(SUM, nn::add_layer({.count = 48, .first = A, .second = B, .output = A}));
ZKVM_NN_ROM(GELU, nn::table_layer(48, nn::gelu_table(A, B)));
ZKVM_NN_ROM(AVERAGE, nn::average_pool2d_layer({.in_h = 7,
                                               .in_w = 5,
                                               .channels = 8,
                                               .kernel_h = 3,
                                               .kernel_w = 2,
                                               .stride_h = 4,
                                               .stride_w = 2}));
ZKVM_NN_ROM(MAXIMUM, nn::max_pool2d_layer({.in_h = 7,
                                           .in_w = 5,
                                           .channels = 8,
                                           .kernel_h = 2,
                                           .kernel_w = 5,
                                           .stride_h = 2}));
// Windows that overlap or reach beyond the input are for software.
constexpr auto PADDED = nn::max_pool2d_layer({.in_h = 7,
                                              .in_w = 5,
                                              .channels = 8,
                                              .kernel_h = 2,
                                              .kernel_w = 3,
                                              .stride_h = 2,
                                              .stride_w = 1,
                                              .padding = nn::SAME});
constexpr auto SOFTMAX = nn::softmax_layer({.rows = 6, .cols = 8, .input_scale = 0.05F});
constexpr auto NORM = nn::layer_norm_layer({.rows = 6, .input_scale = 0.05F, .output = B}, GAMMA, BETA);

constexpr std::int8_t ASSEMBLED_WEIGHTS[15] = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 127, -128, 11, -12, 13};
constexpr std::int32_t ASSEMBLED_BIASES[3] = {100, -200, 300};
constexpr std::array<nn::Scale, 3> ASSEMBLED_SCALES{{{0x40000000, -2}, {0x50000000, -2}, {0x60000000, -2}}};
constexpr nn::FullyConnected ASSEMBLED_OPTIONS = {.rows = 2, .in_c = 5, .out_c = 3, .input = {1, -3}, .output = {1, 5}};
ZKVM_NN_ROM(BUILT, nn::fully_connected_layer(ASSEMBLED_OPTIONS, ASSEMBLED_WEIGHTS, ASSEMBLED_BIASES, ASSEMBLED_SCALES));

std::uint32_t state = 0;
template <class Tensor>
void fill(Tensor& tensor) {
  for (std::int8_t& value : tensor.values) {
    state = state * 1664525 + 1013904223;
    value = static_cast<std::int8_t>(state >> 24);
  }
}

}  // namespace

int main() {
  for (const std::uint8_t byte : zkvm::input()) state += byte;
  static nn::Tensor<7, 5, 3> image;
  static nn::Tensor<7, 5, 8> wide;
  static nn::Tensor<3, 2, 8> small;
  static nn::Tensor<6, 1, 8> rows, square, result;
  static nn::Tensor<8, 1, 8> factor;
  fill(image), fill(rows), fill(square), fill(factor);

  nn::conv2d<DENSE>(image, wide);
  zkvm::commit_value(wide.values);
  nn::depthwise_conv2d<DEPTHWISE>(wide, small);
  zkvm::commit_value(small.values);
  nn::matmul<MATMUL>(rows, result);
  zkvm::commit_value(result.values);
  nn::matmul_nk<PRODUCT_NK>(rows, factor, result);
  zkvm::commit_value(result.values);
  nn::matmul_kn<PRODUCT_KN>(rows, factor, result);
  zkvm::commit_value(result.values);
  nn::matmul_nk<STEPPED_NK>(rows, factor, result);
  zkvm::commit_value(result.values);
  nn::matmul_kn<STEPPED_KN>(rows, factor, result);
  zkvm::commit_value(result.values);
  static nn::Tensor<7, 5, 8> stepped;
  nn::conv2d<STEPPED>(image, stepped);
  zkvm::commit_value(stepped.values);
  nn::add<SUM>(rows, square, rows);
  zkvm::commit_value(rows.values);
  nn::activation<GELU>(rows, rows);
  zkvm::commit_value(rows.values);
  static nn::Tensor<2, 2, 8> average;
  nn::average_pool2d<AVERAGE>(wide, average);
  zkvm::commit_value(average.values);
  static nn::Tensor<3, 1, 8> maximum;
  nn::max_pool2d<MAXIMUM>(wide, maximum);
  zkvm::commit_value(maximum.values);
  static nn::Tensor<4, 5, 8> beyond;
  nn::max_pool2d<PADDED>(wide, beyond);
  zkvm::commit_value(beyond.values);
  nn::softmax<SOFTMAX>(square, result);
  zkvm::commit_value(result.values);
  nn::layer_norm<NORM>(square, square);
  zkvm::commit_value(square.values);

  static nn::Tensor<1, 2, 5> in;
  static nn::Tensor<1, 2, 3> assembled, built;
  fill(in);
  nn::linear<nn::fully_connected_shape(ASSEMBLED_OPTIONS)>(ASSEMBLED, in, assembled);
  nn::fully_connected<BUILT>(in, built);
  zkvm::commit_value(assembled.values);
  return std::memcmp(assembled.values, built.values, sizeof built.values) == 0 ? 0 : 1;
}
