#pragma once
/// \file
/// The prover's inner loops over rows, one version per SIMD backend (stark/simd/dispatch.hpp). Arguments are plain
/// pointers and sizes: kernel sources are compiled with wider instruction sets and share no inline code with the rest.

#include <cstddef>
#include <cstdint>

#include "stark/air/air.hpp"
#include "stark/field/extension.hpp"

namespace zkvm::stark {

/// Rows of a Matrix. Rows within an aligned run of 16 are `stride` elements apart.
struct RowSource {
  const F* data;
  size_t stride;
  size_t block_stride;
  unsigned log_block_rows;
};
struct RowTarget {
  F* data;
  size_t stride;
  size_t block_stride;
  unsigned log_block_rows;
};

struct ExtTerm {
  E coefficient;
  uint32_t column;
};
struct BaseTerm {
  F coefficient;
  uint32_t column;
};

/// A message with the bus challenges folded in: fingerprint = constant + sum coefficient * column.
struct KernelMessage {
  E constant;
  const ExtTerm* terms;
  const BaseTerm* multiplicity;
  F multiplicity_constant;
  uint32_t term_count;
  uint32_t multiplicity_count;
};

/// The current row of one table: up to three segments (preprocessed, main, form), concatenated into flat columns.
struct KernelColumns {
  RowSource source[3];
  uint32_t width[3];
  uint32_t total;
};

struct KernelTable {
  KernelColumns columns;
  const KernelMessage* messages;
  uint32_t message_count;
  uint32_t logup_columns;
  RowSource logup;  ///< extension of the LogUp columns (quotient) at this table's offset
  // Constraint code.
  const Instruction* code;
  uint32_t code_size;
  uint32_t constraints;
  uint32_t slots;
  uint32_t next_slot;      ///< 0 if the table uses no next row
  uint32_t selector_slot;  ///< 0 if the table uses no selectors
  uint32_t constant_slot;  ///< first of `constant_count` slots: Air::fixed_values
  uint32_t constant_count;
  const F* constants;
  const E* alpha_powers;  ///< constraints, then LogUp columns
  const F* selectors[3];  ///< per extended row; null if unused
};

/// Accumulates sum_tables (sum_k alpha_k c_k(x)) / Z(x) over extended rows [begin, end) into out (set, not added).
/// `next_distance` = blow-up; `log_rows` = log2 of extended rows; begin and end are multiples of 64 or the whole table.
struct QuotientArgs {
  const KernelTable* tables;
  uint32_t table_count;
  unsigned log_rows;
  uint32_t next_distance;
  F inverse_zerofier[16];  ///< by coset: extended row >> log_height
  unsigned log_height;
  E* out;
  void* scratch;  ///< quotient_scratch_bytes()
};
/// Bytes of scratch for tables with at most this many slots, and constraints plus LogUp base columns. The largest
/// vector width is assumed: 64 rows of slots and constraint values, in 64-byte units.
inline size_t quotient_scratch_bytes(uint32_t max_slots, uint32_t max_constraints) {
  return size_t{64} * sizeof(F) * (size_t{max_slots} + 2 * size_t{max_constraints} + 16);
}

/// LogUp columns of one table for trace rows [begin, end): writes them to `out` (at the table's offset), adds the sum
/// of all of them over these rows to *sum. Rows are a multiple of 32.
struct LogupArgs {
  const KernelTable* table;
  RowTarget out;
  void* scratch;  ///< logup_scratch_bytes()
};
inline size_t logup_scratch_bytes(uint32_t columns, uint32_t logup_columns) {
  const size_t row_vectors = columns > 6 * logup_columns ? columns : 6 * logup_columns;
  return 64 * row_vectors + 3 * size_t{128} * logup_columns * sizeof(E);
}

/// out[i] = 1 / (x[i] - z), i < n, n a multiple of 32.
struct InverseArgs {
  const F* x;
  E z;
  E* out;
};

/// sums[c] += sum over rows r in [begin, end) of weights[r] * row[r][c] for all columns c < width rounded up to lanes.
/// `sums` has six planes of `plane` F each.
struct WeightedSumArgs {
  RowSource rows;
  uint32_t width;
  const E* weights;
  F* sums;
  uint32_t plane;
};

/// One set of columns and their coefficients in a DEEP combination.
struct DeepPart {
  RowSource rows;
  uint32_t width;
  const E* coefficients;  ///< per column: power of gamma, for the opening at z
  const E* anchor;        ///< per column, or null: coefficients of the anchor combination
  uint32_t anchor_point;  ///< index into DeepArgs::anchor_inverse
};
struct DeepNext {
  RowSource rows;
  uint32_t width;
  const E* coefficients;
};
struct DeepSum {
  uint32_t part;     ///< index of the LogUp part
  uint32_t offset;   ///< first LogUp column of the table within it
  uint32_t columns;  ///< E columns
  E coefficient[6];  ///< gamma^k x^i
};
struct DeepArgs {
  const DeepPart* parts;
  uint32_t part_count;
  const DeepNext* next;
  uint32_t next_count;
  const DeepSum* sums;
  uint32_t sum_count;
  uint32_t max_width;
  E gamma;
  E constant_z, constant_next, constant_zero, constant_anchor[2];
  const E* inverse_z;
  const E* inverse_next;       ///< null if no table uses next rows
  const E* anchor_inverse[2];  ///< second is null if there is one barrier
  const F* inverse_x;
  E* out;
  void* scratch;  ///< deep_scratch_bytes(max_width)
};
inline size_t deep_scratch_bytes(uint32_t max_width) { return size_t{64} * max_width; }

/// out[i] = fold of in[i * arity .. ) at challenges beta[0], beta[1] = beta[0]^2, ... (one per halving)
/// + inject_coefficient * inject[i].
struct FoldArgs {
  const E* in;
  unsigned log_arity;
  E beta[3];
  const F* half_inverse_points;  ///< 1 / (2 y_j), bit-reversed
  const E* inject;               ///< or null
  E inject_coefficient;
  E* out;
};

#define ZKVM_DECLARE_PROVER_KERNELS(NS)                                       \
  namespace NS {                                                              \
  void quotient_rows(const QuotientArgs& args, size_t begin, size_t end);     \
  void logup_rows(const LogupArgs& args, size_t begin, size_t end, E* sum);   \
  void invert_differences(const InverseArgs& args, size_t begin, size_t end); \
  void weighted_sums(const WeightedSumArgs& args, size_t begin, size_t end);  \
  void deep_rows(const DeepArgs& args, size_t begin, size_t end);             \
  void fold_rows(const FoldArgs& args, size_t begin, size_t end);             \
  }
ZKVM_DECLARE_PROVER_KERNELS(portable)
ZKVM_DECLARE_PROVER_KERNELS(avx2)
ZKVM_DECLARE_PROVER_KERNELS(avx512)
#undef ZKVM_DECLARE_PROVER_KERNELS

}  // namespace zkvm::stark
