// Recursion, function pointers, jump tables, non-local jumps, sorting and searching.
#include "runtime.h"

static u32 depth;

__attribute__((noinline)) static u32 ackermann(u32 m, u32 n) {
  ++depth;
  return m == 0 ? n + 1 : ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static u32 add(u32 a, u32 b) { return a + b; }
static u32 sub(u32 a, u32 b) { return a - b; }
static u32 mul(u32 a, u32 b) { return a * b; }
static u32 quotient(u32 a, u32 b) { return b == 0 ? ~0u : a / b; }
static u32 (*const volatile OPERATIONS[])(u32, u32) = {add, sub, mul, quotient};

__attribute__((noinline)) static u32 dispatch(u32 op, u32 a, u32 b) {
  switch (op & 15) {
    case 0: return a & b;
    case 1: return a | b;
    case 2: return a ^ b;
    case 3: return a << (b & 31);
    case 4: return a >> (b & 31);
    case 5: return (u32)((i32)a >> (b & 31));
    case 6: return a < b;
    case 7: return (i32)a < (i32)b;
    case 8: return b == 0 ? a : a % b;
    case 9: return b == 0 || (a == 0x80000000u && b == ~0u) ? a : (u32)((i32)a % (i32)b);
    case 10: return (u32)(((u64)a * b) >> 32);
    case 11: return (u32)((u64)((i64)(i32)a * (i32)b) >> 32);
    case 12: return (u32)((u64)((i64)(i32)a * (i64)(u64)b) >> 32);
    default: return OPERATIONS[op & 3](a, b);
  }
}

static void* jump_buffer[5];
__attribute__((noinline)) static void descend(u32 n) {
  if (n == 0) __builtin_longjmp(jump_buffer, 1);
  descend(n - 1);
  emit(n);  // never reached
}

static void sort(i32* a, i32 n) {
  while (n > 1) {
    const i32 pivot = a[n / 2];
    i32 i = 0, j = n - 1;
    while (i <= j) {
      while (a[i] < pivot) ++i;
      while (a[j] > pivot) --j;
      if (i <= j) {
        const i32 t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    sort(a, j + 1);
    a += i;
    n -= i;
  }
}

static i32 numbers[2000];

void run(void) {
  emit(ackermann(2, 9));
  emit(ackermann(3, 4));
  emit(depth);
  u32 a = 1, b = 0x80000000u;
  for (u32 i = 0; i < 4000; ++i) {
    const u32 r = dispatch(next_random(), a, b);
    a = b ^ next_random() % 7;
    b = i % 5 == 0 ? next_random() : r;
    if (i % 8 == 0) emit(r);
  }
  if (__builtin_setjmp(jump_buffer) == 0) {
    descend(20);
  } else {
    emit(0xcafe);
  }
  for (u32 i = 0; i < 2000; ++i) numbers[i] = (i32)next_random();
  sort(numbers, 2000);
  for (u32 i = 0; i < 2000; i += 50) emit((u32)numbers[i]);
}
