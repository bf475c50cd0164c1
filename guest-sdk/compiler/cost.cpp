#include "guest-sdk/compiler/cost.hpp"

#include <algorithm>
#include <bit>

#include "precompiles/cells.hpp"
#include "precompiles/nn/fixed/tables.hpp"
#include "precompiles/registry.hpp"
#include "precompiles/rows.hpp"
#include "vm/prove/plan.hpp"

namespace zkvm::compiler {
namespace {

using precompiles::ChipId;
using precompiles::nn::NnChip;
using IsaChip = isa::ChipId;

const stark::MachineDescription& machine() {
  static const stark::MachineDescription made = precompiles::make_machine();
  return made;
}

size_t index(int64_t i) { return static_cast<size_t>(i); }

/// Instructions that a step of guest code takes; the constants are measured (README.md).
double cycles_of(const Program& p, const Step& s) {
  constexpr double CALL = 14;  // of a layer, with its tensors' addresses
  const Tensor& out = p.tensor(s.output);
  const auto elements = static_cast<double>(out.shape.elements());
  const double positions = static_cast<double>(out.shape.h) * out.shape.w;
  switch (s.work) {
    case Work::LINEAR:
    case Work::MATMUL:
      return CALL;
    case Work::ADD:
      return s.on_machine ? CALL : 45 * elements;
    case Work::TABLE:
      return s.on_machine ? CALL : 6 * elements;
    case Work::POOL: {
      if (s.on_machine) return CALL;
      const Window& w = std::get<Pool>(p.node(s).operation).window;
      return elements * (30 + 9.0 * w.kernel_h * w.kernel_w);
    }
    case Work::SOFTMAX:
      return 110 * elements + 320 * positions;
    case Work::SOFTMAX_FLOAT:
      return 520 * elements + 40 * positions;
    case Work::BINARY:
      return 9 * elements;
    case Work::TRANSPOSE:
      return 6 * elements + 8 * positions;
    case Work::RESHAPE:
      return 11 * elements;
    case Work::COPY: {
      const Tensor& in = p.tensor(s.inputs[0]);
      if (in.stride == out.stride) return 0.55 * elements;
      if (out.stride == 4 && in.stride < 4) return (2.0 + 0.6 * in.stride) * positions;
      return (out.shape.c >= 16 ? 0.7 : 3) * elements + 8 * positions;
    }
    case Work::PLACE:
    case Work::PAD:
      return elements + 12 * positions;
    case Work::FILL:
      return 6 * positions;
  }
  return 0;
}

/// Where instructions of such loops go: shares of the rows of two guests that copy and compute element by element.
struct Share {
  uint16_t chip;
  double part;
};
constexpr Share SHARES[] = {{IsaChip::STORE_SUB, 0.18}, {IsaChip::LOAD_SUB, 0.14}, {IsaChip::BEQ, 0.18},
                            {IsaChip::ADDI_SAME, 0.30}, {IsaChip::ADDI, 0.12},     {IsaChip::SHIFT_I, 0.04},
                            {IsaChip::ADD_SAME, 0.02},  {IsaChip::BLT, 0.02}};

unsigned log2_at_least(uint64_t rows) {
  return static_cast<unsigned>(std::bit_width(std::max<uint64_t>(rows, 32) - 1));
}

uint64_t fixed_cells(size_t chip, uint64_t rows) {
  return (precompiles::cells_of_row(machine(), chip) + machine().chips[chip].air.preprocessed_width())
         << log2_at_least(rows);
}

}  // namespace

double seconds_of(uint64_t cells, int64_t weights) {
  return 11e-9 * static_cast<double>(cells) + 60e-9 * static_cast<double>(weights);
}

Cost predict(const Program& program) {
  Cost cost;
  std::array<uint64_t, precompiles::nn::NN_CHIPS> rows{};
  double cell_of_cycle = 0;
  for (const Share& s : SHARES)
    cell_of_cycle += s.part * static_cast<double>(precompiles::cells_of_row(machine(), s.chip));
  std::vector<uint8_t> bytes;
  int64_t weights = 0;
  // The runtime's start and end; the border's copies and hashes.
  double cycles = 700;
  for (const Step& s : program.steps) {
    StepCost step;
    const double own = cycles_of(program, s);
    step.cycles = static_cast<uint64_t>(own);
    step.cells = static_cast<uint64_t>(own * cell_of_cycle);
    cycles += own;
    if (s.on_machine) {
      precompiles::nn::Rom rom;
      if (rom.load(s.record).empty() && !rom.empty()) {
        step.cells += precompiles::cells_of_call(machine(), rom.layers()[0]);
        const auto of_call = precompiles::nn::rows_of_call(rom.layers()[0]);
        for (size_t i = 0; i < rows.size(); ++i) rows[i] += of_call[i];
      }
      bytes.insert(bytes.end(), s.record.begin(), s.record.end());
      weights += static_cast<int64_t>(s.weights.size());
    }
    cost.steps.push_back(step);
  }
  int64_t input_bytes = 0;
  for (const Border& b : program.graph.inputs) input_bytes += program.graph.value(b.value).shape.elements();
  // A block of SHA-256 for the input's digest: copying nothing, a call each.
  const uint64_t blocks = static_cast<uint64_t>(input_bytes + 32 + 9 + 63) / 64;
  cycles += 14.0 * static_cast<double>(blocks) + 250;
  cost.cycles = static_cast<uint64_t>(cycles);

  std::vector<vm::ChipLoad> loads;
  const auto add = [&](size_t chip, uint64_t count) {
    if (count != 0)
      loads.push_back({static_cast<uint16_t>(chip),
                       index(static_cast<int64_t>(count)),
                       static_cast<unsigned>(precompiles::cells_of_row(machine(), chip)),
                       {}});
  };
  for (const Share& s : SHARES) add(s.chip, static_cast<uint64_t>(s.part * cycles));
  const auto words = static_cast<uint64_t>(program.arena_bytes) / 4 + 130;
  // Memory that is not touched for 2^16 clocks, four an instruction, is refreshed.
  add(IsaChip::REFRESH, words * (static_cast<uint64_t>(cycles * 4) >> 16));
  add(IsaChip::ZERO_MEMORY, words);
  add(IsaChip::INPUT_MEMORY, static_cast<uint64_t>(input_bytes) / 4 + 10);
  for (size_t i = 0; i < rows.size(); ++i) add(ChipId::NN_CALL + i, rows[i]);
  for (size_t chip = ChipId::SHA256_CALL; chip <= ChipId::SHA256_ROUNDS; ++chip)
    add(chip, precompiles::rows_per_call(chip) * blocks);
  std::stable_sort(loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.chip < b.chip; });
  // As the prover plans a shard with calls; larger proofs have several shards, with the same share of padding.
  constexpr unsigned MAX_COLUMNS = 3100;
  for (const vm::PlannedTable& t : vm::plan_tables(loads, MAX_COLUMNS))
    cost.cells += precompiles::cells_of_row(machine(), t.chip) << t.log_height;

  precompiles::nn::Rom rom;
  if (rom.load(std::move(bytes)).empty() && !rom.empty()) {
    const precompiles::nn::FixedTables fixed(rom);
    for (size_t chip = ChipId::NN_PLAN; chip <= ChipId::NN_WEIGHTS; ++chip)
      cost.cells += fixed_cells(chip, fixed.size(precompiles::nn_chip(chip)));
    cost.cells += fixed_cells(ChipId::NN_SIGNED, 65536);
  }
  cost.cells +=
      fixed_cells(IsaChip::LOOKUP, 65536) + fixed_cells(IsaChip::PROGRAM, 2048) + fixed_cells(IsaChip::IMAGE, 2400);
  cost.seconds = 0.08 + seconds_of(cost.cells, weights);
  constexpr uint64_t BUDGET = uint64_t{6} << 30;
  cost.peak_bytes = 220'000'000 + std::min(13 * cost.cells, BUDGET);
  return cost;
}

}  // namespace zkvm::compiler
