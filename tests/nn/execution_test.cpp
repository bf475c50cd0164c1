// Layers in execution: the machine's native kernels against the software that defines them, refusals and traps.
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cstring>

#include "guest-sdk/include/zkvm/nn/software.hpp"
#include "precompiles/nn/execute.hpp"
#include "tests/nn/linear_layer.hpp"
#include "vm/exec/machine.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::tests {
namespace {

/// What the defining software makes of the calls. It wants outputs apart, so it gets copies of the inputs.
std::vector<uint8_t> defined(const OneLayer& l) {
  std::vector<uint8_t> memory = l.memory;
  const std::vector<uint32_t> record = [&] {
    std::vector<uint32_t> words(l.layer.record.size() / 4);
    std::memcpy(words.data(), l.layer.record.data(), l.layer.record.size());
    return words;
  }();
  for (const TestCall& c : l.calls) {
    const auto copy = [&](uint32_t address, uint32_t bytes) {
      const auto first = reinterpret_cast<const int8_t*>(memory.data()) + (bytes == 0 ? 0 : address - TENSORS);
      return std::vector<int8_t>(first, first + bytes);
    };
    const auto input = copy(c.input, l.layer.input_bytes), second = copy(c.second, l.layer.second_bytes);
    std::vector<int8_t> output(l.layer.output_bytes);
    EXPECT_TRUE(nn::software::run(record.data(), input.data(), second.data(), output.data()));
    std::memcpy(memory.data() + (c.output - TENSORS), output.data(), output.size());
  }
  return memory;
}

void expect_agreement(uint32_t kind, uint32_t rounds, int32_t size) {
  omp_set_num_threads(1);  // layers are so small that threads would only wait for each other
  Random random(kind * 1000 + static_cast<uint32_t>(size));
  for (uint32_t round = 0; round < rounds; ++round) {
    const OneLayer l = one_layer(random, kind, size, random.one_in(10) ? 3 : 1);
    vm::PlainMachine machine(l.program, {});
    ASSERT_EQ(machine.run(), vm::Stop::HALTED) << l.layer.text << machine.trap()->message();
    const std::vector<uint8_t> expected = defined(l);
    for (uint32_t i = 0; i + 4 <= expected.size(); i += 4) {
      uint32_t word;
      std::memcpy(&word, &expected[i], 4);
      ASSERT_EQ(machine.peek(TENSORS + i).value(), word) << "round " << round << ", byte " << i << ": " << l.layer.text;
    }
  }
}

TEST(nn_execution, linear_layers_agree_with_software) { expect_agreement(ZKVM_NN_LINEAR, 6000, 1); }
TEST(nn_execution, wider_linear_layers_agree_with_software) { expect_agreement(ZKVM_NN_LINEAR, 1500, 2); }
TEST(nn_execution, additions_agree_with_software) { expect_agreement(ZKVM_NN_ADD, 1000, 2); }
TEST(nn_execution, tables_agree_with_software) { expect_agreement(ZKVM_NN_TABLE, 600, 2); }
TEST(nn_execution, pools_agree_with_software) { expect_agreement(ZKVM_NN_POOL, 1500, 2); }
TEST(nn_execution, softmaxes_agree_with_software) { expect_agreement(ZKVM_NN_SOFTMAX, 5000, 2); }
TEST(nn_execution, layer_norms_agree_with_software) { expect_agreement(ZKVM_NN_LAYER_NORM, 5000, 2); }

// ---- Records that the loader refuses

zkvm_nn_linear plain_linear() {
  zkvm_nn_linear r{};
  r.kind = ZKVM_NN_LINEAR;
  r.in_h = r.in_w = r.out_h = r.out_w = 1;
  r.in_c = r.out_c = r.weight_in = r.weight_out = 4;
  r.kernel_h = r.kernel_w = r.stride_h = r.stride_w = r.dilation_h = r.dilation_w = 1;
  r.act_min = -128;
  r.act_max = 127;
  return r;
}
std::vector<uint8_t> channels(int32_t bias, int32_t multiplier, int32_t shift, int8_t weight) {
  std::vector<uint8_t> payload;
  const zkvm_nn_channel c{bias, multiplier, shift};
  for (int o = 0; o < 4; ++o) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&c);
    payload.insert(payload.end(), bytes, bytes + sizeof c);
  }
  payload.resize(payload.size() + 16, static_cast<uint8_t>(weight));
  return payload;
}
std::string refusal(const std::vector<uint8_t>& record) {
  precompiles::nn::Rom rom;
  return rom.load(record);
}
void expect_refused(const std::vector<uint8_t>& record, const std::vector<std::string>& words) {
  const std::string message = refusal(record);
  for (const std::string& w : words) EXPECT_NE(message.find(w), std::string::npos) << w << " in: " << message;
}

