// The same execution gives the same rows and the same receipt, byte for byte: again, and with any number of threads.
// (With any instruction set: tests/proofs/backends_test.)
#include <gtest/gtest.h>
#include <omp.h>

#include "tests/faults/subjects.hpp"
#include "tests/nn/debug_source.hpp"
#include "vm/prove/seal.hpp"

namespace zkvm::tests {
namespace {

class Determinism : public testing::TestWithParam<int> {
 protected:
  Determinism() : threads_(omp_get_max_threads()) {}
  ~Determinism() override { omp_set_num_threads(threads_); }

  static Subject subject() {
    switch (GetParam()) {
      case 0:
        return random_subject(21);
      case 1:
        return hashing_subject();
      default:
        return network_subject(21);
    }
  }
  static vm::ShardingOptions sharding(uint64_t cycles) {
    vm::ShardingOptions options;
    options.shard_cycles = cycles;
    return options;
  }

 private:
  int threads_;
};

TEST_P(Determinism, rows_are_the_same_again_and_with_any_number_of_threads) {
  const Subject s = subject();
  const vm::ProgramSetup setup = vm::make_setup(s.program);
  const vm::ProveOptions options;
  for (const uint64_t cycles : {uint64_t{1} << 20, uint64_t{500}}) {
    const auto rows = [&](int threads) {
      omp_set_num_threads(threads);
      vm::ExecutionSource source(s.program, setup, s.input, options, sharding(cycles));
      return debug_execution(source, setup, 3, [](size_t) { return true; });
    };
    const DebugExecution first = rows(2);
    for (const int threads : {2, 1, 3}) {
      const DebugExecution other = rows(threads);
      ASSERT_EQ(first.shards.size(), other.shards.size());
      for (size_t i = 0; i < first.shards.size(); ++i) {
        ASSERT_EQ(first.shards[i].size(), other.shards[i].size());
        for (size_t t = 0; t < first.shards[i].size(); ++t) {
          const stark::DebugTable &a = first.shards[i][t], &b = other.shards[i][t];
          ASSERT_EQ(a.chip, b.chip);
          EXPECT_TRUE(a.main == b.main && a.form == b.form) << vm::machine_description().chips[a.chip].air.name();
        }
      }
    }
  }
}

TEST_P(Determinism, receipts_are_the_same_again_and_with_any_number_of_threads) {
  const Subject s = subject();
  const vm::ProveOptions options;
  for (const uint64_t cycles : {uint64_t{1} << 20, uint64_t{1000}}) {
    const auto receipt = [&](int threads) {
      omp_set_num_threads(threads);
      const vm::ProgramSetup setup = vm::make_setup(s.program);
      vm::ExecutionSource source(s.program, setup, s.input, options, sharding(cycles));
      return vm::encode_receipt(vm::seal(setup, source, [&] { return source.claim(); }, {}));
    };
    const std::vector<uint8_t> first = receipt(2);
    EXPECT_TRUE(first == receipt(2));
    EXPECT_TRUE(first == receipt(1));
  }
}

std::string name_of(const testing::TestParamInfo<int>& info) {
  return info.param == 0 ? "random" : info.param == 1 ? "hashing" : "network";
}
INSTANTIATE_TEST_SUITE_P(subjects, Determinism, testing::Values(0, 1, 2), name_of);

}  // namespace
}  // namespace zkvm::tests
