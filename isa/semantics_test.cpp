#include "isa/semantics.hpp"

#include <gtest/gtest.h>

namespace zkvm::isa {
namespace {

constexpr uint32_t MIN = 0x80000000u, MAX = 0x7fffffffu, MINUS_ONE = 0xffffffffu;

TEST(semantics, div_by_zero_returns_all_ones_and_remainder_the_dividend) {
  for (uint32_t a : {0u, 1u, MAX, MIN, MINUS_ONE, 12345u}) {
    EXPECT_EQ(alu(Op::DIV, a, 0), MINUS_ONE);
    EXPECT_EQ(alu(Op::DIVU, a, 0), MINUS_ONE);
    EXPECT_EQ(alu(Op::REM, a, 0), a);
    EXPECT_EQ(alu(Op::REMU, a, 0), a);
  }
}

TEST(semantics, signed_division_overflow_wraps) {
  EXPECT_EQ(alu(Op::DIV, MIN, MINUS_ONE), MIN);
  EXPECT_EQ(alu(Op::REM, MIN, MINUS_ONE), 0u);
}

TEST(semantics, signed_division_truncates_towards_zero) {
  EXPECT_EQ(alu(Op::DIV, as_unsigned(-7), 2), as_unsigned(-3));
  EXPECT_EQ(alu(Op::REM, as_unsigned(-7), 2), as_unsigned(-1));
  EXPECT_EQ(alu(Op::DIV, 7, as_unsigned(-2)), as_unsigned(-3));
  EXPECT_EQ(alu(Op::REM, 7, as_unsigned(-2)), 1u);
  EXPECT_EQ(alu(Op::DIVU, as_unsigned(-7), 2), 0x7ffffffcu);
  EXPECT_EQ(alu(Op::REMU, as_unsigned(-7), 2), 1u);
}

TEST(semantics, high_products_at_the_extremes) {
  EXPECT_EQ(alu(Op::MULH, MIN, MIN), 0x40000000u);
  EXPECT_EQ(alu(Op::MULH, MINUS_ONE, MINUS_ONE), 0u);
  EXPECT_EQ(alu(Op::MULH, MIN, MAX), 0xc0000000u);
  EXPECT_EQ(alu(Op::MULHU, MINUS_ONE, MINUS_ONE), 0xfffffffeu);
  EXPECT_EQ(alu(Op::MULHSU, MINUS_ONE, MINUS_ONE), MINUS_ONE);  // -1 * (2^32 - 1)
  EXPECT_EQ(alu(Op::MULHSU, MIN, MINUS_ONE), 0x80000000u);      // -2^31 * (2^32 - 1) = -2^63 + 2^31
  EXPECT_EQ(alu(Op::MULHSU, MAX, MINUS_ONE), 0x7ffffffeu);
  EXPECT_EQ(alu(Op::MUL, MIN, MINUS_ONE), MIN);
}

TEST(semantics, shifts_use_the_low_five_bits) {
  EXPECT_EQ(alu(Op::SLL, 1, 32), 1u);
  EXPECT_EQ(alu(Op::SLL, 1, 31), MIN);
  EXPECT_EQ(alu(Op::SRL, MIN, 0xffffffe1u), 0x40000000u);
  EXPECT_EQ(alu(Op::SRA, MIN, 31), MINUS_ONE);
  EXPECT_EQ(alu(Op::SRA, MIN, 0), MIN);
  EXPECT_EQ(alu(Op::SRAI, MAX, 31), 0u);
}

TEST(semantics, comparisons_differ_in_sign) {
  EXPECT_EQ(alu(Op::SLT, MIN, MAX), 1u);
  EXPECT_EQ(alu(Op::SLTU, MIN, MAX), 0u);
  EXPECT_EQ(alu(Op::SLTI, 0, MINUS_ONE), 0u);
  EXPECT_EQ(alu(Op::SLTIU, 0, MINUS_ONE), 1u);
  EXPECT_TRUE(branch_taken(Op::BLT, MINUS_ONE, 0));
  EXPECT_FALSE(branch_taken(Op::BLTU, MINUS_ONE, 0));
  EXPECT_TRUE(branch_taken(Op::BGE, 5, 5));
  EXPECT_TRUE(branch_taken(Op::BGEU, 5, 5));
  EXPECT_FALSE(branch_taken(Op::BNE, 5, 5));
}

TEST(semantics, loads_extract_and_extend) {
  const uint32_t word = 0x80ff7f01u;
  EXPECT_EQ(load_extract(Op::LB, word, 0x1000), 1u);
  EXPECT_EQ(load_extract(Op::LB, word, 0x1001), 0x7fu);
  EXPECT_EQ(load_extract(Op::LB, word, 0x1002), MINUS_ONE);
  EXPECT_EQ(load_extract(Op::LBU, word, 0x1003), 0x80u);
  EXPECT_EQ(load_extract(Op::LB, word, 0x1003), 0xffffff80u);
  EXPECT_EQ(load_extract(Op::LH, word, 0x1002), 0xffff80ffu);
  EXPECT_EQ(load_extract(Op::LHU, word, 0x1002), 0x80ffu);
  EXPECT_EQ(load_extract(Op::LH, word, 0x1000), 0x7f01u);
  EXPECT_EQ(load_extract(Op::LW, word, 0x1000), word);
}

TEST(semantics, stores_change_only_their_bytes) {
  const uint32_t word = 0x11223344u, value = 0xaabbccddu;
  EXPECT_EQ(store_merge(Op::SB, word, value, 0), 0x112233ddu);
  EXPECT_EQ(store_merge(Op::SB, word, value, 1), 0x1122dd44u);
  EXPECT_EQ(store_merge(Op::SB, word, value, 3), 0xdd223344u);
  EXPECT_EQ(store_merge(Op::SH, word, value, 0), 0x1122ccddu);
  EXPECT_EQ(store_merge(Op::SH, word, value, 2), 0xccdd3344u);
  EXPECT_EQ(store_merge(Op::SW, word, value, 0), value);
}

}  // namespace
}  // namespace zkvm::isa