TEST(nn_records, bad_fields_are_named_with_expected_and_found) {
  const auto payload = channels(0, 1 << 30, 0, 1);
  EXPECT_EQ(refusal(make_record(plain_linear(), payload)), "");
  const struct {
    const char* field;
    int32_t zkvm_nn_linear::*member;
    int32_t value;
  } CASES[] = {{"dilation_h", &zkvm_nn_linear::dilation_h, 2},
               {"in_c", &zkvm_nn_linear::in_c, 6},
               {"in_h", &zkvm_nn_linear::in_h, 0},
               {"out_w", &zkvm_nn_linear::out_w, 0},
               {"kernel_h", &zkvm_nn_linear::kernel_h, 0},
               {"stride_w", &zkvm_nn_linear::stride_w, -1},
               {"pad_top", &zkvm_nn_linear::pad_top, 64},
               {"in_zp", &zkvm_nn_linear::in_zp, 128},
               {"b_zp", &zkvm_nn_linear::b_zp, 1},
               {"act_max", &zkvm_nn_linear::act_max, -129},
               {"weight_out", &zkvm_nn_linear::weight_out, 5},
               {"operand", &zkvm_nn_linear::operand, 4},
               {"in_w", &zkvm_nn_linear::in_w, 1 << 30}};
  for (const auto& c : CASES) {
    zkvm_nn_linear r = plain_linear();
    r.*c.member = c.value;
    expect_refused(make_record(r, payload), {"0x60000000", c.field, "expected", "found " + std::to_string(c.value)});
  }
  std::vector<uint8_t> longer = make_record(plain_linear(), payload);
  longer[8] = 0xff;
  expect_refused(longer, {"bytes", "expected", "found"});
  std::vector<uint8_t> other = make_record(plain_linear(), payload);
  other[0] ^= 1;
  expect_refused(other, {"magic"});
  other[0] ^= 1;
  other[4] = 99;
  expect_refused(other, {"kind", "found 99"});
}

TEST(nn_records, accumulators_are_bounded_by_the_layers_own_weights) {
  // 4 * 127 * 128 = 65024 beside the bias; the window ends at 2^29.
  const int32_t largest = (1 << 29) - 1 - 4 * 127 * 128;
  EXPECT_EQ(refusal(make_record(plain_linear(), channels(largest, 1 << 30, -10, 127))), "");
  expect_refused(make_record(plain_linear(), channels(largest + 1, 1 << 30, -10, 127)),
                 {"channel 0", "accumulator", "536870911", "536870912"});
  expect_refused(make_record(plain_linear(), channels(1 << 28, 1 << 30, 2, 1)), {"channel 0", "accumulator"});
  // Without weights the channel is a constant, whatever the bias.
  EXPECT_EQ(refusal(make_record(plain_linear(), channels(-(1 << 30), 1 << 30, -10, 0))), "");
}

std::vector<uint8_t> steps(const zkvm_nn_thresholds& t, int8_t weight) {
  std::vector<uint8_t> payload;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&t);
  for (int o = 0; o < 4; ++o) payload.insert(payload.end(), bytes, bytes + sizeof t);
  payload.resize(payload.size() + 16, static_cast<uint8_t>(weight));
  return payload;
}

