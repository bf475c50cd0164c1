#pragma once
/// \file
/// What networks do with tensors besides layers: copies, padding, concatenation, transposition, element-wise functions
/// of two tensors, softmax. Portable C++ that runs as guest code, so an element costs instructions; shapes are template
/// arguments, a mismatch does not compile. No function allocates or fails.

#include <cstring>
#include <span>
#include <type_traits>

#include "linear.hpp"
#include "software.hpp"

namespace zkvm::nn {

/// A tensor in somebody else's memory: H x W positions of C channels, STRIDE bytes apart. STRIDE is padded(C) for what
/// layers read and write, and C for bytes as they come from outside.
template <class Byte, int H, int W, int C, int STRIDE>
struct BasicView {
  static_assert(H > 0 && W > 0 && C > 0 && STRIDE >= C);
  static constexpr int HEIGHT = H, WIDTH = W, CHANNELS = C, POSITION_BYTES = STRIDE, POSITIONS = H * W;
  static constexpr std::size_t SIZE = static_cast<std::size_t>(H) * W * STRIDE;

  Byte* values;

  Byte* at(int row, int col) const { return values + (row * W + col) * STRIDE; }
  operator std::span<Byte, SIZE>() const { return std::span<Byte, SIZE>(values, SIZE); }
  operator std::span<const std::int8_t, SIZE>() const requires(!std::is_const_v<Byte>) {
    return std::span<const std::int8_t, SIZE>(values, SIZE);
  }
};
template <int H, int W, int C, int STRIDE = padded(C)>
using View = BasicView<std::int8_t, H, W, C, STRIDE>;
template <int H, int W, int C, int STRIDE = padded(C)>
using ConstView = BasicView<const std::int8_t, H, W, C, STRIDE>;

namespace detail {

template <class In, class Out>
inline constexpr bool SAME_SHAPE = In::HEIGHT == Out::HEIGHT&& In::WIDTH == Out::WIDTH&& In::CHANNELS == Out::CHANNELS;

inline std::uint32_t load_word(const std::int8_t* from) {
  std::uint32_t word;
  std::memcpy(&word, __builtin_assume_aligned(from, 4), 4);
  return word;
}
inline void store_word(std::int8_t* to, std::uint32_t word) { std::memcpy(__builtin_assume_aligned(to, 4), &word, 4); }
inline bool aligned(const std::int8_t* p) { return reinterpret_cast<std::uintptr_t>(p) % 4 == 0; }

/// Four positions of 1, 2 or 3 channels, 4 C bytes, to four words: 2 to 4 instructions a position where bytes would
/// take
/// 6. Little-endian. What lands in padding channels are neighbours' elements.
template <int C>
inline void widen_four(const std::int8_t* from, std::int8_t* to, std::uint32_t flip) {
  std::uint32_t in[C];
#pragma GCC unroll 3
  for (int i = 0; i < C; ++i) in[i] = load_word(from + 4 * i) ^ flip;
#pragma GCC unroll 4
  for (int p = 0; p < 4; ++p) {
    const int bit = 8 * C * p, word = bit / 32, shift = bit % 32;
    std::uint32_t value = in[word] >> shift;
    if (shift + 8 * C > 32) value |= in[(word + 1) % C] << ((32 - shift) % 32);
    store_word(to + 4 * p, value);
  }
}

/// Copies between strides, each byte modulo `flip`: 0, or 0x80 to change between int8 and uint8.
template <std::uint8_t FLIP, class In, class Out>
void copy_tensor(In in, Out out) {
  static_assert(SAME_SHAPE<In, Out>, "nn: the tensors differ in shape");
  constexpr int C = In::CHANNELS, N = In::POSITIONS;
  constexpr std::uint32_t FLIPS = 0x01010101U * FLIP;
  const std::int8_t* from = in.values;
  std::int8_t* to = out.values;
  int done = 0;
  if (detail::aligned(from) && detail::aligned(to)) {
    if constexpr (In::POSITION_BYTES == C && Out::POSITION_BYTES == 4 && C < 4) {
      for (; done + 4 <= N; done += 4, from += 4 * C, to += 16) widen_four<C>(from, to, FLIPS);
    } else if constexpr (FLIP != 0 && In::POSITION_BYTES == Out::POSITION_BYTES && C % 4 == 0) {
      for (std::size_t i = 0; i < In::SIZE; i += 4) store_word(to + i, load_word(from + i) ^ FLIPS);
      return;
    }
  }
  if constexpr (FLIP == 0 && In::POSITION_BYTES == Out::POSITION_BYTES) {
    // Padding behind the last channel belongs to the tensor only if both have it.
    std::memcpy(to, from, In::SIZE);
  } else {
    for (; done < N; ++done, from += In::POSITION_BYTES, to += Out::POSITION_BYTES) {
      if constexpr (FLIP == 0 && C >= 16) {
        std::memcpy(to, from, C);
      } else {
        for (int c = 0; c < C; ++c) to[c] = static_cast<std::int8_t>(from[c] ^ static_cast<std::int8_t>(FLIP));
      }
    }
  }
}

}  // namespace detail

/// The same tensor with another stride. Padding channels get anything.
template <class In, class Out>
void copy(In in, Out out) {
  detail::copy_tensor<0>(in, out);
}
/// From uint8 to int8, value - 128, or back.
template <class In, class Out>
void copy_unsigned(In in, Out out) {
  detail::copy_tensor<0x80>(in, out);
}

/// The same elements in the same order in another shape.
template <class In, class Out>
void reshape(In in, Out out) {
  static_assert(In::POSITIONS * In::CHANNELS == Out::POSITIONS * Out::CHANNELS, "nn: the number of elements changes");
  const std::int8_t* from = in.values;
  std::int8_t* to = out.values;
  int left_in = In::CHANNELS, left_out = Out::CHANNELS;
  for (int i = 0; i < In::POSITIONS * In::CHANNELS; ++i) {
    *to++ = *from++;
    if (--left_in == 0) left_in = In::CHANNELS, from += In::POSITION_BYTES - In::CHANNELS;
    if (--left_out == 0) left_out = Out::CHANNELS, to += Out::POSITION_BYTES - Out::CHANNELS;
  }
}

/// Writes `in` into `out` from position (ROW, COL) and channel CHANNEL on: a part of a concatenation.
template <int ROW, int COL, int CHANNEL, class In, class Out>
void place(In in, Out out) {
  static_assert(ROW >= 0 && COL >= 0 && CHANNEL >= 0 && ROW + In::HEIGHT <= Out::HEIGHT &&
                    COL + In::WIDTH <= Out::WIDTH && CHANNEL + In::CHANNELS <= Out::CHANNELS,
                "nn: the part lies outside of the tensor");
  constexpr bool WHOLE = CHANNEL == 0 && In::CHANNELS == Out::CHANNELS && In::POSITION_BYTES == Out::POSITION_BYTES;
  for (int y = 0; y < In::HEIGHT; ++y) {
    const std::int8_t* from = in.at(y, 0);
    std::int8_t* to = out.at(ROW + y, COL) + CHANNEL;
    if constexpr (WHOLE) {
      std::memcpy(to, from, static_cast<std::size_t>(In::WIDTH) * In::POSITION_BYTES);
    } else {
      for (int x = 0; x < In::WIDTH; ++x, from += In::POSITION_BYTES, to += Out::POSITION_BYTES)
        std::memcpy(to, from, In::CHANNELS);
    }
  }
}

/// `in` from (ROW, COL), channel CHANNEL on, in the middle of `value`.
template <int ROW, int COL, int CHANNEL, class In, class Out>
void pad(In in, Out out, std::int8_t value) {
  std::memset(out.values, value, Out::SIZE);
  place<ROW, COL, CHANNEL>(in, out);
}

/// Axis i of the output is axis FIRST, SECOND, THIRD of the input: 0 height, 1 width, 2 channels.
template <int FIRST, int SECOND, int THIRD, class In, class Out>
void transpose(In in, Out out) {
  constexpr int SIZES[] = {In::HEIGHT, In::WIDTH, In::CHANNELS};
  constexpr int STEPS[] = {In::WIDTH * In::POSITION_BYTES, In::POSITION_BYTES, 1};
  static_assert(Out::HEIGHT == SIZES[FIRST] && Out::WIDTH == SIZES[SECOND] && Out::CHANNELS == SIZES[THIRD],
                "nn: the output's shape is not the transposed one");
  std::int8_t* to = out.values;
  for (int y = 0; y < Out::HEIGHT; ++y)
    for (int x = 0; x < Out::WIDTH; ++x, to += Out::POSITION_BYTES) {
      const std::int8_t* from = in.values + y * STEPS[FIRST] + x * STEPS[SECOND];
      for (int c = 0; c < Out::CHANNELS; ++c) to[c] = from[c * STEPS[THIRD]];
    }
}

/// table[256 * byte(a) + byte(b)] for each element; dimensions of `b` that are 1 are used for all. `out` may be `a`,
/// and `b` where it has the same shape.
template <class A, class B, class Out>
void binary(std::span<const std::int8_t, 65536> table, A a, B b, Out out) {
  static_assert(detail::SAME_SHAPE<A, Out>, "nn: the tensors differ in shape");
  static_assert((B::HEIGHT == A::HEIGHT || B::HEIGHT == 1) && (B::WIDTH == A::WIDTH || B::WIDTH == 1) &&
                    (B::CHANNELS == A::CHANNELS || B::CHANNELS == 1),
                "nn: the second tensor cannot be spread over the first");
  for (int y = 0; y < A::HEIGHT; ++y)
    for (int x = 0; x < A::WIDTH; ++x) {
      const std::int8_t* first = a.at(y, x);
      const std::int8_t* second = b.at(B::HEIGHT == 1 ? 0 : y, B::WIDTH == 1 ? 0 : x);
      std::int8_t* to = out.at(y, x);
      for (int c = 0; c < A::CHANNELS; ++c) {
        const auto row = static_cast<std::uint8_t>(first[c]), col = static_cast<std::uint8_t>(*second);
        to[c] = table[std::size_t{256} * row + col];
        if (B::CHANNELS != 1) ++second;
      }
    }
}

/// Softmax along the channels of each position; `exponential` as in zkvm_nn_softmax. `out` may be `in`.
template <class In, class Out>
void softmax_rows(const std::int32_t (&exponential)[256], In in, Out out) {
  static_assert(detail::SAME_SHAPE<In, Out> && In::CHANNELS <= 4095, "nn: a softmax has at most 4095 columns");
  for (int i = 0; i < In::POSITIONS; ++i)
    software::softmax_row(exponential, In::CHANNELS, in.values + i * In::POSITION_BYTES,
                          out.values + i * Out::POSITION_BYTES);
}

/// Softmax in single precision: exponential[d] / (sum over the row, in order) / scale, rounded half to even, + zero
/// point, saturated; d is the distance to the row's maximum and exponential[0] is 1. `out` may be `in`.
template <class In, class Out>
void softmax_float_rows(const float (&exponential)[256], Quantization output, In in, Out out) {
  static_assert(detail::SAME_SHAPE<In, Out>, "nn: the tensors differ in shape");
  for (int i = 0; i < In::POSITIONS; ++i) {
    const std::int8_t* x = in.values + i * In::POSITION_BYTES;
    std::int8_t* y = out.values + i * Out::POSITION_BYTES;
    std::int32_t greatest = -128;
    for (int c = 0; c < In::CHANNELS; ++c) greatest = x[c] > greatest ? x[c] : greatest;
    float sum = 0;
    for (int c = 0; c < In::CHANNELS; ++c) sum += exponential[greatest - x[c]];
    for (int c = 0; c < In::CHANNELS; ++c) {
      const float p = exponential[greatest - x[c]] / sum / output.scale;
      // Below 2^22 the sum with 3 2^22 has no fraction: it is rounded half to even.
      constexpr float ROUND = 12582912.0F;
      const std::int32_t q = p >= 512.0F ? 512 : static_cast<std::int32_t>((p + ROUND) - ROUND);
      y[c] = static_cast<std::int8_t>(software::clamp(q + output.zero_point, -128, 127));
    }
  }
}

/// Sets the padding channels, which products of two tensors multiply like any other.
template <class T>
void fill_padding(T tensor, std::int8_t value) {
  if constexpr (T::POSITION_BYTES != T::CHANNELS)
    for (int i = 0; i < T::POSITIONS; ++i)
      for (int c = T::CHANNELS; c < T::POSITION_BYTES; ++c) tensor.values[i * T::POSITION_BYTES + c] = value;
}

}  // namespace zkvm::nn
