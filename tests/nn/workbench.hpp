#pragma once
/// \file
/// Where executions are tampered with, one level below proofs: cells are changed, what depends on them is repaired as far
/// as a prover could, and what is broken then is known at once. Does what stark/debug/checker does, but only for the rows
/// that changed, so that many thousands of lies can be tried.

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/nn/debug_source.hpp"

namespace zkvm::tests {

class Workbench {
 public:
  using Names = std::set<std::string>;

  /// The execution must be honest: std::logic_error otherwise.
  explicit Workbench(DebugExecution execution);

  /// Tables of a chip, over all shards, as indices for the functions below.
  std::vector<size_t> tables(size_t chip) const;
  size_t table(size_t chip) const;  ///< the first; std::out_of_range if there is none
  size_t chip(size_t table) const { return tables_[table].chip; }
  size_t height(size_t table) const { return size_t{1} << tables_[table].log_height; }

  // A row to be read or changed, now or later: what has changed is found by comparison.
  stark::F* main(size_t table, size_t row);
  stark::F* form(size_t table, size_t row);
  const stark::F* fixed(size_t table, size_t row) const;
  template <template <class> class Columns>
  Columns<stark::F>& row(size_t table, size_t row) {
    return *reinterpret_cast<Columns<stark::F>*>(main(table, row));
  }
  /// The first row of the chip's tables that `wanted` picks. Throws std::logic_error if there is none.
  template <template <class> class Columns, class Wanted>
  Columns<stark::F>& find(size_t chip, Wanted&& wanted) {
    for (size_t t : tables(chip))
      for (size_t i = 0; i < height(t); ++i)
        if (wanted(peek<Columns>(t, i))) return row<Columns>(t, i);
    throw std::logic_error("no such row");
  }
  template <template <class> class Columns>
  const Columns<stark::F>& peek(size_t table, size_t row) const {
    return *reinterpret_cast<const Columns<stark::F>*>(&tables_[table].main[row * width(table)]);
  }

  /// Form columns as a prover would compute them from the main columns as they are now, of all tables with a changed row.
  /// A ledger's forms are those that are on the buses for it.
  void recompute_forms();
  /// Free multiplicities of look-ups (isa's, fixed tables, powers, weights, pointers) as the other messages now need
  /// them. What no row provides stays unbalanced.
  void recount();

  /// Lets the tables that hold memory's final values have what was written last, where that is all that is missing.
  void settle_memory();
  /// All three.
  void repair() {
    recompute_forms();
    recount();
    settle_memory();
  }

  /// "CHIP: label" of each constraint that fails, "bus NAME" of each that does not balance. Empty: the lie would pass.
  Names broken();
  bool accepted();
  /// Whether the machine's state or memory, as the precompile's chips tell it, is another than it was honestly.
  bool tells_something_else();
  /// Whether repairs have undone every change.
  bool is_honest() {
    sync();
    return changed_.empty();
  }
  void restore();

 private:
  using Key = std::vector<uint32_t>;
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  struct Place {
    size_t table, row;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Provider {
    size_t table, row, column;  ///< main column that is the multiplicity
  };

  // A row that is changed before the next sync.
  stark::F* open_main(size_t table, size_t row);
  stark::F* open_form(size_t table, size_t row);
  unsigned width(size_t table) const;
  const stark::Air& air(size_t table) const;
  /// Calls visit(key, multiplicity, message index) for the messages of a row of `from`.
  void messages(const stark::DebugTable& from, size_t table, size_t row,
                const std::function<void(Key, stark::F, size_t)>& visit) const;
  void constraints(size_t table, size_t row, const std::function<void(unsigned, stark::F)>& visit);
  void check_row(size_t table, size_t row);
  void account(const Key& key, stark::F multiplicity);
  /// Takes changed rows into account.
  void sync();
  /// Main column that is the free multiplicity of message `index` of a chip; -1 if there is none.
  static int free_column(size_t chip, const stark::Air& air, size_t index);
  void form_activations(size_t table);
  void form_output(size_t table);  ///< of OUTPUT or STEPS
  void form_border(size_t table);
  void form_powers(size_t table);
  void form_ledger(size_t table);

  DebugExecution execution_;
  std::vector<stark::DebugTable> tables_, known_, honest_;  ///< now; as last accounted for; at first
  std::vector<size_t> shard_;
  std::set<Place> lent_;      ///< rows that callers may have references to
  std::set<Place> opened_;    ///< further rows to look at in the next sync
  std::set<Place> changed_;   ///< rows that differ from the honest ones
  std::unordered_map<Key, stark::F, KeyHash> balance_, outside_;
  std::set<Key> unbalanced_;
  std::set<Place> failing_;
  std::unordered_map<Key, Provider, KeyHash> fixed_providers_;
  std::unordered_map<size_t, std::vector<stark::F>> slots_;  ///< per chip, for evaluating constraints
};

}  // namespace zkvm::tests
