#pragma once
/// \file
/// Proves: z = clamp(requantise(first[x] + second[y]) + zero point), element by element, for a part of two tensors; x
/// and y read at the call's clock + 5, z written at + 6.
///
/// A row is two words. Receives PART, POINTER, ENTRY, MEMORY, RANGE, BYTES, SIGNED; sends MEMORY, DONE. Next-row
/// constraints, cyclic. Degree 3. 571 cells a row: 71 an element.
///
/// - run, tensors: parts.hpp. The words: as read; x, y: by SIGNED.
/// - first: by ENTRY of table 0. The accumulator is first plus an entry of table 1 by ENTRY of its difference, so it is
///   determined, and so is all that follows from it (requantise.hpp; the constants are the part's, the bias is 0).

#include "precompiles/nn/add/columns.hpp"

namespace zkvm::precompiles::nn {

inline void add_air(AirBuilder& b) {
  const auto c = b.main<AddColumns>();
  const auto n = b.main_next<AddColumns>();
  const PartMessage<Expr>& p = c.run.part;
  part_run(b, c.run, n.run);
  part_source(b, c.run, n.run, c.x, n.x, POINTER_INPUT);
  part_source(b, c.run, n.run, c.y, n.y, POINTER_SECOND);
  part_output(b, c.run, n.run, c.z, n.z);
  for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
    const AddWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? c.run.is_real : c.run.second;
    read_part_word(b, c.run, c.x, i, w.x);
    read_part_word(b, c.run, c.y, i, w.y);
    for (unsigned l = 0; l < LANES; ++l) {
      b.receive(ENTRY, {p.layer, b.constant(int64_t{FIRST_ENTRIES}), w.x.x[l], w.first[l]}, active, "first table");
      b.receive(
          ENTRY,
          {p.layer, b.constant(int64_t{SECOND_ENTRIES}), w.y.x[l], accumulator(w.channel[l], p.channel) - w.first[l]},
          active, "second table");
      assert_requantised(b, active, c.run.is_real, w.channel[l], p.channel, p.zero_point, p.min, p.max);
    }
    write_part_word(b, c.run, c.z, i, w.z, {w.channel[0].y, w.channel[1].y, w.channel[2].y, w.channel[3].y});
  }
}

}  // namespace zkvm::precompiles::nn
