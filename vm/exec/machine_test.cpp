#include "vm/exec/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <sstream>

#include "vm/elf/elf_builder.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::vm {
namespace {

using isa::Chip;
using isa::encode;
using isa::Instruction;
using isa::Op;

constexpr uint32_t CODE = 0x10000, DATA = 0x12000;
constexpr uint8_t A0 = 10, A1 = 11, A2 = 12, A7 = 17;

uint32_t imm(int32_t value) { return static_cast<uint32_t>(value); }
uint32_t li(uint8_t rd, int32_t value) { return encode({Op::ADDI, rd, 0, 0, imm(value)}); }
uint32_t lui(uint8_t rd, uint32_t value) { return encode({Op::LUI, rd, 0, 0, value}); }
uint32_t ecall() { return encode({Op::ECALL}); }

std::vector<uint32_t> operator+(std::vector<uint32_t> a, const std::vector<uint32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
std::vector<uint32_t> halt(int32_t code = 0, int32_t journal_bytes = 0) {
  return {li(A0, code), li(A1, journal_bytes), li(A7, 0), ecall()};
}

Program program_of(const std::vector<uint32_t>& words, std::vector<uint8_t> data = {1, 2, 3, 4}) {
  ElfBuilder builder;
  builder.entry = CODE;
  builder.add_code(CODE, words);
  builder.loads.push_back({.addr = DATA, .bytes = std::move(data)});
  builder.functions = {{"main", CODE, static_cast<uint32_t>(4 * words.size())}};
  auto result = load_elf(builder.build());
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

// Both machines must trap alike.
Trap trap_of(const std::vector<uint32_t>& words) {
  const Program program = program_of(words);
  PlainMachine plain(program, {});
  TracingMachine tracing(program, {});
  EXPECT_EQ(plain.run(), Stop::TRAPPED);
  EXPECT_EQ(tracing.run(), Stop::TRAPPED);
  if (!plain.trap() || !tracing.trap()) return {};
  EXPECT_EQ(plain.trap()->message(), tracing.trap()->message());
  EXPECT_EQ(plain.cycles(), tracing.cycles());
  EXPECT_EQ(plain.run(), Stop::TRAPPED);  // stays so
  return *plain.trap();
}

TEST(machine, halts_with_exit_code_and_journal) {
  const Program program = program_of(std::vector<uint32_t>{lui(A0, 0x04030000), encode({Op::ADDI, A0, A0, 0, 0x201}),
                                                           li(A7, 1), ecall(), li(A0, 5), ecall()} +
                                     halt(42, 5));
  TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.exit_code(), 42u);
  EXPECT_EQ(machine.journal(), (std::vector<uint8_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(machine.cycles(), 10u);
  EXPECT_EQ(machine.clock(), 4u + 40u);
  EXPECT_EQ(machine.journal_cell().value, 2u);
  const auto& ecalls = machine.trace()[Chip::ECALL];
  ASSERT_EQ(ecalls.size(), 3u);
  EXPECT_EQ(ecalls[0].clk, 16u);
  EXPECT_EQ(ecalls[0].a, 1u);
  EXPECT_EQ(ecalls[0].b, 0x04030201u);
  EXPECT_EQ(ecalls[0].rd_prev, 0u);
  EXPECT_EQ(ecalls[0].result, 1u);
  EXPECT_EQ(ecalls[1].rd_prev, 1u);
  EXPECT_EQ(ecalls[1].rd_prev_clk, 16u + 3);
  EXPECT_EQ(ecalls[1].next_pc, CODE + 24);
  EXPECT_EQ(ecalls[2].mem_prev, 5u);  // a1
  EXPECT_EQ(ecalls[2].mem_prev_clk, 4u * 8 + 3);
  EXPECT_EQ(ecalls[2].next_pc, 0u);
  EXPECT_EQ(ecalls[2].result, 0u);
}

TEST(machine, journal_length_must_match_what_was_written) {
  const std::vector<uint32_t> write = {li(A0, 0x7ff), li(A7, 1), ecall()};
  EXPECT_EQ(trap_of(write + halt(0, 0)).kind, TrapKind::BAD_ECALL_ARGUMENT);
  EXPECT_EQ(trap_of(write + halt(0, 5)).kind, TrapKind::BAD_ECALL_ARGUMENT);
  EXPECT_EQ(trap_of(write + halt(0, -1)).kind, TrapKind::BAD_ECALL_ARGUMENT);
  // 0x7ff needs two bytes; one would leave a byte that is not zero as padding.
  EXPECT_EQ(trap_of(write + halt(0, 1)).kind, TrapKind::BAD_ECALL_ARGUMENT);
  const Program program = program_of(write + halt(0, 2));
  PlainMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.journal(), (std::vector<uint8_t>{0xff, 0x07}));
}

TEST(machine, prints_guest_memory) {
  std::vector<std::pair<int, std::string>> printed;
  const std::string text = "hello";
  const Program program =
      program_of(std::vector<uint32_t>{lui(A0, DATA), li(A1, 5), li(A7, 2), ecall(), encode({Op::ADDI, A0, A0, 0, 1}),
                                       li(A1, 3), li(A7, 3), ecall()} +
                     halt(),
                 {text.begin(), text.end()});
  PlainMachine machine(program, {},
                       {.print = [&](int stream, std::string_view s) { printed.emplace_back(stream, s); }});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(printed, (std::vector<std::pair<int, std::string>>{{1, "hello"}, {2, "ell"}}));
}

/// The proof says nothing of what is printed, so nothing about it may decide how a run ends.
TEST(machine, printing_never_traps) {
  const std::vector<uint32_t> code = std::vector<uint32_t>{lui(A0, RAM_END), encode({Op::ADDI, A0, A0, 0, imm(-2)}),
                                                           li(A1, -1),       li(A7, 2),
                                                           ecall(),          lui(A0, 0xffff'f000),
                                                           ecall()} +
                                     halt();
  const Program program = program_of(code);
  std::vector<std::pair<int, std::string>> printed;
  PlainMachine machine(program, {},
                       {.print = [&](int stream, std::string_view s) { printed.emplace_back(stream, s); }});
  ASSERT_EQ(machine.run(), Stop::HALTED);
  ASSERT_EQ(printed.size(), 3u);
  EXPECT_EQ(printed[0], (std::pair<int, std::string>{1, std::string(2, '\0')}));
  EXPECT_EQ(printed[1].first, 2);
  EXPECT_NE(printed[1].second.find("printed 4294967295 bytes of which 2 exist: there is no memory at 0x20000000"),
            std::string::npos)
      << printed[1].second;
  EXPECT_NE(printed[2].second.find("of which 0 exist"), std::string::npos);
  PlainMachine silent(program, {});
  EXPECT_EQ(silent.run(), Stop::HALTED);
}

TEST(machine, input_lies_behind_its_length) {
  const std::vector<uint8_t> input = {10, 20, 30, 40, 50, 60};
  const Program program =
      program_of(std::vector<uint32_t>{lui(5, INPUT_BEGIN), encode({Op::LW, 6, 5, 0, 0}), encode({Op::LW, 7, 5, 0, 4}),
                                       encode({Op::LHU, 8, 5, 0, 8})} +
                 halt());
  TracingMachine machine(program, input);
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.reg(6), 6u);
  EXPECT_EQ(machine.reg(7), 0x281e140au);
  EXPECT_EQ(machine.reg(8), 0x3c32u);
  EXPECT_EQ(machine.memory().input_length_cell(), (FinalCell{INPUT_BEGIN, 6, 6, 10}));
  EXPECT_EQ(machine.memory().input_cells(), (std::vector<FinalCell>{{INPUT_BEGIN + 4, 0x281e140a, 0x281e140a, 14},
                                                                    {INPUT_BEGIN + 8, 0x3c32, 0x3c32, 18}}));
}

TEST(machine, there_is_nothing_behind_the_input) {
  const auto load_at = [](int32_t offset) {
    return std::vector<uint32_t>{lui(5, INPUT_BEGIN), encode({Op::LB, 6, 5, 0, imm(offset)})} + halt();
  };
  for (const auto& [bytes, words] : {std::pair{0, 0}, {1, 1}, {3, 1}, {4, 1}, {5, 2}}) {
    const std::vector<uint8_t> input(static_cast<size_t>(bytes), 0xff);
    const Program good = program_of(load_at(3 + 4 * words)), bad = program_of(load_at(4 + 4 * words));
    TracingMachine reads(good, input), traps(bad, input);
    ASSERT_EQ(reads.run(), Stop::HALTED);
    EXPECT_EQ(reads.reg(6), bytes % 4 == 0 && bytes != 0 ? 0xffff'ffffu : 0u) << "padding is zero";
    ASSERT_EQ(traps.run(), Stop::TRAPPED);
    EXPECT_EQ(traps.trap()->kind, TrapKind::LOAD_OUTSIDE_MEMORY);
    // The last word is listed even if the program does not touch it.
    const Program idle = program_of(halt());
    TracingMachine machine(idle, input);
    ASSERT_EQ(machine.run(), Stop::HALTED);
    EXPECT_EQ(machine.memory().input_cells().size(), words == 0 ? 0u : 1u);
  }
}

TEST(machine, memory_ends_where_the_map_says) {
  auto store_at = [](uint32_t addr) -> std::vector<uint32_t> {
    const uint32_t low = addr & 0xfff, high = (addr - (low >= 0x800 ? low - 0x1000 : low));
    return std::vector<uint32_t>{lui(5, high), encode({Op::SW, 0, 5, 0, addr - high})} + halt();
  };
  const uint32_t stack = RAM_END - DEFAULT_STACK_BYTES, heap_end = stack - STACK_GAP_BYTES;
  for (uint32_t good : {DATA, DATA + 0xffc, DATA + 0x1000, heap_end - 4, stack, RAM_END - 4}) {
    const Program program = program_of(store_at(good));
    PlainMachine machine(program, {});
    EXPECT_EQ(machine.run(), Stop::HALTED) << std::hex << good;
  }
  for (uint32_t bad : {0u, DATA - 4, RAM_END, INPUT_BEGIN - 4, INPUT_BEGIN + 4, INPUT_END, 0xfffffffcu}) {
    const Trap trap = trap_of(store_at(bad));
    EXPECT_EQ(trap.kind, TrapKind::STORE_OUTSIDE_MEMORY) << std::hex << bad;
  }
  // The words of a page that a segment does not fill are no memory: the code segment here has six words.
  EXPECT_EQ(trap_of(store_at(CODE + 24)).kind, TrapKind::STORE_OUTSIDE_MEMORY);
}

TEST(machine, the_gap_below_the_stack_traps_as_its_overflow) {
  const uint32_t stack = RAM_END - DEFAULT_STACK_BYTES;
  for (Op op : {Op::SB, Op::SH, Op::SW, Op::LB, Op::LH, Op::LW}) {
    const bool store = op == Op::SB || op == Op::SH || op == Op::SW;
    for (uint32_t addr : {stack - 4, stack - STACK_GAP_BYTES}) {
      const uint32_t base = addr + 4;
      ASSERT_EQ(base % 4096 == 0 || addr % 4096 == 0, true);
      const uint32_t high = addr % 4096 == 0 ? addr : base;
      const Trap trap = trap_of({lui(2, high), encode({op, static_cast<uint8_t>(store ? 0 : 6), 2, 0, addr - high})});
      EXPECT_EQ(trap.kind, TrapKind::STACK_OVERFLOW) << std::hex << addr;
      EXPECT_NE(trap.reason.find("expected at most 16777216 bytes of stack"), std::string::npos) << trap.reason;
      EXPECT_NE(trap.reason.find(std::to_string(RAM_END - addr) + " bytes deep"), std::string::npos) << trap.reason;
    }
  }
}

TEST(machine, stores_to_what_is_read_only_trap) {
  const std::vector<uint8_t> input = {1, 2, 3, 4};
  for (Op op : {Op::SB, Op::SH, Op::SW}) {
    for (uint32_t region : {CODE, INPUT_BEGIN}) {
      for (uint32_t offset : {0u, 4u}) {
        const Program program = program_of({lui(5, region), encode({op, 0, 5, 0, offset})});
        TracingMachine machine(program, input);
        ASSERT_EQ(machine.run(), Stop::TRAPPED);
        EXPECT_EQ(machine.trap()->kind, TrapKind::STORE_TO_READ_ONLY_MEMORY);
      }
    }
  }
}

TEST(machine, loads_from_read_only_memory_are_marked) {
  const Program program = program_of(std::vector<uint32_t>{lui(5, CODE), encode({Op::LW, 6, 5, 0, 0}), lui(5, DATA),
                                                           encode({Op::LW, 7, 5, 0, 0}), lui(5, INPUT_BEGIN),
                                                           encode({Op::LW, 8, 5, 0, 0})} +
                                     halt());
  TracingMachine machine(program, {});
  ASSERT_EQ(machine.run(), Stop::HALTED);
  const auto loads = machine.trace()[isa::Chip::LW].span();
  ASSERT_EQ(loads.size(), 3u);
  EXPECT_EQ(loads[0].b, 1u);
  EXPECT_EQ(loads[1].b, 0u);
  EXPECT_EQ(loads[2].b, 1u);
}

TEST(machine, traps_name_pc_symbol_and_reason) {
  const Trap trap = trap_of({lui(5, DATA), encode({Op::LW, 6, 5, 0, 2})});
  EXPECT_EQ(trap.kind, TrapKind::MISALIGNED_LOAD);
  EXPECT_EQ(trap.pc, CODE + 4);
  EXPECT_EQ(trap.message(),
            "trap at 0x00010004 (main+0x4): misaligned load: expected an address that is a multiple of 4, found "
            "0x00012002 [lw t1, 2(t0)]");
}

TEST(machine, traps_on_what_it_does_not_execute) {
  EXPECT_EQ(trap_of({0x00100073}).reason, "ebreak: expected an RV32IM instruction, found 0x00100073");
  EXPECT_EQ(trap_of({0xc0002573}).reason, "CSR instruction: expected an RV32IM instruction, found 0xc0002573");
  EXPECT_EQ(trap_of({0}).kind, TrapKind::ILLEGAL_INSTRUCTION);
  EXPECT_EQ(trap_of({li(A7, 4), ecall()}).kind, TrapKind::UNKNOWN_ECALL);
  EXPECT_EQ(trap_of({li(A7, -1), ecall()}).kind, TrapKind::UNKNOWN_ECALL);
  EXPECT_EQ(trap_of({li(A7, 4), ecall()}).reason,
            "unknown ecall: expected a7 in 0..3 or a precompile's number, found 4");
}

TEST(machine, layers_are_not_memory) {
  const uint32_t rom = ZKVM_NN_ROM_BEGIN;
  for (Op op : {Op::LB, Op::LHU, Op::LW}) {
    EXPECT_EQ(trap_of({lui(5, rom), encode({op, 6, 5, 0, 0})}).kind, TrapKind::LOAD_OUTSIDE_MEMORY);
  }
  for (Op op : {Op::SB, Op::SH, Op::SW}) {
    EXPECT_EQ(trap_of({lui(5, rom), encode({op, 0, 5, 6, 8})}).kind, TrapKind::STORE_OUTSIDE_MEMORY);
  }
  EXPECT_EQ(trap_of({lui(5, rom), encode({Op::JALR, 1, 5, 0, 0})}).kind, TrapKind::JUMP_OUTSIDE_CODE);
}

TEST(machine, a_call_of_what_is_no_layer_traps_and_changes_nothing) {
  for (const uint32_t layer : {0u, ZKVM_NN_ROM_BEGIN, ZKVM_NN_ROM_BEGIN + 4096, ZKVM_NN_ROM_END, DATA, 0xffff'f000u}) {
    const std::vector<uint32_t> code = {lui(A0, layer), lui(A1, DATA),         li(A2, 0),
                                        lui(13, DATA),  li(A7, ZKVM_ECALL_NN), ecall()};
    const Trap trap = trap_of(code);
    EXPECT_EQ(trap.kind, TrapKind::BAD_ECALL_ARGUMENT);
    EXPECT_NE(trap.reason.find("layer (a0): expected the address of a layer record, found"), std::string::npos)
        << trap.reason;
    const Program program = program_of(code);
    TracingMachine machine(program, {});
    EXPECT_EQ(machine.run(), Stop::TRAPPED);
    EXPECT_EQ(machine.cycles(), 5u);
    EXPECT_EQ(machine.peek(DATA), 0x0403'0201u);
    // The registers' last accesses are those of the instructions before.
    EXPECT_EQ(machine.registers()[A7].clk, machine.registers()[13].clk + 4);
    EXPECT_TRUE(machine.trace().precompiles.nn.order.empty());
  }
}

TEST(machine, misaligned_accesses_trap) {
  for (Op op : {Op::LH, Op::LHU}) {
    EXPECT_EQ(trap_of({lui(5, DATA), encode({op, 6, 5, 0, 1})}).kind, TrapKind::MISALIGNED_LOAD);
  }
  EXPECT_EQ(trap_of({lui(5, DATA), encode({Op::SH, 0, 5, 6, 3})}).kind, TrapKind::MISALIGNED_STORE);
  EXPECT_EQ(trap_of({lui(5, DATA), encode({Op::SW, 0, 5, 6, 1})}).kind, TrapKind::MISALIGNED_STORE);
}

TEST(machine, jumps_must_land_on_code) {
  EXPECT_EQ(trap_of({encode({Op::JAL, 1, 0, 0, 6})}).kind, TrapKind::MISALIGNED_JUMP);
  EXPECT_EQ(trap_of({encode({Op::JAL, 1, 0, 0, imm(-4)})}).kind, TrapKind::JUMP_OUTSIDE_CODE);
  EXPECT_EQ(trap_of({encode({Op::JALR, 1, 0, 0, 0})}).kind, TrapKind::JUMP_OUTSIDE_CODE);
  EXPECT_EQ(trap_of({lui(5, CODE), encode({Op::JALR, 1, 5, 0, 2})}).kind, TrapKind::MISALIGNED_JUMP);
  EXPECT_EQ(trap_of({encode({Op::BEQ, 0, 0, 0, 2})}).kind, TrapKind::MISALIGNED_JUMP);
  // Not taken, so it does not matter.
  const Program program = program_of(std::vector<uint32_t>{encode({Op::BNE, 0, 0, 0, 2})} + halt());
  PlainMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  // Falling off the end.
  const Trap trap = trap_of({li(5, 1)});
  EXPECT_EQ(trap.kind, TrapKind::JUMP_OUTSIDE_CODE);
  EXPECT_EQ(trap.pc, CODE + 4);
}

TEST(machine, jalr_clears_the_low_bit) {
  const Program program = program_of(std::vector<uint32_t>{lui(1, CODE), encode({Op::JALR, 1, 1, 0, 13}), 0} + halt(7));
  TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.reg(1), CODE + 8);
  EXPECT_EQ(machine.trace()[Chip::JALR][0].next_pc, CODE + 12);
}

TEST(machine, a_trapping_instruction_leaves_no_event) {
  const Program program = program_of({lui(5, DATA), encode({Op::LW, 6, 5, 0, 2})});
  TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::TRAPPED);
  EXPECT_EQ(machine.cycles(), 1u);
  EXPECT_EQ(machine.trace()[Chip::LI].size(), 1u);
  EXPECT_TRUE(machine.trace()[Chip::LW].empty());
  EXPECT_EQ(machine.registers()[5].clk, 4u + 3);  // written by lui, not touched by the load
}

// Counts down from 3 * 2^12 in x5, touching x6 and a memory word only before and after.
std::vector<uint32_t> long_loop() {
  return std::vector<uint32_t>{lui(5, 3 << 12),
                               lui(A2, DATA),
                               li(6, 9),
                               encode({Op::SW, 0, A2, 6, 0}),
                               encode({Op::ADDI, 5, 5, 0, imm(-1)}),
                               encode({Op::BNE, 0, 5, 0, imm(-4)}),
                               encode({Op::LW, 7, A2, 0, 0}),
                               encode({Op::ADDI, 6, 6, 0, 1})} +
         halt();
}

TEST(machine, old_cells_are_refreshed_before_their_access) {
  const Program program = program_of(long_loop());
  TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  const uint32_t load_clk = 4 + 4 * (4 + 2 * (3 << 12));
  const auto& load = machine.trace()[Chip::LW][0];
  ASSERT_EQ(load.clk, load_clk);
  EXPECT_EQ(load.a_prev_clk, load_clk - 1);
  EXPECT_EQ(load.mem_prev_clk, load_clk + 1);
  EXPECT_EQ(load.mem_prev, 9u);
  EXPECT_EQ(load.rd_prev_clk, load_clk + 2);  // x7 was never written
  const auto& refreshes = machine.trace().refreshes;
  const std::vector<RefreshEvent> expected = {{0, A2, DATA, 16, load_clk - 1},
                                              {1, DATA, 9, 16 + 2, load_clk + 1},
                                              {0, 7, 0, 0, load_clk + 2},
                                              {0, 6, 9, 17, load_clk + 6}};
  ASSERT_GE(refreshes.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(refreshes[i], expected[i]) << i;
}

TEST(machine, gaps_up_to_the_limit_need_no_refresh) {
  // x6 is written at clock 7 and read `count` instructions later, at clock 8 + 4 * count.
  for (uint32_t count : {16383u, 16384u}) {
    std::vector<uint32_t> words(1 + count, encode({Op::FENCE, 0, 0, 0, 0xff}));
    words[0] = li(6, 1);
    words.push_back(encode({Op::ADDI, 7, 6, 0, 0}));
    ElfBuilder builder;
    builder.entry = CODE;
    builder.add_code(CODE, words + halt());
    const auto loaded = load_elf(builder.build());
    ASSERT_TRUE(loaded.ok());
    TracingMachine machine(*loaded, {});
    ASSERT_EQ(machine.run(), Stop::HALTED);
    const auto& event = machine.trace()[Chip::ADDI][0];
    const uint32_t gap = event.clk - 7 - 1;
    EXPECT_EQ(gap >= isa::ACCESS_GAP_LIMIT, count == 16384);
    EXPECT_EQ(event.a_prev_clk, count == 16384 ? event.clk - 1 : 7u);
  }
}

TEST(machine, slices_do_not_change_the_execution) {
  const Program program = program_of(long_loop());
  TracingMachine whole(program, {});
  EXPECT_EQ(whole.run(), Stop::HALTED);
  TracingMachine sliced(program, {});
  std::array<size_t, isa::CHIP_COUNT> seen{};
  size_t refreshes = 0;
  for (uint64_t cycles = 1;; cycles = cycles * 3 + 1) {
    const Stop stop = sliced.run(cycles);
    for (size_t chip = 0; chip < isa::CHIP_COUNT; ++chip) {
      const auto part = sliced.trace().chips[chip].span();
      const auto all = whole.trace().chips[chip].span();
      ASSERT_LE(seen[chip] + part.size(), all.size());
      if (!part.empty()) {
        ASSERT_EQ(std::memcmp(part.data(), all.data() + seen[chip], part.size_bytes()), 0) << chip;
      }
      seen[chip] += part.size();
    }
    for (const RefreshEvent& refresh : sliced.trace().refreshes)
      ASSERT_EQ(refresh, whole.trace().refreshes[refreshes++]);
    sliced.trace().clear();
    if (stop != Stop::SLICE_END) {
      EXPECT_EQ(stop, Stop::HALTED);
      break;
    }
  }
  for (size_t chip = 0; chip < isa::CHIP_COUNT; ++chip) EXPECT_EQ(seen[chip], whole.trace().chips[chip].size());
  EXPECT_EQ(refreshes, whole.trace().refreshes.size());
  EXPECT_EQ(sliced.cycles(), whole.cycles());
  EXPECT_EQ(sliced.memory().image_cells(), whole.memory().image_cells());
}

TEST(machine, cycle_limit_is_a_result_of_its_own) {
  const Program program = program_of({encode({Op::JAL, 0, 0, 0, 0})});
  PlainMachine plain(program, {}, {.max_cycles = 1000, .print = {}});
  EXPECT_EQ(plain.run(), Stop::CYCLE_LIMIT);
  EXPECT_EQ(plain.cycles(), 1000u);
  TracingMachine tracing(program, {}, {.max_cycles = 70'000, .print = {}});
  EXPECT_EQ(tracing.run(69'999), Stop::SLICE_END);
  EXPECT_EQ(tracing.run(), Stop::CYCLE_LIMIT);
  EXPECT_EQ(tracing.cycles(), 70'000u);
  // Halting with the last cycle allowed is halting.
  const Program short_program = program_of(halt(3));
  PlainMachine exact(short_program, {}, {.max_cycles = 4, .print = {}});
  EXPECT_EQ(exact.run(), Stop::HALTED);
}

TEST(machine, tracing_stays_within_the_clock) {
  const Program program = program_of({encode({Op::JAL, 0, 0, 0, 0})});
  TracingMachine machine(program, {});
  Stop stop;
  while ((stop = machine.run(1 << 20)) == Stop::SLICE_END) machine.trace().clear();
  EXPECT_EQ(stop, Stop::CYCLE_LIMIT);
  EXPECT_EQ(machine.cycles(), MAX_PROVED_CYCLES);
  EXPECT_LT(machine.clock(), isa::CLOCK_LIMIT);
}

TEST(machine, untouched_memory_is_not_listed) {
  const Program program =
      program_of(std::vector<uint32_t>{lui(5, 0x1fff0000), encode({Op::SW, 0, 5, 5, 8}), encode({Op::LB, 6, 5, 0, 3}),
                                       lui(5, 0x100000), encode({Op::SB, 0, 5, 5, 1})} +
                 halt());
  TracingMachine machine(program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.memory().zero_cells(),
            (std::vector<FinalCell>{
                {0x100000, 0, 0, 4 + 16 + 2}, {0x1fff0000, 0, 0, 4 + 8 + 2}, {0x1fff0008, 0, 0x1fff0000, 4 + 4 + 2}}));
  EXPECT_TRUE(machine.memory().input_cells().empty());
  EXPECT_EQ(machine.memory().image_cells().size(), program.image.size());
}

TEST(machine, code_in_several_segments_runs) {
  ElfBuilder builder;
  builder.entry = 0x20000;
  builder.add_code(0x10000, halt(5));
  // The second range follows its neighbour directly; execution crosses over.
  builder.add_code(0x20000, {li(5, 1)});
  builder.add_code(0x20004, {li(6, 2), lui(7, 0x10000), encode({Op::JALR, 0, 7, 0, 0})});
  const auto program = load_elf(builder.build());
  ASSERT_TRUE(program.ok());
  PlainMachine machine(*program, {});
  EXPECT_EQ(machine.run(), Stop::HALTED);
  EXPECT_EQ(machine.exit_code(), 5u);
  EXPECT_EQ(machine.reg(6), 2u);
}

}  // namespace
}  // namespace zkvm::vm
