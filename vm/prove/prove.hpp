#pragma once
/// \file
/// From a program and its input to a receipt.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "isa/chips/program/table.hpp"
#include "precompiles/nn/fixed/tables.hpp"
#include "stark/prover/prover.hpp"
#include "vm/elf/program.hpp"
#include "vm/elf/result.hpp"
#include "vm/exec/trap.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::vm {

/// A program's preprocessed tables, extended and committed: needed for the image ID and for every proof.
struct ProgramSetup {
  isa::ProgramTable table;
  precompiles::nn::FixedTables layers;
  ImageIdPreimage preimage;
  std::vector<stark::PreprocessedData> data;
};
/// The program must pass check_provable.
ProgramSetup make_setup(const Program& program, unsigned log_blowup = 1);

/// Empty, or why the program's tables are taller than a proof can have (an image above 16 MiB, or code above about 2^21
/// branches).
std::string check_provable(const Program& program);

struct ProveOptions {
  size_t memory_bytes = size_t{8} << 30;  ///< resident memory aimed at, everything included
  double security_bits = 128;
  uint64_t max_cycles = UINT64_MAX;
  uint64_t shard_cycles = 0;  ///< instructions per shard; 0: chosen from memory_bytes
  /// What the guest prints, in the run that precedes proving.
  std::function<void(int stream, std::string_view text)> print;
  /// Fraction done in [0, 1] and the name of the phase.
  std::function<void(double, const char*)> progress;
};

/// What one chip's tables cost, over all shards.
struct ChipCost {
  uint64_t tables = 0, rows = 0, padded_rows = 0;
  uint64_t cells = 0;  ///< committed: main, form and LogUp columns, padding included
};
/// Calls of a layer.
struct LayerCost {
  uint32_t address = 0;
  uint64_t calls = 0;
  uint64_t cells = 0;  ///< of their rows, padding and fixed tables apart
};

struct ProveStats {
  uint64_t cycles = 0;
  double execute_seconds = 0;  ///< execution: without events, then with them, all passes
  double prove_seconds = 0;    ///< everything, execution included, setup excluded
  double setup_seconds = 0;
  uint64_t shards = 0;
  stark::ProverStats prover;
  std::vector<ChipCost> chips;    ///< by index into the machine
  std::vector<LayerCost> layers;  ///< those that are called
  /// Cells of main, form, LogUp and preprocessed columns of all tables, padding included; quotient apart.
  uint64_t committed_cells() const {
    return prover.main_cells + prover.form_cells + prover.logup_cells + prover.preprocessed_cells;
  }
  uint64_t quotient_cells() const { return prover.quotient_cells; }
};

enum class ProveErrorKind : uint8_t {
  TRAP,         ///< the guest did something that the machine does not allow
  CYCLE_LIMIT,  ///< max_cycles reached
  BAD_INPUT,    ///< input too large, memory budget too small
  SECURITY,     ///< the requested security cannot be reached
};
struct ProveError {
  ProveErrorKind kind;
  std::string message;
};

struct ProveOutcome {
  Receipt receipt;
  ProveStats stats;
};

/// Executes and proves. A guest that halts with a nonzero exit code is a success: the receipt says so.
Result<ProveOutcome, ProveError> prove_program(const Program& program, std::span<const uint8_t> input,
                                               const ProveOptions& options);

}  // namespace zkvm::vm
