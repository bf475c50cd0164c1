#pragma once
/// \file
/// For tests: a machine of this folder's chips and the tables that they look up, and calls on it with their tables.

#include "precompiles/keccak/air.hpp"
#include "precompiles/keccak/execute.hpp"
#include "precompiles/keccak/trace.hpp"
#include "precompiles/sha256/test_machine.hpp"

namespace zkvm::precompiles::keccak::test {

using sha256::test::TestHost;

enum TestChip : size_t { CALL, MEMORY_TABLE, ROUNDS_TABLE, PROGRAM, LOOKUP };

inline const stark::MachineDescription& machine() {
  static const stark::MachineDescription MACHINE = [] {
    using sha256::test::compile;
    stark::MachineDescription m = isa::make_machine();
    m.chips = {compile<KeccakCallColumns>("KECCAK_CALL", keccak_call_air, CALL_CLOCKS),
               compile<KeccakMemoryColumns>("KECCAK_MEMORY", keccak_memory_air, 0),
               compile<KeccakRoundsColumns>("KECCAK_ROUNDS", keccak_rounds_air, 0), m.chips[isa::ChipId::PROGRAM],
               m.chips[isa::ChipId::LOOKUP]};
    m.preprocessed_sets = 1;
    m.buses.push_back({WORDS.id, WORDS.name});
    m.buses.push_back({PLANE.id, PLANE.name});
    return m;
  }();
  return MACHINE;
}

/// Calls one after the other, as a program of nothing but ecalls makes them. What would be other instructions between
/// them, boundary messages stand for: they give registers their values.
class Calls {
 public:
  static constexpr uint32_t ENTRY = 0x1'0000, FIRST_CLOCK = 4;

  TestHost host;
  KeccakTrace trace;

  CallError call(uint32_t state) {
    CallEvent e{.pc = pc_, .clk = clk_, .a7_prev = 0, .a = {state, 0, 0, 0}, .prev = {}};
    e.a7_prev = read_register(17, ZKVM_ECALL_KECCAK, clk_);
    e.prev[0] = read_register(10, state, clk_ + 1);
    CallError error = execute_keccak(host, e, &trace);
    pc_ += 4;
    clk_ += CALL_CLOCKS;
    return error;
  }

  /// All tables; heights are the smallest possible.
  stark::DebugShard tables() const {
    const std::vector<isa::Row> rows(trace.events.size(), isa::Row{.op = isa::RowOp::ECALL, .rs1 = 17, .rs2 = 10});
    const isa::PcRange range{ENTRY, ENTRY + 4 * static_cast<uint32_t>(rows.size()), 0};
    const isa::ProgramTable program({&range, 1}, rows);
    isa::LookupCounts counts(program.size());
    const isa::TraceInput in{.program = &program, .events = {}, .refreshes = {}, .cells = {}, .totals = &counts};
    stark::DebugShard shard;
    const auto table = [&](TestChip chip, size_t size, auto&& fill) {
      const stark::Air& air = machine().chips[chip].air;
      stark::DebugTable t;
      t.chip = chip;
      t.log_height = std::max<unsigned>(stark::MIN_LOG_HEIGHT,
                                        static_cast<unsigned>(std::bit_width(std::max<size_t>(size, 1) - 1)));
      const size_t height = size_t{1} << t.log_height, width = air.main_width(), fixed = air.preprocessed_width();
      t.main.assign(height * width, F::zero());
      t.preprocessed.assign(height * fixed, F::zero());
      for (size_t i = 0; i < height && fixed != 0; ++i) {
        F* row = &t.preprocessed[i * fixed];
        chip == PROGRAM ? isa::fill_program_preprocessed(program, i, row) : isa::fill_lookup_preprocessed(i, row);
      }
      const auto target = [&](size_t i) { return &t.main[i * width]; };
      fill(isa::RowWriter(target), size);
      shard.push_back(std::move(t));
    };
    // In two parts, the second first: for odd numbers of calls it begins within one.
    const auto in_parts = [&](auto* fill_part) {
      return [&, fill_part](isa::RowWriter w, size_t size) {
        fill_part(program, trace, size / 2, size, w, counts);
        fill_part(program, trace, 0, size / 2, w, counts);
      };
    };
    const auto of_isa = [&](size_t chip) {
      return [&, chip](isa::RowWriter w, size_t size) { isa::fill_function(chip)(in, 0, size, w, counts); };
    };
    const size_t calls = trace.events.size();
    table(CALL, calls, in_parts(fill_keccak_call));
    table(MEMORY_TABLE, calls * KECCAK_MEMORY_ROWS_PER_CALL, in_parts(fill_keccak_memory));
    table(ROUNDS_TABLE, calls * KECCAK_ROUNDS_ROWS_PER_CALL, in_parts(fill_keccak_rounds));
    table(PROGRAM, program.size(), of_isa(isa::ChipId::PROGRAM));
    table(LOOKUP, size_t{1} << 16, of_isa(isa::ChipId::LOOKUP));
    return shard;
  }

  std::vector<stark::BoundaryMessage> boundary() const {
    std::vector<stark::BoundaryMessage> out = boundary_;
    out.push_back(boundary_message(isa::STATE, true, {F::from(ENTRY), F::from(FIRST_CLOCK)}));
    out.push_back(boundary_message(isa::STATE, false, {F::from(pc_), F::from(clk_)}));
    for (const auto& [r, c] : registers_) {
      out.push_back(cell(true, isa::REGISTER_SEGMENT, r, c.initial, 0));
      out.push_back(cell(false, isa::REGISTER_SEGMENT, r, c.value, c.clk));
    }
    for (const auto& [addr, c] : host.cells) {
      out.push_back(cell(true, c.segment(addr), addr & 0xffff, c.initial, 0));
      out.push_back(cell(false, c.segment(addr), addr & 0xffff, c.value, c.clk));
    }
    return out;
  }

 private:
  static stark::BoundaryMessage cell(bool send, uint32_t segment, uint32_t offset, uint32_t value, uint32_t clk) {
    const isa::Word<F> w = isa::word(value);
    return boundary_message(isa::MEMORY, send, {F::from(segment), F::from(offset), w.lo, w.hi, F::from(clk)});
  }
  uint32_t read_register(uint32_t r, uint32_t value, uint32_t clock) {
    TestHost::Cell& c = registers_[r];
    boundary_.push_back(cell(false, isa::REGISTER_SEGMENT, r, c.value, c.clk));
    boundary_.push_back(cell(true, isa::REGISTER_SEGMENT, r, value, c.clk));
    c.value = value;
    return std::exchange(c.clk, clock);
  }

  uint32_t pc_ = ENTRY, clk_ = FIRST_CLOCK;
  std::map<uint32_t, TestHost::Cell> registers_;
  std::vector<stark::BoundaryMessage> boundary_;
};

inline stark::DebugReport check(const stark::DebugShard& tables, const std::vector<stark::BoundaryMessage>& boundary) {
  return stark::check_tables(machine(), {&tables, 1}, boundary);
}

}  // namespace zkvm::precompiles::keccak::test