TEST(nn_records, thresholds_that_are_none_are_refused_with_layer_channel_expected_and_found) {
  zkvm_nn_linear r = plain_linear();
  r.requantisation = ZKVM_NN_THRESHOLDS;
  zkvm_nn_thresholds t{};
  for (int32_t i = 0; i < 255; ++i) t.threshold[i] = 10 * (i / 2);  // equal neighbours are fine
  EXPECT_EQ(refusal(make_record(r, steps(t, 1))), "");
  constexpr int32_t LIMIT = 1 << 29;
  t.threshold[0] = -LIMIT;
  t.threshold[254] = LIMIT;
  EXPECT_EQ(refusal(make_record(r, steps(t, 1))), "");
  t.threshold[254] = LIMIT + 1;
  expect_refused(make_record(r, steps(t, 1)), {"0x60000000", "channel 0", "threshold 254", "536870912", "536870913"});
  t.threshold[254] = LIMIT;
  t.threshold[0] = -LIMIT - 1;
  expect_refused(make_record(r, steps(t, 1)), {"channel 0", "threshold 0", "-536870912", "-536870913"});
  t.threshold[0] = 0;
  t.threshold[101] = t.threshold[100] - 1;
  auto payload = steps(t, 1);
  expect_refused(make_record(r, payload), {"channel 0", "threshold 101", "expected 500", "found 499"});
  // In the last channel only.
  t.threshold[101] = t.threshold[100];
  std::copy_n(steps(t, 1).begin(), 3 * sizeof t, payload.begin());
  expect_refused(make_record(r, payload), {"channel 3", "threshold 101"});
  // Their bound is that of other layers: also for channels without weights, whose thresholds must mean something.
  t.bias = LIMIT - 1 - 4 * 127 * 128;
  EXPECT_EQ(refusal(make_record(r, steps(t, 127))), "");
  ++t.bias;
  expect_refused(make_record(r, steps(t, 127)), {"channel 0", "accumulator", "536870911", "536870912"});
  t.bias = -LIMIT;
  expect_refused(make_record(r, steps(t, 0)), {"channel 0", "accumulator", "536870911", "536870912"});
  t.bias = 0;
  // Thresholds alone decide.
  r.act_min = -127;
  expect_refused(make_record(r, steps(t, 1)), {"act_min", "expected -128", "found -127"});
  r.act_min = -128;
  r.act_max = 126;
  expect_refused(make_record(r, steps(t, 1)), {"act_max", "expected 127", "found 126"});
  r.act_max = 127;
  r.requantisation = 2;
  expect_refused(make_record(r, steps(t, 1)), {"requantisation", "0 to 1", "found 2"});
  // A record of the other kind has another size.
  r.requantisation = ZKVM_NN_MULTIPLIERS;
  expect_refused(make_record(r, steps(t, 1)), {"bytes"});
  r.requantisation = ZKVM_NN_THRESHOLDS;
  expect_refused(make_record(r, channels(0, 1 << 30, 0, 1)), {"bytes"});
}

