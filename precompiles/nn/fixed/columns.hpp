#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

/// Main columns of every table of fixed messages.
template <class T>
struct UsesColumns {
  T uses;
};

}  // namespace zkvm::precompiles::nn
