#include "guest-sdk/compiler/memory.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace zkvm::compiler {
namespace {

int64_t aligned(int64_t bytes) { return (bytes + 3) / 4 * 4; }

/// Offsets when lifetimes are placed in this order; gives the arena's size.
int64_t place(std::span<const Lifetime> lifetimes, const std::vector<size_t>& order, std::vector<int64_t>& offsets) {
  int64_t end = 0;
  std::vector<size_t> placed;
  std::vector<std::pair<int64_t, int64_t>> taken;
  for (const size_t i : order) {
    const Lifetime& l = lifetimes[i];
    taken.clear();
    for (const size_t k : placed)
      if (lifetimes[k].first <= l.last && l.first <= lifetimes[k].last)
        taken.push_back({offsets[k], offsets[k] + aligned(lifetimes[k].bytes)});
    std::sort(taken.begin(), taken.end());
    // The smallest gap that is large enough; behind everything if there is none.
    int64_t best = -1, best_room = INT64_MAX, free_from = 0;
    for (const auto& [begin, stop] : taken) {
      const int64_t room = begin - free_from;
      if (room >= aligned(l.bytes) && room < best_room) best = free_from, best_room = room;
      free_from = std::max(free_from, stop);
    }
    offsets[i] = best < 0 ? free_from : best;
    end = std::max(end, offsets[i] + aligned(l.bytes));
    placed.push_back(i);
  }
  return end;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> lifetimes) {
  MemoryPlan plan;
  plan.offsets.resize(lifetimes.size());
  if (lifetimes.empty()) return plan;
  for (const Lifetime& at : lifetimes) {
    int64_t live = 0;
    for (const Lifetime& l : lifetimes)
      if (l.first <= at.first && at.first <= l.last) live += aligned(l.bytes);
    plan.live_bytes = std::max(plan.live_bytes, live);
  }
  std::vector<size_t> order(lifetimes.size());
  std::vector<int64_t> offsets(lifetimes.size());
  plan.bytes = INT64_MAX;
  const auto attempt = [&] {
    const int64_t bytes = place(lifetimes, order, offsets);
    if (bytes < plan.bytes) plan.bytes = bytes, plan.offsets = offsets;
  };
  const auto sorted_by = [&](auto key) {
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return key(lifetimes[a]) > key(lifetimes[b]); });
    attempt();
  };
  sorted_by([](const Lifetime& l) { return -int64_t{l.first}; });
  sorted_by([](const Lifetime& l) { return l.bytes * (1 + l.last - l.first); });
  sorted_by([](const Lifetime& l) { return int64_t{1} + l.last - l.first; });
  sorted_by([](const Lifetime& l) { return l.bytes; });
  // Exchanges in the order by size, as long as that may help and does not take long.
  const size_t n = lifetimes.size();
  uint64_t random = 1;
  for (size_t round = 0; plan.bytes > plan.live_bytes && n >= 2 && round < 400 && round * n * n < 20'000'000; ++round) {
    random = random * 6364136223846793005 + 1442695040888963407;
    const size_t a = static_cast<size_t>(random >> 33) % n, b = static_cast<size_t>(random >> 13) % n;
    const int64_t before = plan.bytes;
    std::swap(order[a], order[b]);
    attempt();
    if (plan.bytes == before && place(lifetimes, order, offsets) > before) std::swap(order[a], order[b]);
  }
  return plan;
}

}  // namespace zkvm::compiler
