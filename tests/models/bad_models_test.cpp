// Models and folders that zkvm compile and zkvm model refuse: a message with all that is wrong, an exit code of its
// own, nothing left behind.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "guest-sdk/compiler/tflite/testing/model_builder.hpp"
#include "tests/cli/command.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::tests {
namespace {

using compiler::tflite::testing::ModelBuilder;
using compiler::tflite::testing::Op;
using compiler::tflite::testing::Quantised;
using compiler::tflite::testing::Type;
using vm::cli::Status;
using Bytes = std::vector<uint8_t>;
using Json = nlohmann::json;

const Quantised Q{0.5F, 3};

/// A clamp, and another.
Bytes good_model() {
  ModelBuilder m;
  const int x = m.input({1, 4}, Q);
  return m.bytes(m.add(Op::RELU, {x}, {1, 4}, Q));
}

/// Operators that nobody compiles, and one with a wrong parameter.
Bytes unsupported_model() {
  ModelBuilder m;
  const int x = m.input({1, 4}, Q);
  m.graph().outputs = {m.add(Op::CUMSUM, {x}, {1, 4}, Q), m.add(Op::LOGISTIC, {x}, {1, 4}, Q),
                       m.add(Op::TOPK_V2, {x}, {1, 4}, Q)};
  return m.bytes();
}

Bytes float_model() {
  ModelBuilder m;
  const int x = m.input({1, 4}, {}, Type::FLOAT32);
  return m.bytes(m.add(Op::RELU, {x}, {1, 4}, {}, {}, Type::FLOAT32));
}

void expect_refused(const Outcome& o, Status status, const std::string& about) {
  EXPECT_EQ(o.status, static_cast<int>(status)) << about << "\n" << o.err;
  EXPECT_EQ(o.out, "") << about;
  EXPECT_TRUE(o.err.starts_with("zkvm: bad input: ")) << o.err;
  for (const std::string& part : {std::string("expected"), std::string("found"), about})
    EXPECT_NE(o.err.find(part), std::string::npos) << "expected " << part << "\nfound " << o.err;
}

/// By both commands, with nothing written.
void expect_no_model(const Workplace& w, const std::string& file, Status status, const std::string& about) {
  const auto before = w.listing();
  expect_refused(w.zkvm("model " + file), status, about);
  expect_refused(w.zkvm("compile " + file + " -o net"), status, about);
  EXPECT_EQ(w.listing(), before) << file;
}

TEST(BadModels, missing_files_and_folders_are_named) {
  const Workplace w;
  ASSERT_EQ(mkdir(w.path("folder").c_str(), 0700), 0);
  expect_no_model(w, "none.tflite", Status::FILE, "none.tflite");
  expect_no_model(w, "folder", Status::FILE, "folder");
}

TEST(BadModels, empty_truncated_and_random_files_are_none) {
  const Workplace w;
  w.put("empty.tflite", Bytes());
  expect_no_model(w, "empty.tflite", Status::MODEL_MALFORMED, "empty.tflite");
  const Bytes good = good_model();
  for (const size_t size : {size_t{1}, size_t{7}, size_t{8}, size_t{40}, good.size() / 2, good.size() - 5}) {
    w.put("short.tflite", Bytes(good.begin(), good.begin() + static_cast<ptrdiff_t>(size)));
    expect_no_model(w, "short.tflite", Status::MODEL_MALFORMED, "short.tflite");
  }
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    Bytes bytes(1000);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
    if (round % 2 == 0) std::copy_n("TFL3", 4, bytes.begin() + 4);
    w.put("random.tflite", bytes);
    expect_no_model(w, "random.tflite", Status::MODEL_MALFORMED, "random.tflite");
  }
}

TEST(BadModels, float_models_are_told_how_to_be_quantised) {
  const Workplace w;
  w.put("float.tflite", float_model());
  expect_no_model(w, "float.tflite", Status::MODEL_UNSUPPORTED, "compute with FLOAT32");
  expect_no_model(w, "float.tflite", Status::MODEL_UNSUPPORTED, "representative_dataset");
}

TEST(BadModels, all_that_is_unsupported_is_listed_at_once_with_layer_operator_and_parameter) {
  const Workplace w;
  w.put("model.tflite", unsupported_model());
  for (const char* part : {"\n  t1 #0 (CUMSUM): expected a supported operator", "\n  t3 #2 (TOPK_V2): expected",
                           "\n  t2 #1 (LOGISTIC): output: expected scale 1/256 and zero point -128, found scale 0.5"})
    expect_no_model(w, "model.tflite", Status::MODEL_UNSUPPORTED, part);
}

