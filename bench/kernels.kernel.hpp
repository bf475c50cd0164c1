#pragma once
/// \file
/// Loops over the vector arithmetic for kernels.cpp: `rounds` operations on each of several independent chains.

#include <cstddef>

namespace zkvm::stark {

struct ArithmeticKernels {
  size_t chains_times_lanes;
  void (*add)(size_t rounds);
  void (*mul)(size_t rounds);
  void (*mul_extension)(size_t rounds);
  void (*mac_extension)(size_t rounds);
};

namespace portable {
extern const ArithmeticKernels ARITHMETIC_KERNELS;
}
namespace avx2 {
extern const ArithmeticKernels ARITHMETIC_KERNELS;
}
namespace avx512 {
extern const ArithmeticKernels ARITHMETIC_KERNELS;
}

}  // namespace zkvm::stark
