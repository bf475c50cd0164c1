// One command from a model's file to a guest, one from there to a receipt: with the outputs of the model's own
// reference kernels, and no more cells and memory than a guest that was written by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace zkvm::tests {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Bytes = std::vector<uint8_t>;

/// A model, an input and what the model makes of it; paths from the project's root.
struct Model {
  std::string name, file, input;
  Bytes output;
  std::string by_hand = {};  ///< the guest of examples/ that is the same network, if there is one
};

Bytes read_project_file(const std::string& path) {
  std::ifstream file(fs::path(ZKVM_SOURCE) / path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The folder's files NAME.onnx or NAME.tflite that have NAME.input and NAME.output beside them.
std::vector<Model> models_in(const std::string& folder) {
  std::vector<Model> models;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(ZKVM_SOURCE) / folder, error)) {
    const std::string kind = entry.path().extension().string(), name = entry.path().stem().string();
    const std::string base = folder + "/" + name;
    if ((kind != ".onnx" && kind != ".tflite") || !fs::exists(fs::path(ZKVM_SOURCE) / (base + ".output"))) continue;
    models.push_back({name, base + kind, base + ".input", read_project_file(base + ".output")});
  }
  std::sort(models.begin(), models.end(), [](const Model& a, const Model& b) { return a.name < b.name; });
  return models;
}

/// Outputs of the models of MLPerf Tiny: TensorFlow Lite Micro's reference kernels (examples/*/README.md). Those of the
/// ONNX models: onnxruntime's (guest-sdk/compiler/onnx/README.md).
std::vector<Model> all_models() {
  std::vector<Model> models = {{"keyword_spotting",
                                "examples/keyword_spotting/model.tflite",
                                "examples/keyword_spotting/input.i8",
                                {0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80},
                                "keyword_spotting"},
                               {"image_classification",
                                "examples/image_classification/model.tflite",
                                "examples/image_classification/input.i8",
                                {0xd0, 0x80, 0x81, 0x94, 0xd0, 0x81, 0xb9, 0x83, 0x8c, 0x81},
                                "image_classification"}};
  for (const Model& m : models_in("guest-sdk/compiler/onnx/testdata")) models.push_back(m);
  return models;
}

struct Disclosed {
  const char* list;
  bool input, output;
};
constexpr Disclosed DISCLOSED[] = {
    {"output", false, true}, {"input,output", true, true}, {"input", true, false}, {"none", false, false}};

/// By another program than the guest's.
Bytes sha256(const Workplace& at, const Bytes& salt, const Bytes& bytes) {
  Bytes all = salt;
  all.insert(all.end(), bytes.begin(), bytes.end());
  at.put("message", all);
  const Outcome o = at.shell("sha256sum message | cut -c 1-64");
  Bytes digest;
  for (size_t i = 0; i + 1 < o.out.size() && digest.size() < 32; i += 2)
    digest.push_back(static_cast<uint8_t>(std::stoul(o.out.substr(i, 2), nullptr, 16)));
  EXPECT_EQ(digest.size(), 32U) << o.err;
  return digest;
}

Json json(const Outcome& o) {
  EXPECT_EQ(o.status, 0) << o.err;
  return o.status == 0 ? Json::parse(o.out) : Json();
}

TEST(ModelFiles, are_of_both_formats) {
  int onnx = 0, tflite = 0;
  for (const Model& m : all_models()) ++(m.file.ends_with(".onnx") ? onnx : tflite);
  EXPECT_EQ(tflite, 2);
  EXPECT_GE(onnx, 3);
}

class Models : public ::testing::TestWithParam<Model> {};

TEST_P(Models, are_compiled_proved_and_verified_in_fifteen_seconds_with_the_known_output) {
  const Model& m = GetParam();
  const Workplace at;
  const Bytes input = read_project_file(m.input);
  for (const Disclosed& d : DISCLOSED) {
    const Bytes salt(d.input && d.output ? 0 : 32, 0x5a);
    Bytes all = input;
    all.insert(all.end(), salt.begin(), salt.end());
    at.put("input", all);
    const auto start = std::chrono::steady_clock::now();
    const std::string compile = "compile '" ZKVM_SOURCE "/" + m.file + "' -o net --force --public " + d.list;
    const Outcome compiled = at.zkvm(compile);
    ASSERT_EQ(compiled.status, 0) << compiled.err;
    const Outcome proved = at.zkvm("run --prove net/guest.elf --input input -o receipt");
    ASSERT_EQ(proved.status, 0) << proved.err;
    const Outcome verified = at.zkvm("verify receipt --elf net/guest.elf --journal journal");
    ASSERT_EQ(verified.status, 0) << verified.err;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_LT(seconds.count(), 15) << d.list;

    Bytes expected = d.output ? m.output : sha256(at, salt, m.output);
    const Bytes of_input = d.input ? sha256(at, {}, input) : sha256(at, salt, input);
    expected.insert(expected.end(), of_input.begin(), of_input.end());
    EXPECT_EQ(at.get("journal"), expected) << "--public " << d.list;
  }
}

