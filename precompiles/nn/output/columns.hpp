#pragma once

#include "precompiles/nn/requantise.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned OUTPUTS = 2;  ///< neighbouring positions a row

template <class T>
struct OutputWord {
  T prev;
  isa::Word<T> old, value;
  RequantiseColumns<T> channel[LANES];
};

/// Main columns. Forms: sum, power, row_power; see air.hpp.
template <class T>
struct OutputColumns {
  T is_real, first, end, last;  ///< end: of an image row
  T second;                     ///< the second position exists
  T call;
  ChannelsMessage<T> channels;
  T rows_left, cols_left;  ///< this one included; this row's positions included
  T address, segment, carry;
  OutputWord<T> word[OUTPUTS];
};
inline constexpr unsigned OUTPUT_FORMS = 3;

}  // namespace zkvm::precompiles::nn
