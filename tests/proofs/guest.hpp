#pragma once
/// \file
/// Writes guests instruction by instruction beside a model of what they do, so that the journal to expect is known from
/// isa/semantics.hpp alone, without an executor.

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "isa/decode.hpp"
#include "vm/elf/program.hpp"

namespace zkvm::proofs {

/// Straight-line code is modelled as it is emitted. Of branches and jumps only the word is emitted: the test lays out
/// both ways and says with `assume` which values come out. a7 is 1 throughout and a0 is `show`'s: tests leave x10 and
/// x17 alone.
class Guest {
 public:
  static constexpr uint8_t A0 = 10, A1 = 11, A7 = 17;

  explicit Guest(uint32_t entry = 0x1'0000, std::vector<uint8_t> input = {});

  /// The address of the next instruction.
  uint32_t pc() const { return pc_; }
  /// Continues at another address; nothing is emitted between.
  void at(uint32_t pc) { pc_ = pc; }
  /// Initial memory, loaded as a segment.
  void data(uint32_t addr, const std::vector<uint32_t>& words);

  void emit(const isa::Instruction& in);
  /// A word that is no instruction and must not be reached.
  void poison(unsigned words = 1);
  /// rd := value, always in two instructions.
  void li(uint8_t rd, uint32_t value);
  /// Goes on at `target` from here, wherever that is; spoils `link`.
  void jump(uint32_t target, uint8_t link = 0) { emit({isa::Op::JAL, link, 0, 0, target - pc_}); }
  /// `rounds` times two instructions; spoils x31.
  void wait(uint32_t rounds);

  uint32_t reg(uint8_t r) const { return registers_[r]; }
  /// Tells the model what code that it does not follow has done.
  void assume(uint8_t r, uint32_t value) {
    if (r != 0) registers_[r] = value;
  }
  /// The register's value becomes the journal's next word.
  void show(uint8_t r);
  /// Ends with this exit code and the first `journal_bytes` of the journal (which must cut off zeros only), all by
  /// default.
  void halt(uint32_t exit_code = 0, uint32_t journal_bytes = UINT32_MAX);

  vm::Program program() const;
  const std::vector<uint8_t>& input() const { return input_; }
  std::vector<uint8_t> expected_journal() const;
  uint32_t expected_exit_code() const { return exit_code_; }

 private:
  uint32_t load(uint32_t addr) const;

  uint32_t entry_, pc_;
  std::vector<uint8_t> input_;
  std::map<uint32_t, uint32_t> code_, data_;  ///< words of the file by address
  std::map<uint32_t, uint32_t> memory_;       ///< words as they are now, where they differ from the start
  std::array<uint32_t, 32> registers_{};
  std::vector<uint32_t> journal_;
  uint32_t exit_code_ = 0, journal_bytes_ = 0;
};

}  // namespace zkvm::proofs
