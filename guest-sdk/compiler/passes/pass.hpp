#pragma once
/// \file
/// The passes. Each takes a graph that check() accepts, keeps what it computes, byte for byte on all inputs, and says
/// whether it changed anything. Nodes that nobody reads any more are left to remove_dead().

#include <optional>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler::passes {

/// Reshapes and transposes that keep elements where they are, tables that are the identity, pads of nothing, copies of
/// one another: readers get the input. A transpose that moves only dimensions of 1 becomes a reshape.
bool remove_identities(Graph& graph);
/// Nodes without a reader.
bool remove_dead(Graph& graph);
/// Nodes whose inputs are all constant become constants, and so do layers whose windows lie in the padding everywhere
/// and softmaxes of one column.
bool fold_constants(Graph& graph);
/// Functions of one element: x + x, and operations with a constant that is the same everywhere, become tables; a
/// product with one constant for each channel becomes a depthwise layer where it is monotone in each.
bool simplify_functions(Graph& graph);
/// A table into the operator whose only reader it is: another table, linear, product, sum, pooling, softmax's none.
/// Exact: a clamp becomes a range, another nondecreasing table thresholds if the operator has them.
bool fuse_tables(Graph& graph);
/// A pad with the zero point of the linear layer that reads it into the layer's window; for pooling with no padding
/// nothing can be done.
bool fuse_pads(Graph& graph);
/// Reshape and transpose before a fully connected layer of one row into the order of its weights.
bool fold_layouts(Graph& graph);
/// Channels of linear layers that give one value for all inputs lose their weights.
bool fold_channels(Graph& graph);
/// Thresholds that a scale gives exactly, for all channels of a layer and all accumulators they can have, become
/// scales.
bool fit_scales(Graph& graph);
/// Scales become thresholds where those are cheaper to prove: 26 cells an output instead of 58, but up to 1,024 a
/// channel (precompiles/nn/README.md).
bool choose_thresholds(Graph& graph);
/// Average pooling with windows that overlap but do not reach beyond the input becomes a depthwise layer, if exact.
bool average_to_depthwise(Graph& graph);

// --- For passes -----------------------------------------------------------------------------------------------------

/// Index of the node that computes the value, or -1.
int32_t producer_of(const Graph& graph, ValueId value);
/// Nodes that read the value (a node twice if it reads it twice) and outputs that are it.
int32_t readers_of(const Graph& graph, ValueId value);
/// Everyone who reads `from` reads `to`.
void replace_value(Graph& graph, ValueId from, ValueId to);
/// The constant's elements, or null.
const std::vector<int8_t>* constant_of(const Graph& graph, ValueId value);

/// What accumulators plus bias of an output channel can be for some input of bytes.
struct Interval {
  int64_t low = 0, high = 0;
};
Interval accumulators_of(const Linear& linear, int32_t inputs, int32_t channel);
Interval accumulators_of(const MatMul& product, int32_t inner);

/// What a channel makes of an accumulator.
int8_t result_of(const Requantise& requantise, size_t channel, int32_t accumulator);
/// The thresholds of table[result_of(...)] over the interval, or nothing if that decreases somewhere in it. Below and
/// above, the ends' values go on.
std::optional<Thresholds> thresholds_of(const Requantise& requantise, size_t channel, Interval accumulators,
                                        const std::array<int8_t, 256>* table);
/// Whether an output of this shape is cheaper by thresholds than by scales.
bool prefers_thresholds(Shape output);
/// Scales, zero point and range that give the channels' thresholds for all accumulators in the intervals, or nothing.
/// `zero_point` is tried first.
std::optional<Requantise> scales_for(const std::vector<Thresholds>& thresholds,
                                     const std::vector<Interval>& accumulators, int32_t zero_point);

}  // namespace zkvm::compiler::passes
