#include "bench/nn/model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

namespace zkvm::bench {
namespace {

int32_t round_up(int32_t value, int32_t to) { return (value + to - 1) / to * to; }

struct Multiplier {
  int32_t multiplier, shift;
};
/// As TensorFlow Lite's QuantizeMultiplier.
Multiplier quantise(double value) {
  if (value == 0) return {0, 0};
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  auto q = static_cast<int64_t>(std::llround(fraction * static_cast<double>(int64_t{1} << 31)));
  if (q == int64_t{1} << 31) {
    q /= 2;
    ++exponent;
  }
  return {static_cast<int32_t>(q), exponent};
}

template <class T>
void append(std::vector<uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

zkvm_nn_linear linear_record() {
  zkvm_nn_linear r{};
  r.kind = ZKVM_NN_LINEAR;
  r.kernel_h = r.kernel_w = r.stride_h = r.stride_w = r.dilation_h = r.dilation_w = 1;
  r.act_min = -128;
  r.act_max = 127;
  return r;
}

}  // namespace

Tensor Model::allocate(int32_t h, int32_t w, int32_t c) {
  Tensor t{h, w, c, 0};
  const uint32_t bytes = (t.bytes() + 31) / 32 * 32;
  auto at = used_.begin();
  for (; at != used_.end() && at->offset - t.offset < bytes; ++at) t.offset = at->offset + at->bytes;
  used_.insert(at, {t.offset, bytes});
  arena_ = std::max(arena_, t.offset + bytes);
  outputs_ += t.bytes();
  return t;
}

void Model::release(const Tensor& x) {
  if (x.is_input) return;
  used_.erase(std::find_if(used_.begin(), used_.end(), [&](const Block& b) { return b.offset == x.offset; }));
}

uint32_t Model::put(const void* header, const std::vector<uint8_t>& payload) {
  const auto at = static_cast<uint32_t>(rom_.size());
  const auto bytes = static_cast<uint32_t>((ZKVM_NN_HEADER_BYTES + payload.size() + 31) / 32 * 32);
  rom_.resize(at + bytes);
  std::memcpy(rom_.data() + at, header, ZKVM_NN_HEADER_BYTES);
  std::memcpy(rom_.data() + at + 8, &bytes, sizeof bytes);
  const uint32_t magic = ZKVM_NN_MAGIC;
  std::memcpy(rom_.data() + at, &magic, sizeof magic);
  std::copy(payload.begin(), payload.end(), rom_.begin() + at + ZKVM_NN_HEADER_BYTES);
  return at;
}

Tensor Model::input(int32_t h, int32_t w, int32_t c) { return input_ = {h, w, c, 0, true}; }

Tensor Model::linear(const Tensor& x, const Tensor* second, zkvm_nn_linear r) {
  r.in_h = x.h;
  r.in_w = x.w;
  r.in_c = x.c;
  r.out_c = round_up(r.weight_out, 4);
  const bool depthwise = r.operand == ZKVM_NN_DEPTHWISE;
  const int64_t products = int64_t{r.kernel_h} * r.kernel_w * (depthwise ? 1 : r.weight_in);
  // Activations of size 60 and weights of size 73 make accumulators of size 60 * 73 * sqrt(products); outputs of 50.
  const Multiplier m = quantise(50 / (60.0 * 73 * std::sqrt(static_cast<double>(products))));
  std::vector<uint8_t> payload;
  for (int32_t o = 0; o < r.weight_out; ++o)
    append(payload, zkvm_nn_channel{uniform(-2000, 2000), m.multiplier, m.shift});
  if (second == nullptr) {
    const uint64_t weights = static_cast<uint64_t>(products) * static_cast<uint64_t>(r.weight_out);
    weights_ += weights;
    for (uint64_t i = 0; i < weights; ++i) payload.push_back(static_cast<uint8_t>(uniform(-127, 127)));
  }
  macs_ += static_cast<uint64_t>(products) * static_cast<uint64_t>(r.weight_out) * static_cast<uint64_t>(r.out_h) *
           static_cast<uint64_t>(r.out_w);
  const Tensor y = allocate(r.out_h, r.out_w, r.out_c);
  calls_.push_back({put(&r, payload), x, second == nullptr ? Tensor{} : *second, y});
  return y;
}

Tensor Model::conv(const Tensor& x, int32_t out_c, int32_t kernel, int32_t stride, Padding padding, bool relu,
                   int32_t weight_in) {
  zkvm_nn_linear r = linear_record();
  r.kernel_h = r.kernel_w = kernel;
  r.stride_h = r.stride_w = stride;
  const bool same = padding == Padding::SAME;
  const auto outputs = [&](int32_t size) { return same ? (size + stride - 1) / stride : (size - kernel) / stride + 1; };
  const auto pad = [&](int32_t size, int32_t out) {
    return same ? std::max(0, (out - 1) * stride + kernel - size) / 2 : 0;
  };
  r.out_h = outputs(x.h);
  r.out_w = outputs(x.w);
  r.pad_top = pad(x.h, r.out_h);
  r.pad_left = pad(x.w, r.out_w);
  r.weight_in = weight_in == 0 ? x.c : weight_in;
  r.weight_out = out_c;
  r.in_zp = x.is_input ? -10 : -5;
  r.out_zp = relu ? -128 : -5;
  return linear(x, nullptr, r);
}

Tensor Model::depthwise(const Tensor& x, int32_t kernel, int32_t stride, bool relu) {
  zkvm_nn_linear r = linear_record();
  r.operand = ZKVM_NN_DEPTHWISE;
  r.kernel_h = r.kernel_w = kernel;
  r.stride_h = r.stride_w = stride;
  r.out_h = (x.h + stride - 1) / stride;
  r.out_w = (x.w + stride - 1) / stride;
  r.pad_top = std::max(0, (r.out_h - 1) * stride + kernel - x.h) / 2;
  r.pad_left = std::max(0, (r.out_w - 1) * stride + kernel - x.w) / 2;
  r.weight_in = r.weight_out = x.c;
  r.in_zp = -5;
  r.out_zp = relu ? -128 : -5;
  return linear(x, nullptr, r);
}

Tensor Model::fully_connected(const Tensor& x, int32_t outputs, bool relu) {
  zkvm_nn_linear r = linear_record();
  const Tensor rows{1, x.h * x.w, x.c, x.offset, x.is_input};
  r.out_h = 1;
  r.out_w = rows.w;
  r.weight_in = x.c;
  r.weight_out = outputs;
  r.in_zp = -5;
  r.out_zp = relu ? -128 : -5;
  return linear(rows, nullptr, r);
}

Tensor Model::matmul(const Tensor& a, const Tensor& b, bool transposed) {
  zkvm_nn_linear r = linear_record();
  r.operand = transposed ? ZKVM_NN_RAM_NK : ZKVM_NN_RAM_KN;
  r.out_h = 1;
  r.out_w = a.w;
  r.weight_in = a.c;
  r.weight_out = transposed ? b.w : b.c;
  r.in_zp = r.b_zp = r.out_zp = -5;
  return linear(a, &b, r);
}

Tensor Model::add(const Tensor& x, const Tensor& y, bool relu) {
  zkvm_nn_add r{};
  r.kind = ZKVM_NN_ADD;
  r.count = static_cast<int32_t>(x.bytes());
  r.out_zp = relu ? -128 : -5;
  r.act_min = -128;
  r.act_max = 127;
  const Multiplier m = quantise(0.7 / (1 << 20));
  r.multiplier = m.multiplier;
  r.shift = m.shift;
  std::vector<uint8_t> payload;
  for (int32_t table = 0; table < 2; ++table)
    for (int32_t byte = 0; byte < 256; ++byte)
      append(payload, (static_cast<int8_t>(byte) + 5) * (table == 0 ? 1 << 20 : 900'000));
  const Tensor z = allocate(x.h, x.w, x.c);
  calls_.push_back({put(&r, payload), x, y, z});
  return z;
}

Tensor Model::activation(const Tensor& x) {
  zkvm_nn_table r{};
  r.kind = ZKVM_NN_TABLE;
  r.count = static_cast<int32_t>(x.bytes());
  std::vector<uint8_t> payload;
  for (int32_t byte = 0; byte < 256; ++byte) {
    const double v = (static_cast<int8_t>(byte) + 5) / 32.0, gelu = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
    payload.push_back(static_cast<uint8_t>(std::clamp(static_cast<int>(std::lround(gelu * 32)) - 5, -128, 127)));
  }
  const Tensor y = allocate(x.h, x.w, x.c);
  calls_.push_back({put(&r, payload), x, {}, y});
  return y;
}

Tensor Model::max_pool(const Tensor& x, int32_t kernel, int32_t stride) {
  zkvm_nn_pool r{};
  r.kind = ZKVM_NN_POOL;
  r.is_max = 1;
  r.in_h = x.h;
  r.in_w = x.w;
  r.channels = x.c;
  r.out_h = (x.h - kernel) / stride + 1;
  r.out_w = (x.w - kernel) / stride + 1;
  r.kernel_h = r.kernel_w = kernel;
  r.stride_h = r.stride_w = stride;
  r.act_min = -128;
  r.act_max = 127;
  const Tensor y = allocate(r.out_h, r.out_w, x.c);
  calls_.push_back({put(&r, {}), x, {}, y});
  return y;
}

Tensor Model::average_pool(const Tensor& x) {
  zkvm_nn_pool r{};
  r.kind = ZKVM_NN_POOL;
  r.in_h = r.kernel_h = r.stride_h = x.h;
  r.in_w = r.kernel_w = r.stride_w = x.w;
  r.channels = x.c;
  r.out_h = r.out_w = 1;
  r.act_min = -128;
  r.act_max = 127;
  const Tensor y = allocate(1, 1, x.c);
  calls_.push_back({put(&r, {}), x, {}, y});
  return y;
}

Tensor Model::softmax(const Tensor& x) {
  zkvm_nn_softmax r{};
  r.kind = ZKVM_NN_SOFTMAX;
  r.rows = x.h * x.w;
  r.cols = x.c;
  std::vector<uint8_t> payload;
  for (int d = 0; d < 256; ++d) append(payload, static_cast<int32_t>(std::llround(std::exp(-0.05 * d) * 2147483647.0)));
  const Tensor y = allocate(x.h, x.w, x.c);
  calls_.push_back({put(&r, payload), x, {}, y});
  return y;
}

Tensor Model::layer_norm(const Tensor& x) {
  zkvm_nn_layer_norm r{};
  r.kind = ZKVM_NN_LAYER_NORM;
  r.rows = x.h * x.w;
  r.cols = x.c;
  r.epsilon = 1;
  r.out_zp = -5;
  r.act_min = -128;
  r.act_max = 127;
  const Multiplier m = quantise(40.0 / (4096 * 1024));
  r.multiplier = m.multiplier;
  r.shift = m.shift;
  std::vector<uint8_t> payload;
  for (int32_t c = 0; c < x.c; ++c) append(payload, zkvm_nn_norm{uniform(2048, 6144), uniform(-100'000, 100'000)});
  const Tensor y = allocate(x.h, x.w, x.c);
  calls_.push_back({put(&r, payload), x, {}, y});
  return y;
}

std::string Model::assembly(const std::string& rom_file) const {
  std::ostringstream s;
  const auto pointer = [](const Tensor& t) {
    return t.is_input ? std::string("0x40000004") : "nn_arena + " + std::to_string(t.offset);
  };
  s << "/* " << name_ << ", made by zkvm_bench_nn_write. */\n"
    << "#ifdef ZKVM_NN_SOFTWARE\n.section .rodata\n#else\n.section .zkvm.rom, \"a\", @progbits\n#endif\n"
    << ".balign 32\nnn_rom:\n.incbin \"" << rom_file << "\"\n"
    << ".section .rodata\n.balign 4\n.globl nn_calls, nn_call_count, nn_input_bytes, nn_output, nn_output_bytes\n"
    << "nn_calls:\n";
  for (const ModelCall& c : calls_)
    s << ".word nn_rom + " << c.record << ", " << pointer(c.input) << ", " << pointer(c.second) << ", "
      << pointer(c.output) << "\n";
  s << "nn_call_count: .word " << calls_.size() << "\nnn_input_bytes: .word " << input_.bytes() << "\nnn_output: .word "
    << pointer(output_) << "\nnn_output_bytes: .word " << output_.bytes()
    << "\n.section .bss\n.balign 32\nnn_arena: .skip " << arena_ << "\n";
  return s.str();
}

std::vector<uint8_t> Model::make_input() {
  std::vector<uint8_t> bytes(input_.bytes());
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(uniform(-128, 127));
  return bytes;
}

}  // namespace zkvm::bench
