#pragma once
/// \file
/// Models of importers' tests, and what other programs were recorded to make of them: import_test.cpp of an importer
/// compares, its testing/record.py records.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler::testing {

struct Case {
  std::string name;
  std::string reference;  ///< what record.py compares with, in its words
  std::vector<uint8_t> model;
};
/// Writes each model as FOLDER/NAME.EXTENSION, and FOLDER/manifest.txt with names and references: what main() of the
/// importer's program for record.py does with its arguments and returns.
int write_cases(const std::vector<Case>& cases, const std::string& extension, int argc, char** argv);

/// Splitmix64's output number `n`: test data that every language makes easily.
constexpr uint64_t noise(uint64_t n) {
  uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
/// Byte `i` of the input of run `run`.
constexpr uint8_t input_byte(uint64_t run, uint64_t i) { return static_cast<uint8_t>(noise((run << 32) + i)); }

/// What many runs gave.
struct Recorded {
  uint64_t runs = 0;
  std::string digest;  ///< FNV-1a of all outputs, 64 bits
  std::string first;   ///< the first output's first 48 bytes
};
/// By name; a line of the file is a name, then the members in order.
std::map<std::string, Recorded> read_recorded(const std::string& path);
/// What the graph gives in so many runs.
Recorded record(const Graph& graph, uint64_t runs);

/// Empty if it cannot be read.
std::vector<uint8_t> read_file(const std::string& path);
std::string hex(const std::vector<uint8_t>& bytes);

}  // namespace zkvm::compiler::testing
