#include "guest-sdk/compiler/tflite/model.hpp"

#include <algorithm>

namespace zkvm::compiler::tflite {
namespace {

// Bounds of what a file may make us do before anything is known about it. The largest networks that anyone runs on a
// microcontroller have some thousand tensors; files that share one object many times stay cheap.
constexpr unsigned MAX_DEPTH = 16, MAX_TABLES = 1 << 17, MAX_OPERANDS = 256;
constexpr size_t MAX_NAME = 120;

template <class T>
std::span<const T> view(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {reinterpret_cast<const T*>(vector->Data()), vector->size()};
}

/// Names end up in messages and in generated code: printable ASCII, and the first part of the lists that the converter
/// makes when it fuses layers.
std::string printable(const flatbuffers::String* text) {
  if (text == nullptr) return "";
  std::string out(text->c_str(), std::min<size_t>(text->size(), MAX_NAME));
  out = out.substr(0, out.find(';'));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

class Reader {
 public:
  Reader(const format::Model& root, Model& model, std::vector<Problem>& problems)
      : root_(root), model_(model), problems_(problems) {}

  void read() {
    if (root_.version() != 3)
      return add("expected version 3 of the format, found version " + std::to_string(root_.version()));
    const auto* graphs = root_.subgraphs();
    if (graphs == nullptr || graphs->size() != 1)
      return add("expected one subgraph, found " + std::to_string(graphs == nullptr ? 0 : graphs->size()) +
                 ": control flow is not supported");
    const format::SubGraph& graph = *graphs->Get(0);
    const auto* tensors = graph.tensors();
    for (unsigned i = 0; tensors != nullptr && i < tensors->size(); ++i) read_tensor(*tensors->Get(i), i);
    const auto* operators = graph.operators();
    for (unsigned i = 0; operators != nullptr && i < operators->size(); ++i) read_operator(*operators->Get(i), i);
    model_.inputs = borders(graph.inputs(), "input");
    model_.outputs = borders(graph.outputs(), "output");
  }

 private:
  void add(std::string what) { problems_.push_back({"", "", std::move(what)}); }

  void read_tensor(const format::Tensor& from, unsigned number) {
    Tensor t;
    t.name = printable(from.name());
    t.type = from.type();
    t.shape = view(from.shape());
    t.signature = view(from.shape_signature());
    t.is_variable = from.is_variable();
    t.is_sparse = from.sparsity() != nullptr;
    if (const auto* q = from.quantization()) {
      t.scales = view(q->scale());
      if (const auto* z = q->zero_point()) t.zero_points = {reinterpret_cast<const Int64*>(z->Data()), z->size()};
      t.quantized_dimension = q->quantized_dimension();
    }
    const auto* buffers = root_.buffers();
    const unsigned count = buffers == nullptr ? 0 : buffers->size();
    if (from.buffer() < count) {
      const format::Buffer& buffer = *buffers->Get(from.buffer());
      t.data = view(buffer.data());
      if (buffer.offset() > 1 || buffer.size() > 1)
        add("tensor " + std::to_string(number) + ": expected its data in the flatbuffer, found it behind");
    } else if (from.buffer() != 0) {
      add("tensor " + std::to_string(number) + ": expected a buffer below " + std::to_string(count) +
          ", found buffer " + std::to_string(from.buffer()));
    }
    model_.tensors.push_back(std::move(t));
  }

  void read_operator(const format::Operator& from, unsigned number) {
    Operator o;
    o.options = &from;
    o.inputs = view(from.inputs());
    o.outputs = view(from.outputs());
    const std::string where = "operator " + std::to_string(number);
    const auto* codes = root_.operator_codes();
    const unsigned count = codes == nullptr ? 0 : codes->size();
    if (from.opcode_index() >= count) {
      return add(where + ": expected an operator code below " + std::to_string(count) + ", found " +
                 std::to_string(from.opcode_index()));
    }
    const format::OperatorCode& code = *codes->Get(from.opcode_index());
    o.code = std::max(code.builtin_code(), static_cast<format::BuiltinOperator>(code.deprecated_builtin_code()));
    o.type = format::EnumNameBuiltinOperator(o.code);
    if (o.type.empty()) o.type = "operator number " + std::to_string(static_cast<int32_t>(o.code));
    if (o.code == format::BuiltinOperator::CUSTOM) o.type += " (" + printable(code.custom_code()) + ")";
    if (o.inputs.size() > MAX_OPERANDS || o.outputs.size() > MAX_OPERANDS)
      return add(where + ": expected at most " + std::to_string(MAX_OPERANDS) + " inputs and outputs");
    const auto tensors = static_cast<TensorId>(model_.tensors.size());
    const auto bad = [&](TensorId least) { return [=](TensorId t) { return t < least || t >= tensors; }; };
    if (std::any_of(o.inputs.begin(), o.inputs.end(), bad(-1)) ||
        std::any_of(o.outputs.begin(), o.outputs.end(), bad(0)))
      return add(where + ": expected tensors below " + std::to_string(tensors) + ", found one that is not there");
    if (!o.outputs.empty()) o.name = model_.tensor(o.outputs[0]).name;
    if (o.name.empty()) o.name = o.type + "_" + std::to_string(number);
    o.label = o.name + " #" + std::to_string(number);
    model_.operators.push_back(std::move(o));
  }

  std::span<const int32_t> borders(const flatbuffers::Vector<int32_t>* ids, const std::string& kind) {
    const std::span<const int32_t> out = view(ids);
    if (out.empty() || out.size() > MAX_OPERANDS)
      add("expected 1 to " + std::to_string(MAX_OPERANDS) + " " + kind + "s, found " + std::to_string(out.size()));
    for (const int32_t id : out)
      if (id < 0 || static_cast<size_t>(id) >= model_.tensors.size()) {
        add("an " + kind + ": expected a tensor below " + std::to_string(model_.tensors.size()) + ", found " +
            std::to_string(id));
        break;
      }
    return out;
  }

  const format::Model& root_;
  Model& model_;
  std::vector<Problem>& problems_;
};

}  // namespace

std::string name_of(format::TensorType type) {
  const std::string name = format::EnumNameTensorType(type);
  return name.empty() ? "type " + std::to_string(static_cast<int>(type)) : name;
}

std::optional<Model> read_model(std::span<const uint8_t> file, std::vector<Problem>& problems) {
  const size_t before = problems.size();
  if (file.size() < 8 || !std::equal(file.begin() + 4, file.begin() + 8, format::ModelIdentifier())) {
    problems.push_back({"", "", "expected a TensorFlow Lite model, with TFL3 at byte 4, found something else"});
    return std::nullopt;
  }
  if (file.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    problems.push_back({"", "", "expected a file below 2 GB, found " + std::to_string(file.size()) + " bytes"});
    return std::nullopt;
  }
  Model model;
  model.file.assign(file.begin(), file.end());  // aligned for everything in it
  flatbuffers::Verifier verifier(model.file.data(), model.file.size(), MAX_DEPTH, MAX_TABLES);
  if (!format::VerifyModelBuffer(verifier)) {
    problems.push_back({"", "", "expected a whole TensorFlow Lite model, found a damaged or truncated one"});
    return std::nullopt;
  }
  Reader(*format::GetModel(model.file.data()), model, problems).read();
  if (problems.size() != before) return std::nullopt;
  return model;
}

}  // namespace zkvm::compiler::tflite
