#pragma once
/// \file
/// Neural-network layers for guests. A layer is a record, made in a constant expression and placed in read-only memory
/// that is part of the image ID; a call of it costs the guest some ten instructions and its proof what the tensors'
/// elements cost, whatever the number of multiplications:
///
///     namespace nn = zkvm::nn;
///     ZKVM_NN_ROM(DENSE, nn::fully_connected_layer(
///         {.in_c = 64, .out_c = 10, .input = {0.05F, -128}, .output = {0.1F, 3}}, WEIGHTS, BIASES, WEIGHT_SCALE));
///     nn::Tensor<1, 1, 64> features;
///     nn::Tensor<1, 1, 10> scores;                  // 12 bytes: channels are padded to a multiple of 4
///     nn::fully_connected<DENSE>(features, scores);  // other sizes do not compile
///
/// Arithmetic is bit-exact to the TensorFlow Lite int8 reference kernels, or that of thresholds (linear.hpp). Natively,
/// with -DZKVM_NN_SOFTWARE, and for records that are plain `constexpr auto` instead of ZKVM_NN_ROM, the same calls run
/// software.hpp: same bytes, more cycles.
///
/// Inputs and outputs of a call do not overlap, except that the output of an add, table, softmax or layer norm may be
/// an input. Tensors are multiples of 4 in memory (Tensor is). Breaking either rule ends the run with a message.
///
/// **Large layers.** g++ needs 0.5 s and 120 MB for 100,000 weights of a record, 3 s for a million. A larger layer is
/// better written by a converter as assembly, named in C++ by its shape:
///
///     # layer.S: header, channels, weights as in record.h     | // C++
///     #ifdef ZKVM_NN_SOFTWARE                                 | extern "C" const zkvm_nn_linear LAYER[];
///       .section .rodata.LAYER, "a"                           | constexpr auto SHAPE = nn::conv2d_shape({...});
///     #else                                                   | nn::linear<SHAPE>(LAYER, in, out);
///       .section .zkvm.rom.LAYER, "a"
///     #endif
///       .balign 32
///       .globl LAYER
///     LAYER:
///       .4byte 0x314e4e5a, 1, ...          # 32 words, then weight_out times bias, multiplier, shift, or 256 words
///       .incbin "layer.weights"
///       .balign 32                         # pads with zeros

#include <cstring>
#include <span>
#include <type_traits>

#include "call.h"
#include "layers.hpp"
#include "software.hpp"
#include "tables.hpp"

#if defined(__riscv) && !defined(ZKVM_NN_SOFTWARE)
#define ZKVM_NN_PRECOMPILE 1
#define ZKVM_NN_SECTION(NAME) [[gnu::section(".zkvm.rom." #NAME)]]
#else
#define ZKVM_NN_PRECOMPILE 0
#define ZKVM_NN_SECTION(NAME)
#endif
/// ZKVM_NN_ROM(NAME, a layer); at namespace scope. Layers that are not called are left out of the program.
#define ZKVM_NN_ROM(NAME, ...) ZKVM_NN_SECTION(NAME) inline constexpr auto NAME = ::zkvm::nn::in_rom(__VA_ARGS__)

namespace zkvm::nn {

/// A record in read-only memory. No constructor: with one, g++ 12 does not take the object for constant data.
template <class Record>
struct Rom {
  Record record;
};
template <class Record>
constexpr Rom<Record> in_rom(const Record& record) {
  if constexpr (std::is_same_v<Record, SoftmaxRecord>) {
    if (record.header.cols % 4 != 0 || record.header.cols > 4060)
      refuse("nn: the machine has softmax of a multiple of 4 columns, at most 4060; make the record constexpr");
  }
  if constexpr (std::is_same_v<Record, PoolRecord>) {
    const zkvm_nn_pool& p = record.header;
    if (p.pad_top != 0 || p.pad_left != 0 || (p.out_h - 1) * p.stride_h + p.kernel_h > p.in_h ||
        (p.out_w - 1) * p.stride_w + p.kernel_w > p.in_w || (p.out_h > 1 && p.stride_h < p.kernel_h) ||
        (p.out_w > 1 && p.stride_w < p.kernel_w))
      refuse("nn: the machine pools windows that lie within the input and do not overlap; make the record constexpr");
  }
  return {record};
}

/// An int8 tensor [H][W][C] with its channels padded to a multiple of 4.
template <int H, int W, int C>
struct Tensor {
  static constexpr int HEIGHT = H, WIDTH = W, CHANNELS = C, PADDED_CHANNELS = padded(C);
  static constexpr std::size_t SIZE = static_cast<std::size_t>(H) * W * PADDED_CHANNELS;

  alignas(4) std::int8_t values[SIZE];

