#pragma once
/// \file
/// For tests: a lying prover for one table. It changes cells, one alone or with repairs of what breaks (constraints,
/// look-ups, messages that other tables hold it to), and says whether it got anything through but the honest table.

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "precompiles/call.hpp"
#include "stark/debug/checker.hpp"
#include "stark/debug/omitted.hpp"

namespace zkvm::precompiles::test {

/// Everything that a table must satisfy next to honest tables is a value that must be 0: constraints; multiplicities
/// and fields of messages less the honest ones; and for ranges what a value is away from one that is there. Messages
/// that are a table's results stay free: whoever believes them can be lied to.
class TableForger {
 public:
  /// `air`: of the table's chip; outlives this. `is_result`: of a message of a row. `omitted`: label of constraints
  /// that are left out.
  TableForger(const stark::Air& air, const stark::DebugTable& honest,
              std::function<bool(size_t row, size_t message)> is_result, std::string omitted = {})
      : air_(air),
        honest_(honest.main),
        main_(honest.main),
        is_result_(std::move(is_result)),
        omitted_(std::move(omitted)),
        height_(size_t{1} << honest.log_height),
        width_(air_.main_width()),
        slots_(air_.slots()),
        values_(height_) {
    stark::fill_fixed_slots(air_, nullptr, slots_.data());
    for (size_t r = 0; r < height_; ++r) evaluate(r);
    find_columns();
  }

  size_t width() const { return width_; }
  bool holds() const { return failing_ == 0; }
  /// Changes a cell to each of some values and tries to repair that `attempts` times by changing up to `steps` more
  /// cells, each the best of `choices`. Returns whether a table other than the honest one is accepted.
  bool attack(size_t row, size_t column, unsigned attempts = 0, unsigned steps = 0, unsigned choices = 1) {
    const F honest = main_[row * width_ + column];
    const F changes[] = {F::one() - honest,
                         honest + F::one(),
                         honest - F::one(),
                         honest + F::from(65536),
                         F::from(65536).inverse() + honest,
                         F::from(static_cast<uint32_t>(random_()))};
    for (F value : changes) {
      if (value == honest) continue;
      for (unsigned attempt = 0; attempt <= attempts; ++attempt) {
        changed_ = {{row, column, honest}};
        set(row, column, value);
        for (unsigned step = 0; attempt != 0 && step < steps && failing_ != 0 && repair(choices); ++step) {
        }
        const bool forged = failing_ == 0 && main_ != honest_;
        while (!changed_.empty()) {
          set(changed_.back().row, changed_.back().column, changed_.back().before);
          changed_.pop_back();
        }
        if (forged) return true;
      }
    }
    return false;
  }

 private:
  struct Change {
    size_t row, column;
    F before;
  };
  struct Place {
    size_t offset, column;  ///< offset 1: in the next row
  };

  void load(size_t row) {
    const auto at = [&](size_t r) { return main_.begin() + static_cast<std::ptrdiff_t>(r % height_ * width_); };
    std::copy_n(at(row), width_, slots_.begin());
    if (air_.uses_next()) std::copy_n(at(row + 1), width_, slots_.begin() + air_.next_slot());
  }
  /// The values of a row, from constraint 0 on.
  std::vector<F> compute(size_t row) {
    load(row);
    std::vector<F> out;
    stark::evaluate_constraints(air_, slots_.data(), [&](unsigned k, F value) {
      const std::string& label = air_.constraint_label(k);
      const bool passes = value.is_zero() || label == omitted_ || stark::is_omitted(air_.name(), label);
      out.push_back(passes ? F::zero() : value);
    });
    const auto now = [&](uint32_t c) { return main_[row * width_ + c]; };
    const auto was = [&](uint32_t c) { return honest_[row * width_ + c]; };
    for (size_t i = 0; i < air_.messages().size(); ++i) {
      const stark::Message& m = air_.messages()[i];
      const F multiplicity = m.multiplicity.evaluate<F>(was);
      out.push_back(m.multiplicity.evaluate<F>(now) - multiplicity);
      for (size_t k = 0; k < m.fields.size(); ++k) {
        const F value = m.fields[k].evaluate<F>(now);
        F away = value - m.fields[k].evaluate<F>(was);
        if (multiplicity.is_zero() || (is_result_(row, i) && m.bus != isa::RANGE.id)) away = F::zero();
        // A range's first field, the number of bits, is as honest as a constant is.
        if (m.bus == isa::RANGE.id && k == 1) {
          const uint32_t size = 1u << m.fields[0].evaluate<F>(now).value();
          if (multiplicity.is_zero() || value.value() < size) away = F::zero();
        }
        // All pairs of bytes are there.
        if (m.bus == isa::BYTES.id && value.value() < 256) away = F::zero();
        out.push_back(away);
      }
    }
    return out;
  }
  void evaluate(size_t row) {
    for (F v : values_[row]) failing_ -= !v.is_zero();
    values_[row] = compute(row);
    for (F v : values_[row]) failing_ += !v.is_zero();
  }
  void set(size_t row, size_t column, F value) {
    main_[row * width_ + column] = value;
    evaluate(row);
    if (air_.uses_next()) evaluate((row + height_ - 1) % height_);
  }

