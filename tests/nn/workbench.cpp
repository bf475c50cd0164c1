#include "tests/nn/workbench.hpp"

#include <algorithm>
#include <stdexcept>

#include "isa/chips/image/columns.hpp"
#include "isa/chips/memory_boundary/columns.hpp"
#include "precompiles/nn/activations/columns.hpp"
#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/call/columns.hpp"
#include "precompiles/nn/ledger/columns.hpp"
#include "precompiles/nn/output/columns.hpp"
#include "precompiles/nn/powers/columns.hpp"
#include "precompiles/nn/reciprocals/columns.hpp"
#include "precompiles/nn/shares/columns.hpp"
#include "precompiles/nn/steps/columns.hpp"
#include "precompiles/nn/weights/columns.hpp"
#include "precompiles/registry.hpp"
#include "stark/debug/omitted.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::tests {

using namespace precompiles::nn;
using isa::ChipId;
using precompiles::is_nn;
using Nn = precompiles::ChipId;
using stark::DebugTable;
using stark::E;
using stark::F;

namespace {

/// base^0 ... base^(n - 1).
std::vector<E> powers(const E& base, size_t n) {
  std::vector<E> all{E::one()};
  while (all.size() < n) all.push_back(all.back() * base);
  return all;
}
E power(E base, uint32_t exponent) {
  E r = E::one();
  for (; exponent != 0; exponent >>= 1, base = base * base)
    if (exponent & 1) r = r * base;
  return r;
}
E get(const F* row, unsigned form) {
  E e;
  std::copy_n(row + form * E::DEGREE, E::DEGREE, e.c);
  return e;
}
void put(F* row, unsigned form, const E& e) { std::copy_n(e.c, E::DEGREE, row + form * E::DEGREE); }

}  // namespace

size_t Workbench::KeyHash::operator()(const Key& key) const {
  uint64_t h = 0xcbf29ce484222325u;
  for (uint32_t v : key) h = (h ^ v) * 0x9e3779b97f4a7c15u ^ (h >> 29);
  return h;
}

Workbench::Workbench(DebugExecution execution) : execution_(std::move(execution)) {
  for (size_t s = 0; s < execution_.shards.size(); ++s)
    for (DebugTable& t : execution_.shards[s]) {
      tables_.push_back(std::move(t));
      shard_.push_back(s);
    }
  execution_.shards.clear();
  known_ = honest_ = tables_;
  for (size_t t = 0; t < tables_.size(); ++t)
    for (size_t row = 0; row < height(t); ++row) {
      messages(tables_[t], t, row, [&](Key key, F multiplicity, size_t index) {
        const int column = free_column(tables_[t].chip, air(t), index);
        if (column >= 0 && air(t).preprocessed_width() != 0 && tables_[t].chip != Nn::NN_WEIGHTS)
          fixed_providers_.try_emplace(key, Provider{t, row, static_cast<size_t>(column)});
        account(key, multiplicity);
      });
      check_row(t, row);
    }
  for (const stark::BoundaryMessage& m : execution_.boundary) {
    Key key = {m.bus, 0};
    for (F f : m.fields) key.push_back(f.value());
    account(key, m.send ? F::one() : -F::one());
  }
  outside_.clear();
  if (!accepted()) throw std::logic_error("the execution is not honest");
}

const stark::Air& Workbench::air(size_t table) const {
  return vm::machine_description().chips[tables_[table].chip].air;
}
unsigned Workbench::width(size_t table) const { return air(table).main_width(); }

std::vector<size_t> Workbench::tables(size_t chip) const {
  std::vector<size_t> found;
  for (size_t t = 0; t < tables_.size(); ++t)
    if (tables_[t].chip == chip) found.push_back(t);
  return found;
}
size_t Workbench::table(size_t chip) const {
  const auto all = tables(chip);
  if (all.empty()) throw std::out_of_range("no table of that chip");
  return all[0];
}

F* Workbench::main(size_t table, size_t row) {
  lent_.insert({table, row});
  return &tables_[table].main[row * width(table)];
}
F* Workbench::form(size_t table, size_t row) {
  lent_.insert({table, row});
  return &tables_[table].form[row * air(table).form_width()];
}
F* Workbench::open_main(size_t table, size_t row) {
  opened_.insert({table, row});
  return &tables_[table].main[row * width(table)];
}
F* Workbench::open_form(size_t table, size_t row) {
  opened_.insert({table, row});
  return &tables_[table].form[row * air(table).form_width()];
}
const F* Workbench::fixed(size_t table, size_t row) const {
  return &tables_[table].preprocessed[row * air(table).preprocessed_width()];
}

