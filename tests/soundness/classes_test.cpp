// The ways in which published zkVMs were broken, tried on whole executions: a liar edits rows, repairs every look-up
// count, and something must be left over. What can be wrong within one row is in forge_columns_test.cpp and
// by_hand_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "isa/chips/add/columns.hpp"
#include "isa/chips/ecall/columns.hpp"
#include "isa/chips/image/columns.hpp"
#include "isa/chips/jalr/columns.hpp"
#include "isa/chips/li/columns.hpp"
#include "isa/chips/lw/columns.hpp"
#include "isa/chips/memory_boundary/columns.hpp"
#include "isa/chips/refresh/columns.hpp"
#include "isa/chips/sw/columns.hpp"
#include "isa/decode.hpp"
#include "tests/soundness/row_oracle.hpp"
#include "tests/soundness/traced_program.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::soundness {
namespace {

using isa::ChipId;
using isa::encode;
using isa::Op;
using stark::DebugReport;
using stark::DebugTable;
using stark::F;

F f(int64_t v) { return F::from_i64(v); }

constexpr uint32_t DATA = 0x40'0000;
constexpr uint8_t A0 = 10, A1 = 11, A7 = 17, X5 = 5, X6 = 6, X7 = 7;

uint32_t addi(uint8_t rd, uint8_t rs1, int32_t imm) {
  return encode({Op::ADDI, rd, rs1, 0, static_cast<uint32_t>(imm)});
}
uint32_t lui(uint8_t rd, uint32_t value) { return encode({Op::LUI, rd, 0, 0, value}); }
uint32_t lw(uint8_t rd, uint8_t base, int32_t imm) { return encode({Op::LW, rd, base, 0, static_cast<uint32_t>(imm)}); }
uint32_t sw(uint8_t base, uint8_t rs2, int32_t imm) {
  return encode({Op::SW, 0, base, rs2, static_cast<uint32_t>(imm)});
}
uint32_t add(uint8_t rd, uint8_t rs1, uint8_t rs2) { return encode({Op::ADD, rd, rs1, rs2, 0}); }

using Code = std::vector<uint32_t>;

/// Sends a0 to the journal.
Code write_journal() { return {addi(A7, 0, 1), encode({Op::ECALL})}; }
Code halt(int32_t code, int32_t length) {
  return {addi(A0, 0, code), addi(A1, 0, length), addi(A7, 0, 0), encode({Op::ECALL})};
}
Code operator+(Code a, const Code& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class Classes : public testing::Test {
 protected:
  void run(const Code& code, const std::vector<uint8_t>& input = {}) {
    t = trace(assemble(code, std::vector<uint8_t>(64)), input);
    const DebugReport honest = t.check();
    ASSERT_TRUE(honest.ok()) << honest.text();
  }
  template <template <class> class Columns>
  Columns<F>& row(size_t chip, size_t i) {
    return TracedProgram::row<Columns>(t.table(chip), i);
  }
  /// The buses that do not balance after all look-up counts are repaired; "constraint" if one fails.
  std::vector<std::string> broken() {
    for (auto& shard : t.shards) repair_lookups(shard);
    const DebugReport report = t.check();
    std::vector<std::string> names;
    if (report.constraint_failures != 0) names.emplace_back("constraint");
    for (const auto& b : report.buses) names.push_back(b.bus);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }
  using Names = std::vector<std::string>;

  TracedProgram t;
};

// 1. Missing range checks, two representatives of one value.

TEST_F(Classes, a_jump_does_not_go_through_an_alias_of_its_target) {
  // The jump's base register holds the target + p, which is the same field element.
  run(Code{lui(X5, 0x1'0000), encode({Op::JALR, 1, X5, 0, 8})} + halt(0, 0));
  auto& jump = row<isa::JalrColumns>(ChipId::JALR, 0);
  // lui x5 writes what the program says, so it takes another program for this; its bus is left over as well.
  jump.rs1.value.lo += f(1);
  jump.rs1.value.hi += f(0x7f00);
  EXPECT_EQ(broken(), (Names{"memory", "range"}));
}

TEST_F(Classes, a_load_does_not_go_through_an_alias_of_its_address) {
  run(Code{lui(X5, DATA), lw(X6, X5, 4)} + halt(0, 0));
  auto& load = row<isa::LwColumns>(ChipId::LW, 0);
  load.rs1.value.lo += f(1);
  load.rs1.value.hi += f(0x7f00);
  // Without limbs, base + 4 would still be the same element; with them, no such cell exists.
  const DebugReport report = t.check();
  EXPECT_EQ(report.constraint_failures, 0u);
  EXPECT_EQ(broken(), Names{"memory"});
}

TEST_F(Classes, a_written_value_is_no_sum_with_an_unreduced_limb) {
  run(Code{lui(X5, 0xf000), addi(X5, X5, 0x7ff), addi(X5, X5, 1), add(X6, X5, X5)} + halt(0, 0));
  auto& sum = row<isa::AddColumns>(ChipId::ADD, 0);
  // 2 * 0xf800 = 0x1f000: keep the carry in the low limb.
  ASSERT_EQ(sum.result.lo, f(0xf000));
  sum.result = {f(0x1'f000), f(0)};
  auto& x6 = row<isa::ImageColumns>(ChipId::IMAGE, X6);
  x6.final_lo = f(0x1'f000);
  x6.final_hi = f(0);
  EXPECT_EQ(broken(), Names{"range"});
}

// 2. Padding rows that speak, multiplicities that are no 0 or 1.

TEST_F(Classes, padding_rows_that_claim_to_be_real_find_no_instruction) {
  run(Code{lui(X5, DATA), lw(X6, X5, 4), sw(X5, X6, 8), add(X7, X5, X6)} + write_journal() + halt(0, 4));
  const TracedProgram honest = t;
  for (const DebugTable& table : honest.shards[0]) {
    if (table.chip >= isa::CHIP_COUNT) continue;
    const size_t last = (size_t{1} << table.log_height) - 1;  // padding: there are fewer rows than 32
    for (uint32_t value : {1u, 2u, F::P - 1}) {
      t = honest;
      TracedProgram::cell(t.table(table.chip), last, 0) = F::from(value);  // the first flag
      EXPECT_FALSE(broken().empty()) << isa::all_chips()[table.chip].name << " " << value;
    }
  }
}

TEST_F(Classes, a_row_does_not_count_twice) {
  run(Code{lui(X5, DATA), sw(X5, X5, 0)} + halt(0, 0));
  row<isa::SwColumns>(ChipId::SW, 0).is_real = f(2);
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "constraint"), names.end());
}

TEST_F(Classes, multiplicities_cannot_add_up_to_p) {
  // The verifier counts messages before it looks at any: 2^20 messages a table row are too many.
  const auto& m = machine();
  std::vector<stark::ShardLayout> layouts(1);
  for (unsigned i = 0; i < 100; ++i) layouts[0].tables.push_back({ChipId::DIV, 22});
  EXPECT_NE(stark::check_shards(m, layouts, 10), nullptr);
}

// 3. Ends of chains.

TEST_F(Classes, an_execution_does_not_stop_without_halting) {
  run(Code{addi(X5, 0, 1), addi(X5, X5, 1)} + halt(3, 0));
  DebugTable& ecalls = t.table(ChipId::ECALL);
  std::fill(ecalls.main.begin(), ecalls.main.end(), F::zero());
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "halt"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "state"), names.end());
}

TEST_F(Classes, an_execution_does_not_halt_twice) {
  run(halt(3, 0));
  auto& first = row<isa::EcallColumns>(ChipId::ECALL, 0);
  row<isa::EcallColumns>(ChipId::ECALL, 1) = first;
  const Names names = broken();
  EXPECT_EQ(names, (Names{"halt", "memory", "state"}));
}

TEST_F(Classes, a_memory_word_does_not_start_twice) {
  run(Code{lui(X5, 0x100'0000), sw(X5, X5, 0), lw(X6, X5, 0), lw(X7, X5, 4)} + halt(0, 0));
  // The second touched word pretends to be the first, so that the store could be forgotten.
  auto& second = row<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, 1).region;
  second.low -= f(1);
  second.gap = {f(-1), f(0)};
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "range"), names.end());
}

TEST_F(Classes, the_zero_region_does_not_reach_below_its_start) {
  run(Code{lui(X5, 0x100'0000), lw(X6, X5, 0)} + halt(0, 0));
  // The word just before the region is in the image: it would start a second time, with 0.
  auto& word = row<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, 0).region;
  const F start = word.low + f(16384) * word.high - word.gap.lo - f(65536) * word.gap.hi;  // the region's first word
  const uint32_t below = start.value() - 1;
  word.low = f(below & 0x3fff);
  word.high = f(below >> 14);
  word.gap = {f(-1), f(0)};
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "range"), names.end());
}

TEST_F(Classes, the_image_occurs_once) {
  const auto& m = machine();
  std::vector<stark::ShardLayout> layouts(2);
  for (auto& l : layouts) l.tables = {{ChipId::IMAGE, 5}};
  EXPECT_NE(stark::check_shards(m, layouts, 10), nullptr);
  layouts[0].tables.clear();
  EXPECT_EQ(stark::check_shards(m, layouts, 10), nullptr);
  layouts[1].tables.clear();
  EXPECT_NE(stark::check_shards(m, layouts, 10), nullptr);
}

// 4. Clock, pc, operands or mode not bound to the buses.

TEST_F(Classes, one_register_read_twice_has_one_value) {
  run(Code{addi(X5, 0, 7), add(X6, X5, X5)} + halt(0, 0));
  auto& sum = row<isa::AddColumns>(ChipId::ADD, 0);
  sum.rs2.value.lo = f(8);
  sum.result.lo = f(15);
  TracedProgram::row<isa::ImageColumns>(t.table(ChipId::IMAGE), X6).final_lo = f(15);
  EXPECT_EQ(broken(), Names{"memory"});
}

TEST_F(Classes, an_operand_is_the_register_that_the_program_names) {
  run(Code{addi(X5, 0, 7), addi(X6, 0, 9), add(X7, X5, X5)} + halt(0, 0));
  auto& sum = row<isa::AddColumns>(ChipId::ADD, 0);
  sum.rs2.reg = f(X6);
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "program"), names.end());
}

TEST_F(Classes, a_stale_value_cannot_be_read_by_turning_time_back) {
  // x6 := 1; mem := x6; x6 := 2; mem := x6; x7 := mem. The liar lets the load come right after the first store.
  run(Code{lui(X5, DATA), addi(X6, 0, 1), sw(X5, X6, 0), addi(X6, 0, 2), sw(X5, X6, 0), lw(X7, X5, 0)} + halt(0, 0));
  auto& first = row<isa::SwColumns>(ChipId::SW, 0);
  auto& second = row<isa::SwColumns>(ChipId::SW, 1);
  auto& load = row<isa::LwColumns>(ChipId::LW, 0);
  load.value.lo = f(1);
  load.memory_prev = first.at.clk + f(2);
  second.old.lo = f(1);
  second.memory_prev = load.at.clk + f(2);
  DebugTable& image = t.table(ChipId::IMAGE);
  TracedProgram::row<isa::ImageColumns>(image, X7).final_lo = f(1);
  // The last access of the word is the second store now.
  for (size_t i = 0; i < size_t{1} << image.log_height; ++i) {
    auto& cell = TracedProgram::row<isa::ImageColumns>(image, i);
    if (cell.final_clk == load.at.clk + f(2)) cell.final_clk = second.at.clk + f(2);
  }
  // All messages of memory balance; only the gap of the second store is negative.
  EXPECT_EQ(broken(), Names{"range"});
}

TEST_F(Classes, a_refresh_does_not_turn_time_back) {
  Code code = {lui(X5, DATA), addi(X6, 0, 1), sw(X5, X6, 0), lui(X7, 0x8000)};
  const Code loop = {addi(X7, X7, -1), encode({Op::BNE, 0, X7, 0, static_cast<uint32_t>(-4)})};
  run(code + loop + Code{lw(X6, X5, 0)} + halt(0, 0));
  auto& refresh = row<isa::RefreshColumns>(ChipId::REFRESH, 0);
  std::swap(refresh.old_clk, refresh.new_clk.lo);
  refresh.new_clk.hi = f(0);
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "range"), names.end());
}

