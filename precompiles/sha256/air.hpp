#pragma once
/// \file
/// Proves: the program makes a SHA-256 call here, and the state in memory is replaced by its compression with the block
/// (FIPS 180-4, section 6.2.2). Two chips: a row of the first is a call with its memory, 18 rows of the second are its
/// rounds.

#include <span>

#include "guest-sdk/include/zkvm/ecall.h"
#include "isa/chips/arithmetic.hpp"
#include "precompiles/sha256/columns.hpp"

namespace zkvm::precompiles::sha256 {

/// The call's row. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY, VARIABLES, BLOCK. Degree 3.
///
/// - is_real: boolean. call, pointers, prev: as in precompiles/call.hpp; a pointer's high limb is its segment.
/// - carry: boolean, determined by the word's name (call.hpp). A pointer that is no multiple of 4 names no word.
/// - block_read_only: boolean, determined by the block's address.
/// - block values, `before`: what MEMORY holds; limbs below 2^16 as all values there. The block is read at clk + 5,
///   state words are replaced at clk + 6 by one access each: a word of both is read as it was before the call.
/// - variable: met by the rounds of the call at clk alone, which were given exactly this state and this block (below).
///   Its limbs are sums of bits there, so they are below 2^16.
/// - after: limbs in range by look-ups, the sum is before + variable mod 2^32 (isa/chips/arithmetic.hpp).
/// Rows that are not real send and receive nothing.
inline void sha256_call_air(AirBuilder& b) {
  const auto c = b.main<Sha256CallColumns>();
  const Expr real = isa::one_hot(b, c.is_real), clk = c.call.at.clk;
  call(b, real, c.call, ZKVM_ECALL_SHA256);
  const Expr state = call_pointer(b, real, c.call, 0, c.state_pointer);
  const Expr block = call_pointer(b, real, c.call, 1, c.block_pointer);

  VariablesMessage<Expr> in, out;
  in.clk = out.clk = clk;
  in.step = b.constant(int64_t{0});
  out.step = b.constant(int64_t{LAST_ROUNDS});
  for (unsigned i = 0; i < STATE_WORDS; ++i) {
    const auto& w = c.state[i];
    b.assert_bool(w.carry, "carry is boolean");
    access_word(b, real, state + int64_t{4 * i}, c.state_pointer.value.hi + w.carry, w.before, w.after, w.prev,
                clk + int64_t{WRITE_CLOCK}, "state");
    isa::range_check(b, 16, w.after.lo, real, "state, low limb");
    isa::range_check(b, 16, w.after.hi, real, "state, high limb");
    isa::assert_sum(b, real, w.before, w.variable, w.after);
    // Spelt out: g++ 12 with -fsanitize=undefined compiles (i < 4 ? in.a : in.e)[...] = ... to nothing for half of
    // them.
    if (i < 4) {
      in.a[3 - i] = w.before;
      out.a[3 - i] = w.variable;
    } else {
      in.e[7 - i] = w.before;
      out.e[7 - i] = w.variable;
    }
  }
  b.send(VARIABLES, in, real, "state into the rounds");
  b.send(VARIABLES, out, real, "variables after the rounds");

  b.assert_bool(c.block_read_only, "read_only is boolean");
  for (unsigned i = 0; i < BLOCK_WORDS; ++i) {
    const auto& w = c.block[i];
    b.assert_bool(w.carry, "carry is boolean");
    read_word(b, real, block + int64_t{4 * i}, c.block_pointer.value.hi + w.carry, c.block_read_only, w.value, w.prev,
              clk + int64_t{READ_CLOCK}, "block");
  }
  for (unsigned step = 1; step <= LAST_BLOCK; ++step) {
    const auto* w = &c.block[4 * (step - 1)];
    b.send(BLOCK, {clk, b.constant(int64_t{step}), {w[0].value, w[1].value, w[2].value, w[3].value}}, real, "block");
  }
}

// ---- Bits

using Bits = std::span<const Expr>;

/// Bits first ... first + count - 1 as a number.
inline Expr number(Bits bits, unsigned first, unsigned count) {
  Expr sum = bits[first + count - 1];
  for (unsigned i = count - 1; i-- > 0;) sum = sum * 2 + bits[first + i];
  return sum;
}
inline isa::Word<Expr> number(Bits bits) { return {number(bits, 0, 16), number(bits, 16, 16)}; }
/// The same with the bytes in the order of memory.
inline isa::Word<Expr> number_in_memory(Bits bits) {
  return {number(bits, 24, 8) + 256 * number(bits, 16, 8), number(bits, 8, 8) + 256 * number(bits, 0, 8)};
}
/// The word whose bit i is bit(i).
template <class Bit>
isa::Word<Expr> word_of(Bit&& bit) {
  Expr bits[32];
  for (unsigned i = 0; i < 32; ++i) bits[i] = bit(i);
  return number(bits);
}
/// Degree 3.
inline isa::Word<Expr> sigma(const Sigma& s, Bits x) {
  const auto exclusive_or = [](Expr y, Expr z) { return y + z - 2 * (y * z); };
  return word_of([&](unsigned i) {
    const Expr two = exclusive_or(x[(i + s.first) % 32], x[(i + s.second) % 32]);
    return s.shifts && i + s.third >= 32 ? two : exclusive_or(two, x[(i + s.third) % 32]);
  });
}
/// Degree 2.
inline isa::Word<Expr> choice(Bits x, Bits y, Bits z) {
  return word_of([&](unsigned i) { return z[i] + x[i] * (y[i] - z[i]); });
}
/// Degree 3.
inline isa::Word<Expr> majority(Bits x, Bits y, Bits z) {
  return word_of([&](unsigned i) {
    const Expr both = y[i] * z[i];
    return both + x[i] * (y[i] + z[i] - 2 * both);
  });
}

inline isa::Word<Expr> operator+(const isa::Word<Expr>& x, const isa::Word<Expr>& y) {
  return {x.lo + y.lo, x.hi + y.hi};
}
inline isa::Word<Expr> operator-(const isa::Word<Expr>& x, const isa::Word<Expr>& y) {
  return {x.lo - y.lo, x.hi - y.hi};
}

/// terms = result mod 2^32 where the carries' bits are boolean: their values, less `offset`, are then between -1 and 7,
/// all sums below 2^20 in size and the result's limbs, made of bits, below 2^16: equations of integers, which determine
/// result and carries.
template <unsigned BITS>
void assert_total(AirBuilder& b, const isa::Word<Expr>& terms, const isa::Word<Expr>& result,
                  const CarryColumns<Expr, BITS>& carry, Expr offset, const char* label) {
  const Expr lo = number(Bits(carry.lo), 0, BITS) - offset, hi = number(Bits(carry.hi), 0, BITS) - offset;
  b.assert_equal(terms.lo, result.lo + 65536 * lo, label);
  b.assert_equal(terms.hi + lo, result.hi + 65536 * hi, label);
}
/// Boolean where `used` is 1. Where it is 0 the lowest bit is any number, which is what lets the equation above hold
/// there, and the others are 0. Degree 3.
template <unsigned BITS>
void assert_carry(AirBuilder& b, const CarryColumns<Expr, BITS>& carry, Expr used) {
  for (const Expr* bits : {carry.lo, carry.hi}) {
    b.assert_zero(used * bits[0] * (bits[0] - 1), "carry is boolean");
    for (unsigned i = 1; i < BITS; ++i) b.assert_zero(bits[i] * (bits[i] - used), "carry is boolean");
  }
}

/// The rounds: rows of a call one after the other, step 0 ... 17. Receives VARIABLES, BLOCK. Next-row constraints,
/// cyclic. Degree 3. Padding is all zero.
///
/// - step: boolean, with boolean sum; moves on by one every row (cyclic), so flags come in runs of 18 rows. A run is
///   bound to no place: one around the table's end is as good as any.
/// - clk: the same in a run. STATE gives every call a clk of its own, so each (clk, step) is sent once, exactly one run
///   takes a call's step 0, and that run takes all its messages.
/// - a, e, w: bits. Step 0: a and e are the state, w is 0. Steps 1 ... 4: w is the block. All others are determined by
///   the sums. On step 17 and on padding they are 0, by one sum, which is below p. Nothing that the rounds say rests on
///   w's 0 of step 0 or on these: they leave no cell free.
/// - first, second, third: functions of the rows before, limbs below 2, 3 and 3 times 2^16. With t the round of slot j
///   in the next row, `third` holds w[t - 16] + sigma0(w[t - 15]) + w[t - 7], which is w[t] but for sigma1(w[t - 2]).
///   `second` and `third` are 0 outside the rounds.
/// - carries: determined where the sums count. Elsewhere (a, e: outside the rounds; w: outside steps 5 ... 16) the
///   lowest bit is what makes the equation hold, because equations of degree 3 have no room for a factor that says
///   where they count. On padding they hold with zeros: the row before has no bits. That is what step 17 is for. A
///   carry of w is at most 3 (four words), of e at most 5 (six words), of a between -1 and 2 (three words less one).
inline void sha256_rounds_air(AirBuilder& b) {
  const auto c = b.main<Sha256RoundsColumns>(), n = b.main_next<Sha256RoundsColumns>();
  const auto steps = [&](const auto& row, unsigned first, unsigned last) {
    Expr sum = row.step[first];
    for (unsigned i = first + 1; i <= last; ++i) sum = sum + row.step[i];
    return sum;
  };
  const Expr real = steps(c, 0, GAP), rounds = steps(c, 1, LAST_ROUNDS), next_rounds = steps(n, 1, LAST_ROUNDS);
  const Expr scheduled = steps(c, LAST_BLOCK + 1, LAST_ROUNDS);
  for (unsigned i = 0; i < SHA256_ROWS_PER_CALL; ++i) b.assert_bool(c.step[i], "step is boolean");
  b.assert_bool(real, "at most one step");
  for (unsigned i = 0; i < GAP; ++i) b.assert_equal(n.step[i + 1], c.step[i], "steps follow each other");
  b.assert_zero((real - c.step[GAP]) * (n.clk - c.clk), "clock of the call");
  b.assert_zero((1 - real) * c.clk, "no clock on padding");

  Expr w_bits = b.constant(int64_t{0}), bits = w_bits;
  for (unsigned j = 0; j < 4; ++j) {
    for (unsigned i = 0; i < 32; ++i) {
      for (Expr bit : {c.a[j][i], c.e[j][i], c.w[j][i]}) b.assert_bool(bit, "bit is boolean");
      bits = bits + c.a[j][i] + c.e[j][i];
      w_bits = w_bits + c.w[j][i];
    }
  }
  b.assert_zero((1 - rounds - c.step[0]) * (bits + w_bits), "no bits outside the rounds");
  b.assert_zero(c.step[0] * w_bits, "no schedule before the rounds");

  // Words of this row and the next, oldest first: slot j of the next row is 4 + j.
  Bits a[8], e[8], w[8];
  for (unsigned j = 0; j < 4; ++j) {
    a[j] = c.a[j], e[j] = c.e[j], w[j] = c.w[j];
    a[4 + j] = n.a[j], e[4 + j] = n.e[j], w[4 + j] = n.w[j];
  }
  const Expr none = b.constant(int64_t{0});
  for (unsigned j = 0; j < 4; ++j) {
    // The schedule: j - 16, j - 15, j - 7 and j - 2 are at most 4 rows back.
    const auto set = [&](const isa::Word<Expr>& column, const isa::Word<Expr>& value, const char* label) {
      b.assert_equal(column.lo, value.lo, label);
      b.assert_equal(column.hi, value.hi, label);
    };
    const auto if_round = [&](const isa::Word<Expr>& x) {
      return isa::Word<Expr>{next_rounds * x.lo, next_rounds * x.hi};
    };
    set(n.first[j], number(w[j]) + sigma(SMALL_0, w[j + 1]), "first part of the schedule");
    set(n.second[j], if_round(j < 3 ? c.first[j] + number(w[4 + j + 1]) : c.first[j]), "second part of the schedule");
    set(n.third[j], if_round(j < 3 ? c.second[j] : c.second[j] + number(w[4])), "third part of the schedule");
    assert_total(b, c.third[j] + sigma(SMALL_1, w[j + 2]), number(w[4 + j]), n.w_carry[j], none, "schedule");
    assert_carry(b, c.w_carry[j], scheduled);

    isa::Word<Expr> constant{none, none};
    for (unsigned i = 1; i <= LAST_ROUNDS; ++i) {
      const uint32_t k = K[ROUNDS_PER_ROW * (i - 1) + j];
      constant = constant + isa::Word<Expr>{n.step[i] * int64_t{k & 0xffff}, n.step[i] * int64_t{k >> 16}};
    }
    assert_total(b,
                 number(a[j]) + number(e[j]) + sigma(BIG_1, e[j + 3]) + choice(e[j + 3], e[j + 2], e[j + 1]) +
                     constant + number(w[4 + j]),
                 number(e[4 + j]), n.e_carry[j], none, "variable e");
    assert_carry(b, c.e_carry[j], rounds);
    assert_total(b, number(e[4 + j]) - number(a[j]) + sigma(BIG_0, a[j + 3]) + majority(a[j + 3], a[j + 2], a[j + 1]),
                 number(a[4 + j]), n.a_carry[j], next_rounds, "variable a");
    assert_carry(b, c.a_carry[j], rounds);
  }

  Expr step = c.step[1];
  for (unsigned i = 2; i <= GAP; ++i) step = step + c.step[i] * int64_t{i};
  VariablesMessage<Expr> variables;
  BlockMessage<Expr> block;
  variables.clk = block.clk = c.clk;
  variables.step = block.step = step;
  for (unsigned j = 0; j < 4; ++j) {
    variables.a[j] = number(a[j]);
    variables.e[j] = number(e[j]);
    block.word[j] = number_in_memory(w[j]);
  }
  b.receive(VARIABLES, variables, c.step[0] + c.step[LAST_ROUNDS], "variables");
  b.receive(BLOCK, block, steps(c, 1, LAST_BLOCK), "block");
}

}  // namespace zkvm::precompiles::sha256
