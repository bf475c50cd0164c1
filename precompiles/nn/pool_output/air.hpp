#pragma once
/// \file
/// Proves: four neighbouring channels of a pooling layer's output are the windows' maxima, or their averages rounded
/// half away from zero, clamped, and written to memory at the call's clock + 6; part `quad` of the call is done.
///
/// A row is a window; a run is a quad of channels over all windows in order. Receives POOL, POOLED, POINTER, MEMORY,
/// RANGE, BYTES, SIGNED; sends MEMORY, DONE. Next-row constraints, cyclic. Degree 3. 168 cells a row: 42 an output.
///
/// - is_real, first, last: boolean, first and last only on real rows; a run as in pool/air.hpp: call, layer and quad
/// are
///   carried on, window counts from 0 and is the last where the run ends, the address goes on by the channels.
/// - value: by POOLED, which the chip pool sends once for each window. negative: boolean; size = +-value has 22 bits
/// (low,
///   and 6 above), which a negative number has not. size + half = quotient count + rest with rest in [0, count) by two
///   look-ups (count <= 2^14) and quotient a byte: integers below 2^23, so both are determined.
/// - y: rounded, unless saturated: then max or min, and `beyond` a byte.

#include "precompiles/nn/pool_output/columns.hpp"

namespace zkvm::precompiles::nn {

inline void pool_output_air(AirBuilder& b) {
  const auto c = b.main<PoolOutputColumns>();
  const auto n = b.main_next<PoolOutputColumns>();
  const PoolMessage<Expr>& p = c.pool;
  const Expr real = c.is_real;
  for (Expr flag : {real, c.first, c.last}) b.assert_bool(flag, "flags are boolean");
  for (Expr flag : {c.first, c.last}) b.assert_zero(flag * (1 - real), "flags only on real rows");
  b.receive(POOL, p, real, "pool");
  b.receive(POINTER,
            {c.call, p.layer, b.constant(int64_t{POINTER_OUTPUT}), c.address - 4 * c.quad, b.constant(int64_t{0})},
            c.first, "pointer");
  b.assert_zero(c.first * c.window, "windows count from 0");
  b.assert_zero(c.last * (c.window + 1 - p.windows), "the last window");
  const Expr continued = n.is_real - n.first;
  b.assert_equal(real - c.last, continued, "a run goes on to its last row");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  b.assert_zero(continued * (n.pool.layer - p.layer), "layer is carried on");
  b.assert_zero(continued * (n.quad - c.quad), "quad is carried on");
  b.assert_zero(continued * (n.window - c.window - 1), "windows count");
  b.assert_zero(continued * (n.address - c.address - p.channels), "next address");

  const F limb_inverse = F::from(1u << 16).inverse();
  for (const PoolOutputChannel<Expr>& o : c.channel) {
    b.assert_bool(o.negative, "negative is boolean");
    b.assert_equal(o.size, (1 - 2 * o.negative) * o.value, "size");
    isa::range_check(b, 16, o.low, real, "size, low limb");
    isa::range_check(b, 6, (o.size - o.low) * limb_inverse, real, "size, high bits");
    b.assert_equal(o.size + p.half, o.quotient * p.count + o.rest, "division");
    isa::range_check(b, 14, o.rest, real, "rest");
    isa::range_check(b, 14, p.count - 1 - o.rest, real, "rest is below the count");
    b.assert_equal(o.rounded, (1 - 2 * o.negative) * o.quotient, "rounded");
    const Expr s = o.saturated;
    b.assert_zero(s * (s - 1) * (s + 1), "saturated is -1, 0 or 1");
    b.assert_zero((1 - s * s) * (o.y - o.rounded), "not saturated");
    b.assert_zero(s * (s + 1) * (o.y - p.max), "saturated at max");
    b.assert_zero(s * (s - 1) * (o.y - p.min), "saturated at min");
    b.assert_equal(o.beyond, s * (o.rounded - o.y), "beyond the clamp");
    isa::byte_pair(b, o.beyond, o.quotient, real, "beyond and quotient");
    isa::byte_pair(b, o.y - p.min, p.max - o.y, real, "y is within the clamp");
  }
  const auto& o = c.channel;
  b.receive(POOLED, {c.call, p.layer, c.quad, c.window, {o[0].value, o[1].value, o[2].value, o[3].value}}, real,
            "pooled");
  check_segment(b, real, c.segment);
  access_word(b, real, c.address, c.segment, c.word.old, c.word.value, c.word.prev, c.call + int64_t{WRITE_CLOCK},
              "word");
  b.receive(SIGNED, {c.word.value.lo, o[0].y, o[1].y}, real, "low bytes");
  b.receive(SIGNED, {c.word.value.hi, o[2].y, o[3].y}, real, "high bytes");
  b.send(DONE, {c.call, p.layer, c.quad}, c.last, "done");
}

}  // namespace zkvm::precompiles::nn
