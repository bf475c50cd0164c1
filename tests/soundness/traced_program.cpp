#include "tests/soundness/traced_program.hpp"

#include <bit>
#include <map>
#include <stdexcept>

#include "isa/chips/buses.hpp"
#include "vm/elf/elf_builder.hpp"
#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::soundness {

using isa::ChipId;
using stark::DebugShard;
using stark::DebugTable;
using stark::F;

const stark::MachineDescription& machine() {
  static const stark::MachineDescription MACHINE = isa::make_machine();
  return MACHINE;
}

DebugTable& TracedProgram::table(size_t chip, size_t shard) {
  for (DebugTable& t : shards[shard])
    if (t.chip == chip) return t;
  throw std::out_of_range("no table of that chip");
}

F& TracedProgram::cell(DebugTable& table, size_t row, size_t index) {
  return table.main[row * machine().chips[table.chip].air.main_width() + index];
}

namespace {

struct ProgramTables {
  isa::ProgramTable program;
  std::vector<isa::ImageCell> image;
};

ProgramTables program_tables(const vm::Program& program) {
  std::vector<isa::PcRange> ranges;
  for (const vm::CodeRange& r : program.code) ranges.push_back({r.begin, r.end, r.first_row});
  std::vector<isa::ImageCell> image;
  for (const vm::ImageWord& w : program.image) image.push_back({w.addr, w.word, w.read_only});
  return {isa::ProgramTable(ranges, program.rows), std::move(image)};
}

/// A table for `rows` rows, padded with zeros; preprocessed columns filled.
DebugTable make_table(size_t chip, size_t rows, const ProgramTables& fixed) {
  const stark::Air& air = machine().chips[chip].air;
  DebugTable t;
  t.chip = chip;
  t.log_height =
      std::max<unsigned>(stark::MIN_LOG_HEIGHT, static_cast<unsigned>(std::bit_width(std::max<size_t>(rows, 1) - 1)));
  const size_t height = size_t{1} << t.log_height;
  t.main.assign(height * air.main_width(), F::zero());
  t.preprocessed.assign(height * air.preprocessed_width(), F::zero());
  for (size_t i = 0; i < height && air.preprocessed_width() != 0; ++i) {
    F* row = &t.preprocessed[i * air.preprocessed_width()];
    if (chip == ChipId::PROGRAM) isa::fill_program_preprocessed(fixed.program, i, row);
    if (chip == ChipId::LOOKUP) isa::fill_lookup_preprocessed(i, row);
    if (chip == ChipId::IMAGE) isa::fill_image_preprocessed(fixed.image, i, row);
  }
  return t;
}

}  // namespace

