#pragma once
/// \file
/// Networks with seeded weights, as layer records and a list of calls: what the neural-network benchmarks prove.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "guest-sdk/include/zkvm/nn/record.h"

namespace zkvm::bench {

/// An int8 tensor [h][w][c]: in the guest's arena, or the input.
struct Tensor {
  int32_t h, w, c;
  uint32_t offset;
  bool is_input = false;
  uint32_t bytes() const { return static_cast<uint32_t>(h) * static_cast<uint32_t>(w) * static_cast<uint32_t>(c); }
};

/// One call of the guest; offsets into ROM and arena.
struct ModelCall {
  uint32_t record;
  Tensor input, second, output;
};

enum class Padding { VALID, SAME };

/// Builds layer by layer. Weights, biases and multipliers come from a generator with a fixed seed; multipliers are such
/// that activations use their range. The methods allocate their output; `release` gives a tensor's memory back.
class Model {
 public:
  Model(std::string name, uint32_t seed) : name_(std::move(name)), random_(seed) {}

  /// The input of the network; channels a multiple of 4.
  Tensor input(int32_t h, int32_t w, int32_t c);
  Tensor conv(const Tensor& x, int32_t out_c, int32_t kernel, int32_t stride, Padding padding, bool relu,
              int32_t weight_in = 0);
  Tensor depthwise(const Tensor& x, int32_t kernel, int32_t stride, bool relu);
  /// Every position by itself: [h w][c] times a matrix. `outputs` need not be a multiple of 4.
  Tensor fully_connected(const Tensor& x, int32_t outputs, bool relu);
  /// a [m][k] times b, [n][k] if transposed and else [k][n].
  Tensor matmul(const Tensor& a, const Tensor& b, bool transposed);
  Tensor add(const Tensor& x, const Tensor& y, bool relu);
  Tensor activation(const Tensor& x);  ///< GELU
  Tensor max_pool(const Tensor& x, int32_t kernel, int32_t stride);
  Tensor average_pool(const Tensor& x);  ///< over all positions
  Tensor softmax(const Tensor& x);       ///< of each position
  Tensor layer_norm(const Tensor& x);    ///< of each position
  Tensor flatten(const Tensor& x) const { return {1, 1, static_cast<int32_t>(x.bytes()), x.offset, x.is_input}; }
  void release(const Tensor& x);
  void output(const Tensor& x) { output_ = x; }

  const std::string& name() const { return name_; }
  const std::vector<uint8_t>& rom() const { return rom_; }
  const std::vector<ModelCall>& calls() const { return calls_; }
  const Tensor& input() const { return input_; }
  const Tensor& output() const { return output_; }
  uint32_t arena_bytes() const { return arena_; }
  /// Counted as in papers: weights of convolutions and matrices; elements of all layers' outputs; multiplications.
  uint64_t weights() const { return weights_; }
  uint64_t outputs() const { return outputs_; }
  uint64_t macs() const { return macs_; }

  /// Assembly source: layers in .zkvm.rom (from the file `rom_file`), the call list, the arena. For guest.cpp. With
  /// ZKVM_NN_SOFTWARE defined the layers are ordinary memory, and the guest runs them.
  std::string assembly(const std::string& rom_file) const;
  /// A seeded input.
  std::vector<uint8_t> make_input();

 private:
  Tensor allocate(int32_t h, int32_t w, int32_t c);
  Tensor linear(const Tensor& x, const Tensor* second, zkvm_nn_linear record);
  uint32_t put(const void* header, const std::vector<uint8_t>& payload);
  int32_t uniform(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(random_); }

  std::string name_;
  std::mt19937 random_;
  std::vector<uint8_t> rom_;
  std::vector<ModelCall> calls_;
  Tensor input_{}, output_{};
  struct Block {
    uint32_t offset, bytes;
  };
  std::vector<Block> used_;  ///< increasing offsets
  uint32_t arena_ = 0;
  uint64_t weights_ = 0, outputs_ = 0, macs_ = 0;
};

/// What has been published about a network, to compare with.
struct Benchmark {
  const char* name;
  const char* what;
  double target_seconds;  ///< of the project; 0: none
  const char* published;
  Model (*make)();
};
const std::vector<Benchmark>& benchmarks();

}  // namespace zkvm::bench
