// The machine: executes a Program, plainly (as fast as possible), with events for the prover, or with a profile.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#ifdef ZKVM_FAULTS
#include <unordered_map>
#endif
#include <vector>

#include "vm/elf/program.hpp"
#include "vm/exec/events.hpp"
#include "vm/exec/fault.hpp"
#include "vm/exec/memory.hpp"
#include "vm/exec/profiler.hpp"
#include "vm/exec/trap.hpp"

namespace zkvm::vm {

// Selected by a7; arguments in a0 and a1.
enum class Ecall : uint32_t {
  HALT = 0,                // a0: exit code, a1: journal length in bytes; does not return
  WRITE_JOURNAL_WORD = 1,  // a0: the journal's next four bytes, little-endian; bytes beyond its length must be zero
  PRINT_STDOUT = 2,        // a0: address, a1: length in bytes; the host shows them, nothing is proved
  PRINT_STDERR = 3,
  // Other numbers are those of precompiles (precompiles/execute.hpp). Such a call counts as two cycles: it takes the
  // clocks of two instructions.
};

enum class Stop : uint8_t {
  SLICE_END,    // executed all the cycles that the call asked for
  HALTED,       // see exit_code() and journal()
  TRAPPED,      // see trap()
  CYCLE_LIMIT,  // MachineOptions::max_cycles reached before the guest halted
};

enum class Mode : uint8_t { PLAIN, TRACE, PROFILE };

// The clock must stay below isa::CLOCK_LIMIT, which 2^27 - 2 instructions would just do; a round limit below it.
inline constexpr uint64_t MAX_PROVED_CYCLES = 100'000'000;

struct MachineOptions {
  // TRACE mode never exceeds MAX_PROVED_CYCLES.
  uint64_t max_cycles = UINT64_MAX;
  // Called with the stream (1 stdout, 2 stderr) and what the guest printed; not called if empty.
  std::function<void(int, std::string_view)> print = {};
  // TRACE mode: asked after each precompile call, with its number; true: `run` returns.
  std::function<bool(uint32_t, const precompiles::Trace&)> yield_after_call = {};
  // PROFILE mode: committed cells of a row of each instruction chip, and name and cells of a precompile call by its
  // number and its first pointer. Nothing counts where they are not given.
  std::array<uint32_t, isa::CHIP_COUNT> row_cells = {};
  std::function<std::pair<std::string, uint64_t>(uint32_t number, uint32_t pointer)> describe_call = {};
#ifdef ZKVM_FAULTS
  Fault* fault = nullptr;
#endif
};

// Executions are deterministic: two machines over the same program and input do the same whatever the slices, so a
// shard's events can be produced again by running a fresh machine up to it. Not thread-safe; movable by pointer only.
template <Mode MODE>
class BasicMachine {
 public:
  static constexpr bool TRACING = MODE == Mode::TRACE;

  // The program must outlive the machine. input.size() <= MAX_INPUT_BYTES (else std::length_error). Throws
  // std::bad_alloc if the address space cannot be reserved (1 GiB and twice the input when tracing, else half of that;
  // untouched pages cost nothing).
  BasicMachine(const Program& program, std::span<const uint8_t> input, MachineOptions options = {});
  BasicMachine(const BasicMachine&) = delete;
  BasicMachine& operator=(const BasicMachine&) = delete;

  // Continues for at most `cycles` instructions. Once halted, trapped or at the limit, further calls return the same.
  Stop run(uint64_t cycles = UINT64_MAX);

  uint64_t cycles() const { return cycles_; }
  Cost cost() const requires(MODE == Mode::PROFILE) { return {cycles_, cells_}; }
  uint32_t pc() const { return pc_; }
  // The clock of the next instruction.
  uint32_t clock() const { return clk_; }
  uint32_t reg(unsigned index) const { return registers_[index].value; }
  // The word that contains addr, if it exists. Leaves no trace.
  std::optional<uint32_t> peek(uint32_t addr);

  // After HALTED.
  uint32_t exit_code() const { return exit_code_; }
  // What was written so far, in whole words; once halted exactly the journal.
  const std::vector<uint8_t>& journal() const { return journal_; }
  // After TRAPPED.
  const std::optional<Trap>& trap() const { return trap_; }

  // The events since the start or the last trace().clear().
  Trace& trace() requires TRACING { return trace_; }
  // After HALTED, when no more is asked of memory and instructions: gives theirs back to the kernel.
  void release() requires TRACING {
    memory_.discard();
    trace_.release_instructions();
  }

