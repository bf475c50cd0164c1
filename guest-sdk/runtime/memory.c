// memcpy and its relatives for a machine where every instruction costs the same and unaligned accesses trap: whole words,
// long unrolled runs, jump tables for the remainders. (picolibc's are byte loops: 5 instructions a byte.) Instructions per
// byte for long, mutually aligned operands: memcpy 0.55, memset 0.28, memcmp 0.81, strlen 1.5; memcpy between different
// alignments 1.3.
//
// Words are read whole where at least one of their bytes belongs to the operand, so up to 3 bytes on either side are read
// too: readable, since memory is mapped by the word.

#include <string.h>

#include "runtime.h"

#define REPEAT_15(X) X(15) X(14) X(13) X(12) X(11) X(10) X(9) X(8) X(7) X(6) X(5) X(4) X(3) X(2) X(1)

// Copies towards higher addresses. Safe for overlapping operands when destination < source: each read of a word comes
// before any write to it.
static inline __attribute__((always_inline)) void copy_up(uint8_t* d, const uint8_t* s, size_t size) {
  if (size >= 8) {
    while ((uintptr_t)d & 3) {
      *d++ = *s++;
      --size;
    }
    zkvm_word* to = (zkvm_word*)d;
    uint32_t skew = (uintptr_t)s & 3;
    size_t words = size / 4;
    d += words * 4;
    s += words * 4;
    size &= 3;
    if (skew == 0) {
      const zkvm_word* from = (const zkvm_word*)(s - words * 4);
      for (; words >= 16; words -= 16, from += 16, to += 16) {
        uint32_t w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
        uint32_t w4 = from[4], w5 = from[5], w6 = from[6], w7 = from[7];
        to[0] = w0, to[1] = w1, to[2] = w2, to[3] = w3;
        to[4] = w4, to[5] = w5, to[6] = w6, to[7] = w7;
        w0 = from[8], w1 = from[9], w2 = from[10], w3 = from[11];
        w4 = from[12], w5 = from[13], w6 = from[14], w7 = from[15];
        to[8] = w0, to[9] = w1, to[10] = w2, to[11] = w3;
        to[12] = w4, to[13] = w5, to[14] = w6, to[15] = w7;
      }
      // The last words lie just before d and s, which stay put: position i counts backwards from there. A higher position
      // comes first.
      to = (zkvm_word*)d;
      from = (const zkvm_word*)s;
      switch (words) {
#define COPY(I) \
  case I: to[-I] = from[-I]; __attribute__((fallthrough));
        REPEAT_15(COPY)
#undef COPY
        case 0: break;
        default: __builtin_unreachable();
      }
    } else {
      // Each destination word is put together from two neighbouring source words.
      const zkvm_word* from = (const zkvm_word*)(s - words * 4 - skew);
      uint32_t right = 8 * skew, left = 32 - right;
      uint32_t low = *from++;
      for (; words >= 4; words -= 4, from += 4, to += 4) {
        uint32_t w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
        to[0] = low >> right | w0 << left;
        to[1] = w0 >> right | w1 << left;
        to[2] = w1 >> right | w2 << left;
        to[3] = w2 >> right | w3 << left;
        low = w3;
      }
      for (; words > 0; --words) {
        uint32_t high = *from++;
        *to++ = low >> right | high << left;
        low = high;
      }
    }
  }
  while (size > 0) {
    *d++ = *s++;
    --size;
  }
}

// Copies towards lower addresses; the operands end at d and s. Safe for overlapping operands when destination > source.
static inline __attribute__((always_inline)) void copy_down(uint8_t* d, const uint8_t* s, size_t size) {
  if (size >= 8) {
    while ((uintptr_t)d & 3) {
      *--d = *--s;
      --size;
    }
    zkvm_word* to = (zkvm_word*)d;
    uint32_t skew = (uintptr_t)s & 3;
    size_t words = size / 4;
    d -= words * 4;
    s -= words * 4;
    size &= 3;
    if (skew == 0) {
      const zkvm_word* from = (const zkvm_word*)(s + words * 4);
      for (; words >= 8; words -= 8) {
        from -= 8;
        to -= 8;
        uint32_t w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
        uint32_t w4 = from[4], w5 = from[5], w6 = from[6], w7 = from[7];
        to[0] = w0, to[1] = w1, to[2] = w2, to[3] = w3;
        to[4] = w4, to[5] = w5, to[6] = w6, to[7] = w7;
      }
      for (; words > 0; --words) *--to = *--from;
    } else {
      const zkvm_word* from = (const zkvm_word*)(s + words * 4 - skew);
      uint32_t right = 8 * skew, left = 32 - right;
      uint32_t high = *from;
      for (; words >= 4; words -= 4) {
        from -= 4;
        to -= 4;
        uint32_t w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
        to[3] = w3 >> right | high << left;
        to[2] = w2 >> right | w3 << left;
        to[1] = w1 >> right | w2 << left;
        to[0] = w0 >> right | w1 << left;
        high = w0;
      }
      for (; words > 0; --words) {
        uint32_t low = *--from;
        *--to = low >> right | high << left;
        high = low;
      }
    }
  }
  while (size > 0) {
    *--d = *--s;
    --size;
  }
}

