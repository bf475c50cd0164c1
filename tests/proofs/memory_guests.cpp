#include "isa/semantics.hpp"
#include "tests/proofs/instruction_guests.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::proofs {
namespace {

using isa::Op;

constexpr uint32_t IMAGE = 0x0050'0000;  ///< initialised data; everything above is zeroed memory
constexpr uint32_t ZERO = 0x0060'0000;
constexpr int32_t NO_OFFSET[] = {0};
/// Together with a base beside a multiple of 2^16 these carry and borrow.
constexpr int32_t OFFSETS[] = {0, 4, -4, 2044, -2048};

void load_case(Guest& g, Op op, uint32_t addr, int32_t imm, uint8_t rd = 5) {
  g.li(6, addr - isa::as_unsigned(imm));
  g.emit({op, rd, 6, 0, isa::as_unsigned(imm)});
  g.show(rd);
}

/// Stores over `before` and shows the whole word.
void store_case(Guest& g, Op op, uint32_t addr, int32_t imm, uint32_t before, uint32_t value) {
  g.li(6, addr & ~3u);
  g.li(7, before);
  g.emit({Op::SW, 0, 6, 7, 0});
  g.li(7, value);
  g.li(6, addr - isa::as_unsigned(imm));
  g.emit({op, 0, 6, 7, isa::as_unsigned(imm)});
  load_case(g, Op::LW, addr & ~3u, 0);
}

}  // namespace

Guest memory_accesses() {
  Guest g(0x1'0000, {0x80, 0x7f, 0xff, 0x00, 0x01, 0x80, 0xfe});
  const std::vector<uint32_t> words = {0x8070'ff00, 0x7f80'00ff, 0x0000'8000, 0xffff'7fff, 0x1234'5678};
  g.data(IMAGE, words);
  for (const Op op : {Op::LB, Op::LBU, Op::LH, Op::LHU, Op::LW}) {
    const uint32_t size = isa::access_size(op), bytes = static_cast<uint32_t>(4 * words.size());
    for (uint32_t offset = 0; offset < bytes; offset += size)
      for (const int32_t imm : OFFSETS) load_case(g, op, IMAGE + offset, imm);
    // The input: its length, its bytes, the padding of its last word.
    for (uint32_t offset = 0; offset < 12; offset += size)
      for (const int32_t imm : NO_OFFSET) load_case(g, op, vm::INPUT_BEGIN + offset, imm);
    for (const uint32_t addr : {ZERO, vm::RAM_END - 4, vm::RAM_END - 0x10'0000}) load_case(g, op, addr + 4 - size, -4);
    // The program itself is readable; rd is x0; rd is the base.
    load_case(g, op, 0x1'0000, 4);
    load_case(g, op, IMAGE, 0, 0);
    load_case(g, op, IMAGE, 0, 6);
  }
  for (const Op op : {Op::SB, Op::SH, Op::SW}) {
    const uint32_t size = isa::access_size(op);
    for (const uint32_t region : {IMAGE + 0x8, ZERO + 0x40, vm::RAM_END - 0x2'0000})
      for (uint32_t offset = 0; offset < 4; offset += size)
        for (const auto& [before, value] :
             {std::pair{0u, 0xffff'ffffu}, {0xffff'ffffu, 0u}, {0x1122'3344u, 0x89ab'cdefu}})
          store_case(g, op, region + offset, 0, before, value);
    for (const int32_t imm : OFFSETS) store_case(g, op, ZERO + 4 - size, imm, 0xa5a5'a5a5, 0x7654'3210);
    // Base and value are one register; the value is x0.
    g.li(6, ZERO + 0x20);
    g.emit({op, 0, 6, 6, 0});
    load_case(g, Op::LW, ZERO + 0x20, 0);
    g.li(6, ZERO + 0x20);
    g.emit({op, 0, 6, 0, 0});
    load_case(g, Op::LW, ZERO + 0x20, 0);
    // Never read again: the final value alone says it.
    g.li(6, vm::RAM_END - 8);
    g.emit({op, 0, 6, 7, 0});
  }
  // Addresses whose limbs carry and borrow, once each way, for words and parts.
  for (const Op op : {Op::LB, Op::LH, Op::LW}) {
    load_case(g, op, 0x0061'0000, 2044);
    load_case(g, op, 0x0060'fffc, -2048);
    load_case(g, op, 0x0060'fff8, -8);
  }
  for (const Op op : {Op::SB, Op::SH, Op::SW}) {
    store_case(g, op, 0x0061'0000, 2044, 1, 0x4444'4444);
    store_case(g, op, 0x0060'fffc, -2048, 2, 0x5555'5555);
  }
  g.halt();
  return g;
}

Guest old_accesses() {
  Guest g(0x1'0000, {1, 2, 3, 4, 5});
  g.data(IMAGE, {0x1111'2222, 0x3333'4444});
  g.li(5, 0xdead'beef);
  g.li(7, ZERO);
  g.li(8, IMAGE);
  g.li(9, vm::INPUT_BEGIN);
  g.emit({Op::SW, 0, 7, 5, 0});
  g.emit({Op::SB, 0, 8, 5, 1});
  g.show(5);
  // A memory word comes up again after 2 rounds + 30 instructions: at 8177 rounds the gap is the largest that needs no
  // refresh.
  for (const uint32_t rounds : {8174u, 8175u, 8176u, 8177u, 8178u, 8179u, 8180u, 8181u, 8182u, 8190u, 40'000u}) {
    g.emit({Op::FENCE, 0, 0, 0, 0});
    g.wait(rounds);
    g.emit({Op::ADDI, 5, 5, 0, 1});
    g.show(5);
    for (const uint8_t base : {uint8_t{7}, uint8_t{8}, uint8_t{9}}) {
      g.emit({Op::LW, 6, base, 0, 0});
      g.show(6);
      g.emit({Op::LB, 6, base, 0, 5});
      g.show(6);
      if (base == 9) continue;  // the input is read-only
      g.emit({Op::SH, 0, base, 5, 2});
      g.emit({Op::SW, 0, base, 5, 8});
    }
  }
  g.halt(5);
  return g;
}

Guest system_calls() {
  Guest g(0x1'0000, {});
  g.data(IMAGE, {0x6c6c'6568, 0x0000'0a6f});  // "hello\n"
  for (const vm::Ecall call : {vm::Ecall::PRINT_STDOUT, vm::Ecall::PRINT_STDERR}) {
    for (const uint32_t length : {0u, 6u}) {
      g.li(Guest::A0, IMAGE);
      g.li(Guest::A1, length);
      g.li(Guest::A7, static_cast<uint32_t>(call));
      g.emit({Op::ECALL});
      g.li(Guest::A7, static_cast<uint32_t>(vm::Ecall::WRITE_JOURNAL_WORD));
      g.show(Guest::A0);
      g.show(Guest::A1);
    }
  }
  for (const uint32_t word : {0u, 0xffff'ffffu, 0x8000'0000u, 0x0000'ffffu, 0x0000'00abu}) {
    g.li(5, word);
    g.show(5);
  }
  g.halt(0xfedc'ba98, 4 * 12 + 1);
  return g;
}

}  // namespace zkvm::proofs
