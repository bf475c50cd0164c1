#pragma once
/// \file
/// Honest rows of every chip and operation, made from isa/semantics without an execution, with edge operands.

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "isa/chips/traces.hpp"

namespace zkvm::soundness {

/// 32 random bits a call.
class Random {
 public:
  using result_type = uint32_t;
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t operator()() { return static_cast<uint32_t>(engine_()); }
  static constexpr uint32_t min() { return 0; }
  static constexpr uint32_t max() { return UINT32_MAX; }

 private:
  std::mt19937 engine_;
};

/// A program table with one instruction per case, and the rows that the cases' events fill.
class SampleRows {
 public:
  struct Sample {
    size_t chip;
    std::string name;            ///< operation and operands
    std::vector<stark::F> main;  ///< the row's main columns
  };

  /// `per_operation` random cases on top of the edge cases of each operation.
  SampleRows(uint32_t seed, unsigned per_operation);

  const std::vector<Sample>& samples() const { return samples_; }
  const isa::ProgramTable& program() const { return *program_; }
  /// The instruction at a pc of the program; op == COUNT if there is none.
  isa::Row instruction(uint32_t pc) const;

  static constexpr uint32_t FIRST_PC = 0x1'fff0;  ///< so that pc + 4 carries into the high limb once

 private:
  std::vector<isa::Row> rows_;
  std::vector<Sample> samples_;
  std::optional<isa::ProgramTable> program_;
};

}  // namespace zkvm::soundness
