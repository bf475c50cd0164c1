#include "guest-sdk/compiler/info.hpp"

#include <gtest/gtest.h>

namespace zkvm::compiler {
namespace {

Graph small_graph() {
  Graph g;
  g.name = "a \"name\" with \xff bytes";
  g.format = "ONNX";
  g.values = {{"x", {4, 4, 3}, {0.1F, -128}}, {"y", {1, 1, 5}, {1.0F / 256, -128}}};
  g.inputs = {{0, "image", {1, 3, 4, 4}, true, true}};
  g.outputs = {{1, "scores", {1, 5}, false, false}};
  return g;
}

TEST(model_info, comes_back_from_its_json) {
  for (const Disclosure d : {Disclosure{false, true}, Disclosure{true, true}, Disclosure{false, false}}) {
    const ModelInfo info = describe(small_graph(), d);
    std::string error;
    const auto back = parse_model_info(to_json(info), error);
    ASSERT_TRUE(back) << error;
    EXPECT_EQ(to_json(*back), to_json(info));
    EXPECT_EQ(back->inputs[0].shape, (std::vector<int64_t>{1, 3, 4, 4}));
    EXPECT_TRUE(back->inputs[0].is_unsigned && back->inputs[0].channels_first);
    EXPECT_EQ(back->inputs[0].zero_point, 0);  // of uint8
    EXPECT_EQ(back->inputs[0].scale, 0.1F);
    EXPECT_EQ(back->outputs[0].zero_point, -128);
    EXPECT_EQ(back->input_bytes(), 48);
    EXPECT_EQ(back->output_bytes(), 5);
    EXPECT_EQ(back->disclosure.salt_bytes(), d.input && d.output ? 0u : 32u);
  }
}

TEST(model_info, names_what_is_wrong) {
  const std::string good = to_json(describe(small_graph(), {}));
  const auto refused = [&](const std::string& from, const std::string& to, const std::string& expected) {
    std::string text = good, error;
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    EXPECT_FALSE(parse_model_info(text, error)) << to;
    EXPECT_NE(error.find(expected), std::string::npos) << error;
  };
  refused("\"zkvm_model\": 1", "\"zkvm_model\": 2", "expected version 1");
  refused("\"uint8\"", "\"float\"", "expected \"uint8\" or \"int8\"");
  refused("\"scale\": 0.", "\"scale\": -0.", "scale");
  refused("\"zero_point\": 0", "\"zero_point\": 256", "zero_point");
  refused("\"output\"", "\"weights\"", "public");
  refused("\"inputs\"", "\"in\"", "inputs");
  refused("\"channels last\"", "\"NHWC\"", "layout");
}

TEST(model_info, takes_any_bytes) {
  const std::string good = to_json(describe(small_graph(), {}));
  std::string error;
  for (size_t length = 0; length + 2 < good.size(); ++length)
    EXPECT_FALSE(parse_model_info(good.substr(0, length), error)) << length;
  EXPECT_FALSE(parse_model_info(std::string(1'000'000, '['), error));
  for (size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = static_cast<char>(text[at] ^ 0x11);
    const auto info = parse_model_info(text, error);
    EXPECT_TRUE(!info || info->input_bytes() <= int64_t{1} << 27);
  }
}

TEST(model_info, splits_journals_of_the_right_length_only) {
  const std::vector<uint8_t> journal(100);
  const ModelInfo shown = describe(small_graph(), {false, true}), hidden = describe(small_graph(), {false, false});
  const auto parts = split_journal(shown, std::span(journal).first(37));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->output.size(), 5u);
  EXPECT_EQ(parts->input.data(), journal.data() + 5);
  EXPECT_TRUE(split_journal(hidden, std::span(journal).first(64)));
  for (const size_t length : {0u, 5u, 36u, 38u, 64u, 100u})
    EXPECT_FALSE(split_journal(shown, std::span(journal).first(length))) << length;
}

}  // namespace
}  // namespace zkvm::compiler
