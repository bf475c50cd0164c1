#pragma once
/// \file
/// Proves: the program makes a Keccak call here, and the state in memory is replaced by its Keccak-f[1600] (FIPS 202,
/// section 3). Three chips: a row of the first is a call, ten rows of the second are its memory, 49 rows of the third
/// its rounds.

#include "guest-sdk/include/zkvm/ecall.h"
#include "precompiles/keccak/columns.hpp"

namespace zkvm::precompiles::keccak {

/// The call's row. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY, WORDS. Degree 2.
///
/// - is_real: boolean. call, pointer: as in precompiles/call.hpp; the pointer's high limb is its segment.
/// Rows that are not real send and receive nothing.
inline void keccak_call_air(AirBuilder& b) {
  const auto c = b.main<KeccakCallColumns>();
  const Expr real = isa::one_hot(b, c.is_real);
  call(b, real, c.call, ZKVM_ECALL_KECCAK);
  const Expr state = call_pointer(b, real, c.call, 0, c.pointer);
  for (unsigned y = 0; y < 5; ++y)
    for (unsigned half = 0; half < 2; ++half)
      b.send(WORDS,
             {.clk = c.call.at.clk,
              .half = b.constant(int64_t{half}),
              .plane = b.constant(int64_t{y}),
              .address = state + int64_t{40 * y + 4 * half},
              .segment = c.pointer.value.hi},
             real, "words");
}

/// The memory's rows, in any order. Receives WORDS, MEMORY, RANGE, PLANE; sends MEMORY, PLANE. Degree 2.
///
/// - is_real: boolean. words: met by a call; STATE gives every call a clk of its own, so the ten messages of a call are
///   ten different ones, and each is taken by one row.
/// - carry: boolean, determined by the word's name (call.hpp). An address that is no multiple of 4 names no word.
/// - prev, before: what MEMORY holds; limbs below 2^16 as all values there. A word is read and replaced in one access.
/// - after: met by the rounds of the call at clk alone, which were given exactly this state (below). Its limbs are sums
///   of bits there, so they are below 2^16.
/// Rows that are not real send and receive nothing.
inline void keccak_memory_air(AirBuilder& b) {
  const auto c = b.main<KeccakMemoryColumns>();
  const Expr real = isa::one_hot(b, c.is_real);
  const WordsMessage<Expr>& w = c.words;
  b.receive(WORDS, w, real, "words");
  PlaneMessage<Expr> in{w.clk, b.constant(int64_t{0}), w.half, w.plane, {}};
  PlaneMessage<Expr> out{w.clk, b.constant(int64_t{ROUNDS}), w.half, w.plane, {}};
  for (unsigned x = 0; x < 5; ++x) {
    const auto& l = c.lanes[x];
    b.assert_bool(l.carry, "carry is boolean");
    access_word(b, real, w.address + int64_t{8 * x}, w.segment + l.carry, l.before, l.after, l.prev,
                w.clk + int64_t{WRITE_CLOCK}, "state");
    in.lanes[x] = l.before;
    out.lanes[x] = l.after;
  }
  b.send(PLANE, in, real, "state into the rounds");
  b.receive(PLANE, out, real, "state after the rounds");
}

// ---- Bits

inline Expr exclusive_or(Expr x, Expr y) { return x + y - 2 * (x * y); }
/// 16 bits, bit(i) for i in first ... first + 15, as a number.
template <class Bit>
Expr limb_of(Bit&& bit, unsigned first) {
  Expr sum = bit(first + 15);
  for (unsigned i = 15; i-- > 0;) sum = sum * 2 + bit(first + i);
  return sum;
}

/// The rounds. Receives and sends PLANE. Next-row constraints, cyclic. Degree 3.
///
/// A round is a low row and the high one after it; which rounds stand where does not matter. It takes the ten half
/// planes before the round off PLANE and puts the ten after it. Planes before round 0 come from the memory of a call
/// alone, once each; so by induction those before round r come once each from the one round r - 1 of that call, and
/// what memory takes as planes before round 24 has been through rounds 0 ... 23 in order.
///
/// - low, high: boolean, not both; high is the low of the row before (cyclic). clk, and the round's number, are the
/// same
///   in both rows. outer, inner: boolean, with sum low + high, so exactly one of each in a round, none elsewhere; only
///   numbers 0 ... 23 can be said.
/// - bits, before, after: boolean. With A the lanes before theta, A' = bits, C = before, C' = after:
///   C' = parity of A' (their difference is 0, 2 or 4); C' = C + C[x - 1] + C[x + 1, z - 1]; in = A' + C + C', all
///   modulo 2. Summing the last over a column: its parity in A is C' + 5 (C + C') = C. So C is the parity of A, C' is
///   determined by C, and A' = A + C + C' = A + C[x - 1] + C[x + 1, z - 1] is theta of A, determined by `in`.
///   z - 1 is in the other row for the lowest bit of each half.
/// - in: met on PLANE, made of bits, so below 2^16.
/// - chi, result: functions of this row and the next, of degree 3, so there is no room for a factor that says where
/// they
///   count and they hold everywhere. They are a round's where the row is low; elsewhere nobody reads them. On padding
///   they are 0 because the row after has no bits: that is what the first row of a call is for.
/// Rows that are neither low nor high send and receive nothing; all bits there are 0, by one sum, which is below p, and
/// so is clk. Nothing rests on this: it leaves no cell free.
inline void keccak_rounds_air(AirBuilder& b) {
  const auto c = b.main<KeccakRoundsColumns>(), n = b.main_next<KeccakRoundsColumns>();
  constexpr unsigned OUTER = KeccakRoundsColumns<Expr>::OUTER, INNER = KeccakRoundsColumns<Expr>::INNER;
  static_assert(OUTER * INNER == ROUNDS);
  b.assert_bool(c.low, "low is boolean");
  b.assert_bool(c.high, "high is boolean");
  const Expr real = c.low + c.high;
  b.assert_bool(real, "not both low and high");
  b.assert_equal(n.high, c.low, "a high row comes after a low one");
  const auto sum_of = [&](const auto& flags) {
    Expr sum = b.constant(int64_t{0});
    for (Expr f : flags) {
      b.assert_bool(f, "part of the round is boolean");
      sum = sum + f;
    }
    return sum;
  };
  b.assert_equal(sum_of(c.outer), real, "one outer part of the round");
  b.assert_equal(sum_of(c.inner), real, "one inner part of the round");
  const auto number_of = [&](const KeccakRoundsColumns<Expr>& row) {
    Expr sum = row.inner[1] + int64_t{INNER} * row.outer[1];
    for (unsigned i = 2; i < OUTER; ++i) sum = sum + int64_t{INNER * i} * row.outer[i];
    for (unsigned j = 2; j < INNER; ++j) sum = sum + int64_t{j} * row.inner[j];
    return sum;
  };
  const Expr round = number_of(c);
  b.assert_zero(c.low * (n.clk - c.clk), "both rows are of one call");
  b.assert_zero(c.low * (number_of(n) - round), "both rows are of one round");

  b.assert_zero((1 - real) * c.clk, "no clock outside rounds");

  // Theta, backwards: `in` from the bits.
  Expr all_bits = b.constant(int64_t{0});
  for (const auto& row : c.bits)
    for (Expr bit : row) {
      b.assert_bool(bit, "bit is boolean");
      all_bits = all_bits + bit;
    }
  for (unsigned x = 0; x < 5; ++x) {
    const unsigned left = (x + 4) % 5, right = (x + 1) % 5;
    for (unsigned z = 0; z < 32; ++z) {
      const Expr before = c.before[x][z], after = c.after[x][z];
      b.assert_bool(before, "parity before theta is boolean");
      b.assert_bool(after, "parity after theta is boolean");
      all_bits = all_bits + before + after;
      Expr even = -after;
      for (unsigned y = 0; y < 5; ++y) even = even + c.bits[lane(x, y)][z];
      b.assert_zero(even * (even - 2) * (even - 4), "parity after theta");
      if (z != 0)
        b.assert_equal(after, exclusive_or(before, exclusive_or(c.before[left][z], c.before[right][z - 1])),
                       "theta of the parity");
    }
    const auto lowest = [&](const KeccakRoundsColumns<Expr>& row, const KeccakRoundsColumns<Expr>& other) {
      b.assert_zero(c.low * (exclusive_or(row.after[x][0], row.before[x][0]) -
                             exclusive_or(row.before[left][0], other.before[right][31])),
                    "theta of the parity, lowest bits");
    };
    lowest(c, n);
    lowest(n, c);
    for (unsigned y = 0; y < 5; ++y) {
      const auto bit = [&](unsigned z) {
        return exclusive_or(c.bits[lane(x, y)][z], exclusive_or(c.before[x][z], c.after[x][z]));
      };
      const isa::Word<Expr>& in = c.in[lane(x, y)];
      b.assert_equal(in.lo, limb_of(bit, 0), "lane before theta, low limb");
      b.assert_equal(in.hi, limb_of(bit, 16), "lane before theta, high limb");
    }
  }

  b.assert_zero((1 - real) * all_bits, "no bits outside rounds");

  // Rho, pi, chi and iota.
  const auto rotated = [&](unsigned x, unsigned y, unsigned z) {
    const unsigned from = source(x, y), bit = (z + 64 - ROTATION[from]) % 64;
    return bit < 32 ? c.bits[from][bit] : n.bits[from][bit - 32];
  };
  const auto chi = [&](unsigned x, unsigned y, unsigned z) {
    const Expr other = rotated(x + 2, y, z);
    return exclusive_or(rotated(x, y, z), other - rotated(x + 1, y, z) * other);
  };
  Expr iota[64] = {};
  for (unsigned j = 0; j < IOTA_BITS; ++j) {
    const unsigned z = iota_position(j);
    Expr constant = b.constant(int64_t{0});
    for (unsigned r = 0; r < ROUNDS; ++r)
      if ((ROUND_CONSTANT[r] >> z & 1) != 0) constant = constant + c.outer[r / INNER] * c.inner[r % INNER];
    b.assert_equal(c.chi[j], chi(0, 0, z), "chi of a bit that iota can change");
    iota[z] = exclusive_or(c.chi[j], constant);
  }
  for (unsigned x = 0; x < 5; ++x)
    for (unsigned y = 0; y < 5; ++y) {
      const auto bit = [&](unsigned z) {
        const bool changes = x == 0 && y == 0 && iota[z].builder() != nullptr;
        return changes ? iota[z] : chi(x, y, z);
      };
      for (unsigned half = 0; half < 2; ++half) {
        const isa::Word<Expr>& result = c.result[half][lane(x, y)];
        b.assert_equal(result.lo, limb_of(bit, 32 * half), "result, low limb");
        b.assert_equal(result.hi, limb_of(bit, 32 * half + 16), "result, high limb");
      }
    }

  for (unsigned y = 0; y < 5; ++y) {
    const auto message = [&](Expr number, Expr half, const isa::Word<Expr>* lanes) {
      PlaneMessage<Expr> m{c.clk, number, half, b.constant(int64_t{y}), {}};
      for (unsigned x = 0; x < 5; ++x) m.lanes[x] = lanes[lane(x, y)];
      return m;
    };
    b.receive(PLANE, message(round, c.high, c.in), real, "before the round");
    for (unsigned half = 0; half < 2; ++half)
      b.send(PLANE, message(round + 1, b.constant(int64_t{half}), c.result[half]), c.low, "after the round");
  }
}

}  // namespace zkvm::precompiles::keccak
