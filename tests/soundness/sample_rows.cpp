#include "tests/soundness/sample_rows.hpp"

#include <algorithm>
#include <cstdio>

#include "isa/chips/registry.hpp"
#include "isa/semantics.hpp"

namespace zkvm::soundness {

using isa::Chip;
using isa::ChipId;
using isa::Event;
using isa::Row;
using isa::RowOp;
using stark::F;

namespace {

constexpr uint32_t EDGE[] = {0,      1,      2,        31,          32,          0xff,        0x7fff,
                             0x8000, 0xffff, 0x1'0000, 0x7fff'ffff, 0x8000'0000, 0xffff'fffe, 0xffff'ffff};
constexpr uint32_t MEMORY_ADDRESS = 0x40'0000;

bool is_load(Chip c) { return c == Chip::LW || c == Chip::LOAD_SUB; }
bool is_store(Chip c) { return c == Chip::SW || c == Chip::STORE_SUB; }
bool has_immediate(const isa::RowOpInfo& i) {
  return !i.reads_rs2 && i.op != isa::Op::BEQ && i.op != isa::Op::BNE && i.chip != Chip::LI;
}

struct Case {
  Row row;
  Event event;
};

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  uint32_t word() { return random_(); }
  uint32_t operand() { return random_() % 2 == 0 ? EDGE[random_() % std::size(EDGE)] : random_() >> random_() % 32; }
  int32_t immediate() {
    static constexpr int32_t EDGES[] = {0, 1, -1, 2047, -2048, 255};
    return random_() % 2 == 0 ? EDGES[random_() % std::size(EDGES)] : static_cast<int32_t>(random_() % 4096) - 2048;
  }
  /// A previous clock that is near or just near enough.
  uint32_t before(uint32_t clock) {
    const uint32_t gap = random_() % 4 == 0 ? isa::ACCESS_GAP_LIMIT - 1 : random_() % 200;
    return clock - 1 - std::min(gap, clock - 1);
  }

  /// Operands a, b; b is the immediate (shift amount) where the operation has one.
  Case make(RowOp op, uint32_t pc, uint32_t a, uint32_t b) {
    const isa::RowOpInfo& i = isa::info(op);
    Case c;
    Row& r = c.row;
    Event& e = c.event;
    e = {};
    r.op = op;
    r.chip = i.chip;
    r.next_pc = pc + 4;
    const auto reg = [&] { return static_cast<uint8_t>(random_() % 3 == 0 ? 7 : random_() % 32); };
    if (i.reads_rs1) r.rs1 = reg();
    if (i.reads_rs2) r.rs2 = reg();
    if (i.writes_rd) r.rd = random_() % 5 == 0 ? isa::SINK_REGISTER : static_cast<uint8_t>(1 + random_() % 31);
    if (i.merged) r.rs1 = r.rd;
    e.pc = pc;
    e.clk = 4 * (1 + random_() % ((1u << 27) - 2));

    if (is_load(i.chip) || is_store(i.chip)) {
      // The case's operand picks the word's offset and lane; the immediate may carry either way.
      const uint32_t size = isa::access_size(i.op);
      const uint32_t address = MEMORY_ADDRESS + a % 0x2'0000 / size * size;
      r.imm = static_cast<uint32_t>(immediate());
      a = address - r.imm;
      e.mem_prev = operand();
      e.mem_prev_clk = before(e.clk + 2);
      if (!i.reads_rs2) b = r.imm;
      e.result = is_load(i.chip) ? isa::load_extract(i.op, e.mem_prev, address)
                                 : isa::store_merge(i.op, e.mem_prev, b, address);
    } else if (i.chip == Chip::LI) {
      if (op == RowOp::JAL) r.next_pc = SampleRows::FIRST_PC + 4 * (a % 64);
      r.imm = op == RowOp::JAL ? pc + 4 : b;
      a = 0, b = r.imm;
      e.result = r.imm;
    } else if (i.chip == Chip::JALR) {
      r.imm = static_cast<uint32_t>(immediate());
      const uint32_t target = SampleRows::FIRST_PC + 4 * (a % 64);
      a = target + b % 2 - r.imm;
      b = r.imm;
      r.next_pc = target;
      e.result = pc + 4;
    } else if (isa::is_branch(i.chip)) {
      r.next_pc = SampleRows::FIRST_PC + 4 * (word() % 64);
      if (!i.reads_rs2) b = 0;
    } else {
      if (has_immediate(i)) {
        if (i.chip == Chip::SHIFT_I) b &= 31;
        r.imm = b;
      }
      e.result = isa::alu(i.op, a, b);
    }
    e.a = a;
    e.b = i.reads_rs2 ? b : r.imm;
    e.next_pc = isa::is_branch(i.chip) && !isa::branch_taken(i.op, a, b) ? pc + 4 : r.next_pc;
    if (i.reads_rs1) e.a_prev_clk = before(e.clk);
    if (i.reads_rs2) e.b_prev_clk = before(e.clk + 1);
    if (i.writes_rd) {
      e.rd_prev_clk = before(e.clk + 3);
      e.rd_prev = i.merged ? a : operand();
    }
    return c;
  }

  Case ecall(uint32_t pc, uint32_t number) {
    Case c;
    c.row = {.op = RowOp::ECALL, .chip = Chip::ECALL, .rd = 0, .rs1 = 17, .rs2 = 10, .imm = 0, .next_pc = pc + 4};
    Event& e = c.event;
    e = {};
    e.pc = pc;
    e.clk = 4 * (1 + random_() % 100'000);
    e.a = number;
    e.b = operand();
    e.mem_prev = operand();
    e.a_prev_clk = before(e.clk);
    e.b_prev_clk = before(e.clk + 1);
    e.mem_prev_clk = before(e.clk + 2);
    if (number == 1) {
      e.rd_prev = random_() % 100'000;
      e.result = e.rd_prev + 1;
      e.rd_prev_clk = before(e.clk + 3);
    }
    e.next_pc = number == 0 ? 0 : pc + 4;
    return c;
  }

 private:
  Random random_;
};

}  // namespace

SampleRows::SampleRows(uint32_t seed, unsigned per_operation) {
  Maker maker(seed);
  std::vector<Event> events;
  std::vector<std::string> names;
  const auto pc = [&] { return FIRST_PC + 4 * static_cast<uint32_t>(rows_.size()); };
  const auto add = [&](const Case& c) {
    char text[96];
    std::snprintf(text, sizeof text, "%.*s a=%08x b=%08x mem=%08x imm=%08x",
                  static_cast<int>(isa::info(c.row.op).name.size()), isa::info(c.row.op).name.data(), c.event.a,
                  c.event.b, c.event.mem_prev, c.row.imm);
    rows_.push_back(c.row);
    events.push_back(c.event);
    names.emplace_back(text);
  };
  for (size_t o = 0; o < isa::ROW_OP_COUNT; ++o) {
    const auto op = static_cast<RowOp>(o);
    const isa::RowOpInfo& i = isa::info(op);
    if (op == RowOp::ECALL) {
      for (uint32_t n = 0; n < 4; ++n) add(maker.ecall(pc(), n));
      continue;
    }
    const auto operand_b = [&]() -> uint32_t {
      if (i.chip == Chip::LI) return maker.operand();
      if (i.chip == Chip::SHIFT_I) return maker.word() % 32;
      return has_immediate(i) ? static_cast<uint32_t>(maker.immediate()) : maker.operand();
    };
    // Equal, ordered both ways, differing in one limb, extreme.
    struct Pair {
      uint32_t a, b;
    };
    const std::vector<Pair> pairs = has_immediate(i) ? std::vector<Pair>{{0, 0},
                                                                         {0xffff'ffff, 1},
                                                                         {5, static_cast<uint32_t>(-2048)},
                                                                         {0x8000'0000, 31},
                                                                         {0x7fff'ffff, 16},
                                                                         {0xffff'0000, static_cast<uint32_t>(-1)},
                                                                         {0x0000'fff0, 2047}}
                                                     : std::vector<Pair>{{0, 0},
                                                                         {0x8000'0000, 0xffff'ffff},
                                                                         {7, 0},
                                                                         {0xffff'fff9, 2},
                                                                         {0x1234'5678, 0x1234'8678},
                                                                         {0x8234'5678, 0x1234'5678},
                                                                         {0xffff, 0x1'0001},
                                                                         {0xffff'0000, 0x8000'0000},
                                                                         {0x8000'0000, 0x8000'0000}};
    for (const Pair& p : pairs) add(maker.make(op, pc(), p.a, p.b));
    for (unsigned k = 0; k < per_operation; ++k) add(maker.make(op, pc(), maker.operand(), operand_b()));
  }

  const isa::PcRange range{FIRST_PC, FIRST_PC + 4 * static_cast<uint32_t>(rows_.size()), 0};
  program_.emplace(std::span(&range, 1), rows_);
  isa::LookupCounts counts(program_->size());
  isa::TraceInput in;
  in.program = &*program_;
  const auto fill = [&](size_t chip, size_t count, auto&& name) {
    for (size_t i = 0; i < count; ++i) {
      Sample s{chip, name(i), std::vector<F>(isa::all_chips()[chip].main_width)};
      const auto target = [&](size_t) { return s.main.data(); };
      isa::fill_function(chip)(in, i, i + 1, isa::RowWriter(target), counts);
      samples_.push_back(std::move(s));
    }
  };
  for (size_t i = 0; i < events.size(); ++i) {
    in.events = {&events[i], 1};
    fill(static_cast<size_t>(rows_[i].chip), 1, [&](size_t) { return names[i]; });
  }
  const std::vector<isa::RefreshEvent> refreshes = {{isa::SPACE_REGISTER, 5, 0x1234'5678, 0, 70'003},
                                                    {isa::SPACE_RAM, 0x0040'1234, 0xffff'0001, 500'006, 536'000'001},
                                                    {isa::SPACE_JOURNAL, 0, 70'001, 7, 131'078}};
  in.refreshes = refreshes;
  fill(ChipId::REFRESH, refreshes.size(), [](size_t i) { return std::string("REFRESH ").append(std::to_string(i)); });
  const std::vector<isa::BoundaryCell> zero = {
      {0x0040'0000, 0, 5, 10}, {0x0040'0004, 0, 6, 14}, {0x1fff'fffc, 0, 0xffff'ffff, 400'000'002}};
  in.first_word = 0x0040'0000 / 4;
  in.cells = zero;
  fill(ChipId::ZERO_MEMORY, zero.size(),
       [](size_t i) { return std::string("ZERO_MEMORY ").append(std::to_string(i)); });
  const std::vector<isa::BoundaryCell> input = {
      {0x4000'0004, 12, 12, 6}, {0x4004'0000, 0xabcd'ef01, 1, 50}, {0x5fff'fffc, 7, 7, 30}};
  in.cells = input;
  fill(ChipId::INPUT_MEMORY, input.size(),
       [](size_t i) { return std::string("INPUT_MEMORY ").append(std::to_string(i)); });
  for (size_t chip = 0; chip <= ChipId::INPUT_MEMORY; ++chip)
    samples_.push_back({chip, "padding", std::vector<F>(isa::all_chips()[chip].main_width)});
}

Row SampleRows::instruction(uint32_t pc) const {
  const uint32_t i = (pc - FIRST_PC) / 4;
  return pc % 4 == 0 && i < rows_.size() ? rows_[i] : Row{};
}

}  // namespace zkvm::soundness
