// Every instruction of RV32IM is executed on edge operands, proved at full security, verified, and its results are
// those of isa/semantics.hpp. Many cases share a proof: each result is a word of its journal.
#include <algorithm>
#include <bitset>

#include "tests/proofs/instruction_guests.hpp"
#include "tests/proofs/proving.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::proofs {
namespace {

TEST(instructions, register_arithmetic_is_proved) { expect_proved(register_arithmetic()); }
TEST(instructions, immediate_arithmetic_is_proved) { expect_proved(immediate_arithmetic()); }
TEST(instructions, memory_accesses_are_proved) { expect_proved(memory_accesses()); }
TEST(instructions, branches_and_jumps_are_proved) { expect_proved(branches_and_jumps()); }
TEST(instructions, old_accesses_are_proved) { expect_proved(old_accesses()); }
TEST(instructions, system_calls_are_proved) { expect_proved(system_calls()); }

/// The claims above are about every operation: each is executed in a proof, not only present in a program.
TEST(instructions, every_operation_is_executed) {
  std::bitset<isa::ROW_OP_COUNT> executed;
  std::bitset<isa::OP_COUNT> instructions;
  for (const Guest& g : {register_arithmetic(), immediate_arithmetic(), memory_accesses(), branches_and_jumps(),
                         old_accesses(), system_calls()}) {
    const vm::Program program = g.program();
    vm::TracingMachine machine(program, g.input());
    ASSERT_EQ(machine.run(), vm::Stop::HALTED);
    for (const auto& events : machine.trace().chips)
      for (const isa::Event& e : events.span()) {
        executed.set(static_cast<size_t>(program.row(e.pc).op));
        const auto word = program.words[static_cast<size_t>(program.row_index(e.pc))];
        instructions.set(static_cast<size_t>(isa::decode(word)->op));
      }
  }
  for (size_t i = 0; i < executed.size(); ++i) EXPECT_TRUE(executed[i]) << isa::ROW_OPS[i].name;
  for (size_t i = 0; i < instructions.size(); ++i) EXPECT_TRUE(instructions[i]) << isa::OPCODES[i].name;
}

TEST(instructions, gaps_reach_the_largest_that_needs_no_refresh_and_exceed_it) {
  const Guest g = old_accesses();
  const vm::Program program = g.program();
  vm::TracingMachine machine(program, g.input());
  ASSERT_EQ(machine.run(), vm::Stop::HALTED);
  uint32_t largest = 0;
  for (const isa::Event& e : machine.trace()[isa::Chip::LW].span())
    largest = std::max(largest, e.clk + 2 - e.mem_prev_clk - 1);
  EXPECT_EQ(largest, isa::ACCESS_GAP_LIMIT - 1);
  std::bitset<4> refreshed;
  for (const isa::RefreshEvent& e : machine.trace().refreshes.span()) refreshed.set(e.space);
  EXPECT_TRUE(refreshed.all()) << refreshed;  // registers, memory of both spaces, the journal's index
}

}  // namespace
}  // namespace zkvm::proofs
