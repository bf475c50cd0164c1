#include "isa/semantics.hpp"
#include "tests/proofs/instruction_guests.hpp"

namespace zkvm::proofs {
namespace {

using isa::Op;

constexpr uint32_t EDGES[] = {0,           1,           2,           0x7fff,      0x8000,
                              0xffff,      0x1'0000,    0x00ff'ff00, 0x1234'5678, 0x7fff'ffff,
                              0x8000'0000, 0xffff'0000, 0xffff'fffe, 0xffff'ffff};
constexpr Op REGISTER_OPS[] = {Op::ADD, Op::SUB, Op::SLL,  Op::SLT,    Op::SLTU,  Op::XOR, Op::SRL,  Op::SRA, Op::OR,
                               Op::AND, Op::MUL, Op::MULH, Op::MULHSU, Op::MULHU, Op::DIV, Op::DIVU, Op::REM, Op::REMU};

struct Registers {
  uint8_t rd, rs1, rs2;
};
/// All the ways in which registers can coincide with each other and with x0.
constexpr Registers COINCIDENCES[] = {{6, 6, 7}, {7, 6, 7}, {5, 6, 6}, {6, 6, 6}, {0, 6, 7}, {0, 6, 6}, {5, 0, 7},
                                      {7, 0, 7}, {5, 6, 0}, {6, 6, 0}, {5, 0, 0}, {0, 0, 7}, {0, 6, 0}, {0, 0, 0}};

void register_case(Guest& g, Op op, const Registers& r, uint32_t a, uint32_t b) {
  g.li(6, a);
  g.li(7, b);
  g.emit({op, r.rd, r.rs1, r.rs2, 0});
  g.show(r.rd);
}

}  // namespace

Guest register_arithmetic() {
  Guest g;
  for (const Op op : REGISTER_OPS) {
    for (const uint32_t a : EDGES) {
      g.li(6, a);
      for (const uint32_t b : EDGES) {
        g.li(7, b);
        g.emit({op, 5, 6, 7, 0});
        g.show(5);
      }
    }
    for (const Registers& r : COINCIDENCES)
      for (const auto& [a, b] : {std::pair{0x8765'4321u, 0x0000'0011u}, {0x8000'0000u, 0xffff'ffffu}, {7u, 0u}})
        register_case(g, op, r, a, b);
  }
  for (const Op op : {Op::DIV, Op::DIVU, Op::REM, Op::REMU}) {
    for (const uint32_t a : {7u, 8u, 9u, 3u, 0x7fff'ffffu, 0x1234'5678u})
      for (const uint32_t b : {3u, 8u, 1u, 0x1'0000u, 0x7fff'ffffu, 0x0001'0001u})
        for (const uint32_t signs : {0u, 1u, 2u, 3u})
          register_case(g, op, {5, 6, 7}, (signs & 1) != 0 ? 0 - a : a, (signs & 2) != 0 ? 0 - b : b);
    // The quotient's carries at their largest.
    register_case(g, op, {5, 6, 7}, 0xffff'ffff, 0x00ff'ffff);
    register_case(g, op, {5, 6, 7}, 0xffff'fffe, 0xffff'ffff);
  }
  // Amounts from registers count modulo 32.
  for (const Op op : {Op::SLL, Op::SRL, Op::SRA})
    for (const uint32_t a : {0x8000'0001u, 0x7fff'ffffu, 0xffff'ffffu, 0x1234'8765u})
      for (const uint32_t amount : {0u, 1u, 14u, 15u, 16u, 17u, 30u, 31u, 32u, 33u, 47u, 48u, 63u, 64u, 0x1'0000u,
                                    0x8000'001fu, 0xffff'ffe0u, 0xffff'fff0u, 0xffff'ffffu})
        register_case(g, op, {5, 6, 7}, a, amount);
  g.halt();
  return g;
}

Guest immediate_arithmetic() {
  Guest g;
  const auto immediate_case = [&](Op op, uint8_t rd, uint8_t rs1, uint32_t a, uint32_t imm) {
    g.li(6, a);
    g.emit({op, rd, rs1, 0, imm});
    g.show(rd);
  };
  for (const Op op : {Op::ADDI, Op::SLTI, Op::SLTIU, Op::XORI, Op::ORI, Op::ANDI}) {
    for (const int32_t imm : {0, 1, -1, 2, 127, 128, 255, 256, -256, -257, 0x555, 2047, -2047, -2048}) {
      for (const uint32_t a : EDGES) immediate_case(op, 5, 6, a, isa::as_unsigned(imm));
      // Around the immediate itself.
      for (const int32_t d : {-1, 0, 1}) immediate_case(op, 5, 6, isa::as_unsigned(imm + d), isa::as_unsigned(imm));
      for (const auto& [rd, rs1] : {std::pair<uint8_t, uint8_t>{6, 6}, {5, 0}, {0, 6}, {0, 0}})
        immediate_case(op, rd, rs1, 0xffff'ff80, isa::as_unsigned(imm));
    }
  }
  for (const Op op : {Op::SLLI, Op::SRLI, Op::SRAI})
    for (uint32_t amount = 0; amount < 32; ++amount) {
      for (const uint32_t a : {0x8000'0001u, 0x7fff'ffffu, 0xffff'ffffu, 0x1234'8765u, 0x0000'8000u, 0u})
        immediate_case(op, 5, 6, a, amount);
      for (const auto& [rd, rs1] : {std::pair<uint8_t, uint8_t>{6, 6}, {5, 0}, {0, 6}, {0, 0}})
        immediate_case(op, rd, rs1, 0x8421'8421, amount);
    }
  for (const Op op : {Op::LUI, Op::AUIPC})
    for (const uint32_t imm : {0u, 0x1000u, 0xf000u, 0x1'0000u, 0xffff'0000u, 0x7fff'f000u, 0x8000'0000u, 0xffff'f000u})
      for (const uint8_t rd : {uint8_t{5}, uint8_t{0}}) {
        g.emit({op, rd, 0, 0, imm});
        g.show(rd);
      }
  for (const Op op : {Op::FENCE, Op::FENCE_I}) {
    g.li(5, 0x1357'9bdf);
    g.emit({op, 0, 0, 0, 0xff});
    // The fields that a fence reserves name registers; nothing happens to those.
    g.emit({op, 5, 6, 0, 0});
    g.show(5);
    g.show(0);
  }
  g.halt();
  return g;
}

}  // namespace zkvm::proofs
