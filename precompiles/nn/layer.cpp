#include "precompiles/nn/layer.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

namespace zkvm::precompiles::nn {
namespace {

/// The largest tensor: so that pointer + offset stays below p (precompiles/call.hpp), and all look-up indices small.
constexpr int64_t MAX_TENSOR_BYTES = int64_t{1} << 27;
constexpr int64_t MAX_DIMENSION = 1 << 15;
/// Channels, phases and rows of all layers: a record may be much smaller than what is derived from it, so a file of a
/// few megabytes could take all memory. More could not be proved either: four channels are a row of a fixed table.
constexpr int64_t MAX_DERIVED = int64_t{1} << 22;
/// Steps between a row's eight words must not cross two segments of 64 KiB.
constexpr int64_t MAX_COLUMN_STRIDE = 65536 / 7;
constexpr int64_t MAX_TABLE_VALUE = (int64_t{1} << 28) - 1;

/// Collects the first complaint about a record.
class Checker {
 public:
  explicit Checker(uint32_t address) : address_(address) {}
  void range(const char* field, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high)
      complain(field, std::to_string(low) + " to " + std::to_string(high), std::to_string(value));
  }
  void multiple(const char* field, int64_t value, int64_t of) {
    if (value % of != 0) complain(field, "a multiple of " + std::to_string(of), std::to_string(value));
  }
  void equal(const char* field, int64_t value, int64_t expected) {
    if (value != expected) complain(field, std::to_string(expected), std::to_string(value));
  }
  void complain(const std::string& field, const std::string& expected, const std::string& found) {
    if (!error_.empty()) return;
    char where[64];
    std::snprintf(where, sizeof where, "layer record at 0x%08x", address_);
    error_ = std::string(where) + operator_name_ + ", " + field + ": expected " + expected + ", found " + found;
  }
  void name_operator(const char* name) { operator_name_ = std::string(" (") + name + ")"; }
  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  uint32_t address_;
  std::string operator_name_, error_;
};

constexpr int64_t P = 0x7f00'0001;

/// Where results go.
struct Clamp {
  int64_t zero_point, min, max;
};

/// Checks multiplier and shift, that the accumulator's `bound` (bias included) fits the window, and that the identity
/// of requantise.hpp is one of integers; gives the proved form. If every result is 0 that of multiplier 0 takes its
/// place.
Requantisation requantisation(Checker& check, const std::string& where, int64_t bias, int64_t multiplier, int64_t shift,
                              int64_t bound, const Clamp& clamp) {
  check.range((where + "multiplier").c_str(), multiplier, 0, (int64_t{1} << 31) - 1);
  check.range((where + "shift").c_str(), shift, -31, 13);
  if (!check.ok()) return {};
  const unsigned left = shift > 0 ? static_cast<unsigned>(shift) : 0;
  unsigned right = shift < 0 ? static_cast<unsigned>(-shift) : 0;
  if (bound >= ACCUMULATOR_LIMIT >> left) {
    check.complain(where + "accumulator", "at most " + std::to_string((ACCUMULATOR_LIMIT >> left) - 1) + " in size",
                   "up to " + std::to_string(bound));
    return {};
  }
  uint64_t mu = (static_cast<uint64_t>(multiplier) << 1) << left;
  const auto x_max = [&] { return static_cast<int64_t>((static_cast<uint64_t>(bound) * mu) >> 32) + 1; };
  if (right > 0 && x_max() + 1 < int64_t{1} << (right - 1)) {
    mu = 0;
    right = 0;
  }
  // x = (y - zero point) power - power / 2 + z, z below power or, past the clamp, below 2^span.
  const int64_t power = int64_t{1} << right;
  const int64_t above = clamp.max - clamp.zero_point, below = clamp.min - clamp.zero_point;
  const int64_t past = x_max() + power + std::max({int64_t{0}, -above, below}) * power;
  unsigned span = 16;
  while (past >> span != 0) ++span;
  const int64_t claimed =
      std::max(std::abs(above), std::abs(below)) * power + power / 2 + std::max(power, int64_t{1} << span);
  if (span > 31 || claimed + x_max() + 4 >= P) {
    check.complain(where + "shift",
                   "one that keeps results of accumulators up to " + std::to_string(bound) + " within 31 bits",
                   std::to_string(shift));
    return {};
  }
  return {static_cast<int32_t>(bias), mu, right, span};
}

template <class Header>
Header header(std::span<const uint8_t> record) {
  Header h;
  std::memcpy(&h, record.data(), sizeof h);
  return h;
}
template <size_t N>
void check_unused(Checker& check, const int32_t (&unused)[N]) {
  for (int32_t word : unused) check.equal("unused words", word, 0);
}
void check_payload(Checker& check, std::span<const uint8_t> record, uint64_t payload) {
  const uint64_t expected = (ZKVM_NN_HEADER_BYTES + payload + 31) / 32 * 32;
  check.equal("bytes", static_cast<int64_t>(record.size()), static_cast<int64_t>(expected));
}
void check_clamp(Checker& check, int32_t out_zp, int32_t lo, int32_t hi) {
  check.range("out_zp", out_zp, -128, 127);
  check.range("act_min", lo, -128, 127);
  check.range("act_max", hi, lo, 127);
}

/// Thresholds of one channel, for accumulators up to `bound` in size, bias included.
void check_thresholds(Checker& check, const std::string& where, const zkvm_nn_thresholds& channel, int64_t bound) {
  if (bound >= ACCUMULATOR_LIMIT)
    check.complain(where + "accumulator", "at most " + std::to_string(ACCUMULATOR_LIMIT - 1) + " in size",
                   "up to " + std::to_string(bound));
  int64_t least = -ACCUMULATOR_LIMIT;
  for (int i = 0; i < 255; ++i) {
    const int64_t t = channel.threshold[i];
    if (t < least || t > ACCUMULATOR_LIMIT) {
      check.complain(where + "threshold " + std::to_string(i),
                     std::to_string(least) + (i == 0 ? "" : ", which is the one before,") + " to " +
                         std::to_string(ACCUMULATOR_LIMIT),
                     std::to_string(t));
      return;
    }
    least = t;
  }
}

std::vector<Phase> phases(const zkvm_nn_linear& s, int32_t exponent_row, int32_t exponent_col) {
  struct Axis {
    int32_t first, count, tap, taps, exponent;
  };
  const auto axis = [](int32_t size, int32_t kernel, int32_t stride, int32_t pad, int32_t last_exponent) {
    std::vector<Axis> out;
    for (int32_t residue = 0; residue < stride; ++residue) {
      const int32_t taps = residue < kernel ? (kernel - residue + stride - 1) / stride : 0;
      const int32_t first = ((residue - pad) % stride + stride) % stride;
      const int32_t count = first < size ? (size - first + stride - 1) / stride : 0;
      if (taps == 0 || count == 0) continue;
      out.push_back({first, count, residue, taps, last_exponent + (first + pad - residue) / stride});
    }
    return out;
  };
  std::vector<Phase> out;
  for (const Axis& r : axis(s.in_h, s.kernel_h, s.stride_h, s.pad_top, exponent_row))
    for (const Axis& c : axis(s.in_w, s.kernel_w, s.stride_w, s.pad_left, exponent_col))
      out.push_back({r.first, c.first, r.count, c.count, r.tap, c.tap, r.taps, c.taps, r.exponent, c.exponent});
  return out;
}

void load_linear(Checker& check, std::span<const uint8_t> record, Linear& out) {
  zkvm_nn_linear& s = out.shape = header<zkvm_nn_linear>(record);
  check.range("operand", s.operand, ZKVM_NN_DENSE, ZKVM_NN_RAM_KN);
  if (!check.ok()) return;
  static constexpr const char* NAMES[] = {"convolution or fully connected", "depthwise convolution",
                                          "matrix product with a transposed factor", "matrix product"};
  check.name_operator(NAMES[s.operand]);
  check.range("in_h", s.in_h, 1, MAX_DIMENSION);
  check.range("in_w", s.in_w, 1, MAX_DIMENSION);
  check.range("in_c", s.in_c, 4, MAX_DIMENSION);
  check.multiple("in_c", s.in_c, 4);
  check.range("out_h", s.out_h, 1, MAX_DIMENSION);
  check.range("out_w", s.out_w, 1, MAX_DIMENSION);
  check.range("out_c", s.out_c, 4, MAX_DIMENSION);
  check.multiple("out_c", s.out_c, 4);
  check.range("kernel_h", s.kernel_h, 1, 64);
  check.range("kernel_w", s.kernel_w, 1, 64);
  check.range("stride_h", s.stride_h, 1, 64);
  check.range("stride_w", s.stride_w, 1, 64);
  check.equal("dilation_h", s.dilation_h, 1);
  check.equal("dilation_w", s.dilation_w, 1);
  check.range("pad_top", s.pad_top, 0, 63);
  check.range("pad_left", s.pad_left, 0, 63);
  check.range("in_zp", s.in_zp, -128, 127);
  check.range("b_zp", s.b_zp, -128, 127);
  check_clamp(check, s.out_zp, s.act_min, s.act_max);
  check.range("requantisation", s.requantisation, ZKVM_NN_MULTIPLIERS, ZKVM_NN_THRESHOLDS);
  if (out.by_thresholds()) {
    check.equal("act_min", s.act_min, -128);
    check.equal("act_max", s.act_max, 127);
  }
  check_unused(check, s.unused);
  if (!check.ok()) return;
  check.range("input bytes", int64_t{s.in_h} * s.in_w * s.in_c, 1, MAX_TENSOR_BYTES);
  check.range("output bytes", int64_t{s.out_h} * s.out_w * s.out_c, 1, MAX_TENSOR_BYTES);
  if (s.in_w > s.stride_w) check.range("stride_w times in_c", int64_t{s.stride_w} * s.in_c, 4, MAX_COLUMN_STRIDE);
  if (s.out_w > 1) check.range("out_c", s.out_c, 4, 32764);
  const bool depthwise = s.operand == ZKVM_NN_DEPTHWISE;
  if (depthwise) {
    check.equal("out_c", s.out_c, s.in_c);
    check.range("weight_out", s.weight_out, 1, s.out_c);
    check.equal("weight_in", s.weight_in, s.weight_out);
  } else {
    check.range("weight_in", s.weight_in, 1, s.in_c);
    check.range("weight_out", s.weight_out, 1, s.out_c);
  }
  if (s.operand == ZKVM_NN_DENSE || depthwise) check.equal("b_zp", s.b_zp, 0);
  const bool in_ram = s.operand == ZKVM_NN_RAM_NK || s.operand == ZKVM_NN_RAM_KN;
  if (in_ram) {
    for (const auto& [field, value] : {std::pair{"in_h", s.in_h},
                                       {"out_h", s.out_h},
                                       {"kernel_h", s.kernel_h},
                                       {"kernel_w", s.kernel_w},
                                       {"stride_h", s.stride_h},
                                       {"stride_w", s.stride_w}})
      check.equal(field, value, 1);
    check.equal("pad_top", s.pad_top, 0);
    check.equal("pad_left", s.pad_left, 0);
    check.equal("out_w", s.out_w, s.in_w);
    check.equal("weight_in", s.weight_in, s.in_c);
    check.equal("weight_out", s.weight_out, s.out_c);
    check.range("second input's bytes", int64_t{s.in_c} * s.out_c, 1, MAX_TENSOR_BYTES);
    if (s.operand == ZKVM_NN_RAM_NK) check.range("in_c", s.in_c, 4, MAX_COLUMN_STRIDE);
  }
  if (!check.ok()) return;
  const uint64_t taps = static_cast<uint64_t>(s.kernel_h) * static_cast<uint64_t>(s.kernel_w);
  const auto outs = static_cast<uint64_t>(s.weight_out);
  const uint64_t weights = in_ram ? 0 : depthwise ? taps * outs : taps * outs * static_cast<uint64_t>(s.weight_in);
  const size_t channel_bytes = out.by_thresholds() ? sizeof(zkvm_nn_thresholds) : sizeof(zkvm_nn_channel);
  check_payload(check, record, outs * channel_bytes + weights);
  if (!check.ok()) return;
  const uint8_t* payload = record.data() + ZKVM_NN_HEADER_BYTES;
  out.weights = {reinterpret_cast<const int8_t*>(payload + outs * channel_bytes), weights};
  if (out.by_thresholds()) out.thresholds = {reinterpret_cast<const zkvm_nn_thresholds*>(payload), outs};

  out.exponent_row = (s.kernel_h + s.stride_h - 1) / s.stride_h - 1;
  out.exponent_col = (s.kernel_w + s.stride_w - 1) / s.stride_w - 1;
  out.phases = phases(s, out.exponent_row, out.exponent_col);
  if (out.phases.empty()) check.complain("kernel", "a tap that meets the input", "none");
  for (const Phase& p : out.phases) {
    out.full_rows = std::max(out.full_rows, p.rows + p.exponent_row);
    out.full_cols = std::max(out.full_cols, p.cols + p.exponent_col);
  }

  const int64_t above = 127 - s.in_zp, below = s.in_zp + 128, input_size = std::max(above, below);
  const int64_t b_above = 127 - s.b_zp, b_below = s.b_zp + 128;
  if (out.by_thresholds()) {
    out.reach.resize(static_cast<size_t>(s.out_c));
  } else {
    out.channels.resize(static_cast<size_t>(s.out_c));
  }
  for (int32_t o = 0; o < s.weight_out; ++o) {
    const std::string where = "channel " + std::to_string(o) + ", ";
    // Of the weights: sum of sizes, sums of the positive ones and of what the negative ones lack.
    int64_t sum = 0, positive = 0, negative = 0;
    if (in_ram) {
      sum = s.in_c * std::max(b_above, b_below);
    } else {
      for (int32_t t = 0; t < s.kernel_h * s.kernel_w; ++t)
        for (int32_t i = 0; i < (depthwise ? 1 : s.weight_in); ++i) {
          const int32_t w = out.weight(o, t / s.kernel_w, t % s.kernel_w, i);
          (w > 0 ? positive : negative) += std::abs(w);
        }
      sum = positive + negative;
    }
    if (out.by_thresholds()) {
      const zkvm_nn_thresholds& channel = out.thresholds[static_cast<size_t>(o)];
      check_thresholds(check, where, channel, sum * input_size + std::abs(int64_t{channel.bias}));
      if (!check.ok()) return;
      const int64_t lowest =
          in_ram ? s.in_c * std::min(-above * b_below, -below * b_above) : -(positive * below + negative * above);
      const int64_t highest =
          in_ram ? s.in_c * std::max(above * b_above, below * b_below) : positive * above + negative * below;
      out.reach[static_cast<size_t>(o)] = {static_cast<int32_t>(lowest), static_cast<int32_t>(highest)};
      continue;
    }
    zkvm_nn_channel c;
    std::memcpy(&c, payload + static_cast<size_t>(o) * sizeof c, sizeof c);
    Requantisation& r = out.channels[static_cast<size_t>(o)];
    if (sum == 0) {
      // A dead channel is constant: whatever its bias, the constant takes its place (bias q, multiplier 1).
      check.range((where + "multiplier").c_str(), c.multiplier, 0, (int64_t{1} << 31) - 1);
      check.range((where + "shift").c_str(), c.shift, -31, 13);
      if (!check.ok()) return;
      const unsigned left = c.shift > 0 ? static_cast<unsigned>(c.shift) : 0;
      const int64_t a = int64_t{c.bias} * (int64_t{1} << left);
      if (a != static_cast<int32_t>(a)) {
        check.complain(where + "bias", "one that keeps 32 bits when shifted left by " + std::to_string(left),
                       std::to_string(c.bias));
        return;
      }
      int64_t x = (a * int64_t{c.multiplier} + (int64_t{1} << 30)) >> 31;
      if (c.shift < 0) x = (x + (int64_t{1} << (-c.shift - 1)) - (x < 0 ? 1 : 0)) >> -c.shift;
      r = {clamp(x, s.out_zp, s.act_min, s.act_max) - s.out_zp, uint64_t{1} << 32, 0, 16};
      continue;
    }
    r = requantisation(check, where, c.bias, c.multiplier, c.shift, sum * input_size + std::abs(int64_t{c.bias}),
                       {s.out_zp, s.act_min, s.act_max});
    if (!check.ok()) return;
  }
}

void load_add(Checker& check, std::span<const uint8_t> record, Add& out) {
  check.name_operator("add");
  out.shape = header<zkvm_nn_add>(record);
  check.range("count", out.shape.count, 4, MAX_TENSOR_BYTES);
  check.multiple("count", out.shape.count, 4);
  check_clamp(check, out.shape.out_zp, out.shape.act_min, out.shape.act_max);
  check_unused(check, out.shape.unused);
  check_payload(check, record, 2048);
  if (!check.ok()) return;
  const auto* values = reinterpret_cast<const int32_t*>(record.data() + ZKVM_NN_HEADER_BYTES);
  out.first = {values, 256};
  out.second = {values + 256, 256};
  int64_t bound = 0;
  for (const auto table : {out.first, out.second}) {
    int64_t largest = 0;
    for (int32_t v : table) {
      check.range("table value", v, -MAX_TABLE_VALUE, MAX_TABLE_VALUE);
      largest = std::max(largest, std::abs(int64_t{v}));
    }
    bound += largest;
  }
  out.output = requantisation(check, "", 0, out.shape.multiplier, out.shape.shift, bound,
                              {out.shape.out_zp, out.shape.act_min, out.shape.act_max});
}

void load_table(Checker& check, std::span<const uint8_t> record, Table& out) {
  check.name_operator("table");
  out.shape = header<zkvm_nn_table>(record);
  check.range("count", out.shape.count, 4, MAX_TENSOR_BYTES);
  check.multiple("count", out.shape.count, 4);
  check_unused(check, out.shape.unused);
  check_payload(check, record, 256);
  if (check.ok()) out.values = {reinterpret_cast<const int8_t*>(record.data() + ZKVM_NN_HEADER_BYTES), 256};
}

void load_pool(Checker& check, std::span<const uint8_t> record, Pool& out) {
  check.name_operator("pooling");
  const zkvm_nn_pool& s = out.shape = header<zkvm_nn_pool>(record);
  check.range("is_max", s.is_max, 0, 1);
  for (const auto& [field, value] : {std::pair{"in_h", s.in_h},
                                     {"in_w", s.in_w},
                                     {"out_h", s.out_h},
                                     {"out_w", s.out_w},
                                     {"kernel_h", s.kernel_h},
                                     {"kernel_w", s.kernel_w},
                                     {"stride_h", s.stride_h},
                                     {"stride_w", s.stride_w}})
    check.range(field, value, 1, 4096);
  check.range("channels", s.channels, 4, MAX_DIMENSION);
  check.multiple("channels", s.channels, 4);
  check.equal("pad_top", s.pad_top, 0);
  check.equal("pad_left", s.pad_left, 0);
  check_clamp(check, 0, s.act_min, s.act_max);
  check_unused(check, s.unused);
  check_payload(check, record, 0);
  if (!check.ok()) return;
  check.range("input bytes", int64_t{s.in_h} * s.in_w * s.channels, 1, MAX_TENSOR_BYTES);
  check.range("output bytes", int64_t{s.out_h} * s.out_w * s.channels, 1, MAX_TENSOR_BYTES);
  check.range("kernel positions", int64_t{s.kernel_h} * s.kernel_w, 1, 1 << 14);
  // Windows lie within the input and share no position: a word can be read once in a call.
  check.range("end of the last window's rows", int64_t{s.out_h - 1} * s.stride_h + s.kernel_h, 1, s.in_h);
  check.range("end of the last window's columns", int64_t{s.out_w - 1} * s.stride_w + s.kernel_w, 1, s.in_w);
  if (s.out_h > 1) check.range("stride_h", s.stride_h, s.kernel_h, 4096);
  if (s.out_w > 1) check.range("stride_w", s.stride_w, s.kernel_w, 4096);
  check.range("bytes from a window's first position to its last", out.offset(out.positions() - 1), 0, 65532);
}

void check_rows(Checker& check, int64_t rows, int64_t cols, int64_t most_cols) {
  check.range("rows", rows, 1, MAX_DIMENSION);
  check.range("cols", cols, 4, most_cols);
  check.multiple("cols", cols, 4);
}

void load_softmax(Checker& check, std::span<const uint8_t> record, Softmax& out) {
  check.name_operator("softmax");
  out.shape = header<zkvm_nn_softmax>(record);
  // So that sums of exponentials, 2^19 at most, are below p.
  check_rows(check, out.shape.rows, out.shape.cols, 4060);
  check_unused(check, out.shape.unused);
  check_payload(check, record, 1024);
  if (!check.ok()) return;
  out.exponential = {reinterpret_cast<const int32_t*>(record.data() + ZKVM_NN_HEADER_BYTES), 256};
  check.equal("exponential of 0", out.exponential[0], INT32_MAX);
  for (size_t d = 1; d < 256; ++d)
    check.range(("exponential of " + std::to_string(d)).c_str(), out.exponential[d], 0, INT32_MAX);
}

void load_layer_norm(Checker& check, std::span<const uint8_t> record, LayerNorm& out) {
  check.name_operator("layer norm");
  const zkvm_nn_layer_norm& s = out.shape = header<zkvm_nn_layer_norm>(record);
  check_rows(check, s.rows, s.cols, 4096);
  check.range("epsilon", s.epsilon, 1, INT32_MAX);
  check_clamp(check, s.out_zp, s.act_min, s.act_max);
  check_unused(check, s.unused);
  if (!check.ok()) return;
  const auto cols = static_cast<size_t>(s.cols);
  check_payload(check, record, cols * sizeof(zkvm_nn_norm));
  if (!check.ok()) return;
  out.channels = {reinterpret_cast<const zkvm_nn_norm*>(record.data() + ZKVM_NN_HEADER_BYTES), cols};
  // Deviations d = n x - sum have d^2 <= (n - 1) (variance - epsilon), so |normalised| < 2^10 sqrt(n - 1) (1 + 2^-22) +
  // 1: the root's floor is at most one below 2^12 sqrt(variance), which costs more than is left only if d > 2^11 sqrt(n
  // - 1), where the root is above 2^23.
  int64_t normalised = 0;
  while (normalised * normalised < int64_t{s.cols - 1} << 20) ++normalised;
  normalised += 2;
  int64_t bound = -1;
  std::string greatest;
  for (size_t c = 0; c < cols; ++c) {
    const auto& [gamma, beta] = out.channels[c];
    const std::string where = "channel " + std::to_string(c) + ", ";
    check.range((where + "gamma").c_str(), gamma, -8191, 8191);
    check.range((where + "beta").c_str(), beta, -(1 << 28), 1 << 28);
    if (!check.ok()) return;
    if (const int64_t size = std::abs(gamma) * normalised + std::abs(beta); size > bound)
      bound = size, greatest = where;
  }
  out.output = requantisation(check, greatest, 0, s.multiplier, s.shift, bound, {s.out_zp, s.act_min, s.act_max});
}

}  // namespace

