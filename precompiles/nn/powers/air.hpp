#pragma once
/// \file
/// Provides powers of the accumulator challenges: (i, j, k) -> A^i B^j (G^4)^k.
///
/// Rows walk through exponents: start at (0, 0, 0), or one more i with j = k = 0, one more j with k = 0, one more k.
/// Sends POWER. Next-row constraints, cyclic. Degree 2. 8 + 18 + 6 cells a row.
///
/// Every row is one of the four kinds, padding too (it starts anew), so every entry is true whatever is looked up. A
/// circle without a start is impossible: its i never falls, so it never rises; then neither do j nor k.

#include "precompiles/nn/powers/columns.hpp"

namespace zkvm::precompiles::nn {

inline void powers_air(AirBuilder& b) {
  const auto c = b.main<PowersColumns>();
  const auto n = b.main_next<PowersColumns>();
  for (Expr flag : {c.start, c.step_i, c.step_j, c.step_k}) b.assert_bool(flag, "flags are boolean");
  b.assert_equal(c.start + c.step_i + c.step_j + c.step_k, b.constant(int64_t{1}), "one kind of step");
  const ExtExpr one = one_ext(b);
  const ExtExpr ai = b.form(0), abij = b.form(1), all = b.form(2);
  const ExtExpr next_ai = b.form(0, 1), next_abij = b.form(1, 1), next_all = b.form(2, 1);
  for (Expr exponent : {c.i, c.j, c.k}) b.assert_zero(c.start * exponent, "start at 0");
  for (const ExtExpr& value : {ai, abij, all}) b.assert_zero((value - one) * c.start, "start at 1");

  b.assert_zero(n.step_i * (n.i - c.i - 1), "step of i");
  b.assert_zero(n.step_i * n.j, "step of i");
  b.assert_zero((n.step_i + n.step_j) * n.k, "step of i or j");
  b.assert_zero((n.step_j + n.step_k) * (n.i - c.i), "step of j or k");
  b.assert_zero(n.step_j * (n.j - c.j - 1), "step of j");
  b.assert_zero(n.step_k * (n.j - c.j), "step of k");
  b.assert_zero(n.step_k * (n.k - c.k - 1), "step of k");
  b.assert_zero((next_ai - ai * b.challenge(CHALLENGE_A)) * n.step_i, "A");
  b.assert_zero((next_ai - ai) * (n.step_j + n.step_k), "A stays");
  b.assert_zero((next_abij - next_ai) * n.step_i, "B starts");
  b.assert_zero((next_abij - abij * b.challenge(CHALLENGE_B)) * n.step_j, "B");
  b.assert_zero((next_abij - abij) * n.step_k, "B stays");
  b.assert_zero((next_all - next_abij) * (n.step_i + n.step_j), "G starts");
  b.assert_zero((next_all - all * challenge_powers(b, CHALLENGE_G, LANES + 1)[LANES]) * n.step_k, "G");
  b.send(POWER, power_message(c.i, c.j, c.k, all), c.uses, "power");
}

}  // namespace zkvm::precompiles::nn
