// Commitments to data that stays private: SHA-256(salt || data), which goes to the journal instead of the data. Whoever
// knows both can open it; with 32 random bytes of salt nobody can guess the data from it.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "zkvm/accelerators.h"

namespace zkvm {

inline constexpr std::size_t SALT_BYTES = 32;

// SHA-256(data).
inline zkvm_sha256_hash sha256(std::span<const std::uint8_t> data) {
  zkvm_sha256_hash hash;
  zkvm_sha256(data.data(), data.size(), &hash);
  return hash;
}

// SHA-256(salt || data), without a copy of the data where it is a multiple of 4 in memory.
inline zkvm_sha256_hash salted_sha256(std::span<const std::uint8_t, SALT_BYTES> salt,
                                      std::span<const std::uint8_t> data) {
  // FIPS 180-4, section 5.3.3: the fractional parts of the square roots of the first 8 primes.
  std::uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  alignas(4) std::uint8_t block[64];
  const std::uint64_t bits = (std::uint64_t{data.size()} + SALT_BYTES) * 8;
  std::memcpy(block, salt.data(), SALT_BYTES);
  std::size_t held = SALT_BYTES;  // bytes of the block that are there
  if (data.size() >= 64 - held) {
    std::memcpy(block + held, data.data(), 64 - held);
    zkvm_sha256_compress(state, block);
    data = data.subspan(64 - held);
    held = 0;
    for (; data.size() >= 64; data = data.subspan(64)) {
      const std::uint8_t* from = data.data();
      if (reinterpret_cast<std::uintptr_t>(from) % 4 != 0)
        from = static_cast<std::uint8_t*>(std::memcpy(block, from, 64));
      zkvm_sha256_compress(state, from);
    }
  }
  if (!data.empty()) std::memcpy(block + held, data.data(), data.size());
  held += data.size();
  // Section 5.1.1: a one bit, zeros, and the length in bits.
  block[held++] = 0x80;
  if (held > 56) {
    std::memset(block + held, 0, 64 - held);
    zkvm_sha256_compress(state, block);
    held = 0;
  }
  std::memset(block + held, 0, 56 - held);
  for (unsigned i = 0; i < 8; ++i) block[63 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  zkvm_sha256_compress(state, block);
  zkvm_sha256_hash hash;
  for (unsigned i = 0; i < 32; ++i) hash.data[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return hash;
}

}  // namespace zkvm
