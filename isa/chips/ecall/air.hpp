#pragma once
/// \file
/// Proves: with a7 = 0, execution ends here with exit code a0 and journal length a1; with a7 = 1, the journal's next
/// word is a0; with a7 = 2 or 3 nothing changes. No row exists for another a7.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY, JOURNAL, HALT. Degree 2.
/// 69 cells.
///
/// - Flags: one-hot, and a7 as read from its register is affine in them, so they follow from it.
/// - at, *_prev: see gadgets.hpp. a0, a1: as read. They go to JOURNAL and HALT as limbs, the exit code and the length
///   whole.
/// - index: the value of cell (JOURNAL_SEGMENT, 0), which only this chip changes, by 1 each time, from 0: it is the
///   number of words written so far, below 2^27, so it needs neither limbs nor a range check. The verifier takes words
///   0 .. length - 1 exactly once each.
/// - index_prev: as for registers. On rows that are not writes both columns are multiplied by nothing but 0; they are
///   forced to 0 so that a row says one thing only.
/// - HALT takes the state and puts none, so nothing runs after it, and the verifier takes one HALT message.

#include "isa/chips/ecall/columns.hpp"

namespace zkvm::isa {

inline void ecall_air(AirBuilder& b) {
  const auto c = b.main<EcallColumns>();
  const Expr zero = b.constant(int64_t{0}), clk = c.at.clk;
  const Expr real = one_hot(b, c.is_halt, c.is_write, c.is_stdout, c.is_stderr);
  constexpr int64_t A0 = 10, A1 = 11, A7 = 17;

  b.receive(STATE, {c.at.pc, clk}, real, "state in");
  b.send(STATE, {c.at.pc + 4, clk + int64_t{CLOCKS_PER_INSTRUCTION}}, real - c.is_halt, "state out");
  b.receive(PROGRAM,
            {.pc = c.at.pc,
             .op = b.constant(row_code(RowOp::ECALL)),
             .rd = zero,
             .rs1 = b.constant(A7),
             .rs2 = b.constant(A0),
             .c0 = zero,
             .c1 = zero,
             .c2 = zero},
            real, "program");

  const Word<Expr> a7{c.is_write + 2 * c.is_stdout + 3 * c.is_stderr, zero};
  access_register(b, real, b.constant(A7), a7, a7, c.a7_prev, clk, "a7");
  access_register(b, real, b.constant(A0), c.a0, c.a0, c.a0_prev, clk + 1, "a0");
  access_register(b, real, b.constant(A1), c.a1, c.a1, c.a1_prev, clk + 2, "a1");
  access(b, c.is_write, b.constant(int64_t{JOURNAL_SEGMENT}), zero, {c.index, zero}, {c.index + 1, zero}, c.index_prev,
         clk + 3, "journal index");
  b.assert_zero((1 - c.is_write) * c.index, "index only where the journal is written");
  b.assert_zero((1 - c.is_write) * c.index_prev, "index clock only where the journal is written");

  b.send(JOURNAL, {c.index, c.a0.lo, c.a0.hi}, c.is_write, "journal");
  b.send(HALT, {c.a0.lo, c.a0.hi, c.a1.lo, c.a1.hi, clk}, c.is_halt, "halt");
}

}  // namespace zkvm::isa