TEST_F(Classes, an_ecall_is_the_one_that_a7_selects) {
  run(Code{addi(A0, 0, 5), addi(A7, 0, 2), addi(A1, 0, 0), lui(A0, DATA), encode({Op::ECALL})} + halt(0, 0));
  auto& call = row<isa::EcallColumns>(ChipId::ECALL, 0);
  ASSERT_EQ(call.is_stdout, F::one());
  call.is_stdout = F::zero();
  call.is_stderr = F::one();
  EXPECT_EQ(broken(), Names{"memory"});
}

TEST_F(Classes, the_exit_code_is_a0) {
  run(halt(3, 0));
  row<isa::EcallColumns>(ChipId::ECALL, 0).a0.lo = f(0);
  EXPECT_EQ(broken(), (Names{"halt", "memory"}));
}

TEST_F(Classes, journal_words_keep_their_order) {
  run(Code{addi(A0, 0, 11)} + write_journal() + Code{addi(A0, 0, 22)} + write_journal() + halt(0, 8));
  auto& first = row<isa::EcallColumns>(ChipId::ECALL, 0);
  auto& second = row<isa::EcallColumns>(ChipId::ECALL, 1);
  ASSERT_EQ(second.index, F::one());
  std::swap(first.index, second.index);
  EXPECT_EQ(broken(), (Names{"journal", "memory"}));
}

