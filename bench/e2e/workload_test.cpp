#include "bench/e2e/workload.hpp"

#include <gtest/gtest.h>

#include "bench/e2e/child.hpp"

namespace zkvm::bench {
namespace {

TEST(Calibrate, comes_within_one_percent_where_units_are_fine) {
  for (double unit : {4.0, 33.0, 5000.0})
    for (double guess : {0.1, 1.0, 30.0}) {
      unsigned calls = 0;
      const auto cycles_of = [&](uint32_t n) { return ++calls, static_cast<uint64_t>(300 + unit * n); };
      const Calibration found = calibrate(1 << 20, guess * unit, cycles_of);
      EXPECT_GE(found.cycles, 1u << 20);
      EXPECT_LE(found.cycles, (1u << 20) * 1.01);
      EXPECT_EQ(found.cycles, static_cast<uint64_t>(300 + unit * found.parameter));
      EXPECT_LE(calls, 5u);
    }
}

TEST(Calibrate, copes_with_curves) {
  const auto cycles_of = [](uint32_t n) { return static_cast<uint64_t>(n) * (10 + static_cast<uint64_t>(n) / 100); };
  const Calibration found = calibrate(5'000'000, 20, cycles_of);
  EXPECT_GE(found.cycles, 5'000'000u);
  EXPECT_LE(found.cycles, 5'050'000u);
}

TEST(Calibrate, takes_the_least_parameter_where_units_are_coarse) {
  for (double guess : {1e4, 271'000.0, 1e7})
    EXPECT_EQ(calibrate(1 << 20, guess, [](uint32_t n) { return uint64_t{271'000} * n; }).parameter, 4u) << guess;
  EXPECT_EQ(calibrate(1000, 271'000, [](uint32_t n) { return uint64_t{271'000} * n; }).parameter, 1u);
}

TEST(Calibrate, refuses_what_no_parameter_reaches) {
  EXPECT_THROW(calibrate(1000, 1, [](uint32_t) { return uint64_t{10}; }), BenchError);
}

TEST(Workloads, have_distinct_names_that_are_found) {
  for (const Workload& workload : all_workloads()) EXPECT_EQ(find_workload(workload.name), &workload);
  EXPECT_EQ(find_workload("no such workload"), nullptr);
}

}  // namespace
}  // namespace zkvm::bench
