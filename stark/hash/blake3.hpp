#pragma once
/// \file
/// BLAKE3, portable: hash and keyed hash of byte strings of any length, 32-byte output. This is what the verifier runs;
/// the prover's vectorised forms (rows.hpp) compute the same function. Specification:
/// https://github.com/BLAKE3-team/BLAKE3-specs, section numbers below refer to it.

#include <cstddef>
#include <cstdint>
#include <span>

#include "stark/hash/digest.hpp"

namespace zkvm::stark {

namespace blake3_detail {

constexpr uint32_t IV[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr unsigned ROUNDS = 7;
constexpr unsigned BLOCK_BYTES = 64;
constexpr unsigned CHUNK_BYTES = 1024;

// Domain flags (table 3).
constexpr uint32_t CHUNK_START = 1;
constexpr uint32_t CHUNK_END = 2;
constexpr uint32_t PARENT = 4;
constexpr uint32_t ROOT = 8;
constexpr uint32_t KEYED_HASH = 16;

/// Which message word each of the 16 inputs of round r is: the permutation of table 2, iterated.
struct Schedule {
  uint8_t word[ROUNDS][16];
};
constexpr Schedule make_schedule() {
  constexpr uint8_t PERMUTATION[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
  Schedule s{};
  for (unsigned i = 0; i < 16; ++i) s.word[0][i] = static_cast<uint8_t>(i);
  for (unsigned r = 1; r < ROUNDS; ++r)
    for (unsigned i = 0; i < 16; ++i) s.word[r][i] = s.word[r - 1][PERMUTATION[i]];
  return s;
}
constexpr Schedule SCHEDULE = make_schedule();

/// The compression function, truncated to its first eight output words, written over `cv`.
void compress(uint32_t cv[8], const uint32_t block[16], uint64_t counter, uint32_t block_bytes, uint32_t flags);

}  // namespace blake3_detail

/// BLAKE3 in hash mode.
Digest blake3(std::span<const uint8_t> input);

/// BLAKE3 in keyed-hash mode.
Digest blake3_keyed(const Digest& key, std::span<const uint8_t> input);

}  // namespace zkvm::stark
