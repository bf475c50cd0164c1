#include "stark/debug/checker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "stark/prover/test_machine.hpp"

namespace zkvm::stark {
namespace {

using namespace test;

/// Columns of the test source's shards, rows in natural order.
std::vector<DebugShard> debug_shards(const MachineDescription& machine, TestSource& source,
                                     std::span<const E> challenges) {
  std::vector<DebugShard> shards;
  std::vector<TableShape> shapes;
  source.rewind();
  while (source.next(shapes)) {
    DebugShard shard;
    std::vector<Matrix> main, form;
    std::vector<TableView> main_views, form_views;
    for (const TableShape& s : shapes) {
      const Air& air = machine.chips[s.chip].air;
      main.emplace_back(size_t{1} << s.log_height, air.main_width());
      form.emplace_back(size_t{1} << s.log_height, std::max(air.form_width(), 1u));
    }
    for (size_t t = 0; t < shapes.size(); ++t) {
      const Air& air = machine.chips[shapes[t].chip].air;
      main_views.emplace_back(main[t], ColumnRange{0, 0, air.main_width()}, shapes[t].log_height);
      form_views.emplace_back(form[t], ColumnRange{0, 0, air.form_width()}, shapes[t].log_height);
    }
    source.fill_main(main_views);
    source.fill_form(main_views, form_views, challenges);
    for (size_t t = 0; t < shapes.size(); ++t) {
      const Air& air = machine.chips[shapes[t].chip].air;
      DebugTable table{shapes[t].chip, shapes[t].log_height, {}, {}, {}};
      for (size_t i = 0; i < main_views[t].height(); ++i) {
        const F* row = main_views[t].natural_row(i);
        table.main.insert(table.main.end(), row, row + air.main_width());
        const F* forms = form_views[t].natural_row(i);
        table.form.insert(table.form.end(), forms, forms + air.form_width());
        // The source fills its byte table by stored index.
        if (air.preprocessed_width() != 0)
          table.preprocessed.push_back(F::from(static_cast<uint32_t>(bit_reverse(i, table.log_height))));
      }
      shard.push_back(std::move(table));
    }
    shards.push_back(std::move(shard));
  }
  return shards;
}

struct DebugChecker : testing::Test {
  DebugChecker() {
    source.options = {.shards = 2, .log_step = {6, 5}, .log_fibonacci = 5, .forms = true, .padding = 3};
    shards = debug_shards(machine, source, challenges);
    boundary = source.statement({}).boundary;
  }
  DebugReport check() { return check_tables(machine, shards, boundary, challenges); }
  DebugTable& table(size_t shard, size_t chip) {
    for (DebugTable& t : shards[shard])
      if (t.chip == chip) return t;
    throw std::logic_error("no such table");
  }

  MachineDescription machine = test_machine();
  std::vector<E> challenges = {E{{F::from(3), F::from(1), F::from(4)}}, E{{F::from(2), F::from(7), F::from(18)}}};
  TestSource source{{}};
  std::vector<DebugShard> shards;
  std::vector<BoundaryMessage> boundary;
};

TEST_F(DebugChecker, accepts_an_honest_trace) {
  const DebugReport report = check();
  EXPECT_TRUE(report.ok()) << report.text();
}

TEST_F(DebugChecker, names_the_constraint_and_the_rows_of_a_wrong_cell) {
  table(1, FIBONACCI).main[2 * 7] += F::one();  // x of row 7
  const DebugReport report = check();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.bus_failures, 0u);
  ASSERT_EQ(report.constraint_failures, 2u);  // row 6 does not lead there, row 7 does not go on
  for (const ConstraintFailure& f : report.constraints) {
    EXPECT_EQ(f.chip, "fibonacci");
    EXPECT_EQ(f.shard, 1u);
    EXPECT_TRUE(f.row == 6 || f.row == 7) << f.row;
  }
  EXPECT_NE(report.text().find("x follows y"), std::string::npos);
}

TEST_F(DebugChecker, names_both_ends_of_a_broken_chain) {
  table(0, STEP).main[4 * 9 + 1] += F::one();  // a of row 9
  const DebugReport report = check();
  EXPECT_EQ(report.constraint_failures, 0u);
  EXPECT_EQ(report.bus_failures, 4u);  // taken and put, as it is and as it should be
  for (const BusFailure& f : report.buses) {
    EXPECT_EQ(f.bus, "chain");
    EXPECT_FALSE(f.local);
    EXPECT_EQ(f.contributors.size(), 1u);
  }
}

TEST_F(DebugChecker, a_local_bus_does_not_balance_across_shards) {
  // One look-up more in shard 0 and one less in shard 1.
  const size_t row = bit_reverse(5, 8);  // the entry of byte 5
  table(0, BYTES).main[row] += F::one();
  table(1, BYTES).main[row] -= F::one();
  const DebugReport report = check();
  ASSERT_EQ(report.bus_failures, 2u);
  for (const BusFailure& f : report.buses) {
    EXPECT_TRUE(f.local);
    EXPECT_EQ(f.fields, std::vector<uint32_t>{5});
    EXPECT_EQ(f.excess, f.shard == 0 ? 1 : -1);
  }
}

TEST_F(DebugChecker, a_missing_boundary_message_is_left_over) {
  boundary.pop_back();
  const DebugReport report = check();
  ASSERT_EQ(report.bus_failures, 1u);
  EXPECT_EQ(report.buses[0].excess, 1);
}

TEST_F(DebugChecker, form_columns_are_checked_with_the_challenges) {
  challenges[0] += E::one();
  EXPECT_GT(check().constraint_failures, 0u);
}

TEST_F(DebugChecker, refuses_tables_of_the_wrong_size) {
  shards[0][0].main.pop_back();
  EXPECT_THROW(check(), std::invalid_argument);
}

TEST_F(DebugChecker, lists_some_failures_and_counts_all) {
  DebugTable& t = table(0, FIBONACCI);
  for (F& f : t.main) f += F::from(2);
  const DebugReport report = check_tables(machine, shards, boundary, challenges, {.max_listed = 3});
  EXPECT_EQ(report.constraints.size(), 3u);
  EXPECT_GT(report.constraint_failures, 3u);
  EXPECT_NE(report.text().find("more constraint failures"), std::string::npos);
}

}  // namespace
}  // namespace zkvm::stark
