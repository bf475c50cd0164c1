// Each pass does what it is for, leaves alone what it must, and never changes what a graph computes.
#include <gtest/gtest.h>

#include <algorithm>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"
#include "guest-sdk/compiler/passes/pass.hpp"
#include "guest-sdk/compiler/testing/random_graph.hpp"

namespace zkvm::compiler::passes {
namespace {

using testing::GraphBuilder;
using testing::random_graph;
using testing::random_input;

void expect_same_function(const Graph& before, const Graph& after, uint32_t seed = 0) {
  ASSERT_EQ(check(after), "") << "seed " << seed;
  std::mt19937 random(seed);
  for (int round = 0; round < 4; ++round) {
    const std::vector<uint8_t> input = random_input(before, random);
    ASSERT_EQ(evaluate(after, input), evaluate(before, input)) << "seed " << seed;
  }
}

/// The graph after the pass, which must compute the same and say whether it did something.
template <class Pass>
Graph after(Pass pass, const Graph& before, bool changes = true) {
  Graph graph = before;
  EXPECT_EQ(pass(graph), changes);
  remove_dead(graph);
  expect_same_function(before, graph);
  return graph;
}

template <class T>
size_t count(const Graph& graph) {
  return static_cast<size_t>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                           [](const Node& n) { return std::holds_alternative<T>(n.operation); }));
}
template <class T>
T only(const Graph& graph) {
  EXPECT_EQ(count<T>(graph), 1U);
  const auto at = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                               [](const Node& n) { return std::holds_alternative<T>(n.operation); });
  return std::get<T>(at->operation);
}

template <class F>
Table table_of(F f) {
  Table t{"function", {}};
  for (int32_t x = -128; x < 128; ++x) t.table[static_cast<uint8_t>(x)] = static_cast<int8_t>(f(x));
  return t;
}
Table clamp_at(int32_t low, int32_t high) {
  return table_of([=](int32_t x) { return std::clamp(x, low, high); });
}

/// A convolution of one tap without surprises: no clamp, accumulators of some thousands.
Linear plain_layer(GraphBuilder& b, int32_t in, int32_t out, int32_t kernel = 1) {
  Linear l;
  l.window.kernel_h = l.window.kernel_w = kernel;
  for (int32_t i = 0; i < in * out * kernel * kernel; ++i) l.weights.push_back(b.byte());
  for (int32_t c = 0; c < out; ++c) l.biases.push_back(b.number(-1000, 1000));
  l.requantise.scales.assign(static_cast<size_t>(out), nn::quantize_multiplier(0.01));
  return l;
}

TEST(Passes, keep_what_random_graphs_compute_each_by_itself) {
  struct Named {
    const char* name;
    bool (*pass)(Graph&);
  };
  constexpr Named PASSES[] = {{"remove_identities", remove_identities},
                              {"remove_dead", remove_dead},
                              {"fold_constants", fold_constants},
                              {"simplify_functions", simplify_functions},
                              {"fuse_tables", fuse_tables},
                              {"fuse_pads", fuse_pads},
                              {"fold_layouts", fold_layouts},
                              {"fold_channels", fold_channels},
                              {"fit_scales", fit_scales},
                              {"choose_thresholds", choose_thresholds},
                              {"average_to_depthwise", average_to_depthwise}};
  for (const Named& p : PASSES) {
    int changed = 0;
    for (uint32_t seed = 0; seed < 200; ++seed) {
      const Graph before = random_graph(seed, seed % 4 == 0);
      Graph graph = before;
      changed += p.pass(graph) ? 1 : 0;
      ASSERT_NO_FATAL_FAILURE(expect_same_function(before, graph, seed)) << p.name;
    }
    EXPECT_GT(changed, 0) << p.name << " was never needed";
  }
}

TEST(Passes, together_leave_nothing_for_a_second_time) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const Graph once = optimise(random_graph(seed, seed % 4 == 0));
    const Graph twice = optimise(once);
    EXPECT_EQ(twice.nodes.size(), once.nodes.size()) << "seed " << seed;
    expect_same_function(once, twice, seed);
  }
}

TEST(RemoveIdentities, drops_what_leaves_elements_where_they_are) {
  GraphBuilder b(1);
  ValueId v = b.input({2, 3, 4});
  v = b.node(table_of([](int32_t x) { return x; }), {v}, {2, 3, 4}, "TABLE");
  v = b.reshape(v, {2, 3, 4});
  v = b.node(Pad{}, {v}, {2, 3, 4}, "PAD");
  v = b.node(Transpose{}, {v}, {2, 3, 4}, "TRANSPOSE");
  v = b.node(Concat{}, {v}, {2, 3, 4}, "CONCAT");
  b.output(v);
  EXPECT_TRUE(after(remove_identities, b.graph).nodes.empty());
}

