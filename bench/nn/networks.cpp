/// The benchmarks' networks: shapes as published, weights seeded. Inputs of one or three channels have four in memory.
#include "bench/nn/model.hpp"

namespace zkvm::bench {
namespace {

using enum Padding;

/// f(x), whose input is then free.
template <class F>
Tensor next(Model& m, const Tensor& x, F&& f) {
  const Tensor y = f(x);
  m.release(x);
  return y;
}

Model lenet5() {
  Model m("lenet5", 1);
  Tensor x = m.input(28, 28, 4);
  x = next(m, x, [&](const Tensor& t) { return m.conv(t, 8, 5, 1, SAME, true, 1); });
  x = next(m, x, [&](const Tensor& t) { return m.max_pool(t, 2, 2); });
  x = next(m, x, [&](const Tensor& t) { return m.conv(t, 16, 5, 1, VALID, true); });
  x = next(m, x, [&](const Tensor& t) { return m.max_pool(t, 2, 2); });
  x = next(m, m.flatten(x), [&](const Tensor& t) { return m.fully_connected(t, 120, true); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 84, true); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 10, false); });
  m.output(x);
  return m;
}

Model mlp() {
  Model m("mlp", 2);
  Tensor x = m.input(1, 1, 784);
  for (const int32_t width : {1024, 1024, 128})
    x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, width, true); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 10, false); });
  m.output(x);
  return m;
}

/// A residual block of two 3x3 convolutions, with a 1x1 convolution beside them where the shape changes.
Tensor basic_block(Model& m, const Tensor& x, int32_t width, int32_t stride) {
  Tensor y = m.conv(x, width, 3, stride, SAME, true);
  y = next(m, y, [&](const Tensor& t) { return m.conv(t, width, 3, 1, SAME, false); });
  Tensor beside = x;
  if (stride != 1 || x.c != width) {
    beside = m.conv(x, width, 1, stride, SAME, false);
    m.release(x);
  }
  const Tensor z = m.add(beside, y, true);
  m.release(beside);
  m.release(y);
  return z;
}

Model cifar_resnet(const char* name, uint32_t seed, int32_t blocks) {
  Model m(name, seed);
  Tensor x = m.input(32, 32, 4);
  x = m.conv(x, 16, 3, 1, SAME, true, 3);
  for (const int32_t width : {16, 32, 64})
    for (int32_t i = 0; i < blocks; ++i) x = basic_block(m, x, width, i == 0 && width != 16 ? 2 : 1);
  x = next(m, x, [&](const Tensor& t) { return m.average_pool(t); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 10, false); });
  m.output(x);
  return m;
}
Model resnet8() { return cifar_resnet("resnet8", 3, 1); }
Model resnet_cifar() { return cifar_resnet("resnet_cifar", 4, 3); }

Model ds_cnn() {
  Model m("ds_cnn", 5);
  Tensor x = m.input(49, 10, 4);
  x = m.conv(x, 64, 4, 2, SAME, true, 1);
  for (int i = 0; i < 4; ++i) {
    x = next(m, x, [&](const Tensor& t) { return m.depthwise(t, 3, 1, true); });
    x = next(m, x, [&](const Tensor& t) { return m.conv(t, 64, 1, 1, SAME, true); });
  }
  x = next(m, x, [&](const Tensor& t) { return m.average_pool(t); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 12, false); });
  m.output(x);
  return m;
}

Model mobilenet_v2() {
  Model m("mobilenet_v2", 6);
  Tensor x = m.conv(m.input(224, 224, 4), 32, 3, 2, SAME, true, 3);
  const struct {
    int32_t expansion, width, repeats, stride;
  } STAGES[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  for (const auto& stage : STAGES) {
    for (int32_t i = 0; i < stage.repeats; ++i) {
      const int32_t stride = i == 0 ? stage.stride : 1;
      const bool residual = stride == 1 && x.c == stage.width;
      Tensor y = x;
      if (stage.expansion != 1) {
        y = m.conv(x, x.c * stage.expansion, 1, 1, SAME, true);
        if (!residual) m.release(x);
      }
      y = next(m, y, [&](const Tensor& t) { return m.depthwise(t, 3, stride, true); });
      y = next(m, y, [&](const Tensor& t) { return m.conv(t, stage.width, 1, 1, SAME, false); });
      if (residual) {
        const Tensor sum = m.add(x, y, false);
        m.release(x);
        m.release(y);
        y = sum;
      }
      x = y;
    }
  }
  x = next(m, x, [&](const Tensor& t) { return m.conv(t, 1280, 1, 1, SAME, true); });
  x = next(m, x, [&](const Tensor& t) { return m.average_pool(t); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 1000, false); });
  m.output(x);
  return m;
}

