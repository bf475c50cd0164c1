#include "vm/cli/borders.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "guest-sdk/compiler/borders/output.hpp"
#include "vm/cli/files.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::vm::cli {
namespace {

using compiler::TensorInfo;
using Json = nlohmann::ordered_json;

constexpr size_t SHOWN_VALUES = 8, SHOWN_CLASSES = 5;
constexpr uint64_t MAX_LABELS_BYTES = 16 << 20;

/// The option that makes no sense without a model, if there is one.
const char* needs_model(const BorderOptions& o) {
  return !o.labels.empty()      ? "--labels"
         : !o.salt.empty()      ? "--salt"
         : o.resize             ? "--resize"
         : !o.mean.empty()      ? "--mean"
         : !o.deviation.empty() ? "--std"
                                : nullptr;
}

std::string number(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", static_cast<double>(value));
  return text;
}

std::string name_of(const TensorInfo& t) {
  const std::string name = compiler::printable(t.name);
  return (name.empty() ? "" : name + ", ") + compiler::describe(t);
}

std::vector<std::string> read_labels(const compiler::ModelInfo& info, const std::string& path) {
  const auto file = read_file(path, "labels", MAX_LABELS_BYTES);
  std::string error;
  auto labels = compiler::read_labels(file, error);
  if (!labels) throw Failure(Status::MODEL_INPUT, "the labels '" + path + "': " + error);
  std::string outputs;
  for (const TensorInfo& t : info.outputs) {
    if (t.elements() == static_cast<int64_t>(labels->size())) return std::move(*labels);
    outputs += (outputs.empty() ? "" : " or ") + std::to_string(t.elements());
  }
  throw Failure(Status::MODEL_INPUT, "the labels '" + path + "': expected " + outputs +
                                         ", one for each element of the model's output, found " +
                                         std::to_string(labels->size()));
}

/// Calls body(tensor, its values) for the outputs in a journal that shows them.
template <class Body>
void for_each_output(const Model& model, std::span<const uint8_t> elements, Body&& body) {
  for (const TensorInfo& t : model.info.outputs) {
    const auto size = static_cast<size_t>(t.elements());
    body(t, compiler::dequantise(t, elements.first(size)));
    elements = elements.subspan(size);
  }
}

bool labelled(const Model& model, std::span<const float> values) {
  return !model.labels.empty() && model.labels.size() == values.size();
}

std::string length_text(const Model& model) {
  const auto& info = model.info;
  const auto output = info.disclosure.output ? static_cast<size_t>(info.output_bytes()) : compiler::DIGEST_BYTES;
  return std::to_string(output + compiler::DIGEST_BYTES) + " bytes";
}

const char* digest_name(bool is_public, bool of_input) {
  if (of_input) return is_public ? "SHA-256(input)" : "SHA-256(salt, input)";
  return is_public ? "SHA-256(output)" : "SHA-256(salt, output)";
}

}  // namespace

std::optional<Model> find_model(const Program& program, const BorderOptions& options) {
  std::string error = "found one without";
  std::optional<compiler::ModelInfo> info;
  if (!program.model.empty()) {
    info = compiler::parse_model_info(program.model, error);
    if (!info) error = "found a damaged one: " + error;
  }
  if (!info) {
    if (const char* option = needs_model(options))
      throw Failure(Status::USAGE, std::string(option) +
                                       ": expected a guest with a description of its model, as zkvm compile makes "
                                       "them, " +
                                       error);
    return std::nullopt;
  }
  Model model{std::move(*info), {}};
  if (!options.labels.empty()) {
    if (!model.info.disclosure.output)
      throw Failure(Status::USAGE, "--labels: expected a model whose output is public, found one that hides it");
    model.labels = read_labels(model.info, options.labels);
  }
  return model;
}

compiler::PrivateInput read_tensors(const Model& model, std::span<const std::string> paths,
                                    const BorderOptions& options) {
  std::vector<compiler::InputFile> files;
  uint64_t left = MAX_INPUT_BYTES;
  for (const std::string& path : paths) {
    files.push_back({path, read_file(path, "input", left)});
    left -= files.back().bytes.size();
  }
  std::string error;
  auto input = compiler::read_input(model.info, files, {options.resize, options.mean, options.deviation}, error);
  if (!input) throw Failure(Status::MODEL_INPUT, "the model's input: " + error);
  if (options.salt.empty()) return std::move(*input);
  if (model.info.disclosure.salt_bytes() == 0)
    throw Failure(Status::USAGE, "--salt: expected a model that hides its input or output, found one that shows both");
  if (input->salt)
    throw Failure(Status::USAGE, "--salt: expected an input without a salt, found one with the salt behind it");
  // 64 hexadecimal digits, as for an image ID.
  const auto salt = parse_image_id(options.salt);
  if (!salt)
    throw Failure(Status::USAGE, "--salt: expected 64 hexadecimal digits, found " +
                                     std::to_string(options.salt.size()) + " characters");
  std::copy_n(salt->bytes.begin(), input->salt.emplace().size(), input->salt->begin());
  return std::move(*input);
}

