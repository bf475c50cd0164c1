#include "guest-sdk/compiler/onnx/importer.hpp"

#include <algorithm>
#include <unordered_set>

namespace zkvm::compiler::onnx {
namespace {

bool is_quantised_operator(const Operator& op) {
  const std::string& t = op.type;
  return t.starts_with("QLinear") || t == "QGemm" || t == "QuantizeLinear" || t == "DequantizeLinear" ||
         t == "MatMulInteger" || t == "ConvInteger" || t == "DynamicQuantizeLinear";
}

/// Operators that only move elements: what quantises an input may be behind them.
bool only_moves(const std::string& type) {
  static const std::set<std::string> TYPES{"Identity", "Dropout",   "Reshape",   "Flatten",
                                           "Squeeze",  "Unsqueeze", "Transpose", "MaxPool"};
  return TYPES.contains(type);
}

Import find(const Operator& op) {
  if (op.domain != "" && op.domain != "com.microsoft") return nullptr;
  const bool microsoft = op.domain == "com.microsoft";
  for (const auto lookup : {find_quantise, find_linear, find_elementwise, find_window, find_movement})
    if (const Import import = lookup(op.type, microsoft)) return import;
  return nullptr;
}

/// Why an operator is not there, where there is more to say than that.
std::string reason(const std::string& type) {
  if (type == "BatchNormalization")
    return "expected it folded into the convolution before it: run onnxruntime.quantization.preprocess before "
           "quantising";
  return "this operator is not supported";
}

}  // namespace

ValueId Importer::emit(Node node, Shape shape, const std::string& name, nn::Quantization quantization) {
  const auto id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({name, shape, quantization});
  node.output = id;
  graph.nodes.push_back(std::move(node));
  return id;
}

bool Importer::afford(int64_t bytes) {
  memory_ = std::min(memory_ + bytes, MAX_MEMORY + 1);
  return memory_ <= MAX_MEMORY;
}

void Importer::learn(ValueId value, const Parameters& parameters) {
  if (unknown_.erase(value) > 0) graph.values[static_cast<size_t>(value)].quantization = parameters.quantization();
}

ValueId Importer::reshape(ValueId value, Shape to, const std::string& name) {
  const Value& v = graph.value(value);
  if (v.shape == to) return value;
  return emit({name + "/reshape", "Reshape", {value}, -1, Reshape{}}, to, name, v.quantization);
}

ValueId Importer::arrange(ValueId value, const Layout& from, const Layout& to, const std::string& name) {
  const Transpose t = turn(from, to);
  const Shape shape = to.shape();
  int last = -1;
  bool same_order = true;  // of the axes that are not 1
  const Shape in = graph.value(value).shape;
  const int32_t sizes[] = {in.h, in.w, in.c};
  for (const int32_t axis : t.order) {
    if (sizes[axis] == 1) continue;
    same_order = same_order && axis > last;
    last = axis;
  }
  if (same_order) return reshape(value, shape, name);
  const std::array<int32_t, 8> key{value, t.order[0], t.order[1], t.order[2]};
  for (const auto& [made, id] : turned_)
    if (made == key) return id;
  const ValueId id =
      emit({name + "/transpose", "Transpose", {value}, -1, t}, shape, name, graph.value(value).quantization);
  turned_.emplace_back(key, id);
  return id;
}

const Operator* Importer::quantiser_of(const std::string& tensor, bool& turned, std::string& wrong) const {
  std::unordered_set<std::string> reached{tensor};
  std::vector<const Operator*> found;
  bool first = true;
  for (const Operator& op : model_.operators) {  // every operator stands after those that it reads
    if (op.inputs.empty() || !reached.contains(op.inputs[0])) continue;
    if (op.type == "Transpose" && first) {
      const auto perm = op.attributes.find("perm");
      turned = perm != op.attributes.end() && perm->second.integers == std::vector<int64_t>{0, 3, 1, 2};
    }
    if (op.type == "QuantizeLinear") {
      found.push_back(&op);
      if (!op.outputs.empty() && first) reached.insert(op.outputs[0]);  // to see a Transpose behind it
    } else if (op.type == "DequantizeLinear" || only_moves(op.type)) {
      first = first && op.type == "DequantizeLinear";
      if (!op.outputs.empty()) reached.insert(op.outputs[0]);
    } else if (wrong.empty() && found.empty()) {
      wrong = op.name + " (" + op.type + ")";
    }
  }
  return found.empty() ? nullptr : found.front();
}

void Importer::add_input(const Input& input) {
  const auto problem = [&](const std::string& what) {
    problems.push_back({"", "", "input " + input.name + ": " + what});
    items_[input.name] = Broken{};
  };
  if (!input.has_shape) return problem("expected a shape, found none");
  std::vector<int64_t> dims = input.dims;
  int64_t elements = 1;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == -1 && d == 0) dims[d] = 1;  // the batch
    if (dims[d] < 1 || dims.size() > 16 || (elements *= std::min(dims[d], MAX_ELEMENTS + 1)) > MAX_ELEMENTS)
      return problem(
          "expected fixed sizes but for the batch, and at most 2^27 elements, found " + text(dims) +
          (dims[d] == -1 ? ", -1 standing for " + (input.parameter[d].empty() ? "any size" : input.parameter[d]) : ""));
  }
  Activation a;
  a.layout = linear_layout(dims);
  if (!a.layout.representable())
    return problem("expected a batch of 1 and at most three dimensions that are not 1, found " + text(dims));
  a.type = input.type;
  bool turned = false;
  std::string wrong;
  const Operator* quantiser = quantiser_of(input.name, turned, wrong);
  if (input.type == Type::FLOAT) {
    if (quantiser == nullptr)
      return problem("it is float; expected QuantizeLinear behind it" + (wrong.empty() ? "" : ", found " + wrong));
    try {
      a.parameters = Call(*this, *quantiser).parameters(1, 2, Type::OTHER);
    } catch (const Refused&) {
      items_[input.name] = Broken{};
      return;
    }
    a.is_affine = true;
    for (int q = -128; q < 128; ++q) a.reals[static_cast<uint8_t>(q)] = a.parameters.real(static_cast<int8_t>(q));
  } else if (input.type != Type::INT8 && input.type != Type::UINT8) {
    return problem("expected float, int8 or uint8, found " + text(input.type));
  }
  if (dims.size() == 4 && !turned) {
    const Layout image = image_layout(dims);
    if (dims[0] == 1 && image.is_linear()) a.layout = image;  // one channel, or one pixel
  }
  a.value = static_cast<ValueId>(graph.values.size());
  const bool is_unsigned = (input.type == Type::FLOAT ? a.parameters.type : input.type) == Type::UINT8;
  graph.values.push_back({input.name, a.layout.shape(), a.parameters.quantization()});
  if (input.type != Type::FLOAT) unknown_.insert(a.value);
  graph.inputs.push_back({a.value, input.name, dims, is_unsigned, dims.size() == 4 && !turned});
  items_[input.name] = a;
}

