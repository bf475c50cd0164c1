// What import_tflite() says of models that it cannot take, and that nothing crashes it.
#include <gtest/gtest.h>

#include <algorithm>

#include "guest-sdk/compiler/tflite/import.hpp"
#include "guest-sdk/compiler/tflite/testing/cases.hpp"
#include "guest-sdk/compiler/tflite/testing/model_builder.hpp"

namespace zkvm::compiler::tflite::testing {
namespace {

const Quantised Q{0.5F, 3};

std::string problems_of(const std::vector<uint8_t>& model) {
  const Imported imported = import_tflite(model, "model");
  EXPECT_EQ(imported.problems.empty(), !imported.graph.nodes.empty());
  return describe(imported.problems);
}
void expect_problem(const std::vector<uint8_t>& model, const std::string& part) {
  const std::string found = problems_of(model);
  EXPECT_NE(found.find(part), std::string::npos) << "expected: " << part << "\nfound: " << found;
}

/// A model of one convolution that imports; tests break a part of it.
struct ConvModel : ModelBuilder {
  format::Conv2DOptionsT conv;
  int x, weights, bias, y;
  ConvModel() {
    x = input({1, 4, 4, 2}, Q);
    weights = int8s({3, 2, 2, 2}, std::vector<int8_t>(24, 1), along(0, {0.1F, 0.2F, 0.3F}));
    bias = int32s({3}, {1, 2, 3});
    y = tensor({1, 4, 4, 3}, Q);
    tensor(y).name = "features";
    conv.stride_h = conv.stride_w = 1;
  }
  using ModelBuilder::tensor;
  std::vector<uint8_t> finish() {
    add(Op::CONV_2D, {x, weights, bias}, {y}, options(conv));
    return bytes(y);
  }
};

TEST(Problems, none_for_the_model_that_the_others_are_made_of) { EXPECT_EQ(problems_of(ConvModel().finish()), ""); }

TEST(Problems, name_layer_number_type_parameter_expected_and_found) {
  ConvModel m;
  m.conv.stride_w = 0;
  EXPECT_EQ(problems_of(m.finish()), "features #0 (CONV_2D): stride: expected at least 1, found 1 x 0");
}

TEST(Problems, all_of_a_model_are_found_at_once) {
  ModelBuilder m;
  const int x = m.input({1, 4}, Q);
  const int a = m.add(Op::CUMSUM, {x}, {1, 4}, Q);
  const int b = m.add(Op::RELU, {a}, {1, 5}, Q);  // of a layer that failed: not reported
  const int c = m.add(Op::LOGISTIC, {x}, {1, 4}, Q);
  const int d = m.add(Op::CUSTOM, {x}, {1, 4}, Q);
  m.model.operator_codes.back()->custom_code = "Own";
  m.graph().outputs = {b, c, d};
  const std::string found = problems_of(m.bytes());
  EXPECT_NE(found.find("t1 #0 (CUMSUM): expected a supported operator"), std::string::npos) << found;
  EXPECT_NE(found.find("t3 #2 (LOGISTIC): output: expected scale 1/256 and zero point -128, found scale 0.5 and zero "
                       "point 3"),
            std::string::npos)
      << found;
  EXPECT_NE(found.find("t4 #3 (CUSTOM (Own)): expected a supported operator"), std::string::npos) << found;
  EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 2) << found;
}

TEST(Problems, float_models_get_one_that_says_how_to_quantise) {
  ModelBuilder m;
  int x = m.input({1, 4}, {}, Type::FLOAT32);
  const int weights = m.constant<float>({4, 4}, std::vector<float>(16, 1), {}, Type::FLOAT32);
  for (int i = 0; i < 3; ++i)
    x = m.add(Op::FULLY_CONNECTED, {x, weights, -1}, {1, 4}, {}, options(format::FullyConnectedOptionsT()),
              Type::FLOAT32);
  const std::string found = problems_of(m.bytes(x));
  EXPECT_NE(found.find("expected int8, found 3 that compute with FLOAT32, the first of them t2 #0 (FULLY_CONNECTED)"),
            std::string::npos)
      << found;
  EXPECT_NE(found.find("representative_dataset"), std::string::npos) << found;
  EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 0) << found;
}

TEST(Problems, float_models_with_int8_weights_get_the_same) {
  ModelBuilder m;
  const int x = m.input({1, 4}, {}, Type::FLOAT32), weights = m.int8s({4, 4}, std::vector<int8_t>(16, 1), Q);
  expect_problem(m.bytes(m.add(Op::FULLY_CONNECTED, {x, weights, -1}, {1, 4}, {},
                               options(format::FullyConnectedOptionsT()), Type::FLOAT32)),
                 "FLOAT32 (only their weights are int8)");
}

