#include "stark/debug/checker.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "stark/debug/omitted.hpp"

namespace zkvm::stark {
namespace {

int64_t centred(F f) {
  const int64_t v = f.value();
  return v > static_cast<int64_t>(F::P / 2) ? v - static_cast<int64_t>(F::P) : v;
}

/// Bus, scope (0 global, shard + 1 local), fields.
using MessageKey = std::vector<uint32_t>;
struct KeyHash {
  size_t operator()(const MessageKey& key) const {
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t v : key) h = (h ^ v) * 0x9e3779b97f4a7c15u ^ (h >> 29);
    return h;
  }
};
using Balance = std::unordered_map<MessageKey, F, KeyHash>;

class Checker {
 public:
  Checker(const MachineDescription& machine, std::span<const DebugShard> shards,
          std::span<const BoundaryMessage> boundary, std::span<const E> challenges, const DebugOptions& options)
      : machine_(machine), shards_(shards), boundary_(boundary), challenges_(challenges), options_(options) {}

  DebugReport run() {
    if (challenges_.size() < machine_.challenges()) throw std::invalid_argument("too few accumulator challenges");
    for (size_t s = 0; s < shards_.size(); ++s)
      for (size_t t = 0; t < shards_[s].size(); ++t) {
        check_shape(shards_[s][t]);
        check_constraints(s, t);
      }
    check_buses();
    return std::move(report_);
  }

 private:
  const Air& air(const DebugTable& t) const { return machine_.chips[t.chip].air; }

  void check_shape(const DebugTable& t) const {
    if (t.chip >= machine_.chips.size()) throw std::invalid_argument("no such chip");
    const size_t rows = size_t{1} << t.log_height;
    const Air& a = air(t);
    if (t.preprocessed.size() != rows * a.preprocessed_width() || t.main.size() != rows * a.main_width() ||
        t.form.size() != rows * a.form_width())
      throw std::invalid_argument("table of chip " + a.name() + " has the wrong size");
  }

  /// Copies a row's columns in flat order.
  void load_row(const DebugTable& t, size_t row, F* out) const {
    const Air& a = air(t);
    const auto copy = [&](const std::vector<F>& columns, unsigned width) {
      out = std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(row * width), width, out);
    };
    copy(t.preprocessed, a.preprocessed_width());
    copy(t.main, a.main_width());
    copy(t.form, a.form_width());
  }

  void check_constraints(size_t shard, size_t table) {
    const DebugTable& t = shards_[shard][table];
    const Air& a = air(t);
    const size_t rows = size_t{1} << t.log_height;
    std::vector<F> slots(a.slots());
    fill_fixed_slots(a, challenges_.data(), slots.data());
    for (size_t row = 0; row < rows; ++row) {
      load_row(t, row, slots.data());
      if (a.uses_next()) load_row(t, (row + 1) % rows, slots.data() + a.next_slot());
      if (a.uses_selectors()) {
        slots[a.selector_slot()] = row == 0 ? F::one() : F::zero();
        slots[a.selector_slot() + 1] = row + 1 == rows ? F::one() : F::zero();
        slots[a.selector_slot() + 2] = row + 1 == rows ? F::zero() : F::one();
      }
      evaluate_constraints(a, slots.data(), [&](unsigned index, F value) {
        if (value.is_zero() || is_omitted(a.name(), a.constraint_label(index))) return;
        if (report_.constraint_failures++ < options_.max_listed)
          report_.constraints.push_back({shard, table, row, a.name(), a.constraint_label(index)});
      });
    }
  }

