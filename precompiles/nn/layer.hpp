#pragma once
/// \file
/// Layers as the machine knows them: the records of guest-sdk/include/zkvm/nn/record.h, checked, with everything that
/// executor, fixed tables and trace generation derive from them.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/include/zkvm/nn/record.h"

namespace zkvm::precompiles::nn {

/// Requantisation of one channel, in the form that the chip proves (requantise.hpp): with a = accumulator + bias,
/// x = floor((a mu + 2^31) / 2^32), q = floor((x + [shift > 0] (2^(shift-1) - [a < 0])) / 2^shift).
struct Requantisation {
  int32_t bias = 0;
  uint64_t mu = 0;     ///< 2 multiplier 2^(left shift)
  unsigned shift = 0;  ///< to the right, 0 ... 30
  unsigned span = 16;  ///< bits that hold how far x passes the clamp, 16 ... 31
};
/// Accumulators plus bias are in [-2^29, 2^29), times the left shift too: a window that the field shows as integers.
inline constexpr int64_t ACCUMULATOR_LIMIT = int64_t{1} << 29;

/// q, not clamped. |a| <= 2^29.
inline int64_t requantise(const Requantisation& r, int64_t accumulator) {
  const int64_t a = accumulator + r.bias;
  const int64_t x = (a * static_cast<int64_t>(r.mu) + (int64_t{1} << 31)) >> 32;
  if (r.shift == 0) return x;
  return (x + (int64_t{1} << (r.shift - 1)) - (a < 0 ? 1 : 0)) >> r.shift;
}
inline int32_t clamp(int64_t q, int32_t zero_point, int32_t lo, int32_t hi) {
  q += zero_point;
  return static_cast<int32_t>(q < lo ? lo : q > hi ? hi : q);
}

/// Accumulators, bias not included, that a channel's weights allow; 0 is one of them.
struct Reach {
  int32_t lowest = 0, highest = 0;
};
/// The accumulators, bias not included, that a channel's thresholds give one result: from lowest to lowest + offset +
/// 2^bits - 1. Those are two windows of 2^bits, at lowest and at lowest + offset, which touch or overlap: so that an
/// accumulator is in the interval exactly if it is in one of the windows, which one range check of `bits` bits proves.
struct Level {
  int32_t result;
  int32_t lowest;
  uint32_t offset;  ///< below 2^bits
  unsigned bits;    ///< at most 30
};

/// One residue class of input rows and columns modulo the strides, and the kernel's taps that meet it: tap t = stride v
/// + residue meets input i = stride u + residue - pad in output o = u - v. Only classes that have both are listed.
struct Phase {
  int32_t first_row, first_col;        ///< the class's first input position
  int32_t rows, cols;                  ///< its positions
  int32_t tap_row, tap_col;            ///< the residues: its first taps
  int32_t taps_h, taps_w;              ///< its taps
  int32_t exponent_row, exponent_col;  ///< of its first position times its first tap, see Linear::exponent_row
};

/// A convolution or matrix product. Its check is an identity of polynomials in A (rows), B (columns) and G (channels):
/// sum over phases and channels of X W = Y, where output (i, j, o) stands at A^(i + exponent_row) B^(j + exponent_col)
/// G^o, the first position of a phase's X at A^0 B^0, and a phase's tap (v, w) at A^(exponent_row(phase) - v) B^...
struct Linear {
  zkvm_nn_linear shape{};
  std::vector<Requantisation> channels;            ///< shape.out_c, or none if there are thresholds
  std::span<const zkvm_nn_thresholds> thresholds;  ///< shape.weight_out, or none
  std::vector<Reach> reach;                        ///< shape.out_c if there are thresholds
  std::span<const int8_t> weights;
  std::vector<Phase> phases;
  int32_t exponent_row = 0, exponent_col = 0;  ///< of output (0, 0): taps of the largest phase - 1
  /// All products' positions: [0, full_rows) x [0, full_cols); those that are no outputs are the border.
  int32_t full_rows = 1, full_cols = 1;

