#include "tests/soundness/forger.hpp"

#include <algorithm>

#include "isa/chips/buses.hpp"
#include "tests/soundness/roots.hpp"

namespace zkvm::soundness {

using stark::F;

std::string describe(const Forgery& f) {
  std::string s = f.sample + ": " + f.why + "; changed columns";
  for (size_t c : f.columns) s.append(" ").append(std::to_string(c));
  return s;
}

Forger::Forger(RowModel& model, const SampleRows& samples, ForgerOptions options)
    : model_(model), samples_(samples), options_(options), random_(options.seed) {
  // Which columns a constraint depends on, found by changing them in random rows.
  const size_t width = model_.air().main_width(), constraints = model_.air().constraints();
  constraint_columns_.resize(constraints);
  Row row(width);
  for (F& f : row) f = F::from(random_());
  model_.load(row);
  const std::vector<F> base = model_.constraints();
  for (size_t c = 0; c < width; ++c) {
    const F saved = row[c];
    row[c] = F::from(random_());
    model_.load(row);
    for (size_t k = 0; k < constraints; ++k)
      if (model_.constraints()[k] != base[k]) constraint_columns_[k].push_back(c);
    row[c] = saved;
  }
}

Forger::Verdict Forger::judge(const Row& row) {
  model_.load(row);
  for (F v : model_.constraints())
    if (!v.is_zero()) return Verdict::REJECTED;
  messages_ = model_.messages();
  for (const RowMessage& m : messages_)
    if (m.local && m.one && !model_.has_entry(m)) return Verdict::REJECTED;
  if (!is_possible(chip_, messages_)) return Verdict::REJECTED;
  why_ = contradiction(chip_, messages_, samples_);
  return why_.empty() ? Verdict::RIGHT : Verdict::FORGED;
}

std::vector<F> Forger::changes(F value) {
  std::vector<F> out;
  // 0x7f00 = -2^-16: what a limb's neighbour moves by when a limb moves by one and nothing bounds the carry.
  for (int64_t d : {1, 2, 3, 4, 16, 128, 256, 0x7f00, 16384, 32768, 65536}) {
    out.push_back(value + F::from_i64(d));
    out.push_back(value - F::from_i64(d));
  }
  for (uint32_t k : {1u, 5u, 7u, 8u, 15u}) out.push_back(value + F::from(1u << k).inverse());
  for (uint32_t v : {0u, 1u, 2u, 255u, 65535u}) out.push_back(F::from(v));
  out.push_back(-value);
  out.push_back(F::from(random_() & 0xffff));
  out.push_back(F::from(random_()));
  return out;
}

bool Forger::solve(Row& row, size_t column, const std::function<F()>& value, F target) {
  const F now = row[column];
  std::array<F, 4> v;
  for (uint32_t k = 0; k < 4; ++k) {
    row[column] = now + F::from(k);
    model_.load(row);
    v[k] = value() - target;
  }
  row[column] = now;
  std::vector<F> solutions = roots(interpolate(v));
  std::erase_if(solutions, [](F x) { return x.is_zero(); });
  if (solutions.empty()) return false;
  row[column] = now + solutions[random_() % solutions.size()];
  return true;
}

bool Forger::repair(Row& row, std::vector<size_t>& changed) {
  model_.load(row);
  std::vector<size_t> failing;
  for (size_t k = 0; k < model_.constraints().size(); ++k)
    if (!model_.constraints()[k].is_zero()) failing.push_back(k);
  const auto unchanged = [&](size_t c) {
    return random_() % 8 == 0 || std::find(changed.begin(), changed.end(), c) == changed.end();
  };
  const auto solve_one_of = [&](std::vector<size_t>& columns, const std::function<F()>& value, F target) {
    std::shuffle(columns.begin(), columns.end(), random_);
    for (size_t c : columns) {
      if (!unchanged(c) || !solve(row, c, value, target)) continue;
      changed.push_back(c);
      return true;
    }
    return false;
  };

  if (!failing.empty()) {
    const size_t k = failing[random_() % failing.size()];
    return solve_one_of(
        constraint_columns_[k], [&] { return model_.constraints()[k]; }, F::zero());
  }

  // All constraints hold: a look-up fails, or a message is not possible.
  messages_ = model_.messages();
  std::vector<const RowMessage*> missing;
  for (const RowMessage& m : messages_)
    if (m.local && !model_.has_entry(m)) missing.push_back(&m);
  if (missing.empty()) {
    const size_t c = random_() % row.size();
    const std::vector<F> values = changes(row[c]);
    row[c] = values[random_() % values.size()];
    changed.push_back(c);
    return true;
  }
  const RowMessage m = *missing[random_() % missing.size()];
  size_t field = 0;
  F target;
  if (m.bus == isa::RANGE.id) {
    field = 1;
    const uint32_t size = 1u << std::min(m.fields[0], 16u);
    // Into the range by one turn either way, or anywhere.
    const F turns[] = {F::from(m.fields[1]) + F::from(size), F::from(m.fields[1]) - F::from(size),
                       F::from(random_() & (size - 1))};
    target = turns[random_() % 3];
  } else if (m.bus == isa::AND.id && random_() % 2 == 0) {
    field = 2;
    target = F::from(m.fields[0] & m.fields[1] & 255);
  } else if (m.bus == isa::PROGRAM.id) {
    field = 1 + random_() % 7;
    const isa::Row instruction = samples_.instruction(m.fields[0]);
    if (instruction.op == isa::RowOp::COUNT) return false;
    const isa::ProgramFields entry = isa::program_fields(m.fields[0], instruction, random_() % 2 == 0);
    const F wanted[] = {entry.pc, entry.op, entry.rd, entry.rs1, entry.rs2, entry.c0, entry.c1, entry.c2};
    target = wanted[field];
  } else {
    field = random_() % 2;
    target = F::from(random_() & 255);
  }
  std::vector<size_t> columns;
  for (const auto& t : model_.air().messages()[m.index].fields[field].terms) columns.push_back(t.column);
  return solve_one_of(
      columns,
      [&] {
        for (const RowMessage& n : model_.messages())
          if (n.index == m.index) return F::from(n.fields[field]);
        return F::zero();
      },
      target);
}

std::optional<Forgery> Forger::attack(const SampleRows::Sample& sample) {
  chip_ = sample.chip;
  if (judge(sample.main) != Verdict::RIGHT) return Forgery{sample.name, {}, "the honest row is refused: " + why_};
  honest_ = messages_;
  for (size_t c = 0; c < sample.main.size(); ++c) {
    for (F changed_value : changes(sample.main[c])) {
      if (changed_value == sample.main[c]) continue;
      for (unsigned attempt = 0; attempt <= options_.repairs; ++attempt) {
        Row row = sample.main;
        row[c] = changed_value;
        std::vector<size_t> changed = {c};
        for (unsigned step = 0;; ++step) {
          const Verdict verdict = judge(row);
          if (verdict == Verdict::FORGED) return Forgery{sample.name, changed, why_};
          if (verdict == Verdict::RIGHT && messages_ == honest_ && !honest_.empty() && row != sample.main)
            return Forgery{sample.name, changed, "nothing changes"};
          if (verdict == Verdict::RIGHT || attempt == 0 || step == options_.max_steps || !repair(row, changed)) break;
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace zkvm::soundness