  // Final (or current) state: registers 0..32, the journal cell, memory (see Memory for what is listed).
  const std::array<Cell, isa::REGISTER_COUNT>& registers() const { return registers_; }
  Cell journal_cell() const { return journal_cell_; }
  const Memory<TRACING>& memory() const { return memory_; }

  Profiler& profiler() requires(MODE == Mode::PROFILE) { return profiler_; }

 private:
  class PrecompileHost;
  struct NoTrace {};
  struct NoProfiler {
    explicit NoProfiler(const Program&) {}
  };

  // One instruction's work; false: it trapped (and changed nothing) or halted.
  template <isa::RowOp OP>
  bool step(const isa::Row& row, const isa::Row*& at, uint32_t& pc);
  bool step_ecall(const isa::Row*& at, uint32_t& pc);
  bool step_precompile(uint32_t number, uint32_t pc);
  bool halt(uint32_t code, uint32_t journal_length);
  void print(int stream, uint32_t address, uint32_t length);
  void run_slice(uint64_t count);

  // Registers the access of a cell at `clock`; returns its value and the previous clock after a refresh if one was due.
  Cell touch(Cell& cell, uint32_t space, uint32_t addr, uint32_t clock);
  uint32_t refresh(Cell before, uint32_t space, uint32_t addr, uint32_t clock);
  Cell touch_register(unsigned index, uint32_t clock) {
    return touch(registers_[index], isa::SPACE_REGISTER, index, clock);
  }
  Cell touch_memory(uint32_t addr, uint32_t clock);

  const isa::Row* find_row(uint32_t pc) const;
  bool fail(TrapKind kind, uint32_t pc, std::string reason);
  bool fail_access(isa::Op op, uint32_t pc, uint32_t addr);
  bool fail_jump(uint32_t pc, uint32_t target);

#ifdef ZKVM_FAULTS
  // The lie, if it is of this kind and now.
  Fault* tell(FaultKind kind);
  // What the lie does to the row: another operation of its chip, another register, another immediate.
  isa::Row other_row(isa::Row row, const Fault& lie) const;
  void change_cell(const Fault& lie);
  // The word at addr as it was before its last store, instead of now; and back.
  Cell exchange_stale(uint32_t addr, Fault& lie);
  // Lies about a precompile's call: in what it is asked, in a word that it loads or stores, and in what it recorded.
  void before_call(uint32_t number, precompiles::CallEvent& event);
  uint32_t change_of_call(FaultKind kind);
  void after_call(uint32_t number, const precompiles::CallEvent& honest);
  void spoil_output(const Fault& lie);
  struct Stored {
    Cell before;
    uint32_t clk;  // of the store's instruction
  };
  std::unordered_map<uint32_t, Stored> stored_;
  const Fault* call_lie_ = nullptr;
  uint32_t words_of_call_ = 0;
  bool doubled_ = false;
#endif

  struct Range {
    uint32_t begin, count;  // count of instructions
    const isa::Row* rows;   // followed by one row that is not an instruction
  };

  const Program& program_;
  MachineOptions options_;
  Memory<TRACING> memory_;
  std::vector<isa::Row> rows_;
  std::vector<Range> ranges_;  // the largest first: jumps look there without a loop
  std::array<Cell, isa::REGISTER_COUNT> registers_{};
  Cell journal_cell_{};
  [[no_unique_address]] std::conditional_t<TRACING, Trace, NoTrace> trace_;
  [[no_unique_address]] std::conditional_t<MODE == Mode::PROFILE, Profiler, NoProfiler> profiler_;
  uint64_t cycles_ = 0, cells_ = 0;  // cells: PROFILE only
  uint32_t pc_ = 0;
  uint32_t clk_ = isa::FIRST_CLOCK;
  std::optional<Stop> end_;
  bool yield_ = false;  // leave `run` after this instruction
  uint32_t exit_code_ = 0;
  std::vector<uint8_t> journal_;
  std::optional<Trap> trap_;
};

using PlainMachine = BasicMachine<Mode::PLAIN>;
using TracingMachine = BasicMachine<Mode::TRACE>;
using ProfilingMachine = BasicMachine<Mode::PROFILE>;

extern template class BasicMachine<Mode::PLAIN>;
extern template class BasicMachine<Mode::TRACE>;
extern template class BasicMachine<Mode::PROFILE>;

}  // namespace zkvm::vm
