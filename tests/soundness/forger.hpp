#pragma once
/// \file
/// A lying prover for single rows: changes columns, repairs what depends on them as far as it can, and reports every
/// row that the proof system would accept although it says something that the machine does not do.

#include <functional>
#include <optional>
#include <string>

#include "tests/soundness/row_oracle.hpp"

namespace zkvm::soundness {

struct Forgery {
  std::string sample;
  std::vector<size_t> columns;  ///< changed, in order
  std::string why;  ///< what the row gets wrong; "nothing changes": a column of a real row may take several values
};
std::string describe(const Forgery& f);

struct ForgerOptions {
  uint32_t seed = 1;
  unsigned repairs = 8;     ///< random repair attempts per first change
  unsigned max_steps = 10;  ///< columns changed in one attempt
};

/// Tries to forge one row of a chip. The row itself must be acceptable and right.
class Forger {
 public:
  Forger(RowModel& model, const SampleRows& samples, ForgerOptions options);

  /// Every column is changed in many ways, alone and with repairs of constraints and look-ups that fail then. Returns
  /// the first forgery.
  std::optional<Forgery> attack(const SampleRows::Sample& sample);

 private:
  using Row = std::vector<stark::F>;
  enum class Verdict { REJECTED, RIGHT, FORGED };

  /// Loads the row; FORGED fills `why_`.
  Verdict judge(const Row& row);
  /// Changes one more column so that something that fails now holds. False if it found nothing to do.
  bool repair(Row& row, std::vector<size_t>& changed);
  /// Sets a column so that `value`, of degree at most 3 in it, becomes `target`; another value than now.
  bool solve(Row& row, size_t column, const std::function<stark::F()>& value, stark::F target);
  std::vector<stark::F> changes(stark::F value);

  RowModel& model_;
  const SampleRows& samples_;
  ForgerOptions options_;
  Random random_;
  size_t chip_ = 0;
  std::vector<RowMessage> honest_, messages_;
  std::vector<std::vector<size_t>> constraint_columns_;  ///< which columns a constraint may depend on
  std::string why_;
};

}  // namespace zkvm::soundness
