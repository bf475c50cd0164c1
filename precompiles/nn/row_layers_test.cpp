// The steps of softmax and layer norm against the software that defines them, and the windows that the chips rely on.
#include "precompiles/nn/row_layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "guest-sdk/include/zkvm/nn/software.hpp"
#include "precompiles/nn/limbs.hpp"

namespace zkvm::precompiles::nn {
namespace {

/// reciprocals/ takes estimates for unique in [0x2000'0000, 0x9f00'0000) and errors in +-2^25.
void expect_reciprocal(uint32_t sum) {
  const Reciprocal r = reciprocal(sum);
  const auto headroom = static_cast<unsigned>(std::countl_zero(sum));
  ASSERT_EQ(r.headroom, headroom) << sum;
  ASSERT_EQ(r.denominator, sum << (headroom - 1)) << sum;
  const auto x = static_cast<int32_t>((sum << headroom) - (uint32_t{1} << 31));
  ASSERT_EQ(static_cast<int32_t>(r.value), zkvm::nn::software::one_over_one_plus_x(x)) << sum;
  for (const uint32_t y : r.y) {
    ASSERT_GE(y, 0x2000'0000u) << sum;
    ASSERT_LT(y, 0x9f00'0000u) << sum;
  }
  for (const int32_t e : r.error) ASSERT_LT(std::abs(e), 1 << 25) << sum;
}

TEST(Reciprocals, are_the_softwares_and_within_their_windows) {
  constexpr uint32_t FIRST = uint32_t{1} << 19, END = 4060 * FIRST;
  // Every sum up to 2^20 + 2^16, both ends of every headroom, and every 997th of all: denominators of every size.
  for (uint32_t sum = FIRST; sum < 2 * FIRST + 65536; sum += 1) expect_reciprocal(sum);
  for (unsigned shift = 19; shift < 31; ++shift)
    for (int by = -2000; by < 2000; ++by)
      if (const auto sum = (uint32_t{1} << shift) + static_cast<uint32_t>(by); sum >= FIRST && sum <= END)
        expect_reciprocal(sum);
  for (uint32_t sum = FIRST; sum <= END - 997; sum += 997) expect_reciprocal(sum);
  for (uint32_t sum = END - 1000; sum <= END; ++sum) expect_reciprocal(sum);
}

TEST(Shares, are_the_softwares_quotients_and_within_their_divisions) {
  std::mt19937 random(1);
  std::uniform_int_distribution<uint32_t> any(0, INT32_MAX);
  for (int i = 0; i < 2'000'000; ++i) {
    const unsigned bits = 19 + static_cast<unsigned>(i % 12);
    const uint32_t sum = std::min((uint32_t{1} << bits) + (any(random) & ((uint32_t{1} << bits) - 1)), 4060u << 19);
    const uint32_t e = i % 5 == 0 ? INT32_MAX : i % 7 == 0 ? any(random) >> (any(random) % 31) : any(random);
    const Reciprocal r = reciprocal(sum);
    const int32_t product =
        zkvm::nn::software::rounding_doubling_high_mul(static_cast<int32_t>(r.value), static_cast<int32_t>(e));
    const int32_t exponent = 35 - static_cast<int32_t>(r.headroom);
    const int32_t quotient = exponent > 31 ? 0 : zkvm::nn::software::rounding_divide_by_pot(product, exponent);
    const uint32_t q = share(r, e);
    ASSERT_EQ(static_cast<int32_t>(q), quotient) << sum << " " << e;
    ASSERT_EQ(share_output(q), std::clamp(quotient - 128, -128, 127));
    // What shares/ claims: the quotient is at most `greatest`, and what remains has its bits.
    const Division d = division(r.headroom);
    ASSERT_LE(q, d.greatest);
    ASSERT_LE(d.greatest, 256u);
    const uint64_t w = (uint64_t{r.value} * e + (1u << 30)) >> 32;
    ASSERT_LT(w + d.half - uint64_t{q} * d.power, uint64_t{d.power});
    ASSERT_EQ(d.power, 1u << (16 + d.bits));
    ASSERT_LT(w, uint64_t{1} << 30);
  }
}

TEST(Roots, are_the_softwares_and_normalised_values_within_their_bound) {
  std::mt19937 random(2);
  const auto in = [&](int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(random); };
  for (int i = 0; i < 20'000; ++i) {
    LayerNorm n;
    n.shape.cols = i % 50 == 0 ? 4096 : 4 * in(1, i % 10 == 0 ? 1024 : 20);
    n.shape.epsilon = i % 3 == 0 ? 1 : in(1, 1 << in(0, 30));
    std::vector<int32_t> row(static_cast<size_t>(n.shape.cols));
    // Random, constant but for one, half and half, constant.
    const int32_t low = in(-128, 127), high = in(-128, 127), form = in(0, 3);
    for (size_t k = 0; k < row.size(); ++k)
      row[k] = form == 0   ? in(-128, 127)
               : form == 1 ? (k == 0 ? high : low)
               : form == 2 ? (k % 2 == 0 ? 127 : -128)
                           : low;
    int64_t sum = 0, squares = 0;
    for (int32_t x : row) sum += x, squares += x * x;
    const Root r = root(n, sum, squares);
    ASSERT_EQ(r.root, zkvm::nn::software::integer_square_root(r.variance << 24));
    ASSERT_LT(r.variance, (uint64_t{1} << 38) + (uint64_t{1} << 31));
    ASSERT_GE(r.root, 1u << 12);
    ASSERT_LT(r.root, 0x8100'0000u);
    ASSERT_GT(r.inverse, 1u << 15);
    ASSERT_LE(r.inverse, uint64_t{1} << 35);
    int64_t bound = 0;
    while (bound * bound < int64_t{n.shape.cols - 1} << 20) ++bound;
    for (int32_t x : row) {
      const int64_t deviation = n.shape.cols * x - sum;
      const int64_t normal = (deviation * static_cast<int64_t>(r.inverse) + (1 << 24)) >> 25;
      ASSERT_EQ(normalised(n, x, sum, r), normal);
      ASSERT_LE(std::abs(normal), bound + 2);
    }
  }
}

/// high_product's columns for the largest limbs of every sign are what the gadget looks up.
TEST(Products, have_carries_within_their_windows) {
  std::mt19937 random(3);
  const auto in = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  isa::LookupCounts counts(0);
  const isa::ProgramTable none({}, {});
  isa::Filler f(none, counts);
  for (int i = 0; i < 200'000; ++i) {
    int64_t a[4], m[4];
    for (int64_t& x : m) x = in(0, 3) == 0 ? 255 : in(0, 255);
    for (int64_t& x : a) x = in(0, 3) == 0 ? 255 : in(0, 255);
    int64_t value = 0;
    if (i % 3 == 0) a[3] = 0, a[2] = in(0, 3) == 0 ? (in(0, 1) == 0 ? -4096 : 4096) : in(-4096, 4096);
    if (i % 3 == 1)
      for (int64_t& x : a) x = -x;
    for (unsigned k = 4; k-- > 0;) value = 256 * value + a[k];
    int64_t other = 0;
    for (unsigned k = 4; k-- > 0;) other = 256 * other + m[k];
    const auto c = fill_product(f, false, a, m, 1u << 31);
    const auto number = [](F x) {
      return x.value() < F::P / 2 ? int64_t{x.value()} : int64_t{x.value()} - int64_t{F::P};
    };
    ASSERT_LT(static_cast<uint64_t>(number(c.k0) + 1024), 2048u);
    ASSERT_LT(static_cast<uint64_t>(number(c.k1) + 8192), 16384u);
    const __int128 product = static_cast<__int128>(value) * other + (int64_t{1} << 31);
    ASSERT_EQ(static_cast<uint32_t>(product), static_cast<uint32_t>(number(c.r0) + 65536 * number(c.r1)));
  }
}

}  // namespace
}  // namespace zkvm::precompiles::nn
