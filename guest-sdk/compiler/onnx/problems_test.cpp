// What import_onnx() says of models that it cannot take, and that nothing crashes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/lower.hpp"
#include "guest-sdk/compiler/onnx/import.hpp"
#include "guest-sdk/compiler/onnx/testing/cases.hpp"
#include "guest-sdk/compiler/onnx/testing/model_builder.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"

namespace zkvm::compiler::onnx::testing {
namespace {

constexpr Q A{0.05F, 3}, OUT{0.2F, -4}, U{0.05F, 100, true};

std::string problems_of(const std::vector<uint8_t>& model) {
  const Imported imported = import_onnx(model, "model");
  EXPECT_EQ(imported.problems.empty(), !imported.graph.nodes.empty());
  return describe(imported.problems);
}
void expect_problem(const std::vector<uint8_t>& model, const std::string& part) {
  const std::string found = problems_of(model);
  EXPECT_NE(found.find(part), std::string::npos) << "expected: " << part << "\nfound: " << found;
}

/// A model of one convolution that imports; tests break a part of it.
struct ConvModel : ModelBuilder {
  Settings conv{{"strides", Dims{1, 1}}};
  Dims x_dims{1, 2, 4, 4}, weight_dims{3, 2, 2, 2};
  std::string x, weights, bias, y;
  ConvModel() {
    x = input(x_dims, A);                                                                     // n0, c0, c1
    weights = dequantised(weight_dims, std::vector<int8_t>(24, 1), {0.1F, 0.2F, 0.3F});       // n1, c2, c3, c4
    bias = dequantised<int32_t>({3}, {1, 2, 3}, {0.05F * 0.1F, 0.05F * 0.2F, 0.05F * 0.3F});  // n2, c5, c6, c7
  }
  std::vector<uint8_t> finish() {
    y = add("Conv", {x, weights, bias}, conv);  // n3
    return quantised(y, OUT);                   // n4, c8, c9
  }
  pb::TensorShapeProto& input_shape() {
    return *graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  }
  void scale(const std::string& constant, float value) {
    tensor(constant).set_raw_data(std::string(reinterpret_cast<const char*>(&value), sizeof value));
  }
};
/// The model with `change` before or after the convolution is there.
void broken(const std::string& part, const std::function<void(ConvModel&)>& before,
            const std::function<void(ConvModel&)>& after = {}) {
  ConvModel m;
  if (before) before(m);
  std::vector<uint8_t> bytes = m.finish();
  if (after) {
    after(m);
    bytes = m.bytes();
  }
  expect_problem(bytes, part);
}

TEST(Problems, none_for_the_model_that_the_others_are_made_of) { EXPECT_EQ(problems_of(ConvModel().finish()), ""); }

TEST(Problems, name_layer_type_parameter_expected_and_found) {
  ConvModel m;
  m.conv = {{"strides", Dims{1, 0}}};
  EXPECT_EQ(problems_of(m.finish()), "n3 (Conv): attribute strides: expected 2 of at least 1, found [1, 0]");
}

TEST(Problems, all_of_a_model_are_found_at_once) {
  ModelBuilder m;
  const std::string x = m.input({1, 4}, A);
  const std::string a = m.add("CumSum", {x});
  const std::string b = m.add("Relu", {a});  // of a layer that failed: not reported
  const std::string c = m.add("Softmax", {x}, {{"axis", 5}});
  const std::string d = m.add("Own", {x});
  m.node(m.graph().node_size() - 1).set_domain("org.example");
  for (const std::string& name : {b, c, d}) m.output(name, pb::TensorProto::FLOAT);
  EXPECT_EQ(problems_of(m.bytes()),
            "n1 (CumSum): this operator is not supported\n"
            "n3 (Softmax): attribute axis: expected a dimension of [1, 4], found 5\n"
            "n4 (Own): this operator is not supported (domain org.example)");
}

TEST(Problems, further_outputs_of_a_failed_layer_are_no_problems) {
  ModelBuilder m;
  const std::string x = m.add("Split", {m.input({1, 4}, A)});
  m.node(m.graph().node_size() - 1).add_output("rest");
  m.output(m.add("Concat", {"rest", x}, {{"axis", 1}}), pb::TensorProto::FLOAT);
  EXPECT_EQ(problems_of(m.bytes()), "n1 (Split): this operator is not supported");
}

TEST(Problems, float_models_get_one_that_says_how_to_quantise) {
  ModelBuilder m;
  std::string x = m.input({1, 4}, pb::TensorProto::FLOAT);
  for (int i = 0; i < 3; ++i) x = m.add("Gemm", {x, m.constant<float>({4, 4}, std::vector<float>(16, 1))});
  m.output(x, pb::TensorProto::FLOAT);
  const std::string found = problems_of(m.bytes());
  EXPECT_NE(found.find("the model is not quantised"), std::string::npos) << found;
  EXPECT_NE(found.find("onnxruntime.quantization.quantize_static("), std::string::npos) << found;
  EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 0) << found;
}

TEST(Problems, dynamic_quantisation_is_to_be_static) {
  ModelBuilder m;
  const std::string x = m.input({1, 4}, pb::TensorProto::FLOAT);
  m.output(m.add("DynamicQuantizeLinear", {x}), pb::TensorProto::UINT8);
  expect_problem(m.bytes(), "the scales of 1 tensors depend on the input (DynamicQuantizeLinear)");
  expect_problem(m.bytes(), "quantize_static");
}

TEST(Problems, of_inputs_and_outputs) {
  broken("input x0: expected a shape, found none", {},
         [](ConvModel& m) { m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape(); });
  broken(
      "input x0: expected fixed sizes but for the batch, and at most 2^27 elements, found [1, -1, 4, 4], -1 standing "
      "for channels",
      {}, [](ConvModel& m) { m.input_shape().mutable_dim(1)->set_dim_param("channels"); });
  broken("expected fixed sizes but for the batch", {},
         [](ConvModel& m) { m.input_shape().mutable_dim(1)->set_dim_value(0); });
  broken("expected fixed sizes but for the batch", {},
         [](ConvModel& m) { m.input_shape().mutable_dim(1)->set_dim_value(int64_t{1} << 62); });
  broken("input x0: expected a batch of 1 and at most three dimensions that are not 1, found [2, 2, 4, 4]", {},
         [](ConvModel& m) { m.input_shape().mutable_dim(0)->set_dim_value(2); });
  broken("input x0: expected float, int8 or uint8, found int64", {}, [](ConvModel& m) {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(pb::TensorProto::INT64);
  });
  broken("input x0: it is float; expected QuantizeLinear behind it, found n3 (Conv)", {}, [](ConvModel& m) {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(pb::TensorProto::FLOAT);
  });
  broken("input x0 is there twice", {}, [](ConvModel& m) { *m.graph().add_input() = m.graph().input(0); });
  broken("expected an output, found none", {}, [](ConvModel& m) {
    m.graph().clear_output();
    m.graph().clear_node();
  });
  broken("output nowhere: nothing computes it", {}, [](ConvModel& m) { m.output("nowhere", pb::TensorProto::INT8); });
  broken("output n3: it is a constant or has not been quantised; expected QuantizeLinear", {},
         [](ConvModel& m) { m.output("n3", pb::TensorProto::FLOAT); });
  ModelBuilder m;
  m.output(m.add("Exp", {m.input({1, 4}, A)}), pb::TensorProto::FLOAT);
  expect_problem(m.bytes(), "output n1: it is float after exp; expected QuantizeLinear before it");
}

TEST(Problems, of_files) {
  expect_problem({}, "expected an ONNX model, found a file that is damaged");
  expect_problem(std::vector<uint8_t>(100, 7), "expected an ONNX model, found a file that is damaged");
  broken("expected version 10 or newer of the ONNX operators (quantised operators start there), found 9", {},
         [](ConvModel& m) { m.model.mutable_opset_import(0)->set_version(9); });
  broken("found a file that is damaged", {}, [](ConvModel& m) { m.model.clear_graph(); });
  broken("sparse constants are not supported", {}, [](ConvModel& m) { m.graph().add_sparse_initializer(); });
  broken("constant c2: expected 24 bytes for int8 [3, 2, 2, 2], found 23", {},
         [](ConvModel& m) { m.tensor("c2").mutable_raw_data()->pop_back(); });
  broken("constant c2: expected at most 16 dimensions and 2^27 elements", {},
         [](ConvModel& m) { m.tensor("c2").set_dims(0, int64_t{1} << 40); });
  broken("constant c2: expected at most 16 dimensions and 2^27 elements", {},
         [](ConvModel& m) { m.tensor("c2").set_dims(0, -3); });
  broken("constant c2: its data is in another file", {},
         [](ConvModel& m) { m.tensor("c2").set_data_location(pb::TensorProto::EXTERNAL); });
  broken("constant c2: expected a whole tensor, found a segment", {},
         [](ConvModel& m) { m.tensor("c2").mutable_segment()->set_begin(1); });
  broken("constant c2: the element 200 is not int8", {}, [](ConvModel& m) {
    m.tensor("c2").clear_raw_data();
    for (int i = 0; i < 24; ++i) m.tensor("c2").add_int32_data(200);
  });
  broken("constant c2: expected 24 elements for shape [3, 2, 2, 2], found 1", {}, [](ConvModel& m) {
    m.tensor("c2").clear_raw_data();
    m.tensor("c2").add_int32_data(1);
  });
  broken("constant c2 is there twice", {}, [](ConvModel& m) { *m.graph().add_initializer() = m.tensor("c2"); });
  broken("n4 (QuantizeLinear): its output n3 is there twice", {},
         [](ConvModel& m) { m.node(4).add_output("x"), m.node(4).set_output(0, "n3"), m.output("n3", 1); });
  broken("its input late is not computed before it", {}, [](ConvModel& m) { m.node(3).set_input(0, "late"); });
  broken("attribute strides: it is there twice", {},
         [](ConvModel& m) { *m.node(3).add_attribute() = m.node(3).attribute(0); });
  broken("attribute strides: expected a value, found a reference to an attribute of a function", {},
         [](ConvModel& m) { m.node(3).mutable_attribute(0)->set_ref_attr_name("s"); });
}

TEST(Problems, of_convolutions) {
  const auto attributes = [](const std::string& part, const Settings& settings) {
    broken(part, [&](ConvModel& m) { m.conv = settings; });
  };
  attributes("attribute pads: expected 4 of at least 0, found [1, 1]", {{"pads", Dims{1, 1}}});
  attributes("attribute pads: expected 4 of at least 0, found [0, 0, -1, 0]", {{"pads", Dims{0, 0, -1, 0}}});
  attributes("attribute auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found X", {{"auto_pad", "X"}});
  attributes("attribute dilations: expected 2 of at least 1, found [0, 1]", {{"dilations", Dims{0, 1}}});
  attributes("expected a kernel of 1 to 4 for input [1, 2, 4, 4], found 101", {{"dilations", Dims{100, 1}}});
  attributes("attribute kernel_shape: expected [2, 2] like the weights, found [3, 3]", {{"kernel_shape", Dims{3, 3}}});
  attributes("attribute group: expected groups that divide 3 outputs", {{"group", 2}});
  attributes("attribute group: expected groups that divide 3 outputs", {{"group", 0}});
  attributes("attribute group: expected an integer", {{"group", 1.0F}});
  attributes("attribute strides: expected a list", {{"strides", 1}});
  attributes("attribute strides: 99999999999 is out of range", {{"strides", Dims{1, 99999999999}}});
  attributes("attribute round: expected none, this one is not supported", {{"round", 1}});
  broken("expected weights of 4 dimensions, found [3, 8]", {}, [](ConvModel& m) {
    m.tensor("c2").clear_dims();
    m.tensor("c2").add_dims(3), m.tensor("c2").add_dims(8);
  });
  broken("expected weight scales along dimension 0, found 1", [](ConvModel& m) {
    m.weights = m.dequantised<int8_t>({3, 2, 2, 2}, std::vector<int8_t>(24, 1), {1, 1}, 0, 1);
  });
  broken("expected int8 or uint8 weights with a DequantizeLinear behind them", [](ConvModel& m) {
    m.weights = m.constant({3, 2, 2, 2}, std::vector<float>(24, 1));
  });
  broken("expected weights of int8 or uint8", [](ConvModel& m) {
    m.weights = m.dequantised<int32_t>({3, 2, 2, 2}, std::vector<int32_t>(24, 1), {1});
  });
  broken("expected a scale, or one for each index of dimension 0", {}, [](ConvModel& m) {
    m.tensor("c3").set_dims(0, 2);
    m.tensor("c3").mutable_raw_data()->resize(8);
  });
  broken("expected scales above 0, found -0.1", {}, [](ConvModel& m) {
    const float scales[] = {-0.1F, 1, 1};
    m.tensor("c3").set_raw_data(std::string(reinterpret_cast<const char*>(scales), sizeof scales));
  });
  broken("n0 (DequantizeLinear): expected a scale above 0, found 0", {}, [](ConvModel& m) { m.scale("c0", 0); });
  broken("n0 (DequantizeLinear): expected one number, found input c0, a constant float [1]", {}, [](ConvModel& m) {
    m.tensor("c0").add_dims(1);
    m.scale("c0", std::numeric_limits<float>::quiet_NaN());
  });
  broken("expected a zero point of int8 like its tensor, found input c1, a constant uint8 []", {},
         [](ConvModel& m) { m.tensor("c1").set_data_type(pb::TensorProto::UINT8); });
  broken("channel 0: the scales' quotient is too large", {}, [](ConvModel& m) {
    m.scale("c0", 1e30F), m.scale("c8", 1e-30F);
    m.node(3).mutable_input()->RemoveLast();
  });
  broken("expected a bias for each of 3 channels, found input c8, a constant float [2]", [](ConvModel& m) {
    m.bias = m.constant<float>({2}, {1, 2});
  });
  broken("expected finite biases", [](ConvModel& m) {
    m.bias = m.constant<float>({3}, {1, 2, std::numeric_limits<float>::infinity()});
  });
  broken("expected [1, channels, height, width] or [1, channels, width], found [32]",
         [](ConvModel& m) { m.x = m.input({32}, A); });
  broken("expected a quantised tensor (QuantizeLinear before it), found input n3, not quantised, of n3",
         [](ConvModel& m) {
           m.x = m.add("Conv", {m.x, m.weights}), m.bias = "";
         });
}

/// A depthwise QLinearConv of two channels with uint8 weights.
std::vector<uint8_t> depthwise(uint8_t weight, uint8_t zero_point) {
  ModelBuilder m;
  const Names from = m.parameters(U), to = m.parameters(U);
  const std::string x = m.input({1, 2, 3, 3}, U.type());
  return m.bytes(m.add("QLinearConv",
                       {x, from[0], from[1], m.constant<uint8_t>({2, 1, 1, 1}, {5, weight}), m.number(0.1F),
                        m.number(zero_point), to[0], to[1]},
                       {{"group", 2}}),
                 U);
}

TEST(Problems, zero_points_of_weights_are_named_where_they_do_not_fit) {
  EXPECT_EQ(problems_of(depthwise(250, 123)), "");
  EXPECT_EQ(
      problems_of(depthwise(250, 122)),
      "n0 (QLinearConv): channel 1: a weight minus the zero point 122 is 128; expected -128 to 127 in a depthwise "
      "convolution: quantise its weights as int8 (weight_type=QuantType.QInt8)");
}

TEST(Problems, accumulators_that_could_leave_the_range_are_named) {
  ModelBuilder m;
  const std::string x = m.input({1, 1}, A);
  const std::string w = m.dequantised<int8_t>({1, 2}, {1, 1}, {0.1F});
  const std::string b = m.constant<int32_t>({2}, {0, 1 << 29});
  const std::string bias = m.add("DequantizeLinear", {b, m.number(0.05F * 0.1F)});
  expect_problem(m.quantised(m.add("Gemm", {x, w, bias}), OUT),
                 "(Gemm): channel 1: sums can be as large as 536871043; expected less than 2^29");
}

TEST(Problems, of_other_layers) {
  const auto unary = [](const std::string& type, const Dims& dims, const Settings& settings = {}) {
    ModelBuilder m;
    return m.quantised(m.add(type, {m.input(dims, A)}, settings), OUT);
  };
  const auto with = [](const std::string& type, const Dims& dims, const Dims& list) {
    ModelBuilder m;
    const std::string x = m.input(dims, A);
    return m.quantised(m.add(type, {x, m.list(list)}), OUT);
  };
  const auto two = [](const std::string& type, const Dims& a, const Dims& b, const Settings& settings = {}) {
    ModelBuilder m;
    const std::string x = m.input(a, A);
    return m.quantised(m.add(type, {x, m.input(b, A)}, settings), OUT);
  };
  expect_problem(unary("MaxPool", {1, 2, 4, 4}), "attribute kernel_shape: expected one, found none");
  expect_problem(unary("MaxPool", {1, 2, 4, 4}, {{"kernel_shape", Dims{2, 2}}, {"pads", Dims{2, 0, 0, 0}}}),
                 "attribute pads: expected windows that meet the input");
  expect_problem(unary("MaxPool", {1, 2, 4, 4}, {{"kernel_shape", Dims{2, 2}}, {"dilations", Dims{2, 1}}}),
                 "attribute dilations: expected 1, found 2");
  expect_problem(unary("MaxPool", {1, 2, 4, 4}, {{"kernel_shape", Dims{2, 2}}, {"storage_order", 1}}),
                 "attribute storage_order: expected 0, found 1");
  expect_problem(unary("AveragePool", {1, 2, 4, 4}, {{"kernel_shape", Dims{2, 2}}, {"pads", Dims{1, 0, 0, 0}}}),
                 "attribute count_include_pad: expected 1 with padding, found 0");
  expect_problem(
      unary("AveragePool", {1, 2, 5, 5}, {{"kernel_shape", Dims{2, 2}}, {"strides", Dims{2, 2}}, {"ceil_mode", 1}}),
      "attribute ceil_mode: expected 0 where it makes a difference, found 1");
  expect_problem(unary("GlobalAveragePool", {2, 4}), "expected [1, channels, height, width], found [2, 4]");
  expect_problem(unary("ReduceMean", {3, 4, 5}, {{"axes", Dims{2}}}), "expected a mean over all but one dimension");
  expect_problem(unary("ReduceMean", {3, 4, 5}, {{"axes", Dims{3}}}), "axes: expected dimensions of [3, 4, 5]");
  expect_problem(unary("Flatten", {3, 4}, {{"axis", 3}}), "attribute axis: expected a dimension of [3, 4], found 3");
  expect_problem(unary("Transpose", {3, 4}, {{"perm", Dims{0, 0}}}),
                 "attribute perm: expected an order of the dimensions");
  expect_problem(unary("Softmax", {1, 3}, {{"axis", 0}}), "expected more than one element along the axis");
  expect_problem(unary("BatchNormalization", {1, 3}), "expected it folded into the convolution before it");
  expect_problem(with("Reshape", {3, 4}, {5, -1}), "expected a shape for [3, 4], found [5, -1]");
  expect_problem(with("Reshape", {3, 4}, {-1, -1}), "expected a shape for [3, 4], found [-1, -1]");
  expect_problem(with("Squeeze", {3, 4}, {0}), "axes: expected dimensions of 1, found [0] of [3, 4]");
  expect_problem(with("Unsqueeze", {3, 4}, {0, 0}), "axes: expected different dimensions, found [0, 0]");
  expect_problem(with("Unsqueeze", {3, 4}, {9}), "expected a dimension of 3, found 9");
  expect_problem(with("Pad", {3, 4}, {0, 0, 1}), "pads: expected 4 of at least 0, found [0, 0, 1]");
  expect_problem(with("Pad", {3, 4}, {0, 0, -1, 0}), "pads: expected 4 of at least 0");
  expect_problem(with("Pad", {1, 3, 4, 5}, {1, 0, 0, 0, 0, 0, 0, 0}),
                 "three dimensions that are not 1, found [2, 3, 4, 5]");
  expect_problem(two("MatMul", {2, 3}, {4, 5}), "expected matrices that fit together, found [2, 3] and [4, 5]");
  expect_problem(two("MatMul", {2, 2, 3}, {2, 3, 4}), "expected one product of matrices");
  expect_problem(two("Gemm", {1, 3}, {3, 4}, {{"alpha", -1.0F}}), "attribute alpha: expected more than 0, found -1");
  expect_problem(two("Add", {1, 3}, {1, 4}), "expected shapes that fit together, found [1, 3] and [1, 4]");
  expect_problem(two("Add", {3, 1}, {1, 4}), "expected one of the tensors to have all dimensions of the result [3, 4]");
  expect_problem(two("Div", {1, 3}, {1, 3}), "the result of divide is not a number for some inputs");
  expect_problem(two("Concat", {1, 3}, {2, 4}, {{"axis", 0}}), "expected shapes that differ in dimension 0 only");
  expect_problem(two("Concat", {1, 3}, {2, 3}), "attribute axis: expected one, found none");
  expect_problem(two("Concat", {1, 3}, {2, 3}, {{"axis", 2}}), "expected a dimension of 2, found 2");

  ModelBuilder clip;
  const std::string x = clip.input({1, 4}, A);
  expect_problem(clip.quantised(clip.add("Clip", {x, clip.number(2.0F), clip.number(1.0F)}), OUT),
                 "expected min <= max, found 2.000000 and 1.000000");
  ModelBuilder pad;
  const std::string y = pad.input({1, 4}, A);
  expect_problem(pad.quantised(pad.add("Pad", {y, pad.list({0, 1, 0, 0}), pad.number(0.02F)}), OUT),
                 "expected a value that the input's quantisation can hold, found 0.02");
  ModelBuilder gemm;
  const std::string z = gemm.input({1, 4}, A), w = gemm.dequantised<int8_t>({4, 2}, std::vector<int8_t>(8, 1), {1});
  const std::string sums = gemm.add("Gemm", {z, w});
  expect_problem(gemm.quantised(gemm.add("HardSwish", {sums}), OUT), "which is not increasing");
  ModelBuilder axis;
  const std::string v = axis.input({1, 2}, A.type());
  expect_problem(axis.quantised(axis.add("DequantizeLinear", {v, axis.constant<float>({2}, {1, 2})}), OUT),
                 "expected one number, found input c0, a constant float [2]");
}

TEST(Problems, zeros_in_kernels_do_not_make_small_files_large) {
  ModelBuilder m;
  std::string x = m.input({1, 2, 1, 1}, A);
  const std::string w = m.dequantised<int8_t>({2, 2, 2, 2}, std::vector<int8_t>(16, 1), {1});
  const Settings far{{"dilations", Dims{5000, 5000}}, {"pads", Dims{5000, 5000, 0, 0}}};
  for (int i = 0; i < 100; ++i) x = m.dequantise(m.quantise(m.add("Conv", {x, w}, far), A), A);
  expect_problem(m.quantised(x, A), "the model needs too much memory");
}

TEST(Problems, every_truncation_of_a_model_has_some) {
  ConvModel m;
  m.model.mutable_opset_import()->RemoveLast();  // nothing uses it
  const std::vector<uint8_t> model = m.finish();
  EXPECT_EQ(problems_of(model), "");
  for (size_t size = 0; size < model.size(); ++size)
    EXPECT_NE(problems_of({model.begin(), model.begin() + static_cast<ptrdiff_t>(size)}), "") << size;
}

TEST(Problems, flipped_bits_give_a_checked_graph_or_problems) {
  for (const Case& c : cases()) {
    if (c.name != "tokens" && c.name != "conv_skewed_weights" && c.name != "concat_of_scales" && c.name != "pad")
      continue;
    std::vector<uint8_t> model = c.model;
    for (size_t bit = 0; bit < 8 * model.size(); ++bit) {
      const auto mask = static_cast<uint8_t>(1U << (bit % 8));
      model[bit / 8] ^= mask;
      const Imported imported = import_onnx(model, c.name);
      if (imported.problems.empty()) {
        EXPECT_EQ(check(imported.graph), "") << c.name << ", bit " << bit;
      }
      model[bit / 8] ^= mask;
    }
  }
}

/// Changes a model where its meaning is: sizes, attributes, numbers, types, connections.
void disturb(pb::ModelProto& model, std::mt19937_64& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  const int64_t interesting[] = {0,  1,   2,   3,     4,       5,         7,         -1,
                                 -2, 100, 255, 65536, 1 << 27, INT32_MAX, INT64_MAX, INT64_MIN};
  const float reals[] = {0, 1, -1, 1e-30F, 1e30F, 0.5F, std::numeric_limits<float>::infinity(), std::nanf("")};
  pb::GraphProto& g = *model.mutable_graph();
  pb::NodeProto& n = *g.mutable_node(below(g.node_size()));
  pb::TensorProto& t = *g.mutable_initializer(below(g.initializer_size()));
  switch (below(9)) {
    case 0:
      if (n.attribute_size() > 0) {
        pb::AttributeProto& a = *n.mutable_attribute(below(n.attribute_size()));
        a.set_i(interesting[below(16)]);
        a.set_f(reals[below(8)]);
        if (a.ints_size() > 0) a.set_ints(below(a.ints_size()), interesting[below(16)]);
      }
      break;
    case 1: {
      auto& dims = *g.mutable_input(below(g.input_size()))->mutable_type()->mutable_tensor_type()->mutable_shape();
      dims.mutable_dim(below(dims.dim_size()))->set_dim_value(interesting[below(16)]);
      break;
    }
    case 2:
      if (t.dims_size() > 0) t.set_dims(below(t.dims_size()), interesting[below(16)]);
      break;
    case 3: {
      const float x = reals[below(8)];
      if (t.raw_data().size() >= 4) t.mutable_raw_data()->replace(0, 4, reinterpret_cast<const char*>(&x), 4);
      break;
    }
    case 4:
      for (char& byte : *t.mutable_raw_data())
        if (below(4) == 0) byte = static_cast<char>(random());
      break;
    case 5:
      t.set_data_type(below(12));
      break;
    case 6: {
      const pb::NodeProto& other = g.node(below(g.node_size()));
      if (n.input_size() > 0) n.set_input(below(n.input_size()), below(2) == 0 ? other.output(0) : t.name());
      break;
    }
    case 7: {
      const char* types[] = {"Relu", "Flatten", "Transpose", "Softmax", "Sigmoid",
                             "Add",  "Mul",     "MatMul",    "Concat",  "Neg"};
      n.set_op_type(types[below(10)]);
      break;
    }
    default:
      if (n.input_size() > 1) n.mutable_input()->RemoveLast();
  }
}

TEST(Problems, disturbed_models_give_problems_or_programs) {
  std::mt19937_64 random(1);
  int programs = 0;
  for (const Case& c : cases())
    for (int i = 0; i < 60; ++i) {
      pb::ModelProto model;
      ASSERT_TRUE(model.ParseFromArray(c.model.data(), static_cast<int>(c.model.size())));
      if (model.graph().initializer_size() == 0) break;
      for (uint64_t k = random() % 3 + 1; k > 0; --k) disturb(model, random);
      const std::string bytes = model.SerializeAsString();
      const Imported imported = import_onnx(std::vector<uint8_t>(bytes.begin(), bytes.end()), c.name);
      if (!imported.problems.empty()) continue;
      int64_t work = 0;
      for (const Value& v : imported.graph.values) work += v.shape.elements();
      for (const Node& n : imported.graph.nodes) work += multiplications(imported.graph, n);
      if (work > 1 << 20) continue;
      const Graph optimised = optimise(imported.graph);
      ASSERT_EQ(check(optimised), "") << c.name;
      const Program program = lower(optimised);
      if (!program.problems.empty()) continue;
      const std::vector<uint8_t> input(static_cast<size_t>(input_bytes(imported.graph)), 77);
      ASSERT_EQ(execute(program, input), evaluate(imported.graph, input)) << c.name;
      ++programs;
    }
  EXPECT_GT(programs, 1000);
}

}  // namespace
}  // namespace zkvm::compiler::onnx::testing
