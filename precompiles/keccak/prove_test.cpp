// A whole proof of calls, their memory and their rounds: what the checker accepts, prover and verifier agree on.
#include <gtest/gtest.h>

#include <random>

#include "precompiles/keccak/test_machine.hpp"
#include "precompiles/whole_proof.hpp"

namespace zkvm::precompiles::keccak {
namespace {

using test::Calls;

stark::Verdict prove_and_verify(const stark::DebugShard& tables, const Calls& calls) {
  return precompiles::test::prove_and_verify(test::machine(), tables, calls.boundary());
}

class KeccakProof : public testing::Test {
 protected:
  static constexpr uint32_t AT = 0x4f'ff80;

  void SetUp() override {
    std::mt19937 random(8);
    std::array<uint32_t, 80> words;
    for (uint32_t& w : words) w = static_cast<uint32_t>(random());
    calls_.host.add(AT, words);
    // 98 rows of rounds of 128, 20 of memory of 32.
    for (uint32_t i = 0; i < 2; ++i) ASSERT_EQ(calls_.call(AT + 60 * i), "");
    tables_ = calls_.tables();
  }
  Calls calls_;
  stark::DebugShard tables_;
};

TEST_F(KeccakProof, honest_calls_are_accepted) {
  const stark::Verdict verdict = prove_and_verify(tables_, calls_);
  EXPECT_TRUE(verdict.ok()) << verdict.error;
}

TEST_F(KeccakProof, a_flipped_bit_is_refused) {
  auto& row = *reinterpret_cast<KeccakRoundsColumns<F>*>(
      &tables_[test::ROUNDS_TABLE].main[40 * (sizeof(KeccakRoundsColumns<F>) / sizeof(F))]);
  row.bits[13][9] = F::one() - row.bits[13][9];
  EXPECT_FALSE(prove_and_verify(tables_, calls_).ok());
}

TEST_F(KeccakProof, another_result_is_refused) {
  calls_.host.store(AT, calls_.host.load(AT) ^ 1);
  EXPECT_FALSE(prove_and_verify(tables_, calls_).ok());
}

}  // namespace
}  // namespace zkvm::precompiles::keccak
