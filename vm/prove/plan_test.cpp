// Properties of table plans, over many loads.
#include "vm/prove/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace zkvm::vm {
namespace {

/// Uniform random integers from [0, bound).
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  unsigned operator()(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }

 private:
  std::mt19937 engine_;
};

uint64_t height(const PlannedTable& t) { return uint64_t{1} << t.log_height; }

unsigned columns_of(const std::vector<ChipLoad>& loads, uint16_t chip) {
  for (const ChipLoad& l : loads)
    if (l.chip == chip) return l.columns;
  return 0;
}
unsigned total_columns(const std::vector<ChipLoad>& loads, const std::vector<PlannedTable>& tables) {
  unsigned sum = 0;
  for (const PlannedTable& t : tables) sum += columns_of(loads, t.chip);
  return sum;
}
uint64_t cells(const std::vector<ChipLoad>& loads, const std::vector<PlannedTable>& tables) {
  uint64_t sum = 0;
  for (const PlannedTable& t : tables) sum += height(t) * columns_of(loads, t.chip);
  return sum;
}

/// The plan is complete, canonical and within twice `max_columns` if one table per chip is.
void expect_sound(const std::vector<ChipLoad>& loads, const std::vector<PlannedTable>& tables, unsigned max_columns) {
  std::map<uint16_t, std::map<size_t, size_t>> rows;  // chip -> first -> count
  for (size_t i = 0; i < tables.size(); ++i) {
    const PlannedTable& t = tables[i];
    EXPECT_GT(t.rows, 0u);
    EXPECT_LE(t.rows, height(t));
    EXPECT_GE(t.log_height, stark::MIN_LOG_HEIGHT);
    EXPECT_TRUE(rows[t.chip].emplace(t.first, t.rows).second);
    if (i == 0) continue;
    const PlannedTable& before = tables[i - 1];
    EXPECT_TRUE(before.chip < t.chip || (before.chip == t.chip && before.log_height >= t.log_height)) << i;
  }
  unsigned needed = 0;
  for (const ChipLoad& l : loads) {
    if (l.rows == 0) {
      EXPECT_EQ(rows.count(l.chip), 0u);
      continue;
    }
    needed += l.columns;
    size_t next = 0;
    for (const auto& [first, count] : rows[l.chip]) {
      EXPECT_EQ(first, next) << "chip " << l.chip;
      next = first + count;
    }
    EXPECT_EQ(next, l.rows) << "chip " << l.chip;
    for (const auto& [first, count] : rows[l.chip]) {
      EXPECT_TRUE(l.cuts.empty() || std::binary_search(l.cuts.begin(), l.cuts.end(), first))
          << "chip " << l.chip << " is divided at " << first;
    }
    rows.erase(l.chip);
  }
  EXPECT_TRUE(rows.empty()) << "a chip without a load";
  EXPECT_LE(total_columns(loads, tables), std::max(needed, 2 * max_columns));
  EXPECT_LE(tables.size(), stark::MAX_TABLES);
}

