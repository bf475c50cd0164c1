#include "vm/exec/machine.hpp"

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <cstdio>

#include "isa/disassemble.hpp"
#include "isa/semantics.hpp"
#include "precompiles/execute.hpp"

#define ZKVM_ALWAYS_INLINE [[gnu::always_inline]] inline

namespace zkvm::vm {

using isa::Chip;
using isa::Row;
using isa::RowOp;

namespace {

// Cycles between checks for room in the event buffers.
constexpr uint64_t SLICE = 1 << 16;
// Cells that one instruction can refresh: two registers, a memory word or third register, the destination.
constexpr uint64_t ACCESSES_PER_INSTRUCTION = 4;

constexpr unsigned A0 = 10, A1 = 11, A7 = 17;
constexpr uint32_t JOURNAL_ADDRESS = 0;

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text(const char* format, ...) {
  char buffer[320];
  va_list args;
  va_start(args, format);
  std::vsnprintf(buffer, sizeof buffer, format, args);
  va_end(args);
  return buffer;
}

constexpr bool is_load(Chip chip) { return chip == Chip::LW || chip == Chip::LOAD_SUB; }
constexpr bool is_store(Chip chip) { return chip == Chip::SW || chip == Chip::STORE_SUB; }
constexpr bool is_branch(Chip chip) { return chip == Chip::BEQ || chip == Chip::BEQZ || chip == Chip::BLT; }

}  // namespace

template <Mode MODE>
BasicMachine<MODE>::BasicMachine(const Program& program, std::span<const uint8_t> input, MachineOptions options)
    : program_(program), options_(std::move(options)), memory_(program, input), profiler_(program), pc_(program.entry) {
#ifdef ZKVM_FAULTS
  if (options_.fault != nullptr) options_.fault->told = false;
#endif
  if constexpr (TRACING) options_.max_cycles = std::min(options_.max_cycles, MAX_PROVED_CYCLES);
  rows_.reserve(program.rows.size() + program.code.size());  // pointers into it must stay valid
  for (const CodeRange& code : program.code) {
    const uint32_t count = (code.end - code.begin) / 4;
    ranges_.push_back({code.begin, count, rows_.data() + rows_.size()});
    rows_.insert(rows_.end(), program.rows.begin() + static_cast<ptrdiff_t>(code.first_row),
                 program.rows.begin() + static_cast<ptrdiff_t>(code.first_row + count));
    rows_.push_back(Row{});
  }
  std::stable_sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.count > b.count; });
}

template <Mode MODE>
std::optional<uint32_t> BasicMachine<MODE>::peek(uint32_t addr) {
  if (!memory_.readable(addr)) return std::nullopt;
  return memory_.word(addr);
}

template <Mode MODE>
ZKVM_ALWAYS_INLINE const Row* BasicMachine<MODE>::find_row(uint32_t pc) const {
  // Rotating the two low bits to the top makes one comparison check both alignment and range.
  const uint32_t index = std::rotr(pc - ranges_[0].begin, 2);
  if (index < ranges_[0].count) [[likely]]
    return ranges_[0].rows + index;
  for (const Range& range : ranges_) {
    const uint32_t offset = std::rotr(pc - range.begin, 2);
    if (offset < range.count) return range.rows + offset;
  }
  return nullptr;
}

template <Mode MODE>
[[gnu::noinline]] uint32_t BasicMachine<MODE>::refresh(Cell before, uint32_t space, uint32_t addr, uint32_t clock) {
  if constexpr (TRACING) trace_.refreshes.push({space, addr, before.value, before.clk, clock - 1});
  return clock - 1;
}

template <Mode MODE>
ZKVM_ALWAYS_INLINE Cell BasicMachine<MODE>::touch(Cell& cell, uint32_t space, uint32_t addr, uint32_t clock) {
  Cell before = cell;
  if (clock - before.clk > isa::ACCESS_GAP_LIMIT) [[unlikely]]
    before.clk = refresh(before, space, addr, clock);
  cell.clk = clock;
  return before;
}

