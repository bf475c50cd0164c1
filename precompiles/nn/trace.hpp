#pragma once
/// \file
/// Rows of the neural-network chips, from what calls did. One object per shard.

#include <functional>
#include <span>
#include <vector>

#include "precompiles/nn/execute.hpp"
#include "precompiles/nn/fixed/tables.hpp"

namespace zkvm::precompiles::nn {

/// Form columns of the lines of weights: of the whole proof, kept for all shards.
struct WeightForms {
  std::vector<E> challenges;
  std::vector<E> sum, power;  ///< per line

  void compute(const FixedTables& fixed, std::span<const E> with);
};

/// Where the form columns of a table's rows go: row of the chip (over all its tables in the shard) -> first column.
using FormTarget = std::function<F*(NnChip, size_t)>;

class NnRows {
 public:
  /// `with_fixed`: the fixed tables are part of this shard (the last one). All must outlive this object.
  NnRows(const Rom& rom, const FixedTables& fixed, const NnTrace& trace, bool with_fixed);

  size_t rows(NnChip chip) const;
  /// Rows at which the chip's rows may be divided among tables, increasing, 0 first; empty: at any.
  std::vector<size_t> cuts(NnChip chip) const;

  /// Main columns of rows [begin, end) of a chip. SIGNED's are the counts of the others.
  void fill_main(NnChip chip, const isa::ProgramTable& program, size_t begin, size_t end, RowWriter out,
                 LookupCounts& counts) const;
  /// A row of padding, main columns; zeros unless the chip says otherwise.
  static void fill_padding(NnChip chip, std::span<F> row);

  /// Form columns of all rows but padding.
  void fill_forms(std::span<const E> challenges, const WeightForms& weights, const FormTarget& target) const;
  static void fill_form_padding(NnChip chip, std::span<F> row);

 private:
  /// Neighbouring rows that belong together.
  struct Run {
    size_t first;
    uint32_t call, item;  ///< index into trace.linear (ADD, TABLE: parts; LEDGER: order); job, quad, part
  };
  struct Runs {
    std::vector<Run> runs;
    size_t rows = 0;
    void add(uint32_t call, uint32_t item, size_t count) {
      runs.push_back({rows, call, item});
      rows += count;
    }
    size_t find(size_t row) const;
  };
  struct PowerRow {
    uint32_t i, j, k, uses;
  };
  /// Forms of one call.
  struct CallForms;
  /// Statements about rows of tensors, in their order; a share is of one of the reciprocals.
  struct ReciprocalRow {
    uint32_t sum, uses;
  };
  struct ShareRow {
    uint32_t layer, reciprocal, d, uses;
  };
  struct RootRow {
    uint32_t layer;
    int32_t sum, squares;
  };

  struct Uses {
    uint32_t input, second, output;
  };
  /// How often a call of the layer looks its pointers up.
  Uses pointer_uses(uint32_t layer) const;
  const Linear& linear(uint32_t call) const { return rom_.layers()[trace_.linear[call].layer].linear; }
  uint32_t calls(uint32_t layer) const { return layer < trace_.calls.size() ? trace_.calls[layer] : 0; }
  void make_powers(bool with_fixed);
  // Layers along the last axis: trace_rows.cpp.
  void add_row_statements(uint32_t call);
  void fill_activations(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_output(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_steps(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_levels(size_t begin, size_t end, RowWriter out) const;
  void fill_add(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_table(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_pool(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_pool_output(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_softmax(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_shares(size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_reciprocals(size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_norm(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const;
  void fill_roots(size_t begin, size_t end, RowWriter out, isa::Filler& f) const;

  const Rom& rom_;
  const FixedTables& fixed_;
  const NnTrace& trace_;
  bool with_fixed_;
  std::vector<std::vector<Job>> jobs_;                                        ///< per layer that is called
  std::vector<size_t> first_plan_, first_job_, first_channels_, first_quad_;  ///< per layer: rows of the fixed tables
  std::vector<size_t> first_part_, first_pool_, first_pattern_;
  Runs ledger_, activations_, output_, steps_, border_, add_, table_, pool_, pool_output_, softmax_, norm_;
  std::vector<ReciprocalRow> reciprocals_;
  std::vector<ShareRow> shares_;
  std::vector<RootRow> roots_;
  std::vector<PowerRow> powers_;
};

}  // namespace zkvm::precompiles::nn
