// 64-bit integers and software floating point: the compiler's own library routines, on edge and random operands.
#include "runtime.h"

static const u64 EDGES[] = {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
                            0x8000000000000000, 0xffffffffffffffff, 1000000007};
enum { EDGE_COUNT = sizeof EDGES / sizeof *EDGES };

static u64 operand(int i) { return i < EDGE_COUNT ? EDGES[i] : (u64)next_random() << (i % 33) ^ next_random(); }

static u32 bits(float x) {
  union {
    float f;
    u32 u;
  } v = {x};
  return v.u;
}
static u64 bits64(double x) {
  union {
    double f;
    u64 u;
  } v = {x};
  return v.u;
}

void run(void) {
  u64 sum = 0;
  for (int i = 0; i < 24; ++i) {
    for (int j = 0; j < 24; ++j) {
      volatile u64 a = operand(i), b = operand(j);
      sum = sum * 31 + a * b;
      sum = sum * 31 + (a << (b & 63)) + (a >> (b & 63)) + (u64)((i64)a >> (b & 63));
      if (b != 0) {
        sum = sum * 31 + a / b;
        sum = sum * 31 + a % b;
        if (!(a == EDGES[9] && b == EDGES[10])) {
          sum = sum * 31 + (u64)((i64)a / (i64)b);
          sum = sum * 31 + (u64)((i64)a % (i64)b);
        }
      }
      volatile double x = (double)(i64)a, y = (double)b;
      sum = sum * 31 + bits64(x + y) + bits64(x * y) + bits64(x - y);
      if (b != 0) sum = sum * 31 + bits64(x / y);
      volatile float f = (float)x, g = (float)y;
      sum = sum * 31 + bits(f * g + f) + (u32)(f < g) + (u32)(x == y);
      emit64(sum);
    }
  }
}