template <Mode MODE>
ZKVM_ALWAYS_INLINE Cell BasicMachine<MODE>::touch_memory(uint32_t addr, uint32_t clock) {
  if constexpr (TRACING) {
    Cell& cell = memory_.cell(addr);
    if (cell.clk == 0) [[unlikely]]
      memory_.mark_touched(addr);
    const uint32_t space = memory_.writable(addr) ? isa::SPACE_RAM : isa::SPACE_READ_ONLY;
    return touch(cell, space, addr & ~3u, clock);
  } else {
    return {memory_.word(addr), 0};
  }
}

template <Mode MODE>
template <RowOp OP>
ZKVM_ALWAYS_INLINE bool BasicMachine<MODE>::step(const Row& row, const Row*& at, uint32_t& pc) {
  constexpr isa::RowOpInfo INFO = isa::info(OP);
  constexpr bool LOAD = is_load(INFO.chip), STORE = is_store(INFO.chip), BRANCH = is_branch(INFO.chip);
  constexpr bool JUMP = OP == RowOp::JAL || OP == RowOp::JALR;

  uint32_t a = INFO.reads_rs1 || INFO.merged ? registers_[row.rs1].value : 0;
  uint32_t b = INFO.reads_rs2 ? registers_[row.rs2].value : row.imm;
  if constexpr (INFO.reads_rs1 || INFO.reads_rs2 || INFO.merged) {
    ZKVM_LIE(OPERAND, (INFO.reads_rs2 && (!INFO.reads_rs1 || lie->variant % 2 != 0) ? b : a) ^= lie->value;)
  }

  // Everything that can trap is checked before anything changes.
  uint32_t addr = 0;
  if constexpr (LOAD || STORE) {
    addr = a + row.imm;
    ZKVM_LIE(MISPLACED, addr ^= 4u << lie->variant % 6;)
    const bool exists = STORE ? memory_.writable(addr) : memory_.readable(addr);
    if ((addr & (isa::access_size(INFO.op) - 1)) != 0 || !exists) [[unlikely]]
      return fail_access(INFO.op, pc, addr);
  }
  const Row* next = at + 1;
  uint32_t next_pc = pc + 4;
  if constexpr (BRANCH || JUMP) {
    if (!BRANCH || isa::branch_taken(INFO.op, a, b)) {
      next_pc = OP == RowOp::JALR ? (a + row.imm) & ~1u : row.next_pc;
      next = find_row(next_pc);
      if (next == nullptr) [[unlikely]]
        return fail_jump(pc, next_pc);
    }
  }
  ZKVM_LIE(TARGET, {
    const bool other = BRANCH && lie->variant % 2 != 0;
    next_pc = !other              ? ranges_[0].begin + 4 * (lie->value % ranges_[0].count)
              : next_pc == pc + 4 ? row.next_pc
                                  : pc + 4;
    next = find_row(next_pc);
    options_.fault->went_to = next_pc;
  })

#ifdef ZKVM_FAULTS
  Fault* stale = nullptr;
  Cell now{};
  if constexpr (LOAD && TRACING) {
    stale = tell(FaultKind::STALE);
    if (stale != nullptr) now = exchange_stale(addr, *stale);
  }
#endif
  uint32_t result = 0;
  if constexpr (LOAD) {
    result = isa::load_extract(INFO.op, memory_.word(addr), addr);
  } else if constexpr (STORE) {
    result = isa::store_merge(INFO.op, memory_.word(addr), b, addr);
  } else if constexpr (OP == RowOp::LI_CONST || OP == RowOp::JAL) {
    result = row.imm;
  } else if constexpr (OP == RowOp::JALR) {
    result = pc + 4;
  } else if constexpr (!BRANCH) {
    result = isa::alu(INFO.op, a, b);
  }
  if constexpr (INFO.writes_rd || STORE) {
    ZKVM_LIE(RESULT, result ^= lie->value;)
  }

  if constexpr (TRACING) {
    const uint32_t clk = clk_;
    Cell rs1{}, rs2{}, mem{}, rd{};
    if constexpr (INFO.reads_rs1) rs1 = touch_register(row.rs1, clk);
    if constexpr (INFO.reads_rs2) rs2 = touch_register(row.rs2, clk + 1);
    if constexpr (LOAD || STORE) mem = touch_memory(addr, clk + 2);
    if constexpr (INFO.writes_rd) rd = touch_register(row.rd, clk + 3);
    trace_[INFO.chip].push(isa::Event{.pc = pc,
                                      .clk = clk,
                                      .a = a,
                                      .b = LOAD ? uint32_t{!memory_.writable(addr)} : b,
                                      .result = result,
                                      .rd_prev = rd.value,
                                      .a_prev_clk = rs1.clk,
                                      .b_prev_clk = rs2.clk,
                                      .rd_prev_clk = rd.clk,
                                      .mem_prev = mem.value,
                                      .mem_prev_clk = mem.clk,
                                      .next_pc = next_pc});
#ifdef ZKVM_FAULTS
    if constexpr (STORE) stored_[addr & ~3u] = {mem, clk};
    if (stale != nullptr) memory_.cell(addr) = now;
#endif
  }
  if constexpr (INFO.writes_rd) registers_[row.rd].value = result;
  if constexpr (STORE) memory_.word(addr) = result;
  if constexpr (MODE == Mode::PROFILE) cells_ += options_.row_cells[static_cast<size_t>(INFO.chip)];
  if constexpr (MODE == Mode::PROFILE && JUMP) {
    profiler_.jump({.pc = pc,
                    .target = next_pc,
                    .link = row.rd,
                    .source = OP == RowOp::JALR ? row.rs1 : uint8_t{0},
                    .stack_pointer = registers_[2].value,
                    .cost = {cycles_ + 1, cells_}});
  }
  at = next;
  pc = next_pc;
  return true;
}

