#include "stark/security/bounds.hpp"

#include <algorithm>

#include "stark/field/extension.hpp"

namespace zkvm::stark::security {
namespace {

Integer power_of_two(unsigned e) { return Integer(1) << e; }

/// u64 to Integer, portable to platforms where unsigned long is 32 bits.
Integer integer(uint64_t v) {
  return (Integer(static_cast<unsigned long>(v >> 32)) << 32) + Integer(static_cast<unsigned long>(v & 0xffffffffu));
}

}  // namespace

Integer extension_size() {
  Integer r;
  mpz_ui_pow_ui(r.get_mpz_t(), F::P, E::DEGREE);
  return r;
}

Integer out_of_base_size() { return extension_size() - F::P; }

Integer divide_up(const Integer& a, const Integer& b) {
  Integer q;
  mpz_cdiv_q(q.get_mpz_t(), a.get_mpz_t(), b.get_mpz_t());
  return q;
}

Integer sqrt_down(const Integer& a, const Integer& b) {
  // floor(sqrt(floor(x))) = floor(sqrt(x)) for every real x >= 0.
  return sqrt(Integer((a << (2 * SCALE)) / b));
}

Integer sqrt_up(const Integer& a, const Integer& b) {
  const Integer x = divide_up(a << (2 * SCALE), b);
  Integer root, remainder;
  mpz_sqrtrem(root.get_mpz_t(), remainder.get_mpz_t(), x.get_mpz_t());
  return remainder == 0 ? root : Integer(root + 1);
}

int64_t log2_down(const Integer& a, const Integer& b) {
  constexpr unsigned MANTISSA = 128;
  // e = floor(log2(a / b)): the bit lengths fix it up to one.
  int64_t e =
      static_cast<int64_t>(mpz_sizeinbase(a.get_mpz_t(), 2)) - static_cast<int64_t>(mpz_sizeinbase(b.get_mpz_t(), 2));
  const auto shifted = [](const Integer& v, int64_t s) { return s > 0 ? Integer(v << static_cast<unsigned>(s)) : v; };
  if (shifted(a, -e) < shifted(b, e)) --e;
  // y / 2^(MANTISSA - 1) in [1, 2), rounded down; squaring doubles the logarithm, and rounding down keeps y below the
  // truth.
  const int64_t shift = static_cast<int64_t>(MANTISSA) - 1 - e;
  Integer y = shifted(a, shift) / shifted(b, -shift);
  int64_t r = e;
  for (unsigned i = 0; i < LOG_UNIT; ++i) {
    y = (y * y) >> (MANTISSA - 1);
    const bool carry = mpz_sizeinbase(y.get_mpz_t(), 2) > MANTISSA;
    if (carry) y >>= 1;
    r = 2 * r + (carry ? 1 : 0);
  }
  return r;
}

Integer Johnson::gamma_up() const {
  // 1 - sqrt(rate) - sqrt(rate) / (2m), with sqrt(rate) rounded down.
  const Integer root = sqrt_down(1, power_of_two(log_blowup));
  return power_of_two(SCALE) - (root * (2 * m + 1)) / (2 * m);
}

int64_t Johnson::query_bits_down() const {
  const Integer agreement = sqrt_up(1, power_of_two(log_blowup)) * (2 * m + 1);
  return log2_down(power_of_two(SCALE) * (2 * m), agreement);
}

Integer Johnson::list_size() const {
  // floor(sqrt(x) / 2) = floor(floor(sqrt(x)) / 2) with x = (2m + 1)^2 2^log_blowup.
  const Integer odd = 2 * m + 1;
  return sqrt(Integer((odd * odd) << log_blowup)) / 2;
}

Integer johnson_exceptions_up(const Johnson& regime, unsigned log_dimension, uint64_t curve_degree) {
  const Integer n = power_of_two(log_dimension + regime.log_blowup);
  if (log_dimension == 0) return (n * (n - 1) / 2 * integer(curve_degree)) << SCALE;
  const Integer degree = power_of_two(log_dimension) - 1;  // r = degree / n
  const Integer odd = 2 * regime.m + 1;                    // 2 (m + 1/2)
  const Integer inverse_root = sqrt_up(n, degree);         // 1 / sqrt(r)
  // 2 (m + 1/2)^5 + 3 (m + 1/2) gamma r
  const Integer odd5 = odd * odd * odd * odd * odd;
  const Integer leading = divide_up(odd5 << SCALE, 16) + divide_up(3 * odd * regime.gamma_up() * degree, 2 * n);
  // n / (3 r^(3/2)) = n^2 / (3 degree) * inverse_root
  const Integer per_degree =
      divide_up(leading * n * n * inverse_root, (3 * degree) << SCALE) + divide_up(odd * inverse_root, 2);
  return per_degree * integer(curve_degree);
}

Integer unique_exceptions(unsigned log_blowup, unsigned log_dimension, uint64_t curve_degree) {
  return integer(curve_degree) << (log_dimension + log_blowup + SCALE);
}

int64_t unique_query_bits_down(unsigned log_blowup) {
  const Integer inverse_rate = power_of_two(log_blowup);
  return log2_down(2 * inverse_rate, inverse_rate + 1);
}

Integer unique_list_size(unsigned log_blowup) {
  const Integer inverse_rate = power_of_two(log_blowup);
  return 2 * inverse_rate / (inverse_rate - 1);
}

}  // namespace zkvm::stark::security
