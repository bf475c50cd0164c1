#pragma once
/// \file
/// The KoalaBear prime field F = F_p, p = 2^31 - 2^24 + 1, in Montgomery form (R = 2^32).
/// Two-adicity 24, multiplicative generator 3. Every operation takes and returns canonical residues in [0, p).

#include <cstdint>

namespace zkvm::stark {

struct F {
  static constexpr uint32_t P = 0x7f000001u;
  /// p^-1 mod 2^32 (Montgomery reduction subtracts q*p, so the sign is positive).
  static constexpr uint32_t P_INV = 0x81000001u;
  static constexpr unsigned TWO_ADICITY = 24;
  static constexpr uint32_t GENERATOR = 3;

  uint32_t v = 0;  ///< Montgomery residue, < P

  /// Montgomery reduction of t < 2^32 * p to t / 2^32 mod p, canonical.
  static constexpr uint32_t reduce(uint64_t t) {
    const uint32_t q = static_cast<uint32_t>(t) * P_INV;
    const uint32_t hi = static_cast<uint32_t>(t >> 32);
    const uint32_t m = static_cast<uint32_t>((static_cast<uint64_t>(q) * P) >> 32);
    return hi >= m ? hi - m : hi - m + P;
  }
  /// The element x mod p, for any 32-bit x. R^2 mod p = 0x17f7efe4 folds the conversion into one reduction.
  static constexpr F from(uint32_t x) { return F{reduce(static_cast<uint64_t>(x) * R2)}; }
  static constexpr F from_i64(int64_t x) {
    const int64_t r = x % static_cast<int64_t>(P);
    return from(static_cast<uint32_t>(r < 0 ? r + static_cast<int64_t>(P) : r));
  }
  static constexpr F from_raw(uint32_t montgomery) { return F{montgomery}; }
  /// The canonical representative in [0, p).
  constexpr uint32_t value() const { return reduce(v); }

  static constexpr F zero() { return F{0}; }
  static constexpr F one() { return F{R1}; }

  friend constexpr F operator+(F a, F b) {
    const uint32_t t = a.v + b.v;
    return F{t >= P ? t - P : t};
  }
  friend constexpr F operator-(F a, F b) { return F{a.v >= b.v ? a.v - b.v : a.v - b.v + P}; }
  friend constexpr F operator-(F a) { return F{a.v == 0 ? 0 : P - a.v}; }
  friend constexpr F operator*(F a, F b) { return F{reduce(static_cast<uint64_t>(a.v) * b.v)}; }
  constexpr F& operator+=(F b) { return *this = *this + b; }
  constexpr F& operator-=(F b) { return *this = *this - b; }
  constexpr F& operator*=(F b) { return *this = *this * b; }
  friend constexpr bool operator==(F a, F b) = default;

  constexpr F pow(uint64_t e) const {
    F r = one(), b = *this;
    for (; e != 0; e >>= 1, b *= b)
      if ((e & 1) != 0) r *= b;
    return r;
  }
  /// Multiplicative inverse; 0 maps to 0.
  constexpr F inverse() const { return pow(P - 2); }
  constexpr bool is_zero() const { return v == 0; }

  /// A generator of the subgroup of order 2^log_order, log_order <= 24; roots of smaller order are its squares.
  static constexpr F two_adic_root(unsigned log_order) {
    F g = from(GENERATOR).pow((P - 1) >> TWO_ADICITY);
    for (unsigned i = TWO_ADICITY; i > log_order; --i) g *= g;
    return g;
  }

 private:
  static constexpr uint32_t R1 = static_cast<uint32_t>((uint64_t{1} << 32) % P);
  static constexpr uint32_t R2 = static_cast<uint32_t>((static_cast<unsigned __int128>(R1) * R1) % P);
};
static_assert(sizeof(F) == 4);

/// Reverses the low `bits` bits of i.
constexpr uint64_t bit_reverse(uint64_t i, unsigned bits) {
  uint64_t r = 0;
  for (unsigned b = 0; b < bits; ++b) r |= ((i >> b) & 1) << (bits - 1 - b);
  return r;
}

}  // namespace zkvm::stark