compiler::Salt draw_salt() {
  compiler::Salt salt;
  for (size_t got = 0; got < salt.size();) {
    const ssize_t n = getrandom(salt.data() + got, salt.size() - got, 0);
    if (n < 0 && errno != EINTR) throw Failure(Status::INTERNAL, "expected random bytes for a salt, found none");
    if (n > 0) got += static_cast<size_t>(n);
  }
  return salt;
}

Lines describe_journal(const Model& model, std::span<const uint8_t> journal) {
  const auto& disclosure = model.info.disclosure;
  const auto parts = compiler::split_journal(model.info, journal);
  if (!parts)
    return {{"model", "expected a journal of " + length_text(model) + " from " + compiler::printable(model.info.name) +
                          ", found " + std::to_string(journal.size())}};
  Lines lines;
  if (disclosure.output) {
    for_each_output(model, parts->output, [&](const TensorInfo& t, const std::vector<float>& values) {
      std::string text = name_of(t) + ":";
      for (size_t i = 0; i < std::min(values.size(), SHOWN_VALUES); ++i) text += " " + number(values[i]);
      lines.emplace_back("output", text + (values.size() > SHOWN_VALUES ? " ..." : ""));
      if (!labelled(model, values)) return;
      text.clear();
      for (const size_t i : compiler::largest(values, SHOWN_CLASSES))
        text += (text.empty() ? "" : ", ") + model.labels[i] + " " + number(values[i]);
      lines.emplace_back("classes", text);
    });
  } else {
    lines.emplace_back("output", std::string("hidden: ") + digest_name(false, false) + " " + to_hex(parts->output));
  }
  lines.emplace_back("input", std::string(digest_name(disclosure.input, true)) + " " + to_hex(parts->input));
  return lines;
}

Json journal_object(const Model& model, std::span<const uint8_t> journal) {
  const auto& disclosure = model.info.disclosure;
  Json object{{"name", model.info.name}, {"format", model.info.format}};
  object["public"] = Json::array();
  if (disclosure.input) object["public"].push_back("input");
  if (disclosure.output) object["public"].push_back("output");
  // Every field is there for every model, null where it does not apply.
  for (const char* field : {"input_digest", "input_commitment", "output_commitment", "outputs"})
    object[field] = nullptr;
  const auto parts = compiler::split_journal(model.info, journal);
  if (!parts) return object;
  object[disclosure.input ? "input_digest" : "input_commitment"] = to_hex(parts->input);
  if (!disclosure.output) {
    object["output_commitment"] = to_hex(parts->output);
    return object;
  }
  object["outputs"] = Json::array();
  for_each_output(model, parts->output, [&](const TensorInfo& t, const std::vector<float>& values) {
    Json output{{"name", t.name}, {"shape", t.shape}, {"type", t.is_unsigned ? "uint8" : "int8"}, {"values", values}};
    output["classes"] = nullptr;
    if (labelled(model, values)) {
      output["classes"] = Json::array();
      for (const size_t i : compiler::largest(values, SHOWN_CLASSES))
        output["classes"].push_back({{"index", i}, {"label", model.labels[i]}, {"value", values[i]}});
    }
    object["outputs"].push_back(std::move(output));
  });
  return object;
}

std::string require_opening(const Model& model, std::span<const uint8_t> journal, const compiler::PrivateInput& input,
                            const std::string& files) {
  const bool is_public = model.info.disclosure.input;
  const auto parts = compiler::split_journal(model.info, journal);
  if (!parts)
    throw Failure(Status::OPENING, "expected a journal of " + length_text(model) + " to open, found " +
                                       std::to_string(journal.size()) + " bytes");
  const auto digest = compiler::digest(input.tensors, is_public ? std::nullopt : input.salt);
  if (!std::equal(digest.begin(), digest.end(), parts->input.begin(), parts->input.end()))
    throw Failure(Status::OPENING, files + " is not the input of this receipt: expected " +
                                       digest_name(is_public, true) + " " + to_hex(parts->input) + ", found " +
                                       to_hex(digest));
  return files + " is the input: its " + digest_name(is_public, true) + " is the journal's";
}

}  // namespace zkvm::vm::cli
