#pragma once
/// \file
/// The chips of the precompiles, and the whole machine: those of isa/ and these. What the verifier needs.

#include "isa/chips/chip.hpp"
#include "isa/chips/registry.hpp"
#include "precompiles/nn/chips.hpp"

namespace zkvm::precompiles {

// X(id, folder's namespace, function names' stem, preprocessed columns (or None), main columns, forms, presence,
// preprocessed set, row weight), in the order of the machine description, after the chips of isa/.
#define ZKVM_PRECOMPILE_CHIPS(X)                                                                   \
  X(NN_CALL, nn, nn_call, None, NnCallColumns, 0, OPTIONAL, -1, CALL_CLOCKS)                       \
  X(NN_LEDGER, nn, ledger, None, LedgerColumns, LEDGER_FORMS, OPTIONAL, -1, 0)                     \
  X(NN_ACTIVATIONS, nn, activations, None, ActivationsColumns, ACTIVATIONS_FORMS, OPTIONAL, -1, 0) \
  X(NN_OUTPUT, nn, output, None, OutputColumns, OUTPUT_FORMS, OPTIONAL, -1, 0)                     \
  X(NN_STEPS, nn, steps, None, StepsColumns, OUTPUT_FORMS, OPTIONAL, -1, 0)                        \
  X(NN_BORDER, nn, border, None, BorderColumns, BORDER_FORMS, OPTIONAL, -1, 0)                     \
  X(NN_POWERS, nn, powers, None, PowersColumns, POWERS_FORMS, OPTIONAL, -1, 0)                     \
  X(NN_ADD, nn, add, None, AddColumns, 0, OPTIONAL, -1, 0)                                         \
  X(NN_TABLE, nn, table, None, TableColumns, 0, OPTIONAL, -1, 0)                                   \
  X(NN_POOL, nn, pool, None, PoolColumns, 0, OPTIONAL, -1, 0)                                      \
  X(NN_POOL_OUTPUT, nn, pool_output, None, PoolOutputColumns, 0, OPTIONAL, -1, 0)                  \
  X(NN_SOFTMAX, nn, softmax, None, SoftmaxColumns, 0, OPTIONAL, -1, 0)                             \
  X(NN_SHARES, nn, shares, None, SharesColumns, 0, OPTIONAL, -1, 0)                                \
  X(NN_RECIPROCALS, nn, reciprocals, None, ReciprocalsColumns, 0, OPTIONAL, -1, 0)                 \
  X(NN_NORM, nn, norm, None, NormColumns, 0, OPTIONAL, -1, 0)                                      \
  X(NN_ROOTS, nn, roots, None, RootsColumns, 0, OPTIONAL, -1, 0)                                   \
  X(NN_SIGNED, nn, signed_bytes, SignedMessage, UsesColumns, 0, AT_MOST_ONCE, 2, 0)                \
  X(NN_PLAN, nn, plan, PlanMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                            \
  X(NN_JOBS, nn, jobs, JobMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                             \
  X(NN_CHANNELS, nn, channels, ChannelsMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                \
  X(NN_QUADS, nn, quads, QuadMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                          \
  X(NN_LEVELS, nn, levels, LevelsFixed, LevelsColumns, 0, AT_MOST_ONCE, 3, 0)                      \
  X(NN_PARTS, nn, parts, PartMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                          \
  X(NN_POOLS, nn, pools, PoolMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                          \
  X(NN_PATTERNS, nn, patterns, PatternMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                 \
  X(NN_WINDOWS, nn, windows, WindowMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                    \
  X(NN_ENTRIES, nn, entries, EntryMessage, UsesColumns, 0, AT_MOST_ONCE, 3, 0)                     \
  X(NN_EXPONENTIALS, nn, exponentials, ExponentialMessage, UsesColumns, 0, AT_MOST_ONCE, 4, 0)     \
  X(NN_GAINS, nn, gains, GainMessage, UsesColumns, 0, AT_MOST_ONCE, 4, 0)                          \
  X(NN_WEIGHTS, nn, weights, WeightsFixed, WeightsColumns, WEIGHTS_FORMS, AT_MOST_ONCE, 3, 0)      \
  X(SHA256_CALL, sha256, sha256_call, None, Sha256CallColumns, 0, OPTIONAL, -1, CALL_CLOCKS)       \
  X(SHA256_ROUNDS, sha256, sha256_rounds, None, Sha256RoundsColumns, 0, OPTIONAL, -1, 0)           \
  X(KECCAK_CALL, keccak, keccak_call, None, KeccakCallColumns, 0, OPTIONAL, -1, CALL_CLOCKS)       \
  X(KECCAK_MEMORY, keccak, keccak_memory, None, KeccakMemoryColumns, 0, OPTIONAL, -1, 0)           \
  X(KECCAK_ROUNDS, keccak, keccak_rounds, None, KeccakRoundsColumns, 0, OPTIONAL, -1, 0)

/// Indices into the machine description.
struct ChipId {
  enum Index : uint16_t {
    BEFORE = isa::ChipId::COUNT - 1,
#define X(ID, NS, name, PRE, MAIN, FORMS, PRESENCE, SET, WEIGHT) ID,
    ZKVM_PRECOMPILE_CHIPS(X)
#undef X
        COUNT
  };
};

inline bool is_nn(size_t chip) { return chip >= ChipId::NN_CALL && chip < ChipId::NN_CALL + nn::NN_CHIPS; }
/// Of a chip of the folder nn.
inline nn::NnChip nn_chip(size_t chip) { return static_cast<nn::NnChip>(chip - ChipId::NN_CALL); }

/// Preprocessed sets of the machine: 0 fixed tables and program, 1 image (isa/), 2 pairs of signed bytes, 3 layers,
/// 4 what layers along the last axis have beside, so that proofs without such layers need no tables for them.
inline constexpr unsigned SET_SIGNED = 2, SET_LAYERS = 3, SET_ROW_LAYERS = 4, PREPROCESSED_SETS = 5;

/// Schwartz-Zippel degree in A, B, G of what the accumulator challenges check. Layers alone stay below 2^19
/// (nn/layer.cpp bounds all dimensions by 2^15), but a prover chooses where border values stand: at A^i B^j G^(4 k +
/// 31) with i, j, k below the height of a table of powers, 2^22.
inline constexpr uint64_t FORM_DEGREE = uint64_t{1} << 25;

/// The machine: compiles all chips (some tens of milliseconds: keep the result).
stark::MachineDescription make_machine();

}  // namespace zkvm::precompiles
