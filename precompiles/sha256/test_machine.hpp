#pragma once
/// \file
/// For tests: a machine of this folder's chips and the tables that they look up, and calls on it with their tables.

#include <bit>
#include <map>
#include <stdexcept>

#include "isa/chips/buses.hpp"
#include "isa/chips/registry.hpp"
#include "isa/chips/traces.hpp"
#include "precompiles/sha256/air.hpp"
#include "precompiles/sha256/execute.hpp"
#include "precompiles/sha256/trace.hpp"
#include "stark/debug/checker.hpp"

namespace zkvm::precompiles::sha256::test {

enum TestChip : size_t { CALL, ROUNDS_TABLE, PROGRAM, LOOKUP };

template <template <class> class Columns>
stark::ChipInfo compile(const char* name, void (*air)(AirBuilder&), uint32_t row_weight) {
  AirBuilder b(0, sizeof(Columns<F>) / sizeof(F), 0, 0);
  air(b);
  return {stark::Air::compile(name, b), stark::Presence::OPTIONAL, -1, row_weight};
}

inline const stark::MachineDescription& machine() {
  static const stark::MachineDescription MACHINE = [] {
    stark::MachineDescription m = isa::make_machine();
    m.chips = {compile<Sha256CallColumns>("SHA256_CALL", sha256_call_air, CALL_CLOCKS),
               compile<Sha256RoundsColumns>("SHA256_ROUNDS", sha256_rounds_air, 0), m.chips[isa::ChipId::PROGRAM],
               m.chips[isa::ChipId::LOOKUP]};
    m.preprocessed_sets = 1;
    m.buses.push_back({VARIABLES.id, VARIABLES.name});
    m.buses.push_back({BLOCK.id, BLOCK.name});
    return m;
  }();
  return MACHINE;
}

/// A memory of words that remember their last access.
class TestHost : public Host {
 public:
  struct Cell {
    uint32_t initial = 0, value = 0, clk = 0;
    bool read_only = false;

    uint32_t segment(uint32_t addr) const { return (addr >> 16) + (read_only ? isa::READ_ONLY_SPACE : 0); }
  };

  Access access(uint32_t addr, uint64_t bytes) const override {
    const auto first = cells.find(addr);
    for (uint64_t i = 0; i < bytes; i += 4) {
      const auto cell = cells.find(static_cast<uint32_t>(addr + i));
      if (cell == cells.end() || cell->second.read_only != first->second.read_only) return Access::NONE;
    }
    return bytes != 0 && first->second.read_only ? Access::READ : Access::WRITE;
  }
  uint32_t load(uint32_t addr) const override { return cells.at(addr).value; }
  void store(uint32_t addr, uint32_t value) override { cells.at(addr).value = value; }
  uint32_t touch(uint32_t addr, uint32_t clock) override {
    Cell& c = cells.at(addr);
    if (clock <= c.clk) throw std::logic_error("clocks of a word must increase");
    return std::exchange(c.clk, clock);
  }
  void add(uint32_t addr, std::span<const uint32_t> words, bool read_only = false) {
    for (uint32_t w : words) {
      cells[addr] = {w, w, 0, read_only};
      addr += 4;
    }
  }

  std::map<uint32_t, Cell> cells;
};

/// Calls one after the other, as a program of nothing but ecalls makes them. What would be other instructions between
/// them, boundary messages stand for: they give registers their values.
class Calls {
 public:
  static constexpr uint32_t ENTRY = 0x1'0000, FIRST_CLOCK = 4;

  TestHost host;
  Sha256Trace trace;

  CallError call(uint32_t state, uint32_t block) {
    CallEvent e{.pc = pc_, .clk = clk_, .a7_prev = 0, .a = {state, block, 0, 0}, .prev = {}};
    e.a7_prev = read_register(17, ZKVM_ECALL_SHA256, clk_);
    e.prev[0] = read_register(10, state, clk_ + 1);
    e.prev[1] = read_register(11, block, clk_ + 2);
    CallError error = execute_sha256(host, e, &trace);
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
      fill(isa::RowWriter(target));
      shard.push_back(std::move(t));
    };
    const size_t calls = trace.events.size(), rounds = calls * SHA256_ROWS_PER_CALL;
    table(CALL, calls, [&](isa::RowWriter w) { fill_sha256_call(program, trace, 0, calls, w, counts); });
    // In two parts, the second first: for odd numbers of calls it begins within one.
    table(ROUNDS_TABLE, rounds, [&](isa::RowWriter w) {
      fill_sha256_rounds(program, trace, rounds / 2, rounds, w, counts);
      fill_sha256_rounds(program, trace, 0, rounds / 2, w, counts);
    });
    const auto fill_isa = [&](size_t chip, size_t size) {
      return [&, chip, size](isa::RowWriter w) { isa::fill_function(chip)(in, 0, size, w, counts); };
    };
    table(PROGRAM, program.size(), fill_isa(isa::ChipId::PROGRAM, program.size()));
    table(LOOKUP, size_t{1} << 16, fill_isa(isa::ChipId::LOOKUP, size_t{1} << 16));
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

}  // namespace zkvm::precompiles::sha256::test
