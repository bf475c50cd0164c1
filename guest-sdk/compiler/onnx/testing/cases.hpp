#pragma once
/// \file
/// Small models, of an operator each, that are compared with onnxruntime; references: how onnxruntime runs it,
/// "default", "int8" or "plain" (record.py).

#include "guest-sdk/compiler/testing/cases.hpp"

namespace zkvm::compiler::onnx::testing {

using namespace zkvm::compiler::testing;

std::vector<Case> cases();

}  // namespace zkvm::compiler::onnx::testing
