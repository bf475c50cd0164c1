#include "tests/nn/layers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::tests {
namespace {

template <class T>
void append(std::vector<uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

int32_t zero_point(Random& random) { return random.one_in(6) ? -128 : random.one_in(6) ? 127 : random(-128, 127); }
int32_t multiplier(Random& random) {
  switch (random(0, 9)) {
    case 0:
      return 0;
    case 1:
      return 1 << 30;
    case 2:
      return INT32_MAX;
    case 3:
      return random(0, INT32_MAX);
    default:
      return random(1 << 30, INT32_MAX);
  }
}
void clamp(Random& random, int32_t& low, int32_t& high) {
  low = random.one_in(2) ? -128 : random(-128, 127);
  high = random.one_in(2) ? 127 : random(low, 127);
}
template <class Header>
std::string describe(const Header& header) {
  std::string text;
  const auto* words = reinterpret_cast<const int32_t*>(&header);
  for (size_t i = 4; i < sizeof header / 4; ++i) text += std::to_string(words[i]) + " ";
  return text;
}

TestLayer random_add(Random& random, int32_t size) {
  zkvm_nn_add r{};
  r.kind = ZKVM_NN_ADD;
  r.count = 4 * random(1, 40 * size);
  r.out_zp = zero_point(random);
  clamp(random, r.act_min, r.act_max);
  r.multiplier = multiplier(random);
  r.shift = random(-24, 0);
  const int32_t range = 1 << random(0, 27);
  std::vector<uint8_t> payload;
  for (int i = 0; i < 512; ++i) append(payload, random(-range, range));
  const auto bytes = static_cast<uint32_t>(r.count);
  return {make_record(r, payload), bytes, bytes, bytes, "add " + describe(r)};
}
TestLayer random_table(Random& random, int32_t size) {
  zkvm_nn_table r{};
  r.kind = ZKVM_NN_TABLE;
  r.count = 4 * random(1, 40 * size);
  std::vector<uint8_t> payload(256);
  for (uint8_t& b : payload) b = random.byte();
  const auto bytes = static_cast<uint32_t>(r.count);
  return {make_record(r, payload), bytes, 0, bytes, "table " + describe(r)};
}
TestLayer random_pool(Random& random, int32_t size) {
  zkvm_nn_pool r{};
  r.kind = ZKVM_NN_POOL;
  r.is_max = random(0, 1);
  r.in_h = random(1, 6 * size);
  r.in_w = random(1, 6 * size);
  r.channels = 4 * random(1, 4);
  r.kernel_h = random(1, r.in_h);
  r.kernel_w = random(1, r.in_w);
  r.stride_h = r.kernel_h + random(0, 1);
  r.stride_w = r.kernel_w + random(0, 1);
  r.out_h = random(1, (r.in_h - r.kernel_h) / r.stride_h + 1);
  r.out_w = random(1, (r.in_w - r.kernel_w) / r.stride_w + 1);
  clamp(random, r.act_min, r.act_max);
  return {make_record(r, {}), static_cast<uint32_t>(r.in_h * r.in_w * r.channels), 0,
          static_cast<uint32_t>(r.out_h * r.out_w * r.channels), "pool " + describe(r)};
}
/// Columns of a layer along the last axis: few, odd numbers of words, seldom the most that there can be.
int32_t row_columns(Random& random, int32_t size, int32_t most) {
  if (random.one_in(8)) return 4;
  if (size > 1 && random.one_in(60)) return most - 4 * random(0, 2);
  return 4 * random(1, random.one_in(4) ? 40 * size : 4 * size);
}
TestLayer random_softmax(Random& random, int32_t size) {
  zkvm_nn_softmax r{};
  r.kind = ZKVM_NN_SOFTMAX;
  r.cols = row_columns(random, size, 4060);
  r.rows = r.cols > 1000 ? random(1, 2) : random(1, 4 * size);
  // Exponentials as scales give them, all the same, cut early, or any numbers.
  const int32_t form = random(0, 5), cut = random(1, 255);
  const double step = std::exp(random(-8000, 3000) / 1000.0);
  std::vector<uint8_t> payload;
  append(payload, INT32_MAX);
  for (int32_t d = 1; d < 256; ++d) {
    int32_t e = static_cast<int32_t>(std::exp(-step * d) * INT32_MAX);
    if (form == 0) e = INT32_MAX;
    if (form == 1 && d >= cut) e = 0;
    if (form == 2) e = random.one_in(4) ? (random.one_in(2) ? 0 : INT32_MAX) : random(0, INT32_MAX);
    if (form == 3) e = random(0, 1 << random(1, 14));
    append(payload, e);
  }
  const auto bytes = static_cast<uint32_t>(r.rows * r.cols);
  return {make_record(r, payload), bytes, 0, bytes, "softmax " + describe(r)};
}
TestLayer random_layer_norm(Random& random, int32_t size) {
  zkvm_nn_layer_norm r{};
  r.kind = ZKVM_NN_LAYER_NORM;
  r.cols = row_columns(random, size, 4096);
  r.rows = r.cols > 1000 ? random(1, 2) : random(1, 4 * size);
  r.epsilon = random.one_in(3) ? 1 : random.one_in(6) ? INT32_MAX : random(1, 1 << random(1, 30));
  r.out_zp = zero_point(random);
  clamp(random, r.act_min, r.act_max);
  r.multiplier = multiplier(random);
  r.shift = random.one_in(12) ? -31 : random(-26, 1);
  const int32_t gammas = random.one_in(8) ? 8191 : 1 << random(0, 12),
                betas = random.one_in(8) ? 1 << 28 : 1 << random(0, 26);
  std::vector<uint8_t> payload;
  for (int32_t c = 0; c < r.cols; ++c)
    append(payload, zkvm_nn_norm{random.one_in(20) ? 0 : random(-gammas, gammas), random(-betas, betas)});
  const auto bytes = static_cast<uint32_t>(r.rows * r.cols);
  return {make_record(r, payload), bytes, 0, bytes, "layer norm " + describe(r)};
}

}  // namespace

template <class Header>
std::vector<uint8_t> make_record(Header header, const std::vector<uint8_t>& payload) {
  static_assert(sizeof header == ZKVM_NN_HEADER_BYTES);
  header.magic = ZKVM_NN_MAGIC;
  header.bytes = static_cast<uint32_t>((sizeof header + payload.size() + 31) / 32 * 32);
  std::vector<uint8_t> record(header.bytes);
  std::memcpy(record.data(), &header, sizeof header);
  std::copy(payload.begin(), payload.end(), record.begin() + sizeof header);
  return record;
}
template std::vector<uint8_t> make_record(zkvm_nn_linear, const std::vector<uint8_t>&);
template std::vector<uint8_t> make_record(zkvm_nn_add, const std::vector<uint8_t>&);
template std::vector<uint8_t> make_record(zkvm_nn_table, const std::vector<uint8_t>&);
template std::vector<uint8_t> make_record(zkvm_nn_pool, const std::vector<uint8_t>&);
template std::vector<uint8_t> make_record(zkvm_nn_softmax, const std::vector<uint8_t>&);
template std::vector<uint8_t> make_record(zkvm_nn_layer_norm, const std::vector<uint8_t>&);

zkvm_nn_thresholds random_thresholds(Random& random, int32_t range) {
  constexpr int32_t LIMIT = 1 << 29;
  zkvm_nn_thresholds t{};
  t.bias = random.one_in(8) ? random(-(1 << 28), 1 << 28) : random(-range, range);
  const int32_t around = random.one_in(4) ? 0 : t.bias;  // else few levels can be reached
  const bool even = random.one_in(2), few = random.one_in(3);
  const int32_t step = random(1, range / 64 + 1);
  for (int32_t i = 0; i < 255; ++i)
    t.threshold[i] = even                                                     ? step * (i - 128) + step / 2
                     : i > 0 && (few ? !random.one_in(60) : random.one_in(3)) ? t.threshold[i - 1]
                                                                              : random(-range, range);
  for (int32_t& x : t.threshold) x = std::clamp(x + around, -LIMIT, LIMIT);
  for (int32_t i = random.one_in(4) ? random(0, 255) : 0; i > 0; --i) t.threshold[i - 1] = -LIMIT;
  for (int32_t i = random.one_in(4) ? random(0, 255) : 0; i > 0; --i) t.threshold[255 - i] = LIMIT;
  std::sort(std::begin(t.threshold), std::end(t.threshold));
  return t;
}

TestLayer random_linear(Random& random, int32_t operand, int32_t size) {
  zkvm_nn_linear r{};
  r.kind = ZKVM_NN_LINEAR;
  r.operand = operand;
  const bool in_ram = operand == ZKVM_NN_RAM_NK || operand == ZKVM_NN_RAM_KN, depthwise = operand == ZKVM_NN_DEPTHWISE;
  r.in_h = in_ram ? 1 : random(1, 4 * size);
  r.in_w = random(1, 10 * size);
  r.in_c = 4 * random(1, in_ram ? 8 : 3);
  r.kernel_h = r.kernel_w = r.stride_h = r.stride_w = r.dilation_h = r.dilation_w = 1;
  r.out_h = 1;
  r.out_w = r.in_w;
  if (!in_ram) {
    r.kernel_h = random(1, 4);
    r.kernel_w = random(1, 4);
    r.stride_h = random(1, 3);
    r.stride_w = random(1, 3);
    r.pad_top = random(0, r.kernel_h - 1);
    r.pad_left = random(0, r.kernel_w - 1);
    r.out_h = random(1, 5);
    r.out_w = random(1, 6);
  }
  r.out_c = depthwise ? r.in_c : 4 * random(1, size == 1 ? 4 : 18);
  r.weight_out = in_ram || random.one_in(2) ? r.out_c : r.out_c - random(0, 3);
  r.weight_in = depthwise ? r.weight_out : in_ram || random.one_in(2) ? r.in_c : r.in_c - random(0, 3);
  r.in_zp = zero_point(random);
  r.b_zp = in_ram ? zero_point(random) : 0;
  r.out_zp = zero_point(random);
  clamp(random, r.act_min, r.act_max);
  const bool dead = random.one_in(8), by_thresholds = random.one_in(3);
  if (by_thresholds) {
    r.requantisation = ZKVM_NN_THRESHOLDS;
    r.act_min = -128;
    r.act_max = 127;
  }
  std::vector<uint8_t> payload;
  for (int32_t o = 0; o < r.weight_out; ++o) {
    if (by_thresholds) {
      append(payload, random_thresholds(random, 1 << random(0, 20)));
      continue;
    }
    const int32_t m = multiplier(random), bias = random(-(1 << random(0, 18)), 1 << random(0, 18));
    append(payload, zkvm_nn_channel{dead && !in_ram ? random(-(1 << 30), 1 << 30) : bias, m,
                                    random.one_in(12) ? -31 : random(-18, dead ? 0 : 2)});
  }
  const int32_t weights = in_ram ? 0 : r.kernel_h * r.kernel_w * r.weight_out * (depthwise ? 1 : r.weight_in);
  for (int32_t i = 0; i < weights; ++i) payload.push_back(dead ? 0 : random.one_in(8) ? 0x80 : random.byte());
  return {make_record(r, payload), static_cast<uint32_t>(r.in_h * r.in_w * r.in_c),
          in_ram ? static_cast<uint32_t>(r.in_c * r.out_c) : 0, static_cast<uint32_t>(r.out_h * r.out_w * r.out_c),
          "linear " + describe(r)};
}

TestLayer random_layer(Random& random, uint32_t kind, int32_t size) {
  switch (kind) {
    case ZKVM_NN_LINEAR:
      return random_linear(random, random(0, 3), size);
    case ZKVM_NN_ADD:
      return random_add(random, size);
    case ZKVM_NN_TABLE:
      return random_table(random, size);
    case ZKVM_NN_SOFTMAX:
      return random_softmax(random, size);
    case ZKVM_NN_LAYER_NORM:
      return random_layer_norm(random, size);
    default:
      return random_pool(random, size);
  }
}

uint32_t record_address(const std::vector<TestLayer>& layers, uint32_t index) {
  uint32_t address = ZKVM_NN_ROM_BEGIN;
  for (uint32_t i = 0; i < index; ++i) address += static_cast<uint32_t>(layers[i].record.size());
  return address;
}

std::vector<uint8_t> layer_elf(const std::vector<TestLayer>& layers, const std::vector<TestCall>& calls,
                               const std::vector<uint8_t>& memory, const std::vector<uint32_t>& end) {
  std::vector<uint32_t> code;
  const auto load = [&](uint32_t reg, uint32_t value) {
    // The low part is signed.
    code.push_back(lui(reg, value + 0x800));
    code.push_back(addi(reg, reg, static_cast<int32_t>(value << 20) >> 20));
  };
  for (const TestCall& c : calls) {
    load(A0, record_address(layers, c.layer));
    load(A1, c.input);
    load(A1 + 1, c.second);
    load(A1 + 2, c.output);
    code.push_back(addi(A7, 0, ZKVM_ECALL_NN));
    code.push_back(ECALL);
  }
  code = code + (end.empty() ? halt(0, 0) : end);
  vm::ElfBuilder elf;
  elf.entry = CODE;
  elf.add_code(CODE, code);
  elf.loads.push_back({.addr = TENSORS, .bytes = memory});
  std::vector<uint8_t> rom;
  for (const TestLayer& l : layers) rom.insert(rom.end(), l.record.begin(), l.record.end());
  elf.loads.push_back({.addr = ZKVM_NN_ROM_BEGIN, .flags = PF_R, .bytes = rom});
  return elf.build();
}

vm::Program layer_program(const std::vector<TestLayer>& layers, const std::vector<TestCall>& calls,
                          const std::vector<uint8_t>& memory, const std::vector<uint32_t>& end) {
  auto program = vm::load_elf(layer_elf(layers, calls, memory, end));
  if (!program.ok()) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

namespace {

/// Bytes of all kinds; for layers along the last axis sometimes rows that are constant, or have few values, or one
/// element far from the others.
void fill_tensors(Random& random, OneLayer& l) {
  const bool few = random.one_in(4), steps = random.one_in(4);
  const int32_t base = random(-128, 127);
  int32_t here = base;
  for (uint8_t& b : l.memory) {
    if (random.one_in(16)) here = random(-128, 127);
    b = few     ? static_cast<uint8_t>(random.one_in(12) ? random(-128, 127) : base)
        : steps ? static_cast<uint8_t>(here)
                : random.byte();
  }
}

}  // namespace

OneLayer one_layer(Random& random, uint32_t kind, int32_t size, uint32_t calls) {
  for (;;) {
    OneLayer out;
    out.layer = random_layer(random, kind, size);
    // Sometimes close below a segment of 64 KiB, so that tensors cross it.
    uint32_t at = TENSORS + (random.one_in(4) ? 0x1'0000 - 4 * static_cast<uint32_t>(random(1, 40)) : 0);
    const auto place = [&](uint32_t bytes) {
      const uint32_t address = at;
      at += bytes + 4 * static_cast<uint32_t>(random(0, 3));
      return address;
    };
    for (uint32_t i = 0; i < calls; ++i) {
      TestCall call{0, place(out.layer.input_bytes), 0, 0};
      if (out.layer.second_bytes != 0) call.second = place(out.layer.second_bytes);
      // Outputs may be anywhere: all reads come before all writes.
      call.output =
          random.one_in(4) ? call.input + 4 * static_cast<uint32_t>(random(0, 2)) : place(out.layer.output_bytes);
      at = std::max(at, call.output + out.layer.output_bytes);
      out.calls.push_back(call);
    }
    out.memory.resize(at - TENSORS + 16);
    fill_tensors(random, out);
    try {
      out.program = layer_program({out.layer}, out.calls, out.memory);
    } catch (const std::runtime_error&) {
      continue;  // parameters that the loader refuses, such as accumulators beyond the bound
    }
    return out;
  }
}

}  // namespace zkvm::tests
