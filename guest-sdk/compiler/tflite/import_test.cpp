// What imported models compute, against outputs recorded from the reference kernels.
#include <gtest/gtest.h>

#include <map>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/tflite/import.hpp"
#include "guest-sdk/compiler/tflite/testing/cases.hpp"
#include "guest-sdk/compiler/tflite/testing/model_builder.hpp"

namespace zkvm::compiler::tflite::testing {
namespace {

/// Imports what must import.
Graph import(const std::vector<uint8_t>& model) {
  Imported imported = import_tflite(model, "model");
  EXPECT_EQ(describe(imported.problems), "");
  EXPECT_EQ(check(imported.graph), "");
  return std::move(imported.graph);
}

TEST(Import, keyword_spotting_gives_the_reference_output) {
  const Graph graph = import(read_file("examples/keyword_spotting/model.tflite"));
  ASSERT_EQ(graph.inputs.size(), 1U);
  EXPECT_EQ(graph.inputs[0].shape, (std::vector<int64_t>{1, 49, 10, 1}));
  EXPECT_FALSE(graph.inputs[0].is_unsigned);
  const nn::Quantization q = graph.value(graph.inputs[0].value).quantization;
  EXPECT_NEAR(static_cast<double>(q.scale), 0.584703, 1e-6);
  EXPECT_EQ(q.zero_point, 83);
  EXPECT_EQ(hex(evaluate(graph, read_file("examples/keyword_spotting/input.i8"))), "80808080807f808080808080");
}

TEST(Import, image_classification_gives_the_reference_output) {
  const Graph graph = import(read_file("examples/image_classification/model.tflite"));
  EXPECT_EQ(hex(evaluate(graph, read_file("examples/image_classification/input.i8"))), "d0808194d081b9838c81");
}

std::map<std::string, Recorded> recorded() { return read_recorded("guest-sdk/compiler/tflite/testing/recorded.txt"); }

class Kernels : public ::testing::TestWithParam<Case> {};

TEST_P(Kernels, give_what_the_reference_kernels_give) {
  const auto all = recorded();
  const auto found = all.find(GetParam().name);
  ASSERT_NE(found, all.end()) << "not recorded";
  const Graph graph = import(GetParam().model);
  if (HasFailure()) return;
  const Recorded now = record(graph, found->second.runs);
  EXPECT_EQ(now.first, found->second.first);
  EXPECT_EQ(now.digest, found->second.digest) << "of all runs";
}

INSTANTIATE_TEST_SUITE_P(All, Kernels, ::testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param.name; });

TEST(Import, every_recorded_model_is_a_case) {
  std::map<std::string, Recorded> left = recorded();
  for (const Case& c : cases()) left.erase(c.name);
  EXPECT_TRUE(left.empty()) << left.begin()->first;
}

/// x -> [QUANTIZE ->] RELU -> [DEQUANTIZE].
std::vector<uint8_t> relu_with_borders(Type border) {
  ModelBuilder m;
  const Quantised q{0.5F, -3};
  const bool is_float = border == Type::FLOAT32;
  int x = m.input({1, 2, 3, 2}, is_float ? Quantised{} : q, border);
  m.tensor(x).name = "image";
  if (is_float) x = m.add(Op::QUANTIZE, {x}, {1, 2, 3, 2}, q);
  int y = m.add(Op::RELU, {x}, {1, 2, 3, 2}, q);
  if (is_float) y = m.add(Op::DEQUANTIZE, {y}, {1, 2, 3, 2}, {}, {}, Type::FLOAT32);
  m.tensor(y).name = "scores";
  return m.bytes(y);
}

TEST(Import, float_borders_become_their_quantised_forms) {
  const Graph plain = import(relu_with_borders(Type::INT8)), graph = import(relu_with_borders(Type::FLOAT32));
  ASSERT_EQ(graph.inputs.size(), 1U);
  ASSERT_EQ(graph.outputs.size(), 1U);
  EXPECT_EQ(graph.inputs[0].name, "image");
  EXPECT_EQ(graph.outputs[0].name, "scores");
  EXPECT_EQ(graph.value(graph.inputs[0].value).quantization.scale, 0.5F);
  EXPECT_EQ(graph.value(graph.outputs[0].value).quantization.zero_point, -3);
  EXPECT_EQ(graph.nodes.size(), 1U);
  std::vector<uint8_t> input;
  for (uint8_t i = 0; i < 12; ++i) input.push_back(static_cast<uint8_t>(i * 21));
  EXPECT_EQ(evaluate(graph, input), evaluate(plain, input));
}

TEST(Import, unsigned_borders_say_so) {
  for (const Case& c : cases()) {
    if (c.name != "unsigned_borders") continue;
    const Graph graph = import(c.model);
    EXPECT_TRUE(graph.inputs[0].is_unsigned);
    EXPECT_TRUE(graph.outputs[0].is_unsigned);
    EXPECT_EQ(graph.value(graph.inputs[0].value).quantization.zero_point, 100 - 128);
  }
}

TEST(Import, reads_a_batch_of_unknown_size_as_one) {
  ModelBuilder m;
  const Quantised q{0.5F, 0};
  const int x = m.input({1, 8}, q);
  m.tensor(x).shape_signature = {-1, 8};
  EXPECT_EQ(import(m.bytes(m.add(Op::RELU, {x}, {1, 8}, q))).nodes.size(), 1U);
}

TEST(Import, leaves_out_what_the_outputs_do_not_depend_on) {
  // As converters write Flatten: the shape is computed, though the output's tensor has it.
  ModelBuilder m;
  const Quantised q{0.5F, 0};
  const int x = m.input({1, 2, 4, 1}, q);
  const int y = m.add(Op::RELU, {x}, {1, 2, 4, 1}, q);
  const int shape = m.add(Op::SHAPE, {y}, {4}, {}, {}, Type::INT32);
  const int packed = m.add(Op::PACK, {shape, m.int32s({}, {8})}, {2}, {}, {}, Type::INT32);
  const Graph graph = import(m.bytes(m.add(Op::RESHAPE, {y, packed}, {1, 8}, q)));
  EXPECT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.outputs[0].shape, (std::vector<int64_t>{1, 8}));
}

