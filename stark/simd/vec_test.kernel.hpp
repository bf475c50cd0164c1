#pragma once
/// \file
/// Entry points of vec_test.kernel.cpp: the backend's operations over plain arrays, so that one test source without
/// instruction-set flags can drive every backend.

#include <cstddef>

#include "stark/field/extension.hpp"

namespace zkvm::stark {

struct VecTestKernels {
  unsigned lanes;
  void (*add)(const F*, const F*, F*);
  void (*sub)(const F*, const F*, F*);
  void (*neg)(const F*, F*);
  void (*mul)(const F*, const F*, F*);
  /// a * w with the companion w_p_inv; lanes of a may be any 32-bit numbers.
  void (*mul_constant)(const F* a, uint32_t w, uint32_t w_p_inv, F*);
  /// out[l] = sum over `terms` of a[t * lanes + l] * b[t * lanes + l], by mac and by mac2.
  void (*sum_of_products)(const F* a, const F* b, size_t terms, F* by_mac, F* by_mac2);
  /// out[l] = sum over `terms` of a[t * lanes + l] * b[t], b in E; four ways that must agree.
  void (*sum_extension)(const F* a, const E* b, size_t terms, E* out[4]);
  void (*mul_extension)(const E*, const E*, E*);
  void (*mul_extension_base)(const E*, const F*, E*);
  void (*add_sub_neg_extension)(const E*, const E*, E* sum, E* difference, E* negative);
  void (*transpose)(F* square);
  /// lanes x n elements from rows of the given stride to columns (n x lanes) and back.
  void (*load_block)(const F* rows, size_t stride, unsigned n, F* columns);
  void (*store_block)(F* rows, size_t stride, unsigned n, const F* columns);
};

namespace portable {
extern const VecTestKernels VEC_TEST_KERNELS;
}
namespace avx2 {
extern const VecTestKernels VEC_TEST_KERNELS;
}
namespace avx512 {
extern const VecTestKernels VEC_TEST_KERNELS;
}

}  // namespace zkvm::stark
