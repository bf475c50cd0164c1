#include "tests/soundness/row_oracle.hpp"

#include <algorithm>

#include "isa/chips/buses.hpp"
#include "isa/chips/registry.hpp"
#include "isa/semantics.hpp"

namespace zkvm::soundness {

using isa::Chip;
using isa::ChipId;
using isa::RowOp;
using stark::F;

RowModel::RowModel(const stark::Air& air, const SampleRows& samples, Omitted omitted)
    : air_(air), omitted_(omitted), slots_(air.slots()), values_(air.constraints()) {
  stark::fill_fixed_slots(air_, nullptr, slots_.data());
  for (size_t i = 0; i < samples.program().size(); ++i) {
    const isa::ProgramFields& f = samples.program()[i];
    program_.insert({f.pc.value(), f.op.value(), f.rd.value(), f.rs1.value(), f.rs2.value(), f.c0.value(), f.c1.value(),
                     f.c2.value()});
  }
}

void RowModel::load(const std::vector<F>& main) {
  std::copy(main.begin(), main.end(), slots_.begin());
  stark::evaluate_constraints(air_, slots_.data(), [&](unsigned i, F value) {
    values_[i] = static_cast<int>(i) == omitted_.constraint ? F::zero() : value;
  });
}

std::vector<RowMessage> RowModel::messages() const {
  std::vector<RowMessage> out;
  const auto column = [&](uint32_t i) { return slots_[i]; };
  for (size_t k = 0; k < air_.messages().size(); ++k) {
    if (static_cast<int>(k) == omitted_.message) continue;
    const stark::Message& m = air_.messages()[k];
    const F multiplicity = m.multiplicity.evaluate<F>(column);
    if (multiplicity.is_zero()) continue;
    // Receives are stored negated; a chip's sends have positive multiplicities.
    const bool send = !m.multiplicity.terms.empty() && m.multiplicity.terms[0].coefficient == F::one();
    RowMessage r{m.bus, m.local, send, multiplicity == (send ? F::one() : -F::one()), {}, k};
    for (const stark::Affine& f : m.fields) r.fields.push_back(f.evaluate<F>(column).value());
    out.push_back(std::move(r));
  }
  return out;
}

bool RowModel::has_entry(const RowMessage& m) const {
  const auto& f = m.fields;
  if (m.bus == isa::RANGE.id) return f[0] <= 16 && f[1] < (1u << f[0]);
  if (m.bus == isa::BYTES.id) return f[0] < 256 && f[1] < 256;
  if (m.bus == isa::AND.id) return f[0] < 256 && f[1] < 256 && f[2] == (f[0] & f[1]);
  std::array<uint32_t, 8> key;
  std::copy(f.begin(), f.end(), key.begin());
  return program_.contains(key);
}

namespace {

constexpr uint32_t LIMB = 1u << 16;
constexpr uint32_t MAX_CLOCK = isa::CLOCK_LIMIT + 3;

bool possible_cell(uint32_t segment, uint32_t offset, uint32_t lo, uint32_t hi) {
  if (segment == isa::REGISTER_SEGMENT) return offset < isa::REGISTER_COUNT && lo < LIMB && hi < LIMB;
  if (segment == isa::JOURNAL_SEGMENT) return offset == 0 && lo < (1u << 27) && hi == 0;
  const bool read_only = segment >= isa::READ_ONLY_SPACE;
  return (read_only ? segment - isa::READ_ONLY_SPACE : segment) < LIMB && offset < LIMB && offset % 4 == 0 &&
         lo < LIMB && hi < LIMB;
}
bool possible_pc(uint32_t pc) { return pc % 4 == 0 && pc >= 0x1'0000 && pc < 0x2000'0000; }

/// The messages of a row, taken one by one.
class Ledger {
 public:
  explicit Ledger(const std::vector<RowMessage>& messages) {
    for (const RowMessage& m : messages)
      if (!m.local) left_.push_back(m);
  }
  const RowMessage* find(uint16_t bus, bool send) const {
    for (const RowMessage& m : left_)
      if (m.bus == bus && m.send == send) return &m;
    return nullptr;
  }
  /// Removes this message; false if it is not there.
  bool take(uint16_t bus, bool send, const std::vector<uint32_t>& fields) {
    for (size_t i = 0; i < left_.size(); ++i)
      if (left_[i].bus == bus && left_[i].send == send && left_[i].fields == fields) {
        left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
      }
    return false;
  }
  struct Content {
    bool ok;
    uint32_t lo, hi, clk;
    uint32_t value() const { return lo | hi << 16; }
  };
  /// Removes the first message that receives the cell.
  Content receive(uint32_t segment, uint32_t offset) {
    for (size_t i = 0; i < left_.size(); ++i) {
      const RowMessage m = left_[i];
      if (m.bus != isa::MEMORY.id || m.send || m.fields[0] != segment || m.fields[1] != offset) continue;
      left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
      return {true, m.fields[2], m.fields[3], m.fields[4]};
    }
    return {false, 0, 0, 0};
  }
  bool receives(uint32_t segment, uint32_t offset) const {
    return std::any_of(left_.begin(), left_.end(), [&](const RowMessage& m) {
      return m.bus == isa::MEMORY.id && !m.send && m.fields[0] == segment && m.fields[1] == offset;
    });
  }
  bool empty() const { return left_.empty(); }