template <Mode MODE>
[[gnu::noinline]] bool BasicMachine<MODE>::step_ecall(const Row*& at, uint32_t& pc) {
  uint32_t a7 = registers_[A7].value, a0 = registers_[A0].value, a1 = registers_[A1].value;
  uint32_t next_pc = pc + 4;
  bool writes_journal = false;
  ZKVM_LIE(HALT, {
    a7 = 0;
    a1 = 4 * journal_cell_.value;
    if (lie->variant % 2 != 0) a0 = lie->value;
  })
  [[maybe_unused]] uint32_t recorded_a0 = a0;
  ZKVM_LIE(JOURNAL, {
    a0 ^= lie->value;
    if (lie->variant % 2 != 0) recorded_a0 = a0;
  })
  switch (static_cast<Ecall>(a7)) {
    case Ecall::HALT:
      if (!halt(a0, a1)) return false;
      next_pc = 0;
      break;
    case Ecall::WRITE_JOURNAL_WORD:
      for (unsigned i = 0; i < 4; ++i) journal_.push_back(static_cast<uint8_t>(a0 >> (8 * i)));
      writes_journal = true;
      break;
    case Ecall::PRINT_STDOUT:
    case Ecall::PRINT_STDERR:
      print(static_cast<Ecall>(a7) == Ecall::PRINT_STDOUT ? 1 : 2, a0, a1);
      break;
    default:
      if (!step_precompile(a7, pc)) return false;
      ++at;
      pc = next_pc;
      return !yield_;
  }
  if constexpr (MODE == Mode::PROFILE) cells_ += options_.row_cells[static_cast<size_t>(Chip::ECALL)];
  if constexpr (TRACING) {
    const uint32_t clk = clk_;
    const Cell selector = touch_register(A7, clk);
    const Cell first = touch_register(A0, clk + 1);
    const Cell second = touch_register(A1, clk + 2);
    Cell index{};
    if (writes_journal) index = touch(journal_cell_, isa::SPACE_JOURNAL, JOURNAL_ADDRESS, clk + 3);
    trace_[Chip::ECALL].push(isa::Event{.pc = pc,
                                        .clk = clk,
                                        .a = a7,
                                        .b = recorded_a0,
                                        .result = writes_journal ? index.value + 1 : 0,
                                        .rd_prev = index.value,
                                        .a_prev_clk = selector.clk,
                                        .b_prev_clk = first.clk,
                                        .rd_prev_clk = index.clk,
                                        .mem_prev = a1,
                                        .mem_prev_clk = second.clk,
                                        .next_pc = next_pc});
  }
  if (writes_journal) ++journal_cell_.value;
  ++at;
  pc = next_pc;
  return next_pc != 0;
}

