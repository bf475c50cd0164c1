#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

/// Main columns. Forms: factor[4], other[4], sum; see air.hpp.
template <class T>
struct LedgerColumns {
  T is_real, first;
  T call;
  PlanMessage<T> plan;
  T owner;  ///< of single forms: the layer if they are weights, else the call
};
inline constexpr unsigned LEDGER_FORMS = 9;

}  // namespace zkvm::precompiles::nn
