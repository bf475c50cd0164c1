#pragma once
/// \file
/// Graphs at random, with every operator, for tests.

#include <random>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler::testing {

/// Some ten nodes on small tensors; the same from the same seed. Has passed check(). `every_operator`: each at least
/// once.
Graph random_graph(uint32_t seed, bool every_operator = false);

/// Bytes for the graph's inputs.
std::vector<uint8_t> random_input(const Graph& graph, std::mt19937& random);

/// Builds graphs node by node; names layers by number.
class GraphBuilder {
 public:
  explicit GraphBuilder(uint32_t seed) : random(seed) {}

  ValueId input(Shape shape, bool is_unsigned = false);
  ValueId node(Operation operation, std::vector<ValueId> inputs, Shape out, const char* type);
  void output(ValueId value, bool is_unsigned = false);

  // Operators with random parameters.
  ValueId linear(ValueId in, Linear::Kind kind, bool by_thresholds);
  ValueId matmul(ValueId a, ValueId b, bool transposed, bool by_thresholds);
  ValueId add(ValueId a, ValueId b);
  ValueId binary(ValueId a, ValueId b);
  /// A clamp, another monotone function, or any.
  ValueId table(ValueId in);
  ValueId pool(ValueId in, bool is_max);
  ValueId softmax(ValueId in);
  ValueId softmax_float(ValueId in);
  ValueId concat(std::vector<ValueId> in, int32_t axis);
  ValueId pad(ValueId in, int8_t value);
  ValueId reshape(ValueId in, Shape out);
  ValueId transpose(ValueId in);
  ValueId constant(Shape shape, bool uniform = false);

  int32_t number(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(random); }
  int8_t byte() { return static_cast<int8_t>(number(-128, 127)); }
  Requantise requantise(int32_t channels, int64_t largest, bool by_thresholds);
  nn::Range range();
  Shape shape(ValueId id) const { return graph.value(id).shape; }

  Graph graph;
  std::mt19937 random;
};

}  // namespace zkvm::compiler::testing
