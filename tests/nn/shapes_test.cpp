// Linear layers of every geometry: native kernels against the defining software, then programs of several layers whose
// tensors lie over each other, as tables.
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>

#include "precompiles/nn/execute.hpp"
#include "tests/nn/debug_source.hpp"
#include "tests/nn/linear_layer.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::tests {
namespace {

using precompiles::nn::Rom;

/// Memory from 0x1'0000 on, all of it valid.
class FlatHost final : public precompiles::Host {
 public:
  static constexpr uint32_t BEGIN = 0x1'0000;
  explicit FlatHost(size_t bytes) : words_(bytes / 4) {}
  precompiles::Access access(uint32_t addr, uint64_t bytes) const override {
    return addr >= BEGIN && addr - BEGIN + bytes <= 4 * words_.size() ? precompiles::Access::WRITE
                                                                      : precompiles::Access::NONE;
  }
  uint32_t load(uint32_t addr) const override { return words_[(addr - BEGIN) / 4]; }
  void store(uint32_t addr, uint32_t value) override { words_[(addr - BEGIN) / 4] = value; }
  uint32_t touch(uint32_t, uint32_t clock) override { return clock - 1; }
  uint8_t* bytes(uint32_t addr) { return reinterpret_cast<uint8_t*>(words_.data()) + (addr - BEGIN); }

