// What the compiler writes, as text. tests/models compiles it and compares what it computes.
#include "guest-sdk/compiler/generate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <set>
#include <sstream>

#include "guest-sdk/compiler/passes/optimise.hpp"
#include "guest-sdk/compiler/testing/random_graph.hpp"
#include "guest-sdk/compiler/text.hpp"

namespace zkvm::compiler {
namespace {

using testing::GraphBuilder;
using testing::random_graph;
using Files = std::map<std::string, std::string>;

Files project_of(const Graph& graph, Disclosure disclosure = {}) {
  GenerateOptions options;
  options.disclosure = disclosure;
  options.sdk = "/sdk";
  return generate(lower(optimise(graph)), options);
}
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Generate, is_the_same_text_for_the_same_graph) {
  for (uint32_t seed = 0; seed < 20; ++seed) EXPECT_EQ(project_of(random_graph(seed)), project_of(random_graph(seed)));
}

TEST(Generate, has_lines_of_plain_ascii_that_are_at_most_120_long) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    Graph graph = random_graph(seed, seed % 4 == 0);
    if (seed % 2 != 0)
      for (Value& v : graph.values) v.name = "a_name_that_is_longer_than_any_name_should_be_and_full_of_words";
    for (const Disclosure d : {Disclosure{false, false}, Disclosure{true, true}})
      for (const auto& [name, text] : project_of(graph, d)) {
        if (name.ends_with(".bin")) continue;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
          ASSERT_LE(line.size(), 120U) << name << ": " << line;
          ASSERT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
        }
        ASSERT_TRUE(text.ends_with('\n')) << name;
      }
  }
}

TEST(Generate, names_of_strangers_stay_in_comments) {
  GraphBuilder b(1);
  const ValueId in = b.input({2, 2, 4});
  b.output(b.linear(in, Linear::Kind::CONV, false));
  const std::string evil = "*/ int main() { } \\\n#include \"/etc/passwd\"\n\"; $(rm) `rm` \xff\xc3 //\r?\?/";
  b.graph.name = b.graph.nodes[0].name = b.graph.nodes[0].type = evil;
  b.graph.inputs[0].name = b.graph.outputs[0].name = evil;
  for (Value& v : b.graph.values) v.name = evil;
  for (const auto& [name, text] : project_of(b.graph)) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (contains(line, "etc/passwd") || contains(line, "rm)")) {
        EXPECT_TRUE(line.starts_with("//") || line.starts_with("# A guest that runs") || name == "model.json") << line;
      }
    EXPECT_FALSE(contains(text, "\n#include \"/etc")) << name;
  }
}

TEST(Generate, records_have_names_of_their_own_even_where_layers_do_not) {
  GraphBuilder b(1);
  ValueId v = b.input({2, 2, 4});
  for (const char* name : {"conv", "Conv", "a/conv", "", "\xff", "123"}) {
    v = b.linear(v, Linear::Kind::CONV, true);
    b.graph.nodes.back().name = name;
  }
  b.output(v);
  const Program p = lower(b.graph);
  const std::vector<std::string> names = record_names(p);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), p.steps.size());
  for (const std::string& name : names)
    EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), std::string::npos) << name;
}

TEST(Generate, main_writes_the_journal_that_was_asked_for) {
  const Graph graph = random_graph(3);
  const auto journal = [&](bool input, bool output) {
    const std::string main = project_of(graph, {input, output}).at("main.cpp");
    return main.substr(main.find("  zkvm::commit"), main.find("  return 0") - main.find("  zkvm::commit"));
  };
  EXPECT_EQ(journal(true, true), "  zkvm::commit(output);\n  zkvm::commit_value(zkvm::sha256(input));\n");
  EXPECT_EQ(journal(false, true), "  zkvm::commit(output);\n  zkvm::commit_value(zkvm::salted_sha256(salt, input));\n");
  EXPECT_EQ(journal(true, false),
            "  zkvm::commit_value(zkvm::salted_sha256(salt, output));\n  zkvm::commit_value(zkvm::sha256(input));\n");
  EXPECT_EQ(journal(false, false),
            "  zkvm::commit_value(zkvm::salted_sha256(salt, output));\n"
            "  zkvm::commit_value(zkvm::salted_sha256(salt, input));\n");
  EXPECT_FALSE(contains(project_of(graph, {true, true}).at("main.cpp"), "SALT_BYTES"));
}

TEST(Generate, describes_the_model_for_tools) {
  const Graph graph = random_graph(5);
  std::string error;
  const auto info = parse_model_info(project_of(graph, {true, false}).at("model.json"), error);
  ASSERT_TRUE(info.has_value()) << error;
  EXPECT_EQ(info->name, graph.name);
  EXPECT_EQ(info->inputs.size(), graph.inputs.size());
  EXPECT_TRUE(info->disclosure.input);
  EXPECT_FALSE(info->disclosure.output);
}

TEST(Generate, layers_that_are_too_large_for_the_compiler_come_from_files) {
  GraphBuilder b(1);
  const ValueId in = b.input({1, 1, 600});
  Linear l;
  l.kind = Linear::Kind::FULLY_CONNECTED;
  for (int i = 0; i < 600 * 400; ++i) l.weights.push_back(b.byte());
  l.biases.assign(400, 7);
  l.requantise.scales.assign(400, nn::quantize_multiplier(0.001));
  b.output(b.node(std::move(l), {in}, {1, 1, 400}, "DENSE"));
  const Files files = project_of(b.graph);
  EXPECT_EQ(files.at("L1_LAYER_0.bin").size(), 400U * 12 + 600 * 400);
  EXPECT_TRUE(contains(files.at("layers.S"), ".incbin \"L1_LAYER_0.bin\""));
  EXPECT_TRUE(contains(files.at("CMakeLists.txt"), "main.cpp info.S layers.S"));
  EXPECT_LT(files.at("weights.hpp").size(), 2000U);
}

TEST(Generate, paths_with_special_characters_are_quoted_for_cmake) {
  GenerateOptions options;
  options.sdk = "/a \"b\"/$HOME;c\\d";
  const std::string cmake = generate(lower(optimise(random_graph(1))), options).at("CMakeLists.txt");
  EXPECT_TRUE(contains(cmake, "set(ZKVM_SDK \"/a \\\"b\\\"/\\$HOME\\;c\\\\d\" CACHE")) << cmake;
}

TEST(Text, floats_are_literals_that_give_the_same_number_again) {
  EXPECT_EQ(float_text(1), "1.0F");
  EXPECT_EQ(float_text(0.1F), "0.1F");
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(random()) & 0x7fff'ffffU);
    if (!(x > 0) || x > 3e38F) continue;
    const std::string text = float_text(x);
    ASSERT_EQ(std::strtof(text.c_str(), nullptr), x) << text;
    ASSERT_TRUE(text.ends_with('F') && text.find_first_of(".e") != std::string::npos) << text;
  }
}

TEST(Text, lists_wrap_at_120_columns_and_keep_room_for_a_semicolon) {
  const std::vector<std::string> items(100, "12345");
  std::istringstream lines(std::string(30, ' ') + list_text(items, 30) + ";");
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120U);
  EXPECT_EQ(list_text(std::vector<std::string>{}, 0), "{}");
}

}  // namespace
}  // namespace zkvm::compiler
