#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

/// Levels a row: more of them share the columns that say whose they are, and look-ups come in pairs.
inline constexpr unsigned LEVELS = 8;

/// Fixed: neighbouring results of a channel; at the end of its last row the last one again.
template <class T>
struct LevelsFixed {
  T layer, channel;
  LevelWindows<T> level[LEVELS];
};
/// Main columns.
template <class T>
struct LevelsColumns {
  T uses[LEVELS];
};

}  // namespace zkvm::precompiles::nn
