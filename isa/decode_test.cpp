#include "isa/decode.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <random>

namespace zkvm::isa {
namespace {

Instruction random_instruction(Op op, std::mt19937& random) {
  Instruction in{.op = op};
  const Format format = opcode(op).format;
  auto reg = [&] { return static_cast<uint8_t>(random() % 32); };
  auto sign_extended = [&](unsigned width) {
    return static_cast<uint32_t>(static_cast<int32_t>(random()) >> (32 - width));
  };
  if (format == Format::R || format == Format::I || format == Format::SHIFT || format == Format::U ||
      format == Format::J) {
    in.rd = reg();
  }
  if (format != Format::U && format != Format::J && format != Format::NONE) in.rs1 = reg();
  if (format == Format::R || format == Format::S || format == Format::B) in.rs2 = reg();
  switch (format) {
    case Format::I:
    case Format::S:
      in.imm = sign_extended(12);
      break;
    case Format::SHIFT:
      in.imm = static_cast<uint32_t>(random() % 32);
      break;
    case Format::B:
      in.imm = sign_extended(12) * 2;
      break;
    case Format::J:
      in.imm = sign_extended(20) * 2;
      break;
    case Format::U:
      in.imm = static_cast<uint32_t>(random()) & 0xfffff000u;
      break;
    case Format::R:
    case Format::NONE:
      break;
  }
  return in;
}

TEST(decode, encode_then_decode_returns_every_instruction) {
  std::mt19937 random(1);
  for (size_t i = 0; i < OP_COUNT; ++i) {
    for (int k = 0; k < 2000; ++k) {
      const Instruction in = random_instruction(static_cast<Op>(i), random);
      const auto out = decode(encode(in));
      ASSERT_TRUE(out.has_value()) << OPCODES[i].name;
      ASSERT_EQ(*out, in) << OPCODES[i].name;
    }
  }
}

TEST(decode, every_decodable_word_encodes_to_itself) {
  std::mt19937 random(2);
  size_t decoded = 0;
  for (int k = 0; k < 5'000'000; ++k) {
    const uint32_t word = static_cast<uint32_t>(random()) | 3;  // a word, not a compressed pair
    const auto in = decode(word);
    if (!in) continue;
    ++decoded;
    ASSERT_EQ(encode(*in), word);
  }
  EXPECT_GT(decoded, 500'000u);
}

TEST(decode, table_entries_exclude_each_other) {
  for (size_t i = 0; i < OP_COUNT; ++i) {
    EXPECT_EQ(OPCODES[i].match & ~OPCODES[i].mask, 0u) << OPCODES[i].name;
    for (size_t j = 0; j < i; ++j) {
      const uint32_t shared = OPCODES[i].mask & OPCODES[j].mask;
      EXPECT_NE(OPCODES[i].match & shared, OPCODES[j].match & shared) << OPCODES[i].name << " " << OPCODES[j].name;
    }
  }
}

TEST(decode, known_words) {
  // From the output of the GNU assembler.
  EXPECT_EQ(decode(0xff010113), (Instruction{Op::ADDI, 2, 2, 0, 0xfffffff0}));
  EXPECT_EQ(decode(0x00112623), (Instruction{Op::SW, 0, 2, 1, 12}));
  EXPECT_EQ(decode(0xfedd1ae3), (Instruction{Op::BNE, 0, 26, 13, 0xfffffff4}));
  EXPECT_EQ(decode(0x4050d093), (Instruction{Op::SRAI, 1, 1, 0, 5}));
  EXPECT_EQ(decode(0x02c5f533), (Instruction{Op::REMU, 10, 11, 12, 0}));
  EXPECT_EQ(decode(0x00008067), (Instruction{Op::JALR, 0, 1, 0, 0}));
  EXPECT_EQ(decode(0x0ff0000f), (Instruction{Op::FENCE, 0, 0, 0, 0xff}));
  EXPECT_EQ(decode(0x00000073), (Instruction{Op::ECALL}));
}

TEST(decode, refuses_what_the_machine_does_not_execute) {
  EXPECT_FALSE(decode(0x00100073));  // ebreak
  EXPECT_FALSE(decode(0xc0002573));  // csrr a0, cycle
  EXPECT_FALSE(decode(0x30200073));  // mret
  EXPECT_FALSE(decode(0x00000000));
  EXPECT_FALSE(decode(0xffffffff));
  EXPECT_FALSE(decode(0x00004501));  // c.li a0, 0
  EXPECT_FALSE(decode(0x02051513));  // slli with shamt[5], RV64 only
  EXPECT_FALSE(decode(0x00053503));  // ld
  EXPECT_FALSE(decode(0x1005252f));  // lr.w
  EXPECT_FALSE(decode(0x00052507));  // flw
  EXPECT_FALSE(decode(0x40001033));  // sll with funct7 of sub
}

}  // namespace
}  // namespace zkvm::isa