 private:
  std::vector<RowMessage> left_;
};

/// One instruction against its messages.
class InstructionCheck {
 public:
  InstructionCheck(const std::vector<RowMessage>& messages, const SampleRows& samples) : ledger_(messages) {
    const RowMessage* state = ledger_.find(isa::STATE.id, false);
    if (state == nullptr) {
      error_ = "no state is taken";
      return;
    }
    const uint32_t pc = state->fields[0];
    clk_ = state->fields[1];
    ledger_.take(isa::STATE.id, false, {pc, clk_});
    const isa::Row row = samples.instruction(pc);
    if (row.op == RowOp::COUNT) {
      error_ = "no instruction there";
      return;
    }
    row.op == RowOp::ECALL ? ecall(pc) : execute(pc, row);
    if (error_.empty() && !ledger_.empty()) error_ = "messages that the instruction does not have";
  }
  const std::string& error() const { return error_; }

 private:
  void require(bool ok, const char* what) {
    if (!ok && error_.empty()) error_ = what;
  }
  void send(uint16_t bus, const std::vector<uint32_t>& fields, const char* what) {
    require(ledger_.take(bus, true, fields), what);
  }

  /// An access of a cell at `clock`; the new content is `result(old)`, on limbs.
  template <class Result>
  uint32_t access(uint32_t segment, uint32_t offset, uint32_t clock, const char* what, Result&& result) {
    const Ledger::Content c = ledger_.receive(segment, offset);
    require(c.ok, what);
    if (!c.ok) return 0;
    require(c.clk < clock && clock - c.clk - 1 < isa::ACCESS_GAP_LIMIT, what);
    const uint32_t value = result(c.value());
    send(isa::MEMORY.id, {segment, offset, value & 0xffff, value >> 16, clock}, what);
    return c.value();
  }
  uint32_t read(uint32_t reg, uint32_t clock, const char* what) {
    return access(isa::REGISTER_SEGMENT, reg, clock, what, [](uint32_t v) { return v; });
  }

  void execute(uint32_t pc, const isa::Row& row) {
    const isa::RowOpInfo& i = isa::info(row.op);
    uint32_t a = 0, b = row.imm;
    if (i.reads_rs1) a = read(row.rs1, clk_, "rs1");
    if (i.reads_rs2) b = read(row.rs2, clk_ + 1, "rs2");
    const auto compute = [&](uint32_t operand) {
      if (i.chip == Chip::LI) return row.imm;
      if (i.chip == Chip::JALR) return pc + 4;
      return isa::alu(i.op, operand, b);
    };
    uint32_t next = row.next_pc;
    if (isa::is_branch(i.chip) && !isa::branch_taken(i.op, a, i.reads_rs2 ? b : 0)) next = pc + 4;
    if (i.chip == Chip::JALR) next = (a + row.imm) & ~1u;
    send(isa::STATE.id, {next, clk_ + 4}, "next pc and clock");

    uint32_t loaded = 0;
    const bool load = i.chip == Chip::LW || i.chip == Chip::LOAD_SUB,
               store = i.chip == Chip::SW || i.chip == Chip::STORE_SUB;
    if (load || store) {
      const uint32_t address = a + row.imm;
      require(address % isa::access_size(i.op) == 0, "alignment");
      // A load may be of either space, which a row by itself cannot know.
      uint32_t segment = address >> 16;
      if (load && ledger_.receives(isa::READ_ONLY_SPACE + segment, address & 0xfffc)) segment += isa::READ_ONLY_SPACE;
      const uint32_t old = access(segment, address & 0xfffc, clk_ + 2, "memory",
                                  [&](uint32_t v) { return store ? isa::store_merge(i.op, v, b, address) : v; });
      loaded = isa::load_extract(i.op, old, address);
    }
    if (i.writes_rd)
      access(isa::REGISTER_SEGMENT, row.rd, clk_ + 3, "rd",
             [&](uint32_t old) { return load ? loaded : compute(i.merged ? old : a); });
  }

  void ecall(uint32_t pc) {
    const uint32_t a7 = read(17, clk_, "a7"), a0 = read(10, clk_ + 1, "a0"), a1 = read(11, clk_ + 2, "a1");
    require(a7 <= 3, "unknown ecall");
    if (a7 == 0) {
      send(isa::HALT.id, {a0 & 0xffff, a0 >> 16, a1 & 0xffff, a1 >> 16, clk_}, "halt");
      return;
    }
    send(isa::STATE.id, {pc + 4, clk_ + 4}, "next pc and clock");
    if (a7 != 1) return;
    const Ledger::Content index = ledger_.receive(isa::JOURNAL_SEGMENT, 0);
    require(index.ok && index.clk < clk_ + 3 && clk_ + 2 - index.clk < isa::ACCESS_GAP_LIMIT, "journal index");
    send(isa::MEMORY.id, {isa::JOURNAL_SEGMENT, 0, index.lo + 1, 0, clk_ + 3}, "journal index");
    send(isa::JOURNAL.id, {index.lo, a0 & 0xffff, a0 >> 16}, "journal word");
  }

