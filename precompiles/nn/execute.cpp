#include "precompiles/nn/execute.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "precompiles/nn/fixed/tables.hpp"
#include "precompiles/nn/row_layers.hpp"

// One binary for all processors: the loader picks the widest version that the machine has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define ZKVM_CLONES __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define ZKVM_CLONES
#endif

namespace zkvm::precompiles::nn {
namespace {

ZKVM_CLONES int32_t dot8(const int16_t* x, const int8_t* w, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += int32_t{x[i]} * w[i];
  return sum;
}
ZKVM_CLONES int32_t dot16(const int16_t* x, const int16_t* w, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += int32_t{x[i]} * w[i];
  return sum;
}
ZKVM_CLONES void multiply_add(int32_t* sum, const int16_t* x, const int8_t* w, size_t n) {
  for (size_t i = 0; i < n; ++i) sum[i] += int32_t{x[i]} * w[i];
}

/// out[o] = -128 + number of thresholds of channel o that sum + bias reaches: by eight steps without branches, in many
/// channels at a time so that processors overlap their loads. 7 ns an output with its products and stores, as long as
/// by multipliers.
ZKVM_CLONES void apply_thresholds(const zkvm_nn_thresholds* channels, const int32_t* sum, size_t n, uint8_t* out) {
  constexpr size_t BLOCK = 64;
  constexpr int32_t WORDS = sizeof(zkvm_nn_thresholds) / 4;
  for (size_t first = 0; first < n; first += BLOCK) {
    const auto lanes = static_cast<int32_t>(std::min(BLOCK, n - first));
    // Word 0 of a channel is its bias, threshold i word i + 1.
    const auto* words = reinterpret_cast<const int32_t*>(channels + first);
    int32_t a[BLOCK], at[BLOCK];
    for (int32_t l = 0; l < lanes; ++l) {
      a[l] = sum[first + static_cast<size_t>(l)] + words[l * WORDS];
      at[l] = l * WORDS;
    }
    for (int32_t step = 128; step != 0; step /= 2)
      for (int32_t l = 0; l < lanes; ++l) at[l] += words[at[l] + step] <= a[l] ? step : 0;
    for (int32_t l = 0; l < lanes; ++l)
      out[first + static_cast<size_t>(l)] = static_cast<uint8_t>(at[l] - l * WORDS - 128);
  }
}

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

struct Operand {
  const char* name;
  uint32_t address;
  uint64_t bytes;
  uint32_t which;  ///< pointer
  Access needed() const { return which == POINTER_OUTPUT ? Access::WRITE : Access::READ; }
};

/// visit(offset) for each word of the operand that a call of the layer accesses, in the order of the tables' rows.
/// Words that it leaves out, because a stride or the windows of a pool pass over them, need not exist: no row of a
/// table says that they do.
template <class Visit>
void visit_words(const Layer& layer, const Operand& o, Visit&& visit) {
  if (o.which == POINTER_INPUT && layer.kind == ZKVM_NN_POOL) {
    const Pool& pool = layer.pool;
    for (uint32_t w = 0; w < pool.windows(); ++w)
      for (uint32_t p = 0; p < pool.positions(); ++p)
        for (uint32_t q = 0; q < pool.quads(); ++q) visit(pool.window(w) + pool.offset(p) + 4 * q);
    return;
  }
  if (o.which == POINTER_OUTPUT || layer.kind != ZKVM_NN_LINEAR) {
    for (uint32_t offset = 0; offset < o.bytes; offset += 4) visit(offset);
    return;
  }
  for (const Job& job : jobs_of(layer)) {
    if (job.which != o.which) continue;
    uint32_t offset = job.offset;
    for (uint32_t r = 0; r < job.rows; ++r) {
      for (uint32_t c = 0; c < job.cols; ++c) visit(offset + c * job.stride);
      offset += (job.groups() - 1) * 8 * job.stride + job.jump;
    }
  }
}

CallError check_operand(const Layer& layer, const Host& host, const Operand& o) {
  if (o.address % 4 != 0) return std::string(o.name) + ": expected a multiple of 4, found " + hex(o.address);
  if (o.address < MEMORY_END && host.access(o.address, o.bytes) >= o.needed()) return {};
  bool exists = o.address < MEMORY_END, alike = true;
  std::optional<Access> first;
  if (exists)
    visit_words(layer, o, [&](uint32_t offset) {
      const Access found = host.access(o.address + offset, 4);
      exists = exists && found >= o.needed();
      alike = alike && found == first.value_or(found);
      first = found;
    });
  if (exists && alike) return {};
  return std::string(o.name) + ": expected " + std::to_string(o.bytes) + describe(o.needed()) + hex(o.address);
}
/// A word can be read once in a call.
CallError check_apart(const Layer& layer, const Operand& input, const Operand& second) {
  if (input.address >= second.address + second.bytes || second.address >= input.address + input.bytes) return {};
  std::vector<bool> read(input.bytes / 4);
  visit_words(layer, input, [&](uint32_t offset) { read[offset / 4] = true; });
  bool apart = true;
  visit_words(layer, second, [&](uint32_t offset) {
    const uint32_t at = second.address + offset - input.address;  // modulo 2^32
    apart = apart && !(at < input.bytes && read[at / 4]);
  });
  if (apart) return {};
  return "second input (a2): expected memory apart from the input, found " + hex(second.address) +
         ", which overlaps the input at " + hex(input.address);
}
int32_t element(uint32_t word, unsigned lane) { return static_cast<int8_t>(word >> (8 * lane)); }

/// The operand's words before the call; 0 for those that do not exist.
TensorTrace load_tensor(const Layer& layer, const Host& host, const Operand& o) {
  TensorTrace t{std::vector<uint32_t>(o.bytes / 4), {}, false};
  if (const Access whole = host.access(o.address, o.bytes); whole != Access::NONE) {
    t.read_only = whole == Access::READ;
    for (size_t i = 0; i < t.value.size(); ++i) t.value[i] = host.load(o.address + static_cast<uint32_t>(4 * i));
    return t;
  }
  visit_words(layer, o, [&](uint32_t offset) {
    t.read_only = host.access(o.address + offset, 4) == Access::READ;
    t.value[offset / 4] = host.load(o.address + offset);
  });
  return t;
}
/// Clocks of the accesses before those of a call at `clk`.
void touch_tensor(const Layer& layer, Host& host, const Operand& o, uint32_t clk, TensorTrace& t) {
  t.prev.resize(t.value.size());
  const uint32_t clock = clk + (o.which == POINTER_OUTPUT ? WRITE_CLOCK : READ_CLOCK);
  visit_words(layer, o, [&](uint32_t offset) { t.prev[offset / 4] = host.touch(o.address + offset, clock); });
}
/// Signed bytes less the zero point.
std::vector<int16_t> centred(const std::vector<uint32_t>& words, int32_t zero_point) {
  std::vector<int16_t> out(4 * words.size());
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<int16_t>(static_cast<int8_t>(words[i / 4] >> (8 * (i % 4))) - zero_point);
  return out;
}

/// Results of one position from its accumulators.
void requantise_position(const Linear& l, const int32_t* accumulators, uint8_t* out) {
  const zkvm_nn_linear& s = l.shape;
  const auto outs = static_cast<size_t>(s.out_c);
  if (l.by_thresholds()) {
    apply_thresholds(l.thresholds.data(), accumulators, l.thresholds.size(), out);
    std::fill(out + l.thresholds.size(), out + outs, static_cast<uint8_t>(s.out_zp));
    return;
  }
  for (size_t o = 0; o < outs; ++o)
    out[o] = static_cast<uint8_t>(clamp(requantise(l.channels[o], accumulators[o]), s.out_zp, s.act_min, s.act_max));
}

CallError execute_linear(const Layer& layer, uint32_t index, Host& host, const CallEvent& event, NnTrace* trace) {
  const Linear& l = layer.linear;
  const zkvm_nn_linear& s = l.shape;
  const auto size = [](int32_t a, int32_t b, int32_t c) {
    return static_cast<uint64_t>(a) * static_cast<uint64_t>(b) * static_cast<uint64_t>(c);
  };
  const Operand input{"input (a1)", event.a[1], size(s.in_h, s.in_w, s.in_c), POINTER_INPUT};
  const Operand second{"second input (a2)", event.a[2], l.in_rom() ? 0 : size(1, s.in_c, s.out_c), POINTER_SECOND};
  const Operand output{"output (a3)", event.a[3], size(s.out_h, s.out_w, s.out_c), POINTER_OUTPUT};
  if (CallError e = check_operand(layer, host, input); !e.empty()) return e;
  if (CallError e = check_operand(layer, host, output); !e.empty()) return e;
  if (!l.in_rom()) {
    if (CallError e = check_operand(layer, host, second); !e.empty()) return e;
    if (CallError e = check_apart(layer, input, second); !e.empty()) return e;
  }

  LinearCall record;
  record.input = load_tensor(layer, host, input);
  const std::vector<int16_t> x = centred(record.input.value, s.in_zp);
  std::vector<int16_t> w;
  if (!l.in_rom()) {
    record.second = load_tensor(layer, host, second);
    w = centred(record.second.value, s.b_zp);
    if (s.operand == ZKVM_NN_RAM_KN) {
      const auto rows = static_cast<size_t>(s.in_c), cols = static_cast<size_t>(s.out_c);
      std::vector<int16_t> transposed(w.size());
      for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < cols; ++c) transposed[c * rows + r] = w[r * cols + c];
      w = std::move(transposed);
    }
  }
  const auto channels = static_cast<size_t>(s.out_c);
  const int32_t positions = s.out_h * s.out_w;
  record.outputs.resize(static_cast<size_t>(positions) * channels);
  std::vector<uint8_t> results(record.outputs.size());
#pragma omp parallel for schedule(dynamic, 16)
  for (int32_t p = 0; p < positions; ++p) {
    const size_t first = static_cast<size_t>(p) * channels;
    int32_t* accumulators = record.outputs.data() + first;
    accumulate(l, x.data(), w.data(), p / s.out_w + l.exponent_row, p % s.out_w + l.exponent_col, accumulators);
    requantise_position(l, accumulators, results.data() + first);
  }

