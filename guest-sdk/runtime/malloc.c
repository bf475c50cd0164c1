// Memory allocation in few instructions that gives whole memory back. Small blocks (up to 512 bytes) go to lists by size
// when they are freed and come from there: 14 instructions for malloc, 12 for free. Larger ones are merged with their free
// neighbours at once and kept in bins by size, found by bitmaps (two-level segregated fit: Masmano, Ripoll, Crespo, Real,
// "TLSF: a new dynamic memory allocator for real-time systems", ECRTS 2004). Small blocks that are not on a list are cut
// from one larger block, the quarry (the "designated victim" of Lea's malloc). When nothing else serves, freed small blocks
// are merged too: whatever was allocated before, a request fails only if no free piece of memory is that large.
//
// A block is a multiple of 16 bytes; its last word before the next block holds the next block's header, so that payloads
// are 16-byte aligned (max_align_t) with only 4 bytes of overhead:
//
//   block - 4: header    block: payload ...    block + size - 4: the next header
//
// The header is the block's size in bytes and two flags. A free block holds its bin's links in its first two words, and its
// size in the last word of its payload, where the block behind finds it. Blocks on lists of small ones and the quarry are
// not free in this sense. Memory from `top` on belongs to no block; the block before `top` is never free.

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"

extern char __heap_first[], __heap_end[]; // from link.ld: the first payload, and the end of the heap

enum {
  FREE = 1,        // of a header: the block is in a bin
  BEHIND_FREE = 2, // of a header: the block before is in a bin
  FLAGS = 15,
  SMALL_LIMIT = 512, // blocks up to here go to lists when freed
  UNIT = 16,
  BINS_LOG = 3, // bins in each row: row r has blocks of 8 * 2^(r-1) to 8 * 2^r - 1 units, row 0 those of less than 8
  BINS = 1 << BINS_LOG,
  ROWS = 24,
  MAX_REQUEST = 0x40000000, // above every heap
};

struct free_block {
  struct free_block* next;
  struct free_block* previous; // of a block in a bin; the first one's is not used
};

static struct free_block* small_lists[SMALL_LIMIT / UNIT + 1]; // by size in units
static struct free_block* bins[ROWS][BINS];
static uint32_t rows_in_use;           // bit r: some bin of row r has a block
static uint8_t bins_in_use[ROWS];      // bit b: bin b of that row has a block

// What `quarry` points at while there is none: a block without memory.
static uint32_t no_quarry[4];
static char* quarry = (char*)&no_quarry[1];

// Payload address of the next block to be cut, and the highest that it ever was: memory above is still zero.
static char* top = __heap_first;
static char* highest_top = __heap_first;

static inline uint32_t* header_of(void* block) { return (uint32_t*)block - 1; }
static inline uint32_t size_of(void* block) { return *header_of(block) & ~(uint32_t)FLAGS; }
static inline uint32_t* footer_of(char* block, uint32_t size) { return (uint32_t*)(block + size) - 2; }

// The size of the block for a request of at most MAX_REQUEST bytes.
static inline uint32_t block_size(size_t bytes) { return (bytes + 4 + UNIT - 1) & ~(uint32_t)(UNIT - 1); }

// ---- Bins

struct place {
  uint32_t row, bin;
};

static inline struct place place_of(uint32_t units) {
  if (units < BINS) return (struct place){0, units};
  uint32_t log = 31 - (uint32_t)__builtin_clz(units);
  return (struct place){log - BINS_LOG + 1, (units >> (log - BINS_LOG)) & (BINS - 1)};
}

static void put_in_bin(char* block, uint32_t size) {
  struct place p = place_of(size / UNIT);
  struct free_block *this = (struct free_block*)block, *next = bins[p.row][p.bin];
  this->next = next;
  if (next != NULL) next->previous = this;
  bins[p.row][p.bin] = this;
  bins_in_use[p.row] |= (uint8_t)(1u << p.bin);
  rows_in_use |= 1u << p.row;
  *footer_of(block, size) = size;
}

static void take_from_bin(char* block, uint32_t size) {
  struct place p = place_of(size / UNIT);
  struct free_block *this = (struct free_block*)block, *next = this->next, **first = &bins[p.row][p.bin];
  if (*first != this) {
    this->previous->next = next;
    if (next != NULL) next->previous = this->previous;
    return;
  }
  *first = next;
  if (next != NULL) return;
  bins_in_use[p.row] &= (uint8_t)~(1u << p.bin);
  if (bins_in_use[p.row] == 0) rows_in_use &= ~(1u << p.row);
}