  Ledger ledger_;
  uint32_t clk_ = 0;
  std::string error_;
};

std::string refresh_contradiction(const std::vector<RowMessage>& messages) {
  const RowMessage *old = nullptr, *fresh = nullptr;
  size_t count = 0;
  for (const RowMessage& m : messages) {
    if (m.local) continue;
    ++count;
    (m.send ? fresh : old) = &m;
  }
  if (count != 2 || old == nullptr || fresh == nullptr) return "not one cell in and out";
  if (!std::equal(old->fields.begin(), old->fields.begin() + 4, fresh->fields.begin())) return "another cell or value";
  if (fresh->fields[4] <= old->fields[4]) return "time goes backwards";
  if (fresh->fields[4] >= isa::CLOCK_LIMIT) return "a clock that is out of range";
  return "";
}

std::string boundary_contradiction(size_t chip, const std::vector<RowMessage>& messages) {
  Ledger ledger(messages);
  const RowMessage *in = ledger.find(isa::CHAIN.id, false), *out = ledger.find(isa::CHAIN.id, true),
                   *start = ledger.find(isa::MEMORY.id, true), *end = ledger.find(isa::MEMORY.id, false);
  if (in == nullptr || out == nullptr || start == nullptr || end == nullptr) return "a message is missing";
  const uint32_t region = chip == ChipId::ZERO_MEMORY ? isa::REGION_ZERO : isa::REGION_INPUT;
  const uint32_t base = chip == ChipId::ZERO_MEMORY ? 0 : 0x4000'0000, w = out->fields[1];
  if (in->fields[0] != region || out->fields[0] != region) return "another region";
  const uint32_t before = in->fields[1];
  if (w >= (1u << 27)) return "a word outside of the region";
  if (before != F::P - 1 && before >= w) return "words are not in order";
  const uint32_t address = base + 4 * w, space = chip == ChipId::ZERO_MEMORY ? 0 : isa::READ_ONLY_SPACE;
  for (const RowMessage* m : {start, end})
    if (m->fields[0] != space + (address >> 16) || m->fields[1] != (address & 0xffff))
      return "another cell than the chain's word";
  if (in->fields[2] != 16 || in->fields[3] != 16) return "a word behind one that is not whole";
  if (start->fields[4] != 0) return "does not start at clock 0";
  if (chip == ChipId::ZERO_MEMORY && (start->fields[2] != 0 || start->fields[3] != 0)) return "does not start with 0";
  const auto fits = [](uint32_t value, uint32_t bits) { return bits <= 16 && value < (1u << bits); };
  if (!fits(start->fields[2], out->fields[2]) || !fits(start->fields[3], out->fields[3]))
    return "starts with a value of more bits than the chain has for it";
  if (chip == ChipId::INPUT_MEMORY && (start->fields[2] != end->fields[2] || start->fields[3] != end->fields[3]))
    return "the input is another one at its end";
  return "";
}

}  // namespace

bool is_possible(size_t chip, const std::vector<RowMessage>& messages) {
  // A row that starts a word can end it whatever its name is.
  const bool starts_cells = chip == ChipId::ZERO_MEMORY || chip == ChipId::INPUT_MEMORY;
  for (const RowMessage& m : messages) {
    const auto& f = m.fields;
    if (m.bus == isa::STATE.id && !m.send &&
        (!possible_pc(f[0]) || f[1] < 4 || f[1] >= isa::CLOCK_LIMIT || f[1] % 4 != 0))
      return false;
    if (m.bus == isa::STATE.id && m.send && !possible_pc(f[0])) return false;
    if (m.bus == isa::MEMORY.id && !m.send && !starts_cells &&
        (!possible_cell(f[0], f[1], f[2], f[3]) || f[4] > MAX_CLOCK))
      return false;
    if (m.bus == isa::CHAIN.id && !m.send && f[1] >= (1u << 27) && f[1] != F::P - 1) return false;
  }
  return true;
}

std::string contradiction(size_t chip, const std::vector<RowMessage>& messages, const SampleRows& samples) {
  for (const RowMessage& m : messages)
    if (!m.one) return "a multiplicity that is neither 0 nor 1";
  bool any = false;
  for (const RowMessage& m : messages) any |= !m.local;
  if (!any) return "";  // padding: says nothing
  if (chip == ChipId::REFRESH) return refresh_contradiction(messages);
  if (chip == ChipId::ZERO_MEMORY || chip == ChipId::INPUT_MEMORY) return boundary_contradiction(chip, messages);
  return InstructionCheck(messages, samples).error();
}

}  // namespace zkvm::soundness
