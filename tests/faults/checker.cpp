#include "tests/faults/checker.hpp"

#include <algorithm>
#include <span>

#include "precompiles/registry.hpp"

namespace zkvm::tests {

using stark::DebugTable;
using stark::F;

namespace {

using precompiles::ChipId;

/// 64 bits of a message; that two differing ones have the same is as likely as any accident.
uint64_t hash(uint64_t scope, uint32_t bus, std::span<const uint32_t> fields) {
  uint64_t h = 0x9e37'79b9'7f4a'7c15u ^ (scope << 32 | bus);
  for (const uint32_t v : fields) {
    h = (h ^ v) * 0xff51'afd7'ed55'8ccdu;
    h ^= h >> 32;
    h *= 0xc4ce'b9fe'1a85'ec53u;
    h ^= h >> 29;
  }
  return h;
}

int64_t as_byte(uint32_t v) { return static_cast<int8_t>(static_cast<uint8_t>(v)); }

}  // namespace

LieChecker::LieChecker(const vm::ProgramSetup& setup) {
  for (uint32_t i = 0; i < setup.table.size(); ++i) {
    const isa::ProgramFields& entry = setup.table[i];
    std::vector<uint32_t> fields;
    for (const F f : {entry.pc, entry.op, entry.rd, entry.rs1, entry.rs2, entry.c0, entry.c1, entry.c2})
      fields.push_back(f.value());
    program_.insert(hash(0, isa::PROGRAM.id, fields));
  }
}

bool LieChecker::is_computed(size_t chip) {
  return chip == isa::ChipId::PROGRAM || chip == isa::ChipId::LOOKUP || chip == ChipId::NN_SIGNED;
}

std::string LieChecker::refusal(const DebugExecution& execution, int omitted) const {
  const stark::MachineDescription& machine = vm::machine_description();
  // Messages of the tables that are computed.
  const auto exists = [&](uint16_t bus, std::span<const uint32_t> f) {
    if (bus == isa::PROGRAM.id) return program_.count(hash(0, bus, f)) != 0;
    if (bus == isa::RANGE.id) return f[0] <= 16 && f[1] < 1u << f[0];
    if (bus == isa::AND.id) return f[0] < 256 && f[1] < 256 && f[2] == (f[0] & f[1]);
    if (bus == isa::BYTES.id) return f[0] < 256 && f[1] < 256;
    return f[0] < 65536 && F::from(f[1]) == F::from_i64(as_byte(f[0])) &&
           F::from(f[2]) == F::from_i64(as_byte(f[0] >> 8));
  };
  struct Entry {
    uint64_t key;
    F multiplicity;
    uint16_t bus;
  };
  std::vector<Entry> entries;
  std::unordered_set<uint64_t> provided;
  std::vector<uint32_t> fields;
  for (size_t s = 0; s < execution.shards.size(); ++s)
    for (const DebugTable& t : execution.shards[s]) {
      const stark::Air& air = machine.chips[t.chip].air;
      const unsigned fixed = air.preprocessed_width(), main = air.main_width(), form = air.form_width();
      const size_t rows = size_t{1} << t.log_height;
      std::vector<F> slots(air.slots());
      stark::fill_fixed_slots(air, execution.challenges.data(), slots.data());
      const auto load = [&](size_t row, F* out) {
        const auto part = [&](const std::vector<F>& columns, unsigned width) {
          out = std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(row * width), width, out);
        };
        part(t.preprocessed, fixed);
        part(t.main, main);
        part(t.form, form);
      };
      std::vector<int> free;
      for (const stark::Message& m : air.messages()) free.push_back(free_multiplicity(t.chip, m));
      for (size_t row = 0; row < rows; ++row) {
        load(row, slots.data());
        if (air.uses_next()) load((row + 1) % rows, slots.data() + air.next_slot());
        if (air.uses_selectors()) {
          slots[air.selector_slot()] = row == 0 ? F::one() : F::zero();
          slots[air.selector_slot() + 1] = row + 1 == rows ? F::one() : F::zero();
          slots[air.selector_slot() + 2] = row + 1 == rows ? F::zero() : F::one();
        }
        const auto column = [&](uint32_t c) { return slots[c]; };
        // Rows that are not real may provide nothing.
        const bool speaks = fixed != 0 || t.chip == ChipId::NN_POWERS || !slots[0].is_zero();
        for (size_t i = 0; i < air.messages().size(); ++i) {
          const stark::Message& m = air.messages()[i];
          const F multiplicity = m.multiplicity.evaluate<F>(column);
          const bool provides = free[i] >= 0 && speaks;
          if (multiplicity.is_zero() && !provides) continue;
          fields.clear();
          for (const stark::Affine& f : m.fields) fields.push_back(f.evaluate<F>(column).value());
          const bool computed = m.bus == isa::PROGRAM.id || m.bus == isa::RANGE.id || m.bus == isa::AND.id ||
                                m.bus == isa::BYTES.id || m.bus == precompiles::nn::SIGNED.id;
          if (computed) {
            if (!exists(m.bus, fields)) return "bus " + machine.bus_name(m.bus);
            continue;
          }
          const uint64_t key = hash(m.local ? s + 1 : 0, m.bus, fields);
          if (provides) {
            provided.insert(key);
          } else {
            entries.push_back({key, multiplicity, m.bus});
          }
        }
        std::string failed;
        stark::evaluate_constraints(air, slots.data(), [&](unsigned k, F value) {
          if (!value.is_zero() && failed.empty()) failed = air.name() + ": " + air.constraint_label(k);
        });
        if (!failed.empty()) return failed;
      }
    }
  for (const stark::BoundaryMessage& m : execution.boundary) {
    fields.clear();
    for (const F f : m.fields) fields.push_back(f.value());
    entries.push_back({hash(0, m.bus, fields), m.send ? F::one() : -F::one(), m.bus});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  for (size_t i = 0; i < entries.size();) {
    F sum = F::zero();
    const Entry& first = entries[i];
    for (; i < entries.size() && entries[i].key == first.key; ++i) sum += entries[i].multiplicity;
    if (!sum.is_zero() && provided.count(first.key) == 0 && first.bus != omitted)
      return "bus " + machine.bus_name(first.bus);
  }
  return "";
}

}  // namespace zkvm::tests
