#pragma once
/// \file
/// Quantised ONNX models to graphs. README.md says which operators, and what their results are exact to.

#include <cstdint>
#include <span>
#include <string>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// The graph of the bytes of an .onnx file, or every reason why there is none. Does not throw on any bytes; memory
/// and time are bounded by the limits in onnx/model.hpp.
Imported import_onnx(std::span<const uint8_t> file, const std::string& name);

}  // namespace zkvm::compiler
