#pragma once
/// \file
/// From a graph to what a guest does: calls of layers with their records, steps in guest code, and where tensors lie.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"
#include "guest-sdk/include/zkvm/nn/linear.hpp"

namespace zkvm::compiler {

/// A tensor in the guest's memory: positions of shape.c elements, `stride` bytes apart.
struct Tensor {
  enum class Home {
    INPUT,     ///< where the private input is: read only, without padding channels
    ARENA,     ///< writable
    CONSTANT,  ///< an array of the program
  };
  std::string name;  ///< the value's, or what it is for
  Shape shape;
  int32_t stride = 0;
  Home home = Home::ARENA;
  int64_t offset = 0;     ///< in the input or the arena
  int32_t storage = -1;   ///< ARENA: tensors of one storage share memory
  int32_t constant = -1;  ///< CONSTANT: the node

  int64_t bytes() const { return int64_t{shape.h} * shape.w * stride; }
  /// Its elements are neighbours in memory.
  bool is_dense() const { return stride == shape.c || (shape.h == 1 && shape.w == 1); }
};

/// Memory of the arena.
struct Storage {
  int64_t bytes = 0, offset = 0;
  int32_t first = -1, last = -1;  ///< steps
};

enum class Work {
  LINEAR,
  MATMUL,
  ADD,
  TABLE,
  POOL,
  SOFTMAX,
  SOFTMAX_FLOAT,
  BINARY,
  TRANSPOSE,
  PAD,
  RESHAPE,
  COPY,   ///< from one stride to another
  PLACE,  ///< into a part of the output
  FILL,   ///< padding channels of the output get `fill`
};

struct Step {
  Work work = Work::COPY;
  int32_t node = -1;  ///< of Program::graph; -1: the border's
  std::vector<int32_t> inputs;
  int32_t output = -1;
  /// LINEAR, MATMUL, ADD, TABLE, POOL: what the layer is made of, and whether the machine runs it; else guest code
  /// does.
  std::vector<uint8_t> record;
  bool on_machine = false;
  // LINEAR and MATMUL: options of the builder. Weights are the node's in another order, if at all.
  nn::Conv2d shape;
  zkvm_nn_operand operand = ZKVM_NN_DENSE;
  std::vector<int8_t> weights;
  bool flips = false;           ///< COPY: between int8 and uint8
  std::array<int32_t, 3> at{};  ///< PLACE: row, column, channel
  int8_t fill = 0;
};

struct Program {
  Graph graph;
  std::vector<Tensor> tensors;
  std::vector<Storage> storages;
  std::vector<Step> steps;
  int32_t result = -1;  ///< the tensor whose elements are the output's bytes
  int64_t arena_bytes = 0;
  int64_t live_bytes = 0;  ///< the largest set of tensors that are in use at once
  std::vector<Problem> problems;

  const Tensor& tensor(int32_t id) const { return tensors[static_cast<size_t>(id)]; }
  const Node& node(const Step& step) const { return graph.nodes[static_cast<size_t>(step.node)]; }
};

/// `graph` has passed check(). What the machine cannot do and guest code does not is in `problems`, all of it; the
/// program can be used only if there are none.
Program lower(Graph graph);

/// What the program computes, on the host: records by the software definition of the precompile. For tests and for a
/// last check of what is generated.
std::vector<uint8_t> execute(const Program& program, std::span<const uint8_t> input);

}  // namespace zkvm::compiler