TEST(RemoveIdentities, keeps_a_pad_that_adds_and_a_table_that_changes_one_element) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 3, 4});
  Pad pad;
  pad.after[0] = 1;
  b.output(b.node(pad, {in}, {3, 3, 4}, "PAD"));
  b.output(b.node(clamp_at(-127, 127), {in}, {2, 3, 4}, "TABLE"));
  EXPECT_EQ(after(remove_identities, b.graph, false).nodes.size(), 2U);
}

TEST(RemoveIdentities, joins_reshapes_and_transposes_and_turns_moves_of_ones_into_reshapes) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 3, 4});
  const ValueId flat = b.reshape(b.reshape(in, {1, 6, 4}), {1, 1, 24});
  b.output(flat);
  const ValueId turned = b.node(Transpose{{1, 2, 0}}, {in}, {3, 4, 2}, "TRANSPOSE");
  b.output(b.node(Transpose{{1, 0, 2}}, {turned}, {4, 3, 2}, "TRANSPOSE"));
  const ValueId line = b.input({1, 5, 1});
  b.output(b.node(Transpose{{0, 2, 1}}, {line}, {1, 1, 5}, "TRANSPOSE"));
  const Graph graph = after(remove_identities, b.graph);
  EXPECT_EQ(count<Reshape>(graph), 2U);
  EXPECT_EQ(only<Transpose>(graph).order, (std::array<int32_t, 3>{2, 1, 0}));
}

TEST(RemoveDead, drops_what_nobody_reads_and_what_only_that_reads) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 1, 4});
  b.table(b.table(in));
  b.output(b.table(in));
  EXPECT_EQ(after(remove_dead, b.graph).nodes.size(), 1U);
}

TEST(FoldConstants, computes_what_does_not_depend_on_the_input) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 1, 4}), fixed = b.constant({1, 1, 4});
  b.output(b.add(in, b.table(b.add(fixed, b.table(fixed)))));
  const Graph graph = after(fold_constants, b.graph);
  EXPECT_EQ(count<Constant>(graph), 1U);
  EXPECT_EQ(count<Add>(graph), 1U);
  EXPECT_EQ(count<Table>(graph), 0U);
}

TEST(FoldConstants, computes_layers_whose_windows_lie_in_the_padding) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 4, 4});
  Linear l = plain_layer(b, 4, 3);
  l.window.top = 1, l.window.stride_h = 2;
  b.output(b.node(l, {in}, {1, 4, 3}, "CONV"));
  EXPECT_EQ(count<Constant>(after(fold_constants, b.graph)), 1U);
}

TEST(FoldConstants, computes_probabilities_of_one_class) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 1});
  b.output(b.softmax(in));
  b.output(b.softmax_float(in));
  EXPECT_EQ(count<Constant>(after(fold_constants, b.graph)), 2U);
}

TEST(SimplifyFunctions, makes_a_table_of_a_sum_with_itself_or_with_one_constant) {
  GraphBuilder b(1);
  const ValueId in = b.input({3, 3, 4});
  b.output(b.add(in, in));
  b.output(b.binary(in, b.constant({1, 1, 1})));
  b.output(b.add(in, b.constant({3, 3, 4}, true)));
  const Graph graph = after(simplify_functions, b.graph);
  EXPECT_EQ(count<Table>(graph), 3U);
  EXPECT_EQ(graph.nodes.size(), 3U);
}

TEST(SimplifyFunctions, makes_a_layer_of_a_product_with_a_constant_for_each_channel) {
  GraphBuilder b(1);
  const ValueId in = b.input({3, 3, 3});
  Binary product{"multiply", {}};
  for (int32_t x = 0; x < 256; ++x)
    for (int32_t y = 0; y < 256; ++y)
      product.table.push_back(
          static_cast<int8_t>(std::clamp(static_cast<int8_t>(x) * static_cast<int8_t>(y) / 64, -128, 127)));
  Constant factors{{100, -50, 0}};
  const ValueId constant = b.node(factors, {}, {1, 1, 3}, "CONSTANT");
  b.output(b.node(product, {in, constant}, {3, 3, 3}, "MUL"));
  EXPECT_EQ(only<Linear>(after(simplify_functions, b.graph)).kind, Linear::Kind::DEPTHWISE);
}

TEST(SimplifyFunctions, keeps_products_of_two_variables_and_with_constants_of_positions) {
  GraphBuilder b(1);
  const ValueId one = b.input({3, 3, 4}), other = b.input({3, 3, 4});
  b.output(b.binary(one, other));
  b.output(b.add(one, b.constant({3, 3, 4})));
  EXPECT_EQ(count<Table>(after(simplify_functions, b.graph, false)), 0U);
}

