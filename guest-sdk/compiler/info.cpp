#include "guest-sdk/compiler/info.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace zkvm::compiler {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t MAX_ELEMENTS = int64_t{1} << 27;
constexpr size_t MAX_RANK = 8, MAX_TENSORS = 64;

int64_t sum(const std::vector<TensorInfo>& tensors) {
  int64_t bytes = 0;
  for (const TensorInfo& t : tensors) bytes += t.elements();
  return bytes;
}

std::vector<TensorInfo> tensors_of(const Graph& graph, const std::vector<Border>& borders) {
  std::vector<TensorInfo> tensors;
  for (const Border& b : borders) {
    const Value& v = graph.value(b.value);
    tensors.push_back({b.name, b.shape, b.is_unsigned, v.quantization.scale,
                       v.quantization.zero_point + (b.is_unsigned ? 128 : 0), b.channels_first});
  }
  return tensors;
}

Json to_object(const std::vector<TensorInfo>& tensors) {
  Json list = Json::array();
  for (const TensorInfo& t : tensors)
    list.push_back({{"name", t.name},
                    {"shape", t.shape},
                    {"type", t.is_unsigned ? "uint8" : "int8"},
                    {"scale", t.scale},
                    {"zero_point", t.zero_point},
                    {"layout", t.channels_first ? "channels first" : "channels last"}});
  return list;
}

/// Carries what is wrong out of the parser below.
struct Wrong {
  std::string what;
};

const Json& field(const Json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end()) throw Wrong{std::string("expected a field \"") + name + "\", found none"};
  return *at;
}
std::string text(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_string()) throw Wrong{std::string(name) + ": expected a text, found " + value.type_name()};
  return value.get<std::string>();
}
/// One of two words: whether it is the first.
bool is_first(const Json& object, const char* name, const std::string& first, const std::string& second) {
  const std::string word = text(object, name);
  if (word != first && word != second)
    throw Wrong{std::string(name) + ": expected \"" + first + "\" or \"" + second + "\", found \"" + word + "\""};
  return word == first;
}

TensorInfo parse_tensor(const Json& object) {
  if (!object.is_object()) throw Wrong{std::string("expected an object for a tensor, found ") + object.type_name()};
  TensorInfo t;
  t.name = text(object, "name");
  const Json& shape = field(object, "shape");
  if (!shape.is_array() || shape.size() > MAX_RANK) throw Wrong{"shape: expected a list of at most 8 sizes"};
  int64_t elements = 1;
  for (const Json& size : shape) {
    if (!size.is_number_integer() || size < 1 || size > MAX_ELEMENTS ||
        (elements *= size.get<int64_t>()) > MAX_ELEMENTS)
      throw Wrong{"shape: expected sizes of at least 1 with a product of at most 2^27, found " + shape.dump()};
    t.shape.push_back(size.get<int64_t>());
  }
  t.is_unsigned = is_first(object, "type", "uint8", "int8");
  t.channels_first = is_first(object, "layout", "channels first", "channels last");
  const Json &scale = field(object, "scale"), &zero_point = field(object, "zero_point");
  if (!scale.is_number() || !(scale.get<float>() > 0) || !std::isfinite(scale.get<float>()))
    throw Wrong{"scale: expected a number above 0, found " + scale.dump()};
  t.scale = scale.get<float>();
  const int32_t lowest = t.is_unsigned ? 0 : -128;
  if (!zero_point.is_number_integer() || zero_point < lowest || zero_point > lowest + 255)
    throw Wrong{"zero_point: expected an element, found " + zero_point.dump()};
  t.zero_point = zero_point.get<int32_t>();
  return t;
}

std::vector<TensorInfo> parse_tensors(const Json& object, const char* name) {
  const Json& list = field(object, name);
  if (!list.is_array() || list.empty() || list.size() > MAX_TENSORS)
    throw Wrong{std::string(name) + ": expected a list of 1 to 64 tensors"};
  std::vector<TensorInfo> tensors;
  for (const Json& tensor : list) tensors.push_back(parse_tensor(tensor));
  if (sum(tensors) > MAX_ELEMENTS) throw Wrong{std::string(name) + ": expected at most 2^27 elements in all"};
  return tensors;
}

ModelInfo parse(const Json& object) {
  if (!object.is_object()) throw Wrong{"expected a JSON object"};
  if (const Json& version = field(object, "zkvm_model"); version != 1)
    throw Wrong{"zkvm_model: expected version 1, found " + version.dump()};
  ModelInfo info;
  info.name = text(object, "name");
  info.format = text(object, "format");
  info.inputs = parse_tensors(object, "inputs");
  info.outputs = parse_tensors(object, "outputs");
  const Json& disclosed = field(object, "public");
  if (!disclosed.is_array()) throw Wrong{"public: expected a list"};
  info.disclosure = {false, false};
  for (const Json& what : disclosed) {
    if (what != "input" && what != "output")
      throw Wrong{"public: expected \"input\" or \"output\", found " + what.dump()};
    (what == "input" ? info.disclosure.input : info.disclosure.output) = true;
  }
  return info;
}

}  // namespace

int64_t TensorInfo::elements() const {
  int64_t n = 1;
  for (const int64_t size : shape) n *= size;
  return n;
}
int64_t ModelInfo::input_bytes() const { return sum(inputs); }
int64_t ModelInfo::output_bytes() const { return sum(outputs); }

ModelInfo describe(const Graph& graph, Disclosure disclosure) {
  return {graph.name, graph.format, tensors_of(graph, graph.inputs), tensors_of(graph, graph.outputs), disclosure};
}

std::string to_json(const ModelInfo& info) {
  Json disclosed = Json::array();
  if (info.disclosure.input) disclosed.push_back("input");
  if (info.disclosure.output) disclosed.push_back("output");
  const Json object{{"zkvm_model", 1},
                    {"name", info.name},
                    {"format", info.format},
                    {"inputs", to_object(info.inputs)},
                    {"outputs", to_object(info.outputs)},
                    {"public", disclosed}};
  // Names come from files: what is not UTF-8 in them is replaced.
  return object.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::optional<ModelInfo> parse_model_info(std::string_view json, std::string& error) {
  // Nesting as deep as the text is long would end in the parser's stack; a description has four levels.
  int depth = 0, deepest = 0;
  for (const char c : json) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  if (deepest > 64) {
    error = "expected a description of a model, found deeply nested text";
    return std::nullopt;
  }
  try {
    const Json object = Json::parse(json, nullptr, false);
    if (object.is_discarded()) throw Wrong{"expected JSON, found something else"};
    return parse(object);
  } catch (const Wrong& wrong) {
    error = wrong.what;
  } catch (const Json::exception& e) {
    error = e.what();
  }
  return std::nullopt;
}

std::optional<JournalParts> split_journal(const ModelInfo& info, std::span<const uint8_t> journal) {
  const size_t output = info.disclosure.output ? static_cast<size_t>(info.output_bytes()) : DIGEST_BYTES;
  if (journal.size() != output + DIGEST_BYTES) return std::nullopt;
  return JournalParts{journal.first(output), journal.subspan(output)};
}

}  // namespace zkvm::compiler
