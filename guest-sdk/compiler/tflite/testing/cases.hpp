#pragma once
/// \file
/// Small models, of an operator each, that are compared with the reference kernels; references: "micro", or "lite" for
/// what TensorFlow Lite Micro has no kernel for (record.py).

#include "guest-sdk/compiler/testing/cases.hpp"

namespace zkvm::compiler::tflite::testing {

using namespace zkvm::compiler::testing;

std::vector<Case> cases();

}  // namespace zkvm::compiler::tflite::testing
