#include "bench/e2e/measure.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace zkvm::bench {
namespace {

TEST(Median, is_the_middle_or_the_mean_of_two) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median({7}), 7);
}

TEST(Roofline, rate_is_that_of_the_total) {
  EXPECT_EQ(roofline_rate("log_rows,main,aux,quotient,threads,phase,wall_ns_per_row,core_ns_per_row,khz\n"
                          "12,40,54,12,2,FRI,14.2,28.4,\n12,40,54,12,2,total,1051.9,2103.8,950.7\n"),
            950.7);
  EXPECT_THROW(roofline_rate(""), BenchError);
  EXPECT_THROW(roofline_rate("12,40,54,12,2,total,1051.9,2103.8,\n"), BenchError);
}

TEST(Child, reports_status_output_and_memory) {
  const WorkFolder folder;
  const ChildOutcome outcome = run_child(folder, {"sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
  EXPECT_GT(outcome.peak_rss_bytes, 100'000u);
  EXPECT_EQ(run_child(folder, {"sh", "-c", "kill -9 $$"}).status, 128 + 9);
  EXPECT_THROW(run_child(folder, {"/no/such/program"}), BenchError);
  EXPECT_THROW(require_child(folder, {"false"}), BenchError);
}

TEST(Child, commands_are_recorded_without_folders) {
  EXPECT_EQ(shell_text({"/a/b", "--x", "c d"}), "/a/b --x 'c d'");
  EXPECT_EQ(without_folders({"/a/b", "--x", "c/d"}), "b --x c/d");
}

/// A build folder whose zkvm is a script: it states `proved` for proofs, and one cycle per unit of the parameter's low
/// byte.
class ScriptedZkvm : public testing::Test {
 protected:
  Settings script(const std::string& proved_journal) const {
    Settings settings;
    settings.build = folder_.path("");
    settings.cycles = 100;
    settings.repetitions = 2;
    settings.roofline = false;
    const std::string zkvm = folder_.path("zkvm");
    std::ofstream(zkvm)
        << "#!/bin/sh\n"
           "same='\"exit_code\": 0, \"image_id\": \"ab\"'\n"
           "if [ \"$1\" = verify ]; then echo '{\"cycles\": 100, \"verify_seconds\": 0.02}'\n"
           "elif [ \"$2\" = --prove ]; then echo \"{$same, \\\"journal_hex\\\": \\\""
        << proved_journal
        << "\\\",\n"
           "  \\\"cycles\\\": 100, \\\"shards\\\": 2, \\\"committed_cells\\\": 6000,\n"
           "  \\\"quotient_cells\\\": 1200, \\\"receipt_bytes\\\": 4000000, \\\"security_bits\\\": 128.5,\n"
           "  \\\"execute_seconds\\\": 0.1, \\\"prove_seconds\\\": 0.5, \\\"setup_seconds\\\": 0.2}\"\n"
           "else for input; do :; done\n"
           "  echo \"{$same, \\\"journal_hex\\\": \\\"01\\\", \\\"cycles\\\": $(od -An -tu4 \"$input\")}\"\n"
           "fi\n";
    std::filesystem::permissions(zkvm, std::filesystem::perms::owner_all);
    return settings;
  }

 private:
  WorkFolder folder_;
};

TEST_F(ScriptedZkvm, is_measured) {
  const Measurement m = measure(script("01"), {"loop", "", 3});
  EXPECT_EQ(m.parameter, 100u);
  EXPECT_EQ(m.samples.size(), 2u);
  EXPECT_DOUBLE_EQ(m.khz(), 0.2);
  EXPECT_EQ(m.verify_seconds, 0.02);
  EXPECT_TRUE(m.verify_inside);
  EXPECT_EQ(m.shards, 2u);
  EXPECT_FALSE(m.roofline_ratio());
}

TEST_F(ScriptedZkvm, a_proof_of_another_run_is_refused) {
  EXPECT_THROW(measure(script("02"), {"loop", "", 3}), BenchError);
}

}  // namespace
}  // namespace zkvm::bench
