#pragma once
/// \file
/// The roofline model: the kernels of a blow-up-2 prover, run in sequence on a given shape.

#include <cstddef>
#include <string>
#include <vector>

namespace zkvm::bench {

/// Columns per row in field elements; an E column counts six.
struct ModelShape {
  unsigned log_rows = 20;
  size_t main_columns = 40;
  size_t aux_columns = 54;  ///< LogUp columns, a multiple of six
  size_t quotient_columns = 12;
  int threads = 1;
  unsigned repeats = 3;
};

struct ModelPhase {
  std::string name;
  double seconds;  ///< wall time, best of the repeats
};

constexpr unsigned MIN_LOG_ROWS = 12, MAX_LOG_ROWS = 22;
constexpr size_t MAX_COLUMNS = 1024;

/// Runs the model. Needs AVX-512 F, BW, DQ and VL; the shape must be within the limits above.
std::vector<ModelPhase> run_model(const ModelShape& shape);

}  // namespace zkvm::bench
