// Every message of every chip is put or taken in some honest execution: without it, that execution would not balance.
// So no message can be removed unnoticed. (Nor can constraints: tests/campaign.sh mutation.)
#include <gtest/gtest.h>

#include <set>

#include "tests/faults/subjects.hpp"
#include "tests/nn/debug_source.hpp"
#include "tests/nn/linear_layer.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::tests {
namespace {

using stark::F;

TEST(Messages, every_message_occurs_in_an_honest_execution) {
  std::vector<Subject> subjects = {hashing_subject()};
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    subjects.push_back(random_subject(seed));
    subjects.push_back(memory_subject(seed));
    subjects.push_back(network_subject(seed));
  }
  // Registers that rest for so long that their clocks are refreshed.
  subjects.push_back({"loop", vm::load_elf(looping_guest(12288).build()).value(), {}});
  subjects.push_back({"printing", vm::load_elf(counting_guest().build()).value(), {1, 0, 0, 0}});
  // A tensor of more positions than a row has, and a maximum over more than a row of them.
  Random random(1);
  const LinearLayer wide = plain_convolution(9, 4, 4, 1);
  std::vector<TestLayer> layers = {wide.made()};
  while (layers.size() < 2) {
    TestLayer l = random_layer(random, ZKVM_NN_POOL, 1);
    const auto* pool = reinterpret_cast<const zkvm_nn_pool*>(l.record.data());
    if (pool->is_max != 0 && pool->kernel_h * pool->kernel_w > 4) layers.push_back(std::move(l));
  }
  constexpr uint32_t OUT = 0x200'0000;
  subjects.push_back(
      {"layers",
       layer_program(layers, {{0, TENSORS, 0, OUT}, {1, TENSORS, 0, OUT + 0x1000}}, std::vector<uint8_t>(0x2000, 7)),
       {}});
  const auto& chips = vm::machine_description().chips;
  std::set<std::pair<size_t, size_t>> seen;
  for (const Subject& s : subjects) {
    const vm::ProgramSetup setup = vm::make_setup(s.program);
    const vm::ProveOptions options;
    vm::ExecutionSource source(s.program, setup, s.input, options, {});
    const DebugExecution execution = debug_execution(source, setup, 1, [](size_t) { return true; });
    EXPECT_TRUE(execution.check().ok()) << s.name;
    for (const stark::DebugTable& t : execution.shards[0]) {
      const stark::Air& air = chips[t.chip].air;
      const unsigned fixed = air.preprocessed_width(), width = air.main_width();
      for (size_t row = 0; row < size_t{1} << t.log_height; ++row)
        for (size_t i = 0; i < air.messages().size(); ++i) {
          const F multiplicity = air.messages()[i].multiplicity.evaluate<F>([&](uint32_t c) {
            return c < fixed ? t.preprocessed[row * fixed + c] : t.main[row * width + c - fixed];
          });
          if (!multiplicity.is_zero()) seen.insert({t.chip, i});
        }
    }
  }
  for (size_t chip = 0; chip < chips.size(); ++chip)
    for (size_t i = 0; i < chips[chip].air.messages().size(); ++i)
      EXPECT_EQ(seen.count({chip, i}), 1u) << chips[chip].air.name() << ", " << chips[chip].air.messages()[i].label;
}

}  // namespace
}  // namespace zkvm::tests
