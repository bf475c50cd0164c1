#include "vm/exec/profiler.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "isa/decode.hpp"
#include "vm/elf/elf_builder.hpp"
#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::vm {
namespace {

using isa::encode;
using isa::Op;

// Functions of eight words each, filled up with fences: start, outer, inner, other.
constexpr uint32_t CODE = 0x10000, START = CODE, OUTER = CODE + 32, INNER = CODE + 64, OTHER = CODE + 96;

class Assembler {
 public:
  Assembler() : words_(32, encode({Op::FENCE, 0, 0, 0, 0xff})) {}
  void at(uint32_t addr) { at_ = addr; }
  void put(const isa::Instruction& instruction) {
    words_[(at_ - CODE) / 4] = encode(instruction);
    at_ += 4;
  }
  void jal(uint8_t rd, uint32_t target) { put({Op::JAL, rd, 0, 0, target - at_}); }
  void ret() { put({Op::JALR, 0, 1, 0, 0}); }
  void move(uint8_t rd, uint8_t rs) { put({Op::ADDI, rd, rs, 0, 0}); }
  void halt() {
    for (uint8_t r : {uint8_t{10}, uint8_t{11}, uint8_t{17}}) put({Op::ADDI, r, 0, 0, 0});
    put({Op::ECALL});
  }

  std::string profile() const {
    ElfBuilder builder;
    builder.entry = START;
    builder.add_code(CODE, words_);
    builder.functions = {{"start", START, 32}, {"outer", OUTER, 32}, {"inner", INNER, 32}, {"other", OTHER, 32}};
    const auto program = load_elf(builder.build());
    if (!program.ok()) return program.error().message;
    ProfilingMachine machine(*program, {}, {.max_cycles = 1000, .print = {}});
    if (machine.run() != Stop::HALTED) return machine.trap() ? machine.trap()->message() : "did not halt";
    std::ostringstream out;
    machine.profiler().write_collapsed(out);
    uint64_t total = 0;
    for (const auto& [name, cost] : machine.profiler().functions()) total += cost.cycles;
    EXPECT_EQ(total, machine.cycles());
    return out.str();
  }

 private:
  std::vector<uint32_t> words_;
  uint32_t at_ = CODE;
};

TEST(profiler, calls_and_returns_nest) {
  Assembler code;
  code.jal(1, OUTER);
  code.halt();
  code.at(OUTER);
  code.move(8, 1);
  code.jal(1, INNER);
  code.jal(1, INNER);
  code.move(1, 8);
  code.ret();
  code.at(INNER);
  code.put({Op::ADDI, 5, 5, 0, 1});
  code.ret();
  EXPECT_EQ(code.profile(), "start 5\nstart;outer 5\nstart;outer;inner 4\n");
}

TEST(profiler, a_tail_call_replaces_its_caller) {
  Assembler code;
  code.jal(1, OUTER);
  code.halt();
  code.at(OUTER);
  code.jal(0, INNER);
  code.at(INNER);
  code.move(5, 5);
  code.ret();
  EXPECT_EQ(code.profile(), "start 5\nstart;inner 2\nstart;outer 1\n");
}

TEST(profiler, recursion_deepens_the_stack) {
  Assembler code;
  code.put({Op::LUI, 2, 0, 0, RAM_END});
  code.put({Op::ADDI, 9, 0, 0, 2});
  code.jal(1, OUTER);
  code.halt();
  code.at(OUTER);
  code.put({Op::BEQ, 0, 9, 0, 28});
  code.put({Op::ADDI, 9, 9, 0, 0xffffffff});
  code.put({Op::ADDI, 2, 2, 0, 0xfffffffc});
  code.put({Op::SW, 0, 2, 1, 0});
  code.jal(1, OUTER);
  code.put({Op::LW, 1, 2, 0, 0});
  code.put({Op::ADDI, 2, 2, 0, 4});
  code.ret();
  EXPECT_EQ(code.profile(), "start 7\nstart;outer 8\nstart;outer;outer 8\nstart;outer;outer;outer 2\n");
}

TEST(profiler, longjmp_unwinds_to_the_frame_it_returns_to) {
  Assembler code;
  code.jal(1, OUTER);  // as setjmp's caller: resumes here
  code.halt();
  code.at(OUTER);
  code.move(8, 1);
  code.jal(1, INNER);
  code.at(INNER);
  code.jal(1, OTHER);
  code.at(OTHER);
  code.move(1, 8);
  code.ret();  // straight back to start
  EXPECT_EQ(code.profile(), "start 5\nstart;outer 2\nstart;outer;inner 1\nstart;outer;inner;other 2\n");
}

}  // namespace
}  // namespace zkvm::vm