/// Memory as a precompile sees it.
template <Mode MODE>
class BasicMachine<MODE>::PrecompileHost final : public precompiles::Host {
 public:
  explicit PrecompileHost(BasicMachine& machine) : machine_(machine) {}
  precompiles::Access access(uint32_t addr, uint64_t bytes) const override {
    using precompiles::Access;
    if (bytes == 0) return Access::WRITE;
    const auto* range = machine_.memory_.find_range(addr);
    if (range == nullptr || addr + bytes > range->end) return Access::NONE;
    return range->writable ? Access::WRITE : Access::READ;
  }
  uint32_t load(uint32_t addr) const override {
#ifdef ZKVM_FAULTS
    return machine_.memory_.word(addr) ^ machine_.change_of_call(FaultKind::CALL_INPUT);
#else
    return machine_.memory_.word(addr);
#endif
  }
  void store(uint32_t addr, uint32_t value) override {
#ifdef ZKVM_FAULTS
    if (machine_.call_lie_ != nullptr && machine_.call_lie_->kind == FaultKind::CALL_SKIPPED) return;
    value ^= machine_.change_of_call(FaultKind::CALL_OUTPUT);
#endif
    machine_.memory_.word(addr) = value;
  }
  uint32_t touch(uint32_t addr, uint32_t clock) override {
    if constexpr (TRACING) {
      // Room for this one's refresh, and for the rest of the slice.
      machine_.trace_.refreshes.reserve_more(1 + ACCESSES_PER_INSTRUCTION * SLICE);
    }
    return machine_.touch_memory(addr, clock).clk;
  }

 private:
  BasicMachine& machine_;
};

template <Mode MODE>
bool BasicMachine<MODE>::step_precompile(uint32_t number, uint32_t pc) {
  ZKVM_LIE(CALL_SKIPPED, {
    if (lie->variant % 2 == 0) {
      clk_ += precompiles::CALL_CLOCKS - isa::CLOCKS_PER_INSTRUCTION;
      return true;
    }
    call_lie_ = lie;
  })
  precompiles::CallEvent event{};
  event.pc = pc;
  event.clk = clk_;
  for (unsigned i = 0; i < 4; ++i) event.a[i] = registers_[A0 + i].value;
  const std::array<Cell, 5> before = {registers_[A7], registers_[A0], registers_[A0 + 1], registers_[A0 + 2],
                                      registers_[A0 + 3]};
  precompiles::Trace* trace = nullptr;
  if constexpr (TRACING) {
    // The precompile records the event, so the registers' clocks must be in it; what it does not read stays untouched.
    const unsigned count = precompiles::pointers(number);
    event.a7_prev = touch_register(A7, clk_).clk;
    for (unsigned i = 0; i < count; ++i) event.prev[i] = touch_register(A0 + i, clk_ + 1 + i).clk;
    trace = &trace_.precompiles;
  }
#ifdef ZKVM_FAULTS
  const precompiles::CallEvent honest = event;
  before_call(number, event);
#endif
  PrecompileHost host(*this);
  const auto error = precompiles::execute(number, *program_.rom, host, event, trace);
#ifdef ZKVM_FAULTS
  if (error && error->empty()) after_call(number, honest);
#endif
  if (!error || !error->empty()) {
    registers_[A7] = before[0];
    for (unsigned i = 0; i < 4; ++i) registers_[A0 + i] = before[1 + i];
    if (error) return fail(TrapKind::BAD_ECALL_ARGUMENT, pc, *error);
    return fail(TrapKind::UNKNOWN_ECALL, pc,
                text("unknown ecall: expected a7 in 0..3 or a precompile's number, found %u", number));
  }
  ++cycles_;
  if constexpr (MODE == Mode::PROFILE) {
    const auto [name, cells] = options_.describe_call
                                   ? options_.describe_call(number, event.a[0])
                                   : std::pair("[precompile " + std::to_string(number) + "]", uint64_t{0});
    cells_ += cells;
    // The instruction itself is counted when it is done: one cycle of the two.
    profiler_.precompile(name, {2, cells}, {cycles_ + 1, cells_});
  }
  if constexpr (TRACING) {
    clk_ += precompiles::CALL_CLOCKS - isa::CLOCKS_PER_INSTRUCTION;
    yield_ = options_.yield_after_call && options_.yield_after_call(number, trace_.precompiles);
#ifdef ZKVM_FAULTS
    if (std::exchange(doubled_, false)) {
      clk_ += isa::CLOCKS_PER_INSTRUCTION;
      return step_precompile(number, pc);
    }
#endif
  }
  return true;
}

