#pragma once
/// \file
/// Proves: z = table[x], element by element, for a part of a tensor; x read at the call's clock + 5, z written at + 6.
///
/// A row is two words. Receives PART, POINTER, ENTRY, MEMORY, RANGE, SIGNED; sends MEMORY, DONE. Next-row constraints,
/// cyclic. Degree 3. 174 cells a row: 22 an element.
///
/// - run, tensors: parts.hpp. The words: as read; x: by SIGNED; y: by ENTRY of a table that activations alone have.

#include "precompiles/nn/table/columns.hpp"

namespace zkvm::precompiles::nn {

inline void table_air(AirBuilder& b) {
  const auto c = b.main<TableColumns>();
  const auto n = b.main_next<TableColumns>();
  part_run(b, c.run, n.run);
  part_source(b, c.run, n.run, c.x, n.x, POINTER_INPUT);
  part_output(b, c.run, n.run, c.z, n.z);
  for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
    const TableWord<Expr>& w = c.word[i];
    read_part_word(b, c.run, c.x, i, w.x);
    for (unsigned l = 0; l < LANES; ++l)
      b.receive(ENTRY, {c.run.part.layer, b.constant(int64_t{TABLE_ENTRIES}), w.x.x[l], w.y[l]},
                i == 0 ? c.run.is_real : c.run.second, "table");
    write_part_word(b, c.run, c.z, i, w.z, w.y);
  }
}

}  // namespace zkvm::precompiles::nn
