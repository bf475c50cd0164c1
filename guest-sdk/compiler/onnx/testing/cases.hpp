#pragma once
/// \file
/// Small models, of an operator each, that are compared with onnxruntime: import_test.cpp runs them on the inputs below
/// and compares with recorded.txt, which record.py made from them.

#include <cstdint>
#include <string>
#include <vector>

namespace zkvm::compiler::onnx::testing {

struct Case {
  std::string name;
  std::string way;  ///< how record.py runs it: "default", "int8" or "plain"
  std::vector<uint8_t> model;
};
std::vector<Case> cases();

/// Splitmix64's output number `n`: test data that every language makes easily.
constexpr uint64_t noise(uint64_t n) {
  uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
/// Byte `i` of the input of run `run`.
constexpr uint8_t input_byte(uint64_t run, uint64_t i) { return static_cast<uint8_t>(noise((run << 32) + i)); }

}  // namespace zkvm::compiler::onnx::testing
