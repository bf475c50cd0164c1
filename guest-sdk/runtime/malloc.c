// Memory allocation in few instructions: about ten for malloc and eight for free when a block of the right size is at
// hand. Every block belongs to a size class; free puts it on its class's list, malloc takes it from there or else cuts it
// off the untouched memory between `top` and __heap_end. The last block cut is given back to the untouched memory, so
// that stack-like use does not grow. Blocks are never split or merged: half a gigabyte of address space costs nothing,
// instructions do.
//
// A block is a multiple of 16 bytes; its last word before the next block holds the next block's header, so that payloads
// are 16-byte aligned (max_align_t) with only 4 bytes of overhead:
//
//   block - 4: header    block: payload ...    block + size - 4: the next header
//
// The header is the block's size in bytes (multiple of 16), or for a pointer made by aligned_alloc the distance back to
// the real block plus 1.

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"

extern char __heap_first[], __heap_end[]; // from link.ld

enum {
  SMALL_LIMIT = 512,               // up to here a class for every multiple of 16
  SMALL_CLASSES = SMALL_LIMIT / 16, // class of size s: s / 16 - 1
  LARGE_CLASSES = 4 * (32 - 9),    // above, four classes for every doubling
};

struct free_block {
  struct free_block* next;
};

static struct free_block* small_free[SMALL_CLASSES];
static struct free_block* large_free[LARGE_CLASSES];

// Payload address of the next block to be cut, and the highest that it ever was: memory above is still zero.
static uintptr_t top = (uintptr_t)__heap_first;
static uintptr_t highest_top = (uintptr_t)__heap_first;

static inline uint32_t* header_of(void* block) { return (uint32_t*)block - 1; }

// Rounds a block size above SMALL_LIMIT up to its class and tells the class. With 2^k <= size - 1 < 2^(k+1), classes end at
// 2^k * {5/4, 6/4, 7/4, 8/4}; k >= 9 makes all of them multiples of 16.
static inline uint32_t round_large(uint32_t size, uint32_t* class) {
  uint32_t last = size - 1;
  uint32_t k = 31 - (uint32_t)__builtin_clz(last);
  uint32_t quarter = (last >> (k - 2)) & 3;
  *class = 4 * (k - 9) + quarter;
  return (quarter + 5) << (k - 2);
}

static void* cut_block(uint32_t size) {
  uintptr_t block = top;
  if (size > (uintptr_t)__heap_end - block) {
    errno = ENOMEM;
    return NULL;
  }
  top = block + size;
  if (top > highest_top) highest_top = top;
  *header_of((void*)block) = size;
  return (void*)block;
}

ZKVM_REPLACEABLE void* malloc(size_t bytes) {
  if (bytes <= SMALL_LIMIT - 4) {
    uint32_t size = (bytes + 4 + 15) & ~(uint32_t)15;
    struct free_block** list = &small_free[size / 16 - 1];
    struct free_block* block = *list;
    if (block == NULL) return cut_block(size);
    *list = block->next;
    return block;
  }
  if (bytes > 0x40000000) {
    errno = ENOMEM;
    return NULL;
  }
  uint32_t class;
  uint32_t size = round_large(bytes + 4, &class);
  struct free_block* block = large_free[class];
  if (block == NULL) return cut_block(size);
  large_free[class] = block->next;
  return block;
}

ZKVM_REPLACEABLE void free(void* pointer) {
  if (pointer == NULL) return;
  uint32_t size = *header_of(pointer);
  if (size & 1) {
    pointer = (char*)pointer - (size - 1);
    size = *header_of(pointer);
  }
  if ((uintptr_t)pointer + size == top) {
    top = (uintptr_t)pointer;
    return;
  }
  struct free_block** list;
  if (size <= SMALL_LIMIT) {
    list = &small_free[size / 16 - 1];
  } else {
    uint32_t class;
    round_large(size, &class);
    list = &large_free[class];
  }
  ((struct free_block*)pointer)->next = *list;
  *list = pointer;
}

ZKVM_REPLACEABLE void* calloc(size_t count, size_t each) {
  size_t bytes;
  if (__builtin_mul_overflow(count, each, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  uintptr_t untouched = highest_top;
  void* block = malloc(bytes);
  if (block != NULL && (uintptr_t)block < untouched) memset(block, 0, bytes);
  return block;
}

ZKVM_REPLACEABLE size_t malloc_usable_size(void* pointer) {
  if (pointer == NULL) return 0;
  uint32_t size = *header_of(pointer);
  if (size & 1) {
    uint32_t distance = size - 1;
    return *header_of((char*)pointer - distance) - distance - 4;
  }
  return size - 4;
}

ZKVM_REPLACEABLE void* realloc(void* pointer, size_t bytes) {
  if (pointer == NULL) return malloc(bytes);
  if (bytes == 0) {
    free(pointer);
    return NULL;
  }
  uint32_t size = *header_of(pointer);
  size_t usable = malloc_usable_size(pointer);
  if (bytes <= usable) return pointer;
  // The last block grows in place.
  if ((size & 1) == 0 && (uintptr_t)pointer + size == top && bytes <= 0x40000000) {
    uint32_t class;
    uint32_t grown = bytes <= SMALL_LIMIT - 4 ? (bytes + 4 + 15) & ~(uint32_t)15 : round_large(bytes + 4, &class);
    if (grown <= (uintptr_t)__heap_end - (uintptr_t)pointer) {
      top = (uintptr_t)pointer + grown;
      if (top > highest_top) highest_top = top;
      *header_of(pointer) = grown;
      return pointer;
    }
  }
  void* copy = malloc(bytes);
  if (copy == NULL) return NULL;
  memcpy(copy, pointer, usable);
  free(pointer);
  return copy;
}

ZKVM_REPLACEABLE void* memalign(size_t alignment, size_t bytes) {
  if (alignment <= 16) return malloc(bytes);
  if ((alignment & (alignment - 1)) != 0 || bytes > 0x40000000 || alignment > 0x10000000) {
    errno = EINVAL;
    return NULL;
  }
  char* block = malloc(bytes + alignment);
  if (block == NULL) return NULL;
  char* aligned = (char*)(((uintptr_t)block + alignment - 1) & ~(uintptr_t)(alignment - 1));
  if (aligned != block) *header_of(aligned) = (uint32_t)(aligned - block) + 1;
  return aligned;
}

ZKVM_REPLACEABLE void* aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

ZKVM_REPLACEABLE int posix_memalign(void** result, size_t alignment, size_t bytes) {
  if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
  int saved = errno;
  void* block = memalign(alignment, bytes);
  errno = saved;
  if (block == NULL) return ENOMEM;
  *result = block;
  return 0;
}

// Memory for callers that manage their own: taken from the same untouched memory, in multiples of 16 bytes. It does not
// shrink.
ZKVM_REPLACEABLE void* sbrk(ptrdiff_t bytes) {
  if (bytes < 0 || (uintptr_t)bytes + 16 > (uintptr_t)__heap_end - top) {
    errno = ENOMEM;
    return (void*)-1;
  }
  // The word before `top` will be the next block's header: the caller's memory ends before it.
  void* start = (void*)top;
  top += ((uintptr_t)bytes + 4 + 15) & ~(uintptr_t)15;
  if (bytes == 0) top = (uintptr_t)start;
  if (top > highest_top) highest_top = top;
  return start;
}