TEST_F(Classes, another_journal_is_another_statement) {
  run(Code{addi(A0, 0, 11)} + write_journal() + halt(0, 4));
  for (auto& m : t.boundary)
    if (m.bus == isa::JOURNAL.id) m.fields[1] = f(12);
  EXPECT_EQ(broken(), Names{"journal"});
}

TEST_F(Classes, the_input_is_the_same_wherever_it_is_read) {
  run(Code{lui(X5, vm::INPUT_BEGIN), lw(X6, X5, 4), lw(X7, X5, 4), add(A0, X6, X7)} + halt(0, 0), {1, 2, 3, 4});
  row<isa::LwColumns>(ChipId::LW, 1).value.lo += f(1);
  EXPECT_EQ(broken(), Names{"memory"});
}

TEST_F(Classes, an_instruction_is_not_left_out) {
  run(Code{lui(X5, 0x1000), lui(X6, 0x2000)} + halt(0, 0));
  DebugTable& table = t.table(ChipId::LI);
  auto& second = TracedProgram::row<isa::LiColumns>(table, 1);
  second = isa::LiColumns<F>{};
  const Names names = broken();
  EXPECT_NE(std::find(names.begin(), names.end(), "state"), names.end());
}

// 7. Shapes that the prover chooses.

TEST_F(Classes, the_clock_cannot_be_made_to_wrap) {
  const auto& m = machine();
  std::vector<stark::ShardLayout> layouts(33);
  layouts[0].tables = {{ChipId::IMAGE, 5}};
  for (size_t i = 1; i < layouts.size(); ++i) layouts[i].tables = {{ChipId::ADDI, 22}};
  EXPECT_NE(stark::check_shards(m, layouts, 10), nullptr);  // 32 tables of 2^22 rows, 4 clocks each: 2^29
  layouts.pop_back();
  EXPECT_EQ(stark::check_shards(m, layouts, 10), nullptr);
  for (size_t c = 0; c < m.chips.size(); ++c) EXPECT_EQ(m.chips[c].row_weight, c < isa::CHIP_COUNT ? 4u : 0u);
}

TEST_F(Classes, every_chip_is_at_its_place) {
  for (size_t c = 0; c < isa::CHIP_COUNT; ++c)
    EXPECT_EQ(isa::all_chips()[c].name, isa::chip_name(static_cast<isa::Chip>(c)));
}

}  // namespace
}  // namespace zkvm::soundness
