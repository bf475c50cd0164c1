#pragma once
/// \file
/// Proves: softmax of one row of a tensor, element by element; x read at the call's clock + 5, the result written at
/// + 6.
///
/// A part is a row of the tensor, a row of this table two of its words. With d = top - x, every element looks SHARE of
/// (layer, total, d) up, which gives its exponential, rounded, and its result. Assumes: a layer's fixed table has
/// exponentials for d in 0 ... 255 only, each rounded one at most 2^19, that of 0 being 2^19, and rows have at most
/// 4060 columns (layer.cpp).
///
/// Receives PART, POINTER, SHARE, MEMORY, RANGE, SIGNED; sends MEMORY, DONE. Next-row constraints, cyclic. Degree 3.
/// 181 cells a row: 22.5 an element.
///
/// - run, tensors: parts.hpp. A part of another kind of layer cannot be taken for a row: it has no exponentials, so no
///   SHARE. The words: as read; x: by SIGNED.
/// - top: one for the run. All d are in 0 ... 255 (there is no other SHARE), so no x is above top; and some d is 0: the
///   product of all of them is 0 at the end, and the field has no zero divisors. before: 1 at first, then what the row
///   before has; product: two factors each.
/// - total: one for the run, and sum where it ends. sum: adds the row's rounded exponentials, from nothing at first. As
///   it is at most 4060 2^19 < p the sum of residues is that of integers; it is 2^19 at least.
/// - rounded, y: by SHARE. The word as written: by SIGNED, which also says that y is a signed byte.
/// - A second word that does not exist has no messages; its rounded are 0 and its d are 1, so that it neither adds to
/// the
///   sum nor changes the product.

#include "precompiles/nn/softmax/columns.hpp"

namespace zkvm::precompiles::nn {

inline void softmax_air(AirBuilder& b) {
  const auto c = b.main<SoftmaxColumns>();
  const auto n = b.main_next<SoftmaxColumns>();
  part_run(b, c.run, n.run);
  part_source(b, c.run, n.run, c.x, n.x, POINTER_INPUT);
  part_output(b, c.run, n.run, c.z, n.z);
  const Expr continued = n.run.is_real - n.run.first;
  b.assert_zero(continued * (n.top - c.top), "the maximum is carried on");
  b.assert_zero(continued * (n.total - c.total), "the total is carried on");
  b.assert_zero(c.run.first * (c.before - 1), "no differences before the first");
  b.assert_zero(continued * (n.before - c.product[2 * PART_ROW_WORDS - 1]), "differences before the row");
  b.assert_zero(c.run.last * c.product[2 * PART_ROW_WORDS - 1], "an element is the maximum");
  b.assert_zero(c.run.last * (c.sum - c.total), "the total is the sum");
  Expr added = b.constant(int64_t{0}), before = c.before;
  for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
    const SoftmaxWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? c.run.is_real : c.run.second;
    read_part_word(b, c.run, c.x, i, w.x);
    for (unsigned l = 0; l < LANES; ++l) {
      const Expr d = c.top - w.x.x[l];
      b.receive(SHARE, {c.run.part.layer, c.total, d, w.rounded[l], w.y[l]}, active, "share");
      if (i != 0) {
        b.assert_zero((c.run.is_real - active) * (d - 1), "no difference without an element");
        b.assert_zero((c.run.is_real - active) * w.rounded[l], "no exponential without an element");
      }
      added = added + n.word[i].rounded[l];
    }
    for (unsigned pair = 0; pair < 2; ++pair) {
      const Expr product = c.product[2 * i + pair];
      b.assert_equal(product, before * (c.top - w.x.x[2 * pair]) * (c.top - w.x.x[2 * pair + 1]), "product");
      before = product;
    }
    write_part_word(b, c.run, c.z, i, w.z, w.y);
  }
  b.assert_equal(n.sum, continued * c.sum + added, "sum of exponentials");
}

}  // namespace zkvm::precompiles::nn