ZKVM_REPLACEABLE void* memcpy(void* restrict to, const void* restrict from, size_t size) {
  // No restrict inside: the order of reads and writes is part of copy_up's contract.
  copy_up(to, from, size);
  return to;
}

ZKVM_REPLACEABLE void* memmove(void* to, const void* from, size_t size) {
  // Distance below `size` as an unsigned number: the destination starts inside the source.
  if ((uintptr_t)to - (uintptr_t)from < size) {
    copy_down((uint8_t*)to + size, (const uint8_t*)from + size, size);
  } else {
    copy_up(to, from, size);
  }
  return to;
}

ZKVM_REPLACEABLE void* memset(void* to, int value, size_t size) {
  uint8_t* d = to;
  if (size >= 8) {
    uint32_t word = (uint8_t)value * 0x01010101u;
    while ((uintptr_t)d & 3) {
      *d++ = (uint8_t)value;
      --size;
    }
    zkvm_word* words = (zkvm_word*)d;
    size_t count = size / 4;
    size &= 3;
    d += count * 4;
    for (; count >= 16; count -= 16, words += 16) {
      words[0] = word, words[1] = word, words[2] = word, words[3] = word;
      words[4] = word, words[5] = word, words[6] = word, words[7] = word;
      words[8] = word, words[9] = word, words[10] = word, words[11] = word;
      words[12] = word, words[13] = word, words[14] = word, words[15] = word;
    }
    words = (zkvm_word*)d;
    switch (count) {
#define FILL(I) \
  case I: words[-I] = word; __attribute__((fallthrough));
      REPEAT_15(FILL)
#undef FILL
      case 0: break;
      default: __builtin_unreachable();
    }
  }
  while (size > 0) {
    *d++ = (uint8_t)value;
    --size;
  }
  return to;
}

ZKVM_REPLACEABLE int memcmp(const void* left, const void* right, size_t size) {
  const uint8_t* a = left;
  const uint8_t* b = right;
  if (size >= 8 && (((uintptr_t)a ^ (uintptr_t)b) & 3) == 0) {
    for (; (uintptr_t)a & 3; ++a, ++b, --size) {
      if (*a != *b) return *a - *b;
    }
    for (; size >= 16; a += 16, b += 16, size -= 16) {
      const zkvm_word *x = (const zkvm_word*)a, *y = (const zkvm_word*)b;
      if (x[0] != y[0] || x[1] != y[1] || x[2] != y[2] || x[3] != y[3]) break;
    }
    for (; size >= 4 && *(const zkvm_word*)a == *(const zkvm_word*)b; a += 4, b += 4) size -= 4;
  }
  for (; size > 0; ++a, ++b, --size) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

// A word has a zero byte exactly when this is not zero (Mycroft); its lowest set bit marks the first such byte.
static inline uint32_t zero_bytes(uint32_t word) { return (word - 0x01010101u) & ~word & 0x80808080u; }

ZKVM_REPLACEABLE size_t strlen(const char* string) {
  const char* s = string;
  for (; (uintptr_t)s & 3; ++s) {
    if (*s == 0) return (size_t)(s - string);
  }
  const zkvm_word* words = (const zkvm_word*)s;
  uint32_t zeros;
  while ((zeros = zero_bytes(*words)) == 0) ++words;
  size_t length = (size_t)((const char*)words - string);
  if (zeros & 0x80) return length;
  if (zeros & 0x8000) return length + 1;
  if (zeros & 0x800000) return length + 2;
  return length + 3;
}

ZKVM_REPLACEABLE int strcmp(const char* left, const char* right) {
  const uint8_t* a = (const uint8_t*)left;
  const uint8_t* b = (const uint8_t*)right;
  if ((((uintptr_t)a | (uintptr_t)b) & 3) == 0) {
    while (*(const zkvm_word*)a == *(const zkvm_word*)b) {
      if (zero_bytes(*(const zkvm_word*)a) != 0) return 0;
      a += 4;
      b += 4;
    }
  }
  for (; *a == *b; ++a, ++b) {
    if (*a == 0) return 0;
  }
  return *a - *b;
}

ZKVM_REPLACEABLE void* memchr(const void* bytes, int value, size_t size) {
  const uint8_t* s = bytes;
  const uint8_t wanted = (uint8_t)value;
  for (; size > 0 && ((uintptr_t)s & 3) != 0; ++s, --size) {
    if (*s == wanted) return (void*)(uintptr_t)s;
  }
  const uint32_t pattern = wanted * 0x01010101u;
  for (; size >= 4 && zero_bytes(*(const zkvm_word*)s ^ pattern) == 0; s += 4) size -= 4;
  for (; size > 0; ++s, --size) {
    if (*s == wanted) return (void*)(uintptr_t)s;
  }
  return NULL;
}
