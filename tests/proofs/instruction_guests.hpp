#pragma once
/// \file
/// Guests that run every instruction of RV32IM on edge operands and put each result into the journal.

#include "tests/proofs/guest.hpp"

namespace zkvm::proofs {

/// Register-register instructions: all pairs of edge values, divisions of all signs and by zero, shifts by registers,
/// and every coincidence of rd, rs1, rs2 and x0.
Guest register_arithmetic();
/// Immediate forms, all shift amounts, LUI, AUIPC, fences.
Guest immediate_arithmetic();
/// Loads and stores of every width, offset and sign, from image, zeroed memory and input, with offsets that carry or
/// borrow between the limbs of the address.
Guest memory_accesses();
/// Branches taken and not, forward and backward, with operands that share a half; JAL and JALR at their limits.
Guest branches_and_jumps();
/// Registers, memory words and the journal index that are left alone for longer than a clock gap may be.
Guest old_accesses();
/// Prints, journal words, an exit code and a journal length that fill both limbs or end within a word.
Guest system_calls();

}  // namespace zkvm::proofs
