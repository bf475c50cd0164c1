#include "guest-sdk/compiler/lower.hpp"

#include <gtest/gtest.h>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"
#include "guest-sdk/compiler/testing/random_graph.hpp"

namespace zkvm::compiler {
namespace {

using testing::GraphBuilder;
using testing::random_graph;
using testing::random_input;

std::string problems(const Program& p) { return describe(p.problems); }

TEST(Lower, records_compute_what_random_graphs_do) {
  std::mt19937 random(1);
  int compared = 0;
  for (uint32_t seed = 0; seed < 600; ++seed) {
    const Graph graph = random_graph(seed);
    ASSERT_EQ(check(graph), "") << seed;
    for (const bool optimised : {false, true}) {
      const Graph g = optimised ? optimise(graph) : graph;
      ASSERT_EQ(check(g), "") << seed;
      const Program p = lower(g);
      // Biases out of the machine's range need the passes.
      if (!optimised && !p.problems.empty()) continue;
      ASSERT_EQ(problems(p), "") << seed;
      for (int round = 0; round < 3; ++round) {
        const std::vector<uint8_t> input = random_input(graph, random);
        ASSERT_EQ(execute(p, input), evaluate(graph, input)) << "seed " << seed << (optimised ? ", optimised" : "");
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(Lower, tensors_that_are_in_use_at_one_step_do_not_overlap) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const Program p = lower(optimise(random_graph(seed)));
    for (size_t a = 0; a < p.storages.size(); ++a)
      for (size_t b = 0; b < a; ++b) {
        const Storage &x = p.storages[a], &y = p.storages[b];
        if (x.first < 0 || y.first < 0 || x.first > y.last || y.first > x.last) continue;
        ASSERT_TRUE(x.offset + x.bytes <= y.offset || y.offset + y.bytes <= x.offset) << seed;
      }
    for (const Tensor& t : p.tensors)
      if (t.home == Tensor::Home::ARENA && p.storages[static_cast<size_t>(t.storage)].first >= 0) {
        const Storage& s = p.storages[static_cast<size_t>(t.storage)];
        ASSERT_GE(t.offset, s.offset);
        ASSERT_LE(t.offset + t.bytes(), s.offset + s.bytes);
        ASSERT_LE(t.offset + t.bytes(), p.arena_bytes);
      }
  }
}

TEST(Lower, a_layer_beyond_the_accumulators_range_is_refused_by_name_and_channel) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 1, 4});
  const ValueId out = b.linear(in, Linear::Kind::FULLY_CONNECTED, false);
  auto& l = std::get<Linear>(b.graph.nodes.back().operation);
  b.graph.nodes.back().name = "dense";
  l.weights.assign(l.weights.size(), 1);
  for (nn::Scale& s : l.requantise.scales) s = {1 << 30, -20};
  l.requantise.range = {};
  l.biases.assign(l.biases.size(), 5);
  l.biases[0] = 1 << 29;
  b.output(out);
  const Program p = lower(b.graph);
  ASSERT_EQ(p.problems.size(), 1U);
  EXPECT_EQ(p.problems[0].layer, "dense");
  EXPECT_NE(p.problems[0].what.find("channel 0, accumulator: expected at most"), std::string::npos)
      << p.problems[0].what;
}

TEST(Lower, all_problems_are_reported_at_once) {
  GraphBuilder b(2);
  const ValueId in = b.input({1, 100, 4});
  ValueId v = in;
  for (int i = 0; i < 2; ++i) {
    Linear l;
    l.window.kernel_w = 70;
    l.window.left = 35, l.window.right = 34;
    l.weights.assign(70 * 4 * 4, 1);
    l.biases.assign(4, 0);
    l.requantise.scales.assign(4, {1 << 30, -10});
    v = b.node(std::move(l), {v}, {1, 100, 4}, "CONV");
  }
  b.output(v);
  const Program p = lower(b.graph);
  ASSERT_EQ(p.problems.size(), 2U);
  EXPECT_EQ(p.problems[1].what, "kernel width: expected 1 to 64, found 70");
}

TEST(Lower, reshape_of_padded_channels_before_a_product_copies_nothing) {
  GraphBuilder b(3);
  const ValueId in = b.input({4, 4, 4});
  ValueId v = b.linear(in, Linear::Kind::CONV, false);
  auto& conv = b.graph.nodes.back();
  Linear l = std::get<Linear>(conv.operation);
  l.window = {};
  l.weights.assign(3 * 4, 2);
  l.biases.assign(3, 0);
  l.requantise.scales.assign(3, {1 << 30, -3});
  conv.operation = l;
  b.graph.values[static_cast<size_t>(v)].shape = {4, 4, 3};
  v = b.reshape(v, {1, 1, 48});
  b.output(b.linear(v, Linear::Kind::FULLY_CONNECTED, false));
  const Program p = lower(optimise(b.graph));
  ASSERT_EQ(problems(p), "");
  for (const Step& s : p.steps) EXPECT_EQ(s.work, Work::LINEAR);
}

TEST(Lower, concatenation_of_rows_copies_nothing) {
  GraphBuilder b(4);
  const ValueId in = b.input({4, 4, 4});
  // Two layers of one shape, the second on the first, side by side in height.
  ValueId parts[2] = {in, in};
  for (ValueId& part : parts) {
    Linear l;
    for (int i = 0; i < 4 * 4; ++i) l.weights.push_back(b.byte());
    l.biases.assign(4, 0);
    l.requantise.scales.assign(4, {1 << 30, -6});
    part = b.node(std::move(l), {parts[0]}, {4, 4, 4}, "CONV");
  }
  b.output(b.concat({parts[0], parts[1]}, 0));
  const Program p = lower(b.graph);
  ASSERT_EQ(problems(p), "");
  EXPECT_EQ(p.steps.size(), 2U);
  for (const Step& step : p.steps) EXPECT_EQ(step.work, Work::LINEAR);
  const std::vector<uint8_t> input = random_input(b.graph, b.random);
  EXPECT_EQ(execute(p, input), evaluate(b.graph, input));
}

}  // namespace
}  // namespace zkvm::compiler