uint64_t Linear::border_positions() const {
  const auto inside = [](int32_t first, int32_t count, int32_t full) {
    return static_cast<uint64_t>(std::max(0, std::min(first + count, full) - first));
  };
  return static_cast<uint64_t>(full_rows) * static_cast<uint64_t>(full_cols) -
         inside(exponent_row, shape.out_h, full_rows) * inside(exponent_col, shape.out_w, full_cols);
}

int32_t Linear::result(int32_t out, int32_t accumulator) const {
  if (out >= shape.weight_out) return shape.out_zp;
  const zkvm_nn_thresholds& t = thresholds[static_cast<size_t>(out)];
  const auto* end = std::upper_bound(std::begin(t.threshold), std::end(t.threshold), accumulator + t.bias);
  return static_cast<int32_t>(end - t.threshold) - 128;
}

std::optional<Level> Linear::level(int32_t out, int32_t result) const {
  const Reach& r = reach[static_cast<size_t>(out)];
  int64_t lowest = r.lowest, highest = r.highest;
  if (out >= shape.weight_out) {
    if (result != shape.out_zp) return {};
  } else {
    const zkvm_nn_thresholds& t = thresholds[static_cast<size_t>(out)];
    if (result > -128) lowest = std::max(lowest, int64_t{t.threshold[result + 127]} - t.bias);
    if (result < 127) highest = std::min(highest, int64_t{t.threshold[result + 128]} - t.bias - 1);
  }
  if (lowest > highest) return {};
  const auto size = static_cast<uint32_t>(highest - lowest + 1);
  const auto bits = static_cast<unsigned>(std::bit_width(size)) - 1;
  return Level{result, static_cast<int32_t>(lowest), size - (uint32_t{1} << bits), bits};
}

