#pragma once
/// \file
/// Receipts for tests.

#include <cstdint>

#include "tests/receipts/packing.hpp"
#include "vm/prove/prove.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::tests {

/// Of the counting guest on its input. Few queries make a small receipt: the golden one has GOLDEN_BITS.
inline constexpr double GOLDEN_BITS = 30;
vm::Receipt make_receipt(double security_bits, uint64_t shard_cycles = 0);

/// Policy under which receipts of GOLDEN_BITS pass.
inline constexpr vm::VerifyPolicy LOW_POLICY = {.min_security_bits = GOLDEN_BITS};

}  // namespace zkvm::tests