  if (trace != nullptr) {
    record.call = event;
    record.layer = index;
    touch_tensor(layer, host, input, event.clk, record.input);
    touch_tensor(layer, host, second, event.clk, record.second);
    for (int32_t i = 0; i < l.full_rows; ++i)
      for (int32_t j = 0; j < l.full_cols; ++j)
        if (i < l.exponent_row || i >= l.exponent_row + s.out_h || j < l.exponent_col ||
            j >= l.exponent_col + s.out_w) {
          record.border_i.push_back(static_cast<uint32_t>(i));
          record.border_j.push_back(static_cast<uint32_t>(j));
        }
    record.border.resize(record.border_i.size() * channels);
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t p = 0; p < record.border_i.size(); ++p)
      accumulate(l, x.data(), w.data(), static_cast<int32_t>(record.border_i[p]),
                 static_cast<int32_t>(record.border_j[p]), record.border.data() + p * channels);
  }

  const size_t words = output.bytes / 4;
  if (trace != nullptr) {
    record.output.value.resize(words);
    record.output.prev.resize(words);
    if (l.by_thresholds()) {
      if (trace->entries.size() <= index) trace->entries.resize(index + 1);
      std::vector<uint32_t>& uses = trace->entries[index];
      uses.resize(level_index(static_cast<uint32_t>(s.out_c), 0));
      for (size_t i = 0; i < results.size(); ++i) ++uses[level_index(static_cast<uint32_t>(i % channels), results[i])];
    }
  }
  for (size_t i = 0; i < words; ++i) {
    const uint32_t address = output.address + static_cast<uint32_t>(4 * i);
    uint32_t value = 0;
    for (size_t lane = 0; lane < 4; ++lane) value |= uint32_t{results[4 * i + lane]} << (8 * lane);
    if (trace != nullptr) {
      record.output.value[i] = host.load(address);
      record.output.prev[i] = host.touch(address, event.clk + WRITE_CLOCK);
    }
    host.store(address, value);
  }
  if (trace != nullptr) trace->linear.push_back(std::move(record));
  return {};
}

