#pragma once

#include "precompiles/nn/output_run.hpp"

namespace zkvm::precompiles::nn {

/// accumulator = level.lowest + shift + z0 + 2^16 z1.
template <class T>
struct StepColumns {
  LevelWindows<T> level;
  T shift;  ///< 0 or level.offset: which of the two windows
  T z0, z1;
};
template <class T>
struct StepsWord {
  T prev;
  isa::Word<T> old;
  StepColumns<T> channel[LANES];
};

/// Main columns. Forms: those of the run.
template <class T>
struct StepsColumns {
  OutputRun<T> run;
  QuadMessage<T> place;
  StepsWord<T> word[OUTPUTS];
};

}  // namespace zkvm::precompiles::nn
