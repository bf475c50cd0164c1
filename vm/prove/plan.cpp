#include "vm/prove/plan.hpp"

#include <algorithm>
#include <bit>

namespace zkvm::vm {
namespace {

unsigned log_height_for(size_t rows) {
  const auto log = static_cast<unsigned>(std::bit_width(std::max<size_t>(rows, 1) - 1));
  return std::max(log, stark::MIN_LOG_HEIGHT);
}

/// A table split into a full one of half its height and one for the rest: rows of padding saved, 0 if it cannot be.
size_t saved_rows(const PlannedTable& t) {
  if (t.log_height == stark::MIN_LOG_HEIGHT) return 0;
  const size_t half = size_t{1} << (t.log_height - 1);
  if (t.rows <= half) return 0;
  return half - std::min(half, size_t{1} << log_height_for(t.rows - half));
}

/// Below this a split is not worth a table's fixed costs (a Merkle opening, a fold less of FRI).
constexpr size_t MIN_SAVED_ROWS = 1024;

}  // namespace

std::vector<PlannedTable> plan_tables(const std::vector<ChipLoad>& loads, unsigned max_columns) {
  std::vector<PlannedTable> tables;
  std::vector<unsigned> columns;
  unsigned total = 0;
  for (const ChipLoad& l : loads) {
    if (l.rows == 0) continue;
    tables.push_back({l.chip, 0, l.rows, log_height_for(l.rows)});
    columns.push_back(l.columns);
    total += l.columns;
  }
  for (;;) {
    // A split saves saved_rows * columns cells for `columns` columns: the most rows saved is the best.
    size_t best = tables.size(), best_saved = MIN_SAVED_ROWS - 1;
    for (size_t i = 0; i < tables.size(); ++i) {
      const size_t saved = saved_rows(tables[i]);
      if (saved > best_saved && total + columns[i] <= max_columns && tables.size() < stark::MAX_TABLES) {
        best = i;
        best_saved = saved;
      }
    }
    if (best == tables.size()) break;
    const PlannedTable t = tables[best];
    const size_t half = size_t{1} << (t.log_height - 1);
    total += columns[best];
    tables[best] = {t.chip, t.first, half, t.log_height - 1};
    tables.push_back({t.chip, t.first + half, t.rows - half, log_height_for(t.rows - half)});
    columns.push_back(columns[best]);
  }
  std::stable_sort(tables.begin(), tables.end(), [](const PlannedTable& a, const PlannedTable& b) {
    return a.chip != b.chip ? a.chip < b.chip : a.log_height > b.log_height;
  });
  return tables;
}

}  // namespace zkvm::vm
