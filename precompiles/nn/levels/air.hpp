#pragma once
/// \file
/// Provides LEVEL: for each channel of each layer with thresholds the results that its weights can lead to, eight a
/// row, fixed by the image ID. `uses` are free multiplicities; a result that fills up a row is true twice. 8 + 24 cells
/// a row, 4 a result.
///
/// Padding rows are messages of layer 0, which no call can name (fixed/air.hpp).

#include "precompiles/nn/levels/columns.hpp"

namespace zkvm::precompiles::nn {

inline void levels_air(AirBuilder& b) {
  const auto f = b.preprocessed<LevelsFixed>();
  const auto c = b.main<LevelsColumns>();
  for (unsigned i = 0; i < LEVELS; ++i) b.send(LEVEL, {f.layer, f.channel, f.level[i]}, c.uses[i], "level");
}

}  // namespace zkvm::precompiles::nn
