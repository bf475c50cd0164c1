// Whole proofs of layers: honest ones verify, and one lie about each chip is refused.
#include <gtest/gtest.h>

#include "precompiles/registry.hpp"
#include "tests/nn/linear_layer.hpp"
#include "vm/exec/machine.hpp"
#include "vm/prove/seal.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::tests {
namespace {

using precompiles::ChipId;
using stark::F;

TEST(nn_proofs, fifty_random_layers_verify) {
  Random random(9);
  for (int round = 0; round < 50; ++round) {
    const uint32_t kind = round < 30 ? uint32_t{ZKVM_NN_LINEAR} : static_cast<uint32_t>(ZKVM_NN_ADD + round % 3);
    const OneLayer l = one_layer(random, kind, random(1, 2), random.one_in(4) ? 2 : 1);
    const auto outcome = vm::prove_program(l.program, {}, {});
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    const auto verified = vm::verify_receipt(outcome->receipt, outcome->receipt.claim.image_id);
    ASSERT_TRUE(verified.ok()) << l.layer.text << verified.error().message;
    EXPECT_EQ(outcome->receipt.claim.image_id, vm::make_setup(l.program).preimage.image_id());
  }
}

TEST(nn_proofs, fifty_softmaxes_and_layer_norms_verify) {
  Random random(13);
  for (int round = 0; round < 50; ++round) {
    const uint32_t kind = round % 2 == 0 ? ZKVM_NN_SOFTMAX : ZKVM_NN_LAYER_NORM;
    const OneLayer l = one_layer(random, kind, random(1, 2), random.one_in(4) ? 2 : 1);
    const auto outcome = vm::prove_program(l.program, {}, {});
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    const auto verified = vm::verify_receipt(outcome->receipt, outcome->receipt.claim.image_id);
    ASSERT_TRUE(verified.ok()) << l.layer.text << verified.error().message;
  }
}

void expect_verified(const vm::Program& program, std::span<const uint8_t> input, const std::string& text) {
  const auto outcome = vm::prove_program(program, input, {});
  ASSERT_TRUE(outcome.ok()) << text << outcome.error().message;
  const auto verified = vm::verify_receipt(outcome->receipt, outcome->receipt.claim.image_id);
  ASSERT_TRUE(verified.ok()) << text << verified.error().message;
}

TEST(nn_proofs, operands_may_be_constants_or_the_programs_input) {
  constexpr uint32_t OUT = 0x200'0000;
  Random random(14);
  for (const uint32_t kind : {ZKVM_NN_LINEAR, ZKVM_NN_LINEAR, ZKVM_NN_ADD, ZKVM_NN_TABLE, ZKVM_NN_POOL, ZKVM_NN_SOFTMAX,
                              ZKVM_NN_LAYER_NORM}) {
    const TestLayer layer = one_layer(random, kind, 1).layer;
    std::vector<uint8_t> tensors(layer.input_bytes + layer.second_bytes);
    for (uint8_t& b : tensors) b = random.byte();
    // The one from the input, the other from memory, which is writable or not.
    std::vector<uint8_t> memory(tensors.begin() + layer.input_bytes, tensors.end()), input = tensors;
    input.resize(layer.input_bytes);
    memory.resize((memory.size() + 4096) / 4096 * 4096);
    vm::Program program = layer_program({layer}, {{0, vm::INPUT_BEGIN + 4, TENSORS, OUT}}, memory);
    expect_verified(program, input, layer.text);
    for (vm::Segment& s : program.segments)
      if (s.addr == TENSORS) s.writable = false;
    for (vm::ImageWord& w : program.image)
      if (w.addr >= TENSORS) w.read_only = true;
    expect_verified(program, input, layer.text);
  }
}

/// Words that a stride passes over are of no consequence: they are neither read nor have they to exist.
TEST(nn_proofs, words_that_a_layer_leaves_out_need_not_exist) {
  LinearLayer l = plain_convolution(4, 4, 4, 1);
  l.header.stride_h = l.header.stride_w = 2;
  l.header.out_h = l.header.out_w = 2;
  const vm::Program program =
      layer_program({l.made()}, {{0, vm::INPUT_BEGIN + 4, 0, TENSORS}}, std::vector<uint8_t>(4096));
  // Of 4 x 4 words, the last one read is that at (2, 2).
  expect_verified(program, std::vector<uint8_t>(4 * (2 * 4 + 2) + 4, 3), "");
  vm::PlainMachine machine(program, std::vector<uint8_t>(4 * (2 * 4 + 2), 3));
  ASSERT_EQ(machine.run(), vm::Stop::TRAPPED);
  EXPECT_NE(machine.trap()->message().find("input (a1): expected 64 bytes of memory"), std::string::npos)
      << machine.trap()->message();
}

TEST(nn_proofs, calls_in_several_shards_verify_under_one_receipt) {
  Random random(10);
  const OneLayer l = one_layer(random, ZKVM_NN_LINEAR, 1, 3);
  const vm::ProgramSetup setup = vm::make_setup(l.program);
  vm::ProveOptions options;
  vm::ShardingOptions sharding;
  sharding.shard_cells = 1;
  vm::ExecutionSource source(l.program, setup, {}, options, sharding);
  const vm::Receipt receipt = vm::seal(setup, source, [&] { return source.claim(); }, {});
  EXPECT_EQ(receipt.seal.shards.size(), 4u);
  const auto verified = vm::verify_receipt(receipt, setup.preimage.image_id());
  EXPECT_TRUE(verified.ok()) << verified.error().message;
}

/// The honest source, with one cell of a chip changed in the first row that is real.
class LyingSource final : public stark::TraceSource {
 public:
  LyingSource(stark::TraceSource& honest, uint16_t chip, unsigned column)
      : honest_(honest), chip_(chip), column_(column) {}
  bool told() const { return told_; }
  void rewind() override { honest_.rewind(); }
  bool next(std::vector<stark::TableShape>& tables) override {
    const bool more = honest_.next(tables);
    shapes_ = tables;
    return more;
  }
  void fill_main(std::span<const stark::TableView> views) override {
    honest_.fill_main(views);
    for (size_t t = 0; t < shapes_.size(); ++t) {
      if (shapes_[t].chip != chip_) continue;
      for (size_t i = 0; i < views[t].height(); ++i) {
        F* row = views[t].natural_row(i);
        if (row[0].is_zero()) continue;
        row[column_] += F::one();
        told_ = true;
        return;
      }
    }
  }
  void fill_form(std::span<const stark::TableView> main, std::span<const stark::TableView> form,
                 std::span<const stark::E> challenges) override {
    honest_.fill_form(main, form, challenges);
  }

