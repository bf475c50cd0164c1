#include "stark/hash/hash.kernel.hpp"

#include "stark/hash/suite.hpp"
#include ZKVM_SIMD_HEADER

namespace zkvm::stark {
namespace ZKVM_SIMD_NS {
namespace {

constexpr unsigned LANES = Vec::LANES;
constexpr uint32_t KEYED = blake3_detail::KEYED_HASH;
constexpr uint32_t START = blake3_detail::CHUNK_START;
constexpr uint32_t END = blake3_detail::CHUNK_END;
constexpr uint32_t PARENT = blake3_detail::PARENT;
constexpr uint32_t ROOT = blake3_detail::ROOT;
constexpr unsigned BLOCK_WORDS = blake3_detail::BLOCK_BYTES / 4;
constexpr size_t CHUNK_WORDS = blake3_detail::CHUNK_BYTES / 4;
constexpr unsigned MAX_DEPTH = 54;

/// A domain key as words, from constant expressions only.
struct Key {
  uint32_t word[8];
  constexpr explicit Key(const Digest& d) : word{} {
    for (unsigned i = 0; i < 32; ++i) word[i / 4] |= static_cast<uint32_t>(d.bytes[i]) << (8 * (i % 4));
  }
};
constexpr Key LEAF_KEY(Suite::LEAF_KEY), NODE_KEY(Suite::NODE_KEY), INJECT_KEY(Suite::INJECT_KEY),
    GRIND_KEY(Suite::GRIND_KEY);

/// LANES chaining values.
struct Chain {
  Vec h[8];
};
[[gnu::always_inline]] inline Chain start(const Key& key) {
  Chain c;
  for (unsigned i = 0; i < 8; ++i) c.h[i] = word_broadcast(key.word[i]);
  return c;
}

[[gnu::always_inline]] inline void mix(Vec& a, Vec& b, Vec& c, Vec& d, Vec x, Vec y) {
  a = word_add(word_add(a, x), b);
  d = word_rotate_right<16>(word_xor(d, a));
  c = word_add(c, d);
  b = word_rotate_right<12>(word_xor(b, c));
  a = word_add(word_add(a, y), b);
  d = word_rotate_right<8>(word_xor(d, a));
  c = word_add(c, d);
  b = word_rotate_right<7>(word_xor(b, c));
}

/// LANES compressions; m[i] is word i of every lane's block. The rounds unroll (twice as fast even in portable code),
/// so that the schedule is constant; one copy serves all callers, since the code is long.
[[gnu::noinline]] void compress(Chain& c, const Vec* m, uint32_t counter, uint32_t bytes, uint32_t flags) {
  Vec v[16];
  for (unsigned i = 0; i < 8; ++i) v[i] = c.h[i];
  for (unsigned i = 0; i < 4; ++i) v[8 + i] = word_broadcast(blake3_detail::IV[i]);
  v[12] = word_broadcast(counter);
  v[13] = Vec::zero();
  v[14] = word_broadcast(bytes);
  v[15] = word_broadcast(flags);
#pragma GCC unroll 7
  for (unsigned r = 0; r < blake3_detail::ROUNDS; ++r) {
    const uint8_t* const w = blake3_detail::SCHEDULE.word[r];
    mix(v[0], v[4], v[8], v[12], m[w[0]], m[w[1]]);
    mix(v[1], v[5], v[9], v[13], m[w[2]], m[w[3]]);
    mix(v[2], v[6], v[10], v[14], m[w[4]], m[w[5]]);
    mix(v[3], v[7], v[11], v[15], m[w[6]], m[w[7]]);
    mix(v[0], v[5], v[10], v[15], m[w[8]], m[w[9]]);
    mix(v[1], v[6], v[11], v[12], m[w[10]], m[w[11]]);
    mix(v[2], v[7], v[8], v[13], m[w[12]], m[w[13]]);
    mix(v[3], v[4], v[9], v[14], m[w[14]], m[w[15]]);
  }
  for (unsigned i = 0; i < 8; ++i) c.h[i] = word_xor(v[i], v[i + 8]);
}

/// Where the inputs of LANES lanes begin; lanes past the end repeat the last one.
struct Lanes {
  const F* p[LANES];
  [[gnu::always_inline]] Lanes(const void* first, size_t stride_words, size_t count) {
    for (unsigned i = 0; i < LANES; ++i)
      p[i] = static_cast<const F*>(first) + (i < count ? i : count - 1) * stride_words;
  }
};

/// Words [at, at + n) of every lane's input as columns m[0 .. 16), zero-padded; n <= 16.
[[gnu::always_inline]] inline void load_words(const Lanes& in, size_t at, unsigned n, Vec* m) {
  for (unsigned j = 0; j < BLOCK_WORDS; j += LANES) {
    Vec t[LANES];
    if (n >= j + LANES) {
      for (unsigned i = 0; i < LANES; ++i) t[i] = Vec::load(in.p[i] + at + j);
    } else if (n > j) {
      for (unsigned i = 0; i < LANES; ++i) t[i] = Vec::load_partial(in.p[i] + at + j, n - j);
    } else {
      for (unsigned i = 0; i < LANES; ++i) m[j + i] = Vec::zero();
      continue;
    }
    transpose(t);
    for (unsigned i = 0; i < LANES; ++i) m[j + i] = t[i];
  }
}

[[gnu::always_inline]] inline void store_digests(const Chain& c, size_t count, Digest* out) {
  Vec t[LANES];
  for (unsigned i = 0; i < LANES; ++i) t[i] = i < 8 ? c.h[i] : Vec::zero();
  transpose(t);
  for (unsigned i = 0; i < LANES && i < count; ++i) t[i].store_partial(reinterpret_cast<F*>(out + i), 8);
}

/// One chunk of `words` <= CHUNK_WORDS words starting at word `at`; `last_flags` join the last block's flags.
[[gnu::noinline]] void chunk(const Lanes& in, size_t at, size_t words, uint32_t counter, uint32_t last_flags,
                             Chain& c) {
  c = start(LEAF_KEY);
  uint32_t flags = KEYED | START;
  for (;;) {
    const unsigned n = words < BLOCK_WORDS ? static_cast<unsigned>(words) : BLOCK_WORDS;
    Vec m[BLOCK_WORDS];
    load_words(in, at, n, m);
    words -= n;
    at += n;
    if (words == 0) {
      compress(c, m, counter, 4 * n, flags | END | last_flags);
      return;
    }
    compress(c, m, counter, 4 * n, flags);
    flags = KEYED;
  }
}

[[gnu::noinline]] void parent(const Chain& left, uint32_t extra_flags, Chain& right_then_result) {
  Vec m[BLOCK_WORDS];
  for (unsigned i = 0; i < 8; ++i) {
    m[i] = left.h[i];
    m[8 + i] = right_then_result.h[i];
  }
  right_then_result = start(LEAF_KEY);
  compress(right_then_result, m, 0, blake3_detail::BLOCK_BYTES, KEYED | PARENT | extra_flags);
}

/// Rows longer than a chunk: the chunk tree, every lane having the same shape (see blake3.cpp).
[[gnu::noinline]] void long_rows(const Lanes& in, size_t words, Chain& c) {
  Chain stack[MAX_DEPTH];
  unsigned depth = 0;
  uint32_t index = 0;
  size_t at = 0;
  while (words - at > CHUNK_WORDS) {
    chunk(in, at, CHUNK_WORDS, index, 0, c);
    at += CHUNK_WORDS;
    for (uint32_t n = ++index; (n & 1) == 0; n >>= 1) parent(stack[--depth], 0, c);
    stack[depth++] = c;
  }
  chunk(in, at, words - at, index, 0, c);
  while (depth-- > 0) parent(stack[depth], depth == 0 ? ROOT : 0, c);
}

void leaves(const F* rows, size_t stride, size_t width, size_t count, Digest* out) {
  for (size_t i = 0; i < count; i += LANES) {
    const Lanes in(rows + i * stride, stride, count - i);
    Chain c;
    if (width <= CHUNK_WORDS)
      chunk(in, 0, width, 0, ROOT, c);
    else
      long_rows(in, width, c);
    store_digests(c, count - i, out + i);
  }
}

void nodes(const Digest* children, size_t count, Digest* out) {
  for (size_t i = 0; i < count; i += LANES) {
    const Lanes in(children + 2 * i, BLOCK_WORDS, count - i);
    Vec m[BLOCK_WORDS];
    load_words(in, 0, BLOCK_WORDS, m);
    Chain c = start(NODE_KEY);
    compress(c, m, 0, 64, KEYED | START | END | ROOT);
    store_digests(c, count - i, out + i);
  }
}

void injected_nodes(const Digest* children, const Digest* rows, size_t count, Digest* out) {
  for (size_t i = 0; i < count; i += LANES) {
    const Lanes in(children + 2 * i, BLOCK_WORDS, count - i), row(rows + i, 8, count - i);
    Vec m[BLOCK_WORDS];
    load_words(in, 0, BLOCK_WORDS, m);
    Chain c = start(INJECT_KEY);
    compress(c, m, 0, 64, KEYED | START);
    load_words(row, 0, 8, m);
    compress(c, m, 0, 32, KEYED | END | ROOT);
    store_digests(c, count - i, out + i);
  }
}

uint64_t grind(const Digest& seed, uint64_t first, uint64_t count, unsigned bits) {
  const uint32_t mask = bits >= 32 ? ~uint32_t{0} : (uint32_t{1} << bits) - 1;
  Vec m[BLOCK_WORDS];
  const Key seed_words(seed);
  for (unsigned i = 0; i < BLOCK_WORDS; ++i) m[i] = i < 8 ? word_broadcast(seed_words.word[i]) : Vec::zero();
  for (uint64_t done = 0; done < count; done += LANES) {
    F low[LANES], high[LANES];
    for (unsigned i = 0; i < LANES; ++i) {
      const uint64_t nonce = first + done + i;
      low[i].v = static_cast<uint32_t>(nonce);
      high[i].v = static_cast<uint32_t>(nonce >> 32);
    }
    m[8] = Vec::load(low);
    m[9] = Vec::load(high);
    Chain c = start(GRIND_KEY);
    compress(c, m, 0, 40, KEYED | START | END | ROOT);
    c.h[0].store(low);
    for (unsigned i = 0; i < LANES && done + i < count; ++i)
      if ((low[i].v & mask) == 0) return first + done + i;
  }
  return first + count;
}

}  // namespace

const HashKernels HASH_KERNELS = {leaves, nodes, injected_nodes, grind};

}  // namespace ZKVM_SIMD_NS
}  // namespace zkvm::stark
