// Sorts private numbers and proves facts about the sorted sequence: how many there are, their sum, the least, the median
// and the greatest.
//
// Input:   32-bit little-endian numbers; a length that is not a multiple of 4 ends the guest with exit code 65. An empty
//          input sorts 1000 numbers of its own.
// Journal: how many; the sum of all (mod 2^32) taken before sorting; 1 if the result is ascending and has the same sum;
//          then least, median and greatest number.

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "zkvm/guest.hpp"

int main() {
  zkvm::Reader reader;
  const std::size_t excess = reader.remaining() % 4;
  if (excess != 0) zkvm::reject_input(reader.remaining() - excess, " bytes (a multiple of 4)", reader.remaining());
  std::vector<std::uint32_t> numbers(reader.remaining() / 4);
  reader.read(std::span(numbers));
  if (numbers.empty()) {
    std::uint32_t x = 2463534242; // xorshift32 (Marsaglia 2003)
    numbers.resize(1000);
    for (std::uint32_t& number : numbers) {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      number = x;
    }
  }

  const std::uint32_t sum = std::accumulate(numbers.begin(), numbers.end(), std::uint32_t{0});
  std::sort(numbers.begin(), numbers.end());
  const bool sorted = std::is_sorted(numbers.begin(), numbers.end()) &&
                      std::accumulate(numbers.begin(), numbers.end(), std::uint32_t{0}) == sum;

  zkvm::commit_value(static_cast<std::uint32_t>(numbers.size()));
  zkvm::commit_value(sum);
  zkvm::commit_value(static_cast<std::uint32_t>(sorted));
  zkvm::commit_value(numbers.front());
  zkvm::commit_value(numbers[numbers.size() / 2]);
  zkvm::commit_value(numbers.back());
  std::printf("sorted %lu numbers\n", static_cast<unsigned long>(numbers.size()));
  return sorted ? 0 : 1;
}