TEST(Problems, int16_and_uint8_layers_are_to_be_quantised_otherwise) {
  for (const Type type : {Type::INT16, Type::UINT8}) {
    ModelBuilder m;
    const int x = m.input({1, 4}, Q, type);
    expect_problem(m.bytes(m.add(Op::RELU, {x}, {1, 4}, Q, {}, type)),
                   std::string("compute with ") + format::EnumNameTensorType(type));
  }
}

TEST(Problems, of_convolutions) {
  const auto broken = [](const std::string& part, auto change) {
    ConvModel m;
    change(m);
    expect_problem(m.finish(), part);
  };
  broken("dilation: expected at least 1, found 0 x 1", [](ConvModel& m) { m.conv.dilation_h = 0; });
  broken("at most the input's size 4x4x2",
         [](ConvModel& m) { m.conv.padding = format::Padding::VALID, m.conv.dilation_h = 4; });
  broken("padding: expected SAME or VALID, found number 7", [](ConvModel& m) { m.conv.padding = format::Padding{7}; });
  broken("fused activation: expected NONE, RELU", [](ConvModel& m) { m.conv.activation = format::Activation::TANH; });
  broken("output shape: expected 2x4x3, found 4x4x3", [](ConvModel& m) { m.conv.stride_h = 2; });
  broken("expected zero points of 0", [](ConvModel& m) { m.tensor(m.weights).quantization->zero_point = {0, 1, 0}; });
  broken("expected 1 or 3 scales, found 2", [](ConvModel& m) { m.tensor(m.weights).quantization->scale.pop_back(); });
  broken("scales along axis 0, found along axis 3",
         [](ConvModel& m) { m.tensor(m.weights).quantization->quantized_dimension = 3; });
  broken("weights: expected scales of at least 0",
         [](ConvModel& m) { m.tensor(m.weights).quantization->scale[1] = -1; });
  broken("channel 1: expected input scale * weight scale / output scale below 2^13",
         [](ConvModel& m) { m.tensor(m.weights).quantization->scale[1] = 0x1p28F; });
  broken("channel 2: expected input scale * weight scale / output scale below 2^30",
         [](ConvModel& m) { m.tensor(m.weights).quantization->scale[2] = 0x1p31F; });
  broken("weights: expected INT8, found INT4", [](ConvModel& m) { m.tensor(m.weights).type = Type::INT4; });
  broken("weights: expected 4 dimensions", [](ConvModel& m) { m.tensor(m.weights).shape = {24}; });
  broken("weights: expected 2 input channels, found 1", [](ConvModel& m) { m.tensor(m.weights).shape = {3, 4, 2, 1}; });
  broken("weights: expected as many bytes as its shape", [](ConvModel& m) {
    m.tensor(m.weights).shape = {3, 2, 2, 1 << 30};
  });
  broken("weights: expected as many bytes as its shape", [](ConvModel& m) {
    m.tensor(m.weights).shape = {3, 2, -2, 2};
  });
  broken("weights: expected a constant", [](ConvModel& m) { m.tensor(m.weights).buffer = 0; });
  broken("weights: expected a dense tensor",
         [](ConvModel& m) { m.tensor(m.weights).sparsity = std::make_unique<format::SparsityParametersT>(); });
  broken("bias: expected INT32, found INT64", [](ConvModel& m) { m.tensor(m.bias).type = Type::INT64; });
  broken("bias: expected 3 elements, found 1",
         [](ConvModel& m) { m.tensor(m.bias).shape = {1}, m.model.buffers[2]->data.resize(4); });
  broken("batch: expected at most three sizes other than 1, found [2, 4, 4, 2]", [](ConvModel& m) {
    m.tensor(m.x).shape = {2, 4, 4, 2};
  });
  broken("input: expected 4 dimensions", [](ConvModel& m) { m.tensor(m.x).shape = {4, 4, 2}; });
  broken("expected fixed sizes of 1 to 2^27 elements", [](ConvModel& m) { m.tensor(m.x).shape = {1, 4, 4, 0}; });
  broken("expected fixed sizes of 1 to 2^27 elements", [](ConvModel& m) {
    m.tensor(m.x).shape = {1, 1 << 30, 1 << 30, 2};
  });
  broken("expected a fixed shape (but for the batch), found [-1, -1, 4, 2]", [](ConvModel& m) {
    m.tensor(m.x).shape_signature = {-1, -1, 4, 2};
  });
  broken("expected no data and no state", [](ConvModel& m) { m.tensor(m.x).is_variable = true; });
  broken("quantisation of the output features: expected one scale above 0",
         [](ConvModel& m) { m.tensor(m.y).quantization->scale = {0}; });
  broken("quantisation: expected one scale above 0",
         [](ConvModel& m) { m.tensor(m.x).quantization->zero_point = {128}; });
  broken("options: expected those of the operator, found none", [](ConvModel& m) {
    m.add(Op::CONV_2D, {m.x, m.weights, m.bias}, {m.y});
  });
  broken("operands: expected 2 to 3 inputs", [](ConvModel& m) { m.add(Op::CONV_2D, {m.x}, {m.y}, options(m.conv)); });
  broken("expected a tensor that only this layer computes", [](ConvModel& m) {
    m.add(Op::CONV_2D, {m.x, m.weights, m.bias}, {m.y}, options(m.conv));
  });
  broken("expected what an earlier layer computes", [](ConvModel& m) { m.x = m.tensor({1, 4, 4, 2}, Q); });
}

