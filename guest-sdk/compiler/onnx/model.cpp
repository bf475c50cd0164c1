#include "guest-sdk/compiler/onnx/model.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx.pb.h>

namespace zkvm::compiler::onnx {
namespace {

namespace pb = ::onnx;
static_assert(std::endian::native == std::endian::little, "raw data of tensors is little-endian");

Type type_of(int32_t data_type) {
  switch (data_type) {
    case pb::TensorProto::FLOAT:
      return Type::FLOAT;
    case pb::TensorProto::UINT8:
      return Type::UINT8;
    case pb::TensorProto::INT8:
      return Type::INT8;
    case pb::TensorProto::INT32:
      return Type::INT32;
    case pb::TensorProto::INT64:
      return Type::INT64;
    case pb::TensorProto::BOOL:
      return Type::BOOL;
    default:
      return Type::OTHER;
  }
}

int32_t saturate(int64_t x) { return static_cast<int32_t>(std::clamp(x, int64_t{INT32_MIN}, int64_t{INT32_MAX})); }

template <class T>
std::vector<int32_t> from_raw(const std::string& raw) {
  std::vector<int32_t> out(raw.size() / sizeof(T));
  for (size_t i = 0; i < out.size(); ++i) {
    T x;
    std::memcpy(&x, raw.data() + i * sizeof x, sizeof x);
    out[i] = saturate(static_cast<int64_t>(x));
  }
  return out;
}

/// The tensor, or in `wrong` what is wrong with it.
Tensor read_tensor(const pb::TensorProto& proto, std::string& wrong) {
  Tensor t;
  t.type = type_of(proto.data_type());
  if (proto.data_location() == pb::TensorProto::EXTERNAL || proto.external_data_size() > 0) {
    wrong = "its data is in another file; expected one file (onnx.save with save_as_external_data=False)";
    return t;
  }
  if (proto.has_segment()) {
    wrong = "expected a whole tensor, found a segment";
    return t;
  }
  t.dims.assign(proto.dims().begin(), proto.dims().end());
  int64_t count = 1;
  for (const int64_t d : t.dims) {
    if (d < 0 || d > MAX_ELEMENTS || (count *= d) > MAX_ELEMENTS || t.dims.size() > 16) {
      wrong = "expected at most 16 dimensions and 2^27 elements, found shape " + text(t.dims);
      return t;
    }
  }
  size_t width = 0;
  switch (t.type) {
    case Type::FLOAT:
    case Type::INT32:
      width = 4;
      break;
    case Type::INT64:
      width = 8;
      break;
    case Type::UINT8:
    case Type::INT8:
    case Type::BOOL:
      width = 1;
      break;
    case Type::OTHER:
      return t;  // whoever wants to use it complains
  }
  size_t found = 0;
  if (proto.has_raw_data()) {
    const std::string& raw = proto.raw_data();
    if (raw.size() != static_cast<size_t>(count) * width) {
      wrong = "expected " + std::to_string(static_cast<size_t>(count) * width) + " bytes for " + text(t.type) + " " +
              text(t.dims) + ", found " + std::to_string(raw.size());
      return t;
    }
    switch (t.type) {
      case Type::FLOAT:
        t.reals.resize(static_cast<size_t>(count));
        if (count > 0) std::memcpy(t.reals.data(), raw.data(), raw.size());
        break;
      case Type::UINT8:
      case Type::BOOL:
        t.integers = from_raw<uint8_t>(raw);
        break;
      case Type::INT8:
        t.integers = from_raw<int8_t>(raw);
        break;
      case Type::INT32:
        t.integers = from_raw<int32_t>(raw);
        break;
      default:
        t.integers = from_raw<int64_t>(raw);
    }
    return t;
  }
  if (t.type == Type::FLOAT) {
    t.reals.assign(proto.float_data().begin(), proto.float_data().end());
    found = t.reals.size();
  } else if (t.type == Type::INT64) {
    for (const int64_t x : proto.int64_data()) t.integers.push_back(saturate(x));
    found = t.integers.size();
  } else {
    t.integers.assign(proto.int32_data().begin(), proto.int32_data().end());
    found = t.integers.size();
    const int32_t low = t.type == Type::INT32 ? INT32_MIN : t.type == Type::INT8 ? -128 : 0;
    const int32_t high = t.type == Type::INT32 ? INT32_MAX : t.type == Type::INT8 ? 127 : 255;
    for (const int32_t x : t.integers)
      if (x < low || x > high) wrong = "the element " + std::to_string(x) + " is not " + text(t.type);
  }
  if (found != static_cast<size_t>(count))
    wrong = "expected " + std::to_string(count) + " elements for shape " + text(t.dims) + ", found " +
            std::to_string(found);
  return t;
}

Attribute read_attribute(const pb::AttributeProto& proto, std::string& wrong) {
  using Kind = Attribute::Kind;
  Attribute a;
  if (!proto.ref_attr_name().empty()) wrong = "expected a value, found a reference to an attribute of a function";
  switch (proto.type()) {
    case pb::AttributeProto::FLOAT:
      a.kind = Kind::FLOAT;
      a.real = proto.f();
      break;
    case pb::AttributeProto::INT:
      a.kind = Kind::INT;
      a.integer = proto.i();
      break;
    case pb::AttributeProto::STRING:
      a.kind = Kind::STRING;
      a.string = proto.s();
      break;
    case pb::AttributeProto::TENSOR:
      a.kind = Kind::TENSOR;
      a.tensor = read_tensor(proto.t(), wrong);
      break;
    case pb::AttributeProto::FLOATS:
      a.kind = Kind::FLOATS;
      a.reals.assign(proto.floats().begin(), proto.floats().end());
      break;
    case pb::AttributeProto::INTS:
      a.kind = Kind::INTS;
      a.integers.assign(proto.ints().begin(), proto.ints().end());
      break;
    case pb::AttributeProto::STRINGS:
      a.kind = Kind::STRINGS;
      break;
    default:
      break;
  }
  return a;
}

Input read_input(const pb::ValueInfoProto& proto) {
  Input in;
  in.name = proto.name();
  if (!proto.type().has_tensor_type()) return in;
  const pb::TypeProto::Tensor& tensor = proto.type().tensor_type();
  in.type = type_of(tensor.elem_type());
  in.has_shape = tensor.has_shape();
  for (const auto& d : tensor.shape().dim()) {
    in.dims.push_back(d.has_dim_value() ? d.dim_value() : -1);
    in.parameter.push_back(d.dim_param());
  }
  return in;
}

}  // namespace

std::string text(Type type) {
  switch (type) {
    case Type::FLOAT:
      return "float";
    case Type::UINT8:
      return "uint8";
    case Type::INT8:
      return "int8";
    case Type::INT32:
      return "int32";
    case Type::INT64:
      return "int64";
    case Type::BOOL:
      return "bool";
    case Type::OTHER:
      break;
  }
  return "another type";
}

std::string text(const std::vector<int64_t>& dims) {
  std::string out = "[";
  for (const int64_t d : dims) out += (out.size() > 1 ? ", " : "") + std::to_string(d);
  return out + "]";
}

Model read_model(std::span<const uint8_t> file, std::vector<Problem>& problems) {
  Model model;
  const auto problem = [&](const std::string& what) { problems.push_back({"", "", what}); };
  if (file.size() > MAX_FILE_BYTES) {
    problem("expected an ONNX model of at most " + std::to_string(MAX_FILE_BYTES) + " bytes, found " +
            std::to_string(file.size()));
    return model;
  }
  pb::ModelProto proto;
  google::protobuf::io::ArrayInputStream stream(file.data(), static_cast<int>(file.size()));
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetRecursionLimit(32);  // subgraphs, which are refused, would need more
  if (file.empty() || !proto.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage() || !proto.has_graph()) {
    problem("expected an ONNX model, found a file that is damaged, truncated or something else");
    return model;
  }
  const pb::GraphProto& graph = proto.graph();
  for (const auto& set : proto.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") model.opset = std::max<int64_t>(model.opset, set.version());
  if (model.opset < 10)
    problem("expected version 10 or newer of the ONNX operators (quantised operators start there), found " +
            std::to_string(model.opset));
  if (graph.node_size() > MAX_NODES)
    problem("expected at most " + std::to_string(MAX_NODES) + " operators, found " + std::to_string(graph.node_size()));
  if (graph.sparse_initializer_size() > 0) problem("sparse constants are not supported");
  if (!problems.empty()) return model;

  for (const auto& tensor : graph.initializer()) {
    std::string wrong;
    Tensor t = read_tensor(tensor, wrong);
    if (!wrong.empty()) problem("constant " + tensor.name() + ": " + wrong);
    if (!model.constants.emplace(tensor.name(), std::move(t)).second)
      problem("constant " + tensor.name() + " is there twice");
  }
  std::unordered_map<std::string, int> numbers;
  for (const auto& node : graph.node()) {
    Operator op;
    op.type = node.op_type();
    op.domain = node.domain() == "ai.onnx" ? "" : node.domain();
    const std::string number = std::to_string(numbers[op.type]++);
    op.name = node.name().empty() ? op.type + "_" + number : node.name();
    op.inputs.assign(node.input().begin(), node.input().end());
    op.outputs.assign(node.output().begin(), node.output().end());
    for (const auto& attribute : node.attribute()) {
      std::string wrong;
      Attribute a = read_attribute(attribute, wrong);
      if (wrong.empty() && !op.attributes.emplace(attribute.name(), std::move(a)).second) wrong = "it is there twice";
      if (!wrong.empty()) problems.push_back({op.name, op.type, "attribute " + attribute.name() + ": " + wrong});
    }
    model.operators.push_back(std::move(op));
  }
  std::unordered_set<std::string> inputs;
  for (const auto& input : graph.input()) {
    if (model.constants.contains(input.name())) continue;  // may be overridden by who runs the model; we do not
    if (!inputs.insert(input.name()).second) problem("input " + input.name() + " is there twice");
    model.inputs.push_back(read_input(input));
  }
  for (const auto& output : graph.output()) model.outputs.push_back(output.name());
  return model;
}

}  // namespace zkvm::compiler::onnx
