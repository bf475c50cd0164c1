#pragma once
/// \file
/// A prover that lies: it changes rows between the filling of the tables and the commitment to them, and then does all
/// that it can for the lie, namely counts look-ups afresh.

#include <functional>
#include <stdexcept>
#include <vector>

#include "isa/chips/image/columns.hpp"
#include "isa/chips/registry.hpp"
#include "stark/prover/prover.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::proofs {

/// A shard's tables, filled and not yet committed.
class Tables {
 public:
  Tables(std::span<const stark::TableShape> shapes, std::span<const stark::TableView> views)
      : shapes_(shapes), views_(views) {}

  /// The first row of the chip's tables that `wanted` picks. Throws std::logic_error if there is none, so that no lie
  /// stays untold.
  template <template <class> class Columns, class Wanted>
  Columns<stark::F>& find(size_t chip, Wanted&& wanted) const {
    for (size_t t = 0; t < shapes_.size(); ++t) {
      if (shapes_[t].chip != chip) continue;
      for (size_t i = 0; i < views_[t].height(); ++i)
        if (auto& row = *reinterpret_cast<Columns<stark::F>*>(views_[t].row(i)); wanted(row)) return row;
    }
    throw std::logic_error("no such row");
  }
  /// The row of the instruction at pc, the first time that it is executed.
  template <template <class> class Columns>
  Columns<stark::F>& at(size_t chip, uint32_t pc) const {
    return find<Columns>(chip, [&](const auto& row) { return row.at.pc == stark::F::from(pc); });
  }
  /// Row i of the chip's first table.
  template <template <class> class Columns>
  Columns<stark::F>& row(size_t chip, size_t i) const {
    return find<Columns>(chip, [&](const auto&) { return i-- == 0; });
  }
  /// What the memory image says that register r holds in the end.
  isa::ImageColumns<stark::F>& final_register(uint32_t r) const {
    return row<isa::ImageColumns>(isa::ChipId::IMAGE, r);
  }
  bool has(size_t chip) const {
    for (const stark::TableShape& s : shapes_)
      if (s.chip == chip) return true;
    return false;
  }

  /// Sets the multiplicities of PROGRAM and LOOKUP to what the other tables receive. Messages that neither has stay
  /// unbalanced.
  void recount(const isa::ProgramTable& program) const;

 private:
  std::span<const stark::TableShape> shapes_;
  std::span<const stark::TableView> views_;
};

/// Hands on what `honest` gives, changed by `tell` in every shard.
class LyingSource final : public stark::TraceSource {
 public:
  using Lie = std::function<void(const Tables&)>;
  /// `after` is told after the look-ups have been counted.
  LyingSource(stark::TraceSource& honest, const isa::ProgramTable& program, Lie tell, Lie after = {})
      : honest_(honest), program_(program), tell_(std::move(tell)), after_(std::move(after)) {}

  void rewind() override { honest_.rewind(); }
  bool next(std::vector<stark::TableShape>& tables) override;
  void fill_main(std::span<const stark::TableView> views) override;

 private:
  stark::TraceSource& honest_;
  const isa::ProgramTable& program_;
  Lie tell_, after_;
  std::vector<stark::TableShape> shapes_;
};

}  // namespace zkvm::proofs
