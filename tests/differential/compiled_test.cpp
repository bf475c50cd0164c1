// The executor against qemu-riscv32 and against its own trace, on compiled programs (programs/*.c, three optimisation
// levels).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/differential/qemu.hpp"
#include "tests/differential/trace_check.hpp"
#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::differential {
namespace {

const std::filesystem::path PROGRAMS = ZKVM_DIFFERENTIAL_PROGRAMS;

vm::Program load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
  auto result = vm::load_elf(bytes);
  if (!result.ok()) throw std::runtime_error(path.string() + ": " + result.error().message);
  return std::move(result).value();
}

class Compiled : public testing::TestWithParam<const char*> {};

TEST_P(Compiled, output_agrees_with_qemu) {
  const std::vector<uint8_t> expected = run_qemu(PROGRAMS / (std::string(GetParam()) + ".linux.elf"));
  ASSERT_FALSE(expected.empty()) << "qemu-riscv32 did not run it";
  const vm::Program program = load(PROGRAMS / (std::string(GetParam()) + ".zkvm.elf"));
  vm::PlainMachine machine(program, {}, {.max_cycles = 200'000'000, .print = {}});
  ASSERT_EQ(machine.run(), vm::Stop::HALTED) << (machine.trap() ? machine.trap()->message() : "");
  EXPECT_EQ(machine.journal(), expected);
}

TEST_P(Compiled, the_trace_proves_the_execution) {
  const vm::Program program = load(PROGRAMS / (std::string(GetParam()) + ".zkvm.elf"));
  vm::PlainMachine plain(program, {});
  ASSERT_EQ(plain.run(), vm::Stop::HALTED);
  vm::TracingMachine tracing(program, {});
  ASSERT_EQ(tracing.run(), vm::Stop::HALTED);
  EXPECT_EQ(tracing.journal(), plain.journal());
  EXPECT_EQ(tracing.cycles(), plain.cycles());
  EXPECT_EQ(check_trace(program, tracing), "");
}

TEST_P(Compiled, the_profile_accounts_for_every_cycle) {
  const vm::Program program = load(PROGRAMS / (std::string(GetParam()) + ".zkvm.elf"));
  vm::ProfilingMachine machine(program, {});
  ASSERT_EQ(machine.run(), vm::Stop::HALTED);
  uint64_t total = 0;
  for (const auto& [function, cost] : machine.profiler().functions()) {
    EXPECT_NE(function, "[unknown]");
    total += cost.cycles;
  }
  EXPECT_EQ(total, machine.cycles());
}

INSTANTIATE_TEST_SUITE_P(programs, Compiled,
                         testing::Values("arithmetic_O1", "arithmetic_O2", "arithmetic_Os", "memory_O1", "memory_O2",
                                         "memory_Os", "control_O1", "control_O2", "control_Os", "mix_O1", "mix_O2",
                                         "mix_Os"),
                         [](const auto& info) { return std::string(info.param); });

// A checker that accepts anything would make the tests above worthless.
TEST(trace_check, notices_every_changed_field) {
  const vm::Program program = load(PROGRAMS / "control_O2.zkvm.elf");
  vm::TracingMachine machine(program, {});
  ASSERT_EQ(machine.run(), vm::Stop::HALTED);
  ASSERT_EQ(check_trace(program, machine), "");
  for (size_t chip = 0; chip < isa::CHIP_COUNT; ++chip) {
    auto& events = machine.trace().chips[chip];
    if (events.empty()) continue;
    for (size_t field = 0; field < sizeof(isa::Event) / 4; ++field) {
      uint32_t* word = reinterpret_cast<uint32_t*>(&events[events.size() / 2]) + field;
      *word += 4;
      EXPECT_NE(check_trace(program, machine), "")
          << isa::chip_name(static_cast<isa::Chip>(chip)) << " field " << field;
      *word -= 4;
    }
  }
  auto& refreshes = machine.trace().refreshes;
  ASSERT_FALSE(refreshes.empty());
  for (size_t field = 0; field < sizeof(isa::RefreshEvent) / 4; ++field) {
    uint32_t* word = reinterpret_cast<uint32_t*>(&refreshes[refreshes.size() / 2]) + field;
    *word += 1;
    EXPECT_NE(check_trace(program, machine), "") << "refresh field " << field;
    *word -= 1;
  }
}

}  // namespace
}  // namespace zkvm::differential