 private:
  stark::TraceSource& honest_;
  uint16_t chip_;
  unsigned column_;
  bool told_ = false;
  std::vector<stark::TableShape> shapes_;
};

TEST(nn_proofs, a_lie_about_any_chip_is_refused) {
  Random random(12);
  for (uint16_t chip = ChipId::NN_CALL; chip < ChipId::NN_CALL + precompiles::nn::NN_CHIPS; ++chip) {
    const stark::Air& air = vm::machine_description().chips[chip].air;
    bool told = false;
    for (int attempt = 0; attempt < 40 && !told; ++attempt) {
      const uint32_t kind = chip == ChipId::NN_ADD                                         ? ZKVM_NN_ADD
                            : chip == ChipId::NN_TABLE || chip == ChipId::NN_ENTRIES       ? ZKVM_NN_TABLE
                            : chip == ChipId::NN_PARTS                                     ? ZKVM_NN_ADD
                            : chip >= ChipId::NN_SOFTMAX && chip <= ChipId::NN_RECIPROCALS ? ZKVM_NN_SOFTMAX
                            : chip == ChipId::NN_EXPONENTIALS                              ? ZKVM_NN_SOFTMAX
                            : chip == ChipId::NN_NORM || chip == ChipId::NN_ROOTS          ? ZKVM_NN_LAYER_NORM
                            : chip == ChipId::NN_GAINS                                     ? ZKVM_NN_LAYER_NORM
                            : chip >= ChipId::NN_POOL && chip <= ChipId::NN_POOL_OUTPUT    ? ZKVM_NN_POOL
                            : chip >= ChipId::NN_POOLS && chip <= ChipId::NN_PATTERNS      ? ZKVM_NN_POOL
                                                                                           : ZKVM_NN_LINEAR;
      const OneLayer l = one_layer(random, kind, 1);
      const vm::ProgramSetup setup = vm::make_setup(l.program);
      vm::ProveOptions options;
      vm::ExecutionSource honest(l.program, setup, {}, options, {});
      // A column that every chip has and that means something in every real row: the last but one, or the only one.
      LyingSource source(honest, chip, air.main_width() == 1 ? 0 : air.main_width() / 2);
      const vm::Receipt receipt = vm::seal(setup, source, [&] { return honest.claim(); }, {});
      told = source.told();
      if (!told) continue;
      const auto verified = vm::verify_receipt(receipt, setup.preimage.image_id());
      ASSERT_FALSE(verified.ok()) << air.name() << ": " << l.layer.text;
      EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF);
    }
    EXPECT_TRUE(told) << air.name();
  }
}

