#pragma once
/// \file
/// Gadget: the run of rows of a product's output, and the form of its accumulators. A *job* is a quad of channels over
/// all positions, in order; it is a run of neighbouring rows, each of two positions of an image row, or one if it is
/// the last of an odd row. With (i, j) a position and l < 4 a lane: sum = sum A^i B^j G^l accumulator. How results
/// follow from accumulators is the chip's matter; it must look QuadMessage's fields up on every real row.
///
/// Receives POINTER, MEMORY, RANGE; sends MEMORY, FORM. Next-row constraints, cyclic.
///
/// Why no column can be lied about:
/// - is_real, first, end, last, second, carry: boolean; first and end only on real rows, last only on end rows.
/// - A run: is_real - last of a row equals is_real - first of the next. It begins with POINTER; call, layer and quad
///   are carried on, and every row's geometry is that of layer and quad.
/// - Places: a row that does not end an image row has two positions, and the next one two columns less left; one that
///   ends it has as many as are left (1 or 2). cols_left cannot pass 0, nor rows_left, as both would count through p
///   values: every position is written once, in order.
/// - address: pointer + 4 quad, then + stride for each position. segment, carry, prev: see precompiles/call.hpp.
/// - The forms follow from the accumulators, which are fixed before A, B, G are drawn and determined by the ledger's
///   identity.
/// - A second position that does not exist counts for nothing: its messages have multiplicity 0, its accumulators are
///   multiplied by `second`.

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned OUTPUTS = 2;  ///< neighbouring positions a row

template <class T>
struct OutputRun {
  T is_real, first, end, last;  ///< end: of an image row
  T second;                     ///< the second position exists
  T call;
  T rows_left, cols_left;  ///< this one included; this row's positions included
  T address, segment, carry;

  /// Multiplicity of what position i of the row looks up.
  T active(unsigned i) const { return i == 0 ? is_real : second; }
};
/// Forms: sum, power, row_power.
inline constexpr unsigned OUTPUT_FORMS = 3;

/// `p`, `np`: this row's and the next one's quad.
inline void output_run(AirBuilder& b, const OutputRun<Expr>& c, const OutputRun<Expr>& n, const QuadMessage<Expr>& p,
                       const QuadMessage<Expr>& np) {
  for (Expr flag : {c.is_real, c.first, c.end, c.last, c.second, c.carry}) b.assert_bool(flag, "flags are boolean");
  b.assert_zero(c.first * (1 - c.is_real), "first only on real rows");
  b.assert_zero(c.end * (1 - c.is_real), "end only on real rows");
  b.assert_zero(c.last * (1 - c.end), "last only on end rows");
  b.assert_zero(c.second * (1 - c.is_real), "second only on real rows");
  b.receive(POINTER,
            {c.call, p.layer, b.constant(int64_t{POINTER_OUTPUT}), c.address - 4 * p.quad, b.constant(int64_t{0})},
            c.first, "pointer");
  b.assert_zero(c.first * (c.rows_left - p.rows), "all rows are left at first");
  b.assert_zero(c.first * (c.cols_left - p.cols), "all columns are left at first");

  const Expr more = c.is_real - c.end, next_row = c.end - c.last;
  const Expr continued = n.is_real - n.first, positions = c.is_real + c.second;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (np.layer - p.layer), "layer is carried on");
  b.assert_zero(continued * (np.quad - p.quad), "quad is carried on");
  b.assert_zero(continued * (n.address - c.address - p.stride - c.second * p.stride), "next address");
  b.assert_zero(more * (1 - c.second), "two positions within an image row");
  b.assert_zero(more * (n.cols_left - c.cols_left + int64_t{OUTPUTS}), "two columns less");
  b.assert_zero(more * (n.rows_left - c.rows_left), "the same image row");
  b.assert_zero(c.end * (positions - c.cols_left), "the end has what is left");
  b.assert_zero(next_row * (n.cols_left - p.cols), "a new image row has all columns");
  b.assert_zero(next_row * (n.rows_left - c.rows_left + 1), "one image row less");
  b.assert_zero(c.last * (c.rows_left - 1), "the last image row");
  check_segment(b, c.is_real, c.segment);
}

/// Writes the word of position i of the row.
inline void write_output(AirBuilder& b, const OutputRun<Expr>& c, const QuadMessage<Expr>& p, unsigned i,
                         const isa::Word<Expr>& before, const isa::Word<Expr>& value, Expr prev) {
  access_word(b, c.active(i), i == 0 ? c.address : c.address + p.stride, i == 0 ? c.segment : c.segment + c.carry,
              before, value, prev, c.call + int64_t{WRITE_CLOCK}, "word");
}

/// accumulator(i, l): of the next row's position i, lane l; affine.
template <class Accumulator>
void output_form(AirBuilder& b, const OutputRun<Expr>& c, const OutputRun<Expr>& n, const QuadMessage<Expr>& p,
                 Accumulator&& accumulator) {
  const Expr more = c.is_real - c.end, next_row = c.end - c.last, continued = n.is_real - n.first;
  const ExtExpr a = b.challenge(CHALLENGE_A), one = one_ext(b);
  const auto b_powers = challenge_powers(b, CHALLENGE_B, OUTPUTS + 1);
  const auto g_powers = challenge_powers(b, CHALLENGE_G, LANES);
  const ExtExpr sum = b.form(0), next_sum = b.form(0, 1), power = b.form(1), next_power = b.form(1, 1),
                row_power = b.form(2), next_row_power = b.form(2, 1);
  b.assert_zero((power - one) * c.first, "power starts at 1");
  b.assert_zero((row_power - one) * c.first, "row power starts at 1");
  b.assert_zero((next_power - power * b_powers[OUTPUTS]) * more, "power within a row");
  b.assert_zero((next_row_power - row_power) * more, "row power within a row");
  b.assert_zero((next_row_power - row_power * a) * next_row, "row power of the next row");
  b.assert_zero((next_power - next_row_power) * next_row, "power of the next row");
  ExtExpr added = zero_ext(b);
  for (unsigned i = 0; i < OUTPUTS; ++i) {
    ExtExpr quad = zero_ext(b);
    for (unsigned l = 0; l < LANES; ++l) quad = quad + g_powers[l] * accumulator(i, l);
    added = added + (i == 0 ? quad : quad * b_powers[i] * n.second);
  }
  b.assert_zero(next_sum - sum * continued - next_power * added, "sum");
  b.send(FORM, form_message(c.call, b.constant(int64_t{ROLE_OUTPUT}), p.quad, sum), c.last, "form");
}

}  // namespace zkvm::precompiles::nn
