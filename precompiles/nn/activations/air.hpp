#pragma once
/// \file
/// Proves: the forms of a view of a tensor, read from memory at the call's clock + 5.
///
/// A *job* is a view: rows x cols words of four int8, `stride` bytes apart in a row; it is a run of neighbouring rows
/// of this table, each of up to eight words of one image row. With x the value less the zero point, (r, c) a word's
/// place and l its lane, the forms are
///   by default   sum[l] = sum A^r B^c x         (positions of an image, or rows of a left factor with r = 0)
///   by_g         sum[l] = sum G^c x             (rows of a transposed right factor: they are the output's channels)
///   by_line      sum[0] = sum G^(4 c + l) x     (one row of a right factor)
/// Values outside the view contribute nothing, which is what padding with the zero point means.
///
/// Receives JOB, POINTER, MEMORY, RANGE, SIGNED; sends MEMORY, FORM4 or FORM. Next-row constraints, cyclic. Degree 3.
/// 100 + 36 + 135 cells a row: 8.5 a byte where rows are full.
///
/// - is_real, first, end, last, active: boolean; first and end only on real rows, last only on end rows. emits_one is
///   last by_line.
/// - A run: is_real - last of a row equals is_real - first of the next. It begins with JOB and POINTER of one call and
///   layer; call, read_only, index, the mode and the view's constants are carried on.
/// - Places: a group that does not end its image row has eight words, and the next one eight columns less left; one
/// that
///   ends it has as many as are left. Position 0 is active on every real row, so cols_left cannot pass 0 (it would
///   count down through p values), and rows, which the last group of the job requires to be 1, neither.
/// - address: pointer + offset, then + 8 stride or + jump. segment, carry, prev: see precompiles/call.hpp. stride is so
///   small (layer.cpp) that seven of them cross one segment at most.
/// - value: as read. x: by SIGNED; where not active it is forced to the zero point, so that it contributes nothing.
/// - power: A^r B^c (G^c, G^(4 c)) of position 0; row_power A^r.
/// - sum at the last row of the job goes to the ledger, which takes each (call, role, index) once.

#include "precompiles/nn/activations/columns.hpp"

