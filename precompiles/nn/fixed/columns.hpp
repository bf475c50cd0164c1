#pragma once

#include "precompiles/nn/row_buses.hpp"

namespace zkvm::precompiles::nn {

/// Main columns of every table of fixed messages.
template <class T>
struct UsesColumns {
  T uses;
};

}  // namespace zkvm::precompiles::nn
