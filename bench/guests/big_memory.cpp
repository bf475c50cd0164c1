// Work on 32 MiB with a stride and at random: nearly every access is the first to its word for a long time, so it comes
// with a refresh of the word's clock, and words that no other access touches have to be initialised and settled.
//
// Input:   accesses in each of the three passes (default 31,800); 8192 and more reach all of the memory's pages.
// Journal: accesses; sum of all words touched (mod 2^32).

#include "support.hpp"

namespace {

constexpr std::uint32_t WORDS = std::uint32_t{1} << 23;
// A page and a word, odd: WORDS steps visit every word once, and no two in a row share a page.
constexpr std::uint32_t STRIDE = 1025;

// In the zero region: the program file stays small.
std::uint32_t memory[WORDS];

// The word that strided pass step `i` is at.
std::uint32_t& at(std::uint32_t i) { return memory[i * STRIDE % WORDS]; }

}  // namespace

int main() {
  const std::uint32_t accesses = bench::parameter(31'800);
  bench::require(accesses <= WORDS, "at most 2^23 accesses");

  std::uint32_t written = 0;
  for (std::uint32_t i = 0; i < accesses; ++i) {
    const std::uint32_t value = i * 0x9e37'79b1u;
    at(i) = value;
    written += value;
  }
  // Adds to words that the first pass wrote, in an order without pattern.
  std::uint32_t random = 0x1234'5678;
  for (std::uint32_t i = 0; i < accesses; ++i) {
    const std::uint32_t value = bench::next_random(random);
    at(static_cast<std::uint32_t>(std::uint64_t{value} * accesses >> 32)) += value;
    written += value;
  }
  std::uint32_t read = 0;
  for (std::uint32_t i = 0; i < accesses; ++i) read += at(i);

  bench::require(read == written, "the sum of what was read and of what was written");
  zkvm::commit_value(accesses);
  zkvm::commit_value(read);
  return 0;
}