TEST(FuseTables, makes_a_clamp_the_range_of_the_operator_before_it) {
  GraphBuilder b(1);
  const ValueId in = b.input({4, 4, 4});
  const ValueId sum = b.add(in, b.constant({4, 4, 4}));
  std::get<Add>(b.graph.nodes.back().operation).range = {};
  b.output(b.node(clamp_at(-20, 90), {sum}, {4, 4, 4}, "RELU"));
  b.output(b.node(clamp_at(0, 127), {b.node(plain_layer(b, 4, 3), {in}, {4, 4, 3}, "CONV")}, {4, 4, 3}, "RELU"));
  const Graph graph = after(fuse_tables, b.graph);
  EXPECT_EQ(count<Table>(graph), 0U);
  EXPECT_EQ(only<Add>(graph).range.min, -20);
  EXPECT_EQ(only<Add>(graph).range.max, 90);
  EXPECT_EQ(only<Linear>(graph).requantise.range.min, 0);
  EXPECT_FALSE(only<Linear>(graph).requantise.scales.empty());
}

TEST(FuseTables, makes_another_nondecreasing_function_the_thresholds_of_a_large_layer) {
  for (const bool rising : {true, false}) {
    GraphBuilder b(1);
    const ValueId in = b.input({32, 32, 4});
    const ValueId layer = b.node(plain_layer(b, 4, 3), {in}, {32, 32, 3}, "CONV");
    const Table t = table_of([&](int32_t x) { return rising ? x * std::abs(x) / 128 : -x * std::abs(x) / 128; });
    b.output(b.node(t, {layer}, {32, 32, 3}, "SQUARE"));
    const Graph graph = after(fuse_tables, b.graph, rising);
    EXPECT_EQ(count<Table>(graph), rising ? 0U : 1U);
    EXPECT_EQ(only<Linear>(graph).requantise.thresholds.size(), rising ? 3U : 0U);
  }
}

TEST(FuseTables, joins_tables_and_passes_them_through_reshapes_into_sums) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 4}), other = b.input({1, 1, 16});
  ValueId v = b.table(b.table(in));
  v = b.table(b.reshape(v, {1, 1, 16}));
  b.output(b.add(v, other));
  Graph graph = b.graph;
  while (fuse_tables(graph)) remove_dead(graph);
  expect_same_function(b.graph, graph);
  // The tables end at the input's side of the reshape, as one.
  EXPECT_LE(count<Table>(graph), 1U);
  EXPECT_EQ(count<Add>(graph), 1U);
}

TEST(FuseTables, leaves_an_operator_alone_whose_result_others_read_too) {
  GraphBuilder b(1);
  const ValueId in = b.input({4, 4, 4});
  const ValueId layer = b.node(plain_layer(b, 4, 3), {in}, {4, 4, 3}, "CONV");
  b.output(layer);
  b.output(b.node(clamp_at(0, 127), {layer}, {4, 4, 3}, "RELU"));
  EXPECT_EQ(count<Table>(after(fuse_tables, b.graph, false)), 1U);
}

TEST(FusePads, takes_a_pad_with_the_zero_point_and_no_other) {
  for (const int value : {-7, -6}) {
    GraphBuilder b(1);
    const ValueId in = b.input({4, 4, 4});
    Pad pad;
    pad.before = {1, 2, 0}, pad.after = {1, 0, 0}, pad.value = static_cast<int8_t>(value);
    const ValueId padded = b.node(pad, {in}, {6, 6, 4}, "PAD");
    Linear l = plain_layer(b, 4, 2, 3);
    l.input_zero_point = -7;
    b.output(b.node(l, {padded}, {4, 4, 2}, "CONV"));
    const bool fits = value == -7;
    const Graph graph = after(fuse_pads, b.graph, fits);
    EXPECT_EQ(count<Pad>(graph), fits ? 0U : 1U);
    EXPECT_EQ(only<Linear>(graph).window.left, fits ? 2 : 0);
  }
}

TEST(FoldLayouts, moves_a_transpose_before_a_product_of_all_into_its_weights) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 3, 4});
  const ValueId turned = b.node(Transpose{{2, 0, 1}}, {in}, {4, 2, 3}, "TRANSPOSE");
  Linear l = plain_layer(b, 24, 5);
  l.kind = Linear::Kind::FULLY_CONNECTED;
  b.output(b.node(l, {b.reshape(turned, {1, 1, 24})}, {1, 1, 5}, "DENSE"));
  const Graph graph = after(fold_layouts, b.graph);
  EXPECT_EQ(count<Transpose>(graph), 0U);
  EXPECT_NE(only<Linear>(graph).weights, l.weights);
}

