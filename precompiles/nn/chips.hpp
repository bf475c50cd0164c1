#pragma once

#include <cstddef>
#include <cstdint>

namespace zkvm::precompiles::nn {

/// The chips of this folder, in the order of the registry.
enum class NnChip : uint8_t {
  CALL,
  LEDGER,
  ACTIVATIONS,
  OUTPUT,
  STEPS,
  BORDER,
  POWERS,
  ADD,
  TABLE,
  POOL,
  POOL_OUTPUT,
  SOFTMAX,
  SHARES,
  RECIPROCALS,
  NORM,
  ROOTS,
  SIGNED,
  PLAN,
  JOBS,
  CHANNELS,
  QUADS,
  LEVELS,
  PARTS,
  POOLS,
  PATTERNS,
  WINDOWS,
  ENTRIES,
  EXPONENTIALS,
  GAINS,
  WEIGHTS,
  COUNT
};
inline constexpr size_t NN_CHIPS = static_cast<size_t>(NnChip::COUNT);

}  // namespace zkvm::precompiles::nn
