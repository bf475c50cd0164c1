// An empty loop, as others benchmark it: four instructions a turn, no memory. Its rate says little about programs.
//
// Input:   turns (default 262,200, about 2^20 cycles).
// Journal: turns; sum of 0 .. turns - 1 (mod 2^32).

#include "support.hpp"

int main() {
  const std::uint32_t turns = bench::parameter(262'200);
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < turns; ++i) {
    sum += i;
    asm volatile("" : "+r"(sum));  // keeps the compiler from finding the formula below
  }
  const std::uint64_t n = turns;
  bench::require(sum == static_cast<std::uint32_t>(n * (n - (n != 0)) / 2), "the sum of the first integers");
  zkvm::commit_value(turns);
  zkvm::commit_value(sum);
  return 0;
}