TEST(FoldChannels, brings_a_channel_without_weights_into_the_machines_range) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 4});
  Linear l = plain_layer(b, 4, 3);
  std::fill_n(l.weights.begin() + 4, 4, int8_t{0});
  l.biases[1] = (1 << 30) - 5;
  l.requantise.scales[1] = nn::quantize_multiplier(1e-9);
  b.output(b.node(l, {in}, {2, 2, 3}, "CONV"));
  const Linear& folded = only<Linear>(after(fold_channels, b.graph));
  EXPECT_LT(std::abs(folded.biases[1]), 256);
  EXPECT_EQ(folded.biases[0], l.biases[0]);
}

TEST(FoldChannels, drops_the_weights_of_a_channel_that_is_always_clamped) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 4});
  Linear l = plain_layer(b, 4, 3);
  l.biases[2] = 100'000'000;
  b.output(b.node(l, {in}, {2, 2, 3}, "CONV"));
  const Linear& folded = only<Linear>(after(fold_channels, b.graph));
  EXPECT_TRUE(std::all_of(folded.weights.begin() + 8, folded.weights.end(), [](int8_t w) { return w == 0; }));
  EXPECT_TRUE(std::equal(folded.weights.begin(), folded.weights.begin() + 8, l.weights.begin()));
}

TEST(FoldChannels, leaves_a_channel_alone_whose_sums_wrap) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 4});
  Linear l = plain_layer(b, 4, 1);
  l.weights = {1, 2, 3, 4};
  l.biases[0] = INT32_MAX - 10;
  b.output(b.node(l, {in}, {2, 2, 1}, "CONV"));
  Graph graph = b.graph;
  EXPECT_FALSE(fold_channels(graph));
}

TEST(FitScales, finds_the_scales_that_thresholds_came_from_and_no_others) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 1, 16});
  Linear l = plain_layer(b, 16, 6);
  l.kind = Linear::Kind::FULLY_CONNECTED;
  const Requantise original = l.requantise;
  l.requantise = {};
  for (size_t c = 0; c < 6; ++c) {
    const auto t = thresholds_of(original, c, accumulators_of(l, 16, static_cast<int32_t>(c)), nullptr);
    ASSERT_TRUE(t.has_value());
    l.requantise.thresholds.push_back(*t);
  }
  b.output(b.node(l, {in}, {1, 1, 6}, "DENSE"));
  EXPECT_EQ(only<Linear>(after(fit_scales, b.graph)).requantise.scales.size(), 6U);

  // Steps of 100 and 300 are no scale's.
  auto& moved = std::get<Linear>(b.graph.nodes.back().operation).requantise.thresholds[3];
  for (int32_t i = 0; i < 255; ++i) moved[static_cast<size_t>(i)] = (i - 127) * (i < 127 ? 100 : 300);
  EXPECT_EQ(only<Linear>(after(fit_scales, b.graph, false)).requantise.thresholds.size(), 6U);
}

TEST(ChooseThresholds, takes_them_for_large_outputs_only) {
  for (const int32_t size : {2, 32}) {
    GraphBuilder b(1);
    const ValueId in = b.input({size, size, 4});
    b.output(b.node(plain_layer(b, 4, 3), {in}, {size, size, 3}, "CONV"));
    const Graph graph = after(choose_thresholds, b.graph, size == 32);
    EXPECT_EQ(only<Linear>(graph).requantise.thresholds.size(), size == 32 ? 3U : 0U);
  }
}

TEST(ChooseThresholds, keeps_a_scale_whose_shift_could_wrap) {
  GraphBuilder b(1);
  const ValueId in = b.input({32, 32, 4});
  Linear l = plain_layer(b, 4, 3);
  l.biases[1] = 1 << 28;
  l.requantise.scales[1] = {1 << 30, 4};
  b.output(b.node(l, {in}, {32, 32, 3}, "CONV"));
  EXPECT_TRUE(only<Linear>(after(choose_thresholds, b.graph, false)).requantise.thresholds.empty());
}

TEST(AverageToDepthwise, takes_windows_that_overlap_inside_of_the_input) {
  struct Case {
    int32_t stride, padding;
    bool changes;
  };
  for (const Case& c : {Case{1, 0, true}, Case{3, 0, false}, Case{1, 1, false}}) {
    GraphBuilder b(1);
    const ValueId in = b.input({9, 9, 4});
    Pool p;
    p.window = {3, 3, c.stride, c.stride, c.padding, c.padding, c.padding, c.padding};
    const int32_t out = (9 + 2 * c.padding - 3) / c.stride + 1;
    b.output(b.node(p, {in}, {out, out, 4}, "POOL"));
    EXPECT_EQ(count<Linear>(after(average_to_depthwise, b.graph, c.changes)), c.changes ? 1U : 0U);
  }
}

}  // namespace
}  // namespace zkvm::compiler::passes
