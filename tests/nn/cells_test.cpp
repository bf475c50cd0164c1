// What precompiles cost in committed cells, from the compiled machine: the budgets of bench/README.md.
#include <gtest/gtest.h>

#include "precompiles/registry.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::tests {
namespace {

using precompiles::ChipId;

double per(size_t chip, unsigned elements) { return static_cast<double>(vm::cells_of_row(chip)) / elements; }

TEST(cells, rows_that_are_full_stay_within_their_budgets) {
  EXPECT_LE(per(ChipId::NN_WEIGHTS, 32), 1.0);      // a weight
  EXPECT_LE(per(ChipId::NN_ACTIVATIONS, 32), 8.3);  // a byte of an input; the budget is 8
  EXPECT_LE(per(ChipId::NN_OUTPUT, 8), 60);         // an output
  EXPECT_LE(per(ChipId::NN_STEPS, 8), 26);          // an output by thresholds
  EXPECT_LE(per(ChipId::NN_LEVELS, 8), 4);          // a result that a channel of thresholds can have
  EXPECT_LE(per(ChipId::NN_ADD, 8), 75);            // an element of a sum
  EXPECT_LE(per(ChipId::NN_TABLE, 8), 25);          // an element
  EXPECT_LE(per(ChipId::NN_POOL, 16), 12.2);        // a byte of an input; the budget is 9
  EXPECT_LE(per(ChipId::NN_POOL_OUTPUT, 4), 45);    // an output
  EXPECT_LE(per(ChipId::NN_SOFTMAX, 8), 24);        // an element of a softmax; and in each row of it
  EXPECT_LE(per(ChipId::NN_SHARES, 1), 70);         // a difference that elements have from the maximum
  EXPECT_LE(per(ChipId::NN_RECIPROCALS, 1), 250);   // and this
  EXPECT_LE(per(ChipId::NN_NORM, 8), 92);           // an element of a layer norm; and in each row of it
  EXPECT_LE(per(ChipId::NN_ROOTS, 1), 130);         // this
  EXPECT_LE(vm::cells_of_call(ZKVM_ECALL_SHA256), 20'000u);
  EXPECT_LE(vm::cells_of_call(ZKVM_ECALL_KECCAK), 70'000u);
}

}  // namespace
}  // namespace zkvm::tests
