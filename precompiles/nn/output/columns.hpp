#pragma once

#include "precompiles/nn/output_run.hpp"
#include "precompiles/nn/requantise.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct OutputWord {
  T prev;
  isa::Word<T> old, value;
  RequantiseColumns<T> channel[LANES];
};

/// Main columns. Forms: those of the run.
template <class T>
struct OutputColumns {
  OutputRun<T> run;
  ChannelsMessage<T> channels;
  OutputWord<T> word[OUTPUTS];
};

}  // namespace zkvm::precompiles::nn
