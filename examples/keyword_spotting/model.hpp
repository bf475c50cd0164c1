// The network of keyword spotting: a separable convolutional network (DS-CNN) of 2.7 million multiplications. Layers
// are records in read-only memory; weights.hpp has what they are made of, under the names of the model's operators.
#pragma once

#include "weights.hpp"
#include "zkvm/nn/nn.hpp"

namespace keyword_spotting {

namespace nn = zkvm::nn;

inline constexpr int HEIGHT = 49, WIDTH = 10;             // of the spectrogram: 49 frames of 10 coefficients
inline constexpr int ROWS = 25, COLS = 5, CHANNELS = 64;  // of all hidden tensors
inline constexpr int CLASSES = 12;

constexpr nn::Conv2d depthwise(nn::Quantization input, nn::Quantization output) {
  return {.in_h = ROWS,
          .in_w = COLS,
          .in_c = CHANNELS,
          .out_c = CHANNELS,
          .kernel_h = 3,
          .kernel_w = 3,
          .padding = nn::SAME,
          .input = input,
          .output = output,
          .activation = nn::Activation::RELU};
}
constexpr nn::Conv2d pointwise(nn::Quantization input, nn::Quantization output) {
  return {.in_h = ROWS,
          .in_w = COLS,
          .in_c = CHANNELS,
          .out_c = CHANNELS,
          .input = input,
          .output = output,
          .activation = nn::Activation::RELU};
}

ZKVM_NN_ROM(FIRST, nn::conv2d_layer({.in_h = HEIGHT,
                                     .in_w = WIDTH,
                                     .in_c = 1,
                                     .out_c = CHANNELS,
                                     .kernel_h = 10,
                                     .kernel_w = 4,
                                     .stride_h = 2,
                                     .stride_w = 2,
                                     .padding = nn::SAME,
                                     .input = INPUT,
                                     .output = CONV_2D_1,
                                     .activation = nn::Activation::RELU},
                                    CONV_2D_1_WEIGHTS, CONV_2D_1_BIASES, CONV_2D_1_SCALES));
ZKVM_NN_ROM(DEPTHWISE_1,
            nn::depthwise_conv2d_layer(depthwise(CONV_2D_1, DEPTHWISE_CONV_2D_1), DEPTHWISE_CONV_2D_1_WEIGHTS,
                                       DEPTHWISE_CONV_2D_1_BIASES, DEPTHWISE_CONV_2D_1_SCALES));
ZKVM_NN_ROM(POINTWISE_1, nn::conv2d_layer(pointwise(DEPTHWISE_CONV_2D_1, CONV_2D_2), CONV_2D_2_WEIGHTS,
                                          CONV_2D_2_BIASES, CONV_2D_2_SCALES));
ZKVM_NN_ROM(DEPTHWISE_2,
            nn::depthwise_conv2d_layer(depthwise(CONV_2D_2, DEPTHWISE_CONV_2D_2), DEPTHWISE_CONV_2D_2_WEIGHTS,
                                       DEPTHWISE_CONV_2D_2_BIASES, DEPTHWISE_CONV_2D_2_SCALES));
ZKVM_NN_ROM(POINTWISE_2, nn::conv2d_layer(pointwise(DEPTHWISE_CONV_2D_2, CONV_2D_3), CONV_2D_3_WEIGHTS,
                                          CONV_2D_3_BIASES, CONV_2D_3_SCALES));
ZKVM_NN_ROM(DEPTHWISE_3,
            nn::depthwise_conv2d_layer(depthwise(CONV_2D_3, DEPTHWISE_CONV_2D_3), DEPTHWISE_CONV_2D_3_WEIGHTS,
                                       DEPTHWISE_CONV_2D_3_BIASES, DEPTHWISE_CONV_2D_3_SCALES));
ZKVM_NN_ROM(POINTWISE_3, nn::conv2d_layer(pointwise(DEPTHWISE_CONV_2D_3, CONV_2D_4), CONV_2D_4_WEIGHTS,
                                          CONV_2D_4_BIASES, CONV_2D_4_SCALES));
ZKVM_NN_ROM(DEPTHWISE_4,
            nn::depthwise_conv2d_layer(depthwise(CONV_2D_4, DEPTHWISE_CONV_2D_4), DEPTHWISE_CONV_2D_4_WEIGHTS,
                                       DEPTHWISE_CONV_2D_4_BIASES, DEPTHWISE_CONV_2D_4_SCALES));
ZKVM_NN_ROM(POINTWISE_4, nn::conv2d_layer(pointwise(DEPTHWISE_CONV_2D_4, CONV_2D_5), CONV_2D_5_WEIGHTS,
                                          CONV_2D_5_BIASES, CONV_2D_5_SCALES));
ZKVM_NN_ROM(POOL, nn::average_pool2d_layer(
                      {.in_h = ROWS, .in_w = COLS, .channels = CHANNELS, .kernel_h = ROWS, .kernel_w = COLS}));
ZKVM_NN_ROM(DENSE, nn::fully_connected_layer(
                       {.in_c = CHANNELS, .out_c = CLASSES, .input = AVERAGE_POOL_2D_1, .output = FULLY_CONNECTED_1},
                       FULLY_CONNECTED_1_WEIGHTS, FULLY_CONNECTED_1_BIASES, FULLY_CONNECTED_1_SCALES[0]));
// In ordinary memory: twelve values are not worth a precompile.
inline constexpr auto PROBABILITIES = nn::softmax_layer({.cols = CLASSES, .input_scale = FULLY_CONNECTED_1.scale});

/// The probability of each class, (value + 128) / 256.
inline void classify(std::span<const std::int8_t, HEIGHT * WIDTH> spectrogram, nn::Tensor<1, 1, CLASSES>& classes) {
  static nn::Tensor<HEIGHT, WIDTH, 1> image;
  static nn::Tensor<ROWS, COLS, CHANNELS> a, b;
  static nn::Tensor<1, 1, CHANNELS> features;
  nn::pad_channels(spectrogram, image);
  nn::conv2d<FIRST>(image, a);
  nn::depthwise_conv2d<DEPTHWISE_1>(a, b);
  nn::conv2d<POINTWISE_1>(b, a);
  nn::depthwise_conv2d<DEPTHWISE_2>(a, b);
  nn::conv2d<POINTWISE_2>(b, a);
  nn::depthwise_conv2d<DEPTHWISE_3>(a, b);
  nn::conv2d<POINTWISE_3>(b, a);
  nn::depthwise_conv2d<DEPTHWISE_4>(a, b);
  nn::conv2d<POINTWISE_4>(b, a);
  nn::average_pool2d<POOL>(a, features);
  nn::fully_connected<DENSE>(features, classes);
  nn::softmax<PROBABILITIES>(classes, classes);
}

}  // namespace keyword_spotting
