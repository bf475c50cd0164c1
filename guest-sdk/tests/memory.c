// memcpy, memmove, memset, memcmp, memchr, strlen and strcmp against byte loops, for every alignment of both operands and
// every length up to a few unrolled runs, with guard bytes around the destination. Also a test of C guests.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 150, ROOM = 256 };

static unsigned failures;
static unsigned claims;

static void claim(int holds, const char* what, unsigned a, unsigned b, unsigned c) {
  ++claims;
  if (holds) return;
  if (++failures <= 20) printf("false: %s (%u, %u, %u)\n", what, a, b, c);
}

static uint8_t source[ROOM], target[ROOM], expected[ROOM];

// Called through volatile pointers: the compiler must not expand them in place.
static void* (*volatile copy)(void*, const void*, size_t) = memcpy;
static void* (*volatile move)(void*, const void*, size_t) = memmove;
static void* (*volatile fill)(void*, int, size_t) = memset;
static int (*volatile compare)(const void*, const void*, size_t) = memcmp;
static size_t (*volatile length)(const char*) = strlen;
static int (*volatile compare_strings)(const char*, const char*) = strcmp;

static void* find(const void* bytes, int value, size_t size) {
  void* volatile result = memchr(bytes, value, size);
  return result;
}

static int same(const uint8_t* a, const uint8_t* b) {
  for (unsigned i = 0; i < ROOM; ++i) {
    if (a[i] != b[i]) return 0;
  }
  return 1;
}

static int sign(int x) { return (x > 0) - (x < 0); }

int main(void) {
  for (unsigned i = 0; i < ROOM; ++i) source[i] = (uint8_t)(i * 37 + 11);

  for (unsigned to = 0; to < 4; ++to) {
    for (unsigned from = 0; from < 4; ++from) {
      for (unsigned size = 0; size <= LONGEST; ++size) {
        for (unsigned i = 0; i < ROOM; ++i) target[i] = expected[i] = (uint8_t)(0xe0 + i % 16);
        for (unsigned i = 0; i < size; ++i) expected[16 + to + i] = source[16 + from + i];
        claim(copy(target + 16 + to, source + 16 + from, size) == target + 16 + to, "memcpy returns its target", to, from,
              size);
        claim(same(target, expected), "memcpy copies these bytes and no others", to, from, size);
      }
    }
  }

  // Overlaps in both directions, at distances below and above a word and an unrolled run.
  for (unsigned start = 0; start < 4; ++start) {
    for (int distance = -70; distance <= 70; distance += distance > -12 && distance < 12 ? 1 : 7) {
      for (unsigned size = 0; size <= LONGEST - 20; size += size < 40 ? 1 : 9) {
        const unsigned from = 72 - (distance > 0 ? 70 : 0) + start;
        const unsigned to = (unsigned)((int)from + distance);
        for (unsigned i = 0; i < ROOM; ++i) target[i] = expected[i] = source[i];
        for (unsigned i = 0; i < size; ++i) expected[to + i] = source[from + i];
        move(target + to, target + from, size);
        claim(same(target, expected), "memmove keeps overlapping bytes", from, to, size);
      }
    }
  }

  for (unsigned to = 0; to < 4; ++to) {
    for (unsigned size = 0; size <= LONGEST; ++size) {
      for (unsigned i = 0; i < ROOM; ++i) target[i] = expected[i] = (uint8_t)i;
      for (unsigned i = 0; i < size; ++i) expected[16 + to + i] = 0xc3;
      fill(target + 16 + to, 0x5c3, size);
      claim(same(target, expected), "memset fills these bytes and no others", to, size, 0);
    }
  }

  for (unsigned a = 0; a < 4; ++a) {
    for (unsigned b = 0; b < 4; ++b) {
      for (unsigned size = 0; size <= 70; ++size) {
        for (unsigned i = 0; i < size; ++i) target[a + i] = expected[b + i] = source[i];
        target[a + size] = 1; // the first byte outside differs
        expected[b + size] = 2;
        claim(compare(target + a, expected + b, size) == 0, "memcmp ends with the operands", a, b, size);
        for (unsigned at = 0; at < size; at += at < 8 ? 1 : 5) {
          const uint8_t kept = target[a + at];
          target[a + at] = (uint8_t)(kept + 128);
          claim(sign(compare(target + a, expected + b, size)) == sign(target[a + at] - kept),
                "memcmp compares unsigned bytes", a, at, size);
          target[a + at] = kept;
        }
      }
    }
  }

  for (unsigned start = 0; start < 4; ++start) {
    for (unsigned size = 0; size <= 40; ++size) {
      for (unsigned i = 0; i < ROOM; ++i) target[i] = expected[i] = (uint8_t)(i % 2 == 0 ? 0x80 : 0x01);
      target[start + size] = 0;
      claim(length((const char*)target + start) == size, "strlen stops at the first zero", start, size, 0);
      claim(find(target + start, 0, size) == NULL, "memchr stays inside", start, size, 0);
      claim(find(target + start, 0, size + 1) == target + start + size, "memchr finds", start, size, 0);
      expected[start + size] = 0;
      claim(compare_strings((char*)target + start, (char*)expected + start) == 0, "strcmp equal", start, size, 0);
      expected[start + size] = 0xff;
      claim(compare_strings((char*)target + start, (char*)expected + start) < 0, "strcmp prefix", start, size, 0);
    }
  }

  printf("%u claims, %u false\n", claims, failures);
  return failures == 0 ? 0 : 1;
}