// A free block of at least `size` bytes, or NULL. Bins above the one of this size have only larger blocks; in it, the
// first large enough is taken, after a search that is cut off unless it must be thorough.
static char* find_in_bins(uint32_t size, int thorough) {
  if (rows_in_use == 0) return NULL;
  struct place p = place_of(size / UNIT);
  int tries = 4;
  for (struct free_block* b = bins[p.row][p.bin]; b != NULL && (thorough || tries-- > 0); b = b->next) {
    if (size_of(b) >= size) return (char*)b;
  }
  uint32_t row = p.row, in_row = bins_in_use[row] & (~1u << p.bin);
  if (in_row == 0) {
    uint32_t rows = rows_in_use & (~1u << p.row);
    if (rows == 0) return NULL;
    row = (uint32_t)__builtin_ctz(rows);
    in_row = bins_in_use[row];
  }
  return (char*)bins[row][__builtin_ctz(in_row)];
}

// ---- Blocks

// Makes memory that belongs to no list a free block or part of one, or gives it back to the memory above `top`. Its header
// tells its size and whether the block before is free.
static void release(char* block) {
  uint32_t header = *header_of(block), size = header & ~(uint32_t)FLAGS;
  if (header & BEHIND_FREE) {
    uint32_t before = *((uint32_t*)block - 2);
    block -= before;
    take_from_bin(block, before);
    size += before;
  }
  char* next = block + size;
  if (next != top) {
    uint32_t behind = *header_of(next);
    if (behind & FREE) {
      behind &= ~(uint32_t)FLAGS;
      take_from_bin(next, behind);
      size += behind;
      next = block + size; // not top: the block before top is never free
    }
    *header_of(next) |= BEHIND_FREE;
    *header_of(block) = size | FREE;
    put_in_bin(block, size);
    return;
  }
  top = block;
}

// Shortens a block that is in use to `size` bytes, a multiple of UNIT.
static void trim(char* block, uint32_t size) {
  uint32_t* header = header_of(block);
  uint32_t spare = (*header & ~(uint32_t)FLAGS) - size;
  if (spare == 0) return;
  *header -= spare;
  *header_of(block + size) = spare;
  release(block + size);
}

static char* cut_from_top(uint32_t size) {
  char* block = top;
  if (size > (uint32_t)(__heap_end - block)) return NULL;
  top = block + size;
  if (top > highest_top) highest_top = top;
  *header_of(block) = size;
  return block;
}

// Takes a block out of its bin, whole: it is in use from now on.
static void claim(char* block) {
  uint32_t size = size_of(block);
  take_from_bin(block, size);
  *header_of(block) = size; // the block before is not free: it would be one with this
  *header_of(block + size) &= ~(uint32_t)BEHIND_FREE;
}

static void drop_quarry(void) {
  char* old = quarry;
  quarry = (char*)&no_quarry[1];
  if (size_of(old) != 0) release(old);
}

static void merge_small_blocks(void) {
  drop_quarry();
  for (uint32_t i = 1; i <= SMALL_LIMIT / UNIT; ++i) {
    struct free_block* block = small_lists[i];
    small_lists[i] = NULL;
    while (block != NULL) {
      struct free_block* next = block->next;
      release((char*)block);
      block = next;
    }
  }
}

__attribute__((noinline)) static void* allocate_large(uint32_t size) {
  char* block = find_in_bins(size, 0);
  if (block == NULL) {
    block = cut_from_top(size);
    if (block != NULL) return block;
    merge_small_blocks();
    block = find_in_bins(size, 1);
    if (block == NULL) {
      block = cut_from_top(size);
      if (block == NULL) errno = ENOMEM;
      return block;
    }
  }
  claim(block);
  trim(block, size);
  return block;
}

__attribute__((noinline)) static void* allocate_small(uint32_t size) {
  uint32_t header = *header_of(quarry);
  if (header < size) {
    char* block = find_in_bins(size, 0);
    if (block == NULL) {
      block = cut_from_top(size);
      return block != NULL ? block : allocate_large(size);
    }
    drop_quarry(); // may merge with the block that was found
    block = find_in_bins(size, 0);
    claim(block);
    quarry = block;
    header = *header_of(block);
  }
  char* block = quarry;
  uint32_t rest = (header & ~(uint32_t)FLAGS) - size;
  *header_of(block) = header - rest;
  if (rest == 0) {
    quarry = (char*)&no_quarry[1];
  } else {
    quarry = block + size;
    *header_of(quarry) = rest;
  }
  return block;
}