TracedProgram trace(const vm::Program& program, std::span<const uint8_t> input, uint64_t shard_cycles) {
  const ProgramTables fixed = program_tables(program);
  TracedProgram out;
  vm::TracingMachine m(program, input);
  vm::Receipt receipt;
  for (bool halted = false; !halted;) {
    m.trace().clear();
    const vm::Stop stop = m.run(shard_cycles);
    if (stop == vm::Stop::TRAPPED) throw std::runtime_error("trapped: " + m.trap()->message());
    halted = stop == vm::Stop::HALTED;

    DebugShard shard;
    isa::LookupCounts counts(fixed.program.size());
    isa::TraceInput in;
    in.program = &fixed.program;
    in.first_word = program.zero_start / 4;
    in.stack_word = program.stack_start / 4;
    in.input_bytes = static_cast<uint32_t>(input.size());
    in.totals = &counts;
    const auto fill = [&](size_t chip, size_t rows) {
      if (rows == 0) return;
      DebugTable t = make_table(chip, rows, fixed);
      const size_t width = machine().chips[chip].air.main_width();
      const auto target = [&](size_t i) { return &t.main[i * width]; };
      isa::fill_function(chip)(in, 0, rows, isa::RowWriter(target), counts);
      shard.push_back(std::move(t));
    };
    for (size_t c = 0; c < isa::CHIP_COUNT; ++c) {
      in.events = m.trace().chips[c].span();
      fill(c, in.events.size());
    }
    in.refreshes = m.trace().refreshes.span();
    fill(ChipId::REFRESH, in.refreshes.size());
    std::vector<isa::BoundaryCell> cells;
    const auto boundary_cells = [&](const std::vector<vm::FinalCell>& from) {
      for (const vm::FinalCell& c : from) cells.push_back({c.addr, c.initial, c.value, c.clk});
    };
    if (halted) {
      boundary_cells(m.memory().zero_cells());
      std::tie(receipt.heap_end_word, receipt.stack_end_word) = vm::end_words(program, m.memory().zero_cells());
      in.cells = cells;
      fill(ChipId::ZERO_MEMORY, cells.size());
      cells.clear();
      boundary_cells(m.memory().input_cells());
      receipt.input_bytes = static_cast<uint32_t>(input.size());
      in.cells = cells;
      fill(ChipId::INPUT_MEMORY, cells.size());
      cells.clear();
      for (uint32_t r = 0; r < isa::REGISTER_COUNT; ++r)
        cells.push_back({r, 0, m.registers()[r].value, m.registers()[r].clk});
      cells.push_back({0, 0, m.journal_cell().value, m.journal_cell().clk});
      const vm::FinalCell length = m.memory().input_length_cell();
      cells.push_back({length.addr, 0, length.value, length.clk});
      boundary_cells(m.memory().image_cells());
      in.cells = cells;
      fill(ChipId::IMAGE, cells.size());
    }
    fill(ChipId::PROGRAM, fixed.program.size());
    fill(ChipId::LOOKUP, size_t{1} << 16);
    out.shards.push_back(std::move(shard));
  }
  out.cycles = m.cycles();
  receipt.preimage.entry = program.entry;
  receipt.preimage.zero_start = program.zero_start;
  receipt.preimage.stack_start = program.stack_start;
  receipt.claim.exit_code = m.exit_code();
  receipt.claim.journal = m.journal();
  receipt.final_clock = m.clock() - isa::CLOCKS_PER_INSTRUCTION;
  out.boundary = vm::make_statement(receipt).all_boundary_messages();
  return out;
}

vm::Program assemble(const std::vector<uint32_t>& code, std::vector<uint8_t> data) {
  vm::ElfBuilder elf;
  elf.entry = 0x1'0000;
  elf.add_code(elf.entry, code);
  if (!data.empty()) elf.loads.push_back({.addr = 0x40'0000, .bytes = std::move(data)});
  auto program = vm::load_elf(elf.build());
  if (!program.ok()) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

void repair_lookups(DebugShard& shard) {
  // How often each look-up message is received by tables without free multiplicities.
  using Key = std::vector<uint32_t>;
  std::map<Key, F> received;
  std::vector<F> row;
  const auto load = [&](const DebugTable& t, size_t i) {
    const stark::Air& air = machine().chips[t.chip].air;
    row.assign(t.preprocessed.begin() + static_cast<std::ptrdiff_t>(i * air.preprocessed_width()),
               t.preprocessed.begin() + static_cast<std::ptrdiff_t>((i + 1) * air.preprocessed_width()));
    row.insert(row.end(), t.main.begin() + static_cast<std::ptrdiff_t>(i * air.main_width()),
               t.main.begin() + static_cast<std::ptrdiff_t>((i + 1) * air.main_width()));
  };
  const auto column = [&](uint32_t i) { return row[i]; };
  const auto key = [&](const stark::Message& m) {
    Key k{m.bus};
    for (const stark::Affine& f : m.fields) k.push_back(f.evaluate<F>(column).value());
    return k;
  };
  const auto is_provider = [](const DebugTable& t) { return t.chip == ChipId::PROGRAM || t.chip == ChipId::LOOKUP; };
  for (const DebugTable& t : shard) {
    if (is_provider(t)) continue;
    for (size_t i = 0; i < size_t{1} << t.log_height; ++i) {
      load(t, i);
      for (const stark::Message& m : machine().chips[t.chip].air.messages())
        if (m.local) received[key(m)] -= m.multiplicity.evaluate<F>(column);
    }
  }
  for (DebugTable& t : shard) {
    if (!is_provider(t)) continue;
    const stark::Air& air = machine().chips[t.chip].air;
    for (size_t i = 0; i < size_t{1} << t.log_height; ++i) {
      load(t, i);
      // Message k of a provider has main column k as its multiplicity; the first provider of a message takes all of it.
      for (size_t k = 0; k < air.messages().size(); ++k) {
        F& wanted = received[key(air.messages()[k])];
        TracedProgram::cell(t, i, k) = wanted;
        wanted = F::zero();
      }
    }
  }
}

}  // namespace zkvm::soundness