void Importer::add_output(const std::string& name) {
  const auto found = items_.find(name);
  const auto problem = [&](const std::string& what) { problems.push_back({"", "", "output " + name + ": " + what}); };
  if (found == items_.end()) return problem("nothing computes it");
  if (std::holds_alternative<Broken>(found->second)) return;
  static const Operator BORDER{"output", "", "", {}, {}, {}};
  Call call(*this, BORDER);
  Activation a;
  const auto unit = [&](Type type) { return Parameters{1.0F / 256, type == Type::UINT8 ? 0 : -128, type}; };
  try {
    if (const auto* direct = std::get_if<Activation>(&found->second)) {
      a = *direct;
      if (a.type == Type::FLOAT && !a.is_affine) {
        const bool probabilities =
            std::all_of(a.reals.begin(), a.reals.end(), [](float x) { return x >= 0 && x <= 1; });
        if (!probabilities) return problem("it is float after " + a.function + "; expected QuantizeLinear before it");
        a = call.quantise(a, unit(a.parameters.type), name);
      } else if (a.type == Type::FLOAT) {
        a.type = a.parameters.type;
      }
    } else if (const auto* softmax = std::get_if<Distribution>(&found->second)) {
      a = call.quantise(*softmax, unit(softmax->logits.parameters.type), name);
    } else {
      return problem(
          "it is a constant or has not been quantised; expected QuantizeLinear (and DequantizeLinear) before it");
    }
    const Layout linear = linear_layout(a.layout.dims);
    const ValueId value = a.layout.is_linear() ? a.value : arrange(a.value, a.layout, linear, name);
    graph.outputs.push_back({value, name, a.layout.dims, a.type == Type::UINT8, a.layout.dims.size() == 4});
  } catch (const Refused&) {
  }
}

