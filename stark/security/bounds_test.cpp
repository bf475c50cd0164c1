#include "stark/security/bounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stark/field/koalabear.hpp"

namespace zkvm::stark::security {
namespace {

constexpr int64_t ONE_BIT = int64_t{1} << LOG_UNIT;

long double to_real(const Integer& scaled) {
  long exponent = 0;
  const double mantissa = mpz_get_d_2exp(&exponent, scaled.get_mpz_t());
  return std::ldexp(static_cast<long double>(mantissa), static_cast<int>(exponent) - static_cast<int>(SCALE));
}

TEST(Log2, is_exact_on_powers_of_two) {
  EXPECT_EQ(log2_down(1, 1), 0);
  EXPECT_EQ(log2_down(8, 1), 3 * ONE_BIT);
  EXPECT_EQ(log2_down(1, 8), -3 * ONE_BIT);
  EXPECT_EQ(log2_down(Integer(1) << 1000, Integer(1) << 3), 997 * ONE_BIT);
}

TEST(Log2, stays_below_the_truth_by_less_than_two_units) {
  // q = floor(log2(x) 2^40) exactly means 2^q <= x^(2^40); compare with long double, good to 2^-55 here.
  for (unsigned long a : {3ul, 5ul, 7ul, 1000003ul, 2130706433ul})
    for (unsigned long b : {1ul, 2ul, 9ul, 4294967295ul}) {
      const long double truth = std::log2(static_cast<long double>(a)) - std::log2(static_cast<long double>(b));
      const long double units = std::ldexp(truth, LOG_UNIT);
      EXPECT_LE(static_cast<long double>(log2_down(a, b)), units + 1e-3L);
      EXPECT_GT(static_cast<long double>(log2_down(a, b)), units - 2);
    }
}

TEST(Log2, just_below_a_power_of_two_rounds_down) {
  const Integer big = Integer(1) << 300;
  EXPECT_LT(log2_down(big - 1, big), 0);
  EXPECT_GE(log2_down(big - 1, big), -2);
  EXPECT_EQ(log2_down(big + 1, big), 0);
}

TEST(Log2, is_monotone) {
  int64_t last = log2_down(1000, 777);
  for (unsigned long a = 1001; a < 3000; ++a) {
    const int64_t next = log2_down(a, 777);
    EXPECT_GE(next, last);
    last = next;
  }
}

TEST(Sqrt, brackets_the_root) {
  for (unsigned long a : {1ul, 2ul, 3ul, 31ul, 1048575ul})
    for (unsigned long b : {1ul, 2ul, 64ul, 2097152ul}) {
      const Integer down = sqrt_down(a, b), up = sqrt_up(a, b);
      const Integer target = Integer(a) << (2 * SCALE);
      EXPECT_LE(down * down * b, target);
      EXPECT_GE(up * up * b, target);
      EXPECT_LE(up - down, 1);
    }
  EXPECT_EQ(sqrt_up(1, 4), Integer(1) << (SCALE - 1)) << "a rational root must be exact";
}

TEST(Field, sizes_are_those_of_the_sextic_extension) {
  Integer p = F::P, size = 1;
  for (int i = 0; i < 6; ++i) size *= p;
  EXPECT_EQ(extension_size(), size);
  EXPECT_EQ(out_of_base_size(), size - p);
  EXPECT_EQ(log2_down(size, 1) >> LOG_UNIT, 185);
}

TEST(ListSize, is_the_guruswami_sudan_bound_rounded_down) {
  EXPECT_EQ((Johnson{2, 3}.list_size()), 7);    // 3.5 / (1/2)
  EXPECT_EQ((Johnson{4, 10}.list_size()), 42);  // 10.5 / (1/4)
  EXPECT_EQ((Johnson{1, 28}.list_size()), 40);  // 28.5 * 1.41421 = 40.30
  EXPECT_EQ((Johnson{1, 3}.list_size()), 4);    // 4.95
}

TEST(ListSize, of_unique_decoding_allows_the_extra_degree) {
  EXPECT_EQ(unique_list_size(1), 4);
  EXPECT_EQ(unique_list_size(2), 2);
  EXPECT_EQ(unique_list_size(6), 2);
}

TEST(Queries, are_worth_the_agreement_threshold) {
  // Rate 1/4, m = 3: agreement 1/2 * 7/6 = 7/12. The square root is exact, so one rounding remains.
  EXPECT_EQ((Johnson{2, 3}.query_bits_down()), log2_down(12, 7));
  const long double at_half = -std::log2(std::sqrt(0.5L) * 57 / 56);
  EXPECT_NEAR(static_cast<double>(Johnson{1, 28}.query_bits_down()), static_cast<double>(std::ldexp(at_half, LOG_UNIT)),
              3);
  EXPECT_EQ(unique_query_bits_down(1), log2_down(4, 3));
}

TEST(Exceptions, match_the_formula_and_never_fall_below_it) {
  for (unsigned log_blowup : {1u, 2u, 3u, 4u, 6u})
    for (unsigned m : {3u, 4u, 10u, 28u, 233u})
      for (unsigned log_dimension : {1u, 5u, 21u}) {
        const long double n = std::ldexp(1.0L, static_cast<int>(log_dimension + log_blowup));
        const long double r = (std::ldexp(1.0L, static_cast<int>(log_dimension)) - 1) / n;
        const long double half = m + 0.5L;
        const long double rate = std::ldexp(1.0L, -static_cast<int>(log_blowup));
        const long double gamma = 1 - std::sqrt(rate) * (1 + 1 / (2.0L * m));
        const long double a =
            (2 * std::pow(half, 5.0L) + 3 * half * gamma * r) / (3 * r * std::sqrt(r)) * n + half / std::sqrt(r);
        const long double got = to_real(johnson_exceptions_up({log_blowup, m}, log_dimension, 1));
        EXPECT_GE(got, a * (1 - 1e-15L));
        EXPECT_LE(got, a * (1 + 1e-12L));
      }
}

TEST(Exceptions, grow_linearly_with_the_curve_degree) {
  const Johnson j{1, 28};
  EXPECT_EQ(johnson_exceptions_up(j, 21, 1499), johnson_exceptions_up(j, 21, 1) * 1499);
  EXPECT_EQ(johnson_exceptions_up(j, 21, 0), 0);
  EXPECT_EQ(unique_exceptions(1, 21, 7), Integer(7) << (22 + SCALE));
}

TEST(Exceptions, of_constant_words_count_pairs_of_points) {
  EXPECT_EQ(johnson_exceptions_up({1, 3}, 0, 1), Integer(1) << SCALE);
  EXPECT_EQ(johnson_exceptions_up({2, 9}, 0, 5), Integer(30) << SCALE);
}

/// The smallest code where the constant-word bound can be checked by enumeration: over F_13, curves of degree 1 on 4
/// points, "close" meaning two equal values.
TEST(Exceptions, of_constant_words_hold_by_enumeration) {
  constexpr int Q = 13, N = 4;
  unsigned state = 1;
  const auto random = [&] { return static_cast<int>((state = state * 1103515245u + 12345u) >> 16) % Q; };
  int most = 0;
  for (int trial = 0; trial < 500; ++trial) {
    int u[N], v[N];
    for (int i = 0; i < N; ++i) u[i] = (random() + Q) % Q, v[i] = (random() + Q) % Q;
    int bad = 0;
    for (int x = 0; x < Q; ++x) {
      bool is_bad = false;
      for (int i = 0; i < N; ++i)
        for (int j = 0; j < i; ++j)
          is_bad |= (u[i] + x * v[i]) % Q == (u[j] + x * v[j]) % Q && (u[i] != u[j] || v[i] != v[j]);
      bad += is_bad;
    }
    most = std::max(most, bad);
  }
  EXPECT_LE(most, 6);
  EXPECT_GE(most, 4) << "the bound would be idle";
}

}  // namespace
}  // namespace zkvm::stark::security
