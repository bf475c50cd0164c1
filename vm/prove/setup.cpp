#include <algorithm>
#include <bit>

#include "isa/chips/lookup/columns.hpp"
#include "isa/chips/traces.hpp"
#include "precompiles/registry.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::vm {
namespace {

using isa::ChipId;

uint8_t log_height_for(size_t rows) {
  const size_t last = rows == 0 ? 0 : rows - 1;
  return static_cast<uint8_t>(std::max<size_t>(static_cast<size_t>(std::bit_width(last)), stark::MIN_LOG_HEIGHT));
}

isa::ProgramTable make_table(const Program& program) {
  std::vector<isa::PcRange> ranges;
  for (const CodeRange& r : program.code) ranges.push_back({r.begin, r.end, r.first_row});
  return {ranges, program.rows};
}

}  // namespace

std::string check_provable(const Program& program) {
  constexpr size_t MAX_ROWS = size_t{1} << stark::MAX_LOG_HEIGHT;
  const auto complain = [](const char* what, size_t rows) {
    return std::string("the program is too large to prove: expected at most ") + std::to_string(MAX_ROWS) +
           " rows of " + what + ", found " + std::to_string(rows);
  };
  if (isa::IMAGE_FIRST_ROW + program.image.size() > MAX_ROWS)
    return complain("initial memory, one per word", isa::IMAGE_FIRST_ROW + program.image.size());
  const size_t entries = make_table(program).size();
  if (entries > MAX_ROWS) return complain("instructions, two per branch", entries);
  // Other fixed tables of layers have fewer rows than these, or no more than records have bytes.
  size_t lines = 0, jobs = 0, plan = 0, levels = 0;
  for (const auto& layer : program.rom->layers()) {
    if (layer.kind == ZKVM_NN_LINEAR) lines += precompiles::nn::weight_line_count(layer.linear);
    if (lines > MAX_ROWS) return complain("weights, 32 each", lines);
    levels += precompiles::nn::level_row_count(layer.linear);
    if (levels > MAX_ROWS) return complain("results of layers with thresholds, eight each", levels);
    jobs += precompiles::nn::jobs_of(layer).size();
    if (jobs > MAX_ROWS) return complain("views of tensors in layers", jobs);
    plan += precompiles::nn::rows_of_call(layer)[static_cast<size_t>(precompiles::nn::NnChip::LEDGER)];
    if (plan > MAX_ROWS) return complain("steps of layers", plan);
  }
  return {};
}

ProgramSetup make_setup(const Program& program, unsigned log_blowup) {
  ProgramSetup setup{make_table(program), precompiles::nn::FixedTables(*program.rom), {}, {}};
  const stark::MachineDescription& machine = machine_description();
  std::vector<isa::ImageCell> image;
  image.reserve(program.image.size());
  for (const ImageWord& w : program.image) image.push_back({w.addr, w.word, w.read_only});

  const auto commit = [&](std::vector<stark::TableShape> tables) {
    setup.data.push_back(
        stark::commit_preprocessed(machine, tables, log_blowup, [&](size_t chip, stark::TableView view) {
#pragma omp parallel for schedule(static)
          for (size_t i = 0; i < view.height(); ++i) {
            switch (chip) {
              case ChipId::PROGRAM:
                isa::fill_program_preprocessed(setup.table, i, view.row(i));
                break;
              case ChipId::LOOKUP:
                isa::fill_lookup_preprocessed(i, view.row(i));
                break;
              case ChipId::IMAGE:
                isa::fill_image_preprocessed(image, i, view.row(i));
                break;
              default:
                setup.layers.fill(precompiles::nn_chip(chip), i, view.natural_row(i));
                break;
            }
          }
        }));
    setup.preimage.preprocessed.push_back(setup.data.back().commitment);
  };
  setup.preimage.entry = program.entry;
  setup.preimage.zero_start = program.zero_start;
  setup.preimage.stack_start = program.stack_start;
  setup.preimage.log_blowup = log_blowup;
  commit({{ChipId::PROGRAM, log_height_for(setup.table.size())}, {ChipId::LOOKUP, isa::LOOKUP_LOG_HEIGHT}});
  commit({{ChipId::IMAGE, log_height_for(isa::IMAGE_FIRST_ROW + image.size())}});
  for (const unsigned set : {precompiles::SET_SIGNED, precompiles::SET_LAYERS, precompiles::SET_ROW_LAYERS}) {
    std::vector<stark::TableShape> tables;
    for (uint16_t chip = 0; chip < machine.chips.size(); ++chip)
      if (machine.chips[chip].preprocessed_set == static_cast<int>(set))
        tables.push_back({chip, log_height_for(setup.layers.size(precompiles::nn_chip(chip)))});
    commit(std::move(tables));
  }
  return setup;
}

}  // namespace zkvm::vm
