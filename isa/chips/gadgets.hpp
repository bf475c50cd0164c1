#pragma once
/// \file
/// What instruction chips are put together from. Each gadget has its constraints (on Expr) and beside them the function
/// that fills its columns (on F).
///
/// Soundness shared by all instruction chips:
/// - STATE is one path. Every real row takes one (pc, clk) and puts (next_pc, clk + 4); the verifier puts (entry, 4);
/// only HALT
///   takes without putting, and HALT messages are taken by the verifier alone, once. A closed cycle would need p rows;
///   the verifier bounds 4 * (sum of heights) < 2^29, so there is none, and every clock is at most 2^29. So no row's pc
///   or clk can be chosen: each is what the row before it left.
/// - A real row's PROGRAM look-up has its pc, so op, registers and constants are those of the committed program. Flags
/// are boolean
///   with boolean sum, op codes are positive and differ between ops, so the flag follows from op.
/// - MEMORY: each cell starts once (boundary tables, clock 0), and every access consumes the cell's last (value, clock)
/// and
///   produces (new value, access clock) with access clock - last clock - 1 in [0, 2^16). All produced clocks are in
///   [0, 2^29 + 3], far below p - 2^16, so the difference is one of integers: time moves forward strictly, the accesses
///   of a cell are a single path, and what is read is what was written last. `prev` is determined by that path, `old`
///   by it too.
/// - Values on MEMORY have limbs in [0, 2^16): every chip that produces a new value proves it, readers rely on it.

#include "isa/chips/buses.hpp"
#include "isa/chips/program/fields.hpp"
#include "isa/chips/trace.hpp"

namespace zkvm::isa {

using stark::AirBuilder;
using stark::Expr;
using stark::F;

/// A 32-bit value as limbs of 16 bits.
template <class T>
struct Word {
  T lo, hi;
};
inline Word<F> word(uint32_t value) { return {F::from(value & 0xffff), F::from(value >> 16)}; }

/// The first columns of every instruction chip.
template <class T>
struct Start {
  T pc, clk;
};

/// A register that is read. `prev`: clock of its last access.
template <class T>
struct RegisterRead {
  T reg, prev;
  Word<T> value;
};
/// The same where the value is affine in other columns.
template <class T>
struct RegisterReadOf {
  T reg, prev;
};
/// A register that is written; `old` is what it held.
template <class T>
struct RegisterWrite {
  T reg, prev;
  Word<T> old;
};
/// The address of a memory access: register + immediate, with the carry (-1, 0 or 1) between the limbs.
template <class T>
struct Address {
  T immediate, carry;
};

// Clocks of an instruction's accesses, after its own.
inline constexpr int64_t RS1_CLOCK = 0, RS2_CLOCK = 1, MEMORY_CLOCK = 2, RD_CLOCK = 3;

inline void range_check(AirBuilder& b, unsigned bits, Expr value, Expr multiplicity, const char* label) {
  b.receive(RANGE, {b.constant(int64_t{bits}), value}, multiplicity, label);
}
inline void byte_pair(AirBuilder& b, Expr x, Expr y, Expr multiplicity, const char* label) {
  b.receive(BYTES, {x, y}, multiplicity, label);
}

/// The step of STATE and the program look-up. entry.pc is at.pc.
inline void instruction(AirBuilder& b, Expr real, const Start<Expr>& at, Expr next_pc,
                        const ProgramMessage<Expr>& entry) {
  b.receive(STATE, {at.pc, at.clk}, real, "state in");
  b.send(STATE, {next_pc, at.clk + int64_t{CLOCKS_PER_INSTRUCTION}}, real, "state out");
  b.receive(PROGRAM, entry, real, "program");
}

/// One access of the cell (segment, offset) at `clock`.
inline void access(AirBuilder& b, Expr real, Expr segment, Expr offset, const Word<Expr>& before,
                   const Word<Expr>& after, Expr prev, Expr clock, const char* label) {
  b.receive(MEMORY, {segment, offset, before.lo, before.hi, prev}, real, label);
  b.send(MEMORY, {segment, offset, after.lo, after.hi, clock}, real, label);
  range_check(b, 16, clock - prev - 1, real, label);
}
inline void access_register(AirBuilder& b, Expr real, Expr reg, const Word<Expr>& before, const Word<Expr>& after,
                            Expr prev, Expr clock, const char* label) {
  access(b, real, b.constant(int64_t{REGISTER_SEGMENT}), reg, before, after, prev, clock, label);
}
inline void read_register(AirBuilder& b, Expr real, const RegisterRead<Expr>& r, Expr clock, const char* label) {
  access_register(b, real, r.reg, r.value, r.value, r.prev, clock, label);
}
inline void write_register(AirBuilder& b, Expr real, const RegisterWrite<Expr>& r, const Word<Expr>& value, Expr clk) {
  access_register(b, real, r.reg, r.old, value, r.prev, clk + RD_CLOCK, "rd");
}

/// The cell that base + immediate - low_bits names: (space + base.hi + carry, base.lo + immediate - low_bits - 65536
/// carry), with low_bits in [0, 3]. Limbs of RAM cells on the bus are canonical (offset in [0, 2^16), a multiple of 4;
/// segment in [0, 2^16), plus READ_ONLY_SPACE for those that cannot be written to), and |offset expression| < 2^18, so
/// it equals an existing cell's only if segment and offset together are the 32-bit address, without wrap-around at
/// either end; carry and low_bits are then determined. Registers' segments are out of reach. `space` is 0 for stores,
/// so they reach no read-only cell.
inline void access_memory(AirBuilder& b, Expr real, Expr space, const Word<Expr>& base, const Address<Expr>& address,
                          Expr low_bits, const Word<Expr>& before, const Word<Expr>& after, Expr prev, Expr clk) {
  const Expr c = address.carry;
  b.assert_zero(c * (c - 1) * (c + 1), "address carry is -1, 0 or 1");
  access(b, real, space + base.hi + c, base.lo + address.immediate - low_bits - c * 65536, before, after, prev,
         clk + MEMORY_CLOCK, "memory");
}
/// The space that a load reads. Each word exists in one space only, so read_only is determined by the address.
inline Expr load_space(AirBuilder& b, Expr read_only) {
  b.assert_bool(read_only, "read_only is boolean");
  return read_only * int64_t{READ_ONLY_SPACE};
}

/// Flags are boolean, and so is their sum, which is returned: 1 on real rows.
template <class... Flags>
Expr one_hot(AirBuilder& b, Expr first, Flags... rest) {
  b.assert_bool(first, "op flag is boolean");
  (b.assert_bool(rest, "op flag is boolean"), ...);
  const Expr sum = (first + ... + rest);
  if constexpr (sizeof...(rest) > 0) b.assert_bool(sum, "at most one op flag");
  return sum;
}

/// Filling: one object per call of a FillFunction.
class Filler {
 public:
  Filler(const TraceInput& input, LookupCounts& counts) : Filler(*input.program, counts) {}
  Filler(const ProgramTable& program, LookupCounts& counts) : program_(program), counts_(counts) {}