Model resnet18() {
  Model m("resnet18", 7);
  Tensor x = m.conv(m.input(224, 224, 4), 64, 7, 2, SAME, true, 3);
  x = next(m, x, [&](const Tensor& t) { return m.max_pool(t, 2, 2); });
  for (const int32_t width : {64, 128, 256, 512})
    for (int32_t i = 0; i < 2; ++i) x = basic_block(m, x, width, i == 0 && width != 64 ? 2 : 1);
  x = next(m, x, [&](const Tensor& t) { return m.average_pool(t); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 1000, false); });
  m.output(x);
  return m;
}

Model vgg16() {
  Model m("vgg16", 8);
  Tensor x = m.input(32, 32, 4);
  bool first = true;
  for (const auto& [width, convolutions] : {std::pair{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 0; i < convolutions; ++i) {
      const int32_t weight_in = first ? 3 : 0;
      first = false;
      x = next(m, x, [&](const Tensor& t) { return m.conv(t, width, 3, 1, SAME, true, weight_in); });
    }
    x = next(m, x, [&](const Tensor& t) { return m.max_pool(t, 2, 2); });
  }
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 512, true); });
  x = next(m, x, [&](const Tensor& t) { return m.fully_connected(t, 10, false); });
  m.output(x);
  return m;
}

/// One block of GPT-2 small, 64 positions, 12 heads. Each head has matrices of its own, as one 768 x 64 third of the
/// usual 768 x 2304 one, and its share of the output projection: sums over heads are additions.
Model gpt2_block() {
  Model m("gpt2_block", 9);
  constexpr int32_t WIDTH = 768, HEADS = 12;
  const Tensor x = m.input(1, 64, WIDTH);
  const Tensor normed = m.layer_norm(x);
  Tensor sum = x;
  for (int32_t head = 0; head < HEADS; ++head) {
    const Tensor q = m.fully_connected(normed, WIDTH / HEADS, false),
                 k = m.fully_connected(normed, WIDTH / HEADS, false),
                 v = m.fully_connected(normed, WIDTH / HEADS, false);
    const Tensor scores = m.matmul(q, k, true);
    const Tensor shares = next(m, scores, [&](const Tensor& t) { return m.softmax(t); });
    const Tensor mixed = m.matmul(shares, v, false);
    const Tensor projected = m.fully_connected(mixed, WIDTH, false);
    for (const Tensor& t : {q, k, v, shares, mixed}) m.release(t);
    const Tensor added = m.add(sum, projected, false);
    m.release(sum);
    m.release(projected);
    sum = added;
  }
  m.release(normed);
  Tensor y = m.layer_norm(sum);
  y = next(m, y, [&](const Tensor& t) { return m.fully_connected(t, 4 * WIDTH, false); });
  y = next(m, y, [&](const Tensor& t) { return m.activation(t); });
  y = next(m, y, [&](const Tensor& t) { return m.fully_connected(t, WIDTH, false); });
  m.output(m.add(sum, y, false));
  return m;
}

/// The second layer of ResNet-8, to be compared with the same in guest software.
Model one_convolution() {
  Model m("one_convolution", 10);
  m.output(m.conv(m.input(32, 32, 16), 16, 3, 1, SAME, true));
  return m;
}

}  // namespace

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> ALL = {
      {"ds_cnn", "keyword spotting DS-CNN", 0.6, "none", ds_cnn},
      {"resnet8", "ResNet-8", 0.8, "none", resnet8},
      {"lenet5", "LeNet-5", 0.4, "1.05 s (zkCNN), EZKL 535 s; 16 threads", lenet5},
      {"mlp", "MLP, 2M parameters", 0.5, "3.05 s (Bionetta, public weights), EZKL 1310 s; 16 threads", mlp},
      {"resnet_cifar", "ResNet, CIFAR form", 0, "46.5 s (ZKML); 64-core class", resnet_cifar},
      {"vgg16", "VGG-16 CIFAR", 2, "88 s open (zkCNN), 2.2 s closed (zkPyTorch)", vgg16},
      {"mobilenet_v2", "MobileNetV2 224", 15,
       "24.5 s (Bionetta, public weights), ZKML 1218 s, EZKL 14320 s; 16-64 threads", mobilenet_v2},
      {"resnet18", "ResNet-18 224", 10, "14.1 s (Bionetta, public weights), EZKL 6840 s; 16 threads", resnet18},
      {"gpt2_block", "GPT-2-small block, 64 positions", 0, "34 s for 12 blocks and the rest (DeepProve); 32 threads",
       gpt2_block},
      {"one_convolution", "3x3 convolution 16 -> 16 at 32x32", 0, "", one_convolution},
  };
  return ALL;
}

}  // namespace zkvm::bench
