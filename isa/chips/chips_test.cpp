#include <gtest/gtest.h>

#include <set>

#include "isa/chips/lookup/columns.hpp"
#include "isa/chips/registry.hpp"
#include "isa/chips/traces.hpp"
#include "isa/decode.hpp"

namespace zkvm::isa {
namespace {

using stark::F;

Row row_of(uint32_t pc, const Instruction& instruction) { return classify(pc, instruction); }

void expect_fields(const ProgramFields& f, const std::array<int64_t, 8>& expected) {
  const F* field = &f.pc;
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(field[i], F::from_i64(expected[i])) << "field " << i;
}

TEST(program_fields, immediates_are_signed_elements) {
  const uint32_t pc = 0x1'0000;
  expect_fields(program_fields(pc, row_of(pc, {Op::ADDI, 5, 6, 0, static_cast<uint32_t>(-7)})),
                {pc, row_code(RowOp::ADDI), 5, 6, 0, -7, 0, 0});
  expect_fields(program_fields(pc, row_of(pc, {Op::ADDI, 5, 5, 0, 9})),
                {pc, row_code(RowOp::ADDI_SAME), 5, 0, 0, 9, 0, 0});
  expect_fields(program_fields(pc, row_of(pc, {Op::SW, 0, 6, 7, static_cast<uint32_t>(-4)})),
                {pc, row_code(RowOp::SW), 0, 6, 7, -4, 0, 0});
}

TEST(program_fields, jal_is_a_constant_and_a_constant_next_pc) {
  const uint32_t pc = 0x1'fffc;
  expect_fields(program_fields(pc, row_of(pc, {Op::JAL, 1, 0, 0, 0x100})),
                {pc, row_code(RowOp::LI_CONST), 1, 0, 0, 0, 2, pc + 0x100});
}

TEST(program_fields, branches_have_an_entry_for_each_outcome) {
  const uint32_t pc = 0x1'0000, target = pc - 16;
  const Row bge = row_of(pc, {Op::BGE, 0, 6, 7, static_cast<uint32_t>(-16)});
  expect_fields(program_fields(pc, bge, false), {pc, row_code(RowOp::BLT), 0, 6, 7, target, 0, 0});
  expect_fields(program_fields(pc, bge, true), {pc, row_code(RowOp::BLT) + VARIANT, 0, 6, 7, pc + 4, 0, 0});
}

TEST(program_fields, shifts_say_where_limbs_are_cut) {
  const uint32_t pc = 0x1'0000;
  expect_fields(program_fields(pc, row_of(pc, {Op::SRAI, 5, 6, 0, 20})),
                {pc, row_code(RowOp::SRAI) + VARIANT, 5, 6, 0, 4, 16, 4096});
  expect_fields(program_fields(pc, row_of(pc, {Op::SLLI, 5, 6, 0, 3})),
                {pc, row_code(RowOp::SLLI), 5, 6, 0, 13, 8192, 8});
  expect_fields(program_fields(pc, row_of(pc, {Op::SLLI, 5, 6, 0, 0})),
                {pc, row_code(RowOp::SLLI), 5, 6, 0, 16, 65536, 1});
}

TEST(program_fields, writes_to_x0_go_to_the_sink) {
  const Row row = row_of(0x1'0000, {Op::ADD, 0, 6, 7, 0});
  EXPECT_EQ(program_fields(0x1'0000, row).rd, F::from(SINK_REGISTER));
}

TEST(program_fields, codes_of_different_operations_differ) {
  // Within what one chip can ask for, and between chips.
  std::set<uint32_t> codes;
  for (uint32_t op = 0; op < ROW_OP_COUNT; ++op) codes.insert(row_code(static_cast<RowOp>(op)));
  EXPECT_EQ(codes.size(), ROW_OP_COUNT);
  EXPECT_GT(*codes.begin(), 0u);
  EXPECT_LT(*codes.rbegin(), VARIANT + 1);
}

TEST(program_table, finds_entries_in_all_ranges) {
  const std::vector<Row> rows = {row_of(0x1'0000, {Op::ADDI, 5, 6, 0, 1}), Row{},
                                 row_of(0x2'0000, {Op::BEQ, 0, 5, 6, 8}), row_of(0x2'0004, {Op::LUI, 5, 0, 0, 0x1000}),
                                 row_of(0x2'0008, {Op::BNE, 0, 5, 0, static_cast<uint32_t>(-8)})};
  const PcRange ranges[] = {{0x1'0000, 0x1'0008, 0}, {0x2'0000, 0x2'000c, 2}};
  const ProgramTable table(ranges, rows);
  EXPECT_EQ(table.size(), rows.size() + 2);  // two branches
  for (uint32_t pc : {0x1'0000u, 0x2'0000u, 0x2'0004u, 0x2'0008u}) EXPECT_EQ(table[table.index(pc)].pc, F::from(pc));
  EXPECT_EQ(table[1].op, F::zero());
  for (bool holds : {false, true}) {
    const ProgramFields& beq = table[table.index(0x2'0000, holds)];
    EXPECT_EQ(beq.pc, F::from(0x2'0000));
    EXPECT_EQ(beq.c0, F::from(holds ? 0x2'0008 : 0x2'0004));
    EXPECT_EQ(table[table.index(0x2'0008, holds)].c0, F::from(holds ? 0x2'000c : 0x2'0000));
  }
}

TEST(lookup_table, has_every_range_once_and_every_and) {
  std::set<std::pair<uint32_t, uint32_t>> ranges;
  for (uint32_t i = 0; i < 1u << LOOKUP_LOG_HEIGHT; ++i) {
    LookupFixed<F> row;
    fill_lookup_preprocessed(i, &row.a);
    const uint32_t a = row.a.value(), b = row.b.value();
    ASSERT_EQ(a + 256 * b, i);
    ASSERT_EQ(row.and_result.value(), a & b);
    ASSERT_LT(row.bits.value(), 16u);
    ASSERT_LT(row.value.value(), 1u << row.bits.value());
    ranges.emplace(row.bits.value(), row.value.value());
  }
  EXPECT_EQ(ranges.size(), (1u << 16) - 1);  // the sum of 2^bits for bits below 16
}

TEST(image_table, starts_registers_the_journal_the_length_and_words_and_pads_apart) {
  struct Fixed {
    F segment, offset, lo, hi;
  };
  const ImageCell image[] = {{0x0001'0004, 0x1234'5678, false}, {0x0001'1008, 0x1234'5678, true}};
  std::set<std::pair<uint32_t, uint32_t>> cells;
  for (size_t i = 0; i < 64; ++i) {
    Fixed f;
    fill_image_preprocessed(image, i, &f.segment);
    EXPECT_TRUE(cells.emplace(f.segment.value(), f.offset.value()).second) << "row " << i << " starts a cell again";
    const bool word = i == IMAGE_FIRST_ROW || i == IMAGE_FIRST_ROW + 1;
    EXPECT_EQ(f.lo.value(), word ? 0x5678u : 0u);
    EXPECT_EQ(f.hi.value(), word ? 0x1234u : 0u);
    EXPECT_EQ(f.segment.value(), i < JOURNAL_CELL           ? REGISTER_SEGMENT
                                 : i == JOURNAL_CELL        ? JOURNAL_SEGMENT
                                 : i == INPUT_LENGTH_CELL   ? INPUT_LENGTH_SEGMENT
                                 : i == IMAGE_FIRST_ROW     ? 1
                                 : i == IMAGE_FIRST_ROW + 1 ? READ_ONLY_SPACE + 1
                                                            : PADDING_SEGMENT);
  }
}

TEST(registry, instruction_chips_come_first_in_the_order_of_the_decoder) {
  ASSERT_EQ(all_chips().size(), size_t{ChipId::COUNT});
  for (size_t c = 0; c < CHIP_COUNT; ++c) {
    EXPECT_EQ(all_chips()[c].name, chip_name(static_cast<Chip>(c)));
    EXPECT_EQ(all_chips()[c].row_weight, CLOCKS_PER_INSTRUCTION);
  }
}

TEST(registry, rows_cost_what_their_headers_say) {
  // Main columns and LogUp cells per row; a change is deliberate and goes into the chip's header too.
  const std::vector<unsigned> cells = {28, 45, 34, 60, 50, 75,  57,  68, 89, 71, 45, 28, 54, 53,
                                       68, 52, 66, 44, 83, 109, 118, 69, 27, 32, 40, 9,  7,  16};
  const stark::MachineDescription m = make_machine();
  ASSERT_EQ(m.chips.size(), cells.size());
  for (size_t c = 0; c < cells.size(); ++c) {
    const stark::Air& air = m.chips[c].air;
    EXPECT_EQ(air.main_width() + air.logup_width(), cells[c]) << air.name();
    EXPECT_FALSE(air.uses_next()) << air.name();
  }
}

TEST(small_inverses, invert) {
  const F* inverse = small_inverses();
  EXPECT_TRUE(inverse[0].is_zero());
  for (uint32_t x = 1; x < 1u << 17; x += 997) EXPECT_EQ(inverse[x] * F::from(x), F::one());
}

TEST(look_up_counts, add_up) {
  LookupCounts a(3), b(3);
  a.range16[5] = 1;
  b.range16[5] = 2;
  b.program[2] = 7;
  a += b;
  EXPECT_EQ(a.range16[5], 3u);
  EXPECT_EQ(a.program[2], 7u);
  a.clear();
  EXPECT_EQ(a.range16[5], 0u);
}

}  // namespace
}  // namespace zkvm::isa
