#pragma once
/// \file
/// Random layers, and programs that call them.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "guest-sdk/include/zkvm/nn/record.h"
#include "vm/elf/program.hpp"

namespace zkvm::tests {

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int32_t operator()(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(engine_); }
  bool one_in(int32_t n) { return (*this)(1, n) == 1; }
  uint8_t byte() { return static_cast<uint8_t>((*this)(0, 255)); }

 private:
  std::mt19937 engine_;
};

/// A record and what its calls need.
struct TestLayer {
  std::vector<uint8_t> record;
  uint32_t input_bytes = 0, second_bytes = 0, output_bytes = 0;  ///< second: 0 if there is none
  std::string text;                                              ///< for failures
};

/// `size` bounds the extent of tensors: 1 small, 2 medium. Edge cases are frequent.
TestLayer random_layer(Random& random, uint32_t kind, int32_t size);
/// Of operand enum zkvm_nn_operand.
TestLayer random_linear(Random& random, int32_t operand, int32_t size);

/// For accumulators up to about `range` in size, at most 2^28: evenly spaced as scales give them, or anywhere, often
/// equal to their neighbours, or at the ends that are always or never reached.
zkvm_nn_thresholds random_thresholds(Random& random, int32_t range);

/// header and payload, padded, with magic and bytes filled in.
template <class Header>
std::vector<uint8_t> make_record(Header header, const std::vector<uint8_t>& payload);

/// Where the test programs have their tensors.
inline constexpr uint32_t TENSORS = 0x0010'0000;

struct TestCall {
  uint32_t layer;  ///< index into the layers
  uint32_t input, second, output;
};
/// A program that makes the calls, one after the other, and ends with `end`: empty means that it halts with 0. `memory`
/// is what TENSORS holds at first. Throws std::runtime_error if the loader refuses a record.
vm::Program layer_program(const std::vector<TestLayer>& layers, const std::vector<TestCall>& calls,
                          const std::vector<uint8_t>& memory, const std::vector<uint32_t>& end = {});
/// The same as an ELF file.
std::vector<uint8_t> layer_elf(const std::vector<TestLayer>& layers, const std::vector<TestCall>& calls,
                               const std::vector<uint8_t>& memory, const std::vector<uint32_t>& end = {});
/// Address of a layer's record in such a program.
uint32_t record_address(const std::vector<TestLayer>& layers, uint32_t index);

/// One layer called `calls` times on random tensors that lie apart, or output on input where that is allowed.
struct OneLayer {
  TestLayer layer;
  std::vector<TestCall> calls;
  std::vector<uint8_t> memory;
  vm::Program program;
};
OneLayer one_layer(Random& random, uint32_t kind, int32_t size, uint32_t calls = 1);

}  // namespace zkvm::tests
