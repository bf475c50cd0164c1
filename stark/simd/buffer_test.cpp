#include "stark/simd/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <new>
#include <thread>
#include <vector>

namespace zkvm::stark {
namespace {

TEST(Buffer, is_aligned_at_every_size) {
  for (const size_t n : {0u, 1u, 63u, 1000u, 1u << 18, (1u << 18) + 1, 5000000u}) {
    const Buffer<uint32_t> b(n);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data()) % 64, 0u);
    EXPECT_EQ(b.size(), n);
  }
}

TEST(Buffer, live_buffers_do_not_overlap_across_threads) {
  const auto work = [](uint32_t tag) {
    for (int round = 0; round < 20; ++round) {
      std::vector<Buffer<uint32_t>> live;
      for (uint32_t i = 0; i < 6; ++i) {
        live.emplace_back((size_t{1} << 17) * (i + 1));
        for (uint32_t& x : live.back()) x = tag * 100 + i;
        if (i % 3 == 2) live[i - 1] = Buffer<uint32_t>();
      }
      for (uint32_t i = 0; i < 6; ++i)
        for (const uint32_t x : live[i]) ASSERT_EQ(x, tag * 100 + i);
    }
  };
  std::thread other(work, 1);
  work(2);
  other.join();
}

TEST(Buffer, freed_memory_is_handed_out_again_and_coalesced) {
  constexpr size_t N = size_t{4} << 20;
  Buffer<uint8_t> a(N), b(N), c(N), guard(N);
  uint8_t* const lowest = std::min({a.data(), b.data(), c.data()});
  a = Buffer<uint8_t>();
  c = Buffer<uint8_t>();
  b = Buffer<uint8_t>();
  const Buffer<uint8_t> together(3 * N);
  EXPECT_EQ(together.data(), lowest);
}

TEST(Buffer, moves_ownership) {
  Buffer<int> a(100);
  int* const p = a.data();
  Buffer<int> b(std::move(a));
  EXPECT_EQ(b.data(), p);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is documented as empty
  a = std::move(b);
  EXPECT_EQ(a.data(), p);
}

TEST(Buffer, trimming_keeps_live_contents) {
  Buffer<uint32_t> live(size_t{1} << 20);
  for (uint32_t i = 0; i < live.size(); ++i) live[i] = i;
  { Buffer<uint32_t> freed(size_t{1} << 22); }
  trim_buffers();
  for (uint32_t i = 0; i < live.size(); ++i) ASSERT_EQ(live[i], i);
}

size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  size_t pages = 0, resident = 0;
  in >> pages >> resident;
  return resident * 4096;
}

/// What is too small for a buffer backs it all the same.
TEST(Buffer, fragments_are_not_resident_beside_what_is_alive) {
  constexpr size_t MIB = size_t{1} << 20;
  const auto filled = [](size_t bytes, uint8_t value) {
    Buffer<uint8_t> b(bytes);
    std::fill(b.begin(), b.end(), value);
    return b;
  };
  std::vector<Buffer<uint8_t>> parts;
  for (uint8_t i = 0; i < 16; ++i) parts.push_back(filled(16 * MIB, i));
  trim_buffers();  // what tests before this one have left
  const size_t before = resident_bytes();
  for (size_t i = 0; i < parts.size(); i += 2) parts[i] = Buffer<uint8_t>();
  const Buffer<uint8_t> large = filled(100 * MIB, 77);
  EXPECT_LT(resident_bytes(), before + 4 * MIB);
  // Nothing else has moved, and the gaps serve again.
  for (uint8_t i = 0; i < 16; i += 2) parts[i] = filled(16 * MIB, static_cast<uint8_t>(100 + i));
  EXPECT_LT(resident_bytes(), before + 104 * MIB);
  for (uint8_t i = 0; i < 16; ++i)
    for (const uint8_t x : parts[i]) ASSERT_EQ(x, i % 2 == 0 ? 100 + i : i);
  for (const uint8_t x : large) ASSERT_EQ(x, 77);
}

TEST(Buffer, absurd_sizes_throw) { EXPECT_THROW(allocate_buffer(SIZE_MAX - 5), std::bad_alloc); }

}  // namespace
}  // namespace zkvm::stark
