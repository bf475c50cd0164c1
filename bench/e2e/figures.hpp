#pragma once
/// \file
/// The figures that the project sets itself, and what was measured of them.

#include <vector>

#include "bench/e2e/report.hpp"

namespace zkvm::bench {

/// What the figures are read off.
struct FigureRuns {
  std::vector<Measurement> workloads;  ///< all, at 2^20 cycles, "mix" among them
  Measurement long_mix;                ///< 2^24 cycles with little memory
  Measurement quickstart;
};

inline constexpr uint64_t FIGURE_CYCLES = uint64_t{1} << 20, LONG_CYCLES = uint64_t{1} << 24;
inline constexpr const char* LONG_MEMORY = "6G";

/// In the order of bench/README.md. Of several runs the worst counts, except that rate and cells are those of the mix.
std::vector<Figure> judge(const FigureRuns& runs);

}  // namespace zkvm::bench