/// Lies from which everything else follows, forms included, so that one check alone is against them.
class nn_lies : public testing::TestWithParam<bool> {};

TEST_P(nn_lies, about_products_are_refused_if_consistent) {
  using precompiles::nn::NnTrace;
  struct Lie {
    const char* text;
    void (*tell)(NnTrace&);
    const char* reason;
  };
  const Lie lies[] = {
      {"none", [](NnTrace&) {}, nullptr},
      {"an accumulator that rounds to the same output",
       [](NnTrace& t) { t.linear.at(0).outputs.at(5) += (t.linear.at(0).outputs.at(5) + 7) % 4 == 0 ? 1 : -1; },
       "the constraints do not hold"},
      {"a border value", [](NnTrace& t) { --t.linear.at(0).border.at(1); }, "the constraints do not hold"},
      {"another output", [](NnTrace& t) { t.linear.at(0).outputs.at(5) += 1 << 10; }, "the buses do not balance"},
      {"another input", [](NnTrace& t) { t.linear.at(0).input.value.at(1) ^= 0x100; }, "the buses do not balance"},
      {"a shifted output", [](NnTrace& t) { t.linear.at(0).call.a[3] += 4; }, "the buses do not balance"},
      {"another layer's address", [](NnTrace& t) { t.linear.at(0).call.a[0] += 32; }, "the buses do not balance"},
  };
  LinearLayer layer = plain_convolution(5, 4, 8, 3);
  layer.header.pad_top = layer.header.pad_left = 1;
  layer.header.out_h = layer.header.out_w = 5;
  for (zkvm_nn_channel& c : layer.channels) c.shift = -8;
  if (GetParam()) layer.use_thresholds(512);
  Random random(20);
  std::vector<uint8_t> memory(0x400);
  for (uint8_t& b : memory) b = random.byte();
  const vm::Program program = layer_program({layer.made()}, {{0, TENSORS, 0, TENSORS + 0x100}}, memory);
  const vm::ProgramSetup setup = vm::make_setup(program);
  for (const Lie& lie : lies) {
    vm::ShardingOptions sharding;
    sharding.forge = [&](vm::Trace& trace) {
      if (!trace.precompiles.nn.linear.empty()) lie.tell(trace.precompiles.nn);
    };
    const vm::ProveOptions options;
    vm::ExecutionSource source(program, setup, {}, options, sharding);
    const vm::Receipt receipt = vm::seal(setup, source, [&] { return source.claim(); }, {});
    const auto verified = vm::verify_receipt(receipt, setup.preimage.image_id());
    if (lie.reason == nullptr) {
      EXPECT_TRUE(verified.ok()) << verified.error().message;
      continue;
    }
    ASSERT_FALSE(verified.ok()) << lie.text << " was accepted";
    EXPECT_NE(verified.error().message.find(lie.reason), std::string::npos)
        << lie.text << ": " << verified.error().message;
  }
}
INSTANTIATE_TEST_SUITE_P(requantisations, nn_lies, testing::Bool(),
                         [](const auto& info) { return info.param ? "thresholds" : "multipliers"; });

}  // namespace
}  // namespace zkvm::tests
