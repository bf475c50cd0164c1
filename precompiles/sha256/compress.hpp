#pragma once
/// \file
/// The numbers and functions of SHA-256 (FIPS 180-4), for the native code and the chips.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace zkvm::precompiles::sha256 {

inline constexpr unsigned ROUNDS = 64, STATE_WORDS = 8, BLOCK_WORDS = 16;

/// Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. The test
/// recomputes them.
inline constexpr std::array<uint32_t, ROUNDS> K = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// Section 4.1.2: the sum modulo 2 of three copies of a word, each rotated right; of the small ones the last copy is
/// shifted.
struct Sigma {
  unsigned first, second, third;
  bool shifts;

  constexpr uint32_t operator()(uint32_t x) const {
    const uint32_t last = shifts ? x >> third : std::rotr(x, static_cast<int>(third));
    return std::rotr(x, static_cast<int>(first)) ^ std::rotr(x, static_cast<int>(second)) ^ last;
  }
};
inline constexpr Sigma BIG_0{2, 13, 22, false}, BIG_1{6, 11, 25, false};
inline constexpr Sigma SMALL_0{7, 18, 3, true}, SMALL_1{17, 19, 10, true};

constexpr uint32_t choice(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
constexpr uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (x & z) ^ (y & z); }

/// A word of the message as memory holds it, and back.
constexpr uint32_t swap_bytes(uint32_t x) { return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24; }

/// One compression, all of it: variables a and e after round t are a[t + 4] and e[t + 4]. Those before round 0 are
/// a[3], a[2], a[1], a[0] = a, b, c, d and e[3] ... e[0] = e ... h: variables only ever move on by one name a round.
struct Compression {
  std::array<uint32_t, ROUNDS + 4> a, e;
  std::array<uint32_t, ROUNDS> w;
};
using State = std::array<uint32_t, STATE_WORDS>;
/// As memory holds it: bytes in message order, so words are byte-swapped.
using Block = std::array<uint32_t, BLOCK_WORDS>;

constexpr Compression compress(const State& state, const Block& block) {
  Compression c;
  for (size_t i = 0; i < 4; ++i) {
    c.a[i] = state[3 - i];
    c.e[i] = state[7 - i];
  }
  for (size_t t = 0; t < ROUNDS; ++t) {
    c.w[t] =
        t < BLOCK_WORDS ? swap_bytes(block[t]) : c.w[t - 16] + SMALL_0(c.w[t - 15]) + c.w[t - 7] + SMALL_1(c.w[t - 2]);
    const uint32_t t1 = c.e[t] + BIG_1(c.e[t + 3]) + choice(c.e[t + 3], c.e[t + 2], c.e[t + 1]) + K[t] + c.w[t];
    c.e[t + 4] = c.a[t] + t1;
    c.a[t + 4] = t1 + BIG_0(c.a[t + 3]) + majority(c.a[t + 3], c.a[t + 2], c.a[t + 1]);
  }
  return c;
}
/// The variables a ... h after the last round: what is added to the state.
constexpr State last_variables(const Compression& c) {
  State s{};
  for (size_t i = 0; i < 4; ++i) {
    s[i] = c.a[ROUNDS + 3 - i];
    s[4 + i] = c.e[ROUNDS + 3 - i];
  }
  return s;
}

}  // namespace zkvm::precompiles::sha256