TEST(Problems, kernels_of_zeros_do_not_make_small_files_large) {
  ConvModel m;
  m.conv.dilation_h = m.conv.dilation_w = 60000;
  expect_problem(m.finish(), "at most 2^20 taps");
  ModelBuilder many;
  int x = many.input({1, 4, 4, 2}, Q);
  const int weights = many.int8s({2, 2, 2, 2}, std::vector<int8_t>(16, 1), {0.1F, 0});
  format::Conv2DOptionsT o;
  o.stride_h = o.stride_w = 1;
  o.dilation_h = o.dilation_w = 1000;
  for (int i = 0; i < 100; ++i) x = many.add(Op::CONV_2D, {x, weights}, {1, 4, 4, 2}, Q, options(o));
  expect_problem(many.bytes(x), "weights and constants: expected at most 2^28 bytes in all");
}

TEST(Problems, of_files) {
  expect_problem({}, "expected a TensorFlow Lite model");
  expect_problem(std::vector<uint8_t>(100, 7), "expected a TensorFlow Lite model");
  const auto broken = [](const std::string& part, auto change) {
    ConvModel m;
    m.finish();
    change(m);
    expect_problem(m.bytes(), part);
  };
  broken("expected version 3 of the format, found version 2", [](ConvModel& m) { m.model.version = 2; });
  broken("expected one subgraph, found 2",
         [](ConvModel& m) { m.model.subgraphs.push_back(std::make_unique<format::SubGraphT>()); });
  broken("expected one subgraph, found 0", [](ConvModel& m) { m.model.subgraphs.clear(); });
  broken("expected 1 to 256 outputs, found 0", [](ConvModel& m) { m.graph().outputs.clear(); });
  broken("an input: expected a tensor below 4, found -1", [](ConvModel& m) { m.graph().inputs = {-1}; });
  broken("expected it once, found it twice", [](ConvModel& m) { m.graph().inputs.push_back(m.x); });
  broken("operator 0: expected tensors below 4", [](ConvModel& m) { m.graph().operators[0]->inputs[1] = 4; });
  broken("operator 0: expected an operator code below 1, found 9",
         [](ConvModel& m) { m.graph().operators[0]->opcode_index = 9; });
  broken("operator 0: expected at most 256 inputs", [](ConvModel& m) { m.graph().operators[0]->inputs.resize(257); });
  broken("expected a buffer below 3, found buffer 77", [](ConvModel& m) { m.tensor(m.bias).buffer = 77; });
  broken("expected its data in the flatbuffer", [](ConvModel& m) { m.model.buffers[1]->offset = 5000; });
  broken("output t1: expected what a layer computes", [](ConvModel& m) { m.graph().outputs = {m.weights}; });
  broken("operator number 99999): expected a supported operator",
         [](ConvModel& m) { m.model.operator_codes[0]->builtin_code = Op{99999}; });
}

