#include "isa/disassemble.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "isa/decode.hpp"

namespace zkvm::isa {
namespace {

std::string mnemonic(uint32_t word) {
  const std::string text = disassemble(0x10000, word);
  return text.substr(0, text.find(' '));
}

// The pseudo-instructions that capstone prints, with what they stand for.
std::string real_mnemonic(const std::string& name) {
  static const std::map<std::string, std::string> PSEUDO = {
      {"nop", "addi"},  {"li", "addi"},  {"mv", "addi"},   {"not", "xori"}, {"neg", "sub"},  {"seqz", "sltiu"},
      {"snez", "sltu"}, {"sltz", "slt"}, {"sgtz", "slt"},  {"beqz", "beq"}, {"bnez", "bne"}, {"blez", "bge"},
      {"bgez", "bge"},  {"bltz", "blt"}, {"bgtz", "blt"},  {"j", "jal"},    {"jr", "jalr"},  {"ret", "jalr"},
      {"bgt", "blt"},   {"ble", "bge"},  {"bgtu", "bltu"}, {"bleu", "bgeu"}};
  const auto at = PSEUDO.find(name);
  return at == PSEUDO.end() ? name : at->second;
}

TEST(disassemble, agrees_with_decode_on_random_words) {
  std::mt19937 random(3);
  std::map<Op, int> seen;
  for (int k = 0; k < 400'000; ++k) {
    uint32_t word = static_cast<uint32_t>(random()) | 3;
    // Half of the words get an instruction's fixed bits, so that rare encodings come up.
    if (k % 2 == 0) {
      const Opcode& entry = OPCODES[random() % OP_COUNT];
      word = (word & ~entry.mask) | entry.match;
    }
    const auto in = decode(word);
    const std::string theirs = real_mnemonic(mnemonic(word));
    if (in) {
      // fence is decoded with all its reserved fields, which the specification wants treated as a plain fence.
      if (in->op == Op::FENCE || in->op == Op::FENCE_I) continue;
      ++seen[in->op];
      ASSERT_EQ(theirs, opcode(in->op).name) << std::hex << word << " " << disassemble(0, word);
    } else {
      // What decode refuses must be no RV32IM instruction to capstone either (it knows more extensions), except that
      // capstone shows shifts by 32 and more, which RV32 reserves.
      if (theirs.starts_with("s") && (word & 0x0200005f) == 0x02000013) continue;
      for (const Opcode& entry : OPCODES) {
        ASSERT_NE(theirs, entry.name) << std::hex << word << " " << disassemble(0, word);
      }
    }
  }
  EXPECT_EQ(seen.size(), OP_COUNT - 2);
}

TEST(disassemble, shows_absolute_targets) {
  EXPECT_EQ(disassemble(0x10000, 0xfedd1ae3), "bne s10, a3, 0xfff4");
  EXPECT_EQ(disassemble(0x10000, encode({Op::JAL, 1, 0, 0, 0x100})), "jal 0x10100");
  EXPECT_EQ(disassemble(0x10000, encode({Op::LW, 10, 2, 0, 8})), "lw a0, 8(sp)");
}

TEST(disassemble, names_what_the_machine_refuses) {
  EXPECT_EQ(disassemble(0, 0x00100073), "ebreak");
  EXPECT_EQ(disassemble(0, 0xffffffff), ".word 0xffffffff");
  EXPECT_STREQ(describe_undecodable(0x00100073), "ebreak");
  EXPECT_STREQ(describe_undecodable(0xc0002573), "CSR instruction");
  EXPECT_STREQ(describe_undecodable(0x30200073), "privileged instruction");
  EXPECT_STREQ(describe_undecodable(0x4501), "compressed instruction");
  EXPECT_STREQ(describe_undecodable(0), "illegal instruction (zero word)");
}

}  // namespace
}  // namespace zkvm::isa