/// Element by element: value(x, y) of signed elements, tables looked up counted in `entries`.
template <class Value>
CallError execute_parts(const Layer& layer, uint32_t index, Host& host, const CallEvent& event, NnTrace* trace,
                        bool has_second, Value&& value) {
  const uint64_t bytes = uint64_t{part_layer_words(layer)} * 4;
  const Operand input{"input (a1)", event.a[1], bytes, POINTER_INPUT},
      second{"second input (a2)", event.a[2], bytes, POINTER_SECOND},
      output{"output (a3)", event.a[3], bytes, POINTER_OUTPUT};
  if (CallError e = check_operand(layer, host, input); !e.empty()) return e;
  if (CallError e = check_operand(layer, host, output); !e.empty()) return e;
  if (has_second) {
    if (CallError e = check_operand(layer, host, second); !e.empty()) return e;
    if (CallError e = check_apart(layer, input, second); !e.empty()) return e;
  }
  PartsCall record;
  record.input = load_tensor(layer, host, input);
  if (has_second) record.second = load_tensor(layer, host, second);
  const size_t words = record.input.value.size();
  if (trace != nullptr) {
    record.call = event;
    record.layer = index;
    touch_tensor(layer, host, input, event.clk, record.input);
    if (has_second) touch_tensor(layer, host, second, event.clk, record.second);
    record.output = load_tensor(layer, host, output);
    touch_tensor(layer, host, output, event.clk, record.output);
    if (trace->entries.size() <= index) trace->entries.resize(index + 1);
    std::vector<uint32_t>& entries = trace->entries[index];
    entries.resize(512);
    for (size_t i = 0; i < words; ++i)
      for (unsigned lane = 0; lane < 4; ++lane) {
        ++entries[static_cast<size_t>(element(record.input.value[i], lane) + 128)];
        if (has_second) ++entries[static_cast<size_t>(256 + element(record.second.value[i], lane) + 128)];
      }
  }
  for (size_t i = 0; i < words; ++i) {
    uint32_t out = 0;
    for (unsigned lane = 0; lane < 4; ++lane) {
      const int32_t x = element(record.input.value[i], lane);
      const int32_t y = has_second ? element(record.second.value[i], lane) : 0;
      out |= (static_cast<uint32_t>(value(x, y)) & 0xff) << (8 * lane);
    }
    host.store(output.address + static_cast<uint32_t>(4 * i), out);
  }
  if (trace != nullptr) trace->parts.push_back(std::move(record));
  return {};
}

