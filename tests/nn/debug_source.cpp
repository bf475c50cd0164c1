#include "tests/nn/debug_source.hpp"

#include <map>
#include <random>

#include "precompiles/registry.hpp"

namespace zkvm::tests {

using stark::DebugTable;
using stark::E;
using stark::F;

namespace {

const stark::Air& air_of(size_t chip) { return vm::machine_description().chips[chip].air; }
const stark::Air& air_of(const DebugTable& t) { return air_of(t.chip); }

std::vector<F> natural_rows(const stark::TableView& view) {
  std::vector<F> out;
  out.reserve(view.height() * view.width());
  for (size_t i = 0; i < view.height(); ++i) {
    const F* row = view.natural_row(i);
    out.insert(out.end(), row, row + view.width());
  }
  return out;
}

/// A row's columns as messages name them.
std::vector<F> row_of(const DebugTable& t, size_t i) {
  std::vector<F> row;
  const auto part = [&](const std::vector<F>& columns, unsigned width) {
    row.insert(row.end(), columns.begin() + static_cast<std::ptrdiff_t>(i * width),
               columns.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  };
  part(t.preprocessed, air_of(t).preprocessed_width());
  part(t.main, air_of(t).main_width());
  part(t.form, air_of(t).form_width());
  return row;
}

}  // namespace

int free_multiplicity(size_t chip, const stark::Message& m) {
  using enum precompiles::ChipId::Index;
  const bool provider = vm::machine_description().chips[chip].preprocessed_set >= 0 || chip == NN_POWERS ||
                        chip == NN_SHARES || chip == NN_RECIPROCALS ||
                        (chip == NN_CALL && m.multiplicity.terms.size() == 1 && m.bus == precompiles::nn::POINTER.id);
  const auto& terms = m.multiplicity.terms;
  if (!provider || chip == isa::ChipId::IMAGE || terms.size() != 1 || terms[0].coefficient != F::one()) return -1;
  return static_cast<int>(terms[0].column - air_of(chip).preprocessed_width());
}

stark::DebugReport DebugExecution::check() const {
  return stark::check_tables(vm::machine_description(), shards, boundary, challenges, {200, 2});
}

DebugTable* DebugExecution::find(size_t chip) {
  for (stark::DebugShard& shard : shards)
    for (DebugTable& t : shard)
      if (t.chip == chip) return &t;
  return nullptr;
}
F& DebugExecution::main(DebugTable& table, size_t row, size_t column) const {
  return table.main[row * air_of(table).main_width() + column];
}

DebugExecution debug_execution(const vm::Program& program, const vm::ShardingOptions& sharding, uint32_t seed) {
  const vm::ProgramSetup setup = vm::make_setup(program);
  vm::ProveOptions options;
  vm::ExecutionSource source(program, setup, {}, options, sharding);
  return debug_execution(source, setup, seed, [](size_t) { return true; });
}

DebugExecution debug_execution(vm::ExecutionSource& source, const vm::ProgramSetup& setup, uint32_t seed,
                               const std::function<bool(size_t chip)>& wanted) {
  const stark::MachineDescription& machine = vm::machine_description();
  DebugExecution out;
  std::mt19937 random(seed);
  for (unsigned i = 0; i < machine.challenges(); ++i) {
    E& challenge = out.challenges.emplace_back();
    for (F& c : challenge.c) c = F::from(static_cast<uint32_t>(random()) % F::P);
  }
  std::vector<stark::TableShape> shapes;
  while (source.next(shapes)) {
    std::vector<stark::Matrix> matrices;
    matrices.reserve(2 * shapes.size());
    std::vector<stark::TableView> main, form;
    bool forms = false;
    for (const stark::TableShape& s : shapes) {
      const stark::Air& air = machine.chips[s.chip].air;
      const auto view = [&](unsigned width) {
        if (width == 0) return stark::TableView{};
        matrices.emplace_back(size_t{1} << s.log_height, width);
        return stark::TableView(matrices.back(), {0, 0, width}, s.log_height);
      };
      main.push_back(view(air.main_width()));
      form.push_back(view(air.form_width()));
      forms = forms || air.form_width() != 0;
    }
    source.fill_main(main);
    if (forms) source.fill_form(main, form, out.challenges);
    stark::DebugShard shard;
    for (size_t t = 0; t < shapes.size(); ++t) {
      DebugTable table{shapes[t].chip, shapes[t].log_height, {}, {}, {}};
      if (!wanted(table.chip)) continue;
      table.main = natural_rows(main[t]);
      if (form[t].width() != 0) table.form = natural_rows(form[t]);
      const int set = machine.chips[shapes[t].chip].preprocessed_set;
      if (set >= 0) {
        const stark::PreprocessedData& data = setup.data[static_cast<size_t>(set)];
        for (size_t k = 0; k < data.commitment.tables.size(); ++k) {
          if (data.commitment.tables[k].chip != shapes[t].chip) continue;
          const stark::ColumnRange& range = data.shape.ranges[k];
          auto& trace = const_cast<stark::Matrix&>(data.trace[range.group]);
          table.preprocessed = natural_rows(stark::TableView(trace, range, shapes[t].log_height));
        }
      }
      shard.push_back(std::move(table));
    }
    out.shards.push_back(std::move(shard));
  }
  out.boundary = [&] {
    const vm::Receipt receipt = source.claim();
    return vm::make_statement(receipt).all_boundary_messages();
  }();
  return out;
}

bool is_free_multiplicity(size_t chip, unsigned column) {
  for (const stark::Message& m : air_of(chip).messages())
    if (free_multiplicity(chip, m) == static_cast<int>(column)) return true;
  return false;
}

void repair_lookups(DebugExecution& execution) {
  using Key = std::vector<uint32_t>;
  const auto key = [](size_t shard, const stark::Message& m, const std::vector<F>& row) {
    Key k{m.local ? static_cast<uint32_t>(shard + 1) : 0, m.bus};
    for (const stark::Affine& f : m.fields) k.push_back(f.evaluate<F>([&](uint32_t c) { return row[c]; }).value());
    return k;
  };
  // All that is put or taken with multiplicities that are not free.
  std::map<Key, F> taken;
  for (size_t s = 0; s < execution.shards.size(); ++s)
    for (const DebugTable& t : execution.shards[s])
      for (size_t i = 0; i < size_t{1} << t.log_height; ++i) {
        std::vector<F> row;
        for (const stark::Message& m : air_of(t).messages()) {
          if (free_multiplicity(t.chip, m) >= 0) continue;
          if (row.empty()) row = row_of(t, i);
          const F multiplicity = m.multiplicity.evaluate<F>([&](uint32_t c) { return row[c]; });
          if (!multiplicity.is_zero()) taken[key(s, m, row)] -= multiplicity;
        }
      }
  for (size_t s = 0; s < execution.shards.size(); ++s)
    for (DebugTable& t : execution.shards[s])
      for (size_t i = 0; i < size_t{1} << t.log_height; ++i) {
        std::vector<F> row;
        for (const stark::Message& m : air_of(t).messages()) {
          const int column = free_multiplicity(t.chip, m);
          if (column < 0) continue;
          if (row.empty()) row = row_of(t, i);
          const auto it = taken.find(key(s, m, row));
          F& uses = execution.main(t, i, static_cast<size_t>(column));
          uses = F::zero();
          if (it == taken.end()) continue;
          uses = it->second;
          it->second = F::zero();
        }
      }
}

}  // namespace zkvm::tests