// ---- The functions of the C library

ZKVM_REPLACEABLE void* malloc(size_t bytes) {
  if (bytes <= SMALL_LIMIT - 4) {
    uint32_t size = block_size(bytes);
    struct free_block** list = &small_lists[size / UNIT];
    struct free_block* block = *list;
    if (block == NULL) return allocate_small(size);
    *list = block->next;
    return block;
  }
  if (bytes > MAX_REQUEST) {
    errno = ENOMEM;
    return NULL;
  }
  return allocate_large(block_size(bytes));
}

ZKVM_REPLACEABLE void free(void* pointer) {
  if (pointer == NULL) return;
  uint32_t size = size_of(pointer);
  if (size > SMALL_LIMIT) {
    if (*header_of(pointer) & FREE) __zkvm_die("free: the block is free already");
    release(pointer);
    return;
  }
  struct free_block** list = &small_lists[size / UNIT];
  ((struct free_block*)pointer)->next = *list;
  *list = pointer;
}

ZKVM_REPLACEABLE void* calloc(size_t count, size_t each) {
  size_t bytes;
  if (__builtin_mul_overflow(count, each, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  char* untouched = highest_top;
  char* block = malloc(bytes);
  if (block != NULL && block < untouched) memset(block, 0, bytes);
  return block;
}

ZKVM_REPLACEABLE size_t malloc_usable_size(void* pointer) { return pointer == NULL ? 0 : size_of(pointer) - 4; }

// Makes room for `size` bytes at a block in use by taking memory behind it; tells whether there was enough.
static int grow(char* block, uint32_t size) {
  uint32_t* header = header_of(block);
  uint32_t old = size_of(block);
  char* next = block + old;
  if (next == top) {
    if (size > (uint32_t)(__heap_end - block)) return 0;
    top = block + size;
    if (top > highest_top) highest_top = top;
    *header += size - old;
    return 1;
  }
  uint32_t behind = *header_of(next);
  if (!(behind & FREE)) return 0;
  behind &= ~(uint32_t)FLAGS;
  if (old + behind < size) return 0;
  claim(next);
  *header += behind;
  trim(block, size);
  return 1;
}

ZKVM_REPLACEABLE void* realloc(void* pointer, size_t bytes) {
  if (pointer == NULL) return malloc(bytes);
  if (bytes == 0) {
    free(pointer);
    return NULL;
  }
  if (bytes > MAX_REQUEST) {
    errno = ENOMEM;
    return NULL;
  }
  uint32_t size = block_size(bytes), old = size_of(pointer);
  if (size <= old) {
    // Small blocks keep their size: what is left over would be of little use.
    if (old > SMALL_LIMIT) trim(pointer, size);
    return pointer;
  }
  if (grow(pointer, size)) return pointer;
  void* copy = malloc(bytes);
  if (copy == NULL) return NULL;
  memcpy(copy, pointer, old - 4);
  free(pointer);
  return copy;
}

ZKVM_REPLACEABLE void* memalign(size_t alignment, size_t bytes) {
  if ((alignment & (alignment - 1)) != 0) {
    errno = EINVAL;
    return NULL;
  }
  if (alignment <= UNIT) return malloc(bytes);
  if (bytes > MAX_REQUEST || alignment > MAX_REQUEST) {
    errno = ENOMEM;
    return NULL;
  }
  // Blocks are multiples of 16 and so is the way to the aligned address: what lies before it is a block again.
  uint32_t size = block_size(bytes);
  char* block = allocate_large(size + alignment);
  if (block == NULL) return NULL;
  char* aligned = (char*)(((uintptr_t)block + alignment - 1) & ~(uintptr_t)(alignment - 1));
  if (aligned != block) {
    uint32_t before = (uint32_t)(aligned - block);
    *header_of(aligned) = size_of(block) - before;
    *header_of(block) -= size_of(aligned);
    release(block); // is in front of a block in use: stays a block
  }
  trim(aligned, size);
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

// Memory for callers that manage their own: a block that is never freed, in multiples of 16 bytes. It does not shrink.
ZKVM_REPLACEABLE void* sbrk(ptrdiff_t bytes) {
  if (bytes == 0) return top;
  char* block = bytes < 0 || bytes > MAX_REQUEST ? NULL : cut_from_top(block_size((size_t)bytes));
  if (block == NULL) {
    errno = ENOMEM;
    return (void*)-1;
  }
  return block;
}