TEST(BadModels, as_json_problems_are_a_list) {
  const Workplace w;
  w.put("model.tflite", unsupported_model());
  const Outcome o = w.zkvm("model model.tflite --json");
  EXPECT_EQ(o.status, static_cast<int>(Status::MODEL_UNSUPPORTED));
  const Json object = Json::parse(o.out);
  EXPECT_EQ(object["error"]["status"], o.status);
  ASSERT_EQ(object["problems"].size(), 3U);
  EXPECT_EQ(object["problems"][0]["layer"], "t1 #0");
  EXPECT_EQ(object["problems"][0]["operator"], "CUMSUM");
  EXPECT_NE(object["problems"][0]["problem"].get<std::string>().find("expected"), std::string::npos);
  const Json other = Json::parse(w.zkvm("compile model.tflite -o net --json").out);
  EXPECT_EQ(other["error"]["status"], o.status);
}

TEST(BadFolders, that_cannot_be_written_or_hold_something_else_are_refused_before_anything_is_written) {
  const Workplace w;
  w.put("model.tflite", good_model());
  w.put("file", std::string("text"));
  ASSERT_EQ(mkdir(w.path("folder").c_str(), 0700), 0);
  w.put("folder/mine", std::string("precious"));
  const auto before = w.listing();
  for (const char* folder : {"none/net", "file", "file/net", "folder", "/proc/net-of-mine"}) {
    expect_refused(w.zkvm("compile model.tflite -o " + std::string(folder)), Status::FILE, folder);
    if (std::string(folder) != "/proc/net-of-mine")
      expect_refused(w.zkvm("compile model.tflite --force -o " + std::string(folder)), Status::FILE, folder);
  }
  EXPECT_EQ(w.listing(), before);
  EXPECT_EQ(w.get("folder/mine").size(), 8U);
}

TEST(BadFolders, an_earlier_project_is_replaced_only_by_force_and_files_of_others_stay) {
  const Workplace w;
  w.put("model.tflite", good_model());
  ASSERT_EQ(w.zkvm("compile model.tflite -o net --no-build").status, 0);
  w.put("net/notes", std::string("mine"));
  w.put("net/main.cpp", std::string("edited"));
  expect_refused(w.zkvm("compile model.tflite -o net --no-build"), Status::FILE, "--force");
  EXPECT_EQ(w.get("net/main.cpp").size(), 6U);
  ASSERT_EQ(w.zkvm("compile model.tflite -o net --no-build --force").status, 0);
  EXPECT_GT(w.get("net/main.cpp").size(), 100U);
  EXPECT_EQ(w.get("net/notes").size(), 4U);
}

TEST(BadFolders, a_failing_compiler_leaves_nothing_and_an_earlier_project_as_it_was) {
  const Workplace w;
  w.put("model.tflite", good_model());
  ASSERT_EQ(w.zkvm("compile model.tflite -o old --no-build").status, 0);
  w.put("old/main.cpp", std::string("edited"));
  ASSERT_EQ(w.shell("mkdir -p sdk/bin && printf '#!/bin/sh\\necho no luck >&2; exit 3\\n' >sdk/bin/zkvm-g++ && "
                    "chmod +x sdk/bin/zkvm-g++")
                .status,
            0);
  const auto before = w.listing();
  for (const char* folder : {"new", "old --force"}) {
    const Outcome o = w.shell("ZKVM_SDK=sdk \"$ZKVM\" compile model.tflite -o " + std::string(folder));
    EXPECT_EQ(o.status, static_cast<int>(Status::INTERNAL)) << o.err;
    EXPECT_NE(o.err.find("no luck"), std::string::npos) << o.err;
  }
  EXPECT_EQ(w.listing(), before);
  EXPECT_EQ(w.get("old/main.cpp").size(), 6U);
  expect_refused(w.shell("ZKVM_SDK=nowhere \"$ZKVM\" compile model.tflite -o new"), Status::FILE, "ZKVM_SDK");
  EXPECT_EQ(w.listing(), before);
}

TEST(BadOptions, lists_of_what_is_public_are_checked) {
  const Workplace w;
  w.put("model.tflite", good_model());
  for (const char* list : {"''", "weights", "input,", "input,input,output", "INPUT"}) {
    const Outcome o = w.zkvm("compile model.tflite -o net --no-build --public " + std::string(list));
    EXPECT_EQ(o.status, static_cast<int>(Status::USAGE)) << list << o.err;
  }
  EXPECT_FALSE(w.has("net"));
}

}  // namespace
}  // namespace zkvm::tests
