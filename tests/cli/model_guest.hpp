#pragma once
/// \file
/// A guest with the input and the journal of those that zkvm compile makes, assembled here: its network takes an image
/// of 2 x 2 pixels and gives the first four elements of it.

#include "guest-sdk/compiler/info.hpp"
#include "guest-sdk/include/zkvm/ecall.h"
#include "tests/support/small_guests.hpp"

namespace zkvm::tests {

/// int8; the range of the input is [0, 1], that of the output [-1, 126.5].
inline compiler::ModelInfo tiny_model(compiler::Disclosure disclosure) {
  return {"tiny",
          "TensorFlow Lite",
          {{"image", {1, 2, 2, 3}, false, 1.0F / 255, -128, false}},
          {{"scores", {1, 4}, false, 0.5F, -126, false}},
          disclosure};
}

namespace detail {

constexpr uint32_t sw(uint32_t rs2, uint32_t rs1, uint32_t offset) {
  return offset >> 5 << 25 | rs2 << 20 | rs1 << 15 | 2u << 12 | (offset & 31) << 7 | 0x23;
}
constexpr uint32_t slli(uint32_t rd, uint32_t rs, uint32_t by) {
  return by << 20 | rs << 15 | 1u << 12 | rd << 7 | 0x13;
}
constexpr uint32_t srli(uint32_t rd, uint32_t rs, uint32_t by) {
  return by << 20 | rs << 15 | 5u << 12 | rd << 7 | 0x13;
}
constexpr uint32_t or_(uint32_t rd, uint32_t a, uint32_t b) { return b << 20 | a << 15 | 6u << 12 | rd << 7 | 0x33; }
constexpr uint32_t and_(uint32_t rd, uint32_t a, uint32_t b) { return b << 20 | a << 15 | 7u << 12 | rd << 7 | 0x33; }

inline constexpr uint32_t A2 = 12, A3 = 13, A4 = 14;
inline constexpr uint32_t INPUT = 12, OUTPUT = 4, SALT = 32, BLOCK = 32, AREA = 96;

/// Writes SHA-256(the salt, if `salted`, and the input's first `size` bytes) to the journal. Everything fits one block.
/// `data` is at DATA; the hash's state and block are appended to it.
inline std::vector<uint32_t> commit_hash(std::vector<uint8_t>& data, bool salted, uint32_t size) {
  const auto state = static_cast<uint32_t>(data.size());
  for (const uint32_t word :
       {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u})
    vm::ElfBuilder::append(data, word);
  data.resize(state + AREA, 0);
  const uint32_t length = size + (salted ? SALT : 0);
  data[state + BLOCK + length] = 0x80;
  data[state + AREA - 2] = static_cast<uint8_t>(length * 8 >> 8);
  data[state + AREA - 1] = static_cast<uint8_t>(length * 8);

  std::vector<uint32_t> code = {lui(A5, vm::INPUT_BEGIN), lui(A3, DATA)};
  uint32_t to = state + BLOCK;
  const auto copy = [&](uint32_t from, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i += 4, to += 4)
      code = code + std::vector<uint32_t>{lw(A4, A5, static_cast<int32_t>(4 + from + i)), sw(A4, A3, to)};
  };
  if (salted) copy(INPUT, SALT);
  copy(0, size);
  code = code + std::vector<uint32_t>{addi(A0, A3, static_cast<int32_t>(state)), addi(A1, A0, BLOCK),
                                      addi(A7, 0, ZKVM_ECALL_SHA256), ECALL};
  // The state's words, big-endian.
  for (uint32_t i = 0; i < 32; i += 4)
    code = code +
           std::vector<uint32_t>{lw(A4, A3, static_cast<int32_t>(state + i)),
                                 lui(A2, 0x1'0000),
                                 addi(A2, A2, -256),  // 0xff00
                                 slli(A0, A4, 24),
                                 srli(A1, A4, 24),
                                 or_(A0, A0, A1),
                                 and_(A1, A4, A2),
                                 slli(A1, A1, 8),
                                 or_(A0, A0, A1),
                                 srli(A1, A4, 8),
                                 and_(A1, A1, A2),
                                 or_(A0, A0, A1)} +
           ecall(vm::Ecall::WRITE_JOURNAL_WORD);
  return code;
}

}  // namespace detail

/// Halts with `exit_code`.
inline vm::ElfBuilder model_guest(compiler::Disclosure disclosure, int32_t exit_code = 0) {
  std::vector<uint8_t> data;
  std::vector<uint32_t> code;
  if (disclosure.output)
    code = std::vector<uint32_t>{lui(A5, vm::INPUT_BEGIN), lw(A0, A5, 4)} + ecall(vm::Ecall::WRITE_JOURNAL_WORD);
  else
    code = detail::commit_hash(data, true, detail::OUTPUT);
  code = code + detail::commit_hash(data, !disclosure.input, detail::INPUT) +
         halt(exit_code, disclosure.output ? detail::OUTPUT + 32 : 64);
  vm::ElfBuilder elf = guest_of(code);
  elf.loads.back().bytes = data;
  elf.model = compiler::to_json(tiny_model(disclosure));
  return elf;
}

}  // namespace zkvm::tests