  /// The entry of the event's instruction; counts the look-up.
  const ProgramFields& entry(const Event& e) { return count(program_.index(e.pc)); }
  const ProgramFields& entry(const Event& e, bool holds) { return count(program_.index(e.pc, holds)); }
  /// Counts the look-up of an instruction that is no branch.
  void count_entry(uint32_t pc) { count(program_.index(pc)); }
  /// The entry without counting.
  const ProgramFields& peek(const Event& e) const { return program_[program_.index(e.pc)]; }

  static Start<F> start(const Event& e, const ProgramFields& p) { return {p.pc, F::from(e.clk)}; }

  /// Counts the range check of an access' gap; returns prev as a column.
  F prev(uint32_t clock, uint32_t prev) {
    ++counts_.range16[clock - prev - 1];
    return F::from(prev);
  }
  RegisterRead<F> rs1(const Event& e, const ProgramFields& p) { return {p.rs1, prev(e.clk, e.a_prev_clk), word(e.a)}; }
  RegisterRead<F> rs2(const Event& e, const ProgramFields& p) {
    return {p.rs2, prev(e.clk + 1, e.b_prev_clk), word(e.b)};
  }
  RegisterWrite<F> rd(const Event& e, const ProgramFields& p) {
    return {p.rd, prev(e.clk + 3, e.rd_prev_clk), word(e.rd_prev)};
  }
  F memory_prev(const Event& e) { return prev(e.clk + 2, e.mem_prev_clk); }
  /// base + immediate of a load or store, and its columns.
  struct Target {
    uint32_t address;
    Address<F> columns;
  };
  static Target address(uint32_t base, const ProgramFields& p) {
    const uint32_t c0 = p.c0.value();
    const uint32_t address = base + (c0 < F::P / 2 ? c0 : c0 - F::P);
    return {address, {p.c0, small(static_cast<int32_t>(address >> 16) - static_cast<int32_t>(base >> 16))}};
  }
  /// -1, 0 or 1.
  static F small(int32_t carry) { return carry == 0 ? F::zero() : carry > 0 ? F::one() : -F::one(); }

  F range16(uint32_t value) {
    ++counts_.range16[value];
    return F::from(value);
  }
  Word<F> range_word(uint32_t value) { return {range16(value & 0xffff), range16(value >> 16)}; }
  void count_bits(unsigned bits, uint32_t value) {
    ++(bits == 16 ? counts_.range16[value] : counts_.bits[(1u << bits) + value]);
  }
  void count_bytes(uint32_t a, uint32_t b) { ++counts_.bytes[a + 256 * b]; }
  void count_signed(uint32_t limb) { ++counts_.signed_pairs[limb]; }
  void count_and(uint32_t a, uint32_t b) { ++counts_.and_bytes[a + 256 * b]; }

 private:
  const ProgramFields& count(uint32_t index) {
    ++counts_.program[index];
    return program_[index];
  }

  const ProgramTable& program_;
  LookupCounts& counts_;
};

inline F flag(bool value) { return value ? F::one() : F::zero(); }

/// The loop of an instruction chip: fill_row(filler, event, columns) for each event.
template <template <class> class Columns, class FillRow>
void fill_rows(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts,
               FillRow&& fill_row) {
  static_assert(alignof(Columns<F>) == alignof(F) && sizeof(Columns<F>) % sizeof(F) == 0);
  Filler filler(input, counts);
  for (size_t i = begin; i < end; ++i) fill_row(filler, input.events[i], *reinterpret_cast<Columns<F>*>(out(i)));
}

}  // namespace zkvm::isa
