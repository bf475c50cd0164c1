#include "stark/protocol/machine.hpp"

#include <algorithm>

#include "stark/hash/suite.hpp"
#include "stark/protocol/bytes.hpp"

namespace zkvm::stark {

const std::string& MachineDescription::bus_name(uint16_t id) const {
  static const std::string UNKNOWN = "unknown bus";
  for (const BusInfo& b : buses)
    if (b.id == id) return b.name;
  return UNKNOWN;
}

unsigned MachineDescription::challenges() const {
  unsigned n = 0;
  for (const ChipInfo& c : chips) n = std::max(n, c.air.challenges());
  return n;
}

Digest MachineDescription::digest() const {
  std::vector<uint8_t> bytes;
  ByteWriter w(bytes);
  w.u32(chips.size());
  for (const ChipInfo& c : chips) {
    c.air.serialize(bytes);
    w.u8(static_cast<uint64_t>(c.presence));
    w.u32(static_cast<uint64_t>(c.preprocessed_set + 1));
    w.u32(c.row_weight);
  }
  w.u32(buses.size());
  for (const BusInfo& b : buses) {
    w.u16(b.id);
    w.u32(b.name.size());
    w.bytes({reinterpret_cast<const uint8_t*>(b.name.data()), b.name.size()});
  }
  w.u32(preprocessed_sets);
  w.u64(max_weight);
  return blake3_keyed(domain_key("zkvm v1 machine"), bytes);
}

int TreeShape::find(unsigned log_height) const {
  for (size_t g = 0; g < groups.size(); ++g)
    if (groups[g].log_height == log_height) return static_cast<int>(g);
  return -1;
}

TreeShape group_by_height(std::span<const TableShape> tables, std::span<const unsigned> heights,
                          std::span<const unsigned> widths) {
  TreeShape tree;
  tree.ranges.resize(tables.size());
  for (unsigned h : heights) {
    unsigned offset = 0;
    for (size_t t = 0; t < tables.size(); ++t) {
      if (tables[t].log_height != h || widths[t] == 0) continue;
      tree.ranges[t] = {static_cast<unsigned>(tree.groups.size()), offset, widths[t]};
      offset += widths[t];
    }
    if (offset != 0) tree.groups.push_back({h, offset});
  }
  return tree;
}

const char* make_layout(const MachineDescription& machine, std::span<const PreprocessedCommitment> preprocessed,
                        std::span<const TableShape> tables, ShardLayout& out) {
  out = ShardLayout{};
  if (tables.empty() || tables.size() > MAX_TABLES) return "a shard has no tables or too many";
  if (preprocessed.size() != machine.preprocessed_sets) return "wrong number of preprocessed commitments";
  out.tables.assign(tables.begin(), tables.end());

  std::vector<unsigned> count(machine.chips.size(), 0);
  for (size_t t = 0; t < tables.size(); ++t) {
    const TableShape& s = tables[t];
    if (s.chip >= machine.chips.size()) return "a table names a chip that the machine does not have";
    if (s.log_height < MIN_LOG_HEIGHT || s.log_height > MAX_LOG_HEIGHT) return "a table height is out of range";
    if (t > 0 &&
        (tables[t - 1].chip > s.chip || (tables[t - 1].chip == s.chip && tables[t - 1].log_height < s.log_height)))
      return "tables are not in canonical order";
    ++count[s.chip];
  }
  out.preprocessed.assign(machine.preprocessed_sets, 0);
  for (size_t c = 0; c < machine.chips.size(); ++c) {
    const ChipInfo& chip = machine.chips[c];
    if (chip.presence == Presence::EVERY_SHARD && count[c] != 1) return "a table that every shard must have is missing";
    if ((chip.presence == Presence::EXACTLY_ONCE || chip.presence == Presence::AT_MOST_ONCE) && count[c] > 1)
      return "a table that may occur once occurs twice";
    if (chip.preprocessed_set < 0) continue;
    if (chip.presence == Presence::OPTIONAL) return "a preprocessed chip must have a fixed number of tables";
    if (count[c] == 1) out.preprocessed[static_cast<size_t>(chip.preprocessed_set)] = 1;
  }
  // A present set is complete, and its tables have the committed heights.
  for (size_t set = 0; set < preprocessed.size(); ++set) {
    size_t expected = 0;
    for (size_t c = 0; c < machine.chips.size(); ++c) {
      if (machine.chips[c].preprocessed_set != static_cast<int>(set)) continue;
      if (expected >= preprocessed[set].tables.size() || preprocessed[set].tables[expected].chip != c)
        return "a preprocessed commitment does not list the chips of its set";
      const TableShape& fixed = preprocessed[set].tables[expected++];
      if (out.preprocessed[set] == 0) continue;
      if (std::find(tables.begin(), tables.end(), fixed) == tables.end())
        return "a preprocessed table is missing or has another height than its commitment";
    }
    if (expected != preprocessed[set].tables.size()) return "a preprocessed commitment lists a foreign chip";
  }

  for (const TableShape& s : tables) out.heights.push_back(s.log_height);
  std::sort(out.heights.begin(), out.heights.end(), std::greater<>());
  out.heights.erase(std::unique(out.heights.begin(), out.heights.end()), out.heights.end());
  out.log_max_height = out.heights.front();

  std::vector<unsigned> widths(tables.size());
  const auto add_tree = [&](auto&& width_of) {
    for (size_t t = 0; t < tables.size(); ++t) widths[t] = width_of(machine.chips[tables[t].chip]);
    out.trees.push_back(group_by_height(tables, out.heights, widths));
    return static_cast<int>(out.trees.size()) - 1;
  };
  out.tree_of_set.assign(machine.preprocessed_sets, -1);
  for (size_t set = 0; set < preprocessed.size(); ++set) {
    if (out.preprocessed[set] == 0) continue;
    out.tree_of_set[set] = add_tree([&](const ChipInfo& c) {
      return c.preprocessed_set == static_cast<int>(set) ? c.air.preprocessed_width() : 0;
    });
  }
  out.main_tree = add_tree([](const ChipInfo& c) { return c.air.main_width(); });
  const bool forms = std::any_of(tables.begin(), tables.end(),
                                 [&](const TableShape& s) { return machine.chips[s.chip].air.form_width() != 0; });
  if (forms) out.form_tree = add_tree([](const ChipInfo& c) { return c.air.form_width(); });
  out.logup_tree = add_tree([](const ChipInfo& c) { return c.air.logup_width(); });
  TreeShape quotient;
  quotient.ranges.resize(tables.size());
  quotient.groups.push_back({out.log_max_height, QUOTIENT_CHUNKS * E::DEGREE});
  out.quotient_tree = static_cast<int>(out.trees.size());
  out.trees.push_back(std::move(quotient));

  for (const TableShape& s : tables) {
    out.constraint_offset.push_back(out.total_constraints);
    out.total_constraints += machine.chips[s.chip].air.total_constraints();
  }
  for (unsigned h : out.heights) {
    out.deep_offset.push_back(out.deep_terms);
    for (const TreeShape& tree : out.trees) {
      const int g = tree.find(h);
      if (g >= 0) out.deep_terms += tree.groups[static_cast<size_t>(g)].width;
    }
    for (const TableShape& s : tables) {
      if (s.log_height != h) continue;
      const Air& air = machine.chips[s.chip].air;
      if (air.uses_next()) out.deep_terms += air.columns();
      out.deep_terms += BUS_SUM_TERMS + anchors_per_table(forms);
    }
  }

  unsigned current = out.log_max_height;
  size_t next = 1;
  while (current > MIN_LOG_HEIGHT) {
    const unsigned target = next < out.heights.size() ? out.heights[next] : MIN_LOG_HEIGHT;
    const unsigned step = std::min(MAX_LOG_FOLD, current - target);
    const bool injects = next < out.heights.size() && current - step == target;
    out.folds.push_back({current, step, injects});
    current -= step;
    if (injects) ++next;
  }
  return nullptr;
}

const char* check_shards(const MachineDescription& machine, std::span<const ShardLayout> shards,
                         uint64_t boundary_messages) {
  if (shards.empty() || shards.size() > MAX_SHARDS) return "a proof has no shards or too many";
  std::vector<unsigned> count(machine.chips.size(), 0);
  uint64_t weight = 0;
  std::vector<uint64_t> global(machine.buses.size() + 1, boundary_messages);
  const auto bus_index = [&](uint16_t id) {
    size_t i = 0;
    while (i < machine.buses.size() && machine.buses[i].id != id) ++i;
    return i;
  };
  for (const ShardLayout& shard : shards) {
    std::vector<uint64_t> local(machine.buses.size() + 1, 0);
    for (const TableShape& s : shard.tables) {
      const ChipInfo& chip = machine.chips[s.chip];
      const uint64_t height = uint64_t{1} << s.log_height;
      ++count[s.chip];
      weight += height * chip.row_weight;
      for (const Message& m : chip.air.messages()) (m.local ? local : global)[bus_index(m.bus)] += height;
    }
    for (uint64_t n : local)
      if (n >= F::P) return "a local bus carries p messages or more";
  }
  for (uint64_t n : global)
    if (n >= F::P) return "a global bus carries p messages or more";
  if (weight >= machine.max_weight) return "the tables together are taller than the machine's clock allows";
  for (size_t c = 0; c < machine.chips.size(); ++c)
    if (machine.chips[c].presence == Presence::EXACTLY_ONCE && count[c] != 1)
      return "a table that must occur exactly once does not";
  return nullptr;
}

}  // namespace zkvm::stark
