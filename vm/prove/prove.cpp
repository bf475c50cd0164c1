#include "vm/prove/prove.hpp"

#include <algorithm>
#include <chrono>

#include "vm/prove/seal.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::vm {
namespace {

// Resident bytes of proving one shard. Measured: the CoreMark-like mix 0.90 GB at 1.09M cycles and 1.57 GB at 1.90M;
// sorting, whose cycles have the most cells of the benchmarks, 1.15 GB at 1.05M.
constexpr size_t WORKING_BYTES_PER_CYCLE = 1000;
constexpr size_t FIXED_BYTES = size_t{256} << 20;
/// Of precompile calls. Measured: one shard of 593M cells 7.9 GB, four of the same under --memory 4G 3.2 GB.
constexpr size_t WORKING_BYTES_PER_CELL = WORKING_BYTES_PER_CYCLE / CELLS_PER_CYCLE;
/// Of 32 weights: their fixed columns, those of the table that they make, and both extended.
constexpr size_t BYTES_PER_WEIGHT_LINE = 1000;
constexpr uint64_t MIN_SHARD_CELLS = uint64_t{1} << 24;
constexpr uint64_t MIN_SHARD_CYCLES = uint64_t{1} << 16;
/// Larger shards save nothing that is worth their memory: the fixed tables are 2 cells a cycle at 2^20.
constexpr uint64_t MAX_SHARD_CYCLES = uint64_t{1} << 21;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A single shard may use all memory; when there are several, each takes its working set beside what is kept of the
/// others.
uint64_t shard_cycles_for(size_t memory_bytes) {
  const size_t usable = memory_bytes > FIXED_BYTES ? memory_bytes - FIXED_BYTES : 0;
  return std::min<uint64_t>(usable / WORKING_BYTES_PER_CYCLE, MAX_SHARD_CYCLES);
}

/// Runs the program to its end, a hundred times as fast as it can be proved: whatever a run can end with but a halt is
/// known before anything is committed to.
void run_first(const Program& program, std::span<const uint8_t> input, const ProveOptions& options) {
  MachineOptions machine_options;
  machine_options.max_cycles = std::min(options.max_cycles, MAX_PROVED_CYCLES);
  machine_options.print = options.print;
  PlainMachine machine(program, input, machine_options);
  switch (machine.run()) {
    case Stop::HALTED:
      break;
    case Stop::TRAPPED:
      throw ExecutionFailure(ProveErrorKind::TRAP, machine.trap()->message());
    default:
      throw ExecutionFailure(ProveErrorKind::CYCLE_LIMIT,
                             "the guest did not halt within " + std::to_string(machine.cycles()) + " cycles" +
                                 (options.max_cycles > MAX_PROVED_CYCLES ? ", which is all that can be proved" : ""));
  }
  if (const size_t bytes = machine.journal().size(); bytes > MAX_JOURNAL_BYTES)
    throw ExecutionFailure(ProveErrorKind::BAD_INPUT, "the journal is too long to prove: expected at most " +
                                                          std::to_string(MAX_JOURNAL_BYTES) + " bytes, found " +
                                                          std::to_string(bytes));
}

}  // namespace

Result<ProveOutcome, ProveError> prove_program(const Program& program, std::span<const uint8_t> input,
                                               const ProveOptions& options) {
  if (input.size() > MAX_INPUT_BYTES)
    return ProveError{ProveErrorKind::BAD_INPUT, "the input is too large: expected at most " +
                                                     std::to_string(MAX_INPUT_BYTES) + " bytes, found " +
                                                     std::to_string(input.size())};
  const uint64_t shard_cycles =
      options.shard_cycles != 0 ? options.shard_cycles : shard_cycles_for(options.memory_bytes);
  if (shard_cycles < (options.shard_cycles != 0 ? 1 : MIN_SHARD_CYCLES))
    return ProveError{ProveErrorKind::BAD_INPUT,
                      "the memory budget is too small: expected at least " +
                          std::to_string((FIXED_BYTES + MIN_SHARD_CYCLES * WORKING_BYTES_PER_CYCLE) >> 20) +
                          " MiB, found " + std::to_string(options.memory_bytes >> 20) + " MiB"};
  ProveOutcome outcome;
  ProveStats& stats = outcome.stats;
  const auto report = [&](double x, const char* phase) {
    if (options.progress) options.progress(x, phase);
  };

  const auto too_large = check_provable(program);
  if (!too_large.empty()) return ProveError{ProveErrorKind::BAD_INPUT, too_large};
  auto start = std::chrono::steady_clock::now();
  report(0, "executing");
  try {
    run_first(program, input, options);
  } catch (const ExecutionFailure& failure) {
    return ProveError{failure.kind, failure.what()};
  }
  const double run_seconds = seconds_since(start);
  start = std::chrono::steady_clock::now();
  report(0, "setup");
  const ProgramSetup setup = make_setup(program);
  stats.setup_seconds = seconds_since(start);
  start = std::chrono::steady_clock::now();

  ShardingOptions sharding;
  sharding.shard_cycles = shard_cycles;
  const size_t layers = FIXED_BYTES + setup.layers.weights.size() * BYTES_PER_WEIGHT_LINE;
  const size_t for_cells = options.memory_bytes > layers ? options.memory_bytes - layers : 0;
  sharding.shard_cells = std::max<uint64_t>(for_cells / WORKING_BYTES_PER_CELL, MIN_SHARD_CELLS);
  try {
    ExecutionSource source(program, setup, input, options, sharding);
    SealOptions seal_options;
    seal_options.security_bits = options.security_bits;
    const size_t working =
        setup.layers.plan.rows.empty() ? FIXED_BYTES + shard_cycles * WORKING_BYTES_PER_CYCLE : options.memory_bytes;
    seal_options.keep_bytes = options.memory_bytes > working ? options.memory_bytes - working : 0;
    seal_options.progress = [&](double x) { report(x, x == 0 ? "executing" : "proving"); };
    outcome.receipt = seal(
        setup, source, [&] { return source.claim(); }, seal_options, &stats.prover);
    stats.cycles = source.cycles();
    stats.execute_seconds = run_seconds + source.execute_seconds();
    stats.chips = source.chip_costs();
    stats.layers = source.layer_costs();
  } catch (const ExecutionFailure& failure) {
    return ProveError{failure.kind, failure.what()};
  } catch (const std::length_error& error) {
    return ProveError{ProveErrorKind::CYCLE_LIMIT, std::string("the execution is too long to prove: ") + error.what()};
  }
  stats.prove_seconds = run_seconds + seconds_since(start);
  stats.shards = outcome.receipt.seal.shards.size();
  report(1, "done");
  return outcome;
}

}  // namespace zkvm::vm
