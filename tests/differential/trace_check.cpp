#include "tests/differential/trace_check.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "isa/semantics.hpp"

namespace zkvm::differential {
namespace {

using isa::Chip;
using isa::Event;
using isa::RowOp;

class Replay {
 public:
  Replay(const vm::Program& program, vm::TracingMachine& machine) : program_(program), machine_(machine) {}

  std::string run() {
    struct Entry {
      const Event* event;
      Chip chip;
    };
    std::vector<Entry> order;
    for (size_t chip = 0; chip < isa::CHIP_COUNT; ++chip) {
      for (const Event& event : machine_.trace()[static_cast<Chip>(chip)]) {
        order.push_back({&event, static_cast<Chip>(chip)});
      }
    }
    std::sort(order.begin(), order.end(), [](const Entry& a, const Entry& b) { return a.event->clk < b.event->clk; });
    for (const auto& refresh : machine_.trace().refreshes) {
      refreshes_[{refresh.space, refresh.addr, refresh.new_clk}] = refresh;
    }
    if (refreshes_.size() != machine_.trace().refreshes.size()) return "two refreshes of one cell at one clock";
    for (const vm::ImageWord& word : program_.image) {
      cells_[key(isa::SPACE_RAM, word.addr)] = {word.word, 0};
      if (word.read_only) read_only_.insert(word.addr);
    }

    if (order.size() != machine_.cycles()) return "number of events differs from cycles";
    uint32_t pc = program_.entry, clk = isa::FIRST_CLOCK;
    for (const Entry& entry : order) {
      event_ = entry.event;
      if (event_->clk != clk) return fail("clock is not the next");
      if (event_->pc != pc) return fail("pc is not the one before's next_pc");
      const ptrdiff_t index = program_.row_index(pc);
      if (index < 0) return fail("pc outside of the code");
      const isa::Row& row = program_.rows[static_cast<size_t>(index)];
      if (row.chip != entry.chip) return fail("event in another chip's buffer");
      if (const std::string error = row.op == RowOp::ECALL ? ecall() : instruction(row); !error.empty()) return error;
      pc = event_->next_pc;
      clk += isa::CLOCKS_PER_INSTRUCTION;
    }
    if (clk != machine_.clock()) return "final clock differs";
    if (!refreshes_.empty()) return "a refresh that no access needed";
    return final_state();
  }

 private:
  struct Value {
    uint32_t value, clk;
  };

  static uint64_t key(uint32_t space, uint32_t addr) { return uint64_t{space} << 32 | addr; }

  std::string fail(const char* what) const {
    char text[200];
    std::snprintf(text, sizeof text, "%s: pc 0x%x clk %u (%s)", what, event_->pc, event_->clk,
                  program_.symbolize(event_->pc).c_str());
    return text;
  }

  // One access: the cell must hold `value` with clock `prev` (perhaps after a refresh) and gets (new_value, clock).
  const char* access(uint32_t space, uint32_t addr, uint32_t value, uint32_t prev, uint32_t new_value, uint32_t clock) {
    Value& cell = cells_[key(space, addr)];
    if (cell.value != value) return "access to a value that is not the cell's";
    const bool needed = clock - cell.clk - 1 >= isa::ACCESS_GAP_LIMIT;
    const auto refresh = refreshes_.find({space_of(space, addr), addr, clock - 1});
    if (needed != (refresh != refreshes_.end())) return needed ? "missing refresh" : "refresh without need";
    if (needed) {
      if (refresh->second.value != value || refresh->second.old_clk != cell.clk) return "wrong refresh";
      cell.clk = clock - 1;
      refreshes_.erase(refresh);
    }
    if (cell.clk != prev) return "wrong previous clock";
    if (prev >= clock || clock - prev - 1 >= isa::ACCESS_GAP_LIMIT) return "gap out of range";
    cell = {new_value, clock};
    return nullptr;
  }

  /// Cells are listed as RAM here; refreshes name their space.
  uint32_t space_of(uint32_t space, uint32_t addr) const {
    return space == isa::SPACE_RAM && is_read_only(addr) ? isa::SPACE_READ_ONLY : space;
  }
  bool is_read_only(uint32_t addr) const { return addr >= vm::INPUT_BEGIN || read_only_.contains(addr); }
  /// b of a row that does not read rs2.
  uint32_t unread_b(const isa::Row& row, const Event& e) const {
    const bool load = row.chip == Chip::LW || row.chip == Chip::LOAD_SUB;
    return load ? is_read_only((e.a + row.imm) & ~3u) : row.imm;
  }