namespace zkvm::precompiles::nn {

inline void activations_air(AirBuilder& b) {
  const auto c = b.main<ActivationsColumns>();
  const auto n = b.main_next<ActivationsColumns>();
  const JobMessage<Expr>& job = c.job;
  for (Expr flag : {c.is_real, c.first, c.end, c.last}) b.assert_bool(flag, "flags are boolean");
  b.assert_zero(c.first * (1 - c.is_real), "first only on real rows");
  b.assert_zero(c.end * (1 - c.is_real), "end only on real rows");
  b.assert_zero(c.last * (1 - c.end), "last only on end rows");
  const Expr which = int64_t{POINTER_INPUT} + (job.by_g + job.by_line) * int64_t{POINTER_SECOND - POINTER_INPUT};
  const Expr role = int64_t{ROLE_INPUT} + job.by_g * int64_t{ROLE_SECOND - ROLE_INPUT} +
                    job.by_line * int64_t{ROLE_WEIGHT - ROLE_INPUT};
  b.assert_equal(c.emits_one, c.last * job.by_line, "emits_one");
  b.receive(JOB, job, c.first, "job");
  b.receive(POINTER, {c.call, job.layer, which, c.address - job.offset, c.read_only}, c.first, "pointer");
  b.assert_zero(c.first * (c.cols_left - job.cols), "an image row starts with all columns");

  const Expr more = c.is_real - c.end, next_row = c.end - c.last;  // both boolean: what the next row of the table is
  const Expr continued = n.is_real - n.first;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  const auto carried = [&](Expr now, Expr next, const char* label) { b.assert_zero(continued * (next - now), label); };
  carried(c.call, n.call, "call is carried on");
  carried(c.read_only, n.read_only, "space is carried on");
  carried(job.index, n.job.index, "index is carried on");
  carried(job.cols, n.job.cols, "cols is carried on");
  carried(job.stride, n.job.stride, "stride is carried on");
  carried(job.jump, n.job.jump, "jump is carried on");
  carried(job.zero_point, n.job.zero_point, "zero point is carried on");
  carried(job.by_g, n.job.by_g, "mode is carried on");
  carried(job.by_line, n.job.by_line, "mode is carried on");
  b.assert_zero(more * (n.cols_left - c.cols_left + int64_t{POSITIONS}), "eight columns less");
  b.assert_zero(more * (n.job.rows - job.rows), "the same image row");
  b.assert_zero(more * (n.address - c.address - job.stride * int64_t{POSITIONS}), "next group");
  b.assert_zero(next_row * (n.cols_left - job.cols), "a new image row has all columns");
  b.assert_zero(next_row * (n.job.rows - job.rows + 1), "one image row less");
  b.assert_zero(next_row * (n.address - c.address - job.jump), "next image row");
  b.assert_zero(c.last * (job.rows - 1), "the last image row");

  Expr before = c.is_real, count = c.is_real;
  for (Expr active : c.active) {
    b.assert_bool(active, "active is boolean");
    b.assert_zero(active * (1 - before), "active positions come first");
    before = active;
    count = count + active;
  }
  b.assert_zero(more * (count - int64_t{POSITIONS}), "a group within an image row is full");
  b.assert_zero(c.end * (count - c.cols_left), "the last group has what is left");

  check_segment(b, c.is_real, c.segment);
  for (unsigned i = 0; i < POSITIONS; ++i) {
    const SignedWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? c.is_real : c.active[i - 1];
    Expr segment = c.segment;
    if (i != 0) {
      b.assert_bool(c.carry[i - 1], "carry is boolean");
      segment = segment + c.carry[i - 1];
    }
    read_word(b, active, c.address + job.stride * int64_t{i}, segment, c.read_only, w.value, w.prev,
              c.call + int64_t{READ_CLOCK}, "word");
    b.receive(SIGNED, {w.value.lo, w.x[0], w.x[1]}, active, "low bytes");
    b.receive(SIGNED, {w.value.hi, w.x[2], w.x[3]}, active, "high bytes");
    for (Expr x : w.x) b.assert_zero((1 - active) * (x - job.zero_point), "inactive positions hold the zero point");
  }

  const auto b_powers = challenge_powers(b, CHALLENGE_B, POSITIONS + 1);
  const auto g_powers = challenge_powers(b, CHALLENGE_G, LANES * POSITIONS + 1);
  const ExtExpr power = b.form(LANES), next_power = b.form(LANES, 1);
  const ExtExpr row_power = b.form(LANES + 1), next_row_power = b.form(LANES + 1, 1);
  const ExtExpr one = one_ext(b);
  b.assert_zero((power - one) * c.first, "power starts at 1");
  b.assert_zero((row_power - one) * c.first, "row power starts at 1");
  const ExtExpr step = b_powers[POSITIONS] + (g_powers[POSITIONS] - b_powers[POSITIONS]) * job.by_g +
                       (g_powers[LANES * POSITIONS] - b_powers[POSITIONS]) * job.by_line;
  b.assert_zero((next_power - power * step) * more, "power of the next group");
  b.assert_zero((next_row_power - row_power) * more, "row power of the next group");
  b.assert_zero((next_row_power - row_power * b.challenge(CHALLENGE_A)) * next_row, "row power of the next row");
  b.assert_zero((next_power - next_row_power) * next_row, "power of the next row");

  // What a row adds to its sums, over power.
  const auto weighted = [&](unsigned lane, const std::vector<ExtExpr>& powers, unsigned stride) {
    ExtExpr sum = zero_ext(b);
    for (unsigned i = 0; i < POSITIONS; ++i) sum = sum + powers[stride * i] * (n.word[i].x[lane] - n.job.zero_point);
    return sum;
  };
  ExtExpr line = zero_ext(b);
  for (unsigned l = 0; l < LANES; ++l) line = line + weighted(l, g_powers, LANES) * g_powers[l];
  for (unsigned l = 0; l < LANES; ++l) {
    ExtExpr group =
        weighted(l, b_powers, 1) * (n.is_real - n.job.by_g - n.job.by_line) + weighted(l, g_powers, 1) * n.job.by_g;
    if (l == 0) group = group + line * n.job.by_line;
    b.assert_zero(b.form(l, 1) - b.form(l) * continued - next_power * group, "sum");
  }

  const ExtExpr sums[LANES] = {b.form(0), b.form(1), b.form(2), b.form(3)};
  b.send(FORM4, form4_message(c.call, role, job.index, sums), c.last - c.emits_one, "forms");
  b.send(FORM, form_message(c.call, role, job.index, sums[0]), c.emits_one, "form of a line");
}

}  // namespace zkvm::precompiles::nn
