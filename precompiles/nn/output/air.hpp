#pragma once
/// \file
/// Proves: four neighbouring channels of a product's output are the accumulators, requantised by multipliers, written
/// to memory at the call's clock + 6; gives the accumulators' form.
///
/// Receives CHANNELS, POINTER, MEMORY, RANGE, BYTES, SIGNED; sends MEMORY, FORM. Next-row constraints, cyclic.
/// Degree 3. 185 + 18 + 258 cells a row: 58 an output where rows have two positions.
///
/// - Runs, places, addresses, the form: output_run.hpp. Every row looks CHANNELS up, so its constants are those of its
///   layer and quad.
/// - Accumulators: free, but fixed before A, B, G are drawn; the ledger's identity determines them. What follows from
///   one is requantise.hpp. value: the four results, by SIGNED, which also bounds the limbs.

#include "precompiles/nn/output/columns.hpp"

namespace zkvm::precompiles::nn {

inline void output_air(AirBuilder& b) {
  const auto c = b.main<OutputColumns>();
  const auto n = b.main_next<OutputColumns>();
  const ChannelsMessage<Expr>& p = c.channels;
  b.receive(CHANNELS, p, c.run.is_real, "channels");
  output_run(b, c.run, n.run, p.place, n.channels.place);
  for (unsigned i = 0; i < OUTPUTS; ++i) {
    const OutputWord<Expr>& w = c.word[i];
    const Expr active = c.run.active(i);
    write_output(b, c.run, p.place, i, w.old, w.value, w.prev);
    for (unsigned l = 0; l < LANES; ++l)
      assert_requantised(b, active, c.run.is_real, w.channel[l], p.channel[l], p.zero_point, p.min, p.max);
    b.receive(SIGNED, {w.value.lo, w.channel[0].y, w.channel[1].y}, active, "low bytes");
    b.receive(SIGNED, {w.value.hi, w.channel[2].y, w.channel[3].y}, active, "high bytes");
  }
  output_form(b, c.run, n.run, p.place,
              [&](unsigned i, unsigned l) { return accumulator(n.word[i].channel[l], n.channels.channel[l]); });
}

}  // namespace zkvm::precompiles::nn