TEST_P(Models, cost_what_was_predicted_and_at_most_a_tenth_more_than_by_hand) {
  const Model& m = GetParam();
  const Workplace at;
  Bytes input = read_project_file(m.input);
  at.put("plain", input);
  input.resize(input.size() + 32);
  at.put("input", input);
  const Json compiled = json(at.zkvm("compile '" ZKVM_SOURCE "/" + m.file + "' -o net --json"));
  const Json proved = json(at.zkvm("run --prove net/guest.elf --input input -o receipt --json"));
  ASSERT_TRUE(compiled.is_object() && proved.is_object());
  const auto cells = proved["committed_cells"].get<double>(), guess = compiled["predicted"]["cells"].get<double>();
  EXPECT_LT(std::abs(guess - cells), 0.1 * cells) << guess << " predicted, " << cells << " measured";
  const Json& predicted = compiled["predicted"];
  EXPECT_LE(predicted["arena_bytes"].get<double>(), 1.2 * predicted["live_bytes"].get<double>());
  if (m.by_hand.empty()) return;
  const Json by_hand =
      json(at.zkvm("run --prove '" ZKVM_BUILD "/guests/" + m.by_hand + ".elf' --input plain -o receipt --json"));
  ASSERT_TRUE(by_hand.is_object());
  EXPECT_LE(cells, 1.1 * by_hand["committed_cells"].get<double>());
}

TEST_P(Models, are_shown_layer_by_layer_with_the_cost_that_compiling_predicts) {
  const Workplace at;
  const std::string file = "'" ZKVM_SOURCE "/" + GetParam().file + "'";
  const Json shown = json(at.zkvm("model " + file + " --json"));
  const Json compiled = json(at.zkvm("compile " + file + " -o net --no-build --json"));
  ASSERT_TRUE(shown.is_object() && compiled.is_object());
  EXPECT_EQ(shown["predicted"], compiled["predicted"]);
  uint64_t cells = 0;
  for (const Json& layer : shown["layers"]) {
    EXPECT_NE(layer["output"].get<std::string>().find('x'), std::string::npos);
    cells += layer["cells"].get<uint64_t>();
  }
  EXPECT_GT(cells, 0U);
  EXPECT_LT(cells, shown["predicted"]["cells"].get<uint64_t>());
}

TEST_P(Models, are_rebuilt_by_their_own_cmake_project_into_the_same_program) {
  const Workplace at;
  const std::string file = "'" ZKVM_SOURCE "/" + GetParam().file + "'";
  const Outcome compiled = at.zkvm("compile " + file + " -o net");
  ASSERT_EQ(compiled.status, 0) << compiled.err;
  const Outcome built = at.shell("cd net && cmake -G Ninja -B build && cmake --build build");
  ASSERT_EQ(built.status, 0) << built.out << built.err;
  const Outcome ids = at.shell("\"$ZKVM\" image-id net/guest.elf && \"$ZKVM\" image-id net/build/guest.elf");
  ASSERT_EQ(ids.status, 0) << ids.err;
  EXPECT_EQ(ids.out.substr(0, ids.out.size() / 2), ids.out.substr(ids.out.size() / 2));
}

TEST_P(Models, give_guests_that_refuse_inputs_of_another_size) {
  const Workplace at;
  const Outcome compiled = at.zkvm("compile '" ZKVM_SOURCE "/" + GetParam().file + "' -o net --public input,output");
  ASSERT_EQ(compiled.status, 0) << compiled.err;
  Bytes input = read_project_file(GetParam().input);
  const std::string expected = std::to_string(input.size());
  input.pop_back();
  at.put("input", input);
  const Outcome run = at.zkvm("run net/guest.elf --input input");
  EXPECT_NE(run.status, 0);
  EXPECT_NE((run.out + run.err).find(expected), std::string::npos) << run.out << run.err;
  EXPECT_NE((run.out + run.err).find(std::to_string(input.size())), std::string::npos) << run.out << run.err;
}

INSTANTIATE_TEST_SUITE_P(, Models, ::testing::ValuesIn(all_models()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace zkvm::tests
