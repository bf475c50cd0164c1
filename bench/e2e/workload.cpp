#include "bench/e2e/workload.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/e2e/child.hpp"

namespace zkvm::bench {
namespace {

constexpr Workload WORKLOADS[] = {
    {"loop", "an empty loop", 4},
    {"fibonacci", "remainders by a small prime", 6},
    {"sha2_chain", "SHA-256 of SHA-256 of ...", 4890},
    {"big_memory", "32 MiB with a stride and at random", 33},
    {"sorting", "std::sort and binary search", 136},
    {"mix", "CoreMark-like: lists, matrices, state machine, CRC", 271'000},
};

}  // namespace

std::span<const Workload> all_workloads() { return WORKLOADS; }

const Workload* find_workload(const std::string& name) {
  const auto found = std::find_if(std::begin(WORKLOADS), std::end(WORKLOADS),
                                  [&](const Workload& workload) { return workload.name == name; });
  return found == std::end(WORKLOADS) ? nullptr : found;
}

Calibration calibrate(uint64_t target, double cycles_per_unit, const std::function<uint64_t(uint32_t)>& cycles_of) {
  constexpr double EXCESS = 1.01;
  const auto wanted = static_cast<double>(target);
  const auto as_parameter = [](double value) {
    return static_cast<uint32_t>(std::clamp(value, 1.0, static_cast<double>(UINT32_MAX)));
  };
  std::optional<Calibration> below, above;
  uint32_t parameter = as_parameter(std::ceil(wanted / cycles_per_unit));
  for (;;) {
    const uint64_t cycles = cycles_of(parameter);
    (cycles >= target ? above : below) = {parameter, cycles};
    const bool adjacent = above && (above->parameter == 1 || (below && above->parameter - below->parameter <= 1));
    if (above && (adjacent || static_cast<double>(above->cycles) <= EXCESS * wanted)) return *above;
    if (below && below->parameter == UINT32_MAX) {
      throw BenchError("expected a parameter that takes " + std::to_string(target) + " cycles, found " +
                       std::to_string(below->cycles) + " with the greatest");
    }
    // Aim into the middle of what is accepted: on the line through what is known, or through the origin.
    const double aim = (1 + EXCESS) / 2 * wanted;
    if (above && below) {
      const double slope = static_cast<double>(above->cycles - below->cycles) / (above->parameter - below->parameter);
      const double step = std::ceil((aim - static_cast<double>(below->cycles)) / slope);
      parameter = std::clamp(as_parameter(below->parameter + step), below->parameter + 1, above->parameter - 1);
    } else {
      parameter = as_parameter(std::floor(aim / static_cast<double>(std::max<uint64_t>(cycles, 1)) * parameter));
      if (below) parameter = std::max(parameter, below->parameter + 1);
      if (above) parameter = std::min(parameter, above->parameter - 1);
    }
  }
}

}  // namespace zkvm::bench