TEST(plan, random_loads_are_covered_once_in_canonical_order_within_the_columns) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<ChipLoad> loads;
    const unsigned chips = 1 + random(28);
    for (uint16_t c = 0; c < chips; ++c)
      loads.push_back({c, random(5) == 0 ? 0 : random(1u << (1 + random(21))), 20 + random(80)});
    for (const unsigned max_columns : {0u, 500u, 1500u, 10'000u}) {
      SCOPED_TRACE("round " + std::to_string(round) + ", at most " + std::to_string(max_columns));
      expect_sound(loads, plan_tables(loads, max_columns), max_columns);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(plan, tables_are_divided_between_runs_only) {
  Random random(3);
  size_t divided = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<ChipLoad> loads;
    const unsigned chips = 1 + random(10);
    for (uint16_t c = 0; c < chips; ++c) {
      ChipLoad& l = loads.emplace_back(ChipLoad{c, 0, 20 + random(80)});
      if (random(5) == 0) {
        l.rows = random(1 << 20);  // no runs: divided anywhere
        continue;
      }
      // Runs of many sizes, some longer than half of the table.
      for (unsigned runs = random(200); runs > 0; --runs) {
        l.cuts.push_back(l.rows);
        l.rows += 1 + random(1u << (1 + random(16)));
      }
    }
    for (const unsigned max_columns : {0u, 500u, 10'000u}) {
      SCOPED_TRACE("round " + std::to_string(round) + ", at most " + std::to_string(max_columns));
      const auto tables = plan_tables(loads, max_columns);
      expect_sound(loads, tables, max_columns);
      for (const PlannedTable& t : tables) divided += t.first != 0 && !loads[t.chip].cuts.empty() ? 1u : 0u;
      if (testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(divided, 1000u);
}

TEST(plan, a_run_is_never_divided) {
  EXPECT_EQ(plan_tables({{3, 700'000, 50, {0}}}, 10'000).size(), 1u);
  // The second run would fit into the first half only in part, and what is left is no smaller.
  EXPECT_EQ(plan_tables({{3, 700'000, 50, {0, 300'000}}}, 10'000).size(), 1u);
  const auto tables = plan_tables({{3, 700'000, 50, {0, 500'000, 600'000}}}, 100);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].rows, 500'000u);
  EXPECT_EQ(tables[0].log_height, 19u);
  EXPECT_EQ(tables[1].first, 500'000u);
  EXPECT_EQ(tables[1].log_height, 18u);
  // A cut at the very half.
  EXPECT_EQ(plan_tables({{3, (1 << 19) + 5, 50, {0, 1 << 19}}}, 100).size(), 2u);
}

TEST(plan, more_columns_never_cost_cells) {
  Random random(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<ChipLoad> loads;
    for (uint16_t c = 0; c < 20; ++c) loads.push_back({c, random(300'000), 20 + random(80)});
    uint64_t before = UINT64_MAX;
    for (const unsigned max_columns : {0u, 1200u, 1500u, 2000u, 5000u}) {
      const uint64_t now = cells(loads, plan_tables(loads, max_columns));
      EXPECT_LE(now, before);
      before = now;
    }
  }
}

TEST(plan, one_table_per_chip_where_columns_are_short) {
  const std::vector<ChipLoad> loads = {{3, 700'000, 50}, {9, 33, 40}};
  const auto tables = plan_tables(loads, 0);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].log_height, 20u);
  EXPECT_EQ(tables[1].log_height, 6u);
}

TEST(plan, a_table_that_is_mostly_padding_is_split) {
  const auto tables = plan_tables({{3, 700'000, 50}}, 100);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].log_height, 19u);
  EXPECT_EQ(tables[0].rows, size_t{1} << 19);
  EXPECT_EQ(tables[1].log_height, 18u);
  EXPECT_EQ(tables[1].first, size_t{1} << 19);
  EXPECT_EQ(tables[1].rows, 700'000 - (size_t{1} << 19));
}

TEST(plan, the_largest_saving_comes_first) {
  // Columns for one split only: the first chip's saves 2^18 rows, the second's 2^15, which is little.
  const auto tables = plan_tables({{1, (1 << 19) + 5, 30}, {2, (1 << 16) + 5, 30}}, 90);
  ASSERT_EQ(tables.size(), 3u);
  EXPECT_EQ(tables[0].chip, 1);
  EXPECT_EQ(tables[1].chip, 1);
  EXPECT_EQ(tables[2].log_height, 17u);
}

/// Rows and columns of 1,337 calls of Keccak-f, which just fit, and of 1,365, beside some instructions.
TEST(plan, a_few_calls_more_cost_a_few_cells_more) {
  const auto calls = [](size_t n) {
    std::vector<ChipLoad> loads = {{1, n, 90}, {2, 10 * n, 210}, {3, 49 * n, 1250}, {4, 40'000, 60}};
    for (size_t i = 1; i < 3; ++i)
      for (size_t k = 0; k < n; ++k) loads[i].cuts.push_back((i == 1 ? 10 : 49) * k);
    return std::pair{cells(loads, plan_tables(loads, 3100)), total_columns(loads, plan_tables(loads, 3100))};
  };
  const auto [full, full_columns] = calls(1337);
  const auto [more, more_columns] = calls(1365);
  EXPECT_LE(static_cast<double>(more), 1.1 * static_cast<double>(full));
  EXPECT_LE(more_columns, 6200u);
  // Where little is saved, the receipt stays as it is.
  const std::vector<ChipLoad> small = {{1, 3000, 3000}, {2, 1 << 19, 60}};
  EXPECT_EQ(plan_tables(small, 3100).size(), 2u);
}

TEST(plan, heights_at_their_edges) {
  for (const auto& [rows, log_height] :
       {std::pair<size_t, unsigned>{1, 5}, {31, 5}, {32, 5}, {33, 6}, {64, 6}, {65, 7}, {1 << 20, 20}}) {
    const auto tables = plan_tables({{0, rows, 10}}, 10'000);
    ASSERT_EQ(tables.size(), 1u) << rows;
    EXPECT_EQ(tables[0].log_height, log_height) << rows;
  }
  EXPECT_TRUE(plan_tables({}, 1000).empty());
  EXPECT_TRUE(plan_tables({{0, 0, 10}}, 1000).empty());
}

}  // namespace
}  // namespace zkvm::vm
