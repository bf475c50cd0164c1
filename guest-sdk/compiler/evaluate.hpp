#pragma once
/// \file
/// What graphs compute: the definition of graph.hpp's operators, by plain loops. Tests compare importers with the
/// frameworks' kernels and generated guests with this.

#include <span>
#include <string>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// The output bytes for input bytes, both one border after the other, as a guest reads and writes them. `input` has
/// input_bytes(graph) bytes, `graph` has passed check(). If `trace` is not null it gets every value's elements.
std::vector<uint8_t> evaluate(const Graph& graph, std::span<const uint8_t> input,
                              std::vector<std::vector<int8_t>>* trace = nullptr);

int64_t input_bytes(const Graph& graph);
int64_t output_bytes(const Graph& graph);

}  // namespace zkvm::compiler
