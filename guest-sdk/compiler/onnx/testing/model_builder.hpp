#pragma once
/// \file
/// Writes small .onnx files for tests. Nothing is checked: wrong models are made as easily as right ones, and
/// everything in `model` can be changed before bytes().

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <onnx/onnx.pb.h>

namespace zkvm::compiler::onnx::testing {

namespace pb = ::onnx;
using Dims = std::vector<int64_t>;
using Names = std::vector<std::string>;
using Setting = std::pair<std::string, std::variant<int64_t, float, std::string, Dims>>;  ///< an attribute
using Settings = std::vector<Setting>;

/// How integers stand for reals.
struct Q {
  float scale = 1;
  int32_t zero_point = 0;
  bool is_unsigned = false;
  int type() const { return is_unsigned ? pb::TensorProto::UINT8 : pb::TensorProto::INT8; }
};

template <class T>
constexpr int data_type() {
  if constexpr (std::is_same_v<T, float>) return pb::TensorProto::FLOAT;
  if constexpr (std::is_same_v<T, uint8_t>) return pb::TensorProto::UINT8;
  if constexpr (std::is_same_v<T, int8_t>) return pb::TensorProto::INT8;
  if constexpr (std::is_same_v<T, int32_t>) return pb::TensorProto::INT32;
  if constexpr (std::is_same_v<T, int64_t>) return pb::TensorProto::INT64;
}

class ModelBuilder {
 public:
  pb::ModelProto model;

  explicit ModelBuilder(int64_t opset = 17) {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(opset);
    pb::OperatorSetIdProto& microsoft = *model.add_opset_import();
    microsoft.set_domain("com.microsoft");
    microsoft.set_version(1);
    model.mutable_graph()->set_name("test");
  }

  pb::GraphProto& graph() { return *model.mutable_graph(); }
  pb::NodeProto& node(int number) { return *graph().mutable_node(number); }
  pb::TensorProto& tensor(const std::string& name) {
    for (pb::TensorProto& t : *graph().mutable_initializer())
      if (t.name() == name) return t;
    return *graph().add_initializer();
  }

  /// Names count up: x0, x1, ... for inputs, c0, ... for constants, n0, ... for operators and their outputs.
  std::string input(const Dims& dims, int type) {
    const std::string name = "x" + std::to_string(graph().input_size());
    describe(*graph().add_input(), name, type, &dims);
    return name;
  }
  /// An input of integers as reals.
  std::string input(const Dims& dims, Q q) { return dequantise(input(dims, q.type()), q); }

  template <class T>
  std::string constant(const Dims& dims, const std::vector<T>& data) {
    const std::string name = "c" + std::to_string(graph().initializer_size());
    pb::TensorProto& t = *graph().add_initializer();
    t.set_name(name);
    t.set_data_type(data_type<T>());
    for (const int64_t d : dims) t.add_dims(d);
    t.set_raw_data(std::string(reinterpret_cast<const char*>(data.data()), data.size() * sizeof(T)));
    return name;
  }
  template <class T>
  std::string number(T value) {
    return constant<T>({}, {value});
  }
  std::string list(const Dims& values) { return constant<int64_t>({static_cast<int64_t>(values.size())}, values); }

  /// An operator of the standard, or of com.microsoft; the name of its output.
  std::string add(const std::string& type, const Names& inputs, const Settings& settings = {}) {
    const std::string name = "n" + std::to_string(graph().node_size());
    pb::NodeProto& n = *graph().add_node();
    n.set_op_type(type);
    n.set_name(name);
    for (const std::string& i : inputs) n.add_input(i);
    n.add_output(name);
    for (const auto& [key, value] : settings) {
      pb::AttributeProto& a = *n.add_attribute();
      a.set_name(key);
      if (const auto* i = std::get_if<int64_t>(&value)) {
        a.set_type(pb::AttributeProto::INT);
        a.set_i(*i);
      } else if (const auto* f = std::get_if<float>(&value)) {
        a.set_type(pb::AttributeProto::FLOAT);
        a.set_f(*f);
      } else if (const auto* s = std::get_if<std::string>(&value)) {
        a.set_type(pb::AttributeProto::STRING);
        a.set_s(*s);
      } else {
        a.set_type(pb::AttributeProto::INTS);
        for (const int64_t i : std::get<Dims>(value)) a.add_ints(i);
      }
    }
    return name;
  }
  std::string microsoft(const std::string& type, const Names& inputs, const Settings& settings = {}) {
    const std::string name = add(type, inputs, settings);
    node(graph().node_size() - 1).set_domain("com.microsoft");
    return name;
  }

  /// Constants of scale and zero point.
  Names parameters(Q q) {
    return {number(q.scale),
            q.is_unsigned ? number(static_cast<uint8_t>(q.zero_point)) : number(static_cast<int8_t>(q.zero_point))};
  }
  std::string quantise(const std::string& x, Q q) {
    const Names p = parameters(q);
    return add("QuantizeLinear", {x, p[0], p[1]});
  }
  std::string dequantise(const std::string& x, Q q) {
    const Names p = parameters(q);
    return add("DequantizeLinear", {x, p[0], p[1]});
  }
  /// Constant integers as reals, one scale for each index of dimension `axis`.
  template <class T>
  std::string dequantised(const Dims& dims, const std::vector<T>& data, const std::vector<float>& scales,
                          T zero_point = 0, int64_t axis = 0) {
    const std::string w = constant(dims, data);
    if (scales.size() == 1) return add("DequantizeLinear", {w, number(scales[0]), number(zero_point)});
    const auto count = static_cast<int64_t>(scales.size());
    return add("DequantizeLinear",
               {w, constant<float>({count}, scales), constant<T>({count}, std::vector<T>(scales.size(), zero_point))},
               {{"axis", axis}});
  }

  void output(const std::string& name, int type) { describe(*graph().add_output(), name, type, nullptr); }
  std::vector<uint8_t> bytes() const {
    const std::string s = model.SerializeAsString();
    return {s.begin(), s.end()};
  }
  /// With one output, of integers.
  std::vector<uint8_t> bytes(const std::string& name, Q q) {
    output(name, q.type());
    return bytes();
  }
  /// With one output, of reals that become integers.
  std::vector<uint8_t> quantised(const std::string& name, Q q) { return bytes(quantise(name, q), q); }

 private:
  static void describe(pb::ValueInfoProto& v, const std::string& name, int type, const Dims* dims) {
    v.set_name(name);
    pb::TypeProto::Tensor& t = *v.mutable_type()->mutable_tensor_type();
    t.set_elem_type(type);
    if (dims == nullptr) return;
    t.mutable_shape();
    for (const int64_t d : *dims) t.mutable_shape()->add_dim()->set_dim_value(d);
  }
};

}  // namespace zkvm::compiler::onnx::testing
