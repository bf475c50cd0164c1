#include "guest-sdk/compiler/memory.hpp"

#include <gtest/gtest.h>

#include <random>

namespace zkvm::compiler {
namespace {

/// Whether two lifetimes that share a step share a byte.
bool overlaps(const std::vector<Lifetime>& lifetimes, const MemoryPlan& plan) {
  for (size_t a = 0; a < lifetimes.size(); ++a)
    for (size_t b = 0; b < a; ++b) {
      const Lifetime &x = lifetimes[a], &y = lifetimes[b];
      if (x.first > y.last || y.first > x.last) continue;
      if (plan.offsets[a] < plan.offsets[b] + y.bytes && plan.offsets[b] < plan.offsets[a] + x.bytes) return true;
    }
  return false;
}

TEST(Memory, never_overlaps_what_lives_at_one_time) {
  std::mt19937 random(1);
  const auto number = [&](int32_t low, int32_t high) {
    return std::uniform_int_distribution<int32_t>(low, high)(random);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Lifetime> lifetimes;
    for (int32_t i = number(0, 30); i > 0; --i) {
      const int32_t first = number(0, 40);
      lifetimes.push_back({number(1, 1000), first, first + number(0, 6)});
    }
    const MemoryPlan plan = plan_memory(lifetimes);
    ASSERT_FALSE(overlaps(lifetimes, plan)) << "round " << round;
    ASSERT_GE(plan.bytes, plan.live_bytes);
    for (size_t i = 0; i < lifetimes.size(); ++i) {
      ASSERT_EQ(plan.offsets[i] % 4, 0);
      ASSERT_LE(plan.offsets[i] + lifetimes[i].bytes, plan.bytes);
    }
  }
}

TEST(Memory, a_network_without_branches_needs_two_neighbours_at_most) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> lifetimes;
    for (int32_t i = 0; i < 30; ++i) lifetimes.push_back({static_cast<int64_t>(4 + random() % 5000 / 4 * 4), i, i + 1});
    const MemoryPlan plan = plan_memory(lifetimes);
    EXPECT_LE(static_cast<double>(plan.bytes), 1.2 * static_cast<double>(plan.live_bytes));
  }
}

TEST(Memory, residual_networks_stay_within_a_fifth_of_what_lives_at_once) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> lifetimes;
    int64_t size = 65536;
    for (int32_t i = 0; i < 36; i += 3) {
      if (random() % 3 == 0) size = size / 2 + 4;
      lifetimes.push_back({size, i, i + 3});  // around the block
      lifetimes.push_back({size * 2, i + 1, i + 2});
      lifetimes.push_back({size, i + 2, i + 3});
    }
    const MemoryPlan plan = plan_memory(lifetimes);
    EXPECT_LE(static_cast<double>(plan.bytes), 1.2 * static_cast<double>(plan.live_bytes)) << round;
  }
}

TEST(Memory, nothing_needs_nothing) {
  const MemoryPlan plan = plan_memory({});
  EXPECT_EQ(plan.bytes, 0);
  EXPECT_EQ(plan.live_bytes, 0);
}

}  // namespace
}  // namespace zkvm::compiler