  bool by_thresholds() const { return shape.requantisation == ZKVM_NN_THRESHOLDS; }
  /// With thresholds: what channel `out` makes of an accumulator.
  int32_t result(int32_t out, int32_t accumulator) const;
  /// With thresholds: which accumulators of channel `out` give `result`; none if its weights allow none of these.
  std::optional<Level> level(int32_t out, int32_t result) const;
  bool depthwise() const { return shape.operand == ZKVM_NN_DEPTHWISE; }
  bool in_rom() const { return shape.operand == ZKVM_NN_DENSE || depthwise(); }
  /// Forms of the input: one per phase and channel; form index = phase * in_c + channel.
  uint32_t forms() const { return static_cast<uint32_t>(phases.size()) * static_cast<uint32_t>(shape.in_c); }
  /// Positions of the border, whatever their channels.
  uint64_t border_positions() const;
  /// Weight of the tap for output `out` and input channel `in` (depthwise: in is ignored), 0 where the record has none.
  int32_t weight(int32_t out, int32_t row, int32_t col, int32_t in) const;
};

struct Add {
  zkvm_nn_add shape{};
  Requantisation output;
  std::span<const int32_t> first, second;  ///< by byte
};
struct Table {
  zkvm_nn_table shape{};
  std::span<const int8_t> values;  ///< by byte
};
struct Pool {
  zkvm_nn_pool shape{};

  uint32_t quads() const { return static_cast<uint32_t>(shape.channels) / 4; }
  uint32_t windows() const { return static_cast<uint32_t>(shape.out_h) * static_cast<uint32_t>(shape.out_w); }
  uint32_t positions() const { return static_cast<uint32_t>(shape.kernel_h) * static_cast<uint32_t>(shape.kernel_w); }
  /// Rows of the chip for one window.
  uint32_t window_rows() const { return (positions() + 3) / 4; }
  /// Bytes from a window's first position to this one.
  uint32_t offset(uint32_t position) const {
    const auto width = static_cast<uint32_t>(shape.kernel_w);
    return (position / width * static_cast<uint32_t>(shape.in_w) + position % width) *
           static_cast<uint32_t>(shape.channels);
  }
  /// Bytes from the input's start to a window.
  uint32_t window(uint32_t index) const {
    const uint32_t row = index / static_cast<uint32_t>(shape.out_w), col = index % static_cast<uint32_t>(shape.out_w);
    return (row * static_cast<uint32_t>(shape.stride_h) * static_cast<uint32_t>(shape.in_w) +
            col * static_cast<uint32_t>(shape.stride_w)) *
           static_cast<uint32_t>(shape.channels);
  }
};

struct Softmax {
  zkvm_nn_softmax shape{};
  std::span<const int32_t> exponential;  ///< by difference
  /// What is summed up.
  uint32_t rounded(uint32_t d) const { return (static_cast<uint32_t>(exponential[d]) + 2048) >> 12; }
};
struct LayerNorm {
  zkvm_nn_layer_norm shape{};
  Requantisation output;
  std::span<const zkvm_nn_norm> channels;
};

struct Layer {
  uint32_t address = 0;  ///< of the record: what a guest passes
  uint32_t kind = 0;     ///< enum zkvm_nn_kind
  // The one of `kind`.
  Linear linear;
  Add add;
  Table table;
  Pool pool;
  Softmax softmax;
  LayerNorm norm;
};

/// The read-only memory of layers: a sequence of records. Keeps the bytes.
class Rom {
 public:
  Rom() = default;
  Rom(Rom&&) = default;
  Rom& operator=(Rom&&) = default;
  /// `bytes` start at ZKVM_NN_ROM_BEGIN. On a bad record: leaves `*this` empty and returns record, field, what was
  /// expected and what was found. Empty if all is well.
  std::string load(std::vector<uint8_t> bytes);

  const std::vector<Layer>& layers() const { return layers_; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }
  bool empty() const { return layers_.empty(); }
  /// Index into layers() of the record at `address`, or -1.
  int find(uint32_t address) const;

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Layer> layers_;
};

}  // namespace zkvm::precompiles::nn
