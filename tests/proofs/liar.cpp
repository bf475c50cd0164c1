#include "tests/proofs/liar.hpp"

#include <map>

#include "isa/chips/lookup/columns.hpp"
#include "isa/chips/program/columns.hpp"

namespace zkvm::proofs {
namespace {

using isa::ChipId;
using stark::F;
using Fields = std::vector<uint32_t>;

template <class Message>
Fields fields(const Message& m) {
  const F* first = reinterpret_cast<const F*>(&m);
  Fields r;
  for (size_t i = 0; i < sizeof(m) / sizeof(F); ++i) r.push_back(first[i].value());
  return r;
}

}  // namespace

void Tables::recount(const isa::ProgramTable& program) const {
  std::map<Fields, uint32_t> program_rows;
  for (uint32_t i = 0; i < program.size(); ++i) program_rows.emplace(fields(program[i]), i);

  std::vector<isa::LookupColumns<F>> lookups(size_t{1} << isa::LOOKUP_LOG_HEIGHT);
  std::vector<F> programs(program.size());
  constexpr uint32_t LIMB = 1u << 16;
  // The place of the provider's multiplicity, nullptr if no row provides the message.
  const auto provider = [&](const stark::Message& m, const Fields& f) -> F* {
    if (m.bus == isa::PROGRAM.id) {
      const auto it = program_rows.find(f);
      return it == program_rows.end() ? nullptr : &programs[it->second];
    }
    if (m.bus == isa::RANGE.id) {
      if (f[0] > 16 || f[1] >= 1u << f[0]) return nullptr;
      return f[0] == 16 ? &lookups[f[1]].range16 : &lookups[(1u << f[0]) + f[1]].range_bits;
    }
    if (f[0] >= 256 || f[1] >= 256) return nullptr;
    auto& row = lookups[f[0] + 256 * f[1]];
    if (m.bus == isa::BYTES.id) return &row.bytes;
    static_assert(LIMB == 256 * 256);
    return f[2] == (f[0] & f[1]) ? &row.and_bytes : nullptr;
  };

  const stark::MachineDescription& machine = vm::machine_description();
  for (size_t t = 0; t < shapes_.size(); ++t) {
    const stark::Air& air = machine.chips[shapes_[t].chip].air;
    if (air.preprocessed_width() != 0) continue;  // IMAGE looks nothing up
    for (size_t i = 0; i < views_[t].height(); ++i) {
      const F* row = views_[t].row(i);
      const auto column = [&](uint32_t c) { return row[c]; };
      for (const stark::Message& m : air.messages()) {
        const F multiplicity = m.multiplicity.evaluate<F>(column);
        if (!m.local || multiplicity.is_zero()) continue;
        Fields f;
        for (const stark::Affine& a : m.fields) f.push_back(a.evaluate<F>(column).value());
        if (F* count = provider(m, f)) *count -= multiplicity;
      }
    }
  }
  for (size_t t = 0; t < shapes_.size(); ++t) {
    for (size_t i = 0; i < views_[t].height(); ++i) {
      if (shapes_[t].chip == ChipId::LOOKUP) *reinterpret_cast<isa::LookupColumns<F>*>(views_[t].row(i)) = lookups[i];
      if (shapes_[t].chip == ChipId::PROGRAM) *views_[t].row(i) = i < programs.size() ? programs[i] : F::zero();
    }
  }
}

bool LyingSource::next(std::vector<stark::TableShape>& tables) {
  const bool more = honest_.next(tables);
  shapes_ = tables;
  return more;
}

void LyingSource::fill_main(std::span<const stark::TableView> views) {
  honest_.fill_main(views);
  const Tables tables(shapes_, views);
  if (tell_) tell_(tables);
  tables.recount(program_);
  if (after_) after_(tables);
}

}  // namespace zkvm::proofs
