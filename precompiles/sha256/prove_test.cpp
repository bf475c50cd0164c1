// A whole proof of calls and their rounds: what the checker accepts, prover and verifier agree on.
#include <gtest/gtest.h>

#include <random>

#include "precompiles/sha256/test_machine.hpp"
#include "precompiles/whole_proof.hpp"

namespace zkvm::precompiles::sha256 {
namespace {

using test::Calls;

stark::Verdict prove_and_verify(const stark::DebugShard& tables, const Calls& calls) {
  return precompiles::test::prove_and_verify(test::machine(), tables, calls.boundary());
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