  /// Calls visit(key, multiplicity, contribution maker) for every message with a multiplicity that is not 0.
  template <class Visit>
  void for_each_message(Visit&& visit) const {
    MessageKey key;
    std::vector<F> row_values;
    for (size_t s = 0; s < shards_.size(); ++s) {
      for (size_t t = 0; t < shards_[s].size(); ++t) {
        const DebugTable& table = shards_[s][t];
        const Air& a = air(table);
        row_values.resize(a.columns());
        const auto column = [&](uint32_t i) { return row_values[i]; };
        for (size_t row = 0; row < size_t{1} << table.log_height; ++row) {
          load_row(table, row, row_values.data());
          for (const Message& m : a.messages()) {
            const F multiplicity = m.multiplicity.evaluate<F>(column);
            if (multiplicity.is_zero()) continue;
            key.assign({m.bus, m.local ? static_cast<uint32_t>(s + 1) : 0});
            for (const Affine& f : m.fields) key.push_back(f.evaluate<F>(column).value());
            visit(key, multiplicity, a.name() + ", " + m.label, s, t, row);
          }
        }
      }
    }
    for (const BoundaryMessage& m : boundary_) {
      key.assign({m.bus, 0});
      for (F f : m.fields) key.push_back(f.value());
      visit(key, m.send ? F::one() : -F::one(), std::string("boundary"), size_t{0}, size_t{0}, size_t{0});
    }
  }

  void check_buses() {
    Balance balance;
    for_each_message([&](const MessageKey& key, F multiplicity, auto&&...) { balance[key] += multiplicity; });
    std::unordered_map<MessageKey, size_t, KeyHash> listed;
    for (const auto& [key, sum] : balance) {
      if (sum.is_zero()) continue;
      ++report_.bus_failures;
      if (report_.buses.size() >= options_.max_listed) continue;
      listed[key] = report_.buses.size();
      report_.buses.push_back({machine_.bus_name(static_cast<uint16_t>(key[0])),
                               key[1] != 0,
                               key[1] == 0 ? 0 : key[1] - 1,
                               {key.begin() + 2, key.end()},
                               centred(sum),
                               {}});
    }
    if (listed.empty()) return;
    for_each_message([&](const MessageKey& key, F multiplicity, std::string source, size_t s, size_t t, size_t row) {
      const auto found = listed.find(key);
      if (found == listed.end()) return;
      auto& contributors = report_.buses[found->second].contributors;
      if (contributors.size() < options_.max_contributors)
        contributors.push_back({std::move(source), s, t, row, centred(multiplicity)});
    });
  }

  const MachineDescription& machine_;
  std::span<const DebugShard> shards_;
  std::span<const BoundaryMessage> boundary_;
  std::span<const E> challenges_;
  DebugOptions options_;
  DebugReport report_;
};

}  // namespace

std::string DebugReport::text() const {
  std::string out;
  const auto place = [](size_t shard, size_t table, size_t row) {
    return "shard " + std::to_string(shard) + ", table " + std::to_string(table) + ", row " + std::to_string(row);
  };
  for (const ConstraintFailure& f : constraints)
    out += "constraint: " + f.chip + ", " + f.label + ": " + place(f.shard, f.table, f.row) + "\n";
  if (constraint_failures > constraints.size())
    out += "... and " + std::to_string(constraint_failures - constraints.size()) + " more constraint failures\n";
  for (const BusFailure& f : buses) {
    out += "bus " + f.bus + (f.local ? " of shard " + std::to_string(f.shard) : "") + ": excess " +
           std::to_string(f.excess) + " of (";
    for (size_t i = 0; i < f.fields.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(f.fields[i]);
    out += ")\n";
    for (const BusContribution& c : f.contributors)
      out += "  " + std::to_string(c.multiplicity) + " from " + c.source + ": " + place(c.shard, c.table, c.row) + "\n";
  }
  if (bus_failures > buses.size())
    out += "... and " + std::to_string(bus_failures - buses.size()) + " more messages left over\n";
  return out;
}

DebugReport check_tables(const MachineDescription& machine, std::span<const DebugShard> shards,
                         std::span<const BoundaryMessage> boundary, std::span<const E> challenges,
                         const DebugOptions& options) {
  return Checker(machine, shards, boundary, challenges, options).run();
}

}  // namespace zkvm::stark