int Workbench::free_column(size_t chip, const stark::Air& air, size_t index) {
  const std::string& label = air.messages()[index].label;
  // Message k of isa's tables has main column k as its multiplicity, likewise the fixed tables of layers.
  if (chip == ChipId::PROGRAM || chip == ChipId::LOOKUP) return static_cast<int>(index);
  if (is_nn(chip) && chip != Nn::NN_WEIGHTS && air.preprocessed_width() != 0) return static_cast<int>(index);
  const auto column = [](const auto& columns, const F& field) {
    return static_cast<int>(&field - reinterpret_cast<const F*>(&columns));
  };
  if (chip == Nn::NN_WEIGHTS && label == "form") return 0;
  if (chip == Nn::NN_POWERS && label == "power") {
    const PowersColumns<F> c{};
    return column(c, c.uses);
  }
  if (chip == Nn::NN_SHARES && label == "share") {
    const SharesColumns<F> c{};
    return column(c, c.uses);
  }
  if (chip == Nn::NN_RECIPROCALS && label == "reciprocal" && index + 1 == air.messages().size()) {
    const ReciprocalsColumns<F> c{};
    return column(c, c.uses);
  }
  if (chip == Nn::NN_CALL) {
    const NnCallColumns<F> c{};
    if (label == "input") return column(c, c.input_uses);
    if (label == "second input") return column(c, c.second_uses);
    if (label == "output") return column(c, c.output_uses);
  }
  return -1;
}

void Workbench::messages(const DebugTable& from, size_t table, size_t row,
                         const std::function<void(Key, F, size_t)>& visit) const {
  const stark::Air& a = air(table);
  const unsigned fixed_width = a.preprocessed_width(), main_width = a.main_width(), form_width = a.form_width();
  const auto column = [&](uint32_t c) {
    if (c < fixed_width) return from.preprocessed[row * fixed_width + c];
    if (c < fixed_width + main_width) return from.main[row * main_width + c - fixed_width];
    return from.form[row * form_width + c - fixed_width - main_width];
  };
  for (size_t index = 0; index < a.messages().size(); ++index) {
    const stark::Message& m = a.messages()[index];
    const F multiplicity = m.multiplicity.evaluate<F>(column);
    if (multiplicity.is_zero() && free_column(from.chip, a, index) < 0) continue;
    Key key = {m.bus, m.local ? static_cast<uint32_t>(shard_[table] + 1) : 0};
    for (const stark::Affine& f : m.fields) key.push_back(f.evaluate<F>(column).value());
    visit(std::move(key), multiplicity, index);
  }
}

void Workbench::account(const Key& key, F multiplicity) {
  if (multiplicity.is_zero()) return;
  F& sum = balance_[key];
  sum += multiplicity;
  if (sum.is_zero()) {
    unbalanced_.erase(key);
  } else {
    unbalanced_.insert(key);
  }
}

void Workbench::constraints(size_t table, size_t row, const std::function<void(unsigned, F)>& visit) {
  const stark::Air& a = air(table);
  std::vector<F>& slots = slots_[tables_[table].chip];
  if (slots.empty()) {
    slots.resize(a.slots());
    stark::fill_fixed_slots(a, execution_.challenges.data(), slots.data());
  }
  const auto load = [&](size_t from, F* out) {
    const DebugTable& t = tables_[table];
    const auto copy = [&](const std::vector<F>& columns, unsigned w) {
      out = std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(from * w), w, out);
    };
    copy(t.preprocessed, a.preprocessed_width());
    copy(t.main, a.main_width());
    copy(t.form, a.form_width());
  };
  const size_t rows = height(table);
  load(row, slots.data());
  if (a.uses_next()) load((row + 1) % rows, slots.data() + a.next_slot());
  if (a.uses_selectors()) {
    slots[a.selector_slot()] = row == 0 ? F::one() : F::zero();
    slots[a.selector_slot() + 1] = row + 1 == rows ? F::one() : F::zero();
    slots[a.selector_slot() + 2] = row + 1 == rows ? F::zero() : F::one();
  }
  stark::evaluate_constraints(a, slots.data(), [&](unsigned index, F value) {
    const bool passes = value.is_zero() || stark::is_omitted(a.name(), a.constraint_label(index));
    visit(index, passes ? F::zero() : value);
  });
}