/// One row of a softmax; its exponentials are counted in `uses`, once for each difference.
void softmax_row(const Softmax& s, const int8_t* in, int8_t* out, std::vector<uint32_t>* uses) {
  const auto cols = static_cast<size_t>(s.shape.cols);
  const int32_t top = *std::max_element(in, in + cols);
  uint32_t count[256] = {};
  for (size_t i = 0; i < cols; ++i) ++count[top - in[i]];
  uint32_t sum = 0;
  for (uint32_t d = 0; d < 256; ++d) sum += count[d] * s.rounded(d);
  const Reciprocal r = reciprocal(sum);
  int8_t outputs[256];
  for (uint32_t d = 0; d < 256; ++d) {
    if (count[d] == 0) continue;
    outputs[d] = static_cast<int8_t>(share_output(share(r, static_cast<uint32_t>(s.exponential[d]))));
    if (uses != nullptr) ++(*uses)[d];
  }
  for (size_t i = 0; i < cols; ++i) out[i] = outputs[top - in[i]];
}
void norm_row(const LayerNorm& n, const int8_t* in, int8_t* out) {
  const zkvm_nn_layer_norm& s = n.shape;
  int32_t sum = 0, squares = 0;
  for (int32_t i = 0; i < s.cols; ++i) sum += in[i], squares += in[i] * in[i];
  const Root r = root(n, sum, squares);
  for (int32_t i = 0; i < s.cols; ++i) {
    const auto& [gamma, beta] = n.channels[static_cast<size_t>(i)];
    out[i] = static_cast<int8_t>(
        clamp(requantise(n.output, gamma * normalised(n, in[i], sum, r) + beta), s.out_zp, s.act_min, s.act_max));
  }
}

