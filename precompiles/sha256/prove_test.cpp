// A whole proof of calls and their rounds: what the checker accepts, prover and verifier agree on.
#include <gtest/gtest.h>

#include <random>

#include "precompiles/sha256/test_machine.hpp"
#include "stark/prover/prover.hpp"
#include "stark/verifier/verifier.hpp"

namespace zkvm::precompiles::sha256 {
namespace {

using test::Calls;

/// One shard of given tables.
class Tables final : public stark::TraceSource {
 public:
  explicit Tables(const stark::DebugShard& tables) : tables_(tables) {}
  void rewind() override { done_ = false; }
  bool next(std::vector<stark::TableShape>& shapes) override {
    if (std::exchange(done_, true)) return false;
    shapes.clear();
    for (const auto& t : tables_) shapes.push_back({static_cast<uint16_t>(t.chip), static_cast<uint8_t>(t.log_height)});
    return true;
  }
  void fill_main(std::span<const stark::TableView> views) override {
    for (size_t t = 0; t < views.size(); ++t)
      for (size_t i = 0; i < views[t].height(); ++i)
        std::copy_n(&tables_[t].main[i * views[t].width()], views[t].width(), views[t].natural_row(i));
  }

 private:
  const stark::DebugShard& tables_;
  bool done_ = false;
};

/// Proves the tables and verifies the proof.
stark::Verdict prove_and_verify(const stark::DebugShard& tables, const Calls& calls) {
  const stark::MachineDescription& machine = test::machine();
  const stark::TableShape fixed[] = {
      {test::PROGRAM, static_cast<uint8_t>(tables[test::PROGRAM].log_height)},
      {test::LOOKUP, static_cast<uint8_t>(tables[test::LOOKUP].log_height)},
  };
  std::vector<stark::PreprocessedData> preprocessed;
  preprocessed.push_back(stark::commit_preprocessed(machine, fixed, 1, [&](size_t chip, stark::TableView view) {
    for (size_t i = 0; i < view.height(); ++i)
      std::copy_n(&tables[chip].preprocessed[i * view.width()], view.width(), view.natural_row(i));
  }));
  Tables source(tables);
  stark::Statement statement;
  stark::ProverInput input;
  input.machine = &machine;
  input.machine_digest = machine.digest();
  input.preprocessed = preprocessed;
  input.source = &source;
  input.keep_bytes = ~size_t{0};
  input.statement = [&] {
    statement.preprocessed = {preprocessed[0].commitment};
    statement.boundary = calls.boundary();
    return statement;
  };
  // Few queries: what is tested is that the two sides agree.
  input.parameters = [](std::span<const stark::ShardLayout>) { return stark::Parameters{1, 20, 4}; };
  const stark::Proof proof = stark::prove(input);
  return stark::verify(machine, input.machine_digest, statement, proof);
}

class Sha256Proof : public testing::Test {
 protected:
  void SetUp() override {
    std::mt19937 random(8);
    std::array<uint32_t, 64> words;
    for (uint32_t& w : words) w = static_cast<uint32_t>(random());
    calls_.host.add(0x4f'ff80, words);
    // 90 rows of 128.
    for (uint32_t i = 0; i < 5; ++i) ASSERT_EQ(calls_.call(0x4f'ff80 + 12 * i, 0x4f'ffb4 + 8 * i), "");
    tables_ = calls_.tables();
  }
  Calls calls_;
  stark::DebugShard tables_;
};

TEST_F(Sha256Proof, honest_calls_are_accepted) {
  const stark::Verdict verdict = prove_and_verify(tables_, calls_);
  EXPECT_TRUE(verdict.ok()) << verdict.error;
}

TEST_F(Sha256Proof, a_flipped_bit_is_refused) {
  auto& row = *reinterpret_cast<Sha256RoundsColumns<F>*>(
      &tables_[test::ROUNDS_TABLE].main[40 * (sizeof(Sha256RoundsColumns<F>) / sizeof(F))]);
  row.e[2][9] = F::one() - row.e[2][9];
  EXPECT_FALSE(prove_and_verify(tables_, calls_).ok());
}

TEST_F(Sha256Proof, another_result_is_refused) {
  calls_.host.store(0x4f'ff80, calls_.host.load(0x4f'ff80) ^ 1);
  EXPECT_FALSE(prove_and_verify(tables_, calls_).ok());
}

}  // namespace
}  // namespace zkvm::precompiles::sha256
