#pragma once
/// \file
/// Proves: sums or maxima of four channels over each window of a tensor, read at the call's clock + 5. Windows lie
/// within the tensor and do not overlap (layer.cpp).
///
/// A run is a quad of channels over all windows in order; a window is one or more rows of up to four words, whose
/// places in the window are a fixed pattern. Receives POOL, PATTERN, POINTER, MEMORY, RANGE, BYTES, SIGNED; sends
/// MEMORY, POOLED. Next-row constraints, cyclic. Degree 3. 196 cells a row: 12 a byte if full.
///
/// - is_real, first, last, opens, wraps, carry: boolean; all but carry only on real rows, and so are the pattern's
/// flags. A
///   run: is_real - last of a row equals is_real - first of the next. It begins with POINTER; every row looks up POOL
///   and PATTERN of the layer, so all constants are fixed; call, layer, quad and read_only are carried on.
/// - A window: sequence is 0 where it opens and counts until the pattern's last; then the run ends or another opens.
/// window
///   counts from 0; cols_left and rows_left count down and cannot pass 0 (they would count through p values, since the
///   run ends where both are 1); the address goes on by the stride, or by the jump where the row of windows ends.
/// - so_far: with w that of the word before (before: of the row before; there is none where a window opens): inactive:
/// as w;
///   average: w + x; maximum: w or x, by a product of differences, and 2 so_far - w - x = |w - x| if it is the greater
///   but negative if not, by byte look-ups. All are integers below 2^22 in size.
/// - compared: the multiplicity of these, fixed by the flags. carry: see precompiles/call.hpp; windows span less than
/// 2^16
///   bytes.

#include "precompiles/nn/pool/columns.hpp"

namespace zkvm::precompiles::nn {

inline void pool_air(AirBuilder& b) {
  const auto c = b.main<PoolColumns>();
  const auto n = b.main_next<PoolColumns>();
  const PoolMessage<Expr>& p = c.pool;
  const PatternMessage<Expr>& t = c.pattern;
  for (Expr flag : {c.is_real, c.first, c.last, c.opens, c.wraps}) b.assert_bool(flag, "flags are boolean");
  for (Expr flag : {c.first, c.last, c.opens, c.wraps, t.last, t.active[0], t.active[1], t.active[2]})
    b.assert_zero(flag * (1 - c.is_real), "flags only on real rows");
  b.receive(POOL, p, c.is_real, "pool");
  b.receive(PATTERN, t, c.is_real, "pattern");
  b.assert_zero(c.is_real * (t.layer - p.layer), "the layer's pattern");
  b.receive(POINTER, {c.call, p.layer, b.constant(int64_t{POINTER_INPUT}), c.address - 4 * c.quad, c.read_only},
            c.first, "pointer");
  b.assert_zero(c.first * (1 - c.opens), "a run begins with a window");
  b.assert_zero(c.first * c.window, "windows count from 0");
  b.assert_zero(c.first * (c.rows_left - p.rows), "all rows are left at first");
  b.assert_zero(c.first * (c.cols_left - p.cols), "all columns are left at first");
  b.assert_zero(c.opens * t.sequence, "a window opens with the first of the pattern");
  b.assert_zero(c.last * (1 - t.last), "a run ends with a window");
  b.assert_zero(c.last * (c.cols_left - 1), "the last column");
  b.assert_zero(c.last * (c.rows_left - 1), "the last row");

  const Expr continued = n.is_real - n.first;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (n.pool.layer - p.layer), "layer is carried on");
  b.assert_zero(continued * (n.quad - c.quad), "quad is carried on");
  b.assert_zero(continued * (n.read_only - c.read_only), "space is carried on");
  const Expr within = c.is_real - t.last, closes = t.last - c.last;  // what the next row is, both boolean
  b.assert_zero(within * n.opens, "a window goes on to the end of the pattern");
  b.assert_zero(within * (n.pattern.sequence - t.sequence - 1), "the pattern counts");
  b.assert_zero(within * (n.window - c.window), "the same window");
  b.assert_zero(within * (n.rows_left - c.rows_left), "the same row of windows");
  b.assert_zero(within * (n.cols_left - c.cols_left), "the same column of windows");
  b.assert_zero(within * (n.address - c.address), "the same address");
  b.assert_zero(closes * (1 - n.opens), "another window opens");
  b.assert_zero(closes * (n.window - c.window - 1), "windows count");
  b.assert_zero(c.wraps * (1 - closes), "rows of windows end with a window");
  b.assert_zero(c.wraps * (c.cols_left - 1), "rows of windows end with their last column");
  b.assert_zero(closes * (n.rows_left - c.rows_left + c.wraps), "rows of windows count down");
  b.assert_zero(closes * (n.cols_left - c.cols_left + 1 - c.wraps * p.cols), "columns of windows count down");
  b.assert_zero(closes * (n.address - c.address - p.stride - c.wraps * (p.jump - p.stride)), "next window");

  check_segment(b, c.is_real, c.segment);
  for (unsigned l = 0; l < LANES; ++l)
    b.assert_zero(within * (n.before[l] - c.word[POOL_ROW_WORDS - 1].so_far[l]), "before");
  b.assert_equal(c.word[0].compared, p.is_max * (c.is_real - c.opens), "compared with the row before");
  for (unsigned i = 0; i < POOL_ROW_WORDS; ++i) {
    const PoolWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? c.is_real : t.active[i - 1];
    b.assert_bool(w.carry, "carry is boolean");
    read_word(b, active, c.address + t.offset[i], c.segment + w.carry, c.read_only, w.word.value, w.word.prev,
              c.call + int64_t{READ_CLOCK}, "word");
    b.receive(SIGNED, {w.word.value.lo, w.word.x[0], w.word.x[1]}, active, "low bytes");
    b.receive(SIGNED, {w.word.value.hi, w.word.x[2], w.word.x[3]}, active, "high bytes");
    if (i != 0) b.assert_equal(w.compared, p.is_max * active, "compared with the word before");
    Expr greater[LANES];
    for (unsigned l = 0; l < LANES; ++l) {
      const Expr x = w.word.x[l], before = i == 0 ? c.before[l] : c.word[i - 1].so_far[l];
      greater[l] = 2 * w.so_far[l] - before - x;
      b.assert_zero(w.compared * (w.so_far[l] - before) * (w.so_far[l] - x), "maximum is one of both");
      if (i == 0) {
        b.assert_zero(c.opens * (w.so_far[l] - x), "a window's first word");
        b.assert_zero((c.is_real - c.opens - w.compared) * (w.so_far[l] - before - x), "sum");
      } else {
        b.assert_zero((1 - active) * (w.so_far[l] - before), "no word");
        b.assert_zero((active - w.compared) * (w.so_far[l] - before - x), "sum");
      }
    }
    isa::byte_pair(b, greater[0], greater[1], w.compared, "maximum is the greater");
    isa::byte_pair(b, greater[2], greater[3], w.compared, "maximum is the greater");
  }
  const auto& value = c.word[POOL_ROW_WORDS - 1].so_far;
  b.send(POOLED, {c.call, p.layer, c.quad, c.window, {value[0], value[1], value[2], value[3]}}, t.last, "pooled");
}

}  // namespace zkvm::precompiles::nn
