#pragma once
/// \file
/// What a proof of a generated guest will cost, before there is one.
///
/// Rows of the neural-network chips are counted exactly, and divided into tables as the prover does. Guest code is
/// estimated by instructions an element and their shares of chips, measured on guests with one helper of
/// zkvm/nn/tensor_ops.hpp each (cost.cpp has the numbers). Seconds and memory are a fit to bench/results/networks.csv
/// and to small networks, two cores:
///
///     seconds = 0.05 + 11e-9 cells + 60e-9 weights      memory = 150 MB + 12 bytes a cell, to the default budget
///
/// The cells are within a tenth (tests/models); for the networks of bench/ the seconds are within 40 % and the memory
/// within 30 %. README.md compares predictions with measured proofs.

#include <vector>

#include "guest-sdk/compiler/lower.hpp"

namespace zkvm::compiler {

struct StepCost {
  uint64_t cells = 0;   ///< committed, without padding and fixed tables
  uint64_t cycles = 0;  ///< of guest code
};
struct Cost {
  std::vector<StepCost> steps;
  uint64_t cells = 0;  ///< of the whole proof, padding and fixed tables included
  uint64_t cycles = 0;
  double seconds = 0;
  uint64_t peak_bytes = 0;
};

/// `program` has no problems.
Cost predict(const Program& program);
/// The seconds that so many of the proof's cells take.
double seconds_of(uint64_t cells, int64_t weights);

}  // namespace zkvm::compiler
