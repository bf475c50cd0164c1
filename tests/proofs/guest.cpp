#include "tests/proofs/guest.hpp"

#include <algorithm>
#include <stdexcept>

#include "isa/semantics.hpp"
#include "vm/elf/elf_builder.hpp"
#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::proofs {

using isa::Format;
using isa::Instruction;
using isa::Op;

Guest::Guest(uint32_t entry, std::vector<uint8_t> input) : entry_(entry), pc_(entry), input_(std::move(input)) {
  li(A7, static_cast<uint32_t>(vm::Ecall::WRITE_JOURNAL_WORD));
}

void Guest::data(uint32_t addr, const std::vector<uint32_t>& words) {
  for (const uint32_t w : words) {
    data_[addr] = w;
    addr += 4;
  }
}

uint32_t Guest::load(uint32_t addr) const {
  for (const auto* words : {&memory_, &data_, &code_})
    if (const auto it = words->find(addr); it != words->end()) return it->second;
  if (addr == vm::INPUT_BEGIN) return static_cast<uint32_t>(input_.size());
  uint32_t word = 0;
  if (addr > vm::INPUT_BEGIN) {
    const uint32_t first = addr - vm::INPUT_BEGIN - 4;
    for (uint32_t i = 0; i < 4 && first + i < input_.size(); ++i) word |= uint32_t{input_[first + i]} << (8 * i);
  }
  return word;
}

void Guest::emit(const Instruction& in) {
  if (!code_.emplace(pc_, isa::encode(in)).second) throw std::logic_error("two instructions at one address");
  const uint32_t a = registers_[in.rs1], b = registers_[in.rs2], addr = a + in.imm, size = isa::access_size(in.op);
  switch (isa::opcode(in.op).format) {
    case Format::R:
      assume(in.rd, isa::alu(in.op, a, b));
      break;
    case Format::SHIFT:
      assume(in.rd, isa::alu(in.op, a, in.imm));
      break;
    case Format::U:
      assume(in.rd, in.op == Op::LUI ? in.imm : pc_ + in.imm);
      break;
    case Format::S:
      if (addr % size != 0) throw std::logic_error("misaligned");
      memory_[addr & ~3u] = isa::store_merge(in.op, load(addr & ~3u), b, addr);
      break;
    case Format::I:
      if (size != 0) {
        if (addr % size != 0) throw std::logic_error("misaligned");
        assume(in.rd, isa::load_extract(in.op, load(addr & ~3u), addr));
      } else if (in.op != Op::JALR && in.op != Op::FENCE && in.op != Op::FENCE_I) {
        assume(in.rd, isa::alu(in.op, a, in.imm));
      }
      break;
    case Format::B:
    case Format::J:
    case Format::NONE:
      break;
  }
  pc_ += 4;
}

void Guest::poison(unsigned words) {
  for (; words != 0; --words, pc_ += 4)
    if (!code_.emplace(pc_, 0).second) throw std::logic_error("two instructions at one address");
}

void Guest::li(uint8_t rd, uint32_t value) {
  emit({Op::LUI, rd, 0, 0, (value + 0x800) & 0xffff'f000u});
  emit({Op::ADDI, rd, rd, 0, isa::shift_right_arithmetic(value << 20, 20)});
}

void Guest::wait(uint32_t rounds) {
  li(31, rounds);
  emit({Op::ADDI, 31, 31, 0, static_cast<uint32_t>(-1)});
  emit({Op::BNE, 0, 31, 0, static_cast<uint32_t>(-4)});
  assume(31, 0);
}

void Guest::show(uint8_t r) {
  emit({Op::ADDI, A0, r, 0, 0});
  emit({Op::ECALL});
  journal_.push_back(reg(A0));
}

void Guest::halt(uint32_t exit_code, uint32_t journal_bytes) {
  exit_code_ = exit_code;
  journal_bytes_ = std::min<uint32_t>(journal_bytes, static_cast<uint32_t>(4 * journal_.size()));
  li(A0, exit_code);
  li(A1, journal_bytes_);
  li(A7, static_cast<uint32_t>(vm::Ecall::HALT));
  emit({Op::ECALL});
}

std::vector<uint8_t> Guest::expected_journal() const {
  std::vector<uint8_t> bytes;
  for (const uint32_t w : journal_) vm::ElfBuilder::append(bytes, w);
  bytes.resize(journal_bytes_);
  return bytes;
}

vm::Program Guest::program() const {
  vm::ElfBuilder elf;
  elf.entry = entry_;
  const auto add = [&](const std::map<uint32_t, uint32_t>& words, uint32_t flags) {
    uint32_t next = 1;  // no word's address
    for (const auto& [addr, word] : words) {
      if (addr != next) elf.loads.push_back({.addr = addr, .flags = flags, .bytes = {}});
      vm::ElfBuilder::append(elf.loads.back().bytes, word);
      next = addr + 4;
    }
  };
  add(code_, PF_R | PF_X);
  add(data_, PF_R | PF_W);
  std::sort(elf.loads.begin(), elf.loads.end(), [](const auto& a, const auto& b) { return a.addr < b.addr; });
  auto program = vm::load_elf(elf.build());
  if (!program) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

}  // namespace zkvm::proofs
