// The network of image classification: a residual network of eight layers (ResNet-8) of 12.5 million multiplications.
// Layers are records in read-only memory; weights.hpp has what they are made of, under the names of the model's
// operators.
#pragma once

#include "weights.hpp"
#include "zkvm/nn/nn.hpp"

namespace image_classification {

namespace nn = zkvm::nn;

inline constexpr int SIZE = 32, COLOURS = 3, CLASSES = 10;

struct Shape {
  int size, channels;
};
inline constexpr Shape IMAGE{SIZE, COLOURS}, FIRST{32, 16}, SECOND{16, 32}, THIRD{8, 64};

/// A convolution that brings one shape to another, with stride 2 where that halves the size.
constexpr nn::Conv2d convolution(int kernel, Shape in, Shape out, nn::Quantization input, nn::Quantization output,
                                 nn::Activation activation = nn::Activation::NONE) {
  const int stride = in.size / out.size;
  return {.in_h = in.size,
          .in_w = in.size,
          .in_c = in.channels,
          .out_c = out.channels,
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride_h = stride,
          .stride_w = stride,
          .padding = nn::SAME,
          .input = input,
          .output = output,
          .activation = activation};
}
constexpr nn::Add sum(Shape shape, nn::Quantization first, nn::Quantization second, nn::Quantization output) {
  return {.count = shape.size * shape.size * shape.channels,
          .first = first,
          .second = second,
          .output = output,
          .activation = nn::Activation::RELU};
}

inline constexpr auto RELU = nn::Activation::RELU;

ZKVM_NN_ROM(STEM, nn::conv2d_layer(convolution(3, IMAGE, FIRST, INPUT, CONV_2D_1, RELU), CONV_2D_1_WEIGHTS,
                                   CONV_2D_1_BIASES, CONV_2D_1_SCALES));

ZKVM_NN_ROM(FIRST_A, nn::conv2d_layer(convolution(3, FIRST, FIRST, CONV_2D_1, CONV_2D_2, RELU), CONV_2D_2_WEIGHTS,
                                      CONV_2D_2_BIASES, CONV_2D_2_SCALES));
ZKVM_NN_ROM(FIRST_B, nn::conv2d_layer(convolution(3, FIRST, FIRST, CONV_2D_2, CONV_2D_3), CONV_2D_3_WEIGHTS,
                                      CONV_2D_3_BIASES, CONV_2D_3_SCALES));
ZKVM_NN_ROM(FIRST_SUM, nn::add_layer(sum(FIRST, CONV_2D_1, CONV_2D_3, ADD_1)));

ZKVM_NN_ROM(SECOND_A, nn::conv2d_layer(convolution(3, FIRST, SECOND, ADD_1, CONV_2D_4, RELU), CONV_2D_4_WEIGHTS,
                                       CONV_2D_4_BIASES, CONV_2D_4_SCALES));
ZKVM_NN_ROM(SECOND_B, nn::conv2d_layer(convolution(3, SECOND, SECOND, CONV_2D_4, CONV_2D_5), CONV_2D_5_WEIGHTS,
                                       CONV_2D_5_BIASES, CONV_2D_5_SCALES));
ZKVM_NN_ROM(SECOND_SHORTCUT, nn::conv2d_layer(convolution(1, FIRST, SECOND, ADD_1, CONV_2D_6), CONV_2D_6_WEIGHTS,
                                              CONV_2D_6_BIASES, CONV_2D_6_SCALES));
ZKVM_NN_ROM(SECOND_SUM, nn::add_layer(sum(SECOND, CONV_2D_6, CONV_2D_5, ADD_2)));

ZKVM_NN_ROM(THIRD_A, nn::conv2d_layer(convolution(3, SECOND, THIRD, ADD_2, CONV_2D_7, RELU), CONV_2D_7_WEIGHTS,
                                      CONV_2D_7_BIASES, CONV_2D_7_SCALES));
ZKVM_NN_ROM(THIRD_B, nn::conv2d_layer(convolution(3, THIRD, THIRD, CONV_2D_7, CONV_2D_8), CONV_2D_8_WEIGHTS,
                                      CONV_2D_8_BIASES, CONV_2D_8_SCALES));
ZKVM_NN_ROM(THIRD_SHORTCUT, nn::conv2d_layer(convolution(1, SECOND, THIRD, ADD_2, CONV_2D_9), CONV_2D_9_WEIGHTS,
                                             CONV_2D_9_BIASES, CONV_2D_9_SCALES));
ZKVM_NN_ROM(THIRD_SUM, nn::add_layer(sum(THIRD, CONV_2D_9, CONV_2D_8, ADD_3)));

ZKVM_NN_ROM(POOL, nn::average_pool2d_layer({.in_h = THIRD.size,
                                            .in_w = THIRD.size,
                                            .channels = THIRD.channels,
                                            .kernel_h = THIRD.size,
                                            .kernel_w = THIRD.size}));
ZKVM_NN_ROM(DENSE,
            nn::fully_connected_layer(
                {.in_c = THIRD.channels, .out_c = CLASSES, .input = AVERAGE_POOL_2D_1, .output = FULLY_CONNECTED_1},
                FULLY_CONNECTED_1_WEIGHTS, FULLY_CONNECTED_1_BIASES, FULLY_CONNECTED_1_SCALES[0]));
// In ordinary memory: ten values are not worth a precompile, and padding channels must not count.
inline constexpr auto PROBABILITIES = nn::softmax_layer({.cols = CLASSES, .input_scale = FULLY_CONNECTED_1.scale});

/// The probability of each class, (value + 128) / 256.
inline void classify(std::span<const std::int8_t, SIZE * SIZE * COLOURS> pixels,
                     std::span<std::int8_t, CLASSES> classes) {
  static nn::Tensor<32, 32, 3> image;
  static nn::Tensor<32, 32, 16> a1, b1, c1;
  static nn::Tensor<16, 16, 32> a2, b2, c2;
  static nn::Tensor<8, 8, 64> a3, b3, c3;
  static nn::Tensor<1, 1, 64> features;
  static nn::Tensor<1, 1, CLASSES> scores;
  nn::pad_channels(pixels, image);
  nn::conv2d<STEM>(image, a1);
  nn::conv2d<FIRST_A>(a1, b1);
  nn::conv2d<FIRST_B>(b1, c1);
  nn::add<FIRST_SUM>(a1, c1, a1);
  nn::conv2d<SECOND_A>(a1, a2);
  nn::conv2d<SECOND_B>(a2, b2);
  nn::conv2d<SECOND_SHORTCUT>(a1, c2);
  nn::add<SECOND_SUM>(c2, b2, c2);
  nn::conv2d<THIRD_A>(c2, a3);
  nn::conv2d<THIRD_B>(a3, b3);
  nn::conv2d<THIRD_SHORTCUT>(c2, c3);
  nn::add<THIRD_SUM>(c3, b3, c3);
  nn::average_pool2d<POOL>(c3, features);
  nn::fully_connected<DENSE>(features, scores);
  nn::softmax<PROBABILITIES>(std::span(scores.values).first<CLASSES>(), classes);
}

}  // namespace image_classification