TEST(Import, reshapes_of_constants_are_constants) {
  ModelBuilder m;
  const int x = m.input({1, 2}, {0.5F, 0});
  const int flat = m.int8s({6}, {1, 2, 3, 4, 5, 6}, {0.5F, 0});
  const int weights = m.add(Op::RESHAPE, {flat}, {3, 2}, {0.5F, 0});
  const Graph graph = import(m.bytes(
      m.add(Op::FULLY_CONNECTED, {x, weights, -1}, {1, 3}, {0.25F, 0}, options(format::FullyConnectedOptionsT()))));
  ASSERT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(evaluate(graph, std::vector<uint8_t>{1, 10}), (std::vector<uint8_t>{21, 43, 65}));
}

TEST(Import, layers_are_named_after_their_outputs) {
  ModelBuilder m;
  const Quantised q{0.5F, 0};
  const int x = m.input({1, 8}, q);
  const int y = m.add(Op::RELU, {x}, {1, 8}, q), z = m.add(Op::RELU, {y}, {1, 8}, q);
  m.tensor(y).name = "block/relu\n;block/conv";
  m.tensor(z).name = "";
  const Graph graph = import(m.bytes(z));
  EXPECT_EQ(graph.nodes[0].name, "block/relu?");
  EXPECT_EQ(graph.nodes[0].type, "RELU");
  EXPECT_EQ(graph.nodes[1].name, "RELU_1");
}

/// The model of a case with the kind of its only layer.
TEST(Import, chooses_the_cheap_operation) {
  const std::map<std::string, std::string> kinds = {{"depthwise", "depthwise conv"},
                                                    {"depthwise_of_one_channel", "conv"},
                                                    {"depthwise_multiplied", "conv"},
                                                    {"mean_image", "depthwise conv"},
                                                    {"mean_channels", "conv"},
                                                    {"mul_channels", "depthwise conv"},
                                                    {"mul_scalar", "multiply"},
                                                    {"mul_spread", "multiply"},
                                                    {"add", "add"},
                                                    {"add_constant", "add"},
                                                    {"add_channels", "add"},
                                                    {"dense", "fully connected"},
                                                    {"average_pool", "average pool"},
                                                    {"relu", "relu"}};
  size_t seen = 0;
  for (const Case& c : cases()) {
    const auto kind = kinds.find(c.name);
    if (kind == kinds.end()) continue;
    ++seen;
    const Graph graph = import(c.model);
    bool found = false;
    for (const Node& n : graph.nodes) found |= kind_of(n) == kind->second;
    EXPECT_TRUE(found) << c.name;
  }
  EXPECT_EQ(seen, kinds.size());
}

}  // namespace
}  // namespace zkvm::compiler::tflite::testing
