// Just enough to run a freestanding program under both machines: compile with -DZKVM for the machine's ecalls, without for
// Linux's. Each program defines `void run(void)` and reports through emit().
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;

void run(void);

static u32 emitted[8192];
static u32 emitted_count;

static inline void emit(u32 value) {
  if (emitted_count < sizeof emitted / sizeof *emitted) emitted[emitted_count++] = value;
}
static inline void emit64(u64 value) {
  emit((u32)value);
  emit((u32)(value >> 32));
}

static inline u32 call(u32 number, u32 x, u32 y, u32 z) {
  register u32 a0 __asm__("a0") = x;
  register u32 a1 __asm__("a1") = y;
  register u32 a2 __asm__("a2") = z;
  register u32 a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static u32 random_state = 0x12345678;
static inline u32 next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

__attribute__((used)) static void start(void) {
  run();
#ifdef ZKVM
  for (u32 i = 0; i < emitted_count; ++i) call(1, emitted[i], 0, 0);
  call(0, 0, emitted_count * 4, 0);
#else
  call(64, 1, (u32)emitted, emitted_count * 4);
  call(93, 0, 0, 0);
#endif
  for (;;) {
  }
}

__asm__(
    ".globl _start\n_start:\n"
    ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
#ifdef ZKVM
    "li sp, 0x20000000\n"
#endif
    "jal start\n");
