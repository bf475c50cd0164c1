// Whole executions as tables: honest ones pass the checker, for every operation and with shards.
#include <gtest/gtest.h>

#include <random>

#include "tests/differential/random_program.hpp"
#include "tests/soundness/traced_program.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::soundness {
namespace {

vm::Program load(const vm::ElfBuilder& elf) {
  auto program = vm::load_elf(elf.build());
  if (!program.ok()) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

TEST(executions, random_programs_are_accepted) {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937 random(seed);
    const auto source = differential::random_program(random, 600);
    const TracedProgram t = trace(load(source.build(differential::machine_epilogue())));
    const stark::DebugReport report = t.check();
    ASSERT_TRUE(report.ok()) << "seed " << seed << "\n" << report.text();
  }
}

TEST(executions, shards_are_accepted_together) {
  std::mt19937 random(77);
  const auto source = differential::random_program(random, 600);
  const TracedProgram t = trace(load(source.build(differential::machine_epilogue())), {}, 300);
  ASSERT_GE(t.shards.size(), 3u);
  const stark::DebugReport report = t.check();
  EXPECT_TRUE(report.ok()) << report.text();
}

TEST(executions, input_journal_and_print_are_accepted) {
  const std::vector<uint8_t> input(tests::COUNTING_INPUT.begin(), tests::COUNTING_INPUT.end());
  const TracedProgram t = trace(load(tests::counting_guest(3)), input);
  const stark::DebugReport report = t.check();
  EXPECT_TRUE(report.ok()) << report.text();
}

TEST(executions, cells_left_alone_for_long_are_refreshed) {
  const TracedProgram t = trace(load(tests::looping_guest(1 << 16)));
  bool refreshed = false;
  for (const auto& shard : t.shards)
    for (const auto& table : shard) refreshed |= table.chip == isa::ChipId::REFRESH;
  EXPECT_TRUE(refreshed);
  const stark::DebugReport report = t.check();
  EXPECT_TRUE(report.ok()) << report.text();
}

}  // namespace
}  // namespace zkvm::soundness