TEST(Problems, of_other_layers) {
  const auto unary = [](Op op, Quantised in, Quantised out, format::OptionsUnion o = {}) {
    ModelBuilder m;
    const int x = m.input({1, 2, 2, 4}, in);
    return m.bytes(m.add(op, {x}, {1, 2, 2, 4}, out, o));
  };
  const auto with = [](Op op, std::vector<int32_t> integers, std::vector<int32_t> out) {
    ModelBuilder m;
    const int x = m.input({1, 2, 2, 4}, Q), count = static_cast<int>(integers.size());
    return m.bytes(m.add(
        op, {x, m.int32s(op == Op::PAD ? std::vector<int32_t>{count / 2, 2} : std::vector<int32_t>{count}, integers)},
        out, Q));
  };
  expect_problem(unary(Op::RELU6, Q, {0.25F, 3}), "output: expected scale 0.5 and zero point 3 of the input");
  expect_problem(unary(Op::TANH, Q, Q), "expected scale 1/128 and zero point 0");
  expect_problem(unary(Op::RELU, {1e30F, 0}, {1e-30F, 0}), "scales that the reference kernel takes");
  expect_problem(unary(Op::HARD_SWISH, {1.0F, 0}, {0.001F, 0}), "scales that the reference kernel takes");
  format::SoftmaxOptionsT softmax;
  softmax.beta = -1;
  expect_problem(unary(Op::SOFTMAX, Q, {1.0F / 256, -128}, options(softmax)), "beta: expected one that gives");
  format::Pool2DOptionsT pool;
  pool.filter_h = pool.filter_w = pool.stride_h = pool.stride_w = 1;
  expect_problem(unary(Op::MAX_POOL_2D, Q, {0.6F, 3}, options(pool)), "output: expected scale 0.5 and zero point 3");
  pool.filter_h = 0;
  expect_problem(unary(Op::MAX_POOL_2D, Q, Q, options(pool)), "kernel: expected 1 to 2^16");
  format::ConcatenationOptionsT concatenation;
  expect_problem(unary(Op::CONCATENATION, Q, Q, options(concatenation)), "axis: expected one of the last three");
  expect_problem(with(Op::MEAN, {4}, {1, 2, 2}), "axes: expected axes of the input");
  expect_problem(with(Op::MEAN, {1}, {1, 2, 2, 4}), "output shape: expected [1, 1, 2, 4] or [1, 2, 4]");
  expect_problem(with(Op::PAD, {0, 0, -1, 0, 0, 0, 0, 0}, {1, 1, 2, 4}), "paddings of dimension 1: expected 0 to");
  expect_problem(with(Op::PAD, {1, 0, 0, 0, 0, 0, 0, 0}, {2, 2, 2, 4}), "paddings of dimension 0: expected 0 to 0");
  expect_problem(with(Op::PAD, {0, 0}, {1, 2, 2, 4}), "paddings: expected 8, found 2");
  expect_problem(with(Op::TRANSPOSE, {0, 1, 1, 2}, {1, 2, 2, 4}), "permutation: expected one of the last three axes");
  expect_problem(with(Op::RESHAPE, {1}, {1, 15}), "output: expected 16 elements, found 15");
  ModelBuilder m;
  const int x = m.input({1, 2, 1, 4}, Q), y = m.input({1, 1, 3, 4}, Q);
  expect_problem(m.bytes(m.add(Op::MUL, {x, y}, {1, 2, 3, 4}, Q, options(format::MulOptionsT()))),
                 "operands: expected one with the output's shape");
  ModelBuilder far;
  const int a = far.input({1, 4}, {1000.0F, 0});
  expect_problem(far.bytes(far.add(Op::ADD, {a, a}, {1, 4}, {0.001F, 0}, options(format::AddOptionsT()))),
                 "expected an output scale above 2^-19");
}

TEST(Problems, every_truncation_of_a_model_has_some) {
  const std::vector<uint8_t> model = ConvModel().finish();
  for (size_t size = 0; size < model.size(); ++size)
    EXPECT_NE(problems_of({model.begin(), model.begin() + static_cast<ptrdiff_t>(size)}), "") << size;
}

TEST(Problems, flipped_bits_give_a_checked_graph_or_problems) {
  for (const Case& c : cases()) {
    if (c.name != "block" && c.name != "conv_valid" && c.name != "concat_constant" && c.name != "unsigned_borders")
      continue;
    std::vector<uint8_t> model = c.model;
    for (size_t bit = 0; bit < 8 * model.size(); ++bit) {
      const auto mask = static_cast<uint8_t>(1U << (bit % 8));
      model[bit / 8] ^= mask;
      const Imported imported = import_tflite(model, c.name);
      if (imported.problems.empty()) {
        EXPECT_EQ(check(imported.graph), "") << c.name << ", bit " << bit;
      }
      model[bit / 8] ^= mask;
    }
  }
}

}  // namespace
}  // namespace zkvm::compiler::tflite::testing