 private:
  std::vector<uint32_t> words_;
};

std::vector<uint8_t> tensor(Random& random, size_t bytes) {
  std::vector<uint8_t> t(bytes);
  const bool extreme = random.one_in(8);
  const uint8_t constant = random.one_in(2) ? 0x80 : 0x7f;
  for (uint8_t& b : t) b = extreme ? constant : random.byte();
  return t;
}
uint32_t words(Random& random, size_t most) { return 4 * static_cast<uint32_t>(random(0, static_cast<int32_t>(most))); }

TEST(nn_shapes, ten_thousand_agree_with_the_software) {
  omp_set_num_threads(1);  // layers are so small that threads would only wait for each other
  Random random(1);
  FlatHost host(size_t{1} << 20);
  int accepted = 0, refused = 0, between = 0;
  while (accepted < 10'000) {
    const LinearLayer layer = wide_linear(random, 200'000);
    const TestLayer made = layer.made();
    Rom rom;
    if (const std::string error = rom.load(made.record); !error.empty()) {
      // Nothing but what depends on accumulators can be wrong with these, and kernels that meet nothing.
      constexpr const char* FIELDS[] = {"accumulator", "shift", "bias", "a tap that meets the input"};
      ASSERT_TRUE(std::any_of(std::begin(FIELDS), std::end(FIELDS), [&](const char* field) {
        return error.find(field) != std::string::npos;
      })) << error;
      ++refused;
      continue;
    }
    ++accepted;
    const auto input = tensor(random, made.input_bytes), second = tensor(random, made.second_bytes);
    const auto expected = layer.run(input, second);
    // Tensors anywhere, the output possibly over the inputs.
    const uint32_t in = FlatHost::BEGIN + words(random, 5000), in2 = in + made.input_bytes + words(random, 50);
    const uint32_t out = random.one_in(3)   ? in
                         : random.one_in(2) ? in + words(random, made.input_bytes / 4)
                                            : in2 + made.second_bytes;
    std::copy(input.begin(), input.end(), host.bytes(in));
    std::copy(second.begin(), second.end(), host.bytes(in2));
    precompiles::CallEvent event{};
    event.a = {ZKVM_NN_ROM_BEGIN, in, in2, out};
    ASSERT_EQ(precompiles::nn::execute(rom, host, event, nullptr), "");
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(host.bytes(out)[i], expected[i]) << "element " << i;
      const auto y = static_cast<int8_t>(expected[i]);
      if (y != layer.header.act_min && y != layer.header.act_max && y != layer.header.out_zp) ++between;
    }
  }
  EXPECT_LT(refused, accepted);
  EXPECT_GT(between, 500'000);  // so many outputs say something about the product
}

/// Layers one after another, and a model of their memory by the defining software.
struct Chain {
  std::vector<TestLayer> layers;
  std::vector<TestCall> calls;
  std::vector<uint8_t> memory, after;

  Chain(Random& random, int count, int64_t products) {
    constexpr uint32_t ZEROED = 0x200'0000;  // beyond the image: memory that is 0 at first
    std::vector<LinearLayer> specified;
    uint32_t at = TENSORS + 0x1'0000 - words(random, 500), zeroed = ZEROED + 0x1'0000 - words(random, 500);
    for (int i = 0; i < count; ++i) {
      LinearLayer layer;
      do {
        layer = wide_linear(random, products);
      } while (!Rom().load(layer.made().record).empty());
      const TestLayer& made = layers.emplace_back(layer.made());
      specified.push_back(layer);
      TestCall call{static_cast<uint32_t>(i), at, 0, zeroed};
      at += made.input_bytes + words(random, 3);
      if (layer.in_ram()) {
        call.second = at;
        at += made.second_bytes + words(random, 3);
      }
      if (random.one_in(2)) {
        // Over the inputs: in place, or shifted.
        call.output = random.one_in(2) ? call.input : call.input + words(random, (at - call.input) / 4);
        at = std::max(at, call.output + made.output_bytes);
      } else {
        zeroed += made.output_bytes + words(random, 3);
      }
      calls.push_back(call);
      // Again, on whatever is there now, or on what the layer before wrote.
      if (random.one_in(3)) calls.push_back(call);
      if (random.one_in(3) && i > 0 && calls.front().output >= ZEROED) {
        call.input = calls.front().output;
        call.output = zeroed;
        zeroed += made.output_bytes;
        if (call.input + made.input_bytes <= call.output) calls.push_back(call);
      }
    }
    memory = tensor(random, at - TENSORS + 4);
    std::vector<uint8_t> zeros(zeroed - ZEROED, 0);
    after = memory;
    for (const TestCall& c : calls) {
      const auto place = [&](uint32_t address) {
        return address >= ZEROED ? zeros.data() + (address - ZEROED) : after.data() + (address - TENSORS);
      };
      const TestLayer& made = layers[c.layer];
      const std::vector<uint8_t> input(place(c.input), place(c.input) + made.input_bytes);
      const uint8_t* second = made.second_bytes == 0 ? nullptr : place(c.second);
      const auto result = specified[c.layer].run(input, {second, second + made.second_bytes});
      std::copy(result.begin(), result.end(), place(c.output));
    }
  }
};

class Chains : public testing::TestWithParam<uint32_t> {};

TEST_P(Chains, are_honest_tables_and_do_what_the_software_says) {
  Random random(GetParam());
  const Chain chain(random, 10, 20'000);
  const vm::Program program = layer_program(chain.layers, chain.calls, chain.memory);
  vm::PlainMachine machine(program, {});
  ASSERT_EQ(machine.run(), vm::Stop::HALTED) << machine.trap()->message();
  for (uint32_t i = 0; i + 4 <= chain.after.size(); i += 4) {
    uint32_t word = 0;
    for (uint32_t b = 0; b < 4; ++b) word |= uint32_t{chain.after[i + b]} << (8 * b);
    ASSERT_EQ(machine.peek(TENSORS + i).value(), word) << i;
  }
  vm::ShardingOptions sharding;
  if (GetParam() % 3 == 1) sharding.shard_cycles = static_cast<uint64_t>(random(15, 60));
  if (GetParam() % 3 == 2) sharding.shard_cells = 200'000;
  const DebugExecution execution = debug_execution(program, sharding, GetParam());
  if (GetParam() % 3 != 0) {
    EXPECT_GT(execution.shards.size(), 1u);
  }
  EXPECT_TRUE(execution.check().ok()) << execution.check().text();
}
INSTANTIATE_TEST_SUITE_P(seeds, Chains, testing::Range(0u, 30u));

}  // namespace
}  // namespace zkvm::tests
