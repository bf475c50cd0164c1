// The forger's power, and the chips' economy: without any one constraint or look-up, a forgery is found. What the
// search cannot show is listed with the reason, and what it is too shallow for is forged by hand below.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "isa/chips/registry.hpp"
#include "tests/soundness/forger.hpp"
#include "tests/soundness/traced_program.hpp"

namespace zkvm::soundness {
namespace {

using isa::ChipId;
using stark::F;

/// Implied by the chip's other constraints, kept because they make the argument short.
const char* const FLAGS = "the other flags and the sum are boolean, or the outcome leaves no choice";
const char* const PADDING_ONLY = "on padding rows the column is multiplied by nothing";
const char* const BY_HAND = "forged by hand in this file";

/// Constraints and look-ups whose omission the search is not expected to exploit: chip, label, reason.
const std::vector<std::array<std::string, 3>> EXEMPT = {
    {"ADD", "op flag is boolean", FLAGS},
    {"ADD_SAME", "op flag is boolean", FLAGS},
    {"LOGIC", "op flag is boolean", FLAGS},
    {"LOGIC_I", "op flag is boolean", FLAGS},
    {"BEQ", "op flag is boolean", FLAGS},
    {"BEQZ", "op flag is boolean", FLAGS},
    {"BEQZ", "at most one op flag", FLAGS},
    {"BLT", "op flag is boolean", FLAGS},
    {"STORE_SUB", "op flag is boolean", FLAGS},
    {"ADDI", "wrap is -1, 0 or 1", "a wrap is 0 or the carry"},
    {"SLT", "less only on real rows", PADDING_ONLY},
    {"SLT", "same_high only on real rows", PADDING_ONLY},
    {"BLT", "less only on real rows", PADDING_ONLY},
    {"BLT", "same_high only on real rows", PADDING_ONLY},
    {"LW", "address carry is -1, 0 or 1", "another carry moves the offset by one, and no cell has such an offset"},
    {"SW", "address carry is -1, 0 or 1", "as for LW"},
    {"LOAD_SUB", "half-words are aligned", BY_HAND},
    {"STORE_SUB", "half-words are aligned", BY_HAND},
    {"STORE_SUB", "address carry is -1, 0 or 1", BY_HAND},
    {"SHIFT_R", "amount bit is boolean", BY_HAND},
    {"DIV", "borrow is boolean", BY_HAND},
    {"DIV", "rs2 is 0", "a quotient of all ones fits a divisor of 1 alone, and is right then"},
    {"DIV", "dividend_lo", "the limbs of the dividend may be shifted against each other without changing its value"},
};
bool is_exempt(const std::string& chip, const std::string& label) {
  for (const auto& e : EXEMPT)
    if (e[0] == chip && e[1] == label) return true;
  return false;
}

class Necessity : public testing::TestWithParam<size_t> {};

TEST_P(Necessity, without_any_one_check_there_is_a_forgery) {
  const size_t chip = GetParam();
  const stark::Air& air = machine().chips[chip].air;
  const SampleRows all(13, 2);
  const auto forgeable = [&](Omitted omitted) {
    // The search is random: a few seeds before it counts as failed.
    for (uint32_t seed = 3; seed < 9; ++seed) {
      RowModel model(air, all, omitted);
      Forger forger(model, all, {.seed = seed, .repairs = 6});
      for (const auto& s : all.samples())
        if (s.chip == chip && forger.attack(s)) return true;
    }
    return false;
  };
  for (unsigned k = 0; k < air.constraints(); ++k) {
    if (is_exempt(air.name(), air.constraint_label(k))) continue;
    EXPECT_TRUE(forgeable({.constraint = static_cast<int>(k)}))
        << "constraint " << k << ", " << air.constraint_label(k);
  }
  for (size_t k = 0; k < air.messages().size(); ++k) {
    const stark::Message& m = air.messages()[k];
    if (!m.local || is_exempt(air.name(), m.label)) continue;
    EXPECT_TRUE(forgeable({.message = static_cast<int>(k)})) << "message " << k << ", " << m.label;
  }
}

std::vector<size_t> row_chips() {
  std::vector<size_t> chips;
  for (size_t c = 0; c <= ChipId::INPUT_MEMORY; ++c) chips.push_back(c);
  return chips;
}
INSTANTIATE_TEST_SUITE_P(chips, Necessity, testing::ValuesIn(row_chips()),
                         [](const auto& info) { return isa::all_chips()[info.param].name; });

}  // namespace
}  // namespace zkvm::soundness
