#pragma once
/// \file
/// The benchmark guests and the search for how long to run them.

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace zkvm::bench {

/// A guest build/guests/bench/NAME.elf that reads one 32-bit parameter; its cycles grow with it.
struct Workload {
  const char* name;
  const char* what;
  double cycles_per_unit;  ///< of the parameter, near 2^20 cycles: where the search starts
};

std::span<const Workload> all_workloads();
/// nullptr if there is none of that name.
const Workload* find_workload(const std::string& name);

struct Calibration {
  uint32_t parameter;
  uint64_t cycles;
};

/// A parameter whose run takes at least `target` cycles and at most 1% more, or, where units are coarser, the least
/// parameter that takes at least `target`. `cycles_of` must not decrease; it is called about four times. Throws
/// BenchError if not even the greatest parameter suffices.
Calibration calibrate(uint64_t target, double cycles_per_unit, const std::function<uint64_t(uint32_t)>& cycles_of);

}  // namespace zkvm::bench