void Workbench::check_row(size_t table, size_t row) {
  bool fails = false;
  constraints(table, row, [&](unsigned, F value) { fails = fails || !value.is_zero(); });
  if (fails) {
    failing_.insert({table, row});
  } else {
    failing_.erase({table, row});
  }
}

void Workbench::sync() {
  opened_.insert(lent_.begin(), lent_.end());
  std::set<Place> to_check;
  for (const Place& p : opened_) {
    const auto same = [&](const std::vector<F>& x, const std::vector<F>& y, unsigned w) {
      const auto at = static_cast<std::ptrdiff_t>(p.row * w);
      return std::equal(x.begin() + at, x.begin() + at + w, y.begin() + at);
    };
    DebugTable &now = tables_[p.table], &known = known_[p.table];
    const unsigned main_width = air(p.table).main_width(), form_width = air(p.table).form_width();
    if (same(now.main, known.main, main_width) && same(now.form, known.form, form_width)) continue;
    const bool nn = is_nn(now.chip);
    const auto settle = [&](const DebugTable& t, bool add) {
      messages(t, p.table, p.row, [&](const Key& key, F multiplicity, size_t) {
        const F m = add ? multiplicity : -multiplicity;
        account(key, m);
        if (nn && (key[0] == isa::MEMORY.id || key[0] == isa::STATE.id)) outside_[key] += m;
      });
    };
    settle(known, false);
    settle(now, true);
    const auto copy = [&](const std::vector<F>& from, std::vector<F>& to, unsigned w) {
      const auto at = static_cast<std::ptrdiff_t>(p.row * w);
      std::copy_n(from.begin() + at, w, to.begin() + at);
    };
    copy(now.main, known.main, main_width);
    copy(now.form, known.form, form_width);
    to_check.insert(p);
    if (air(p.table).uses_next()) to_check.insert({p.table, (p.row + height(p.table) - 1) % height(p.table)});
    if (same(now.main, honest_[p.table].main, main_width) && same(now.form, honest_[p.table].form, form_width)) {
      changed_.erase(p);
    } else {
      changed_.insert(p);
    }
  }
  opened_.clear();
  for (const Place& p : to_check) check_row(p.table, p.row);
}

Workbench::Names Workbench::broken() {
  sync();
  Names names;
  for (const Key& key : unbalanced_)
    names.insert("bus " + vm::machine_description().bus_name(static_cast<uint16_t>(key[0])));
  for (const Place& p : failing_)
    constraints(p.table, p.row, [&](unsigned index, F value) {
      if (!value.is_zero())
        names.insert(stark::constraint_name(air(p.table).name(), air(p.table).constraint_label(index)));
    });
  return names;
}

bool Workbench::accepted() {
  sync();
  return unbalanced_.empty() && failing_.empty();
}

bool Workbench::tells_something_else() {
  sync();
  return std::any_of(outside_.begin(), outside_.end(), [](const auto& m) { return !m.second.is_zero(); });
}

void Workbench::restore() {
  sync();
  for (const Place& p : changed_) {
    const auto copy = [&](const std::vector<F>& from, std::vector<F>& to, unsigned w) {
      const auto at = static_cast<std::ptrdiff_t>(p.row * w);
      std::copy_n(from.begin() + at, w, to.begin() + at);
    };
    copy(honest_[p.table].main, tables_[p.table].main, air(p.table).main_width());
    copy(honest_[p.table].form, tables_[p.table].form, air(p.table).form_width());
  }
  opened_ = changed_;
  sync();
  outside_.clear();
  if (!accepted()) throw std::logic_error("restoring failed");
}

