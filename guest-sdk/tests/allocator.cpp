// malloc and its family under random use: blocks are aligned, do not overlap, keep their contents, and are reused.

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <vector>

#include "check.hpp"

namespace {

struct Block {
  unsigned char* at = nullptr;
  std::size_t size = 0;
  std::size_t alignment = 16;
  unsigned char stamp = 0;
};

bool holds_stamp(const Block& block) {
  for (std::size_t i = 0; i < block.size; ++i) {
    if (block.at[i] != block.stamp) return false;
  }
  return true;
}

std::size_t random_size(std::mt19937& random) {
  switch (random() % 8) {
    case 0: return random() % 4;
    case 1: return 490 + random() % 60; // around the limit between small and large
    case 2: return random() % 20000;
    default: return random() % 200;
  }
}

void random_use_keeps_blocks_apart() {
  std::mt19937 random(3);
  std::vector<Block> blocks(64);
  for (int step = 0; step < 1500; ++step) {
    Block& block = blocks[random() % blocks.size()];
    if (block.at != nullptr && random() % 4 == 0) {
      const std::size_t size = random_size(random) + 1;
      const std::size_t kept = size < block.size ? size : block.size;
      block.at = static_cast<unsigned char*>(std::realloc(block.at, size));
      block.size = kept;
      CHECK(holds_stamp(block));
      block.size = size;
      std::memset(block.at, block.stamp, size);
      continue;
    }
    if (block.at != nullptr) {
      CHECK(holds_stamp(block));
      std::free(block.at);
      block.at = nullptr;
      continue;
    }
    block.size = random_size(random);
    block.alignment = 16;
    block.stamp = static_cast<unsigned char>(step);
    switch (random() % 3) {
      case 0: block.at = static_cast<unsigned char*>(std::malloc(block.size)); break;
      case 1: {
        block.at = static_cast<unsigned char*>(std::calloc(block.size, 1));
        const unsigned char stamp = block.stamp;
        block.stamp = 0;
        CHECK(holds_stamp(block));
        block.stamp = stamp;
        break;
      }
      default:
        block.alignment = std::size_t{16} << random() % 6;
        block.size = (block.size + block.alignment - 1) / block.alignment * block.alignment;
        block.at = static_cast<unsigned char*>(::aligned_alloc(block.alignment, block.size));
    }
    CHECK(block.at != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(block.at) % block.alignment == 0);
    CHECK(malloc_usable_size(block.at) >= block.size);
    std::memset(block.at, block.stamp, block.size);
  }
  for (Block& block : blocks) {
    if (block.at == nullptr) continue;
    CHECK(holds_stamp(block));
    std::free(block.at);
  }
}

void impossible_requests_fail() {
  volatile std::size_t huge = SIZE_MAX - 8;
  CHECK(std::malloc(huge) == nullptr);
  CHECK(std::calloc(huge / 2, 3) == nullptr);
  void* block = std::malloc(100);
  void* moved = std::realloc(block, huge);
  CHECK(moved == nullptr);
  if (moved == nullptr) std::free(block);
  CHECK(::operator new(huge, std::nothrow) == nullptr);
}

#ifdef __riscv
// On a fresh heap. Addresses are compared as numbers: the compiler knows that a freed block is gone.
void freed_blocks_are_reused() {
  const auto address = [](void* block) { return reinterpret_cast<std::uintptr_t>(block); };
  void* first = std::malloc(100);
  const std::uintptr_t first_address = address(first);
  void* guard = std::malloc(1); // so that `first` is not the last block
  std::free(first);
  first = std::malloc(104);
  CHECK(address(first) == first_address);
  std::free(guard);
  void* last = std::malloc(3000);
  const std::uintptr_t last_address = address(last);
  std::free(last);
  last = std::malloc(5000); // the last block goes back to untouched memory
  CHECK(address(last) == last_address);
  last = std::realloc(last, 90000);
  CHECK(address(last) == last_address);
  std::free(last);
  std::free(first);
}

// Whatever was allocated before: what is free comes in one piece.
void freed_memory_is_whole_again() {
  constexpr std::size_t MIB = std::size_t{1} << 20;
  const auto in_one_piece = [](std::size_t size) {
    void* block = std::malloc(size);
    CHECK(block != nullptr);
    std::free(block);
  };
  in_one_piece(460 * MIB);
  // 64 blocks of 4 MiB serve 128 MiB, in any order of freeing.
  std::vector<void*> blocks(64);
  for (void*& block : blocks) CHECK((block = std::malloc(4 * MIB)) != nullptr);
  void* guard = std::malloc(MIB);
  for (std::size_t i = 0; i < 64; ++i) std::free(blocks[i * 37 % 64]);
  void* half = std::malloc(128 * MIB);
  CHECK(half != nullptr && half < guard);
  void* other = std::malloc(127 * MIB);
  CHECK(other != nullptr && other < guard);
  std::free(half);
  std::free(other);
  std::free(guard);
  in_one_piece(460 * MIB);
  // Small ones, which go to lists, every second one first.
  std::vector<void*> small(20'000);
  for (std::size_t i = 0; i < small.size(); ++i) CHECK((small[i] = std::malloc(i % 500)) != nullptr);
  for (const std::size_t first : {std::size_t{0}, std::size_t{1}})
    for (std::size_t i = first; i < small.size(); i += 2) std::free(small[i]);
  in_one_piece(460 * MIB);
  // A block is split: nothing but the parts fits.
  void* large = std::malloc(440 * MIB);
  void* end = std::malloc(MIB);
  std::free(large);
  void* parts[48];
  for (void*& part : parts) CHECK((part = std::malloc(9 * MIB)) != nullptr);
  for (void* part : parts) std::free(part);
  // Shortened ones give back, and grow again in place.
  large = std::malloc(440 * MIB);
  void* const at = large;
  large = std::realloc(large, MIB);
  void* rest = std::malloc(430 * MIB);
  CHECK(large == at && rest != nullptr);
  std::free(rest);
  large = std::realloc(large, 439 * MIB);
  CHECK(large == at);
  std::free(large);
  std::free(end);
  in_one_piece(460 * MIB);
}

void memory_runs_out_with_null() {
  constexpr std::size_t SIZE = (std::size_t{8} << 20) - 4;
  std::size_t got = 0;
  void* chain = nullptr;
  while (void* block = std::malloc(SIZE)) {
    *static_cast<void**>(block) = chain;
    chain = block;
    got += SIZE;
  }
  CHECK(got >= std::size_t{464} << 20);
}
#endif

struct alignas(64) Wide {
  int value = 5;
};

void operators_new_respect_alignment() {
  std::vector<Wide*> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(new Wide);
    CHECK(reinterpret_cast<std::uintptr_t>(all.back()) % 64 == 0 && all.back()->value == 5);
    delete[] new int[3];
  }
  for (Wide* wide : all) delete wide;
  delete[] new Wide[3];
}

}  // namespace

int main() {
#ifdef __riscv
  freed_blocks_are_reused();
#endif
  random_use_keeps_blocks_apart();
  impossible_requests_fail();
  operators_new_respect_alignment();
#ifdef __riscv
  freed_memory_is_whole_again();
  memory_runs_out_with_null();
#endif
  return check::report();
}