  operator std::span<std::int8_t, SIZE>() { return std::span<std::int8_t, SIZE>(values); }
  operator std::span<const std::int8_t, SIZE>() const { return std::span<const std::int8_t, SIZE>(values); }
  std::int8_t& at(int row, int col, int channel) { return values[(row * W + col) * PADDED_CHANNELS + channel]; }
};

/// Copies a tensor without padding channels, such as an image of 1 or 3 channels, into one with; the padding gets
/// `fill`, which no layer's result depends on. in: height * width * C values.
template <int H, int W, int C>
void pad_channels(std::span<const std::int8_t> in, Tensor<H, W, C>& out, std::int8_t fill = 0) {
  if (in.size() != static_cast<std::size_t>(H) * W * C) refuse("nn: pad_channels: the input has another size");
  const std::int8_t* from = in.data();
  for (std::int8_t* to = out.values; to != out.values + out.SIZE;) {
    for (int c = 0; c < C; ++c) *to++ = *from++;
    for (int c = C; c < padded(C); ++c) *to++ = fill;
  }
}
/// The way back. out: height * width * C values.
template <int H, int W, int C>
void unpad_channels(const Tensor<H, W, C>& in, std::span<std::int8_t> out) {
  if (out.size() != static_cast<std::size_t>(H) * W * C) refuse("nn: unpad_channels: the output has another size");
  for (std::size_t i = 0; i < static_cast<std::size_t>(H) * W; ++i)
    for (int c = 0; c < C; ++c)
      out[i * C + static_cast<std::size_t>(c)] = in.values[i * padded(C) + static_cast<std::size_t>(c)];
}

namespace detail {

template <class T>
inline constexpr bool IN_ROM = false;
template <class R>
inline constexpr bool IN_ROM<Rom<R>> = true;

template <class R>
constexpr const auto& header(const R& layer) {
  return layer.header;
}
template <class R>
constexpr const auto& header(const Rom<R>& layer) {
  return layer.record.header;
}
template <const auto& LAYER>
using HeaderOf = std::remove_cvref_t<decltype(header(LAYER))>;

template <class H>
inline constexpr bool ELEMENT_WISE = !std::is_same_v<H, zkvm_nn_linear> && !std::is_same_v<H, zkvm_nn_pool>;

/// Sizes of a layer's tensors.
template <const auto& LAYER>
inline constexpr software::TensorBytes BYTES = software::tensor_bytes(header(LAYER));
template <int SIZE>
using In = std::span<const std::int8_t, static_cast<std::size_t>(SIZE)>;
template <int SIZE>
using Out = std::span<std::int8_t, static_cast<std::size_t>(SIZE)>;
template <const auto& LAYER>
using InputOf = In<BYTES<LAYER>.in>;
template <const auto& LAYER>
using SecondInputOf = In<BYTES<LAYER>.in2>;
template <const auto& LAYER>
using OutputOf = Out<BYTES<LAYER>.out>;
template <class Header, const auto& LAYER>
inline constexpr bool IS = std::is_same_v<HeaderOf<LAYER>, Header>;

template <std::size_t M, std::size_t N>
void check_tensors(std::span<const std::int8_t, M> in, std::span<std::int8_t, N> out, bool may_be_same) {
  const auto a = reinterpret_cast<std::uintptr_t>(in.data()), b = reinterpret_cast<std::uintptr_t>(out.data());
  if ((a | b) % 4 != 0) refuse("nn: a tensor's address is not a multiple of 4");
  if (may_be_same && a == b) return;
  if (a < b + N && b < a + M) refuse("nn: a layer's output overlaps its input");
}

template <class H>
void run_software(const H& h, const std::int8_t* in, const std::int8_t* in2, std::int8_t* out) {
  if constexpr (std::is_same_v<H, zkvm_nn_linear>) software::linear(h, in, in2, out);
  if constexpr (std::is_same_v<H, zkvm_nn_add>) software::add(h, in, in2, out);
  if constexpr (std::is_same_v<H, zkvm_nn_table>) software::table(h, in, out);
  if constexpr (std::is_same_v<H, zkvm_nn_pool>) software::pool(h, in, out);
  if constexpr (std::is_same_v<H, zkvm_nn_softmax>) software::softmax(h, in, out);
  if constexpr (std::is_same_v<H, zkvm_nn_layer_norm>) software::layer_norm(h, in, out);
}

template <const auto& LAYER>
void dispatch(const std::int8_t* in, const std::int8_t* in2, std::int8_t* out) {
#if ZKVM_NN_PRECOMPILE
  if constexpr (IN_ROM<std::remove_cvref_t<decltype(LAYER)>>) {
    zkvm_nn_call(&LAYER, in, in2, out);
    return;
  }
#endif
  run_software(*reinterpret_cast<const HeaderOf<LAYER>*>(&LAYER), in, in2, out);
}

/// Whether the layer is linear with this operand; a dense one with a kernel of one element is fully connected, too.
template <const auto& LAYER>
constexpr bool is_linear(zkvm_nn_operand operand) {
  if constexpr (std::is_same_v<HeaderOf<LAYER>, zkvm_nn_linear>) return header(LAYER).operand == operand;
  return false;
}
template <const auto& LAYER>
constexpr bool is_fully_connected() {
  if constexpr (is_linear<LAYER>(ZKVM_NN_DENSE)) {
    constexpr auto& h = header(LAYER);
    return h.kernel_h == 1 && h.kernel_w == 1 && h.in_h == 1 && h.out_h == 1 && h.in_w == h.out_w;
  }
  return false;
}
template <const auto& LAYER>
constexpr bool is_pool(bool is_max) {
  if constexpr (std::is_same_v<HeaderOf<LAYER>, zkvm_nn_pool>) return (header(LAYER).is_max != 0) == is_max;
  return false;
}

}  // namespace detail

/// Runs a layer of any kind with one input.
template <const auto& LAYER>
void run(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  static_assert(detail::BYTES<LAYER>.in2 == 0, "nn: this layer has two inputs");
  detail::check_tensors(in, out, detail::ELEMENT_WISE<detail::HeaderOf<LAYER>>);
  detail::dispatch<LAYER>(in.data(), nullptr, out.data());
}
/// Runs a layer of any kind with two inputs.
template <const auto& LAYER>
void run(detail::InputOf<LAYER> in, detail::SecondInputOf<LAYER> in2, detail::OutputOf<LAYER> out) {
  static_assert(detail::BYTES<LAYER>.in2 != 0, "nn: this layer has one input");
  detail::check_tensors(in, out, detail::ELEMENT_WISE<detail::HeaderOf<LAYER>>);
  detail::check_tensors(in2, out, detail::ELEMENT_WISE<detail::HeaderOf<LAYER>>);
  detail::dispatch<LAYER>(in.data(), in2.data(), out.data());
}

// The same by name, so that a call shows what it does; a layer of another kind does not compile. Tensors' shapes are
// those of the builders (linear.hpp, layers.hpp).
template <const auto& LAYER>
requires(detail::is_linear<LAYER>(ZKVM_NN_DENSE)) void conv2d(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::is_linear<LAYER>(ZKVM_NN_DEPTHWISE)) void depthwise_conv2d(detail::InputOf<LAYER> in,
                                                                            detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::is_fully_connected<LAYER>()) void fully_connected(detail::InputOf<LAYER> in,
                                                                   detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
/// [rows][in_c] times constant weights.
template <const auto& LAYER>
requires(detail::is_fully_connected<LAYER>()) void matmul(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
/// A table of tables.hpp or of your own.
template <const auto& LAYER>
requires(detail::IS<zkvm_nn_table, LAYER>) void activation(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::IS<zkvm_nn_table, LAYER>) void requantize(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::is_pool<LAYER>(false)) void average_pool2d(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::is_pool<LAYER>(true)) void max_pool2d(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::IS<zkvm_nn_softmax, LAYER>) void softmax(detail::InputOf<LAYER> in, detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
template <const auto& LAYER>
requires(detail::IS<zkvm_nn_layer_norm, LAYER>) void layer_norm(detail::InputOf<LAYER> in,
                                                                detail::OutputOf<LAYER> out) {
  run<LAYER>(in, out);
}
/// in [m][k] times the transposed in2 [n][k]: out [m][n].
template <const auto& LAYER>
requires(detail::is_linear<LAYER>(ZKVM_NN_RAM_NK)) void matmul_nk(detail::InputOf<LAYER> in,
                                                                  detail::SecondInputOf<LAYER> in2,
                                                                  detail::OutputOf<LAYER> out) {
  run<LAYER>(in, in2, out);
}
/// in [m][k] times in2 [k][n].
template <const auto& LAYER>
requires(detail::is_linear<LAYER>(ZKVM_NN_RAM_KN)) void matmul_kn(detail::InputOf<LAYER> in,
                                                                  detail::SecondInputOf<LAYER> in2,
                                                                  detail::OutputOf<LAYER> out) {
  run<LAYER>(in, in2, out);
}
template <const auto& LAYER>
requires(detail::IS<zkvm_nn_add, LAYER>) void add(detail::InputOf<LAYER> in, detail::SecondInputOf<LAYER> in2,
                                                  detail::OutputOf<LAYER> out) {
  run<LAYER>(in, in2, out);
}

/// A linear layer whose record is not known to the compiler (see "Large layers"). Software checks that the record has
/// the header SHAPE; on the machine a guest cannot read it, and the machine refuses tensors that are not in memory.
template <zkvm_nn_linear SHAPE>
void linear(const zkvm_nn_linear* record, detail::In<software::tensor_bytes(SHAPE).in> in,
            detail::Out<software::tensor_bytes(SHAPE).out> out) {
  static_assert(software::tensor_bytes(SHAPE).in2 == 0, "nn: a product of tensors has no weights; use its builder");
  detail::check_tensors(in, out, false);
#if ZKVM_NN_PRECOMPILE
  zkvm_nn_call(record, in.data(), nullptr, out.data());
#else
  static constexpr zkvm_nn_linear EXPECTED = SHAPE;
  if (std::memcmp(record, &EXPECTED, sizeof EXPECTED) != 0) refuse("nn: a layer's record has another shape");
  software::linear(*record, in.data(), nullptr, out.data());
#endif
}

}  // namespace zkvm::nn
