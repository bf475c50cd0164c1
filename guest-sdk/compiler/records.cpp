#include "guest-sdk/compiler/records.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "precompiles/nn/layer.hpp"

namespace zkvm::compiler {
namespace {

/// Larger records than all of a program's may be (vm/elf/program.hpp).
constexpr int64_t MAX_RECORD_BYTES = int64_t{160} << 20;

void append(std::vector<uint8_t>& to, const void* from, size_t bytes) {
  if (bytes == 0) return;
  const size_t at = to.size();
  to.resize(at + bytes);
  std::memcpy(to.data() + at, from, bytes);
}
template <class Record>
std::vector<uint8_t> bytes_of(const Record& record) {
  std::vector<uint8_t> out;
  append(out, &record, sizeof record);
  return out;
}

std::string outside(const char* what, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return "";
  return std::string(what) + ": expected " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
         std::to_string(value);
}

}  // namespace

std::string check_shape(const nn::Conv2d& o, zkvm_nn_operand operand) {
  constexpr int64_t MAX_SIZE = 1 << 15;
  for (const auto& [what, value, low, high] :
       {std::tuple<const char*, int64_t, int64_t, int64_t>{"input height", o.in_h, 1, MAX_SIZE},
        {"input width", o.in_w, 1, MAX_SIZE},
        {"input channels", o.in_c, 1, MAX_SIZE},
        {"output channels", o.out_c, 1, MAX_SIZE},
        {"kernel height", o.kernel_h, 1, 64},
        {"kernel width", o.kernel_w, 1, 64},
        {"vertical stride", o.stride_h, 1, 64},
        {"horizontal stride", o.stride_w, 1, 64},
        {"padding above", o.padding.top, 0, 63},
        {"padding at the left", o.padding.left, 0, 63},
        {"padding below", o.padding.bottom, 0, MAX_SIZE},
        {"padding at the right", o.padding.right, 0, MAX_SIZE}})
    if (std::string wrong = outside(what, value, low, high); !wrong.empty()) return wrong;
  const int64_t inputs = operand == ZKVM_NN_DENSE ? o.in_c : operand == ZKVM_NN_DEPTHWISE ? 1 : 0;
  const int64_t bytes = int64_t{o.out_c} * (int64_t{sizeof(zkvm_nn_thresholds)} + inputs * o.kernel_h * o.kernel_w);
  return outside("bytes of weights and thresholds", bytes, 1, MAX_RECORD_BYTES);
}

std::vector<uint8_t> linear_record(const nn::Conv2d& o, zkvm_nn_operand operand, std::span<const int8_t> weights,
                                   std::span<const int32_t> biases, const Requantise& requantise) {
  const bool by_thresholds = !requantise.thresholds.empty();
  const zkvm_nn_requantisation kind = by_thresholds ? ZKVM_NN_THRESHOLDS : ZKVM_NN_MULTIPLIERS;
  const zkvm_nn_linear header = nn::detail::linear_shape(operand, o, kind);
  std::vector<uint8_t> out;
  out.reserve(header.bytes);
  append(out, &header, sizeof header);
  for (size_t c = 0; c < static_cast<size_t>(o.out_c); ++c) {
    const int32_t bias = biases.empty() ? 0 : biases[c];
    append(out, &bias, sizeof bias);
    if (by_thresholds) {
      append(out, requantise.thresholds[c].data(), sizeof requantise.thresholds[c]);
    } else {
      append(out, &requantise.scales[c].multiplier, 4);
      append(out, &requantise.scales[c].shift, 4);
    }
  }
  append(out, weights.data(), weights.size());
  out.resize(header.bytes);
  return out;
}

std::vector<uint8_t> add_record(const Add& add, int32_t count) {
  int32_t first[256], second[256];
  std::copy(add.first.begin(), add.first.end(), first);
  std::copy(add.second.begin(), add.second.end(), second);
  return bytes_of(nn::add_layer(count, first, second, add.scale, add.zero_point, add.range));
}

std::vector<uint8_t> table_record(const Table& table, int32_t count) {
  return bytes_of(nn::table_layer(count, table.table));
}

std::vector<uint8_t> pool_record(const Pool& pool, Shape in, Shape out) {
  const Window& w = pool.window;
  nn::PoolRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_POOL;
  r.header.bytes = sizeof r;
  r.header.is_max = pool.is_max;
  r.header.in_h = in.h, r.header.in_w = in.w, r.header.channels = nn::padded(in.c);
  r.header.out_h = out.h, r.header.out_w = out.w;
  r.header.kernel_h = w.kernel_h, r.header.kernel_w = w.kernel_w;
  r.header.stride_h = w.stride_h, r.header.stride_w = w.stride_w;
  r.header.pad_top = w.top, r.header.pad_left = w.left;
  r.header.act_min = pool.range.min, r.header.act_max = pool.range.max;
  return bytes_of(r);
}

std::string refusal(std::vector<uint8_t> record) {
  precompiles::nn::Rom rom;
  std::string error = rom.load(std::move(record));
  // "layer record at 0x60000000 (operator), field: expected ..., found ..."
  if (const size_t name = error.find("), "); name != std::string::npos) return error.substr(name + 3);
  return error;
}

}  // namespace zkvm::compiler
