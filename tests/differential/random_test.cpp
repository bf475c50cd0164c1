// The executor against qemu-riscv32 and against its own trace, on random programs.
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/differential/qemu.hpp"
#include "tests/differential/random_program.hpp"
#include "tests/differential/trace_check.hpp"
#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::differential {
namespace {

vm::Program load(const RandomProgram& program, const std::vector<uint32_t>& epilogue) {
  auto result = vm::load_elf(program.build(epilogue).build());
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

template <class Machine>
std::vector<uint8_t> data_of(Machine& machine) {
  std::vector<uint8_t> out;
  for (uint32_t addr = DATA; addr < DATA + DATA_BYTES; addr += 4) vm::ElfBuilder::append(out, *machine.peek(addr));
  return out;
}

TEST(random_programs, registers_and_memory_agree_with_qemu) {
  for (uint32_t seed = 0; seed < 150; ++seed) {
    std::mt19937 random(seed);
    const RandomProgram source = random_program(random, 600);
    const std::vector<uint8_t> expected = run_qemu(source.build(linux_epilogue()).build());
    ASSERT_EQ(expected.size(), DATA_BYTES) << "qemu-riscv32 did not run the program of seed " << seed;
    const vm::Program program = load(source, machine_epilogue());
    vm::PlainMachine machine(program, {});
    ASSERT_EQ(machine.run(1'000'000), vm::Stop::HALTED)
        << "seed " << seed << (machine.trap() ? machine.trap()->message() : "");
    const std::vector<uint8_t> found = data_of(machine);
    for (size_t i = 0; i < DATA_BYTES; ++i) ASSERT_EQ(found[i], expected[i]) << "seed " << seed << " byte " << i;
  }
}

TEST(random_programs, the_trace_proves_what_the_plain_executor_does) {
  for (uint32_t seed = 1000; seed < 1200; ++seed) {
    std::mt19937 random(seed);
    const vm::Program program = load(random_program(random, 600), machine_epilogue());
    vm::PlainMachine plain(program, {});
    ASSERT_EQ(plain.run(), vm::Stop::HALTED) << seed;
    vm::TracingMachine tracing(program, {});
    ASSERT_EQ(tracing.run(), vm::Stop::HALTED) << seed;
    ASSERT_EQ(tracing.cycles(), plain.cycles());
    ASSERT_EQ(data_of(tracing), data_of(plain));
    ASSERT_EQ(check_trace(program, tracing), "") << seed;
  }
}

TEST(random_programs, every_row_operation_comes_up) {
  std::vector<int> seen(isa::ROW_OP_COUNT);
  for (uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const vm::Program program = load(random_program(random, 600), machine_epilogue());
    for (const isa::Row& row : program.rows) {
      if (row.op != isa::RowOp::COUNT) ++seen[static_cast<size_t>(row.op)];
    }
  }
  for (size_t i = 0; i < isa::ROW_OP_COUNT; ++i) EXPECT_GT(seen[i], 0) << isa::ROW_OPS[i].name;
}

}  // namespace
}  // namespace zkvm::differential
