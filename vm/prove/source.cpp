#include "vm/prove/source.hpp"

#include <omp.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <tuple>

#include "isa/chips/traces.hpp"
#include "precompiles/cells.hpp"
#include "precompiles/registry.hpp"
#include "precompiles/rows.hpp"

namespace zkvm::vm {
namespace {

using isa::ChipId;
using precompiles::is_nn;
using precompiles::nn_chip;
using precompiles::nn::NnChip;
using PrecompileId = precompiles::ChipId;
using stark::F;

/// Rows filled by one thread at a time.
constexpr size_t FILL_ROWS = 4096;

// Rows of an instruction class are proved by the chip of the same index.
static_assert(ChipId::LI == static_cast<size_t>(isa::Chip::LI) &&
              ChipId::ECALL == static_cast<size_t>(isa::Chip::ECALL) && ChipId::REFRESH == isa::CHIP_COUNT);

std::vector<isa::BoundaryCell> boundary_cells(const std::vector<FinalCell>& cells) {
  std::vector<isa::BoundaryCell> r;
  r.reserve(cells.size());
  for (const FinalCell& c : cells) r.push_back({c.addr, c.initial, c.value, c.clk});
  return r;
}

}  // namespace

uint64_t cells_of_row(size_t chip) { return precompiles::cells_of_row(machine_description(), chip); }
uint64_t cells_of_call(const precompiles::nn::Layer& layer) {
  return precompiles::cells_of_call(machine_description(), layer);
}
uint64_t cells_of_call(uint32_t number) { return precompiles::cells_of_call(machine_description(), number); }

std::vector<LayerCost> ExecutionSource::layer_costs() const {
  std::vector<LayerCost> costs;
  for (size_t i = 0; i < layer_calls_.size(); ++i)
    if (layer_calls_[i] != 0)
      costs.push_back({program_.rom->layers()[i].address, layer_calls_[i], layer_calls_[i] * layer_cells_[i]});
  return costs;
}

ExecutionSource::ExecutionSource(const Program& program, const ProgramSetup& setup, std::span<const uint8_t> input,
                                 const ProveOptions& options, const ShardingOptions& sharding)
    : program_(program), setup_(setup), input_(input), options_(options), sharding_(sharding) {
  for (const precompiles::nn::Layer& layer : program.rom->layers()) {
    layer_cells_.push_back(cells_of_call(layer));
    largest_call_ = std::max(largest_call_, layer_cells_.back());
  }
  for (int i = 0; i < omp_get_max_threads(); ++i) counts_.emplace_back(setup.table.size());
  rewind();
}

void ExecutionSource::rewind() {
  MachineOptions options;
  options.max_cycles = options_.max_cycles;
#ifdef ZKVM_FAULTS
  options.fault = sharding_.fault;
#endif
  options.yield_after_call = [this](uint32_t number, const precompiles::Trace& calls) {
    return shard_is_full(number, calls);
  };
  nn_.reset();
  machine_.reset();  // before the next one reserves its address space
  machine_ = std::make_unique<TracingMachine>(program_, input_, options);
  halted_ = false;
  zero_next_ = input_next_ = 0;
  image_cells_.clear();
  zero_cells_.clear();
  input_cells_.clear();
}

/// Adds a call to its shard; whether the next one should be in another.
bool ExecutionSource::shard_is_full(uint32_t number, const precompiles::Trace& calls) {
  has_calls_ = true;
  if (number == ZKVM_ECALL_NN)
    shard_layer_cells_ += layer_cells_[calls.nn.layer(calls.nn.order.back())];
  else
    ++shard_calls_[number];
  return shard_cells() > sharding_.shard_cells;
}

uint64_t ExecutionSource::shard_cells() const {
  uint64_t cells = shard_layer_cells_ + largest_call_ + CELLS_PER_CYCLE * (machine_->cycles() - shard_start_);
  // What a table and one for the rest take (plan.hpp).
  const auto padded = [](uint64_t rows) {
    const uint64_t first = std::bit_floor(rows);
    return rows == first ? rows : first + std::bit_ceil(rows - first);
  };
  for (const auto& [number, calls] : shard_calls_)
    for (size_t chip = isa::ChipId::COUNT; chip < PrecompileId::COUNT; ++chip)
      if (precompiles::number_of(chip) == number)
        cells += padded((calls + 1) * precompiles::rows_per_call(chip)) * cells_of_row(chip);
  return cells;
}

void ExecutionSource::execute_shard() {
  has_calls_ = false;
  shard_layer_cells_ = 0;
  shard_calls_.clear();
  shard_start_ = machine_->cycles();
  const auto start = std::chrono::steady_clock::now();
  machine_->trace().clear();
  // In slices, since instructions after the last call fill a shard, too.
  constexpr uint64_t SLICE = uint64_t{1} << 16;
  Stop stop = Stop::SLICE_END;
  do {
    const uint64_t left = sharding_.shard_cycles - (machine_->cycles() - shard_start_);
    stop = machine_->run(std::min(left, SLICE));
  } while (stop == Stop::SLICE_END && machine_->cycles() - shard_start_ < sharding_.shard_cycles &&
           !(has_calls_ && shard_cells() > sharding_.shard_cells));
  switch (stop) {
    case Stop::SLICE_END:
      break;
    case Stop::HALTED:
      halted_ = true;
      settle();
      break;
    case Stop::TRAPPED:
      throw ExecutionFailure(ProveErrorKind::TRAP, machine_->trap()->message());
    case Stop::CYCLE_LIMIT:
      throw ExecutionFailure(ProveErrorKind::CYCLE_LIMIT,
                             "the guest did not halt within " + std::to_string(machine_->cycles()) + " cycles");
  }
  if (sharding_.forge) sharding_.forge(machine_->trace());
  execute_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void ExecutionSource::settle() {
  cycles_ = machine_->cycles();
  exit_code_ = machine_->exit_code();
  journal_ = machine_->journal();
  // The clock of the halting instruction, the last one executed.
  final_clock_ = machine_->clock() - isa::CLOCKS_PER_INSTRUCTION;
  const auto& registers = machine_->registers();
  for (uint32_t i = 0; i < registers.size(); ++i) image_cells_.push_back({i, 0, registers[i].value, registers[i].clk});
  const Cell journal = machine_->journal_cell();
  image_cells_.push_back({0, 0, journal.value, journal.clk});
  const FinalCell length = machine_->memory().input_length_cell();
  image_cells_.push_back({length.addr, 0, length.value, length.clk});
  const auto image = boundary_cells(machine_->memory().image_cells());
  image_cells_.insert(image_cells_.end(), image.begin(), image.end());
  zero_cells_ = boundary_cells(machine_->memory().zero_cells());
  input_cells_ = boundary_cells(machine_->memory().input_cells());
  std::tie(heap_end_word_, stack_end_word_) = end_words(program_, machine_->memory().zero_cells());
}

Receipt ExecutionSource::claim() const {
  Receipt receipt;
  receipt.preimage = setup_.preimage;
  receipt.claim.image_id = setup_.preimage.image_id();
  receipt.claim.exit_code = exit_code_;
  receipt.claim.journal = journal_;
  receipt.final_clock = final_clock_;
  receipt.heap_end_word = heap_end_word_;
  receipt.stack_end_word = stack_end_word_;
  receipt.input_bytes = static_cast<uint32_t>(input_.size());
  return receipt;
}

bool ExecutionSource::next(std::vector<stark::TableShape>& tables) {
  const bool boundary_only = halted_;
  if (halted_ && zero_next_ == zero_cells_.size() && input_next_ == input_cells_.size()) {
    first_pass_ = false;
    return false;
  }
  uint64_t room = sharding_.shard_cycles;
  if (!boundary_only) {
    const uint64_t before = machine_->cycles();
    execute_shard();
    room -= machine_->cycles() - before;
  } else {
    machine_->trace().clear();
  }

  const stark::MachineDescription& machine = machine_description();
  std::vector<ChipLoad> loads;
  const auto add = [&](uint16_t chip, size_t rows) {
    loads.push_back({chip, rows, static_cast<unsigned>(cells_of_row(chip)), {}});
  };
  for (uint16_t c = 0; c < isa::CHIP_COUNT; ++c) add(c, machine_->trace().chips[c].size());
  add(ChipId::REFRESH, machine_->trace().refreshes.size());
  zero_first_ = zero_next_;
  input_first_ = input_next_;
  if (halted_) {
    // At least a few rows, so that a shard that ends exactly full still settles something.
    room = std::max<uint64_t>(room, sharding_.shard_cycles / 4);
    zero_next_ = std::min<size_t>(zero_cells_.size(), zero_first_ + room);
    room -= zero_next_ - zero_first_;
    input_next_ = std::min<size_t>(input_cells_.size(), input_first_ + room);
    add(ChipId::ZERO_MEMORY, zero_next_ - zero_first_);
    add(ChipId::INPUT_MEMORY, input_next_ - input_first_);
  }
  // Tables with fixed columns: those of the image and the layers join the last shard that executes something.
  const bool last = halted_ && !boundary_only;
  const precompiles::nn::NnTrace& calls = machine_->trace().precompiles.nn;
  const bool with_layers = last && !calls.calls.empty();
  bool with_row_layers = false;
  for (size_t layer = 0; with_layers && layer < calls.calls.size(); ++layer) {
    const uint32_t kind = program_.rom->layers()[layer].kind;
    with_row_layers =
        with_row_layers || (calls.calls[layer] != 0 && (kind == ZKVM_NN_SOFTMAX || kind == ZKVM_NN_LAYER_NORM));
  }
  nn_.reset();
  if (!calls.order.empty() || with_layers) {
    nn_ = std::make_unique<precompiles::nn::NnRows>(*program_.rom, setup_.layers, calls, with_layers);
    for (uint16_t c = PrecompileId::NN_CALL; c < PrecompileId::NN_SIGNED; ++c) {
      add(c, nn_->rows(nn_chip(c)));
      loads.back().cuts = nn_->cuts(nn_chip(c));
    }
  }
  bool with_calls = nn_ != nullptr;
  for (uint16_t c = isa::ChipId::COUNT; c < PrecompileId::COUNT; ++c) {
    const size_t rows = precompiles::rows_of(c, machine_->trace().precompiles), step = precompiles::rows_per_call(c);
    if (rows == 0) continue;
    with_calls = true;
    add(c, rows);
    for (size_t cut = 0; step > 1 && cut < rows; cut += step) loads.back().cuts.push_back(cut);
  }
  plan_ = plan_tables(loads, !with_calls ? sharding_.max_columns : sharding_.max_columns_with_calls);
  const bool with_set[] = {true, last, !calls.order.empty(), with_layers, with_row_layers};
  for (size_t set = 0; set < setup_.preimage.preprocessed.size(); ++set) {
    if (!with_set[set]) continue;
    for (const stark::TableShape& t : setup_.preimage.preprocessed[set].tables) {
      const size_t rows = t.chip == ChipId::IMAGE ? image_cells_.size()
                          : is_nn(t.chip)         ? nn_->rows(nn_chip(t.chip))
                                                  : size_t{1} << t.log_height;
      plan_.push_back({t.chip, 0, rows, t.log_height});
    }
  }
  std::stable_sort(plan_.begin(), plan_.end(), [](const PlannedTable& a, const PlannedTable& b) {
    return a.chip != b.chip ? a.chip < b.chip : a.log_height > b.log_height;
  });
  if (first_pass_) {
    chip_costs_.resize(machine.chips.size());
    for (const PlannedTable& t : plan_) {
      ChipCost& cost = chip_costs_[t.chip];
      ++cost.tables;
      cost.rows += t.rows;
      cost.padded_rows += size_t{1} << t.log_height;
      cost.cells += cells_of_row(t.chip) << t.log_height;
    }
    layer_calls_ = calls.calls;
  }
  tables.clear();
  for (const PlannedTable& t : plan_) tables.push_back({t.chip, static_cast<uint8_t>(t.log_height)});
  return true;
}

void ExecutionSource::fill_main(std::span<const stark::TableView> views) {
  struct Job {
    size_t table, begin, end;
  };
  for (auto& c : counts_) c.clear();
  isa::LookupCounts totals(setup_.table.size());
  // Tables of look-ups come last: their rows are the counts of all others.
  for (const bool lookups : {false, true}) {
    std::vector<Job> jobs;
    for (size_t t = 0; t < plan_.size(); ++t) {
      const uint16_t chip = plan_[t].chip;
      const bool is_lookup = chip == ChipId::PROGRAM || chip == ChipId::LOOKUP || chip == PrecompileId::NN_SIGNED;
      if (is_lookup != lookups) continue;
      for (size_t begin = 0; begin < views[t].height(); begin += FILL_ROWS)
        jobs.push_back({t, begin, std::min(views[t].height(), begin + FILL_ROWS)});
    }
    if (lookups)
      for (const auto& c : counts_) totals += c;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t j = 0; j < jobs.size(); ++j) {
      const Job& job = jobs[j];
      const PlannedTable& planned = plan_[job.table];
      const stark::TableView& view = views[job.table];
      isa::TraceInput in;
      in.program = &setup_.table;
      in.totals = &totals;
      in.first_word = program_.zero_start / 4;
      in.stack_word = program_.stack_start / 4;
      in.input_bytes = static_cast<uint32_t>(input_.size());
      if (planned.chip < isa::CHIP_COUNT) in.events = machine_->trace().chips[planned.chip].span();
      if (planned.chip == ChipId::REFRESH) in.refreshes = machine_->trace().refreshes.span();
      if (planned.chip == ChipId::ZERO_MEMORY) in.cells = zero_cells_;
      if (planned.chip == ChipId::INPUT_MEMORY) in.cells = input_cells_;
      if (planned.chip == ChipId::IMAGE) in.cells = image_cells_;
      size_t first = planned.first;
      if (planned.chip == ChipId::ZERO_MEMORY) first += zero_first_;
      if (planned.chip == ChipId::INPUT_MEMORY) first += input_first_;
      const size_t real_end = std::clamp(planned.rows, job.begin, job.end);
      if (is_nn(planned.chip)) {
        const auto row = [&](size_t i) { return view.natural_row(i - first); };
        if (real_end > job.begin)
          nn_->fill_main(nn_chip(planned.chip), setup_.table, first + job.begin, first + real_end, isa::RowWriter(row),
                         lookups ? totals : counts_[static_cast<size_t>(omp_get_thread_num())]);
        for (size_t i = real_end; i < job.end; ++i)
          precompiles::nn::NnRows::fill_padding(nn_chip(planned.chip), {view.natural_row(i), view.width()});
        continue;
      }
      if (planned.chip >= ChipId::COUNT) {
        const auto row = [&](size_t i) { return view.natural_row(i - first); };
        if (real_end > job.begin)
          precompiles::fill_rows_of(planned.chip, setup_.table, machine_->trace().precompiles, first + job.begin,
                                    first + real_end, isa::RowWriter(row),
                                    counts_[static_cast<size_t>(omp_get_thread_num())]);
        for (size_t i = real_end; i < job.end; ++i) std::fill_n(view.natural_row(i), view.width(), F::zero());
        continue;
      }
      const auto target = [&](size_t i) { return view.row(i - first); };
      if (real_end > job.begin)
        isa::fill_function(planned.chip)(in, first + job.begin, first + real_end, isa::RowWriter(target),
                                         counts_[static_cast<size_t>(omp_get_thread_num())]);
      for (size_t i = real_end; i < job.end; ++i) std::fill_n(view.row(i), view.width(), F::zero());
    }
  }
  // All has been executed and written down; a further pass begins with another machine.
  if (halted_ && zero_next_ == zero_cells_.size() && input_next_ == input_cells_.size()) machine_->release();
}

void ExecutionSource::fill_form(std::span<const stark::TableView>, std::span<const stark::TableView> views,
                                std::span<const stark::E> challenges) {
  weight_forms_.compute(setup_.layers, challenges);
  // The tables of each chip, in the order of their rows.
  std::vector<std::vector<size_t>> tables(precompiles::nn::NN_CHIPS);
  for (size_t t = 0; t < plan_.size(); ++t)
    if (is_nn(plan_[t].chip)) tables[static_cast<size_t>(nn_chip(plan_[t].chip))].push_back(t);
  nn_->fill_forms(challenges, weight_forms_, [&](NnChip chip, size_t row) {
    for (size_t t : tables[static_cast<size_t>(chip)]) {
      const PlannedTable& planned = plan_[t];
      if (row - planned.first < planned.rows) return views[t].natural_row(row - planned.first);
    }
    throw std::logic_error("a row of a layer is in no table");
  });
  for (size_t t = 0; t < plan_.size(); ++t) {
    if (views[t].width() == 0) continue;
    for (size_t i = plan_[t].rows; i < views[t].height(); ++i)
      precompiles::nn::NnRows::fill_form_padding(nn_chip(plan_[t].chip), {views[t].natural_row(i), views[t].width()});
  }
}

}  // namespace zkvm::vm