/// A layer along the last axis, row by row.
CallError execute_rows(const Layer& layer, uint32_t index, Host& host, const CallEvent& event, NnTrace* trace) {
  const uint64_t bytes = uint64_t{part_layer_words(layer)} * 4;
  const Operand input{"input (a1)", event.a[1], bytes, POINTER_INPUT},
      output{"output (a3)", event.a[3], bytes, POINTER_OUTPUT};
  if (CallError e = check_operand(layer, host, input); !e.empty()) return e;
  if (CallError e = check_operand(layer, host, output); !e.empty()) return e;
  PartsCall record;
  record.input = load_tensor(layer, host, input);
  const size_t words = record.input.value.size(), cols = size_t{4} * part_words(layer);
  std::vector<uint32_t>* entries = nullptr;
  if (trace != nullptr) {
    record.call = event;
    record.layer = index;
    touch_tensor(layer, host, input, event.clk, record.input);
    record.output = load_tensor(layer, host, output);
    touch_tensor(layer, host, output, event.clk, record.output);
    if (trace->entries.size() <= index) trace->entries.resize(index + 1);
    entries = &trace->entries[index];
    entries->resize(256);
  }
  std::vector<int8_t> in(4 * words), out(4 * words);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int8_t>(record.input.value[i / 4] >> (8 * (i % 4)));
  for (size_t first = 0; first < in.size(); first += cols) {
    if (layer.kind == ZKVM_NN_SOFTMAX) {
      softmax_row(layer.softmax, in.data() + first, out.data() + first, entries);
      continue;
    }
    norm_row(layer.norm, in.data() + first, out.data() + first);
    if (entries != nullptr)
      for (uint32_t i = 0; i < NORM_CONSTANTS; ++i) ++(*entries)[i];
  }
  for (size_t i = 0; i < words; ++i) {
    uint32_t value = 0;
    for (size_t lane = 0; lane < 4; ++lane) value |= uint32_t{static_cast<uint8_t>(out[4 * i + lane])} << (8 * lane);
    host.store(output.address + static_cast<uint32_t>(4 * i), value);
  }
  if (trace != nullptr) trace->parts.push_back(std::move(record));
  return {};
}

CallError execute_pool(const Layer& layer, uint32_t index, Host& host, const CallEvent& event, NnTrace* trace) {
  const Pool& pool = layer.pool;
  const zkvm_nn_pool& s = pool.shape;
  const uint32_t quads = pool.quads(), windows = pool.windows(), positions = pool.positions();
  const Operand input{"input (a1)", event.a[1],
                      static_cast<uint64_t>(s.in_h) * static_cast<uint64_t>(s.in_w) * 4 * quads, POINTER_INPUT};
  const Operand output{"output (a3)", event.a[3], uint64_t{windows} * 4 * quads, POINTER_OUTPUT};
  if (CallError e = check_operand(layer, host, input); !e.empty()) return e;
  if (CallError e = check_operand(layer, host, output); !e.empty()) return e;
  PartsCall record;
  record.input = load_tensor(layer, host, input);
  record.pooled.resize(size_t{windows} * 4 * quads);
  for (uint32_t w = 0; w < windows; ++w) {
    int32_t* values = record.pooled.data() + size_t{w} * 4 * quads;
    for (uint32_t p = 0; p < positions; ++p) {
      const uint32_t first = (pool.window(w) + pool.offset(p)) / 4;
      for (uint32_t c = 0; c < 4 * quads; ++c) {
        const int32_t x = element(record.input.value[first + c / 4], c % 4);
        values[c] = p == 0 ? x : s.is_max != 0 ? std::max(values[c], x) : values[c] + x;
      }
    }
  }
  if (trace != nullptr) {
    record.call = event;
    record.layer = index;
    touch_tensor(layer, host, input, event.clk, record.input);
    record.output = load_tensor(layer, host, output);
    record.output.prev.resize(record.output.value.size());
  }
  for (uint32_t i = 0; i < windows * quads; ++i) {
    uint32_t value = 0;
    for (unsigned lane = 0; lane < 4; ++lane)
      value |= (static_cast<uint32_t>(pool_output(pool, record.pooled[4 * i + lane])) & 0xff) << (8 * lane);
    const uint32_t address = output.address + 4 * i;
    if (trace != nullptr) record.output.prev[i] = host.touch(address, event.clk + WRITE_CLOCK);
    host.store(address, value);
  }
  if (trace != nullptr) trace->parts.push_back(std::move(record));
  return {};
}

}  // namespace

int32_t pool_output(const Pool& pool, int32_t value) {
  const zkvm_nn_pool& s = pool.shape;
  const int32_t count = s.is_max != 0 ? 1 : static_cast<int32_t>(pool.positions());
  const int32_t rounded = value > 0 ? (value + count / 2) / count : (value - count / 2) / count;
  return std::clamp(rounded, s.act_min, s.act_max);
}

