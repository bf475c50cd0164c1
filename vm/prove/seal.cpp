#include "vm/prove/seal.hpp"

#include <algorithm>

#include "vm/prove/source.hpp"

namespace zkvm::vm {
namespace {

/// 2^20 BLAKE3 hashes: a hundredth of a second, worth 42 queries of 9 kB.
constexpr unsigned GRINDING_BITS = 20;

}  // namespace

Receipt seal(const ProgramSetup& setup, stark::TraceSource& traces, const std::function<Receipt()>& claim,
             const SealOptions& options, stark::ProverStats* stats) {
  Receipt receipt;
  stark::ProverInput in;
  in.machine = &machine_description();
  in.machine_digest = machine_digest();
  in.preprocessed = setup.data;
  in.source = &traces;
  in.log_blowup = setup.preimage.log_blowup;
  in.keep_bytes = options.keep_bytes;
  in.statement = [&] {
    receipt = claim();
    return make_statement(receipt);
  };
  in.parameters = [&](std::span<const stark::ShardLayout> layouts) {
    stark::Parameters p{setup.preimage.log_blowup, 0, GRINDING_BITS};
    const uint64_t boundary = make_statement(receipt).boundary_messages();
    for (const stark::ProtocolParameters& shape : security_parameters(layouts, p, boundary)) {
      const stark::QueryCount count = stark::queries_for(shape, options.security_bits);
      if (!count.ok()) throw ExecutionFailure(ProveErrorKind::SECURITY, count.error);
      p.queries = std::max(p.queries, count.queries);
    }
    return p;
  };
  in.progress = options.progress;
  stark::Proof proof = stark::prove(in, stats);
  receipt.seal = std::move(proof);
  return receipt;
}

}  // namespace zkvm::vm
