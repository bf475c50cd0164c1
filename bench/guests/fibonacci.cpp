// Fibonacci numbers modulo a small prime, one remainder a turn, as others benchmark it.
//
// Input:   n (default 175,000).
// Journal: n; F(n) mod 7919, checked against fast doubling.

#include "support.hpp"

namespace {

constexpr std::uint32_t MODULUS = 7919;

// F(2k) = F(k) (2 F(k+1) - F(k)) and F(2k+1) = F(k)^2 + F(k+1)^2, from the highest bit of n down.
std::uint32_t fast_fibonacci(std::uint32_t n) {
  std::uint32_t f = 0, next = 1;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint32_t even = f * ((2 * next + MODULUS - f) % MODULUS) % MODULUS;
    const std::uint32_t odd = (f * f + next * next) % MODULUS;
    const bool step = (n >> bit & 1) != 0;
    f = step ? odd : even;
    next = step ? (even + odd) % MODULUS : odd;
  }
  return f;
}

}  // namespace

int main() {
  const std::uint32_t n = bench::parameter(175'000);
  std::uint32_t f = 0, next = 1;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t sum = (f + next) % MODULUS;
    f = next;
    next = sum;
  }
  bench::require(f == fast_fibonacci(n), "the Fibonacci number by addition and by doubling");
  zkvm::commit_value(n);
  zkvm::commit_value(f);
  return 0;
}
