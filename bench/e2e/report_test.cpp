#include "bench/e2e/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "bench/e2e/figures.hpp"

namespace zkvm::bench {
namespace {

Measurement measurement(const std::string& workload, uint64_t cycles, double seconds) {
  Measurement m;
  m.workload = workload;
  m.cycles = cycles;
  m.shards = 1;
  m.committed_cells = 70 * cycles;
  m.receipt_bytes = 2'000'000;
  m.security_bits = 128;
  m.verify_seconds = 0.03;
  m.samples = {{0.1, seconds, 0.1, seconds, 3'000'000'000, 1000, std::nullopt}};
  return m;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Csv, quotes_what_needs_it) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
}

TEST(Csv, has_one_header_and_a_row_per_measurement) {
  const WorkFolder folder;
  const std::string path = folder.path("runs.csv");
  for (int i = 0; i < 2; ++i) append_csv(path, {}, {}, measurement("mix", 1000, 1));
  const std::string text = contents(path);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_EQ(text.find("date,commit,cpu"), 0u);
  EXPECT_EQ(text.find("date", 1), std::string::npos);
}

TEST(Csv, refuses_a_file_with_other_columns) {
  const WorkFolder folder;
  const std::string path = folder.path("runs.csv");
  std::ofstream(path) << "a,b\n";
  EXPECT_THROW(check_csv(path), BenchError);
  EXPECT_THROW(append_csv(path, {}, {}, measurement("mix", 1000, 1)), BenchError);
  EXPECT_EQ(contents(path), "a,b\n");
}

class Figures : public testing::Test {
 protected:
  FigureRuns runs_{{measurement("loop", FIGURE_CYCLES, 2), measurement("mix", FIGURE_CYCLES, 2)},
                   measurement("mix", LONG_CYCLES, 33),
                   measurement("quickstart", 40'000, 0.5)};
  size_t missed() const {
    const std::vector<Figure> figures = judge(runs_);
    return static_cast<size_t>(std::count_if(figures.begin(), figures.end(), [](const Figure& f) { return !f.met; }));
  }
};

TEST_F(Figures, are_met_by_good_runs) { EXPECT_EQ(missed(), 0u); }

TEST_F(Figures, rate_and_cells_are_those_of_the_mix) {
  runs_.workloads[0].samples[0].prove_seconds = 100;
  runs_.workloads[0].committed_cells *= 2;
  EXPECT_EQ(missed(), 0u);
  runs_.workloads[1].committed_cells *= 2;
  EXPECT_EQ(missed(), 1u);
  // A slow mix makes the long run, compared with it, look no worse.
  runs_.workloads[1].samples[0].prove_seconds = 4;
  EXPECT_EQ(missed(), 2u);
}

TEST_F(Figures, memory_verification_and_receipt_are_those_of_the_worst_run) {
  runs_.workloads[0].samples[0].peak_rss_bytes = 5'000'000'000;
  EXPECT_EQ(missed(), 1u);
  runs_.quickstart.verify_seconds = 1;
  EXPECT_EQ(missed(), 2u);
  runs_.long_mix.receipt_bytes *= 2;
  EXPECT_EQ(missed(), 3u);
  runs_.workloads[0].security_bits = 127.9;
  EXPECT_EQ(missed(), 4u);
}

TEST_F(Figures, a_slow_long_run_or_quickstart_misses) {
  runs_.long_mix.samples[0].prove_seconds = 40;
  EXPECT_EQ(missed(), 1u);
  runs_.quickstart.samples[0].wall_seconds = 1.1;
  EXPECT_EQ(missed(), 2u);
}

}  // namespace
}  // namespace zkvm::bench