void Workbench::recount() {
  sync();
  if (unbalanced_.empty()) return;
  // Powers, weights, pointers and statements about rows of tensors move with their rows; the fixed tables' entries do
  // not.
  std::unordered_map<Key, Provider, KeyHash> moving;
  for (const size_t chip : {size_t{Nn::NN_POWERS}, size_t{Nn::NN_WEIGHTS}, size_t{Nn::NN_CALL}, size_t{Nn::NN_SHARES},
                            size_t{Nn::NN_RECIPROCALS}})
    for (size_t t : tables(chip))
      for (size_t row = 0; row < height(t); ++row) {
        if ((chip == Nn::NN_SHARES || chip == Nn::NN_RECIPROCALS) && tables_[t].main[row * width(t)].is_zero())
          continue;
        if (chip == Nn::NN_WEIGHTS && reinterpret_cast<const WeightsFixed<F>*>(fixed(t, row))->last.is_zero()) continue;
        if (chip == Nn::NN_CALL && peek<NnCallColumns>(t, row).is_real.is_zero()) continue;
        messages(tables_[t], t, row, [&](const Key& key, F, size_t index) {
          if (const int column = free_column(chip, air(t), index); column >= 0)
            moving.try_emplace(key, Provider{t, row, static_cast<size_t>(column)});
        });
      }
  const std::set<Key> wanted = unbalanced_;
  for (const Key& key : wanted) {
    const Provider* provider = nullptr;
    if (const auto it = fixed_providers_.find(key); it != fixed_providers_.end()) provider = &it->second;
    if (const auto it = moving.find(key); it != moving.end()) provider = &it->second;
    if (provider != nullptr) open_main(provider->table, provider->row)[provider->column] -= balance_[key];
  }
  sync();
}

void Workbench::settle_memory() {
  sync();
  // (scope, segment, offset) -> the message that nobody takes.
  std::unordered_map<Key, Key, KeyHash> written;
  for (const Key& key : unbalanced_)
    if (key[0] == isa::MEMORY.id && balance_[key] == F::one()) written[{key[2], key[3]}] = key;
  for (const size_t chip : {size_t{ChipId::ZERO_MEMORY}, size_t{ChipId::IMAGE}, size_t{ChipId::INPUT_MEMORY}})
    for (size_t t : tables(chip))
      for (size_t row = 0; row < height(t); ++row) {
        const Key* now = nullptr;
        messages(tables_[t], t, row, [&](const Key& key, F multiplicity, size_t) {
          if (key[0] != isa::MEMORY.id || multiplicity != -F::one() || unbalanced_.count(key) == 0) return;
          if (const auto it = written.find({key[2], key[3]}); it != written.end()) now = &it->second;
        });
        if (now == nullptr) continue;
        const F lo = F::from((*now)[4]), hi = F::from((*now)[5]), clk = F::from((*now)[6]);
        if (chip == ChipId::IMAGE) {
          auto& c = *reinterpret_cast<isa::ImageColumns<F>*>(open_main(t, row));
          c.final_lo = lo, c.final_hi = hi, c.final_clk = clk;
        } else if (chip == ChipId::ZERO_MEMORY) {
          auto& c = *reinterpret_cast<isa::ZeroMemoryColumns<F>*>(open_main(t, row));
          c.final_value = {lo, hi}, c.region.final_clk = clk;
        } else {
          reinterpret_cast<isa::InputMemoryColumns<F>*>(open_main(t, row))->region.final_clk = clk;
        }
      }
  sync();
}

// ---- Forms

void Workbench::recompute_forms() {
  sync();
  std::set<size_t> touched;
  for (const Place& p : changed_) touched.insert(p.table);
  for (size_t t : touched) {
    switch (tables_[t].chip) {
      case Nn::NN_ACTIVATIONS:
        form_activations(t);
        break;
      case Nn::NN_OUTPUT:
      case Nn::NN_STEPS:
        form_output(t);
        break;
      case Nn::NN_BORDER:
        form_border(t);
        break;
      case Nn::NN_POWERS:
        form_powers(t);
        break;
      default:
        break;
    }
  }
  sync();
  for (size_t t : tables(Nn::NN_LEDGER)) form_ledger(t);
  sync();
}

