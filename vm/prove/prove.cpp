#include "vm/prove/prove.hpp"

#include <algorithm>
#include <chrono>

#include "vm/prove/source.hpp"

namespace zkvm::vm {
namespace {

/// 2^20 BLAKE3 hashes: a hundredth of a second, worth 42 queries of 9 kB.
constexpr unsigned GRINDING_BITS = 20;
constexpr unsigned LOG_BLOWUP = 1;

// Resident bytes of proving one shard. Measured on the CoreMark-like mix: 0.90 GB at 1.09M cycles, 1.57 GB at 1.90M.
constexpr size_t WORKING_BYTES_PER_CYCLE = 850;
constexpr size_t FIXED_BYTES = size_t{256} << 20;
constexpr uint64_t MIN_SHARD_CYCLES = uint64_t{1} << 16;
/// Larger shards save nothing that is worth their memory: the fixed tables are 2 cells a cycle at 2^20.
constexpr uint64_t MAX_SHARD_CYCLES = uint64_t{1} << 21;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A single shard may use all memory; when there are several, each takes its working set beside what is kept of the others.
uint64_t shard_cycles_for(size_t memory_bytes) {
  const size_t usable = memory_bytes > FIXED_BYTES ? memory_bytes - FIXED_BYTES : 0;
  return std::min<uint64_t>(usable / WORKING_BYTES_PER_CYCLE, MAX_SHARD_CYCLES);
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
  Receipt& receipt = outcome.receipt;
  const auto report = [&](double x, const char* phase) {
    if (options.progress) options.progress(x, phase);
  };

  auto start = std::chrono::steady_clock::now();
  report(0, "setup");
  const ProgramSetup setup = make_setup(program);
  stats.setup_seconds = seconds_since(start);
  start = std::chrono::steady_clock::now();
  report(0, "executing");

  ShardingOptions sharding;
  sharding.shard_cycles = shard_cycles;
  std::string security_error;
  try {
    ExecutionSource source(program, setup, input, options, sharding);
    stark::ProverInput in;
    in.machine = &machine_description();
    in.machine_digest = machine_digest();
    in.preprocessed = setup.data;
    in.source = &source;
    in.log_blowup = LOG_BLOWUP;
    const size_t working = FIXED_BYTES + shard_cycles * WORKING_BYTES_PER_CYCLE;
    in.keep_bytes = options.memory_bytes > working ? options.memory_bytes - working : 0;
    in.statement = [&] {
      receipt.preimage = setup.preimage;
      receipt.claim.image_id = setup.preimage.image_id();
      receipt.claim.exit_code = source.exit_code();
      receipt.claim.journal = source.journal();
      receipt.final_clock = source.final_clock();
      receipt.zero_end_word = source.zero_end_word();
      receipt.input_end_word = source.input_end_word();
      return make_statement(receipt);
    };
    in.parameters = [&](std::span<const stark::ShardLayout> layouts) {
      stark::Parameters p{LOG_BLOWUP, 0, GRINDING_BITS};
      const uint64_t boundary = make_statement(receipt).boundary.size();
      for (const stark::ProtocolParameters& shape : security_parameters(layouts, p, boundary)) {
        const stark::QueryCount count = stark::queries_for(shape, options.security_bits);
        if (!count.ok()) throw ExecutionFailure(ProveErrorKind::SECURITY, count.error);
        p.queries = std::max(p.queries, count.queries);
      }
      return p;
    };
    in.progress = [&](double x) { report(x, x == 0 ? "executing" : "proving"); };
    receipt.seal = stark::prove(in, &stats.prover);
    stats.cycles = source.cycles();
    stats.execute_seconds = source.execute_seconds();
  } catch (const ExecutionFailure& failure) {
    return ProveError{failure.kind, failure.what()};
  } catch (const std::length_error& error) {
    return ProveError{ProveErrorKind::CYCLE_LIMIT, std::string("the execution is too long to prove: ") + error.what()};
  }
  stats.prove_seconds = seconds_since(start);
  stats.shards = receipt.seal.shards.size();
  report(1, "done");
  return outcome;
}

}  // namespace zkvm::vm
