#include "stark/hash/blake3.hpp"

#include <bit>

namespace zkvm::stark {
namespace blake3_detail {
namespace {

struct State {
  uint32_t v[16];
  void mix(unsigned a, unsigned b, unsigned c, unsigned d, uint32_t x, uint32_t y) {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 7);
  }
};

uint32_t load_word(const uint8_t* p) {
  return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}

/// The last compression of a chunk or parent, kept back because only then is it known whether it is the root.
struct Output {
  uint32_t cv[8];
  uint32_t block[16];
  uint64_t counter;
  uint32_t block_bytes;
  uint32_t flags;
  void finish(uint32_t extra_flags) { compress(cv, block, counter, block_bytes, flags | extra_flags); }
};

/// A chunk of at most CHUNK_BYTES bytes (section 2.4).
Output chunk(const uint32_t key[8], uint32_t mode, std::span<const uint8_t> bytes, uint64_t counter) {
  Output o;
  for (unsigned i = 0; i < 8; ++i) o.cv[i] = key[i];
  o.counter = counter;
  o.flags = mode | CHUNK_START;
  for (;;) {
    const size_t n = bytes.size() < BLOCK_BYTES ? bytes.size() : BLOCK_BYTES;
    uint8_t padded[BLOCK_BYTES] = {};
    for (size_t i = 0; i < n; ++i) padded[i] = bytes[i];
    for (unsigned i = 0; i < 16; ++i) o.block[i] = load_word(padded + 4 * i);
    o.block_bytes = static_cast<uint32_t>(n);
    bytes = bytes.subspan(n);
    if (bytes.empty()) break;
    o.finish(0);
    o.flags = mode;
  }
  o.flags |= CHUNK_END;
  return o;
}

Output parent(const uint32_t key[8], uint32_t mode, const uint32_t left[8], const uint32_t right[8]) {
  Output o;
  for (unsigned i = 0; i < 8; ++i) {
    o.cv[i] = key[i];
    o.block[i] = left[i];
    o.block[8 + i] = right[i];
  }
  o.counter = 0;
  o.block_bytes = BLOCK_BYTES;
  o.flags = mode | PARENT;
  return o;
}

/// The chunk tree (section 2.1) with a stack of complete left subtrees: after n chunks it holds one chaining value per
/// set bit of n. 54 levels reach 2^64 bytes.
Digest hash(const uint32_t key[8], uint32_t mode, std::span<const uint8_t> input) {
  uint32_t stack[54][8];
  unsigned depth = 0;
  uint64_t index = 0;
  while (input.size() > CHUNK_BYTES) {
    Output o = chunk(key, mode, input.first(CHUNK_BYTES), index);
    o.finish(0);
    for (uint64_t n = ++index; (n & 1) == 0; n >>= 1) {
      o = parent(key, mode, stack[--depth], o.cv);
      o.finish(0);
    }
    for (unsigned i = 0; i < 8; ++i) stack[depth][i] = o.cv[i];
    ++depth;
    input = input.subspan(CHUNK_BYTES);
  }
  Output o = chunk(key, mode, input, index);
  while (depth != 0) {
    o.finish(0);
    o = parent(key, mode, stack[--depth], o.cv);
  }
  o.finish(ROOT);
  Digest d;
  for (unsigned i = 0; i < 32; ++i) d.bytes[i] = static_cast<uint8_t>(o.cv[i / 4] >> (8 * (i % 4)));
  return d;
}

}  // namespace

void compress(uint32_t cv[8], const uint32_t block[16], uint64_t counter, uint32_t block_bytes, uint32_t flags) {
  State s{{cv[0], cv[1], cv[2], cv[3], cv[4], cv[5], cv[6], cv[7], IV[0], IV[1], IV[2], IV[3],
           static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), block_bytes, flags}};
  for (unsigned r = 0; r < ROUNDS; ++r) {
    const uint8_t* w = SCHEDULE.word[r];
    s.mix(0, 4, 8, 12, block[w[0]], block[w[1]]);
    s.mix(1, 5, 9, 13, block[w[2]], block[w[3]]);
    s.mix(2, 6, 10, 14, block[w[4]], block[w[5]]);
    s.mix(3, 7, 11, 15, block[w[6]], block[w[7]]);
    s.mix(0, 5, 10, 15, block[w[8]], block[w[9]]);
    s.mix(1, 6, 11, 12, block[w[10]], block[w[11]]);
    s.mix(2, 7, 8, 13, block[w[12]], block[w[13]]);
    s.mix(3, 4, 9, 14, block[w[14]], block[w[15]]);
  }
  for (unsigned i = 0; i < 8; ++i) cv[i] = s.v[i] ^ s.v[i + 8];
}

}  // namespace blake3_detail

Digest blake3(std::span<const uint8_t> input) { return blake3_detail::hash(blake3_detail::IV, 0, input); }

Digest blake3_keyed(const Digest& key, std::span<const uint8_t> input) {
  uint32_t words[8];
  for (unsigned i = 0; i < 8; ++i) words[i] = blake3_detail::load_word(key.bytes.data() + 4 * i);
  return blake3_detail::hash(words, blake3_detail::KEYED_HASH, input);
}

}  // namespace zkvm::stark