void Workbench::form_activations(size_t t) {
  const E a = execution_.challenges[CHALLENGE_A];
  const auto b = powers(execution_.challenges[CHALLENGE_B], POSITIONS + 1),
             g = powers(execution_.challenges[CHALLENGE_G], BORDER_LANES + 1);
  E sum[LANES] = {}, pow{}, row_pow{};
  ActivationsColumns<F> before{};
  for (size_t i = 0; i < height(t); ++i) {
    const auto& c = peek<ActivationsColumns>(t, i);
    const F more = before.is_real - before.end, next_row = before.end - before.last;
    if (!c.first.is_zero()) {
      pow = row_pow = E::one();
    } else if (!more.is_zero()) {
      const E step = b[POSITIONS] + (g[POSITIONS] - b[POSITIONS]) * before.job.by_g +
                     (g[LANES * POSITIONS] - b[POSITIONS]) * before.job.by_line;
      pow = pow * step;
    } else if (!next_row.is_zero()) {
      row_pow = row_pow * a;
      pow = row_pow;
    } else {
      pow = row_pow = E::zero();
    }
    const F continued = c.is_real - c.first;
    const auto weighted = [&](unsigned lane, const std::vector<E>& base, unsigned stride) {
      E s{};
      for (unsigned k = 0; k < POSITIONS; ++k) s = s + base[stride * k] * (c.word[k].x[lane] - c.job.zero_point);
      return s;
    };
    E line{};
    for (unsigned l = 0; l < LANES; ++l) line = line + weighted(l, g, LANES) * g[l];
    for (unsigned l = 0; l < LANES; ++l) {
      E group = weighted(l, b, 1) * (c.is_real - c.job.by_g - c.job.by_line) + weighted(l, g, 1) * c.job.by_g;
      if (l == 0) group = group + line * c.job.by_line;
      sum[l] = sum[l] * continued + pow * group;
    }
    F* out = open_form(t, i);
    for (unsigned l = 0; l < LANES; ++l) put(out, l, sum[l]);
    put(out, LANES, pow);
    put(out, LANES + 1, row_pow);
    before = c;
  }
}

void Workbench::form_output(size_t t) {
  const E a = execution_.challenges[CHALLENGE_A];
  const auto b = powers(execution_.challenges[CHALLENGE_B], POSITIONS + 1),
             g = powers(execution_.challenges[CHALLENGE_G], BORDER_LANES + 1);
  const bool steps = tables_[t].chip == Nn::NN_STEPS;
  const auto accumulator = [&](size_t row, unsigned position, unsigned lane) {
    if (steps) {
      const StepColumns<F>& s = peek<StepsColumns>(t, row).word[position].channel[lane];
      return s.level.lowest + s.shift + s.z0 + F::from(65536) * s.z1;
    }
    const auto& c = peek<OutputColumns>(t, row);
    const RequantiseColumns<F>& r = c.word[position].channel[lane];
    return r.a0 + F::from(256) * r.a1 + F::from(65536) * r.a2 - c.channels.channel[lane].bias;
  };
  E sum{}, pow{}, row_pow{};
  OutputRun<F> before{};
  for (size_t i = 0; i < height(t); ++i) {
    const OutputRun<F>& c = steps ? peek<StepsColumns>(t, i).run : peek<OutputColumns>(t, i).run;
    const F more = before.is_real - before.end, next_row = before.end - before.last;
    if (!c.first.is_zero()) {
      pow = row_pow = E::one();
    } else if (!more.is_zero()) {
      pow = pow * b[OUTPUTS];
    } else if (!next_row.is_zero()) {
      row_pow = row_pow * a;
      pow = row_pow;
    } else {
      pow = row_pow = E::zero();
    }
    E added{};
    for (unsigned k = 0; k < OUTPUTS; ++k) {
      E quad{};
      for (unsigned l = 0; l < LANES; ++l) quad = quad + g[l] * accumulator(i, k, l);
      added = added + (k == 0 ? quad : quad * b[k] * c.second);
    }
    sum = sum * (c.is_real - c.first) + pow * added;
    F* out = open_form(t, i);
    put(out, 0, sum);
    put(out, 1, pow);
    put(out, 2, row_pow);
    before = c;
  }
}

void Workbench::form_border(size_t t) {
  const E a = execution_.challenges[CHALLENGE_A];
  const auto b = powers(execution_.challenges[CHALLENGE_B], POSITIONS + 1),
             g = powers(execution_.challenges[CHALLENGE_G], BORDER_LANES + 1);
  E sum{};
  for (size_t i = 0; i < height(t); ++i) {
    const auto& c = peek<BorderColumns>(t, i);
    F* out = open_form(t, i);
    // Padding has no powers.
    const bool real = !c.is_real.is_zero();
    const E pi = real ? power(a, c.i.value()) : get(out, 0), pj = real ? power(b[1], c.j.value()) : get(out, 1),
            pk = real ? power(g[LANES], c.k.value()) : get(out, 2), pij = pi * pj;
    E group{};
    for (unsigned l = 0; l < BORDER_LANES; ++l) group = group + g[l] * c.value[l];
    sum = sum * (c.is_real - c.first) + pij * pk * group;
    put(out, 0, pi);
    put(out, 1, pj);
    put(out, 2, pk);
    put(out, 3, pij);
    put(out, 4, sum);
  }
}

