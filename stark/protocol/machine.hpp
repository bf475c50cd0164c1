#pragma once
/// \file
/// What prover and verifier agree on before any proof: the chips of a machine, and how a list of tables is laid out in
/// commitments. Everything here is derived from the machine and the heights, never taken from a proof.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stark/air/air.hpp"
#include "stark/hash/digest.hpp"

namespace zkvm::stark {

/// The smallest table: FRI stops at this degree bound and sends the polynomial itself.
constexpr unsigned MIN_LOG_HEIGHT = 5;
/// Heights times blow-up stay within F's two-adicity; 22 keeps every security figure of the design.
constexpr unsigned MAX_LOG_HEIGHT = 22;
constexpr unsigned MAX_TABLES = 128;
constexpr unsigned MAX_SHARDS = 1024;
constexpr unsigned MAX_LOG_FOLD = 3;
/// Low-degree extensions live on this coset shift of the two-adic subgroup (the field's generator, so never in it).
constexpr uint32_t COSET_SHIFT = F::GENERATOR;
/// The quotient has degree < QUOTIENT_CHUNKS * height at constraint degree 3.
constexpr unsigned QUOTIENT_CHUNKS = MAX_CONSTRAINT_DEGREE - 1;

/// Let S be the sum of a table's LogUp columns, and v its stated value at 0. Then N v is the sum of S over the trace
/// domain only if deg S < N, but a DEEP quotient of degree < N allows deg S = N, whose top coefficient would be a free
/// summand of v. So two terms per table enter the batch: (S(X) - v) / X, and S(X) itself.
constexpr unsigned BUS_SUM_TERMS = 2;

enum class Presence : uint8_t {
  OPTIONAL,      ///< any number of tables in any shard
  EVERY_SHARD,   ///< exactly one table in every shard
  EXACTLY_ONCE,  ///< exactly one table in the whole proof
  /// At most one table in a shard: for look-up tables with fixed columns, whose absence only leaves look-ups unmet.
  AT_MOST_ONCE,
};

struct ChipInfo {
  Air air;
  Presence presence = Presence::OPTIONAL;
  /// Index of the preprocessed commitment that holds this chip's preprocessed columns; -1 if it has none.
  int preprocessed_set = -1;
  /// What one row can add to the machine's bounded counter (the clock); see MachineDescription::max_weight.
  uint32_t row_weight = 0;
};

struct BusInfo {
  uint16_t id;
  std::string name;
};

/// The fixed part of a statement: chips in canonical order. Chips with preprocessed columns have a height fixed by the
/// program.
struct MachineDescription {
  std::vector<ChipInfo> chips;
  std::vector<BusInfo> buses;
  unsigned preprocessed_sets = 0;
  /// Sum over all tables of all shards of height * row_weight must stay below this: no counter wraps modulo p.
  uint64_t max_weight = F::P;

  const std::string& bus_name(uint16_t id) const;
  unsigned challenges() const;
  /// Keyed BLAKE3 of an encoding of everything here, counts and lengths first, so that no two descriptions have the
  /// same bytes: two machines with the same digest prove the same statements.
  Digest digest() const;
};

/// Parameters of one proof. Not secret, absorbed by the transcript; the verifier computes the security they give.
struct Parameters {
  unsigned log_blowup = 1;
  unsigned queries = 0;
  unsigned grinding_bits = 20;
};

struct TableShape {
  uint16_t chip;
  uint8_t log_height;
  friend bool operator==(const TableShape&, const TableShape&) = default;
};

/// One preprocessed commitment as a verifier knows it (from the image-ID preimage): the root, and per chip of the set
/// its height.
struct PreprocessedCommitment {
  Digest root;
  std::vector<TableShape> tables;  ///< chips of the set in machine order
};

/// All columns of one height in one commitment, side by side: one row of the matrix is one Merkle leaf.
struct GroupShape {
  unsigned log_height;
  unsigned width;
};

/// Where one table's columns are within a tree. width 0: the table has no columns there.
struct ColumnRange {
  unsigned group = 0;
  unsigned offset = 0;
  unsigned width = 0;
};

struct TreeShape {
  std::vector<GroupShape> groups;   ///< strictly decreasing log_height
  std::vector<ColumnRange> ranges;  ///< per table of the shard
  bool empty() const { return groups.empty(); }
  /// Index of the group with this height, or -1.
  int find(unsigned log_height) const;
};

/// One fold of FRI: the domain shrinks by 2^log_arity; `injects` says that tables of the reached height join.
struct FoldStep {
  unsigned log_height_before;
  unsigned log_arity;
  bool injects;
};

/// The complete shape of one shard's proof.
struct ShardLayout {
  std::vector<TableShape> tables;  ///< canonical order: chip ascending, then height descending
  std::vector<int> preprocessed;   ///< per preprocessed set: 1 if opened in this shard
  /// Trees in transcript and query order: preprocessed sets that are present, main, form (if any), LogUp, quotient.
  std::vector<TreeShape> trees;
  std::vector<int> tree_of_set;  ///< per preprocessed set: its tree or -1
  int main_tree = -1, form_tree = -1, logup_tree = -1, quotient_tree = -1;
  unsigned log_max_height = 0;
  std::vector<unsigned> heights;  ///< distinct log heights of tables, descending
  std::vector<FoldStep> folds;
  std::vector<unsigned> constraint_offset;  ///< per table: exponent of its first constraint
  unsigned total_constraints = 0;
  unsigned deep_terms = 0;
  /// Per entry of `heights`: exponent of the first DEEP term of that height.
  std::vector<unsigned> deep_offset;

  bool has_forms() const { return form_tree >= 0; }
  ColumnRange range(int tree, size_t table) const {
    return tree < 0 ? ColumnRange{} : trees[static_cast<size_t>(tree)].ranges[table];
  }
  int preprocessed_tree(const ChipInfo& chip) const {
    return chip.preprocessed_set < 0 ? -1 : tree_of_set[static_cast<size_t>(chip.preprocessed_set)];
  }
};

/// Puts side by side the columns of tables of equal height; `widths` per table, `heights` all distinct ones,
/// descending.
TreeShape group_by_height(std::span<const TableShape> tables, std::span<const unsigned> heights,
                          std::span<const unsigned> widths);

/// Lays out one shard. Returns nullptr and leaves `out` complete if the table list is acceptable, else the reason.
/// Checked here: order, heights, chip indices, presence of EVERY_SHARD chips, preprocessed heights.
/// The order of DEEP terms of a height: columns of each tree at z; next-row columns of tables that use them; per table
/// the two terms of its bus sum; per table one anchor per barrier.
const char* make_layout(const MachineDescription& machine, std::span<const PreprocessedCommitment> preprocessed,
                        std::span<const TableShape> tables, ShardLayout& out);

/// Checks over all shards: EXACTLY_ONCE chips, message counts per bus below p, row weights. Returns nullptr or the
/// reason.
const char* check_shards(const MachineDescription& machine, std::span<const ShardLayout> shards,
                         uint64_t boundary_messages);

/// The number of anchors per table: one per barrier that is run.
inline unsigned anchors_per_table(bool has_forms) { return has_forms ? 2 : 1; }

}  // namespace zkvm::stark
