#pragma once
/// \file
/// Provides the forms of the program's weights, each as often as calls use it.
///
/// A row is a line of 32 weights (fixed); neighbouring lines make a form: sum = sum A^i B^j (G^4)^k sum_l c^l
/// weight[l], c = G in dense layers (lanes are output channels) and B in depthwise ones (lanes are taps of a kernel
/// row). Receives POWER; sends FORM. Next-row constraints, cyclic. Degree 3. 1 + 12 + 6 cells a line: 0.6 a weight.
///
/// - All but `uses` and the two forms is fixed by the image ID. power: as looked up. sum: starts anew at a form's first
///   line; the table's row 0 is the first of one, so the circle has a beginning.
/// - uses: free, but 0 on lines that do not complete a form.

#include "precompiles/nn/weights/columns.hpp"

namespace zkvm::precompiles::nn {

inline void weights_air(AirBuilder& b) {
  const auto f = b.preprocessed<WeightsFixed>();
  const auto n = b.columns<WeightsFixed>(stark::Segment::PREPROCESSED, 1);
  const auto c = b.main<WeightsColumns>();
  b.receive(POWER, power_message(f.i, f.j, f.k, b.form(1)), f.is_real, "power");
  const auto b_powers = challenge_powers(b, CHALLENGE_B, WEIGHT_LANES);
  const auto g_powers = challenge_powers(b, CHALLENGE_G, WEIGHT_LANES);
  ExtExpr dense = zero_ext(b), depthwise = zero_ext(b);
  for (unsigned l = 0; l < WEIGHT_LANES; ++l) {
    dense = dense + g_powers[l] * n.weight[l];
    depthwise = depthwise + b_powers[l] * n.weight[l];
  }
  const ExtExpr line = dense + (depthwise - dense) * n.depthwise;
  b.assert_zero(b.form(0, 1) - b.form(0) * (1 - n.first) - b.form(1, 1) * line, "sum");
  b.assert_zero(c.uses * (1 - f.last), "only whole forms are used");
  b.send(FORM, form_message(f.layer, b.constant(int64_t{ROLE_WEIGHT}), f.index, b.form(0)), c.uses, "form");
}

}  // namespace zkvm::precompiles::nn
