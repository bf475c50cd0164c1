#pragma once
/// \file
/// Proves: four neighbouring channels of a product's output are what their thresholds make of the accumulators, written
/// to memory at the call's clock + 6; gives the accumulators' form.
///
/// Given: LEVEL's rows are those of fixed/tables.cpp: for each layer with thresholds and each of its channels one row a
/// result, whose two windows together are the interval of exactly those accumulators that the channel's weights allow
/// and its thresholds give this result; all within [-2^29, 2^29), bias left out, since rows have taken it off.
///
/// A row is one of a run (output_run.hpp): two positions, or one at the end of an odd row. Receives QUAD, LEVEL,
/// POINTER, MEMORY, RANGE; sends MEMORY, FORM. Next-row constraints, cyclic. Degree 3. 86 + 18 + 102 cells a row: 26 an
/// output where rows have two positions.
///
/// - Runs, places, addresses, the form: output_run.hpp. Every row looks QUAD up, so its geometry is that of its layer
///   and quad. Only layers with thresholds have rows in QUAD and LEVEL, and only others in CHANNELS: no layer's outputs
///   can be made by the chip that is not its own.
/// - level: a row of LEVEL for the run's layer and channel 4 quad + l, so some result of this very channel. That it is
///   the accumulator's:
/// - z0 has `low` bits and z1 `high` bits; where high is not 0, low is 16: z0 + 2^16 z1 is any integer in [0, 2^bits).
///   shift is 0 or offset. So lowest + shift + z0 + 2^16 z1 is, as an integer, in one of the two windows, and by that
///   an accumulator that gives this result. Modulo p it is what the ledger's identity determines, which is the layer's
///   accumulator; both are in [-2^29, 2^29), and 2^30 < p, so they are equal. Where the windows overlap, shift, z0 and
///   z1 can be chosen in two ways: for the same accumulator and the same result.
/// - The written limbs are bytes of two results times 1 and 2^8, from a fixed table: in [0, 2^16) and no columns.
/// - prev, old: see precompiles/call.hpp.

#include "precompiles/nn/steps/columns.hpp"

namespace zkvm::precompiles::nn {

inline Expr accumulator(const StepColumns<Expr>& c) { return c.level.lowest + c.shift + c.z0 + 65536 * c.z1; }

inline void steps_air(AirBuilder& b) {
  const auto c = b.main<StepsColumns>();
  const auto n = b.main_next<StepsColumns>();
  b.receive(QUAD, c.place, c.run.is_real, "quad");
  output_run(b, c.run, n.run, c.place, n.place);
  for (unsigned i = 0; i < OUTPUTS; ++i) {
    const StepsWord<Expr>& w = c.word[i];
    const Expr active = c.run.active(i);
    const auto byte = [&](unsigned l) { return w.channel[l].level.byte; };
    write_output(b, c.run, c.place, i, w.old, {byte(0) + 256 * byte(1), byte(2) + 256 * byte(3)}, w.prev);
    for (unsigned l = 0; l < LANES; ++l) {
      const StepColumns<Expr>& s = w.channel[l];
      b.receive(LEVEL, {c.place.layer, 4 * c.place.quad + int64_t{l}, s.level}, active, "level");
      b.receive(isa::RANGE, {s.level.low, s.z0}, active, "z0");
      b.receive(isa::RANGE, {s.level.high, s.z1}, active, "z1");
      b.assert_zero(s.shift * (s.shift - s.level.offset), "shift is 0 or the offset");
    }
  }
  output_form(b, c.run, n.run, c.place, [&](unsigned i, unsigned l) { return accumulator(n.word[i].channel[l]); });
}

}  // namespace zkvm::precompiles::nn
