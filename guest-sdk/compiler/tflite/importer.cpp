#include "guest-sdk/compiler/tflite/importer.hpp"

#include <algorithm>

namespace zkvm::compiler::tflite {
namespace {

using Converter = void (*)(Layer&);

bool is_reshape(format::BuiltinOperator code) {
  using enum format::BuiltinOperator;
  return code == RESHAPE || code == EXPAND_DIMS || code == SQUEEZE;
}

/// The converter of an operator, or null.
Converter converter_of(format::BuiltinOperator code) {
  using enum format::BuiltinOperator;
  switch (code) {
    case CONV_2D:
      return convert_conv;
    case DEPTHWISE_CONV_2D:
      return convert_depthwise_conv;
    case FULLY_CONNECTED:
      return convert_fully_connected;
    case MEAN:
      return convert_mean;
    case ADD:
      return convert_add;
    case SUB:
      return convert_sub;
    case MUL:
      return convert_mul;
    case RELU:
    case RELU6:
    case RELU_N1_TO_1:
    case LEAKY_RELU:
    case HARD_SWISH:
    case LOGISTIC:
    case TANH:
      return convert_activation;
    case QUANTIZE:
      return convert_quantize;
    case AVERAGE_POOL_2D:
    case MAX_POOL_2D:
      return convert_pool;
    case SOFTMAX:
      return convert_softmax;
    case RESHAPE:
    case EXPAND_DIMS:
    case SQUEEZE:
      return convert_reshape;
    case CONCATENATION:
      return convert_concatenation;
    case PAD:
    case PADV2:
      return convert_pad;
    case TRANSPOSE:
      return convert_transpose;
    default:
      return nullptr;
  }
}

/// Types of activations that a converter or an older quantiser leaves, which have nothing to do here.
bool is_foreign(format::TensorType type) {
  using enum format::TensorType;
  return type == FLOAT32 || type == FLOAT16 || type == BFLOAT16 || type == FLOAT64 || type == INT16 || type == UINT8;
}
bool is_byte(format::TensorType type) { return type == format::TensorType::INT8 || type == format::TensorType::UINT8; }

}  // namespace

ValueId Importer::add_value(const std::string& name, Shape shape, std::optional<nn::Quantization> quantization) {
  out.graph.values.push_back({name, shape, quantization.value_or(nn::Quantization{})});
  return static_cast<ValueId>(out.graph.values.size()) - 1;
}

void Importer::add_node(const std::string& name, const std::string& type, std::vector<ValueId> inputs, ValueId output,
                        Operation operation) {
  out.graph.nodes.push_back({name, type, std::move(inputs), output, std::move(operation)});
}

bool Importer::room_for(int64_t bytes) {
  if (room_ < 0) return false;  // reported already
  room_ = bytes > room_ ? -1 : room_ - bytes;
  if (room_ < 0)
    out.problems.push_back({"", "", "weights and constants: expected at most 2^28 bytes in all, found more"});
  return room_ >= 0;
}

std::span<const uint8_t> Importer::constant_data(TensorId id) const {
  while (model.tensor(id).data.empty() && same_as[static_cast<size_t>(id)] >= 0) id = same_as[static_cast<size_t>(id)];
  return model.tensor(id).data;
}

/// What the outputs do not depend on may be anything, such as the computation of shapes that the tensors have anyway.
void Importer::find_needed() {
  needed_.assign(model.operators.size(), false);
  std::vector<bool> read(model.tensors.size(), false);
  for (const TensorId id : model.outputs) read[static_cast<size_t>(id)] = true;
  for (size_t k = model.operators.size(); k-- > 0;) {
    const Operator& op = model.operators[k];
    needed_[k] =
        std::any_of(op.outputs.begin(), op.outputs.end(), [&](TensorId t) { return read[static_cast<size_t>(t)]; });
    if (!needed_[k]) continue;
    for (const TensorId id : is_reshape(op.code) ? op.inputs.first(std::min<size_t>(1, op.inputs.size())) : op.inputs)
      if (id >= 0) read[static_cast<size_t>(id)] = true;
  }
}

void Importer::import_input(TensorId id) {
  const Tensor& t = model.tensor(id);
  const std::string where = "input " + t.name + ": ";
  const auto problem = [&](const std::string& what) {
    failed[static_cast<size_t>(id)] = true;
    out.problems.push_back({"", "", where + what});
  };
  if (std::count(model.inputs.begin(), model.inputs.end(), id) != 1) return problem("expected it once, found it twice");
  if (!t.data.empty() || t.is_variable) return problem("expected no data and no state");
  for (size_t i = 1; i < t.signature.size(); ++i)
    if (t.signature[i] < 0)
      return problem("expected a fixed shape (but for the batch), found " + text(t.signature) +
                     ": convert the model with a fixed input shape");
  std::string wrong;
  const std::optional<Shape> shape = shape_of(t, wrong);
  if (!shape) return problem(wrong);

  // A float input is quantised first: then the quantised tensor is the network's input.
  TensorId from = id;
  std::vector<size_t> quantisers;
  for (size_t k = 0; k < model.operators.size(); ++k) {
    const Operator& op = model.operators[k];
    if (needed_[k] && op.code == format::BuiltinOperator::QUANTIZE && op.inputs.size() == 1 && op.inputs[0] == id &&
        op.outputs.size() == 1)
      quantisers.push_back(k);
  }
  if (t.type == format::TensorType::FLOAT32 && !quantisers.empty()) from = model.operators[quantisers[0]].outputs[0];
  const Tensor& quantised = model.tensor(from);
  const std::optional<nn::Quantization> q = quantization_of(quantised);
  const bool scaled = from == id ? q.has_value() || quantised.scales.empty() : q.has_value();
  if (!is_byte(quantised.type) || (from != id && quantised.type != format::TensorType::INT8)) {
    failed[static_cast<size_t>(id)] = true;
    input_types_.push_back(name_of(quantised.type));
    return;
  }
  if (!scaled) return problem("quantisation: expected one scale above 0 and one zero point of its type");
  const ValueId value = add_value(t.name, *shape, q);
  out.graph.inputs.push_back(
      {value, t.name, {t.shape.begin(), t.shape.end()}, quantised.type == format::TensorType::UINT8, false});
  if (from == id) {
    values[static_cast<size_t>(id)] = value;
    return;
  }
  failed[static_cast<size_t>(id)] = true;  // for layers that read the float
  for (const size_t k : quantisers) {
    const TensorId to = model.operators[k].outputs[0];
    const std::optional<nn::Quantization> other = quantization_of(model.tensor(to));
    const Tensor& target = model.tensor(to);
    if (!other || other->scale != q->scale || other->zero_point != q->zero_point || target.type != quantised.type)
      return problem("expected it to be quantised in one way, found several");
    if (!std::equal(target.shape.begin(), target.shape.end(), t.shape.begin(), t.shape.end()) || !target.data.empty() ||
        values[static_cast<size_t>(to)] >= 0)
      return problem("expected its quantised form to have its shape " + text(t.shape) + " and no other source");
    values[static_cast<size_t>(to)] = value;
    done_[k] = true;
  }
}

bool Importer::is_unquantised(const Operator& op) const {
  using enum format::BuiltinOperator;
  const auto foreign = [&](TensorId id) {
    const format::TensorType type = id < 0 ? format::TensorType::INT8 : model.tensor(id).type;
    return is_foreign(type) && (type != format::TensorType::UINT8 || (op.code != QUANTIZE && !is_reshape(op.code)));
  };
  const bool has_many = op.code == ADD || op.code == SUB || op.code == MUL || op.code == CONCATENATION;
  const std::span<const int32_t> inputs = has_many ? op.inputs : op.inputs.first(std::min<size_t>(1, op.inputs.size()));
  return std::any_of(inputs.begin(), inputs.end(), foreign) ||
         std::any_of(op.outputs.begin(), op.outputs.end(), foreign);
}

void Importer::import_operator(size_t number) {
  const Operator& op = model.operators[number];
  Layer layer(*this, op);
  for (const TensorId id : op.outputs) {
    const auto i = static_cast<size_t>(id);
    const bool known = values[i] >= 0 || failed[i] || same_as[i] >= 0 || !model.tensor(id).data.empty() ||
                       std::count(model.inputs.begin(), model.inputs.end(), id) != 0;
    layer.require(!known, "output " + model.tensor(id).name, "a tensor that only this layer computes",
                  "an input, a constant or another layer's output");
  }
  if (layer.ok()) {
    const Converter convert = converter_of(op.code);
    if (op.code == format::BuiltinOperator::DEQUANTIZE && op.inputs.size() == 1 && op.inputs[0] >= 0 &&
        op.outputs.size() == 1) {
      if (values[static_cast<size_t>(op.inputs[0])] >= 0) same_as[static_cast<size_t>(op.outputs[0])] = op.inputs[0];
    } else if (convert == nullptr) {
      layer.problem("expected a supported operator, found one that is not");
    } else if (is_unquantised(op)) {
      unquantised_.push_back(number);
    } else {
      for (const TensorId id : op.outputs)
        layer.require(is_byte(model.tensor(id).type), "output " + model.tensor(id).name, "INT8",
                      name_of(model.tensor(id).type));
      if (layer.ok()) convert(layer);
    }
  }
  for (const TensorId id : op.outputs)
    if (values[static_cast<size_t>(id)] < 0 && same_as[static_cast<size_t>(id)] < 0)
      failed[static_cast<size_t>(id)] = true;
}

/// One problem for all layers that are not int8, since one thing is to be done about them.
void Importer::report_unquantised() {
  if (unquantised_.empty() && input_types_.empty()) return;
  std::string found;
  bool int8_weights = false;
  for (const size_t k : unquantised_) {
    const Operator& op = model.operators[k];
    for (size_t i = 1; i < op.inputs.size(); ++i)
      int8_weights |=
          op.inputs[i] >= 0 && model.tensor(op.inputs[i]).type == format::TensorType::INT8 && is_constant(op.inputs[i]);
  }
  if (unquantised_.empty()) {
    found = "an input of type " + input_types_[0];
  } else {
    const Operator& first = model.operators[unquantised_[0]];
    const format::TensorType type =
        !first.inputs.empty() && first.inputs[0] >= 0 && is_foreign(model.tensor(first.inputs[0]).type)
            ? model.tensor(first.inputs[0]).type
            : model.tensor(first.outputs[0]).type;
    found = std::to_string(unquantised_.size()) + " that compute with " + name_of(type) +
            (int8_weights ? " (only their weights are int8)" : "") + ", the first of them " + first.label + " (" +
            first.type + ")";
  }
  out.problems.push_back(
      {"", "layers",
       "expected int8, found " + found +
           ". Quantise the model after training, to full integers with a representative data set: "
           "converter.optimizations = [tf.lite.Optimize.DEFAULT], converter.representative_dataset = ..., "
           "converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8], "
           "converter.inference_input_type = converter.inference_output_type = tf.int8"});
}

void Importer::import_outputs() {
  for (const TensorId id : model.outputs) {
    const Tensor& t = model.tensor(id);
    const TensorId source = values[static_cast<size_t>(id)] < 0 ? same_as[static_cast<size_t>(id)] : id;
    const ValueId value = source < 0 ? -1 : values[static_cast<size_t>(source)];
    if (value >= 0) {
      out.graph.outputs.push_back({value,
                                   t.name,
                                   {t.shape.begin(), t.shape.end()},
                                   model.tensor(source).type == format::TensorType::UINT8,
                                   false});
    } else if (!failed[static_cast<size_t>(id)]) {
      out.problems.push_back({"", "", "output " + t.name + ": expected what a layer computes, found something else"});
    }
  }
}

void Importer::run() {
  values.assign(model.tensors.size(), -1);
  same_as.assign(model.tensors.size(), -1);
  failed.assign(model.tensors.size(), false);
  done_.assign(model.operators.size(), false);
  find_needed();
  for (const TensorId id : model.inputs) import_input(id);
  for (size_t k = 0; k < model.operators.size(); ++k)
    if (needed_[k] && !done_[k]) import_operator(k);
  report_unquantised();
  import_outputs();
}

}  // namespace zkvm::compiler::tflite

namespace zkvm::compiler {

Imported import_tflite(std::span<const uint8_t> file, const std::string& name) {
  Imported out;
  out.graph.name = name;
  out.graph.format = "TensorFlow Lite";
  const std::optional<tflite::Model> model = tflite::read_model(file, out.problems);
  if (model) tflite::Importer(*model, out).run();
  if (!out.problems.empty()) out.graph = {};
  return out;
}

}  // namespace zkvm::compiler
