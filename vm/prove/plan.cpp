#include "vm/prove/plan.hpp"

#include <algorithm>
#include <bit>

namespace zkvm::vm {
namespace {

unsigned log_height_for(size_t rows) {
  const auto log = static_cast<unsigned>(std::bit_width(std::max<size_t>(rows, 1) - 1));
  return std::max(log, stark::MIN_LOG_HEIGHT);
}

/// A table split into one of half its height, as full as may be, and one for the rest.
struct Split {
  size_t rows = 0;   ///< of the first
  size_t saved = 0;  ///< rows of padding
};
Split split(const PlannedTable& t, const std::vector<size_t>& cuts) {
  if (t.log_height == stark::MIN_LOG_HEIGHT) return {};
  const size_t half = size_t{1} << (t.log_height - 1);
  if (t.rows <= half) return {};
  size_t rows = half;
  if (!cuts.empty()) {
    const auto after = std::upper_bound(cuts.begin(), cuts.end(), t.first + half);
    const size_t cut = *std::prev(after);
    if (cut <= t.first) return {};
    rows = cut - t.first;
  }
  return {rows, half - std::min(half, size_t{1} << log_height_for(t.rows - rows))};
}

/// A split that saves this part of a shard's cells is worth a larger receipt: up to twice `max_columns`.
constexpr uint64_t LARGE_PART = 8;

/// Below this a split is not worth a table's fixed costs (a Merkle opening, a fold less of FRI).
constexpr size_t MIN_SAVED_ROWS = 1024;

}  // namespace

std::vector<PlannedTable> plan_tables(const std::vector<ChipLoad>& loads, unsigned max_columns) {
  std::vector<PlannedTable> tables;
  std::vector<const ChipLoad*> load;
  unsigned total = 0;
  uint64_t cells = 0;
  for (const ChipLoad& l : loads) {
    if (l.rows == 0) continue;
    tables.push_back({l.chip, 0, l.rows, log_height_for(l.rows)});
    load.push_back(&l);
    total += l.columns;
    cells += uint64_t{l.columns} << tables.back().log_height;
  }
  const auto allowed = [&](const Split& s, unsigned columns) {
    const uint64_t after = uint64_t{total} + columns;
    return after <= max_columns || (after <= uint64_t{2} * max_columns && s.saved * columns >= cells / LARGE_PART);
  };
  for (;;) {
    // A split saves that many rows times `columns` cells for `columns` columns: the most rows saved is the best.
    size_t best = tables.size();
    Split best_split{0, MIN_SAVED_ROWS - 1};
    for (size_t i = 0; i < tables.size(); ++i) {
      const Split s = split(tables[i], load[i]->cuts);
      if (s.saved > best_split.saved && allowed(s, load[i]->columns) && tables.size() < stark::MAX_TABLES) {
        best = i;
        best_split = s;
      }
    }
    if (best == tables.size()) break;
    const PlannedTable t = tables[best];
    const size_t rows = best_split.rows, rest = t.rows - rows;
    total += load[best]->columns;
    cells -= best_split.saved * load[best]->columns;
    tables[best] = {t.chip, t.first, rows, t.log_height - 1};
    tables.push_back({t.chip, t.first + rows, rest, log_height_for(rest)});
    load.push_back(load[best]);
  }
  std::stable_sort(tables.begin(), tables.end(), [](const PlannedTable& a, const PlannedTable& b) {
    return a.chip != b.chip ? a.chip < b.chip : a.log_height > b.log_height;
  });
  return tables;
}

}  // namespace zkvm::vm