  /// Which cells a value depends on, found by changing them in random rows. (Messages: by their terms.)
  void find_columns() {
    const std::vector<F> saved = main_;
    const auto noise = [&] { return F::from(static_cast<uint32_t>(random_()) >> 1); };
    for (size_t c = 0; c < 2 * width_; ++c) main_[c] = noise();
    std::vector<F> base = compute(0);
    columns_.resize(base.size());
    for (size_t offset = 0; offset < (air_.uses_next() ? 2 : 1); ++offset)
      for (size_t c = 0; c < width_; ++c) {
        F& cell = main_[offset * width_ + c];
        const F before = cell;
        cell = noise();
        const std::vector<F> other = compute(0);
        for (size_t k = 0; k < air_.constraints(); ++k)
          if (other[k] != base[k]) columns_[k].push_back({offset, c});
        cell = before;
      }
    main_ = saved;
    size_t k = air_.constraints();
    for (const stark::Message& m : air_.messages()) {
      for (const auto& t : m.multiplicity.terms) columns_[k].push_back({0, t.column});
      ++k;
      for (const stark::Affine& f : m.fields) {
        for (const auto& t : f.terms) columns_[k].push_back({0, t.column});
        ++k;
      }
    }
  }

  /// Makes one value that is not 0 be 0, by another cell than the first and the last that were changed: of up to
  /// `choices` cells the one that leaves the least to repair.
  bool repair(unsigned choices) {
    std::vector<std::pair<size_t, size_t>> failing;
    for (size_t r = 0; r < height_; ++r)
      for (size_t k = 0; k < values_[r].size(); ++k)
        if (!values_[r][k].is_zero()) failing.push_back({r, k});
    const auto [r, k] = failing[random_() % failing.size()];
    std::vector<Place> places = columns_[k];
    std::shuffle(places.begin(), places.end(), random_);
    struct Choice {
      size_t left, row, column;
      F value;
    };
    std::optional<Choice> best;
    for (const Place& p : places) {
      if (choices == 0) break;
      const size_t row = (r + p.offset) % height_;
      const auto is = [&](const Change& c) { return c.row == row && c.column == p.column; };
      if (is(changed_.front()) || is(changed_.back())) continue;
      const F before = main_[row * width_ + p.column];
      const std::optional<F> value = solve(r, k, main_[row * width_ + p.column]);
      if (!value) continue;
      --choices;
      set(row, p.column, *value);
      if (!best || failing_ < best->left) best = {failing_, row, p.column, *value};
      set(row, p.column, before);
    }
    if (!best) return false;
    changed_.push_back({best->row, best->column, main_[best->row * width_ + best->column]});
    set(best->row, best->column, best->value);
    return true;
  }
  /// What else the cell could be for value k of row r to be 0, if that is affine in it, or 0 or 1 will do.
  std::optional<F> solve(size_t r, size_t k, F& cell) {
    const F before = cell;
    const auto value_at = [&](F x) {
      cell = x;
      return compute(r)[k];
    };
    const F v0 = values_[r][k], v1 = value_at(before + F::one()), v2 = value_at(before + F::from(2));
    std::vector<F> candidates = {F::zero(), F::one()};
    if (v1 != v0 && v2 - v1 == v1 - v0) candidates = {before - v0 * (v1 - v0).inverse()};
    std::optional<F> found;
    for (F x : candidates)
      if (x != before && value_at(x).is_zero()) found = x;
    cell = before;
    return found;
  }

  const stark::Air& air_;
  const std::vector<F> honest_;
  std::vector<F> main_;
  std::function<bool(size_t, size_t)> is_result_;
  std::string omitted_;
  size_t height_, width_;
  std::vector<F> slots_;
  std::vector<std::vector<F>> values_;
  std::vector<std::vector<Place>> columns_;
  std::vector<Change> changed_;
  size_t failing_ = 0;
  std::mt19937 random_{9};
};

}  // namespace zkvm::precompiles::test