  std::string instruction(const isa::Row& row) {
    const isa::RowOpInfo& in = isa::info(row.op);
    const Event& e = *event_;
    const char* error = nullptr;
    if (in.reads_rs1) error = access(isa::SPACE_REGISTER, row.rs1, e.a, e.a_prev_clk, e.a, e.clk);
    if (!error && in.reads_rs2) error = access(isa::SPACE_REGISTER, row.rs2, e.b, e.b_prev_clk, e.b, e.clk + 1);
    if (!error && !in.reads_rs1 && e.a_prev_clk != 0) error = "unused a_prev_clk is not 0";
    if (!error && !in.reads_rs2 && (e.b != unread_b(row, e) || e.b_prev_clk != 0)) error = "b is not what it should be";
    if (!error && !in.reads_rs1 && e.a != (in.merged ? e.rd_prev : 0)) error = "a is not the merged register";

    uint32_t expected = 0, next_pc = row.next_pc;
    const bool memory = isa::access_size(in.op) != 0;
    if (memory) {
      const uint32_t addr = e.a + row.imm;
      if (addr % isa::access_size(in.op) != 0) error = "misaligned";
      const bool store = in.writes_mem;
      expected = store ? isa::store_merge(in.op, e.mem_prev, e.b, addr) : isa::load_extract(in.op, e.mem_prev, addr);
      if (!error) {
        error =
            access(isa::SPACE_RAM, addr & ~3u, e.mem_prev, e.mem_prev_clk, store ? expected : e.mem_prev, e.clk + 2);
      }
    } else if (!error && (e.mem_prev != 0 || e.mem_prev_clk != 0)) {
      error = "unused memory fields are not 0";
    }
    switch (row.chip) {
      case Chip::LI:
        expected = row.imm;
        break;
      case Chip::BEQ:
      case Chip::BEQZ:
      case Chip::BLT:
        next_pc = isa::branch_taken(in.op, e.a, in.reads_rs2 ? e.b : 0) ? row.next_pc : e.pc + 4;
        break;
      case Chip::JALR:
        expected = e.pc + 4;
        next_pc = (e.a + row.imm) & ~1u;
        break;
      default:
        if (!memory) expected = isa::alu(in.op, e.a, e.b);
    }
    if (!error && e.result != expected) error = "wrong result";
    if (!error && e.next_pc != next_pc) error = "wrong next_pc";
    if (!error && in.writes_rd) {
      error = access(isa::SPACE_REGISTER, row.rd, e.rd_prev, e.rd_prev_clk, e.result, e.clk + 3);
    }
    if (!error && !in.writes_rd && (e.rd_prev != 0 || e.rd_prev_clk != 0)) error = "unused rd fields are not 0";
    return error ? fail(error) : "";
  }

  std::string ecall() {
    const Event& e = *event_;
    const char* error = access(isa::SPACE_REGISTER, 17, e.a, e.a_prev_clk, e.a, e.clk);
    if (!error) error = access(isa::SPACE_REGISTER, 10, e.b, e.b_prev_clk, e.b, e.clk + 1);
    if (!error) error = access(isa::SPACE_REGISTER, 11, e.mem_prev, e.mem_prev_clk, e.mem_prev, e.clk + 2);
    if (e.a == static_cast<uint32_t>(vm::Ecall::WRITE_JOURNAL_WORD)) {
      for (unsigned i = 0; i < 4; ++i) journal_.push_back(static_cast<uint8_t>(e.b >> (8 * i)));
      if (!error && e.result != e.rd_prev + 1) error = "journal index does not advance by one";
      if (!error) error = access(isa::SPACE_JOURNAL, 0, e.rd_prev, e.rd_prev_clk, e.result, e.clk + 3);
    } else if (!error && (e.rd_prev != 0 || e.rd_prev_clk != 0 || e.result != 0)) {
      error = "journal fields of another ecall are not 0";
    }
    const bool halt = e.a == static_cast<uint32_t>(vm::Ecall::HALT);
    if (halt) journal_.resize(e.mem_prev);
    if (!error && e.next_pc != (halt ? 0 : e.pc + 4)) error = "wrong next_pc";
    return error ? fail(error) : "";
  }

  std::string final_state() {
    std::map<uint64_t, Value> listed;
    for (uint32_t r = 0; r < isa::REGISTER_COUNT; ++r) {
      listed[key(isa::SPACE_REGISTER, r)] = {machine_.registers()[r].value, machine_.registers()[r].clk};
    }
    listed[key(isa::SPACE_JOURNAL, 0)] = {machine_.journal_cell().value, machine_.journal_cell().clk};
    const auto image = machine_.memory().image_cells();
    if (image.size() != program_.image.size()) return "image words missing from the final state";
    const vm::FinalCell length = machine_.memory().input_length_cell();
    listed[key(isa::SPACE_RAM, length.addr)] = {length.value, length.clk};
    for (const auto& list : {image, machine_.memory().zero_cells(), machine_.memory().input_cells()}) {
      for (size_t i = 0; i < list.size(); ++i) {
        if (i > 0 && list[i].addr <= list[i - 1].addr) return "final cells are not in increasing order";
        listed[key(isa::SPACE_RAM, list[i].addr)] = {list[i].value, list[i].clk};
      }
    }
    for (const auto& [cell, value] : cells_) {
      const auto at = listed.find(cell);
      if (at == listed.end()) return "a touched cell is missing from the final state";
      if (at->second.value != value.value || at->second.clk != value.clk) return "a final cell differs";
      listed.erase(at);
    }
    for (const auto& [cell, value] : listed) {
      if (value.clk != 0 || value.value != 0) return "an untouched cell is listed as touched";
    }
    if (journal_ != machine_.journal()) return "journal differs from what the events wrote";
    return "";
  }

  const vm::Program& program_;
  vm::TracingMachine& machine_;
  const Event* event_ = nullptr;
  std::unordered_map<uint64_t, Value> cells_;  // absent: (0, 0); input words join through seed_input
  std::set<uint32_t> read_only_;               // words of the image
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, isa::RefreshEvent> refreshes_;
  std::vector<uint8_t> journal_;

 public:
  // Input words start with the prover's choice; take it from the final state's own listing.
  void seed_input() {
    const vm::FinalCell length = machine_.memory().input_length_cell();
    cells_[key(isa::SPACE_RAM, length.addr)] = {length.initial, isa::INPUT_LENGTH_CLOCK};
    for (const auto& cell : machine_.memory().input_cells()) cells_[key(isa::SPACE_RAM, cell.addr)] = {cell.initial, 0};
  }
};

}  // namespace

std::string check_trace(const vm::Program& program, vm::TracingMachine& machine) {
  Replay replay(program, machine);
  replay.seed_input();
  return replay.run();
}

}  // namespace zkvm::differential
