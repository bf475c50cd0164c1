// The kinds of work a CPU benchmark mixes: lists, matrices, a state machine, a checksum, insertion sort.
#include "runtime.h"

struct node {
  struct node* next;
  i32 value;
};

static i32 matrices[3][16][16];
static u8 text[4096];
static struct node nodes[256];

__attribute__((noinline)) static u32 checksum(const u8* p, i32 n) {
  u32 c = ~0u;
  while (n--) {
    c ^= *p++;
    for (i32 k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
  }
  return ~c;
}
__attribute__((noinline)) static void multiply(void) {
  for (i32 i = 0; i < 16; ++i) {
    for (i32 j = 0; j < 16; ++j) {
      i32 sum = 0;
      for (i32 k = 0; k < 16; ++k) sum += matrices[0][i][k] * matrices[1][k][j];
      matrices[2][i][j] = sum;
    }
  }
}
__attribute__((noinline)) static i32 count_above(const struct node* n, i32 key) {
  i32 count = 0;
  for (; n; n = n->next) count += n->value > key;
  return count;
}
__attribute__((noinline)) static i32 scan(const u8* p, i32 n) {
  i32 state = 0, count = 0;
  for (i32 i = 0; i < n; ++i) {
    const u8 c = p[i];
    switch (state) {
      case 0:
        if (c < 64) {
          state = 1;
        } else if (c < 128) {
          state = 2;
        } else {
          ++count;
        }
        break;
      case 1:
        if (c & 1) state = 3;
        break;
      case 2: state = c > 200 ? 0 : 1; break;
      default: state = 0; count += c & 3;
    }
  }
  return count;
}
__attribute__((noinline)) static void insertion_sort(i32* a, i32 n) {
  for (i32 i = 1; i < n; ++i) {
    const i32 x = a[i];
    i32 j = i - 1;
    for (; j >= 0 && a[j] > x; --j) a[j + 1] = a[j];
    a[j + 1] = x;
  }
}

#ifndef ROUNDS
#define ROUNDS 8
#endif

void run(void) {
  u32 total = 0;
  for (i32 round = 0; round < ROUNDS; ++round) {
    for (u32 i = 0; i < sizeof text; ++i) text[i] = (u8)next_random();
    for (i32 i = 0; i < 16; ++i) {
      for (i32 j = 0; j < 16; ++j) {
        matrices[0][i][j] = (i32)(next_random() & 255);
        matrices[1][i][j] = (i32)(next_random() & 255);
      }
    }
    for (i32 i = 0; i < 256; ++i) {
      nodes[i].value = (i32)(next_random() & 1023);
      nodes[i].next = i < 255 ? &nodes[i + 1] : 0;
    }
    total ^= checksum(text, 1024);
    multiply();
    multiply();
    total += (u32)matrices[2][3][5];
    for (i32 i = 0; i < 8; ++i) total += (u32)count_above(nodes, 100 * i);
    total += (u32)scan(text, sizeof text);
    i32 a[64];
    for (i32 i = 0; i < 64; ++i) a[i] = (i32)(next_random() % 1000);
    insertion_sort(a, 64);
    total = total * 31 + (u32)a[5];
    emit(total);
  }
}