TEST(nn_records, tiny_multipliers_are_taken_if_they_flush_and_else_refused) {
  EXPECT_EQ(refusal(make_record(plain_linear(), channels(0, 1 << 30, -31, 127))), "");
  expect_refused(make_record(plain_linear(), channels((1 << 29) - 100'000, INT32_MAX, -26, 127)), {"shift", "-26"});
}

/// Each is a proper layer; together their fixed tables would be taller than a table can be.
TEST(nn_records, too_many_layers_to_prove_are_refused_before_tables_are_made) {
  LinearLayer product = plain_product(ZKVM_NN_RAM_KN, 1, 16'384, 4);
  for (zkvm_nn_channel& c : product.channels) c.bias = 0;
  const TestLayer layer = product.made();
  vm::Program program = layer_program({layer}, {}, std::vector<uint8_t>(16));
  EXPECT_EQ(vm::check_provable(program), "");
  std::vector<uint8_t> rom;
  for (int i = 0; i < 220; ++i) rom.insert(rom.end(), layer.record.begin(), layer.record.end());
  auto many = std::make_shared<precompiles::nn::Rom>();
  ASSERT_EQ(many->load(rom), "");
  program.rom = many;
  const std::string message = vm::check_provable(program);
  EXPECT_NE(message.find("views of tensors in layers, found 4"), std::string::npos) << message;
}

std::vector<uint8_t> exponentials(int32_t first, int32_t second) {
  std::vector<int32_t> e(256);
  e[0] = first;
  e[7] = second;
  const auto* bytes = reinterpret_cast<const uint8_t*>(e.data());
  return {bytes, bytes + 1024};
}
TEST(nn_records, bad_softmaxes_are_refused_with_expected_and_found) {
  zkvm_nn_softmax r{};
  r.kind = ZKVM_NN_SOFTMAX;
  r.rows = 3;
  r.cols = 8;
  EXPECT_EQ(refusal(make_record(r, exponentials(INT32_MAX, 5))), "");
  expect_refused(make_record(r, exponentials(INT32_MAX - 1, 5)),
                 {"0x60000000", "softmax", "exponential of 0", "expected 2147483647", "found 2147483646"});
  expect_refused(make_record(r, exponentials(INT32_MAX, -1)), {"softmax", "exponential of 7", "found -1"});
  expect_refused(make_record(r, std::vector<uint8_t>(992)), {"softmax", "bytes"});
  for (const int32_t cols : {0, -4, 6, 4061, 4064, INT32_MAX}) {
    r.cols = cols;
    expect_refused(make_record(r, exponentials(INT32_MAX, 5)),
                   {"softmax", "cols", "expected", "found " + std::to_string(cols)});
  }
  r.cols = 4060;
  EXPECT_EQ(refusal(make_record(r, exponentials(INT32_MAX, 5))), "");
  for (const int32_t rows : {0, -1, 32769}) {
    r.rows = rows;
    expect_refused(make_record(r, exponentials(INT32_MAX, 5)),
                   {"softmax", "rows", "expected", "found " + std::to_string(rows)});
  }
  r.rows = 1;
  r.unused[3] = 1;
  expect_refused(make_record(r, exponentials(INT32_MAX, 5)), {"softmax", "unused"});
}

TEST(nn_records, bad_layer_norms_are_refused_with_expected_and_found) {
  zkvm_nn_layer_norm r{};
  r.kind = ZKVM_NN_LAYER_NORM;
  r.rows = 3;
  r.cols = 8;
  r.epsilon = 1;
  r.act_min = -128;
  r.act_max = 127;
  r.multiplier = 1 << 30;
  r.shift = -10;
  const auto gains = [&](int32_t gamma, int32_t beta) {
    std::vector<zkvm_nn_norm> channels(static_cast<size_t>(std::max(r.cols, 0)), {1, 1});
    if (channels.size() > 5) channels[5] = {gamma, beta};
    const auto* bytes = reinterpret_cast<const uint8_t*>(channels.data());
    return std::vector<uint8_t>(bytes, bytes + channels.size() * sizeof(zkvm_nn_norm));
  };
  EXPECT_EQ(refusal(make_record(r, gains(8191, -(1 << 28)))), "");
  expect_refused(make_record(r, gains(8192, 0)), {"layer norm", "channel 5, gamma", "8191", "found 8192"});
  expect_refused(make_record(r, gains(0, (1 << 28) + 1)), {"layer norm", "channel 5, beta", "found 268435457"});
  const auto with = [&](int32_t zkvm_nn_layer_norm::*field, int32_t value, const char* name) {
    const int32_t before = r.*field;
    r.*field = value;
    expect_refused(make_record(r, gains(1, 1)), {"layer norm", name, "expected", "found " + std::to_string(value)});
    r.*field = before;
  };
  with(&zkvm_nn_layer_norm::epsilon, 0, "epsilon");
  with(&zkvm_nn_layer_norm::epsilon, -3, "epsilon");
  with(&zkvm_nn_layer_norm::cols, 0, "cols");
  with(&zkvm_nn_layer_norm::cols, 10, "cols");
  with(&zkvm_nn_layer_norm::cols, 4100, "cols");
  with(&zkvm_nn_layer_norm::rows, 0, "rows");
  with(&zkvm_nn_layer_norm::rows, 32769, "rows");
  with(&zkvm_nn_layer_norm::out_zp, 128, "out_zp");
  with(&zkvm_nn_layer_norm::act_max, -129, "act_max");
  with(&zkvm_nn_layer_norm::multiplier, -1, "multiplier");
  with(&zkvm_nn_layer_norm::shift, 14, "shift");
  // |gamma| N + |beta| is bounded: N is 2^16 + 2 for 4096 columns, as sqrt(4095) is no integer.
  r.cols = 4096;
  EXPECT_EQ(refusal(make_record(r, gains(8191, 0))), "");
  expect_refused(make_record(r, gains(8191, 1 << 20)), {"layer norm", "channel 5, accumulator", "536870911"});
  // And more so with shifts to the left.
  r.shift = 1;
  expect_refused(make_record(r, gains(8191, 0)), {"layer norm", "channel 5, accumulator", "268435455"});
  r.shift = -10;
  auto other = make_record(r, gains(1, 1));
  other[4] = 7;
  expect_refused(other, {"kind", "found 7"});
}

// ---- Calls that trap

std::string trap_of(const std::vector<TestLayer>& layers, const TestCall& call) {
  const vm::Program program = layer_program(layers, {call}, std::vector<uint8_t>(4096));
  vm::TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), vm::Stop::TRAPPED);
  return machine.trap() ? machine.trap()->message() : "";
}

TEST(nn_calls, bad_pointers_trap_with_expected_and_found) {
  Random random(3);
  const std::vector<TestLayer> conv = {random_linear(random, ZKVM_NN_DENSE, 1)};
  const std::vector<TestLayer> product = {random_linear(random, ZKVM_NN_RAM_NK, 1)};
  const std::vector<TestLayer> add = {random_layer(random, ZKVM_NN_ADD, 1)};
  const auto expect = [](const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& w : words) EXPECT_NE(message.find(w), std::string::npos) << w << " in: " << message;
  };
  const uint32_t far = TENSORS + 2048;
  expect(trap_of(conv, {0, 0, 0, far}), {"input (a1)", "expected", "0x00000000"});
  expect(trap_of(conv, {0, TENSORS + 2, 0, far}), {"input (a1)", "multiple of 4", "0x00100002"});
  expect(trap_of(conv, {0, TENSORS, 0, 0x5fff'fffc + 4}), {"output (a3)", "expected"});
  expect(trap_of(conv, {0, TENSORS, 0, 0x2000'0000}), {"output (a3)", "0x20000000"});
  expect(trap_of(conv, {0, TENSORS, 0x7000'0000, far}), {"second input (a2)", "0x70000000"});
  expect(trap_of(conv, {0, ZKVM_NN_ROM_BEGIN, 0, far}), {"input (a1)", "0x60000000"});
  expect(trap_of(product, {0, TENSORS, TENSORS, far}), {"second input (a2)", "apart"});
  expect(trap_of(add, {0, TENSORS, TENSORS + 4, far}), {"second input (a2)", "apart"});
  for (const uint32_t kind : {ZKVM_NN_SOFTMAX, ZKVM_NN_LAYER_NORM}) {
    const std::vector<TestLayer> rows = {one_layer(random, kind, 1).layer};
    expect(trap_of(rows, {0, 0, 0, far}), {"input (a1)", "expected", "0x00000000"});
    expect(trap_of(rows, {0, TENSORS + 1, 0, far}), {"input (a1)", "multiple of 4", "0x00100001"});
    expect(trap_of(rows, {0, TENSORS, 0, ZKVM_NN_ROM_BEGIN}), {"output (a3)", "0x60000000"});
    expect(trap_of(rows, {0, TENSORS, 0, 0xffff'fffc}), {"output (a3)", "0xfffffffc"});
  }
  // Outputs into memory that is not writable: the input, the program's code.
  expect(trap_of(conv, {0, TENSORS, 0, vm::INPUT_BEGIN}), {"output (a3)", "writable", "0x40000000"});
  expect(trap_of(conv, {0, TENSORS, 0, vm::IMAGE_BEGIN}), {"output (a3)", "writable", "0x00010000"});
  // Not the address of a record: the ROM's second line.
  vm::Program program = layer_program(conv, {{0, TENSORS, 0, far}}, std::vector<uint8_t>(4096));
  program.rom = std::make_shared<precompiles::nn::Rom>();
  vm::PlainMachine machine(program, {});
  ASSERT_EQ(machine.run(), vm::Stop::TRAPPED);
  expect(machine.trap()->message(), {"layer (a0)", "0x60000000"});
}

TEST(nn_calls, a_trap_changes_nothing) {
  Random random(4);
  const std::vector<TestLayer> conv = {random_linear(random, ZKVM_NN_DENSE, 1)};
  const vm::Program program = layer_program(conv, {{0, TENSORS, 0, 0x2000'0000}}, std::vector<uint8_t>(4096, 7));
  vm::TracingMachine machine(program, {});
  ASSERT_EQ(machine.run(), vm::Stop::TRAPPED);
  EXPECT_TRUE(machine.trace().precompiles.nn.order.empty());
  for (uint32_t i = 0; i < 4096; i += 4) EXPECT_EQ(machine.peek(TENSORS + i), 0x0707'0707u);
}

}  // namespace
}  // namespace zkvm::tests
