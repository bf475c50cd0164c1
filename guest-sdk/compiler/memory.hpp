#pragma once
/// \file
/// Where tensors lie in one arena.

#include <cstdint>
#include <span>
#include <vector>

namespace zkvm::compiler {

/// Memory that is in use from step `first` to step `last`, both included.
struct Lifetime {
  int64_t bytes = 0;
  int32_t first = 0, last = 0;
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  ///< multiples of 4, one for each lifetime
  int64_t bytes = 0;             ///< of the arena
  int64_t live_bytes = 0;        ///< the most that is in use at one step: no plan is smaller
};

/// Offsets at which no two lifetimes that share a step share a byte. Places one after the other, each at the tightest
/// gap between its neighbours in time, in several orders, and takes the smallest arena; of equal ones the first, so
/// that equal inputs give equal plans.
MemoryPlan plan_memory(std::span<const Lifetime> lifetimes);

}  // namespace zkvm::compiler
