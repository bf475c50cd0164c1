#pragma once
/// \file
/// Programs to lie about. Each ends by writing what it made of registers, memory and input into the journal, so that
/// most lies change the claim.

#include <string>
#include <vector>

#include "vm/elf/program.hpp"

namespace zkvm::tests {

struct Subject {
  std::string name;
  vm::Program program;
  std::vector<uint8_t> input;
};

/// Random instructions (tests/differential) of a few hundred cycles, then words of the input.
Subject random_subject(uint32_t seed);
/// Loads and stores of every width, again and again on few words; branches and jumps of every kind.
Subject memory_subject(uint32_t seed);
/// Calls of SHA-256 and Keccak, some on what others made.
Subject hashing_subject();
/// A network: convolution, depthwise convolution, two products, sum, table, both kinds of pooling, thresholds, softmax
/// and layer norm, two layers of each shape with different weights or tables.
Subject network_subject(uint32_t seed);

}  // namespace zkvm::tests
