#pragma once
/// \file
/// Keccak-f[1600] (FIPS 202, section 3), for executor and trace.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace zkvm::precompiles::keccak {

inline constexpr unsigned ROUNDS = 24, LANES = 25, STATE_WORDS = 2 * LANES;

/// Lane (x, y) is at x + 5 y. Memory holds lanes in this order, the low word of each first.
using State = std::array<uint64_t, LANES>;
constexpr unsigned lane(unsigned x, unsigned y) { return x % 5 + 5 * (y % 5); }

/// Section 3.2.2: how far rho rotates each lane.
inline constexpr std::array<unsigned, LANES> ROTATION = [] {
  std::array<unsigned, LANES> r{};
  unsigned x = 1, y = 0;
  for (unsigned t = 0; t < 24; ++t) {
    r[lane(x, y)] = (t + 1) * (t + 2) / 2 % 64;
    const unsigned next = (2 * x + 3 * y) % 5;
    x = y;
    y = next;
  }
  return r;
}();

/// Section 3.2.5: a constant has bits at 2^j - 1 only, j in 0 ... 6, in turn from a linear register of 8 bits.
inline constexpr unsigned IOTA_BITS = 7;
constexpr unsigned iota_position(unsigned j) { return (1u << j) - 1; }
inline constexpr std::array<uint64_t, ROUNDS> ROUND_CONSTANT = [] {
  std::array<uint64_t, ROUNDS> constants{};
  unsigned r = 1;
  for (uint64_t& c : constants)
    for (unsigned j = 0; j < IOTA_BITS; ++j) {
      c |= uint64_t{r & 1} << iota_position(j);
      r = (r << 1) ^ ((r >> 7) * 0x171);
    }
  return constants;
}();

/// The sums modulo 2 of the columns (section 3.2.1, C).
constexpr std::array<uint64_t, 5> parities(const State& a) {
  std::array<uint64_t, 5> c{};
  for (unsigned i = 0; i < LANES; ++i) c[i % 5] ^= a[i];
  return c;
}
constexpr State theta(const State& a) {
  const std::array<uint64_t, 5> c = parities(a);
  State out{};
  for (unsigned i = 0; i < LANES; ++i) out[i] = a[i] ^ c[(i + 4) % 5] ^ std::rotl(c[(i + 1) % 5], 1);
  return out;
}
/// Rho and pi: the lane that comes to (x, y), before its rotation, is from (x + 3 y, x).
constexpr unsigned source(unsigned x, unsigned y) { return lane(x + 3 * y, x % 5); }
/// Rho, pi and chi.
constexpr State rho_pi_chi(const State& a) {
  State b{}, out{};
  for (unsigned y = 0; y < 5; ++y)
    for (unsigned x = 0; x < 5; ++x)
      b[lane(x, y)] = std::rotl(a[source(x, y)], static_cast<int>(ROTATION[source(x, y)]));
  for (unsigned y = 0; y < 5; ++y)
    for (unsigned x = 0; x < 5; ++x) out[lane(x, y)] = b[lane(x, y)] ^ (~b[lane(x + 1, y)] & b[lane(x + 2, y)]);
  return out;
}
constexpr State round(const State& a, unsigned index) {
  State out = rho_pi_chi(theta(a));
  out[0] ^= ROUND_CONSTANT[index];
  return out;
}
constexpr State permute(State a) {
  for (unsigned i = 0; i < ROUNDS; ++i) a = round(a, i);
  return a;
}

}  // namespace zkvm::precompiles::keccak
