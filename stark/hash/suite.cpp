#include "stark/hash/suite.hpp"

#include <cstring>

namespace zkvm::stark {

Digest Blake3Suite::leaf(std::span<const F> row) {
  return blake3_keyed(LEAF_KEY, {reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()});
}

Digest Blake3Suite::node(const Digest& left, const Digest& right) {
  uint8_t bytes[64];
  std::memcpy(bytes, left.bytes.data(), 32);
  std::memcpy(bytes + 32, right.bytes.data(), 32);
  return blake3_keyed(NODE_KEY, bytes);
}

Digest Blake3Suite::inject(const Digest& left, const Digest& right, const Digest& row) {
  uint8_t bytes[96];
  std::memcpy(bytes, left.bytes.data(), 32);
  std::memcpy(bytes + 32, right.bytes.data(), 32);
  std::memcpy(bytes + 64, row.bytes.data(), 32);
  return blake3_keyed(INJECT_KEY, bytes);
}

bool Blake3Suite::check_grind(const Digest& seed, uint64_t nonce, unsigned bits) {
  if (bits > MAX_GRINDING_BITS) return false;
  uint8_t bytes[40];
  std::memcpy(bytes, seed.bytes.data(), 32);
  for (unsigned i = 0; i < 8; ++i) bytes[32 + i] = static_cast<uint8_t>(nonce >> (8 * i));
  const Digest d = blake3_keyed(GRIND_KEY, bytes);
  uint64_t low = 0;
  for (unsigned i = 0; i < 8; ++i) low |= uint64_t{d.bytes[i]} << (8 * i);
  return (low & ((uint64_t{1} << bits) - 1)) == 0;
}

}  // namespace zkvm::stark
