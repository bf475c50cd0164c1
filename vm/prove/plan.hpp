#pragma once
/// \file
/// Table heights for a number of rows.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stark/protocol/machine.hpp"

namespace zkvm::vm {

/// Rows of one chip in one shard, and what a row costs.
struct ChipLoad {
  uint16_t chip;
  size_t rows;
  unsigned columns;  ///< all that are committed: cells per row, and bytes per query in the receipt
  /// Rows at which the chip's rows may be divided among tables, increasing, 0 first; empty: at any.
  std::vector<size_t> cuts = {};
};

/// One table: a chip's rows [first, first + rows), padded to 2^log_height.
struct PlannedTable {
  uint16_t chip;
  size_t first, rows;
  unsigned log_height;
};

/// Heights are powers of two, so one table per chip wastes up to half of it; a chip may have several tables of
/// decreasing height instead. Each further table costs `columns` columns of receipt (0.9 kB each), so splits are made
/// in order of cells saved per column, while `max_columns` lasts; one that saves an eighth of the shard's cells also
/// beyond, up to twice as many columns. Result in canonical table order.
std::vector<PlannedTable> plan_tables(const std::vector<ChipLoad>& loads, unsigned max_columns);

}  // namespace zkvm::vm