template <Mode MODE>
bool BasicMachine<MODE>::halt(uint32_t code, uint32_t journal_length) {
  const uint64_t words = (uint64_t{journal_length} + 3) / 4;
  if (words != journal_cell_.value) {
    return fail(TrapKind::BAD_ECALL_ARGUMENT, pc_,
                text("bad journal length: expected a length that takes the %u words written, found %u bytes",
                     journal_cell_.value, journal_length));
  }
  if (!std::all_of(journal_.begin() + journal_length, journal_.end(), [](uint8_t byte) { return byte == 0; })) {
    return fail(TrapKind::BAD_ECALL_ARGUMENT, pc_,
                text("bad journal padding: expected zeros after the journal's %u bytes", journal_length));
  }
  journal_.resize(journal_length);
  exit_code_ = code;
  end_ = Stop::HALTED;
  return true;
}

template <Mode MODE>
void BasicMachine<MODE>::print(int stream, uint32_t address, uint32_t length) {
  if (!options_.print) return;
  std::string bytes;
  while (bytes.size() < length && memory_.readable(address)) {
    bytes.push_back(static_cast<char>(memory_.word(address) >> (8 * (address % 4))));
    ++address;
  }
  if (!bytes.empty()) options_.print(stream, bytes);
  if (bytes.size() != length) {
    options_.print(2, text("\nzkvm: the guest printed %u bytes of which %zu exist: there is no memory at 0x%08x\n",
                           length, bytes.size(), address));
  }
}

