#include "isa/disassemble.hpp"

#include <capstone/capstone.h>

#include <array>
#include <cstdio>
#include <optional>

#include "isa/decode.hpp"

namespace zkvm::isa {
namespace {

// A capstone handle is not thread-safe, hence one per thread.
class Capstone {
 public:
  Capstone() { open_ = cs_open(CS_ARCH_RISCV, CS_MODE_RISCV32, &handle_) == CS_ERR_OK; }
  ~Capstone() {
    if (open_) cs_close(&handle_);
  }
  Capstone(const Capstone&) = delete;
  Capstone& operator=(const Capstone&) = delete;

  std::optional<std::string> text(uint32_t pc, uint32_t word) {
    if (!open_) return std::nullopt;
    const std::array<uint8_t, 4> bytes = {static_cast<uint8_t>(word), static_cast<uint8_t>(word >> 8),
                                          static_cast<uint8_t>(word >> 16), static_cast<uint8_t>(word >> 24)};
    cs_insn* instruction = nullptr;
    const size_t count = cs_disasm(handle_, bytes.data(), bytes.size(), pc, 1, &instruction);
    if (count == 0) return std::nullopt;
    std::string out = instruction->mnemonic;
    if (instruction->op_str[0] != '\0') out += std::string(" ") + instruction->op_str;
    cs_free(instruction, count);
    return out;
  }

 private:
  csh handle_ = 0;
  bool open_ = false;
};

std::string hex(uint32_t value) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "0x%x", value);
  return buffer;
}

}  // namespace

std::string disassemble(uint32_t pc, uint32_t word) {
  thread_local Capstone capstone;
  std::optional<std::string> out = capstone.text(pc, word);
  if (!out) return ".word " + hex(word);
  // capstone prints relative offsets, always as the last operand.
  const auto instruction = decode(word);
  if (instruction) {
    const Format format = opcode(instruction->op).format;
    if (format == Format::B || format == Format::J) {
      const size_t space = out->find_last_of(' ');
      if (space != std::string::npos) out->replace(space + 1, std::string::npos, hex(pc + instruction->imm));
    }
  }
  return *out;
}

const char* describe_undecodable(uint32_t word) {
  constexpr uint32_t SYSTEM = 0x73;
  if (word == 0x00100073) return "ebreak";
  if ((word & 0x7f) == SYSTEM) return (word >> 12 & 7) == 0 ? "privileged instruction" : "CSR instruction";
  if (word == 0) return "illegal instruction (zero word)";
  if ((word & 3) != 3) return "compressed instruction";
  return "illegal instruction";
}

}  // namespace zkvm::isa
