#pragma once
/// \file
/// Functions of real numbers in constant expressions, for tables and scales: <cmath> has none there. Errors are a few
/// units in the last place of a double, far below what rounding to 8 bits can see. Not fast; nothing here runs in a
/// guest.

#include <bit>
#include <cstdint>
#include <limits>

namespace zkvm::nn::math {

inline constexpr double SQRT_PI = 1.77245385090551602730;
inline constexpr double SQRT_HALF = 0.70710678118654752440;

/// 2^exponent, -1022 <= exponent <= 1023.
constexpr double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// Rounded to nearest, halves away from zero. |x| < 2^62.
constexpr std::int64_t round(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  const double rest = x - static_cast<double>(whole);
  return whole + (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0);
}

/// x = fraction * 2^exponent with 0.5 <= fraction < 1, or both 0. x >= 0 and not subnormal.
struct Parts {
  double fraction;
  int exponent;
};
constexpr Parts split(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  if ((bits << 1) == 0) return {0, 0};
  const int exponent = static_cast<int>(bits >> 52) - 1022;
  return {std::bit_cast<double>((bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1022} << 52)), exponent};
}

constexpr double exp(double x) {
  if (x > 709) return std::numeric_limits<double>::infinity();
  if (x < -708) return 0;
  constexpr double LN2_HIGH = 0x1.62e42fefa38p-1, LN2_LOW = 0x1.ef35793c7673p-45;  // the first with 11 zeros at the end
  const auto k = static_cast<int>(round(x / (LN2_HIGH + LN2_LOW)));
  const double r = (x - k * LN2_HIGH) - k * LN2_LOW;
  double sum = 1;
  for (int i = 18; i > 0; --i) sum = 1 + sum * r / i;
  return sum * power_of_two(k);
}

constexpr double tanh(double x) {
  if (x < 0) return -tanh(-x);
  if (x < 0.05) {  // the series, where the quotient would cancel
    const double s = x * x;
    return x * (1 - s * (1.0 / 3 - s * (2.0 / 15 - s * (17.0 / 315 - s * (62.0 / 2835 - s * 1382 / 155925)))));
  }
  const double e = exp(-2 * x);
  return (1 - e) / (1 + e);
}

/// 1 - erf(x).
constexpr double erfc(double x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27) return 0;
  if (x < 2) {  // erf(x) = 2 / sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (2n+1)!!, all terms positive
    double term = x, sum = x;
    for (int n = 1; n < 80; ++n) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 1 - 2 / SQRT_PI * exp(-x * x) * sum;
  }
  double tail = x;  // the continued fraction x + (1/2) / (x + (2/2) / (x + ...))
  for (int n = 120; n > 0; --n) tail = x + n / 2.0 / tail;
  return exp(-x * x) / (SQRT_PI * tail);
}

}  // namespace zkvm::nn::math
