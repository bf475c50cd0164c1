#include "isa/rows.hpp"

#include <utility>

#include "isa/semantics.hpp"

namespace zkvm::isa {
namespace {

// The row operation of an instruction before its special cases (constants, same-register forms, zero compares).
constexpr RowOp general_row_op(Op op) {
  switch (op) {
    case Op::LUI:
    case Op::AUIPC:
    case Op::FENCE:
    case Op::FENCE_I:
      return RowOp::LI_CONST;
    case Op::JAL:
      return RowOp::JAL;
    case Op::JALR:
      return RowOp::JALR;
    case Op::BEQ:
      return RowOp::BEQ;
    case Op::BNE:
      return RowOp::BNE;
    case Op::BLT:
      return RowOp::BLT;
    case Op::BGE:
      return RowOp::BGE;
    case Op::BLTU:
      return RowOp::BLTU;
    case Op::BGEU:
      return RowOp::BGEU;
    case Op::LB:
      return RowOp::LB;
    case Op::LH:
      return RowOp::LH;
    case Op::LW:
      return RowOp::LW;
    case Op::LBU:
      return RowOp::LBU;
    case Op::LHU:
      return RowOp::LHU;
    case Op::SB:
      return RowOp::SB;
    case Op::SH:
      return RowOp::SH;
    case Op::SW:
      return RowOp::SW;
    case Op::ADDI:
      return RowOp::ADDI;
    case Op::SLTI:
      return RowOp::SLTI;
    case Op::SLTIU:
      return RowOp::SLTIU;
    case Op::XORI:
      return RowOp::XORI;
    case Op::ORI:
      return RowOp::ORI;
    case Op::ANDI:
      return RowOp::ANDI;
    case Op::SLLI:
      return RowOp::SLLI;
    case Op::SRLI:
      return RowOp::SRLI;
    case Op::SRAI:
      return RowOp::SRAI;
    case Op::ADD:
      return RowOp::ADD;
    case Op::SUB:
      return RowOp::SUB;
    case Op::SLL:
      return RowOp::SLL;
    case Op::SLT:
      return RowOp::SLT;
    case Op::SLTU:
      return RowOp::SLTU;
    case Op::XOR:
      return RowOp::XOR;
    case Op::SRL:
      return RowOp::SRL;
    case Op::SRA:
      return RowOp::SRA;
    case Op::OR:
      return RowOp::OR;
    case Op::AND:
      return RowOp::AND;
    case Op::ECALL:
      return RowOp::ECALL;
    case Op::MUL:
      return RowOp::MUL;
    case Op::MULH:
      return RowOp::MULH;
    case Op::MULHSU:
      return RowOp::MULHSU;
    case Op::MULHU:
      return RowOp::MULHU;
    case Op::DIV:
      return RowOp::DIV;
    case Op::DIVU:
      return RowOp::DIVU;
    case Op::REM:
      return RowOp::REM;
    case Op::REMU:
      return RowOp::REMU;
    case Op::COUNT:
      break;
  }
  return RowOp::COUNT;
}

constexpr bool is_alu_immediate(Op op) { return op >= Op::ADDI && op <= Op::SRAI; }
static_assert(is_alu_immediate(Op::SLTIU) && is_alu_immediate(Op::SLLI) && !is_alu_immediate(Op::SW) &&
              !is_alu_immediate(Op::ADD));

}  // namespace

std::string_view chip_name(Chip chip) {
  static constexpr std::array<std::string_view, CHIP_COUNT> NAMES = {
      "LI",  "ADDI", "ADDI_SAME", "ADD", "ADD_SAME",  "LOGIC", "LOGIC_I", "SHIFT_I", "SHIFT_R", "SLT",  "BEQ", "BEQZ",
      "BLT", "LW",   "LOAD_SUB",  "SW",  "STORE_SUB", "JALR",  "MUL",     "MULH",    "DIV",     "ECALL"};
  return chip < Chip::COUNT ? NAMES[static_cast<size_t>(chip)] : "none";
}

Row classify(uint32_t pc, const Instruction& in) {
  Row row;
  row.op = general_row_op(in.op);
  row.next_pc = pc + 4;
  uint8_t rs1 = in.rs1, rs2 = in.rs2;
  const uint8_t rd = in.rd == 0 ? SINK_REGISTER : in.rd;

  if (is_alu_immediate(in.op) && rs1 == 0) {
    row.op = RowOp::LI_CONST;
    row.imm = alu(in.op, 0, in.imm);
  } else {
    switch (in.op) {
      case Op::LUI:
        row.imm = in.imm;
        break;
      case Op::AUIPC:
        row.imm = pc + in.imm;
        break;
      case Op::FENCE:
      case Op::FENCE_I:
        row.imm = 0;
        break;
      case Op::JAL:
        row.imm = pc + 4;
        row.next_pc = pc + in.imm;
        break;
      case Op::BEQ:
      case Op::BNE:
      case Op::BLT:
      case Op::BGE:
      case Op::BLTU:
      case Op::BGEU:
        row.next_pc = pc + in.imm;
        break;
      default:
        row.imm = in.imm;
        break;
    }
  }

  if (row.op == RowOp::ADD && rd == rs2) std::swap(rs1, rs2);
  if (rd == rs1) {
    if (row.op == RowOp::ADDI) row.op = RowOp::ADDI_SAME;
    if (row.op == RowOp::ADD) row.op = RowOp::ADD_SAME;
    if (row.op == RowOp::SUB) row.op = RowOp::SUB_SAME;
  }
  if ((row.op == RowOp::BEQ || row.op == RowOp::BNE) && (rs1 == 0 || rs2 == 0)) {
    if (rs1 == 0) std::swap(rs1, rs2);
    row.op = row.op == RowOp::BEQ ? RowOp::BEQZ : RowOp::BNEZ;
  }
  if (row.op == RowOp::ECALL) {
    rs1 = 17;
    rs2 = 10;
  }

  const RowOpInfo& row_info = info(row.op);
  row.chip = row_info.chip;
  row.rd = !row_info.writes_rd ? uint8_t{0} : in.op == Op::FENCE || in.op == Op::FENCE_I ? SINK_REGISTER : rd;
  row.rs1 = row_info.reads_rs1 || row_info.merged ? rs1 : uint8_t{0};
  row.rs2 = row_info.reads_rs2 ? rs2 : uint8_t{0};
  return row;
}

}  // namespace zkvm::isa
