#pragma once
/// \file
/// The prover. Bounded memory: main columns of all shards are committed in a first pass; the second pass takes each
/// shard through the rest of the protocol, from columns kept in memory where the budget allows, else generated once
/// more.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "stark/merkle/tree.hpp"
#include "stark/ntt/matrix.hpp"
#include "stark/protocol/machine.hpp"
#include "stark/protocol/proof.hpp"
#include "stark/protocol/statement.hpp"

namespace zkvm::stark {

/// One table's columns inside the matrix of its height: row(i) points at the table's first column of row i, where rows
/// are in bit-reversed order of the trace domain. Chips without next-row constraints may use any order; the others use
/// natural_row.
class TableView {
 public:
  TableView() = default;
  TableView(Matrix& matrix, const ColumnRange& range, unsigned log_height)
      : matrix_(&matrix), offset_(range.offset), width_(range.width), log_height_(log_height) {}
  size_t height() const { return size_t{1} << log_height_; }
  unsigned width() const { return width_; }
  F* row(size_t i) const { return matrix_->row(i) + offset_; }
  F* natural_row(size_t i) const { return row(bit_reverse(i, log_height_)); }

 private:
  Matrix* matrix_ = nullptr;
  unsigned offset_ = 0, width_ = 0, log_height_ = 0;
};

/// Where the rows come from. `next` prepares the following shard and says which tables it has (canonical order, see
/// make_layout); the fill functions then write all rows of all its tables. After `rewind` the same shards come again.
class TraceSource {
 public:
  virtual ~TraceSource() = default;
  virtual void rewind() = 0;
  virtual bool next(std::vector<TableShape>& tables) = 0;
  /// Views of tables without main columns have width 0. Memory is uninitialised: every row must be written.
  virtual void fill_main(std::span<const TableView> tables) = 0;
  /// Only called if a table has form columns. `main` is what fill_main wrote.
  virtual void fill_form(std::span<const TableView> main, std::span<const TableView> form,
                         std::span<const E> challenges);
};

/// A preprocessed commitment with the prover's data.
struct PreprocessedData {
  PreprocessedCommitment commitment;
  TreeShape shape;                ///< ranges per table of `commitment.tables`
  std::vector<Matrix> trace;      ///< per group: values on the trace domain
  std::vector<Matrix> extension;  ///< per group
  MerkleTree tree;
};

/// Commits to preprocessed columns: `fill(chip, view)` writes them.
PreprocessedData commit_preprocessed(const MachineDescription& machine, std::span<const TableShape> tables,
                                     unsigned log_blowup, const std::function<void(size_t chip, TableView)>& fill);

struct ProverStats {
  uint64_t main_cells = 0, form_cells = 0, logup_cells = 0, quotient_cells = 0, preprocessed_cells = 0;
  double trace_seconds = 0, main_commit_seconds = 0, logup_seconds = 0, logup_commit_seconds = 0, quotient_seconds = 0,
         quotient_commit_seconds = 0, ood_seconds = 0, deep_seconds = 0, fri_seconds = 0, query_seconds = 0;
};

/// A forger's attempt, for tests of soundness: adds c (X^N - 1), which vanishes on the trace domain, to the first LogUp
/// column of table `plus` and subtracts it from that of table `minus` (equal heights N) in shard 0, with everything
/// that follows from it. Were LogUp columns allowed degree N, this would move bus sums between tables at will.
struct TopCoefficientForgery {
  size_t plus, minus;
  F c;
};

struct ProverInput {
  const MachineDescription* machine = nullptr;
  Digest machine_digest;
  std::span<const PreprocessedData> preprocessed;
  TraceSource* source = nullptr;
  unsigned log_blowup = 1;
  /// Called after the first pass: all of an execution is known then.
  std::function<Statement()> statement;
  /// Chooses queries and grinding from the shapes of all shards.
  std::function<Parameters(std::span<const ShardLayout>)> parameters;
  /// Columns of committed shards are kept in memory up to this many bytes; 0 keeps none.
  size_t keep_bytes = 0;
  /// Progress in [0, 1], called from the proving thread.
  std::function<void(double)> progress;
  const TopCoefficientForgery* forgery = nullptr;
};

Proof prove(const ProverInput& input, ProverStats* stats = nullptr);

}  // namespace zkvm::stark
