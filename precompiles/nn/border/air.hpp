#pragma once
/// \file
/// Lends a product the values of its border: the positions that the full product has beside the layer's outputs.
///
/// A row is 32 neighbouring channels of one position; a call's rows are a run. sum = sum A^i B^j G^(4 k + l) value.
/// Receives WINDOW, POWER, RANGE 16; sends FORM. Next-row constraints, cyclic. Degree 3. 49 + 30 + 18 cells a row.
///
/// The values are free, and so are the positions, their order and number: the ledger's identity decides. All that has
/// to be proved is that none of them stands at an output's place, or an output's accumulator would be free too:
/// - above ... right: boolean, one of them on real rows; distance is i_begin - 1 - i, i - i_end, j_begin - 1 - j or
///   j - j_end accordingly and has 16 bits, while i and j are below 2^22 (their powers are in a table that counts up to
///   them from 0) and the bounds below 2^16 (fixed table): no difference wraps, (i, j) is outside.
/// - is_real, first, last: boolean, first and last only on real rows; a run as in activations/air.hpp; call and layer
/// are
///   carried on. The form carries the layer, so that the window is that of the call's layer.

#include "precompiles/nn/border/columns.hpp"

namespace zkvm::precompiles::nn {

inline void border_air(AirBuilder& b) {
  const auto c = b.main<BorderColumns>();
  const auto n = b.main_next<BorderColumns>();
  const WindowMessage<Expr>& w = c.window;
  for (Expr flag : {c.is_real, c.first, c.last, c.above, c.below, c.left, c.right})
    b.assert_bool(flag, "flags are boolean");
  b.assert_zero(c.first * (1 - c.is_real), "first only on real rows");
  b.assert_zero(c.last * (1 - c.is_real), "last only on real rows");
  b.assert_equal(c.above + c.below + c.left + c.right, c.is_real, "outside on one side");
  b.assert_equal(c.distance,
                 c.above * (w.i_begin - 1 - c.i) + c.below * (c.i - w.i_end) + c.left * (w.j_begin - 1 - c.j) +
                     c.right * (c.j - w.j_end),
                 "distance");
  isa::range_check(b, 16, c.distance, c.is_real, "distance");
  b.receive(WINDOW, w, c.is_real, "window");

  const Expr continued = n.is_real - n.first;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (n.window.layer - w.layer), "layer is carried on");

  const Expr zero = b.constant(int64_t{0});
  b.receive(POWER, power_message(c.i, zero, zero, b.form(0)), c.is_real, "power of A");
  b.receive(POWER, power_message(zero, c.j, zero, b.form(1)), c.is_real, "power of B");
  b.receive(POWER, power_message(zero, zero, c.k, b.form(2)), c.is_real, "power of G");
  b.assert_zero(b.form(3) - b.form(0) * b.form(1), "power of A and B");
  const auto g_powers = challenge_powers(b, CHALLENGE_G, BORDER_LANES);
  ExtExpr group = zero_ext(b);
  for (unsigned l = 0; l < BORDER_LANES; ++l) group = group + g_powers[l] * n.value[l];
  b.assert_zero(b.form(4, 1) - b.form(4) * continued - b.form(3, 1) * b.form(2, 1) * group, "sum");
  b.send(FORM, form_message(c.call, b.constant(int64_t{ROLE_BORDER}), w.layer, b.form(4)), c.last, "form");
}

}  // namespace zkvm::precompiles::nn
