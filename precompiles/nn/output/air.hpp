#pragma once
/// \file
/// Proves: four neighbouring channels of a product's output are the requantised accumulators, written to memory at the
/// call's clock + 6; gives the accumulators' form.
///
/// A *job* is a quad of channels over all positions, in order; it is a run of neighbouring rows of this table, each of
/// two positions of an image row, or one if it is the last of an odd row. With (i, j) a position and l < 4 a lane:
/// sum = sum A^i B^j G^l accumulator.
///
/// Receives CHANNELS, POINTER, MEMORY, RANGE, BYTES, SIGNED; sends MEMORY, FORM. Next-row constraints, cyclic.
/// Degree 3. 189 + 18 + 258 cells a row: 58 an output where rows have two positions.
///
/// - is_real, first, end, last, second, carry: boolean; first and end only on real rows, last only on end rows.
/// - A run: is_real - last of a row equals is_real - first of the next. It begins with POINTER; call, layer and quad
/// are
///   carried on, and every row looks up CHANNELS, so its constants are those of layer and quad.
/// - Places: a row that does not end an image row has two positions, and the next one two columns less left; one that
/// ends
///   it has as many as are left (1 or 2). cols_left cannot pass 0, nor rows_left, as both would count through p values:
///   every position is written once, in order.
/// - address: pointer + 4 quad, then + stride for each position. segment, carry, prev: see precompiles/call.hpp.
/// - Accumulators: free, but fixed before A, B, G are drawn; the ledger's identity determines them. What follows from
///   one is requantise.hpp. value: the four results, by SIGNED, which also bounds the limbs.
/// - A second position that does not exist counts for nothing: its messages have multiplicity 0, its accumulators are
///   multiplied by `second`.

#include "precompiles/nn/output/columns.hpp"

namespace zkvm::precompiles::nn {

inline void output_air(AirBuilder& b) {
  const auto c = b.main<OutputColumns>();
  const auto n = b.main_next<OutputColumns>();
  const ChannelsMessage<Expr>& p = c.channels;
  for (Expr flag : {c.is_real, c.first, c.end, c.last, c.second, c.carry}) b.assert_bool(flag, "flags are boolean");
  b.assert_zero(c.first * (1 - c.is_real), "first only on real rows");
  b.assert_zero(c.end * (1 - c.is_real), "end only on real rows");
  b.assert_zero(c.last * (1 - c.end), "last only on end rows");
  b.assert_zero(c.second * (1 - c.is_real), "second only on real rows");
  b.receive(CHANNELS, p, c.is_real, "channels");
  b.receive(POINTER, {c.call, p.layer, b.constant(int64_t{POINTER_OUTPUT}), c.address - 4 * p.quad}, c.first,
            "pointer");
  b.assert_zero(c.first * (c.rows_left - p.rows), "all rows are left at first");
  b.assert_zero(c.first * (c.cols_left - p.cols), "all columns are left at first");

  const Expr more = c.is_real - c.end, next_row = c.end - c.last;
  const Expr continued = n.is_real - n.first, positions = c.is_real + c.second;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (n.channels.layer - p.layer), "layer is carried on");
  b.assert_zero(continued * (n.channels.quad - p.quad), "quad is carried on");
  b.assert_zero(continued * (n.address - c.address - p.stride - c.second * p.stride), "next address");
  b.assert_zero(more * (1 - c.second), "two positions within an image row");
  b.assert_zero(more * (n.cols_left - c.cols_left + int64_t{OUTPUTS}), "two columns less");
  b.assert_zero(more * (n.rows_left - c.rows_left), "the same image row");
  b.assert_zero(c.end * (positions - c.cols_left), "the end has what is left");
  b.assert_zero(next_row * (n.cols_left - p.cols), "a new image row has all columns");
  b.assert_zero(next_row * (n.rows_left - c.rows_left + 1), "one image row less");
  b.assert_zero(c.last * (c.rows_left - 1), "the last image row");

  check_segment(b, c.is_real, c.segment);
  for (unsigned i = 0; i < OUTPUTS; ++i) {
    const OutputWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? c.is_real : c.second;
    access_word(b, active, i == 0 ? c.address : c.address + p.stride, i == 0 ? c.segment : c.segment + c.carry, w.old,
                w.value, w.prev, c.call + int64_t{WRITE_CLOCK}, "word");
    for (unsigned l = 0; l < LANES; ++l)
      assert_requantised(b, active, c.is_real, w.channel[l], p.channel[l], p.zero_point, p.min, p.max);
    b.receive(SIGNED, {w.value.lo, w.channel[0].y, w.channel[1].y}, active, "low bytes");
    b.receive(SIGNED, {w.value.hi, w.channel[2].y, w.channel[3].y}, active, "high bytes");
  }

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
    for (unsigned l = 0; l < LANES; ++l)
      quad = quad + g_powers[l] * accumulator(n.word[i].channel[l], n.channels.channel[l]);
    added = added + (i == 0 ? quad : quad * b_powers[i] * n.second);
  }
  b.assert_zero(next_sum - sum * continued - next_power * added, "sum");
  b.send(FORM, form_message(c.call, b.constant(int64_t{ROLE_OUTPUT}), p.quad, sum), c.last, "form");
}

}  // namespace zkvm::precompiles::nn
