#pragma once
/// \file
/// Proofs at full security, for all tests here.

#include <gtest/gtest.h>

#include "tests/proofs/guest.hpp"
#include "vm/prove/prove.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::proofs {

/// Throws std::runtime_error if the guest traps or the like.
vm::Receipt prove(const vm::Program& program, std::span<const uint8_t> input, const vm::ProveOptions& options = {});

/// Under the default policy: 128 provable bits.
testing::AssertionResult verifies(const vm::Receipt& receipt, const vm::ImageId& expected);
inline testing::AssertionResult verifies(const vm::Receipt& receipt) {
  return verifies(receipt, receipt.claim.image_id);
}

/// Proves the guest, verifies the receipt against the program's own image ID, and compares exit code and journal with
/// the model's.
void expect_proved(const Guest& guest);

}  // namespace zkvm::proofs
