// What the benchmark guests share: the parameter that sets how long they run, and checks of their own results.
#pragma once

#include <cstdint>
#include <cstdio>

#include "zkvm/guest.hpp"

namespace bench {

// The first 32 bits of the input, or `otherwise` if there is no input. A shorter input ends the guest.
inline std::uint32_t parameter(std::uint32_t otherwise) {
  zkvm::Reader reader;
  return reader.remaining() == 0 ? otherwise : reader.read<std::uint32_t>();
}

// Ends the guest with exit code 1 if its result is wrong, so that no benchmark can be of a run that went astray.
inline void require(bool right, const char* claim) {
  if (right) return;
  std::fputs("wrong result: ", stderr);
  std::fputs(claim, stderr);
  std::fputs("\n", stderr);
  zkvm::exit(1);
}

// xorshift32 (Marsaglia 2003): every state but 0 comes once in 2^32 - 1 steps.
inline std::uint32_t next_random(std::uint32_t& state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

}  // namespace bench