template <Mode MODE>
void BasicMachine<MODE>::run_slice(uint64_t count) {
  if constexpr (TRACING) {
    for (auto& buffer : trace_.chips) buffer.reserve_more(count);
    trace_.refreshes.reserve_more(ACCESSES_PER_INSTRUCTION * count);
  }
  const Row* at = find_row(pc_);
  uint32_t pc = pc_;
  uint64_t left = count;
  while (left != 0) {
#ifdef ZKVM_FAULTS
    const Row* const here = at;
    const uint32_t here_pc = pc;
    Row row = *at;
    bool repeat = false;
    ZKVM_LIE(CELL, change_cell(*lie);)
    ZKVM_LIE(OTHER_ROW, row = other_row(row, *lie);)
    ZKVM_LIE(REPEAT, repeat = true;)
    ZKVM_LIE(SKIP, {
      ++at;
      pc += 4;
      if (lie->variant % 2 != 0) clk_ += isa::CLOCKS_PER_INSTRUCTION;
      continue;
    })
    if (options_.fault != nullptr && options_.fault->kind == FaultKind::HALT && options_.fault->clk == clk_)
      row.op = RowOp::ECALL;
#else
    const Row& row = *at;
#endif
    bool ok = true;
    switch (row.op) {
#define ZKVM_STEP(NAME)                  \
  case RowOp::NAME:                      \
    ok = step<RowOp::NAME>(row, at, pc); \
    break;
      ZKVM_STEP(LI_CONST)
      ZKVM_STEP(JAL)
      ZKVM_STEP(ADDI)
      ZKVM_STEP(ADDI_SAME)
      ZKVM_STEP(ADD)
      ZKVM_STEP(SUB)
      ZKVM_STEP(ADD_SAME)
      ZKVM_STEP(SUB_SAME)
      ZKVM_STEP(AND)
      ZKVM_STEP(OR)
      ZKVM_STEP(XOR)
      ZKVM_STEP(ANDI)
      ZKVM_STEP(ORI)
      ZKVM_STEP(XORI)
      ZKVM_STEP(SLLI)
      ZKVM_STEP(SRLI)
      ZKVM_STEP(SRAI)
      ZKVM_STEP(SLL)
      ZKVM_STEP(SRL)
      ZKVM_STEP(SRA)
      ZKVM_STEP(SLT)
      ZKVM_STEP(SLTU)
      ZKVM_STEP(SLTI)
      ZKVM_STEP(SLTIU)
      ZKVM_STEP(BEQ)
      ZKVM_STEP(BNE)
      ZKVM_STEP(BEQZ)
      ZKVM_STEP(BNEZ)
      ZKVM_STEP(BLT)
      ZKVM_STEP(BGE)
      ZKVM_STEP(BLTU)
      ZKVM_STEP(BGEU)
      ZKVM_STEP(LW)
      ZKVM_STEP(LB)
      ZKVM_STEP(LBU)
      ZKVM_STEP(LH)
      ZKVM_STEP(LHU)
      ZKVM_STEP(SW)
      ZKVM_STEP(SB)
      ZKVM_STEP(SH)
      ZKVM_STEP(JALR)
      ZKVM_STEP(MUL)
      ZKVM_STEP(MULH)
      ZKVM_STEP(MULHU)
      ZKVM_STEP(MULHSU)
      ZKVM_STEP(DIV)
      ZKVM_STEP(DIVU)
      ZKVM_STEP(REM)
      ZKVM_STEP(REMU)
#undef ZKVM_STEP
      case RowOp::ECALL:
        pc_ = pc;
        ok = step_ecall(at, pc);
        break;
      case RowOp::COUNT: {
        // The end of a range that another one adjoins, or a word that is no instruction.
        const Row* found = find_row(pc);
        if (found != nullptr && found != at) {
          at = found;
          continue;
        }
        ok = fail(TrapKind::ILLEGAL_INSTRUCTION, pc, "");
        break;
      }
    }
    if (!ok) [[unlikely]] {
      if (end_ == Stop::TRAPPED) break;
      --left;  // HALT is an executed instruction, and so is a call after which to leave
      clk_ += isa::CLOCKS_PER_INSTRUCTION;
      break;
    }
    --left;
#ifdef ZKVM_FAULTS
    if (repeat) at = here, pc = here_pc;
#endif
    if constexpr (TRACING) clk_ += isa::CLOCKS_PER_INSTRUCTION;
    if constexpr (MODE == Mode::PROFILE) ++cycles_;
  }
  pc_ = pc;
  if constexpr (MODE == Mode::PROFILE) {
    if (end_ == Stop::HALTED) ++cycles_;
  } else {
    cycles_ += count - left;
  }
}

template <Mode MODE>
Stop BasicMachine<MODE>::run(uint64_t cycles) {
  while (!end_ && cycles != 0) {
    if (cycles_ >= options_.max_cycles) {
      end_ = Stop::CYCLE_LIMIT;
      break;
    }
    const uint64_t before = cycles_;
    run_slice(std::min({cycles, options_.max_cycles - cycles_, TRACING ? SLICE : UINT64_MAX}));
    cycles -= std::min(cycles, cycles_ - before);
    if constexpr (MODE == Mode::PROFILE) {
      if (end_) profiler_.finish(cost());
    }
    if (yield_) {
      yield_ = false;
      break;
    }
  }
  return end_.value_or(Stop::SLICE_END);
}

