#pragma once
/// \file
/// Neural-network calls while a program runs: native int8 kernels, and the record of what they did for the trace.

#include <cstdint>
#include <vector>

#include "precompiles/host.hpp"
#include "precompiles/nn/layer.hpp"

namespace zkvm::precompiles::nn {

/// Words of a tensor, by their place in it, and the clocks of their accesses before (tracing).
struct TensorTrace {
  std::vector<uint32_t> value, prev;
  bool read_only = false;  ///< in the read-only space
};

/// A call of a linear layer.
struct LinearCall {
  CallEvent call;
  uint32_t layer;                            ///< index into Rom::layers
  TensorTrace input, second;                 ///< as read; prev is set for words that are read
  TensorTrace output;                        ///< value: as it was before
  std::vector<int32_t> outputs;              ///< accumulators [out_h][out_w][out_c]
  std::vector<uint32_t> border_i, border_j;  ///< positions of the border
  std::vector<int32_t> border;               ///< their values [position][out_c]
};

/// A call of any other layer.
struct PartsCall {
  CallEvent call;
  uint32_t layer;
  TensorTrace input, second, output;  ///< output.value: as it was before
  std::vector<int32_t> pooled;        ///< pooling: sums or maxima [window][channel]
};

/// A call's place in the list of its kind.
struct CallIndex {
  bool linear;
  uint32_t index;
};

/// What the calls of a stretch of execution did; `calls` is counted from the start of the execution and kept by clear.
struct NnTrace {
  std::vector<LinearCall> linear;
  std::vector<PartsCall> parts;
  std::vector<CallIndex> order;  ///< all of them, as they came
  std::vector<uint32_t> calls;   ///< per layer
  /// Per layer: uses of its table entries, by table * 256 + x + 128; of its levels, by level_index; of exponentials, by
  /// difference; of a layer norm's constants.
  std::vector<std::vector<uint32_t>> entries;

  uint32_t layer(const CallIndex& c) const { return c.linear ? linear[c.index].layer : parts[c.index].layer; }
  const CallEvent& event(const CallIndex& c) const { return c.linear ? linear[c.index].call : parts[c.index].call; }
  const TensorTrace& input(const CallIndex& c) const { return c.linear ? linear[c.index].input : parts[c.index].input; }
  const TensorTrace& second(const CallIndex& c) const {
    return c.linear ? linear[c.index].second : parts[c.index].second;
  }
  void clear() {
    linear.clear();
    parts.clear();
    order.clear();
  }
};

/// Runs the call in `event` (a0 layer, a1 input, a2 second input, a3 output). `trace`: null when not tracing.
CallError execute(const Rom& rom, Host& host, const CallEvent& event, NnTrace* trace);

/// What a pooling layer makes of a window's sum or maximum.
int32_t pool_output(const Pool& pool, int32_t value);

/// The accumulators of a linear layer at full-product position (i, j): out[o] for all out_c channels. `input` holds x -
/// zero point, [in_h][in_w][in_c]; `second` the second input less its zero point as [out_c][in_c], for layers that have
/// one.
void accumulate(const Linear& layer, const int16_t* input, const int16_t* second, int32_t i, int32_t j, int32_t* out);

}  // namespace zkvm::precompiles::nn
