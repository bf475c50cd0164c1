// Cost per function and call stack, from watching jumps and precompile calls.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vm/elf/program.hpp"

namespace zkvm::vm {

// What execution has cost: instructions, and the committed cells of their rows.
struct Cost {
  uint64_t cycles = 0, cells = 0;

  Cost& operator+=(const Cost& o) {
    cycles += o.cycles;
    cells += o.cells;
    return *this;
  }
  friend Cost operator-(const Cost& a, const Cost& b) { return {a.cycles - b.cycles, a.cells - b.cells}; }
  bool zero() const { return cycles == 0 && cells == 0; }
};
enum class CostUnit : uint8_t { CYCLES, CELLS };
inline uint64_t in(CostUnit unit, const Cost& c) { return unit == CostUnit::CYCLES ? c.cycles : c.cells; }

// A jal or jalr that was executed.
struct JumpEvent {
  uint32_t pc, target;
  uint8_t link;    // destination register (32: none)
  uint8_t source;  // jalr: the register jumped through; jal: 0
  uint32_t stack_pointer;
  Cost cost;  // so far, the jump included
};

// Keeps a shadow call stack after the calling convention's hints (unprivileged specification, table "Return-address
// stack prediction hints"): linking through ra or t0 is a call, jumping through them without linking is a return. A
// return goes to the nearest frame that awaits its address, which unwinds longjmp and exceptions too; if there is none,
// frames whose stack has been given up are dropped. Any other jump into another function replaces the current one (tail
// call).
class Profiler {
 public:
  explicit Profiler(const Program& program);

  void jump(const JumpEvent& event);
  // A precompile call that cost `own`, after which `cost` has been paid in all: a frame of its own, named `name`, below
  // the function that made it.
  void precompile(const std::string& name, const Cost& own, const Cost& cost);
  // Attributes the cost since the last jump. To be called when execution ends.
  void finish(const Cost& cost);

  // "outer;inner cost" a line, sorted: the collapsed-stack format of flamegraph.pl, inferno and speedscope.
  void write_collapsed(std::ostream& out, CostUnit unit = CostUnit::CYCLES) const;

  // Cost of each function itself and of each precompile, the most expensive first.
  std::vector<std::pair<std::string, Cost>> functions(CostUnit unit = CostUnit::CYCLES) const;

 private:
  // A distinct call path. Paths deeper than MAX_DEPTH share the deepest node.
  struct Node {
    uint32_t parent;
    uint32_t function;
    uint32_t depth;
    Cost cost = {};
  };
  struct Frame {
    uint32_t node;
    uint32_t return_address;
    uint32_t stack_pointer;  // at the call
  };
  static constexpr uint32_t MAX_DEPTH = 512;
  static constexpr size_t MAX_FRAMES = 1u << 20;  // far beyond any stack that fits into the guest's memory

  // Functions are numbered by symbol, the next number standing for code without one, further ones for precompiles.
  uint32_t function_at(uint32_t pc) const;
  std::string function_name(uint32_t function) const;
  uint32_t child(uint32_t parent, uint32_t function);
  void call(const JumpEvent& event);
  bool try_return(const JumpEvent& event);

  const Program& program_;
  std::vector<Node> nodes_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> children_;
  std::vector<Frame> frames_;
  std::map<std::string, uint32_t> precompiles_;
  std::vector<std::string> precompile_names_;
  Cost attributed_;
};

}  // namespace zkvm::vm
