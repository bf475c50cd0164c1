#pragma once
/// \file
/// For tests: whole proofs of tables that the checker knows.

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "stark/debug/checker.hpp"
#include "stark/prover/prover.hpp"
#include "stark/verifier/verifier.hpp"

namespace zkvm::precompiles::test {

/// One shard of given tables.
class Tables final : public stark::TraceSource {
 public:
  explicit Tables(const stark::DebugShard& tables) : tables_(tables) {}
  void rewind() override { done_ = false; }
  bool next(std::vector<stark::TableShape>& shapes) override {
    if (std::exchange(done_, true)) return false;
    shapes.clear();
    for (const auto& t : tables_) shapes.push_back({static_cast<uint16_t>(t.chip), static_cast<uint8_t>(t.log_height)});
    return true;
  }
  void fill_main(std::span<const stark::TableView> views) override {
    for (size_t t = 0; t < views.size(); ++t)
      for (size_t i = 0; i < views[t].height(); ++i)
        std::copy_n(&tables_[t].main[i * views[t].width()], views[t].width(), views[t].natural_row(i));
  }

 private:
  const stark::DebugShard& tables_;
  bool done_ = false;
};

/// Proves one shard of these tables, one of each of the machine's chips in their order, and verifies the proof. Few
/// queries: what is tested is that the two sides agree.
inline stark::Verdict prove_and_verify(const stark::MachineDescription& machine, const stark::DebugShard& tables,
                                       const std::vector<stark::BoundaryMessage>& boundary) {
  std::vector<stark::TableShape> fixed;
  for (const stark::DebugTable& t : tables)
    if (!t.preprocessed.empty()) fixed.push_back({static_cast<uint16_t>(t.chip), static_cast<uint8_t>(t.log_height)});
  std::vector<stark::PreprocessedData> preprocessed;
  preprocessed.push_back(stark::commit_preprocessed(machine, fixed, 1, [&](size_t chip, stark::TableView view) {
    for (size_t i = 0; i < view.height(); ++i)
      std::copy_n(&tables[chip].preprocessed[i * view.width()], view.width(), view.natural_row(i));
  }));
  Tables source(tables);
  stark::Statement statement;
  stark::ProverInput input;
  input.machine = &machine;
  input.machine_digest = machine.digest();
  input.preprocessed = preprocessed;
  input.source = &source;
  input.keep_bytes = ~size_t{0};
  input.statement = [&] {
    statement.preprocessed = {preprocessed[0].commitment};
    statement.boundary = boundary;
    return statement;
  };
  input.parameters = [](std::span<const stark::ShardLayout>) { return stark::Parameters{1, 20, 4}; };
  const stark::Proof proof = stark::prove(input);
  return stark::verify(machine, input.machine_digest, statement, proof);
}

}  // namespace zkvm::precompiles::test
