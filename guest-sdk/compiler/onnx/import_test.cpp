// What imported models compute, against outputs recorded from onnxruntime.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/lower.hpp"
#include "guest-sdk/compiler/onnx/import.hpp"
#include "guest-sdk/compiler/onnx/testing/cases.hpp"
#include "guest-sdk/compiler/onnx/testing/model_builder.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"

namespace zkvm::compiler::onnx::testing {
namespace {

const std::string DATA = "guest-sdk/compiler/onnx/testdata/";

/// Imports what must import.
Graph import(const std::vector<uint8_t>& model) {
  Imported imported = import_onnx(model, "model");
  EXPECT_EQ(describe(imported.problems), "");
  EXPECT_EQ(check(imported.graph), "");
  return std::move(imported.graph);
}

/// The models of testdata, made by a quantiser.
std::vector<Case> files() {
  std::vector<Case> out;
  for (const auto& entry : std::filesystem::directory_iterator(DATA))
    if (entry.path().extension() == ".onnx")
      out.push_back({entry.path().stem(), "default", read_file(entry.path().string())});
  return out;
}
std::vector<Case> cases_and_files() {
  std::vector<Case> all = cases();
  for (Case& c : files()) all.push_back(std::move(c));
  return all;
}

std::map<std::string, Recorded> recorded() { return read_recorded("guest-sdk/compiler/onnx/testing/recorded.txt"); }

class Models : public ::testing::TestWithParam<Case> {};

TEST_P(Models, give_what_onnxruntime_gives) {
  const auto all = recorded();
  const auto found = all.find(GetParam().name);
  ASSERT_NE(found, all.end()) << "not recorded";
  const Graph graph = import(GetParam().model);
  if (HasFailure()) return;
  const Recorded now = record(graph, found->second.runs);
  EXPECT_EQ(now.first, found->second.first);
  EXPECT_EQ(now.digest, found->second.digest) << "of all runs";
}

TEST_P(Models, compute_the_same_when_optimised_and_lowered) {
  const Graph graph = import(GetParam().model);
  if (HasFailure()) return;
  const Graph optimised = optimise(graph);
  EXPECT_EQ(check(optimised), "");
  const Program program = lower(optimised);
  EXPECT_EQ(describe(program.problems), "");
  if (HasFailure()) return;
  std::vector<uint8_t> input(static_cast<size_t>(input_bytes(graph)));
  for (uint64_t run = 0; run < 10; ++run) {
    for (size_t i = 0; i < input.size(); ++i) input[i] = input_byte(run, i);
    const std::vector<uint8_t> expected = evaluate(graph, input);
    EXPECT_EQ(hex(evaluate(optimised, input)), hex(expected)) << "run " << run;
    EXPECT_EQ(hex(execute(program, input)), hex(expected)) << "run " << run;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Models, ::testing::ValuesIn(cases_and_files()),
                         [](const auto& param) { return param.param.name; });

TEST(Import, every_recorded_model_is_a_case_or_a_file) {
  std::map<std::string, Recorded> left = recorded();
  for (const Case& c : cases_and_files()) left.erase(c.name);
  EXPECT_TRUE(left.empty()) << left.begin()->first;
}

TEST(Import, files_give_the_outputs_that_lie_beside_them) {
  const std::vector<Case> all = files();
  EXPECT_GE(all.size(), 4U);
  for (const Case& c : all)
    EXPECT_EQ(hex(evaluate(import(c.model), read_file(DATA + c.name + ".input"))),
              hex(read_file(DATA + c.name + ".output")))
        << c.name;
}

TEST(Import, float_borders_become_their_quantised_forms) {
  ModelBuilder m;
  const Q q{0.5F, 120, true};
  const std::string x = m.dequantise(m.quantise(m.input({1, 3, 2, 2}, pb::TensorProto::FLOAT), q), q);
  m.output(m.dequantise(m.quantise(m.add("Relu", {x}), {0.25F, 3}), {0.25F, 3}), pb::TensorProto::FLOAT);
  const Graph graph = import(m.bytes());
  ASSERT_EQ(graph.inputs.size(), 1U);
  ASSERT_EQ(graph.outputs.size(), 1U);
  EXPECT_EQ(graph.inputs[0].name, "x0");
  EXPECT_EQ(graph.inputs[0].shape, (std::vector<int64_t>{1, 3, 2, 2}));
  EXPECT_TRUE(graph.inputs[0].is_unsigned);
  EXPECT_TRUE(graph.inputs[0].channels_first);
  EXPECT_FALSE(graph.outputs[0].is_unsigned);
  EXPECT_EQ(graph.value(graph.inputs[0].value).quantization.zero_point, 120 - 128);
  EXPECT_EQ(graph.value(graph.outputs[0].value).quantization.scale, 0.25F);
  // 110, 120, 130, 250: -5, 0, 5 and 65 as reals.
  std::vector<uint8_t> input(12, 120);
  input[0] = 110, input[1] = 130, input[2] = 250;
  EXPECT_EQ(hex(evaluate(graph, input)), "03177f030303030303030303");
}

TEST(Import, an_input_that_is_turned_first_is_channels_last) {
  for (const Case& c : cases()) {
    if (c.name == "channels_last") {
      EXPECT_FALSE(import(c.model).inputs[0].channels_first);
    } else if (c.name == "conv") {
      EXPECT_TRUE(import(c.model).inputs[0].channels_first);
    }
  }
}

TEST(Import, reads_a_batch_of_unknown_size_as_one) {
  for (const bool named : {false, true}) {
    ModelBuilder m;
    const std::string x = m.input({1, 8}, {0.5F, 0});
    auto& batch = *m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0);
    batch.clear_dim_value();
    if (named) batch.set_dim_param("batch");
    const Graph graph = import(m.quantised(m.add("Relu", {x}), {0.25F, 0}));
    EXPECT_EQ(graph.inputs[0].shape, (std::vector<int64_t>{1, 8}));
  }
}

TEST(Import, probabilities_at_the_end_need_no_quantisation) {
  ModelBuilder m;
  m.output(m.add("Softmax", {m.input({1, 4}, {0.5F, 0})}), pb::TensorProto::FLOAT);
  const Graph graph = import(m.bytes());
  const nn::Quantization q = graph.value(graph.outputs[0].value).quantization;
  EXPECT_EQ(q.scale, 1.0F / 256);
  EXPECT_EQ(q.zero_point, -128);
  EXPECT_EQ(hex(evaluate(graph, std::vector<uint8_t>(4, 7))), "c0c0c0c0");
}

TEST(Import, leaves_out_what_the_outputs_do_not_depend_on) {
  ModelBuilder m;
  const std::string x = m.input({1, 8}, {0.5F, 0});
  m.add("NonZero", {x});
  EXPECT_EQ(import(m.quantised(m.add("Relu", {x}), {0.25F, 0})).nodes.size(), 1U);
}

TEST(Import, results_in_the_middle_of_two_integers_become_the_even_one) {
  // Sums of 1 * x over 2: every odd one is in the middle.
  ModelBuilder m;
  const std::string x = m.input({1, 1}, {1, 0}), w = m.dequantised<int8_t>({1, 1}, {1}, {1});
  const Graph graph = import(m.quantised(m.add("MatMul", {x, w}), {2, 0}));
  for (int i = -128; i < 128; ++i) {
    const auto out = static_cast<int8_t>(evaluate(graph, std::vector<uint8_t>{static_cast<uint8_t>(i)})[0]);
    EXPECT_EQ(out, std::nearbyint(i / 2.0)) << i;
  }
}

/// The model of a case with the kind of one of its layers.
TEST(Import, chooses_the_cheap_operation) {
  const std::map<std::string, std::string> kinds = {{"conv_depthwise", "depthwise conv"},
                                                    {"conv_depthwise_multiplied", "conv"},
                                                    {"global_average_pool", "depthwise conv"},
                                                    {"gemm", "fully connected"},
                                                    {"add", "add"},
                                                    {"add_relu", "add"},
                                                    {"add_unsigned", "add"},
                                                    {"qlinear_add", "add"},
                                                    {"sub", "add"},
                                                    {"add_channels", "add"},
                                                    {"mul", "multiply"},
                                                    {"mul_number", "multiply"},
                                                    {"swish", "multiply"}};
  size_t seen = 0;
  for (const Case& c : cases()) {
    const auto kind = kinds.find(c.name);
    if (kind == kinds.end()) continue;
    ++seen;
    const Graph graph = import(c.model);
    bool found = false;
    for (const Node& n : graph.nodes) found |= kind_of(n) == kind->second;
    EXPECT_TRUE(found) << c.name;
    if (kind->second == "add" && c.name != "add_channels") {
      EXPECT_TRUE(std::holds_alternative<Add>(graph.nodes.back().operation)) << c.name;
    }
  }
  EXPECT_EQ(seen, kinds.size());
}

}  // namespace
}  // namespace zkvm::compiler::onnx::testing
