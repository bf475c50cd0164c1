#include "isa/rows.hpp"

#include <gtest/gtest.h>

#include "isa/semantics.hpp"

namespace zkvm::isa {
namespace {

constexpr uint32_t PC = 0x10100;

Row settle(Op op, uint8_t rd, uint8_t rs1, uint8_t rs2, uint32_t imm = 0) {
  return classify(PC, {op, rd, rs1, rs2, imm});
}

TEST(rows, constants_are_folded) {
  EXPECT_EQ(settle(Op::LUI, 5, 0, 0, 0x12345000), (Row{RowOp::LI_CONST, Chip::LI, 5, 0, 0, 0x12345000, PC + 4}));
  EXPECT_EQ(settle(Op::AUIPC, 5, 0, 0, 0x1000), (Row{RowOp::LI_CONST, Chip::LI, 5, 0, 0, PC + 0x1000, PC + 4}));
  EXPECT_EQ(settle(Op::ADDI, 5, 0, 0, 0xffffffff), (Row{RowOp::LI_CONST, Chip::LI, 5, 0, 0, 0xffffffff, PC + 4}));
  EXPECT_EQ(settle(Op::SLTIU, 5, 0, 0, 1).imm, 1u);
  EXPECT_EQ(settle(Op::SLTI, 5, 0, 0, 0xffffffff).imm, 0u);
  EXPECT_EQ(settle(Op::ANDI, 5, 0, 0, 0x7ff).imm, 0u);
  EXPECT_EQ(settle(Op::XORI, 5, 0, 0, 0xfffffffe).imm, 0xfffffffeu);
  EXPECT_EQ(settle(Op::SLLI, 5, 0, 0, 3).imm, 0u);
  for (Op op : {Op::SLTIU, Op::ANDI, Op::ORI, Op::SRAI}) EXPECT_EQ(settle(op, 5, 0, 0, 1).op, RowOp::LI_CONST);
}

TEST(rows, fences_write_zero_to_the_sink) {
  EXPECT_EQ(settle(Op::FENCE, 3, 4, 0, 0xff), (Row{RowOp::LI_CONST, Chip::LI, 32, 0, 0, 0, PC + 4}));
  EXPECT_EQ(settle(Op::FENCE_I, 0, 0, 0, 0), (Row{RowOp::LI_CONST, Chip::LI, 32, 0, 0, 0, PC + 4}));
}

TEST(rows, writes_to_x0_go_to_the_sink) {
  EXPECT_EQ(settle(Op::ADD, 0, 3, 4).rd, 32);
  EXPECT_EQ(settle(Op::ADD, 0, 0, 4).op, RowOp::ADD);  // the sink is not x0: no merged access
  EXPECT_EQ(settle(Op::ADDI, 0, 0, 0, 0), (Row{RowOp::LI_CONST, Chip::LI, 32, 0, 0, 0, PC + 4}));
  EXPECT_EQ(settle(Op::LW, 0, 3, 0, 8).rd, 32);
  EXPECT_EQ(settle(Op::JALR, 0, 1, 0, 0).rd, 32);
}

TEST(rows, jal_settles_link_and_target) {
  EXPECT_EQ(settle(Op::JAL, 1, 0, 0, 0xfffffff0), (Row{RowOp::JAL, Chip::LI, 1, 0, 0, PC + 4, PC - 16}));
  EXPECT_EQ(settle(Op::JAL, 0, 0, 0, 32).rd, 32);
}

TEST(rows, same_register_forms_are_merged) {
  EXPECT_EQ(settle(Op::ADDI, 5, 5, 0, 7), (Row{RowOp::ADDI_SAME, Chip::ADDI_SAME, 5, 5, 0, 7, PC + 4}));
  EXPECT_EQ(settle(Op::ADD, 5, 5, 6), (Row{RowOp::ADD_SAME, Chip::ADD_SAME, 5, 5, 6, 0, PC + 4}));
  EXPECT_EQ(settle(Op::ADD, 5, 6, 5), (Row{RowOp::ADD_SAME, Chip::ADD_SAME, 5, 5, 6, 0, PC + 4}));
  EXPECT_EQ(settle(Op::SUB, 5, 5, 6), (Row{RowOp::SUB_SAME, Chip::ADD_SAME, 5, 5, 6, 0, PC + 4}));
  EXPECT_EQ(settle(Op::SUB, 5, 6, 5).op, RowOp::SUB);  // does not commute
  EXPECT_EQ(settle(Op::ADD, 5, 5, 5), (Row{RowOp::ADD_SAME, Chip::ADD_SAME, 5, 5, 5, 0, PC + 4}));
  EXPECT_EQ(settle(Op::XOR, 5, 5, 6).op, RowOp::XOR);
}

TEST(rows, branches_against_zero_read_one_register) {
  EXPECT_EQ(settle(Op::BEQ, 0, 5, 0, 8), (Row{RowOp::BEQZ, Chip::BEQZ, 0, 5, 0, 0, PC + 8}));
  EXPECT_EQ(settle(Op::BNE, 0, 0, 5, 8), (Row{RowOp::BNEZ, Chip::BEQZ, 0, 5, 0, 0, PC + 8}));
  EXPECT_EQ(settle(Op::BEQ, 0, 0, 0, 8), (Row{RowOp::BEQZ, Chip::BEQZ, 0, 0, 0, 0, PC + 8}));
  EXPECT_EQ(settle(Op::BGE, 0, 5, 0, 8), (Row{RowOp::BGE, Chip::BLT, 0, 5, 0, 0, PC + 8}));
  EXPECT_EQ(settle(Op::BEQ, 0, 5, 6, 8), (Row{RowOp::BEQ, Chip::BEQ, 0, 5, 6, 0, PC + 8}));
}

TEST(rows, operands_follow_the_access_flags) {
  EXPECT_EQ(settle(Op::SLTI, 5, 6, 0, 9), (Row{RowOp::SLTI, Chip::SLT, 5, 6, 0, 9, PC + 4}));
  EXPECT_EQ(settle(Op::SW, 0, 6, 7, 12), (Row{RowOp::SW, Chip::SW, 0, 6, 7, 12, PC + 4}));
  EXPECT_EQ(settle(Op::ECALL, 0, 0, 0), (Row{RowOp::ECALL, Chip::ECALL, 0, 17, 10, 0, PC + 4}));
}

// Whatever is settled must mean the same as the instruction, for every op and the register coincidences that matter.
TEST(rows, every_row_keeps_the_semantics_of_its_instruction) {
  const uint8_t registers[] = {0, 5, 6};
  const uint32_t values[] = {0, 0x80000000u, 3, 0xffffffffu};
  for (size_t i = 0; i < OP_COUNT; ++i) {
    const Op op = static_cast<Op>(i);
    const Format format = opcode(op).format;
    if (format != Format::R && format != Format::B && op != Op::ADDI && op != Op::SRAI && op != Op::SLTIU) continue;
    for (uint8_t rd : registers) {
      for (uint8_t rs1 : registers) {
        for (uint8_t rs2 : registers) {
          const uint32_t imm = format == Format::B ? 16 : format == Format::R ? 0 : 3;
          const Row row =
              settle(op, format == Format::B ? 0 : rd, rs1, format == Format::R || format == Format::B ? rs2 : 0, imm);
          const RowOpInfo& in = info(row.op);
          EXPECT_EQ(row.chip, in.chip);
          for (uint32_t v5 : values) {
            for (uint32_t v6 : values) {
              uint32_t before[REGISTER_COUNT] = {};
              before[5] = v5;
              before[6] = v6;
              const uint32_t a = in.reads_rs1 || in.merged ? before[row.rs1] : 0;
              const uint32_t b = in.reads_rs2 ? before[row.rs2] : row.imm;
              const uint32_t expected_b = format == Format::R || format == Format::B ? before[rs2] : imm;
              if (format == Format::B) {
                EXPECT_EQ(branch_taken(in.op, a, b), branch_taken(op, before[rs1], expected_b)) << in.name;
                EXPECT_EQ(row.next_pc, PC + 16);
              } else {
                const uint32_t result = row.op == RowOp::LI_CONST ? row.imm : alu(in.op, a, b);
                EXPECT_EQ(result, alu(op, before[rs1], expected_b)) << in.name;
                EXPECT_EQ(row.rd, rd == 0 ? 32 : rd);
              }
            }
          }
        }
      }
    }
  }
}

TEST(rows, chip_names_are_in_order) {
  EXPECT_EQ(chip_name(Chip::LI), "LI");
  EXPECT_EQ(chip_name(Chip::SLT), "SLT");
  EXPECT_EQ(chip_name(Chip::BLT), "BLT");
  EXPECT_EQ(chip_name(Chip::STORE_SUB), "STORE_SUB");
  EXPECT_EQ(chip_name(Chip::ECALL), "ECALL");
}

}  // namespace
}  // namespace zkvm::isa
