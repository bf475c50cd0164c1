#pragma once
/// \file
/// TensorFlow Lite models, quantised to int8, to graphs.

#include <span>
#include <string>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// The graph of a .tflite file, computing byte for byte what the reference kernels of TensorFlow Lite Micro compute, or
/// all reasons why there is none. `file` may be anything. README.md lists the operators; `name` becomes the graph's.
Imported import_tflite(std::span<const uint8_t> file, const std::string& name);

}  // namespace zkvm::compiler
