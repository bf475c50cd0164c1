#pragma once
/// \file
/// What layer records compute, in portable C++20: the definition of the neural-network precompile and its oracle, and
/// what native builds and builds with ZKVM_NN_SOFTWARE run. Bit-exact to the TensorFlow Lite int8 reference kernels
/// (default double rounding), where those have the operator. No allocation, no exceptions, no state; host and guest.
///
/// Records are taken as valid (record.h): whoever has one from outside checks it first. A record is aligned to 4 bytes.

#include "software_linear.hpp"
#include "software_pool.hpp"
#include "software_rows.hpp"

namespace zkvm::nn::software {

/// Bytes of a record's first input, second input (0 without one) and output.
struct TensorBytes {
  std::int32_t in, in2, out;
};
constexpr TensorBytes tensor_bytes(const zkvm_nn_linear& r) {
  const bool in_ram = r.operand == ZKVM_NN_RAM_NK || r.operand == ZKVM_NN_RAM_KN;
  return {r.in_h * r.in_w * r.in_c, in_ram ? r.in_c * r.out_c : 0, r.out_h * r.out_w * r.out_c};
}
constexpr TensorBytes tensor_bytes(const zkvm_nn_add& r) { return {r.count, r.count, r.count}; }
constexpr TensorBytes tensor_bytes(const zkvm_nn_table& r) { return {r.count, 0, r.count}; }
constexpr TensorBytes tensor_bytes(const zkvm_nn_pool& r) {
  return {r.in_h * r.in_w * r.channels, 0, r.out_h * r.out_w * r.channels};
}
constexpr TensorBytes tensor_bytes(const zkvm_nn_softmax& r) { return {r.rows * r.cols, 0, r.rows * r.cols}; }
constexpr TensorBytes tensor_bytes(const zkvm_nn_layer_norm& r) { return {r.rows * r.cols, 0, r.rows * r.cols}; }

/// Runs the layer of any kind. The machine reads all of a call's inputs before it writes. Here this holds when `out` is
/// disjoint from the inputs, or, for all kinds but linear layers and pooling, is the same tensor as one of them; for
/// other overlaps, call with copies of the inputs. False, and nothing is done, if `record` is not a layer record.
inline bool run(const void* record, const std::int8_t* in, const std::int8_t* in2, std::int8_t* out) {
  const auto* words = static_cast<const std::uint32_t*>(record);
  if (words[0] != ZKVM_NN_MAGIC) return false;
  switch (words[1]) {
    case ZKVM_NN_LINEAR:
      linear(*static_cast<const zkvm_nn_linear*>(record), in, in2, out);
      return true;
    case ZKVM_NN_ADD:
      add(*static_cast<const zkvm_nn_add*>(record), in, in2, out);
      return true;
    case ZKVM_NN_TABLE:
      table(*static_cast<const zkvm_nn_table*>(record), in, out);
      return true;
    case ZKVM_NN_POOL:
      pool(*static_cast<const zkvm_nn_pool*>(record), in, out);
      return true;
    case ZKVM_NN_SOFTMAX:
      softmax(*static_cast<const zkvm_nn_softmax*>(record), in, out);
      return true;
    case ZKVM_NN_LAYER_NORM:
      layer_norm(*static_cast<const zkvm_nn_layer_norm*>(record), in, out);
      return true;
    default:
      return false;
  }
}

}  // namespace zkvm::nn::software
