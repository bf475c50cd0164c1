/// update_readme.sh, on CSV files as this program writes them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "bench/e2e/report.hpp"

namespace zkvm::bench {
namespace {

const std::string SCRIPT = ZKVM_SOURCE_DIR "/bench/update_readme.sh";

class Readme : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_.path("README.md")) << "before\n<!-- figures -->\nold figures\n<!-- /figures -->\n"
                                                "between\n<!-- workloads -->\n<!-- /workloads -->\nafter\n";
    Measurement m;
    m.workload = "mix";
    m.cycles = m.committed_cells = 1'000'000;
    m.shards = 1;
    m.samples.resize(1);
    m.samples[0].prove_seconds = 2;
    Environment e;
    e.cpu = "Processor, fast";
    for (const char* date : {"2001", "2002"}) {
      e.date = date;
      append_csv(folder_.path("runs.csv"), e, {}, m);
    }
    write_figures_csv(folder_.path("figures.csv"), e, {{"rate, of \"mix\"", ">= 350 kHz", "500 kHz", true}});
  }
  std::string readme() const {
    std::ifstream file(folder_.path("README.md"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int update() const { return run_child(folder_, {SCRIPT, folder_.path(""), folder_.path("README.md")}).status; }

  WorkFolder folder_;
};

TEST_F(Readme, gets_figures_and_the_last_run_between_its_markers) {
  ASSERT_EQ(update(), 0);
  const std::string text = readme();
  EXPECT_TRUE(text.starts_with("before\n<!-- figures -->\nProcessor, fast, 0 cores"));
  EXPECT_TRUE(text.ends_with("|\n<!-- /workloads -->\nafter\n"));
  EXPECT_NE(text.find("| rate, of \"mix\" | >= 350 kHz | 500 kHz | met |\n<!-- /figures -->\nbetween\n"),
            std::string::npos);
  EXPECT_EQ(text.find("old figures"), std::string::npos);
  EXPECT_EQ(text.find("2001"), std::string::npos);
  EXPECT_NE(text.find("| mix | 1000000 | 500 |"), std::string::npos);
  // Again: nothing changes.
  ASSERT_EQ(update(), 0);
  EXPECT_EQ(readme(), text);
}

TEST_F(Readme, is_left_alone_without_results_or_markers) {
  std::ofstream(folder_.path("README.md")) << "no markers\n";
  EXPECT_EQ(update(), 1);
  std::filesystem::remove(folder_.path("runs.csv"));
  EXPECT_EQ(update(), 1);
  EXPECT_EQ(readme(), "no markers\n");
}

}  // namespace
}  // namespace zkvm::bench
