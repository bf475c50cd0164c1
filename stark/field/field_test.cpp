#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "stark/field/extension.hpp"
#include "stark/field/koalabear.hpp"

namespace zkvm::stark {
namespace {

constexpr uint32_t P = F::P;

/// Edge values first, then random ones.
template <class T>
struct Samples;

template <>
struct Samples<F> {
  static F random(std::mt19937_64& rng) { return F::from(static_cast<uint32_t>(rng() % P)); }
  static std::vector<F> edges() {
    return {F::zero(),      F::one(),          F::from(2), F::from(P - 1), F::from(P - 2), F::from((P + 1) / 2),
            F::from_raw(1), F::from_raw(P - 1)};
  }
};

template <>
struct Samples<E> {
  static E random(std::mt19937_64& rng) {
    E e;
    for (F& c : e.c) c = Samples<F>::random(rng);
    return e;
  }
  static std::vector<E> edges() {
    std::vector<E> r = {E::zero(), E::one(), -E::one()};
    const F top = F::from(P - 1);
    r.push_back(E{{top, top, top, top, top, top}});
    r.push_back(E{{F::from_raw(P - 1), F::from_raw(P - 1), F::from_raw(P - 1), F::from_raw(P - 1), F::from_raw(P - 1),
                   F::from_raw(P - 1)}});
    for (unsigned i = 0; i < E::DEGREE; ++i) {
      E basis;
      basis.c[i] = F::one();
      r.push_back(basis);
      r.push_back(-basis);
    }
    return r;
  }
};

template <class T>
std::vector<T> samples(size_t random_count) {
  std::mt19937_64 rng(2024);
  std::vector<T> r = Samples<T>::edges();
  for (size_t i = 0; i < random_count; ++i) r.push_back(Samples<T>::random(rng));
  return r;
}

template <class T>
class FieldAxioms : public testing::Test {};
using Fields = testing::Types<F, E>;
TYPED_TEST_SUITE(FieldAxioms, Fields);

TYPED_TEST(FieldAxioms, addition_is_an_abelian_group) {
  const auto s = samples<TypeParam>(12);
  for (const auto& a : s) {
    EXPECT_EQ(a + TypeParam::zero(), a);
    EXPECT_EQ(a + (-a), TypeParam::zero());
    EXPECT_EQ(a - a, TypeParam::zero());
    for (const auto& b : s) {
      EXPECT_EQ(a + b, b + a);
      EXPECT_EQ(a - b, a + (-b));
      for (const auto& c : s) EXPECT_EQ((a + b) + c, a + (b + c));
    }
  }
}

TYPED_TEST(FieldAxioms, multiplication_is_commutative_associative_and_has_one) {
  const auto s = samples<TypeParam>(12);
  for (const auto& a : s) {
    EXPECT_EQ(a * TypeParam::one(), a);
    EXPECT_EQ(a * TypeParam::zero(), TypeParam::zero());
    for (const auto& b : s) {
      EXPECT_EQ(a * b, b * a);
      for (const auto& c : s) EXPECT_EQ((a * b) * c, a * (b * c));
    }
  }
}

TYPED_TEST(FieldAxioms, multiplication_distributes) {
  const auto s = samples<TypeParam>(12);
  for (const auto& a : s)
    for (const auto& b : s)
      for (const auto& c : s) EXPECT_EQ(a * (b + c), a * b + a * c);
}

TYPED_TEST(FieldAxioms, every_element_but_zero_has_an_inverse) {
  EXPECT_EQ(TypeParam::zero().inverse(), TypeParam::zero());
  for (const auto& a : samples<TypeParam>(500)) {
    if (a.is_zero()) continue;
    EXPECT_EQ(a * a.inverse(), TypeParam::one());
    EXPECT_EQ(a.inverse().inverse(), a);
  }
}

TYPED_TEST(FieldAxioms, characteristic_is_p) {
  for (const auto& a : samples<TypeParam>(4)) {
    TypeParam sum = TypeParam::zero(), term = a;
    for (uint32_t n = P; n != 0; n >>= 1, term += term)
      if (n & 1) sum += term;
    EXPECT_EQ(sum, TypeParam::zero());
  }
}

TYPED_TEST(FieldAxioms, powers_agree_with_repeated_products) {
  for (const auto& a : samples<TypeParam>(8)) {
    TypeParam product = TypeParam::one();
    for (uint64_t e = 0; e < 20; ++e, product *= a) EXPECT_EQ(a.pow(e), product);
  }
}

TYPED_TEST(FieldAxioms, compound_assignment_agrees_with_the_operators) {
  for (const auto& a : samples<TypeParam>(4))
    for (const auto& b : samples<TypeParam>(4)) {
      TypeParam x = a, y = a, z = a;
      EXPECT_EQ(x += b, a + b);
      EXPECT_EQ(y -= b, a - b);
      EXPECT_EQ(z *= b, a * b);
    }
}

TEST(KoalaBear, modulus_is_a_prime_of_two_adicity_24) {
  EXPECT_EQ(P, (uint64_t{1} << 31) - (uint64_t{1} << 24) + 1);
  for (uint32_t d = 2; d * d <= P && d < 46342; ++d) ASSERT_NE(P % d, 0u) << d;
  EXPECT_EQ(P - 1, uint32_t{127} << F::TWO_ADICITY);
  EXPECT_EQ(P * F::P_INV, 1u);
}

TEST(KoalaBear, arithmetic_agrees_with_integers_modulo_p) {
  std::mt19937_64 rng(7);
  for (int i = 0; i < 20000; ++i) {
    const uint32_t a = static_cast<uint32_t>(rng() % P), b = static_cast<uint32_t>(rng() % P);
    const F x = F::from(a), y = F::from(b);
    ASSERT_EQ(x.value(), a);
    ASSERT_EQ((x + y).value(), (uint64_t{a} + b) % P);
    ASSERT_EQ((x - y).value(), (uint64_t{a} + P - b) % P);
    ASSERT_EQ((x * y).value(), uint64_t{a} * b % P);
    ASSERT_EQ((-x).value(), (P - a) % P);
    ASSERT_LT((x * y).v, P) << "a result must be canonical";
  }
}

TEST(KoalaBear, conversions_reduce_any_integer) {
  EXPECT_EQ(F::from(P), F::zero());
  EXPECT_EQ(F::from(P + 1), F::one());
  EXPECT_EQ(F::from(UINT32_MAX).value(), UINT32_MAX % P);
  EXPECT_EQ(F::from_i64(-1), F::from(P - 1));
  EXPECT_EQ(F::from_i64(-static_cast<int64_t>(P)), F::zero());
  EXPECT_EQ(F::from_i64(INT64_MIN) + F::from_i64(INT64_MAX), F::from_i64(-1));
  EXPECT_EQ(F::one().value(), 1u);
  EXPECT_EQ(F::from(P - 1) * F::from(P - 1), F::one());
}

TEST(KoalaBear, reduction_is_exact_and_canonical_over_its_whole_range) {
  constexpr uint64_t END = uint64_t{P} << 32;
  std::mt19937_64 rng(11);
  std::vector<uint64_t> inputs = {
      0, 1, P - 1, P, P + 1, UINT32_MAX, uint64_t{1} << 32, END - 1, END - P, END - (uint64_t{1} << 32)};
  for (int i = 0; i < 10000; ++i) inputs.push_back(rng() % END);
  for (uint64_t t : inputs) {
    const uint32_t r = F::reduce(t);
    ASSERT_LT(r, P) << t;
    ASSERT_EQ((uint64_t{r} << 32) % P, t % P) << t;
  }
}

TEST(KoalaBear, three_generates_the_multiplicative_group) {
  // p - 1 = 2^24 * 127.
  const F g = F::from(F::GENERATOR);
  EXPECT_EQ(g.pow(P - 1), F::one());
  EXPECT_NE(g.pow((P - 1) / 2), F::one());
  EXPECT_NE(g.pow((P - 1) / 127), F::one());
}

TEST(KoalaBear, two_adic_roots_have_exactly_their_order_and_are_squares_of_each_other) {
  EXPECT_EQ(F::two_adic_root(0), F::one());
  EXPECT_EQ(F::two_adic_root(1), -F::one());
  for (unsigned k = 1; k <= F::TWO_ADICITY; ++k) {
    const F w = F::two_adic_root(k);
    EXPECT_EQ(w.pow(uint64_t{1} << k), F::one()) << k;
    EXPECT_EQ(w.pow(uint64_t{1} << (k - 1)), -F::one()) << k;
    EXPECT_EQ(w * w, F::two_adic_root(k - 1)) << k;
  }
}

TEST(KoalaBear, operations_are_usable_in_constant_expressions) {
  static_assert((F::from(5) * F::from(7)).value() == 35);
  static_assert(F::from(12345).inverse() * F::from(12345) == F::one());
  static_assert(E::one().inverse() == E::one());
}

/// Rabin's test: f of degree 6 is irreducible over F_p iff x^(p^6) = x mod f and x^(p^2) - x, x^(p^3) - x are units mod
/// f (6/3 and 6/2 are the maximal proper divisors). A verified inverse shows a unit, so nothing assumes that E is a
/// field.
TEST(Extension, modulus_is_irreducible) {
  E x;
  x.c[1] = F::one();
  E power[7];
  power[0] = x;
  for (unsigned k = 1; k <= 6; ++k) power[k] = power[k - 1].pow(uint64_t{P});
  EXPECT_EQ(power[6], x);
  for (unsigned k : {2u, 3u}) {
    const E d = power[k] - x;
    EXPECT_EQ(d * d.inverse(), E::one()) << k;
  }
  // The reason: x is a ninth root of unity, and p has order 6 modulo 9.
  EXPECT_EQ(x.pow(9u), E::one());
  EXPECT_NE(x.pow(3u), E::one());
  EXPECT_EQ(x.pow(6u) + x.pow(3u) + E::one(), E::zero());
}

TEST(Extension, product_agrees_with_polynomial_long_division) {
  std::mt19937_64 rng(5);
  for (int trial = 0; trial < 300; ++trial) {
    const E a = Samples<E>::random(rng), b = Samples<E>::random(rng);
    F d[11];
    for (unsigned i = 0; i < 6; ++i)
      for (unsigned j = 0; j < 6; ++j) d[i + j] += a.c[i] * b.c[j];
    for (unsigned i = 10; i >= 6; --i) {  // subtract d[i] x^(i-6) (x^6 + x^3 + 1)
      d[i - 3] -= d[i];
      d[i - 6] -= d[i];
    }
    ASSERT_EQ(a * b, (E{{d[0], d[1], d[2], d[3], d[4], d[5]}}));
  }
}

TEST(Extension, base_field_operations_agree_with_the_embedded_ones) {
  std::mt19937_64 rng(6);
  for (int trial = 0; trial < 200; ++trial) {
    const E a = Samples<E>::random(rng);
    const F s = Samples<F>::random(rng);
    const E embedded = E::from_base(s);
    EXPECT_TRUE(embedded.in_base());
    ASSERT_EQ(a * s, a * embedded);
    ASSERT_EQ(s * a, a * embedded);
    ASSERT_EQ(a + s, a + embedded);
    ASSERT_EQ(a - s, a - embedded);
    ASSERT_EQ(E::from_base(s).inverse(), E::from_base(s.inverse()));
  }
}

TEST(Extension, in_base_sees_every_coefficient) {
  EXPECT_TRUE(E::zero().in_base());
  for (unsigned i = 1; i < E::DEGREE; ++i) {
    E e = E::one();
    e.c[i] = F::from_raw(1);
    EXPECT_FALSE(e.in_base()) << i;
    EXPECT_FALSE(e.is_zero());
  }
}

TEST(Extension, frobenius_is_the_p_th_power_map) {
  for (const E& a : samples<E>(20)) {
    E power = a;
    EXPECT_EQ(a.frobenius(0), a);
    for (unsigned k = 1; k <= 6; ++k) {
      power = power.pow(uint64_t{P});
      ASSERT_EQ(a.frobenius(k), power) << k;
    }
    EXPECT_EQ(a.frobenius(6), a);
  }
}

TEST(Extension, frobenius_is_an_automorphism_fixing_exactly_the_base_field) {
  const auto s = samples<E>(6);
  for (unsigned k = 1; k < 6; ++k)
    for (const E& a : s)
      for (const E& b : s) {
        ASSERT_EQ((a + b).frobenius(k), a.frobenius(k) + b.frobenius(k));
        ASSERT_EQ((a * b).frobenius(k), a.frobenius(k) * b.frobenius(k));
      }
  for (const E& a : s) EXPECT_EQ(a.frobenius(1) == a, a.in_base());
}

TEST(Extension, norm_is_in_the_base_field) {
  for (const E& a : samples<E>(50)) {
    E norm = a;
    for (unsigned k = 1; k < 6; ++k) norm *= a.frobenius(k);
    EXPECT_TRUE(norm.in_base());
    EXPECT_EQ(norm.is_zero(), a.is_zero());
  }
}

TEST(BitReverse, is_an_involution_and_a_permutation) {
  EXPECT_EQ(bit_reverse(0b0011, 4), 0b1100u);
  EXPECT_EQ(bit_reverse(1, 1), 1u);
  EXPECT_EQ(bit_reverse(0, 0), 0u);
  std::vector<bool> seen(256, false);
  for (uint64_t i = 0; i < 256; ++i) {
    const uint64_t r = bit_reverse(i, 8);
    ASSERT_LT(r, 256u);
    EXPECT_FALSE(seen[r]);
    seen[r] = true;
    EXPECT_EQ(bit_reverse(r, 8), i);
  }
}

}  // namespace
}  // namespace zkvm::stark
