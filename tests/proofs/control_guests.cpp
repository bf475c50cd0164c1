#include "isa/semantics.hpp"
#include "tests/proofs/instruction_guests.hpp"

namespace zkvm::proofs {
namespace {

using isa::Op;

constexpr Op BRANCHES[] = {Op::BEQ, Op::BNE, Op::BLT, Op::BGE, Op::BLTU, Op::BGEU};

/// x5 := 2 if the branch is taken, else 1.
void forward_branch(Guest& g, Op op, uint8_t rs1, uint8_t rs2) {
  const bool taken = isa::branch_taken(op, g.reg(rs1), g.reg(rs2));
  g.emit({op, 0, rs1, rs2, 12});
  g.emit({Op::ADDI, 5, 0, 0, 1});
  g.jump(g.pc() + 8);
  g.emit({Op::ADDI, 5, 0, 0, 2});
  g.assume(5, taken ? 2 : 1);
  g.show(5);
}
void backward_branch(Guest& g, Op op, uint8_t rs1, uint8_t rs2) {
  const bool taken = isa::branch_taken(op, g.reg(rs1), g.reg(rs2));
  g.jump(g.pc() + 12);
  g.emit({Op::ADDI, 5, 0, 0, 2});
  g.jump(g.pc() + 12);
  g.emit({op, 0, rs1, rs2, static_cast<uint32_t>(-8)});
  g.emit({Op::ADDI, 5, 0, 0, 1});
  g.assume(5, taken ? 2 : 1);
  g.show(5);
}
void branch_cases(Guest& g) {
  constexpr std::pair<uint32_t, uint32_t> OPERANDS[] = {{0, 0},
                                                        {0, 1},
                                                        {1, 0},
                                                        {0xffff'ffff, 0},
                                                        {0, 0xffff'ffff},
                                                        {0x8000'0000, 0},
                                                        {0x8000'0000, 0x7fff'ffff},
                                                        {0x7fff'ffff, 0x8000'0000},
                                                        {0x8000'0000, 0xffff'ffff},
                                                        {0x1234'5678, 0x1234'5678},
                                                        {0x1234'5678, 0x1234'5679},
                                                        {0x1234'5679, 0x1234'5678},
                                                        {0x1234'5678, 0x1235'5678},
                                                        {0x9234'5678, 0x1234'5678},
                                                        {0x1234'5678, 0x9234'5678},
                                                        {0x8000'ffff, 0x8001'0000},
                                                        {0x0001'0000, 0x0000'ffff},
                                                        {0xffff'0000, 0x0000'ffff},
                                                        {0x0001'0000, 0},
                                                        {0xffff'fffe, 0xffff'ffff}};
  for (const Op op : BRANCHES) {
    for (const auto& [a, b] : OPERANDS) {
      g.li(6, a);
      g.li(7, b);
      forward_branch(g, op, 6, 7);
      backward_branch(g, op, 6, 7);
      forward_branch(g, op, 6, 0);
      forward_branch(g, op, 0, 7);
    }
    forward_branch(g, op, 6, 6);
    backward_branch(g, op, 0, 0);
    // To the next instruction either way.
    g.emit({op, 0, 6, 7, 4});
    g.emit({op, 0, 7, 6, 4});
  }
}

/// A jump over what must not be executed, back or forth, whose sum has bit 0 set if `odd`.
void jalr_case(Guest& g, uint8_t rd, uint8_t rs1, int32_t imm, bool odd, bool backward) {
  constexpr uint32_t LI_BYTES = 8;
  const uint32_t start = g.pc();
  // Backward: jump to the li, landing pad, li, jalr. Forward: li, jalr, poison, landing pad.
  const uint32_t jalr = start + (backward ? 8 + LI_BYTES : LI_BYTES);
  const uint32_t end = jalr + (backward ? 4 : 12);
  const uint32_t target = backward ? start + 4 : end;
  if (backward) {
    g.jump(start + 8);
    g.jump(end);
  }
  g.li(rs1, target - isa::as_unsigned(imm) + (odd ? 1 : 0));
  g.emit({Op::JALR, rd, rs1, 0, isa::as_unsigned(imm)});
  g.assume(rd, jalr + 4);
  if (!backward) g.poison(2);
  g.show(rd);
  g.show(rs1);
}
void jalr_cases(Guest& g) {
  for (const bool odd : {false, true})
    for (const bool backward : {false, true})
      for (const int32_t imm : {0, 1, -1, 4, 2047, -2047, -2048})
        for (const auto& [rd, rs1] : {std::pair<uint8_t, uint8_t>{1, 6}, {6, 6}, {0, 6}})
          jalr_case(g, rd, rs1, imm, odd, backward);
}

}  // namespace

Guest branches_and_jumps() {
  Guest g;
  // Here bases below the program still reach it: the sum carries between limbs, and from below 2^16 to above.
  jalr_cases(g);
  branch_cases(g);

  // Branches as far as they go.
  constexpr int32_t FAR = 4092, BACK = -4096;
  g.emit({Op::BEQ, 0, 0, 0, FAR});
  g.poison(FAR / 4 - 1);
  g.jump(g.pc() + 4 + 4096);
  const uint32_t landing = g.pc();
  g.jump(landing + 4096 + 4);
  g.poison((landing + 4096 - g.pc()) / 4);
  g.emit({Op::BGEU, 0, 0, 0, isa::as_unsigned(BACK)});

  // pc + 4 and links that carry into the high limb, by every kind of instruction that stands at the boundary.
  const uint32_t resume = g.pc() + 4;
  constexpr uint32_t BOUNDARY = 0x6'0000;
  g.jump(BOUNDARY - 8, 1);
  g.assume(1, resume);
  g.at(BOUNDARY - 8);
  g.li(5, 3);  // its second half is the last instruction of the segment
  g.show(5);
  g.jump(BOUNDARY + 0xfffc, 6);
  g.assume(6, g.pc());
  g.at(BOUNDARY + 0xfffc);
  g.emit({Op::JAL, 7, 0, 0, 4});
  g.assume(7, BOUNDARY + 0x1'0000);
  g.show(6);
  g.show(7);
  g.li(6, BOUNDARY + 0x2'0000);
  g.emit({Op::JALR, 7, 6, 0, static_cast<uint32_t>(-4)});
  g.assume(7, g.pc());
  g.at(BOUNDARY + 0x1'fffc);
  g.emit({Op::JALR, 8, 6, 0, 0});
  g.assume(8, BOUNDARY + 0x2'0000);
  g.show(7);
  g.show(8);
  g.emit({Op::BEQ, 0, 0, 0, 8});
  g.poison();
  g.jump(BOUNDARY + 0x2'fffc);
  g.at(BOUNDARY + 0x2'fffc);
  g.emit({Op::BNE, 0, 6, 0, 8});
  g.poison();

  // Jumps as far as they go.
  const uint32_t here = g.pc();
  constexpr uint32_t REACH = 0x10'0000;
  g.jump(here + REACH - 4, 5);
  g.assume(5, here + 4);
  g.at(here + REACH - 4);
  g.show(5);
  g.jump(here + REACH + 0x80, 5);
  g.at(here + REACH + 0x80);
  const uint32_t back = g.pc() - REACH;
  g.jump(back, 5);
  g.assume(5, back + REACH + 4);
  g.at(back);
  g.show(5);
  // Back to where the tour began.
  g.emit({Op::JALR, 0, 1, 0, 0});
  g.at(resume);
  g.show(1);
  g.halt();
  return g;
}

}  // namespace zkvm::proofs
