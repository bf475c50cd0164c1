// Loads and stores of every width and offset, overlapping copies, bit fields, and an array large enough that its words grow
// old between accesses.
#include "runtime.h"

struct packed {
  u8 a;
  u16 b : 5, c : 11;
  i32 d : 7, e : 25;
  i8 f;
  i16 g;
  u64 h;
} __attribute__((packed));

static u8 buffer[1024];
static u32 big[1 << 16];
static struct packed records[37];
static const i8 SIGNED[] = {-1, -128, 127, 0, 5};
static const i16 HALVES[] = {-1, -32768, 32767, 0, 5};

__attribute__((noinline)) static void copy(u8* to, const u8* from, int n) {
  if (to < from) {
    for (int i = 0; i < n; ++i) to[i] = from[i];
  } else {
    for (int i = n; i-- > 0;) to[i] = from[i];
  }
}

__attribute__((noinline)) static u32 checksum(const void* data, u32 n) {
  const u8* p = (const u8*)data;
  u32 c = ~0u;
  while (n--) {
    c ^= *p++;
    for (int k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
  }
  return ~c;
}

void run(void) {
  for (u32 i = 0; i < sizeof buffer; ++i) buffer[i] = (u8)next_random();
  for (int i = 0; i < 40; ++i) {
    copy(buffer + next_random() % 500, buffer + next_random() % 500, (int)(next_random() % 500));
    emit(checksum(buffer, sizeof buffer));
  }
  for (u32 i = 0; i < 37; ++i) {
    struct packed* r = &records[i];
    r->a = (u8)next_random();
    r->b = next_random() & 31;
    r->c = next_random() & 2047;
    r->d = (i32)next_random() >> 25;
    r->e = (i32)next_random() >> 7;
    r->f = SIGNED[i % 5];
    r->g = HALVES[i % 5];
    r->h = (u64)next_random() << 32 | next_random();
    emit((u32)(r->d + r->e + r->f + r->g));
  }
  emit(checksum(records, sizeof records));
  for (u32 i = 0; i < sizeof big / 4; ++i) big[i] = i * 2654435761u;
  for (u32 step = 1; step < 9; step += 2) {
    u32 sum = 0;
    for (u32 i = 0; i < 1 << 14; ++i) sum += big[(i * step * 977) & 0xffff] ^= i;
    emit(sum);
  }
  for (u32 i = 0; i < 1 << 12; ++i) {
    ((u16*)big)[next_random() & 0x1ffff] = (u16)i;
    ((u8*)big)[next_random() & 0x3ffff] = (u8)i;
  }
  emit(checksum(big, 1 << 14));
}
