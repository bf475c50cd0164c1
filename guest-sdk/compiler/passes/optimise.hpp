#pragma once
/// \file
/// All passes in the order that serves them.

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// A graph that computes the same bytes from the same bytes, at less cost. `graph` has passed check(); the result does,
/// too. Names of layers are kept where a node survives.
Graph optimise(Graph graph);

}  // namespace zkvm::compiler
