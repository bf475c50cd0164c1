// Hash functions at the price of a call to the machine, as in the eth-act zkVM standards (c-interface-accelerators):
// the same source runs in this machine, in others that follow the standard, and natively. C and C++, header only.
//
// On the machine they are precompiles (zkvm/ecall.h). Natively, and in guests compiled with
// -DZKVM_SOFTWARE_ACCELERATORS, they are the portable C below: the same bytes, for more instructions.
#ifndef ZKVM_ACCELERATORS_H
#define ZKVM_ACCELERATORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ecall.h"

#if defined(__riscv) && !defined(ZKVM_SOFTWARE_ACCELERATORS)
#define ZKVM_HAS_ACCELERATORS 1
#else
#define ZKVM_HAS_ACCELERATORS 0
#endif

#ifdef __cplusplus
#define ZKVM_ALIGN8 alignas(8)
extern "C" {
#else
#define ZKVM_ALIGN8 _Alignas(8)
#endif

typedef enum { ZKVM_EOK = 0, ZKVM_EFAIL = -1 } zkvm_status;

typedef struct {
  ZKVM_ALIGN8 uint8_t data[32];
} zkvm_bytes_32;

// ---- SHA-256 (FIPS 180-4)

typedef zkvm_bytes_32 zkvm_sha256_hash;

// Writes the hash of data[0 ... len - 1]; data may be NULL if len is 0. Fails if output is NULL. `output` may lie
// within `data`. Cheapest where data is a multiple of 4: blocks elsewhere are copied first.
static inline zkvm_status zkvm_sha256(const uint8_t* data, size_t len, zkvm_sha256_hash* output);

// Replaces `state` by its compression with the 64 bytes at `block`, which is a multiple of 4 (section 6.2.2).
static inline void zkvm_sha256_compress(uint32_t state[8], const void* block);

#if ZKVM_HAS_ACCELERATORS

static inline void zkvm_sha256_compress(uint32_t state[8], const void* block) {
  register uintptr_t a0 __asm__("a0") = (uintptr_t)state;
  register uintptr_t a1 __asm__("a1") = (uintptr_t)block;
  register uintptr_t a7 __asm__("a7") = ZKVM_ECALL_SHA256;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
}

#else

static inline uint32_t zkvm_sha256_rotate(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static inline void zkvm_sha256_compress(uint32_t state[8], const void* block) {
  // Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  static const uint32_t k[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  const uint8_t* const bytes = (const uint8_t*)block;
  uint32_t w[64];
  for (unsigned t = 0; t < 16; ++t)
    w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16 | (uint32_t)bytes[4 * t + 2] << 8 |
           bytes[4 * t + 3];
  for (unsigned t = 16; t < 64; ++t) {
    const uint32_t x = w[t - 15], y = w[t - 2];
    w[t] = w[t - 16] + (zkvm_sha256_rotate(x, 7) ^ zkvm_sha256_rotate(x, 18) ^ x >> 3) + w[t - 7] +
           (zkvm_sha256_rotate(y, 17) ^ zkvm_sha256_rotate(y, 19) ^ y >> 10);
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (unsigned t = 0; t < 64; ++t) {
    const uint32_t t1 = h + (zkvm_sha256_rotate(e, 6) ^ zkvm_sha256_rotate(e, 11) ^ zkvm_sha256_rotate(e, 25)) +
                        (g ^ (e & (f ^ g))) + k[t] + w[t];
    const uint32_t t2 =
        (zkvm_sha256_rotate(a, 2) ^ zkvm_sha256_rotate(a, 13) ^ zkvm_sha256_rotate(a, 22)) + ((a & b) | ((a | b) & c));
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

#endif

static inline zkvm_status zkvm_sha256(const uint8_t* data, size_t len, zkvm_sha256_hash* output) {
  // Section 5.3.3: the first 32 bits of the fractional parts of the square roots of the first 8 primes.
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t block[16];
  uint8_t* const last = (uint8_t*)block;
  const uint64_t bits = (uint64_t)len * 8;
  if (output == NULL || (data == NULL && len != 0)) return ZKVM_EFAIL;
  for (; len >= 64; data += 64, len -= 64) {
    if ((uintptr_t)data % 4 == 0) {
      zkvm_sha256_compress(state, data);
    } else {
      memcpy(block, data, 64);
      zkvm_sha256_compress(state, block);
    }
  }
  // Section 5.1.1: a one bit, zeros, and the length in bits fill the last one or two blocks.
  memset(block, 0, sizeof block);
  if (len != 0) memcpy(last, data, len);
  last[len] = 0x80;
  if (len >= 56) {
    zkvm_sha256_compress(state, block);
    memset(block, 0, sizeof block);
  }
  for (unsigned i = 0; i < 8; ++i) last[63 - i] = (uint8_t)(bits >> (8 * i));
  zkvm_sha256_compress(state, block);
  for (unsigned i = 0; i < 32; ++i) output->data[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
  return ZKVM_EOK;
}

// ---- Keccak (FIPS 202, section 3)

typedef zkvm_bytes_32 zkvm_keccak256_hash;

// Writes the Keccak-256 hash of data[0 ... len - 1], with Ethereum's padding (0x01; SHA3-256 of FIPS 202 has 0x06);
// data may be NULL if len is 0. Fails if output is NULL. `output` may lie within `data`. Cheapest
// where data is a multiple of 4. The host is little-endian, as everywhere in this SDK.
static inline zkvm_status zkvm_keccak256(const uint8_t* data, size_t len, zkvm_keccak256_hash* output);

// Replaces `state` by its Keccak-f[1600]; lane (x, y) is state[x + 5 * y].
static inline void zkvm_keccak_permute(uint64_t state[25]);

#if ZKVM_HAS_ACCELERATORS

static inline void zkvm_keccak_permute(uint64_t state[25]) {
  register uintptr_t a0 __asm__("a0") = (uintptr_t)state;
  register uintptr_t a7 __asm__("a7") = ZKVM_ECALL_KECCAK;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a7) : "memory");
}

#else

static inline uint64_t zkvm_keccak_rotate(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }

static inline void zkvm_keccak_permute(uint64_t state[25]) {
  // Rho and pi as one cycle through the 24 lanes that move: lane 1 goes to order[0], rotated by 1, and so on. Section
  // 3.2.2 gives the rotations: after step t they are (t + 1)(t + 2) / 2.
  static const uint8_t order[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                    15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
  uint32_t shift_register = 1;  // section 3.2.5, algorithm 5
  for (unsigned round = 0; round < 24; ++round) {
    uint64_t parity[5], moving;
    unsigned rotation = 0;
    for (unsigned x = 0; x < 5; ++x)
      parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
    for (unsigned x = 0; x < 5; ++x) {
      const uint64_t d = parity[(x + 4) % 5] ^ zkvm_keccak_rotate(parity[(x + 1) % 5], 1);
      for (unsigned y = 0; y < 25; y += 5) state[x + y] ^= d;
    }
    moving = state[1];
    for (unsigned t = 0; t < 24; ++t) {
      const uint64_t next = state[order[t]];
      rotation = (rotation + t + 1) % 64;
      state[order[t]] = zkvm_keccak_rotate(moving, rotation);
      moving = next;
    }
    for (unsigned y = 0; y < 25; y += 5) {
      uint64_t* const a = state + y;
      const uint64_t first = a[0], second = a[1];
      a[0] ^= ~a[1] & a[2];
      a[1] ^= ~a[2] & a[3];
      a[2] ^= ~a[3] & a[4];
      a[3] ^= ~a[4] & first;
      a[4] ^= ~first & second;
    }
    for (unsigned j = 0; j < 7; ++j) {
      if ((shift_register & 1) != 0) state[0] ^= (uint64_t)1 << ((1u << j) - 1);
      shift_register = (shift_register << 1) ^ (shift_register >> 7) * 0x171;
    }
  }
}

#endif

// Adds the 136 bytes at `block`, a multiple of 4, to the state modulo 2, and permutes it.
static inline void zkvm_keccak256_absorb(uint64_t state[25], const void* block) {
#if ZKVM_HAS_ACCELERATORS
  const uint8_t* const bytes = (const uint8_t*)__builtin_assume_aligned(block, 4);
#pragma GCC unroll 17
#else
  const uint8_t* const bytes = (const uint8_t*)block;
#endif
  for (unsigned i = 0; i < 17; ++i) {
    uint64_t lane;
    memcpy(&lane, bytes + 8 * i, sizeof lane);
    state[i] ^= lane;
  }
  zkvm_keccak_permute(state);
}

static inline zkvm_status zkvm_keccak256(const uint8_t* data, size_t len, zkvm_keccak256_hash* output) {
  uint64_t state[25] = {0}, block[17];
  if (output == NULL || (data == NULL && len != 0)) return ZKVM_EFAIL;
  for (; len >= sizeof block; data += sizeof block, len -= sizeof block) {
    if ((uintptr_t)data % 4 == 0) {
      zkvm_keccak256_absorb(state, data);
    } else {
      memcpy(block, data, sizeof block);
      zkvm_keccak256_absorb(state, block);
    }
  }
  // A one bit, zeros, and a one bit at the end fill the last block.
  memset(block, 0, sizeof block);
  if (len != 0) memcpy(block, data, len);
  ((uint8_t*)block)[len] ^= 0x01;
  ((uint8_t*)block)[sizeof block - 1] ^= 0x80;
  zkvm_keccak256_absorb(state, block);
  memcpy(output->data, state, sizeof output->data);
  return ZKVM_EOK;
}

#ifdef __cplusplus
}
#endif

#endif