void accumulate(const Linear& l, const int16_t* input, const int16_t* second, int32_t i, int32_t j, int32_t* out) {
  const zkvm_nn_linear& s = l.shape;
  const int32_t row = (i - l.exponent_row) * s.stride_h - s.pad_top,
                col = (j - l.exponent_col) * s.stride_w - s.pad_left;
  const int32_t row_begin = std::max(0, -row), row_end = std::min(s.kernel_h, s.in_h - row);
  const int32_t col_begin = std::max(0, -col), col_end = std::min(s.kernel_w, s.in_w - col);
  const auto channels = static_cast<size_t>(s.in_c), outs = static_cast<size_t>(s.out_c);
  const auto at = [&](int32_t r, int32_t c) {
    return input +
           (static_cast<size_t>(row + r) * static_cast<size_t>(s.in_w) + static_cast<size_t>(col + c)) * channels;
  };
  std::fill_n(out, outs, 0);
  if (second != nullptr && !l.in_rom()) {
    if (row_begin >= row_end || col_begin >= col_end) return;
    for (size_t o = 0; o < outs; ++o) out[o] = dot16(at(0, 0), second + o * channels, channels);
    return;
  }
  const auto kernel_w = static_cast<size_t>(s.kernel_w), weight_in = static_cast<size_t>(s.weight_in),
             weight_out = static_cast<size_t>(s.weight_out);
  for (int32_t r = row_begin; r < row_end; ++r) {
    if (col_begin >= col_end) return;
    const size_t first_tap = static_cast<size_t>(r) * kernel_w + static_cast<size_t>(col_begin);
    const auto taps = static_cast<size_t>(col_end - col_begin);
    if (l.depthwise()) {
      for (size_t t = 0; t < taps; ++t)
        multiply_add(out, at(r, col_begin + static_cast<int32_t>(t)), l.weights.data() + (first_tap + t) * weight_out,
                     weight_out);
      continue;
    }
    const size_t kernel = static_cast<size_t>(s.kernel_h) * kernel_w * weight_in;
    for (size_t o = 0; o < weight_out; ++o) {
      const int8_t* w = l.weights.data() + o * kernel + first_tap * weight_in;
      if (weight_in == channels) {
        // The taps of a kernel row are neighbours, in the input as in the weights.
        out[o] += dot8(at(r, col_begin), w, taps * channels);
      } else {
        for (size_t t = 0; t < taps; ++t)
          out[o] += dot8(at(r, col_begin + static_cast<int32_t>(t)), w + t * weight_in, weight_in);
      }
    }
  }
}

CallError execute(const Rom& rom, Host& host, const CallEvent& event, NnTrace* trace) {
  const int index = rom.find(event.a[0]);
  if (index < 0)
    return "neural-network call, layer (a0): expected the address of a layer record, found " + hex(event.a[0]);
  const Layer& layer = rom.layers()[static_cast<size_t>(index)];
  if (event.a[2] >= MEMORY_END)
    return "neural-network call, second input (a2): expected an address below " + hex(MEMORY_END) + ", found " +
           hex(event.a[2]);
  CallError error;
  switch (layer.kind) {
    case ZKVM_NN_LINEAR:
      error = execute_linear(layer, static_cast<uint32_t>(index), host, event, trace);
      break;
    case ZKVM_NN_ADD: {
      const Add& a = layer.add;
      error = execute_parts(layer, static_cast<uint32_t>(index), host, event, trace, true, [&](int32_t x, int32_t y) {
        return clamp(
            requantise(a.output, int64_t{a.first[static_cast<uint8_t>(x)]} + a.second[static_cast<uint8_t>(y)]),
            a.shape.out_zp, a.shape.act_min, a.shape.act_max);
      });
      break;
    }
    case ZKVM_NN_TABLE:
      error = execute_parts(layer, static_cast<uint32_t>(index), host, event, trace, false,
                            [&](int32_t x, int32_t) { return layer.table.values[static_cast<uint8_t>(x)]; });
      break;
    case ZKVM_NN_POOL:
      error = execute_pool(layer, static_cast<uint32_t>(index), host, event, trace);
      break;
    case ZKVM_NN_SOFTMAX:
    case ZKVM_NN_LAYER_NORM:
      error = execute_rows(layer, static_cast<uint32_t>(index), host, event, trace);
      break;
    default:
      error = "kind: expected one that this machine proves, found " + std::to_string(layer.kind);
      break;
  }
  if (!error.empty()) return "neural-network call of the layer at " + hex(layer.address) + ", " + error;
  if (trace != nullptr) {
    trace->calls.resize(rom.layers().size());
    ++trace->calls[static_cast<size_t>(index)];
    const bool linear = layer.kind == ZKVM_NN_LINEAR;
    trace->order.push_back({linear, static_cast<uint32_t>(linear ? trace->linear.size() : trace->parts.size()) - 1});
  }
  return {};
}

}  // namespace zkvm::precompiles::nn
