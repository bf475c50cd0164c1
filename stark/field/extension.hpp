#pragma once
/// \file
/// The extension field E = F[x]/(x^6 + x^3 + 1), |E| ~ 2^186. Irreducible because p has order 6 modulo 9, so the ninth
/// cyclotomic polynomial x^6 + x^3 + 1 stays irreducible over F. Basis 1, x, ..., x^5; coefficient i in c[i].

#include "stark/field/koalabear.hpp"

namespace zkvm::stark {

struct E {
  static constexpr unsigned DEGREE = 6;
  F c[DEGREE] = {};

  static constexpr E zero() { return E{}; }
  static constexpr E one() { return E{{F::one()}}; }
  static constexpr E from_base(F a) { return E{{a}}; }

  friend constexpr E operator+(const E& a, const E& b) {
    E r;
    for (unsigned i = 0; i < DEGREE; ++i) r.c[i] = a.c[i] + b.c[i];
    return r;
  }
  friend constexpr E operator-(const E& a, const E& b) {
    E r;
    for (unsigned i = 0; i < DEGREE; ++i) r.c[i] = a.c[i] - b.c[i];
    return r;
  }
  friend constexpr E operator-(const E& a) { return E{} - a; }
  friend constexpr E operator*(const E& a, F b) {
    E r;
    for (unsigned i = 0; i < DEGREE; ++i) r.c[i] = a.c[i] * b;
    return r;
  }
  friend constexpr E operator*(F b, const E& a) { return a * b; }
  friend constexpr E operator+(const E& a, F b) {
    E r = a;
    r.c[0] += b;
    return r;
  }
  friend constexpr E operator-(const E& a, F b) {
    E r = a;
    r.c[0] -= b;
    return r;
  }
  /// Schoolbook product, reduced by x^6 = -x^3 - 1, x^9 = 1.
  friend constexpr E operator*(const E& a, const E& b) {
    F d[2 * DEGREE - 1] = {};
    for (unsigned i = 0; i < DEGREE; ++i)
      for (unsigned j = 0; j < DEGREE; ++j) d[i + j] += a.c[i] * b.c[j];
    return E{{d[0] - d[6] + d[9], d[1] - d[7] + d[10], d[2] - d[8], d[3] - d[6], d[4] - d[7], d[5] - d[8]}};
  }
  constexpr E& operator+=(const E& b) { return *this = *this + b; }
  constexpr E& operator-=(const E& b) { return *this = *this - b; }
  constexpr E& operator*=(const E& b) { return *this = *this * b; }
  friend constexpr bool operator==(const E& a, const E& b) = default;

  constexpr bool is_zero() const { return *this == E{}; }
  /// True if the element lies in the base field.
  constexpr bool in_base() const {
    for (unsigned i = 1; i < DEGREE; ++i)
      if (!c[i].is_zero()) return false;
    return true;
  }

  template <class Int>
  constexpr E pow(Int e) const {
    E r = one(), b = *this;
    for (; e != 0; e >>= 1, b *= b)
      if ((e & 1) != 0) r *= b;
    return r;
  }

  /// The Frobenius map a -> a^(p^k). Since p = 2 mod 9, it maps x to x^(2^k mod 9) and permutes powers of x.
  constexpr E frobenius(unsigned k) const {
    unsigned m = 1;
    for (unsigned i = 0; i < k; ++i) m = (m * (F::P % 9)) % 9;
    F d[9] = {};
    for (unsigned i = 0; i < DEGREE; ++i) d[(i * m) % 9] += c[i];
    // x^6 = -x^3 - 1, x^7 = -x^4 - x, x^8 = -x^5 - x^2
    return E{{d[0] - d[6], d[1] - d[7], d[2] - d[8], d[3] - d[6], d[4] - d[7], d[5] - d[8]}};
  }

  /// Multiplicative inverse by the norm to F (Itoh-Tsujii): a^-1 = (prod_{k=1..5} a^(p^k)) / N(a); 0 maps to 0.
  constexpr E inverse() const {
    const E a1 = frobenius(1);
    E prod = a1;
    for (unsigned k = 2; k < DEGREE; ++k) prod *= frobenius(k);
    const E norm = prod * *this;
    return prod * norm.c[0].inverse();
  }
};
static_assert(sizeof(E) == 24);

}  // namespace zkvm::stark
