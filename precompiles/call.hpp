#pragma once
/// \file
/// The row of a precompile's call, and accesses of memory words: gadgets with their constraints (on Expr) and beside
/// them what fills their columns (on F).
///
/// A call is an ecall: its row takes (pc, clk) off STATE, looks up that the instruction at pc is an ecall, reads a7,
/// which must be the precompile's number, and its pointers, and puts (pc + 4, clk + 8). See isa/chips/gadgets.hpp for
/// why rows of this kind cannot be invented: a call happens exactly where the program makes it, once. Whatever the call
/// must do has to be demanded by this row, by messages that are taken exactly once.

#include "isa/chips/gadgets.hpp"
#include "precompiles/host.hpp"

namespace zkvm::precompiles {

using isa::LookupCounts;
using isa::RowWriter;
using stark::AirBuilder;
using stark::E;
using stark::Expr;
using stark::ExtExpr;
using stark::F;

template <class T>
struct CallColumns {
  isa::Start<T> at;
  T a7_prev;
};

/// A pointer in a register, below 2^16 times one of these: so lo + 2^16 hi names one address only. Memory ends at
/// 0x6000'0000, so a pointer into it may be added up to 2^28 without reaching p; p = 0x7f00'0001.
inline constexpr uint32_t MEMORY_LIMIT = 0x6000, ROM_LIMIT = 0x7f00;
template <class T>
struct PointerColumns {
  T prev;
  isa::Word<T> value;
};

/// The call's step of STATE, its look-up in the program and its number.
inline void call(AirBuilder& b, Expr real, const CallColumns<Expr>& c, uint32_t number) {
  constexpr int64_t A0 = 10, A7 = 17;
  const Expr zero = b.constant(int64_t{0}), clk = c.at.clk;
  b.receive(isa::STATE, {c.at.pc, clk}, real, "state in");
  b.send(isa::STATE, {c.at.pc + 4, clk + int64_t{CALL_CLOCKS}}, real, "state out");
  b.receive(isa::PROGRAM,
            {.pc = c.at.pc,
             .op = b.constant(isa::row_code(isa::RowOp::ECALL)),
             .rd = zero,
             .rs1 = b.constant(A7),
             .rs2 = b.constant(A0),
             .c0 = zero,
             .c1 = zero,
             .c2 = zero},
            real, "program");
  const isa::Word<Expr> a7{b.constant(int64_t{number}), zero};
  isa::access_register(b, real, b.constant(A7), a7, a7, c.a7_prev, clk, "a7");
}

/// Reads pointer `index` (0 ... 3: a0 ... a3) of the call; returns the address. hi + 2^15 - limit has 15 bits.
inline Expr call_pointer(AirBuilder& b, Expr real, const CallColumns<Expr>& c, unsigned index,
                         const PointerColumns<Expr>& p, uint32_t limit = MEMORY_LIMIT) {
  isa::access_register(b, real, b.constant(int64_t{10 + index}), p.value, p.value, p.prev,
                       c.at.clk + int64_t{1 + index}, "pointer");
  isa::range_check(b, 15, p.value.hi + int64_t{0x8000 - limit}, real, "pointer is below its limit");
  return p.value.lo + 65536 * p.value.hi;
}

inline CallColumns<F> fill_call(isa::Filler& f, const CallEvent& e) {
  f.count_entry(e.pc);
  return {{F::from(e.pc), F::from(e.clk)}, f.prev(e.clk, e.a7_prev)};
}
inline PointerColumns<F> fill_pointer(isa::Filler& f, const CallEvent& e, unsigned index,
                                      uint32_t limit = MEMORY_LIMIT) {
  f.count_bits(15, (e.a[index] >> 16) + 0x8000 - limit);
  return {f.prev(e.clk + 1 + index, e.prev[index]), isa::word(e.a[index])};
}

// ---- Words of memory at base + constant offsets
//
// The name of a word on MEMORY is (segment, offset). A row with a base address (an affine expression, an integer below
// p) has a column `segment` for it, with 15 bits, and per word a boolean carry: the word at base + k is cell (segment +
// carry, base + k - 2^16 (segment + carry)). RAM cells on the bus have segments in [0, 0x6000) and offsets in [0,
// 2^16), so 2^16 segment + offset is an integer below p and equals base + k modulo p only if it equals it; registers'
// segments are above what segment + carry can be. So the carry is determined, and the word is the one at base + k.

// Where an operand that is only read lies in the read-only space, its boolean column read_only says so; as a word is in
// one space only, it is determined. Words that are written have none: they are never there.

/// Proves that `segment` has 15 bits. Once per base.
inline void check_segment(AirBuilder& b, Expr real, Expr segment) { isa::range_check(b, 15, segment, real, "segment"); }
inline F fill_segment(isa::Filler& f, uint32_t base) {
  f.count_bits(15, base >> 16);
  return F::from(base >> 16);
}

/// One read of the word at `address`, whose segment is `segment` (carry included), at `clock`.
inline void read_word(AirBuilder& b, Expr real, Expr address, Expr segment, Expr read_only,
                      const isa::Word<Expr>& value, Expr prev, Expr clock, const char* label) {
  isa::access(b, real, segment + read_only * int64_t{isa::READ_ONLY_SPACE}, address - segment * 65536, value, value,
              prev, clock, label);
}
/// One access, which may write.
inline void access_word(AirBuilder& b, Expr real, Expr address, Expr segment, const isa::Word<Expr>& before,
                        const isa::Word<Expr>& after, Expr prev, Expr clock, const char* label) {
  isa::access(b, real, segment, address - segment * 65536, before, after, prev, clock, label);
}

}  // namespace zkvm::precompiles
