// std::sort of random numbers, then a binary search for each eighth of them.
//
// Input:   how many numbers (default 7,800).
// Journal: how many; least and greatest number; sum of the places where the searches ended (mod 2^32).

#include <algorithm>
#include <vector>

#include "support.hpp"

namespace {

// The same for two sequences that are permutations of each other, and hardly for others.
std::uint64_t fingerprint(const std::vector<std::uint32_t>& numbers) {
  std::uint64_t sum = 0;
  for (const std::uint32_t n : numbers) sum += std::uint64_t{n} * n;
  return sum;
}

}  // namespace

int main() {
  const std::uint32_t count = bench::parameter(7'800);
  bench::require(count != 0, "at least one number");
  std::vector<std::uint32_t> numbers(count);
  std::uint32_t random = 2463534242;
  for (std::uint32_t& n : numbers) n = bench::next_random(random);

  const std::uint64_t before = fingerprint(numbers);
  std::sort(numbers.begin(), numbers.end());
  bench::require(fingerprint(numbers) == before, "sorting only moves numbers");
  bench::require(std::is_sorted(numbers.begin(), numbers.end()), "sorted numbers ascend");

  std::uint32_t places = 0;
  random = 2463534242;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t wanted = bench::next_random(random);
    if (i % 8 != 0) continue;
    const auto found = std::lower_bound(numbers.begin(), numbers.end(), wanted);
    bench::require(found != numbers.end() && *found == wanted, "every number is found");
    places += static_cast<std::uint32_t>(found - numbers.begin());
  }
  for (const std::uint32_t value : {count, numbers.front(), numbers.back(), places}) zkvm::commit_value(value);
  return 0;
}
