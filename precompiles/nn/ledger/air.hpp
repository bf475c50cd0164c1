#pragma once
/// \file
/// Proves: everything that a call must do is done, once each; and for a product (convolution, matrix product), that its
/// accumulators are the product's coefficients.
///
/// A call's ledger is a run of neighbouring rows, one per line of the layer's plan (a fixed table), of four kinds:
///   weights / form4 / form1: sum += sum over l < 4 of X_(4 index + l) W_(4 index + l) c_l, with X a form of the input
///   and
///     W one of the weights, of the second input (form4: four forms in one message, form1: single ones); c_l = G^l in
///     depthwise layers, where the channel's other powers of G are in the weights' form, else 1;
///   output: sum -= Y_index A^i B^j G^(4 index);     border: sum -= the border's form;
///   done: a part of the work that has no form.
/// The sum starts at 0 and must end at 0. All forms are polynomials in A, B, G, fixed by main columns before these are
/// drawn: sum X W = sum Y holds as an identity of polynomials but for an error of degree / |E| (Schwartz-Zippel), and
/// outputs stand at monomials of their own (buses.hpp, layer.hpp), so each accumulator is its coefficient.
///
/// Receives START, PLAN, FORM, FORM4, POWER, DONE. Next-row constraints, cyclic. Degree 3. 20 + 54 + 36 cells a row.
///
/// - is_real, first: boolean; the plan's flags are those of the fixed table on real rows and 0 on others.
/// - A run: is_real - last of a row equals is_real - first of the next. So it begins with `first`, which takes START,
///   and ends with a row that is the plan's last; call and layer are carried on, sequence counts from 0. A run without
///   a beginning would count through all rows of the table in a circle, which sequence forbids.
/// - factor, other: taken off buses. Where a kind has fewer values, other is 0, so factor's rest counts for nothing.
/// - owner: determined by the flags.
/// - The border's form carries the layer as its index, because its window must be that of this layer.

#include "precompiles/nn/ledger/columns.hpp"

namespace zkvm::precompiles::nn {

inline void ledger_air(AirBuilder& b) {
  const auto c = b.main<LedgerColumns>();
  const auto n = b.main_next<LedgerColumns>();
  const PlanMessage<Expr>& p = c.plan;
  b.assert_bool(c.is_real, "is_real is boolean");
  b.assert_bool(c.first, "first is boolean");
  b.assert_zero(c.first * (1 - c.is_real), "first only on real rows");
  for (Expr flag : {p.weights, p.form4, p.form1, p.output, p.border, p.done, p.depthwise, p.last})
    b.assert_zero(flag * (1 - c.is_real), "flags only on real rows");
  b.receive(PLAN, p, c.is_real, "plan");
  b.receive(START, {c.call, p.layer}, c.first, "start");
  b.assert_zero(c.first * p.sequence, "sequence starts at 0");
  b.assert_equal(c.is_real - p.last, n.is_real - n.first, "a run goes on to its last row");
  const Expr continued = n.is_real - n.first;
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (n.plan.layer - p.layer), "layer is carried on");
  b.assert_zero(continued * (n.plan.sequence - p.sequence - 1), "sequence counts");

  ExtExpr factor[LANES], other[LANES], next_factor[LANES], next_other[LANES];
  for (unsigned l = 0; l < LANES; ++l) {
    factor[l] = b.form(l), next_factor[l] = b.form(l, 1);
    other[l] = b.form(LANES + l), next_other[l] = b.form(LANES + l, 1);
  }
  const ExtExpr sum = b.form(2 * LANES), next_sum = b.form(2 * LANES, 1);
  const Expr product = p.weights + p.form4 + p.form1, negative = p.output + p.border;
  for (unsigned l = 0; l < LANES; ++l)
    b.assert_zero(other[l] * (l == 0 ? p.done : negative + p.done), "other is 0 where there is none");

  const auto constant = [&](uint32_t v) { return b.constant(int64_t{v}); };
  b.receive(FORM4, form4_message(c.call, constant(ROLE_INPUT), p.index, factor), product, "forms of the input");
  b.receive(FORM4, form4_message(c.call, constant(ROLE_SECOND), p.index, other), p.form4, "forms of the second input");
  b.assert_equal(c.owner, p.weights * p.layer + p.form1 * c.call, "owner");
  for (unsigned l = 0; l < LANES; ++l)
    b.receive(FORM, form_message(c.owner, constant(ROLE_WEIGHT), 4 * p.index + int64_t{l}, other[l]),
              p.weights + p.form1, "form of weights");
  b.receive(FORM,
            form_message(c.call, p.output * int64_t{ROLE_OUTPUT} + p.border * int64_t{ROLE_BORDER}, p.index, factor[0]),
            negative, "form of outputs");
  b.receive(POWER, power_message(p.i, p.j, p.k, zero_ext(b) - other[0]), negative, "power");
  b.receive(DONE, {c.call, p.layer, p.index}, p.done, "done");

  const auto powers = challenge_powers(b, CHALLENGE_G, LANES);
  ExtExpr term = zero_ext(b);
  for (unsigned l = 0; l < LANES; ++l) {
    const ExtExpr xw = next_factor[l] * next_other[l];
    term = term + (l == 0 ? xw : xw + xw * (powers[l] - powers[0]) * n.plan.depthwise);
  }
  b.assert_zero(next_sum - sum * continued - term, "sum");
  b.assert_zero(sum * p.last, "sum ends at 0");
}

}  // namespace zkvm::precompiles::nn