template <Mode MODE>
[[gnu::cold, gnu::noinline]] bool BasicMachine<MODE>::fail(TrapKind kind, uint32_t pc, std::string reason) {
  Trap trap{.kind = kind, .pc = pc, .symbol = program_.symbolize(pc), .reason = std::move(reason), .disassembly = ""};
  const ptrdiff_t index = program_.row_index(pc);
  if (index >= 0) {
    const uint32_t word = program_.words[static_cast<size_t>(index)];
    trap.disassembly = isa::disassemble(pc, word);
    if (kind == TrapKind::ILLEGAL_INSTRUCTION) {
      trap.reason = text("%s: expected an RV32IM instruction, found 0x%08x", isa::describe_undecodable(word), word);
    }
  } else if (kind == TrapKind::ILLEGAL_INSTRUCTION) {
    trap.kind = TrapKind::JUMP_OUTSIDE_CODE;
    trap.reason = "execution ran past the end of the code";
  }
  trap_ = std::move(trap);
  end_ = Stop::TRAPPED;
  return false;
}

template <Mode MODE>
[[gnu::cold, gnu::noinline]] bool BasicMachine<MODE>::fail_access(isa::Op op, uint32_t pc, uint32_t addr) {
  const bool store = op == isa::Op::SB || op == isa::Op::SH || op == isa::Op::SW;
  const char* what = store ? "store" : "load";
  const uint32_t size = isa::access_size(op);
  if (addr % size != 0) {
    return fail(store ? TrapKind::MISALIGNED_STORE : TrapKind::MISALIGNED_LOAD, pc,
                text("misaligned %s: expected an address that is a multiple of %u, found 0x%08x", what, size, addr));
  }
  if (addr >= program_.heap_end() && addr < program_.stack_start) {
    const uint32_t sp = registers_[2].value;
    return fail(TrapKind::STACK_OVERFLOW, pc,
                text("stack overflow: expected at most %u bytes of stack, found a %s at 0x%08x, %u bytes deep (sp is "
                     "0x%08x)",
                     RAM_END - program_.stack_start, what, addr, RAM_END - addr, sp));
  }
  if (store && memory_.readable(addr)) {
    return fail(TrapKind::STORE_TO_READ_ONLY_MEMORY, pc,
                text("store to read-only memory: expected a writable address, found 0x%08x, %s", addr,
                     addr >= INPUT_BEGIN ? "in the input" : "in a segment without the write flag"));
  }
  const auto input_end = INPUT_BEGIN + 4 + (memory_.word(INPUT_BEGIN) + 3) / 4 * 4;
  return fail(store ? TrapKind::STORE_OUTSIDE_MEMORY : TrapKind::LOAD_OUTSIDE_MEMORY, pc,
              text("%s outside memory: expected the program's image, the heap [0x%08x, 0x%08x), the stack [0x%08x, "
                   "0x%08x) or the input [0x%08x, 0x%08x), found 0x%08x",
                   what, program_.zero_start, program_.heap_end(), program_.stack_start, RAM_END, INPUT_BEGIN,
                   input_end, addr));
}

template <Mode MODE>
[[gnu::cold, gnu::noinline]] bool BasicMachine<MODE>::fail_jump(uint32_t pc, uint32_t target) {
  if (target % 4 != 0) {
    return fail(TrapKind::MISALIGNED_JUMP, pc,
                text("misaligned jump: expected a target that is a multiple of 4, found 0x%08x", target));
  }
  return fail(TrapKind::JUMP_OUTSIDE_CODE, pc,
              text("jump outside the code: expected a target in an executable segment, found 0x%08x", target));
}

#ifdef ZKVM_FAULTS
}  // namespace zkvm::vm
#include "vm/exec/fault.ipp"
namespace zkvm::vm {
#endif

template class BasicMachine<Mode::PLAIN>;
template class BasicMachine<Mode::TRACE>;
template class BasicMachine<Mode::PROFILE>;

}  // namespace zkvm::vm
