// No column of any chip can be lied about: every change of a row, with whatever else has to be changed for it, is
// either rejected or gives another row that is right. And the search would find it if it were not so: see
// necessity_test.cpp.
#include <gtest/gtest.h>

#include "isa/chips/registry.hpp"
#include "tests/soundness/forger.hpp"
#include "tests/soundness/traced_program.hpp"

namespace zkvm::soundness {
namespace {

class ForgeColumns : public testing::TestWithParam<size_t> {
 protected:
  const stark::Air& air() const { return machine().chips[GetParam()].air; }
  std::vector<SampleRows::Sample> samples(const SampleRows& all) const {
    std::vector<SampleRows::Sample> mine;
    for (const auto& s : all.samples())
      if (s.chip == GetParam()) mine.push_back(s);
    return mine;
  }
};

TEST_P(ForgeColumns, honest_rows_say_what_the_instruction_does) {
  const SampleRows all(11, 60);
  RowModel model(air(), all);
  for (const auto& s : samples(all)) {
    model.load(s.main);
    for (unsigned k = 0; k < air().constraints(); ++k)
      ASSERT_TRUE(model.constraints()[k].is_zero()) << s.name << ": " << air().constraint_label(k);
    const auto messages = model.messages();
    for (const RowMessage& m : messages)
      ASSERT_TRUE(!m.local || model.has_entry(m)) << s.name << ": " << air().messages()[m.index].label;
    ASSERT_TRUE(is_possible(GetParam(), messages)) << s.name;
    ASSERT_EQ(contradiction(GetParam(), messages, all), "") << s.name;
  }
}

TEST_P(ForgeColumns, an_all_zero_row_is_silent) {
  const SampleRows all(12, 1);
  RowModel model(air(), all);
  model.load(std::vector<stark::F>(air().main_width()));
  for (unsigned k = 0; k < air().constraints(); ++k)
    EXPECT_TRUE(model.constraints()[k].is_zero()) << air().constraint_label(k);
  EXPECT_TRUE(model.messages().empty());
}

TEST_P(ForgeColumns, no_column_can_be_lied_about) {
  const SampleRows all(13, 3);
  RowModel model(air(), all);
  Forger forger(model, all, {.seed = 14, .repairs = 5});
  for (const auto& s : samples(all)) {
    const auto forgery = forger.attack(s);
    ASSERT_FALSE(forgery.has_value()) << describe(*forgery);
  }
}

std::vector<size_t> row_chips() {
  std::vector<size_t> chips;
  for (size_t c = 0; c <= isa::ChipId::INPUT_MEMORY; ++c) chips.push_back(c);
  return chips;
}
INSTANTIATE_TEST_SUITE_P(chips, ForgeColumns, testing::ValuesIn(row_chips()),
                         [](const auto& info) { return isa::all_chips()[info.param].name; });

}  // namespace
}  // namespace zkvm::soundness