int32_t Linear::weight(int32_t out, int32_t row, int32_t col, int32_t in) const {
  if (out >= shape.weight_out) return 0;
  const size_t tap = static_cast<size_t>(row) * static_cast<size_t>(shape.kernel_w) + static_cast<size_t>(col);
  const size_t taps = static_cast<size_t>(shape.kernel_h) * static_cast<size_t>(shape.kernel_w);
  if (depthwise()) return weights[tap * static_cast<size_t>(shape.weight_out) + static_cast<size_t>(out)];
  if (in >= shape.weight_in) return 0;
  return weights[(static_cast<size_t>(out) * taps + tap) * static_cast<size_t>(shape.weight_in) +
                 static_cast<size_t>(in)];
}

std::string Rom::load(std::vector<uint8_t> bytes) {
  layers_.clear();
  bytes_ = std::move(bytes);
  std::string error;
  int64_t derived = 0;
  for (size_t at = 0; at < bytes_.size();) {
    const auto address = static_cast<uint32_t>(ZKVM_NN_ROM_BEGIN + at);
    Checker check(address);
    const size_t left = bytes_.size() - at;
    uint32_t head[4] = {};
    std::memcpy(head, bytes_.data() + at, std::min(left, sizeof head));
    if (head[0] == 0) {
      // Padding between records.
      at += 32;
      continue;
    }
    Layer layer;
    layer.address = address;
    layer.kind = head[1];
    check.equal("magic", head[0], ZKVM_NN_MAGIC);
    check.range("kind", head[1], ZKVM_NN_LINEAR, ZKVM_NN_LAYER_NORM);
    check.multiple("bytes", head[2], 32);
    check.range("bytes", head[2], ZKVM_NN_HEADER_BYTES, static_cast<int64_t>(left));
    check.equal("reserved", head[3], 0);
    if (check.ok()) {
      const std::span<const uint8_t> record(bytes_.data() + at, head[2]);
      switch (layer.kind) {
        case ZKVM_NN_LINEAR:
          load_linear(check, record, layer.linear);
          break;
        case ZKVM_NN_ADD:
          load_add(check, record, layer.add);
          break;
        case ZKVM_NN_TABLE:
          load_table(check, record, layer.table);
          break;
        case ZKVM_NN_POOL:
          load_pool(check, record, layer.pool);
          break;
        case ZKVM_NN_SOFTMAX:
          load_softmax(check, record, layer.softmax);
          break;
        default:
          load_layer_norm(check, record, layer.norm);
          break;
      }
    }
    derived +=
        static_cast<int64_t>(layer.linear.channels.size() + layer.linear.reach.size() + layer.linear.phases.size());
    derived += layer.softmax.shape.rows + layer.norm.shape.rows;
    check.range("channels, phases and rows of the layers so far", derived, 0, MAX_DERIVED);
    if (!check.ok()) {
      error = check.error();
      break;
    }
    layers_.push_back(std::move(layer));
    at += head[2];
  }
  if (!error.empty()) {
    layers_.clear();
    bytes_.clear();
  }
  return error;
}

int Rom::find(uint32_t address) const {
  const auto it = std::lower_bound(layers_.begin(), layers_.end(), address,
                                   [](const Layer& l, uint32_t a) { return l.address < a; });
  return it != layers_.end() && it->address == address ? static_cast<int>(it - layers_.begin()) : -1;
}

}  // namespace zkvm::precompiles::nn
