#pragma once
/// \file
/// Whether a proof of an execution could exist, fast: like stark/debug/checker, for a forger who counts every look-up
/// as he needs it. So a look-up holds if there is a row that provides it, and tables that are nothing but look-ups are
/// never laid out: whether they have an entry is computed.

#include <string>
#include <unordered_set>

#include "tests/nn/debug_source.hpp"

namespace zkvm::tests {

class LieChecker {
 public:
  explicit LieChecker(const vm::ProgramSetup& setup);

  /// Chips whose tables `refusal` does not need.
  static bool is_computed(size_t chip);
  /// "" if everything holds, else the first constraint that fails, or the bus of a message that is left over.
  /// `omitted`: a bus that is not looked at.
  std::string refusal(const DebugExecution& execution, int omitted = -1) const;

 private:
  std::unordered_set<uint64_t> program_;
};

}  // namespace zkvm::tests
