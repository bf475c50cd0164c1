#include "isa/chips/program/fields.hpp"

namespace zkvm::isa {

using stark::F;

ProgramFields program_fields(uint32_t pc, const Row& row, bool holds) {
  ProgramFields f{};
  if (row.op == RowOp::COUNT) return f;
  uint32_t op = row_code(row.op);
  const F low = F::from(row.imm & 0xffff), high = F::from(row.imm >> 16);
  const F simm = F::from_i64(static_cast<int32_t>(row.imm));
  switch (row.chip) {
    case Chip::LI:
      op = row_code(RowOp::LI_CONST);
      f.c0 = low;
      f.c1 = high;
      f.c2 = F::from(row.next_pc);
      break;
    case Chip::ADDI:
    case Chip::ADDI_SAME:
    case Chip::LW:
    case Chip::LOAD_SUB:
    case Chip::SW:
    case Chip::STORE_SUB:
      f.c0 = simm;
      break;
    case Chip::JALR:
      f.c0 = simm;
      f.c1 = F::from((pc + 4) >> 16);
      break;
    case Chip::LOGIC_I:
      f.c0 = low;
      f.c1 = F::from(row.imm >> 31);
      break;
    case Chip::SLT:
      if (row.op == RowOp::SLTI || row.op == RowOp::SLTIU) {
        f.c0 = low;
        f.c1 = high;
      }
      break;
    case Chip::SHIFT_I: {
      const uint32_t t = row.op == RowOp::SLLI ? 16 - (row.imm & 15) : row.imm & 15;
      if (row.imm >= 16) op += VARIANT;
      f.c0 = F::from(t);
      f.c1 = F::from(1u << t);
      f.c2 = F::from(1u << (16 - t));
      break;
    }
    case Chip::BEQ:
    case Chip::BEQZ:
    case Chip::BLT: {
      const Comparison c = comparison(row.op);
      op = row_code(c.op) + (holds ? VARIANT : 0);
      f.c0 = F::from(holds == c.taken_if_holds ? row.next_pc : pc + 4);
      break;
    }
    default:
      break;
  }
  f.pc = F::from(pc);
  f.op = F::from(op);
  f.rd = F::from(row.rd);
  // Merged rows name their one register as rd.
  f.rs1 = F::from(info(row.op).merged ? 0u : row.rs1);
  f.rs2 = F::from(row.rs2);
  return f;
}

}  // namespace zkvm::isa