void Workbench::form_powers(size_t t) {
  const E a = execution_.challenges[CHALLENGE_A], b = execution_.challenges[CHALLENGE_B],
          g4 = power(execution_.challenges[CHALLENGE_G], LANES);
  E ai = E::one(), aibj = E::one(), all = E::one();
  for (size_t i = 0; i < height(t); ++i) {
    const auto& c = peek<PowersColumns>(t, i);
    if (!c.start.is_zero()) ai = aibj = all = E::one();
    if (!c.step_i.is_zero()) ai = ai * a, aibj = all = ai;
    if (!c.step_j.is_zero()) aibj = aibj * b, all = aibj;
    if (!c.step_k.is_zero()) all = all * g4;
    F* out = open_form(t, i);
    put(out, 0, ai);
    put(out, 1, aibj);
    put(out, 2, all);
  }
}

void Workbench::form_ledger(size_t t) {
  // What the forms' senders say: (bus, owner, role, index) -> values.
  std::unordered_map<Key, Key, KeyHash> sent;
  for (const size_t chip : {size_t{Nn::NN_ACTIVATIONS}, size_t{Nn::NN_OUTPUT}, size_t{Nn::NN_STEPS},
                            size_t{Nn::NN_BORDER}, size_t{Nn::NN_WEIGHTS}})
    for (size_t u : tables(chip))
      for (size_t row = 0; row < height(u); ++row) {
        if (chip == Nn::NN_WEIGHTS && reinterpret_cast<const WeightsFixed<F>*>(fixed(u, row))->last.is_zero()) continue;
        messages(tables_[u], u, row, [&](const Key& key, F, size_t index) {
          const bool send =
              chip == Nn::NN_WEIGHTS ? free_column(chip, air(u), index) >= 0 : key[0] == FORM.id || key[0] == FORM4.id;
          if (send) sent[{key[0], key[2], key[3], key[4]}] = Key(key.begin() + 5, key.end());
        });
      }
  const auto form_of = [&](uint16_t bus, F owner, F role, F index, unsigned n, E* to) {
    const auto it = sent.find({bus, owner.value(), role.value(), index.value()});
    if (it == sent.end()) return;
    for (unsigned k = 0; k < n; ++k)
      for (unsigned d = 0; d < E::DEGREE; ++d) to[k].c[d] = F::from(it->second[k * E::DEGREE + d]);
  };
  const E a = execution_.challenges[CHALLENGE_A];
  const auto b = powers(execution_.challenges[CHALLENGE_B], POSITIONS + 1),
             g = powers(execution_.challenges[CHALLENGE_G], BORDER_LANES + 1);
  E sum{};
  for (size_t i = 0; i < height(t); ++i) {
    const auto& c = peek<LedgerColumns>(t, i);
    const auto& p = c.plan;
    F* out = open_form(t, i);
    E factor[LANES], other[LANES];
    for (unsigned l = 0; l < LANES; ++l) factor[l] = get(out, l), other[l] = get(out, LANES + l);
    if (c.is_real.is_zero()) {
      for (unsigned l = 0; l < LANES; ++l) factor[l] = other[l] = E::zero();
    } else if (!(p.weights + p.form4 + p.form1).is_zero()) {
      form_of(FORM4.id, c.call, F::from(ROLE_INPUT), p.index, LANES, factor);
      if (!p.form4.is_zero()) {
        form_of(FORM4.id, c.call, F::from(ROLE_SECOND), p.index, LANES, other);
      } else {
        for (unsigned l = 0; l < LANES; ++l)
          form_of(FORM.id, c.owner, F::from(ROLE_WEIGHT), F::from(4) * p.index + F::from(l), 1, other + l);
      }
    } else if (!(p.output + p.border).is_zero()) {
      form_of(FORM.id, c.call, p.output * F::from(ROLE_OUTPUT) + p.border * F::from(ROLE_BORDER), p.index, 1, factor);
      other[0] = E::zero() - power(a, p.i.value()) * power(b[1], p.j.value()) * power(g[LANES], p.k.value());
    }
    sum = sum * (c.is_real - c.first);
    for (unsigned l = 0; l < LANES; ++l) {
      const E xw = factor[l] * other[l];
      sum = sum + xw + (l == 0 ? E::zero() : xw * (g[l] - E::one()) * p.depthwise);
    }
    for (unsigned l = 0; l < LANES; ++l) put(out, l, factor[l]), put(out, LANES + l, other[l]);
    put(out, 2 * LANES, sum);
  }
}

}  // namespace zkvm::tests