void Importer::add_operator(const Operator& op) {
  const auto keep = [&](const std::string& name, Item item) {
    if (name.empty()) return;
    if (!items_.emplace(name, std::move(item)).second)
      problems.push_back({op.name, op.type, "its output " + name + " is there twice"});
  };
  Item item = Broken{};
  Call call(*this, op);
  try {
    if (const Import import = find(op)) {
      for (const std::string& name : op.inputs)
        if (!name.empty() && !items_.contains(name)) call.refuse("its input " + name + " is not computed before it");
      if (op.outputs.empty()) call.refuse("expected an output");
      item = import(call);
      call.finish();
    } else {
      call.refuse(reason(op.type) +
                  (op.domain.empty() || op.domain == "com.microsoft" ? "" : " (domain " + op.domain + ")"));
    }
  } catch (const Refused&) {
    item = Broken{};
  }
  // Further outputs, such as masks, are never there.
  const bool is_broken = std::holds_alternative<Broken>(item);
  for (size_t i = 1; is_broken && i < op.outputs.size(); ++i) keep(op.outputs[i], Broken{});
  if (!op.outputs.empty()) keep(op.outputs[0], std::move(item));
}

std::vector<const Operator*> Importer::needed_operators() const {
  std::unordered_set<std::string> needed(model_.outputs.begin(), model_.outputs.end());
  std::vector<const Operator*> operators;
  for (auto op = model_.operators.rbegin(); op != model_.operators.rend(); ++op) {
    if (std::none_of(op->outputs.begin(), op->outputs.end(), [&](const auto& o) { return needed.contains(o); }))
      continue;
    operators.push_back(&*op);
    needed.insert(op->inputs.begin(), op->inputs.end());
  }
  std::reverse(operators.begin(), operators.end());
  return operators;
}

void Importer::prune() {
  std::vector<bool> needed(graph.values.size(), false);
  const auto mark = [&](ValueId id) { needed[static_cast<size_t>(id)] = true; };
  for (const Border& b : graph.inputs) mark(b.value);
  for (const Border& b : graph.outputs) mark(b.value);
  for (auto n = graph.nodes.rbegin(); n != graph.nodes.rend(); ++n)
    if (needed[static_cast<size_t>(n->output)])
      for (const ValueId id : n->inputs) mark(id);
  std::vector<ValueId> renamed(graph.values.size(), -1);
  std::vector<Value> values;
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    renamed[i] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph.values[i]));
  }
  const auto rename = [&](ValueId& id) { id = renamed[static_cast<size_t>(id)]; };
  std::erase_if(graph.nodes, [&](const Node& n) { return !needed[static_cast<size_t>(n.output)]; });
  for (Node& n : graph.nodes) {
    for (ValueId& id : n.inputs) rename(id);
    rename(n.output);
  }
  for (Border& b : graph.inputs) rename(b.value);
  for (Border& b : graph.outputs) rename(b.value);
  graph.values = std::move(values);
}

void Importer::run() {
  const std::vector<const Operator*> operators = needed_operators();
  const bool integers = std::any_of(model_.inputs.begin(), model_.inputs.end(),
                                    [](const Input& i) { return i.type == Type::INT8 || i.type == Type::UINT8; });
  if (!integers &&
      std::none_of(operators.begin(), operators.end(), [](const auto* op) { return is_quantised_operator(*op); })) {
    problems.push_back(
        {"", "",
         "the model is not quantised; expected int8 or uint8 with QuantizeLinear and DequantizeLinear or QLinear "
         "operators. To quantise it: onnxruntime.quantization.quantize_static(model, output, calibration_data_reader, "
         "quant_format=QuantFormat.QDQ or QOperator, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8)"});
    return;
  }
  const auto dynamic = std::count_if(operators.begin(), operators.end(),
                                     [](const Operator* op) { return op->type == "DynamicQuantizeLinear"; });
  if (dynamic > 0) {
    problems.push_back({"", "",
                        "the scales of " + std::to_string(dynamic) +
                            " tensors depend on the input (DynamicQuantizeLinear), but a guest's are fixed; expected a "
                            "statically quantised model: onnxruntime.quantization.quantize_static with calibration "
                            "data instead of quantize_dynamic"});
    return;
  }
  if (model_.outputs.empty()) problems.push_back({"", "", "expected an output, found none"});
  for (const auto& [name, tensor] : model_.constants) items_[name] = std::make_shared<const Tensor>(tensor);
  for (const Input& input : model_.inputs) add_input(input);
  for (const Operator* op : operators) add_operator(*op);
  for (const std::string& output : model_.outputs) add_output(output);
  if (problems.empty()) prune();
}

}  // namespace zkvm::compiler::onnx
