#pragma once
/// \file
/// A model's file to a graph, whatever its format.

#include <span>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// The format is what the bytes say, not the file's name. `name`: of the model, for people. Never throws on any bytes;
/// everything that is wrong is in `problems`.
Imported import_model(std::span<const uint8_t> file, const std::string& name);

}  // namespace zkvm::compiler
