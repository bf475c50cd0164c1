#include "tests/soundness/roots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace zkvm::soundness {
namespace {

using stark::F;

TEST(roots, of_a_product_of_linear_factors_are_its_zeros) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::vector<uint32_t> expected;
    Cubic f = {F::from(static_cast<uint32_t>(random()) | 1), F::zero(), F::zero(), F::zero()};
    const int degree = 1 + i % 3;
    for (int k = 0; k < degree; ++k) {
      const F r = F::from(i < 20 ? static_cast<uint32_t>(random() % 3) : static_cast<uint32_t>(random()));
      expected.push_back(r.value());
      Cubic g{};
      for (size_t j = 0; j < 4; ++j) {
        g[j] -= f[j] * r;
        if (j > 0) g[j] += f[j - 1];
      }
      f = g;
    }
    std::array<F, 4> values;
    for (uint32_t x = 0; x < 4; ++x) values[x] = f[0] + F::from(x) * (f[1] + F::from(x) * (f[2] + F::from(x) * f[3]));
    EXPECT_EQ(interpolate(values), f);
    std::vector<uint32_t> found;
    for (F r : roots(f)) found.push_back(r.value());
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    EXPECT_EQ(found, expected);
  }
}

TEST(roots, of_an_irreducible_square_are_none) {
  EXPECT_TRUE(roots({-F::from(3), F::zero(), F::one(), F::zero()}).empty());  // 3 generates F*, so it is no square
}

}  // namespace
}  // namespace zkvm::soundness
