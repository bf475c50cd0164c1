#include "guest-sdk/compiler/cost.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "isa/events.hpp"
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

/// Kinds of guest code: they spread their instructions over the chips in different ways.
enum Kind { BYTES, WORDS, LOOKUPS, SUMS, FLOATS, WINDOWS, BORDER, KINDS };

/// Rows of a chip for an instruction of each kind, measured on guests that do one thing (README.md). What is left out
/// is below a hundredth.
struct Share {
  uint16_t chip;
  std::array<double, KINDS> part;
};
constexpr Share SHARES[] = {
    //                    bytes words look  sums float wind. border
    {IsaChip::LI, /*   */ {0.01, 0.04, 0.01, 0.05, 0.15, 0.03, 0.01}},
    {IsaChip::ADDI, /* */ {0.08, 0.04, 0.03, 0.03, 0.05, 0.06, 0.03}},
    {IsaChip::ADDI_SAME, {0.33, 0.10, 0.27, 0.11, 0.07, 0.12, 0.07}},
    {IsaChip::ADD, /*  */ {0.00, 0.00, 0.00, 0.05, 0.02, 0.03, 0.00}},
    {IsaChip::ADD_SAME, {0.01, 0.02, 0.17, 0.15, 0.03, 0.25, 0.00}},
    {IsaChip::LOGIC, /**/ {0.00, 0.06, 0.00, 0.05, 0.11, 0.00, 0.00}},
    {IsaChip::LOGIC_I, {0.00, 0.02, 0.00, 0.00, 0.05, 0.00, 0.00}},
    {IsaChip::SHIFT_I, {0.00, 0.16, 0.09, 0.13, 0.19, 0.01, 0.00}},
    {IsaChip::SLT, /*  */ {0.00, 0.00, 0.00, 0.05, 0.01, 0.00, 0.00}},
    {IsaChip::BEQ, /*  */ {0.17, 0.07, 0.09, 0.08, 0.05, 0.10, 0.06}},
    {IsaChip::BEQZ, /* */ {0.00, 0.01, 0.00, 0.01, 0.06, 0.01, 0.00}},
    {IsaChip::BLT, /*  */ {0.00, 0.00, 0.00, 0.11, 0.05, 0.14, 0.00}},
    {IsaChip::LW, /*   */ {0.00, 0.23, 0.00, 0.08, 0.07, 0.07, 0.43}},
    {IsaChip::SW, /*   */ {0.00, 0.24, 0.00, 0.00, 0.06, 0.00, 0.00}},
    {IsaChip::LOAD_SUB, {0.20, 0.00, 0.25, 0.06, 0.01, 0.10, 0.00}},
    {IsaChip::STORE_SUB, {0.20, 0.00, 0.09, 0.02, 0.00, 0.01, 0.00}},
    {IsaChip::MUL, /*  */ {0.00, 0.00, 0.00, 0.03, 0.01, 0.05, 0.00}},
    {IsaChip::MULH, /* */ {0.00, 0.00, 0.00, 0.02, 0.00, 0.00, 0.00}},
    {IsaChip::DIV, /*  */ {0.00, 0.00, 0.00, 0.01, 0.01, 0.01, 0.00}},
    {IsaChip::JALR, /* */ {0.00, 0.00, 0.00, 0.00, 0.02, 0.00, 0.00}},
    {IsaChip::ECALL, /**/ {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.42}},
};

double cells_of_cycle(Kind kind) {
  double cells = 0;
  for (const Share& s : SHARES)
    cells += s.part[kind] * static_cast<double>(precompiles::cells_of_row(machine(), s.chip));
  return cells;
}

/// Taps of all windows that lie in the input, along one axis.
double taps_inside(int32_t size, int32_t outputs, int32_t kernel, int32_t stride, int32_t before) {
  int64_t taps = 0;
  for (int64_t i = 0; i < outputs; ++i) {
    const int64_t first = i * stride - before;
    taps += std::max<int64_t>(0, std::min<int64_t>(first + kernel, size) - std::max<int64_t>(first, 0));
  }
  return static_cast<double>(taps);
}

/// Instructions that a step of guest code takes, and of what kind.
struct GuestCode {
  double cycles;
  Kind kind;
};
GuestCode guest_code_of(const Program& p, const Step& s) {
  // A layer's call with its tensors' addresses.
  if (s.on_machine) return {14, WORDS};
  const Tensor& out = p.tensor(s.output);
  const auto elements = static_cast<double>(out.shape.elements());
  const double positions = static_cast<double>(out.shape.h) * out.shape.w;
  switch (s.work) {
    case Work::LINEAR:
    case Work::MATMUL:
      break;  // always on the machine
    case Work::ADD:
      return {45 * elements, SUMS};
    case Work::TABLE:
      return {6 * elements, LOOKUPS};
    case Work::POOL: {
      const Pool& pool = std::get<Pool>(p.node(s).operation);
      const Window& w = pool.window;
      const Shape in = p.tensor(s.inputs[0]).shape;
      const double taps = taps_inside(in.h, out.shape.h, w.kernel_h, w.stride_h, w.top) *
                          taps_inside(in.w, out.shape.w, w.kernel_w, w.stride_w, w.left);
      return {(pool.is_max ? 26 : 40) * elements + 9 * taps * out.shape.c, WINDOWS};
    }
    case Work::SOFTMAX:
      return {53 * elements + 240 * positions, SUMS};
    case Work::SOFTMAX_FLOAT:
      return {470 * elements + 40 * positions, FLOATS};
    case Work::BINARY:
      return {11.6 * elements, LOOKUPS};
    case Work::TRANSPOSE:
      return {2.5 * elements + 2 * positions, BYTES};
    case Work::RESHAPE:
      return {9 * elements, BYTES};
    case Work::COPY: {
      const Tensor& in = p.tensor(s.inputs[0]);
      if (in.stride == out.stride) return {0.55 * elements, WORDS};
      if (out.stride == 4 && in.stride < 4) return {(2.0 + 0.6 * in.stride) * positions, WORDS};
      if (out.shape.c >= 16) return {0.7 * elements + 8 * positions, WORDS};
      return {2.8 * elements + 4.5 * positions, BYTES};
    }
    case Work::PLACE:
    case Work::PAD: {
      const Shape moved = (s.work == Work::PAD ? out : p.tensor(s.inputs[0])).shape;
      const auto bytes = static_cast<double>(moved.elements()), runs = static_cast<double>(moved.h) * moved.w;
      if (out.shape.c >= 16) return {0.6 * bytes + 6 * runs, WORDS};
      return {3.9 * bytes + 5.5 * runs, BYTES};
    }
    case Work::FILL:
      return {6 * positions, BYTES};
  }
  return {0, WORDS};
}

/// Counts the rows of REFRESH: one for each word that is accessed so many clocks after it was before, or after the
/// start.
class Refreshes {
 public:
  explicit Refreshes(const Program& program) {
    int64_t input = 0;
    for (const Border& b : program.graph.inputs) input += program.graph.value(b.value).shape.elements();
    input_.resize(blocks(input));
    arena_.resize(blocks(program.arena_bytes));
  }

  /// All of a tensor, evenly between two times in cycles.
  void touch(const Tensor& t, double begin, double end) {
    if (t.home == Tensor::Home::CONSTANT) return;
    touch(t.home == Tensor::Home::INPUT ? input_ : arena_, t.offset, t.bytes(), begin, end);
  }
  void touch_input(double begin, double end) {
    touch(input_, 0, static_cast<int64_t>(input_.size()) * BLOCK, begin, end);
  }
  /// Reads at random places of a table that is much larger than what a step reads within the limit.
  void touch_table(double elements, double cycles) {
    if (cycles > LIMIT) rows_ += 0.75 * elements;
  }
  uint64_t rows() const { return static_cast<uint64_t>(rows_); }

 private:
  static constexpr int64_t BLOCK = 64;
  static constexpr double LIMIT = isa::ACCESS_GAP_LIMIT / 4.0;  // four clocks an instruction

  static size_t blocks(int64_t bytes) { return index((bytes + BLOCK - 1) / BLOCK); }
  void touch(std::vector<float>& last, int64_t offset, int64_t bytes, double begin, double end) {
    const size_t first = index(offset / BLOCK), count = blocks(bytes);
    const double words = static_cast<double>(std::min(bytes, BLOCK)) / 4;
    for (size_t i = 0; i < count && first + i < last.size(); ++i) {
      const double now = begin + (end - begin) * static_cast<double>(i) / static_cast<double>(count);
      if (now - static_cast<double>(last[first + i]) > LIMIT) rows_ += words;
      last[first + i] = static_cast<float>(now);
    }
  }

  std::vector<float> input_, arena_;  ///< when blocks were last accessed, in cycles
  double rows_ = 0;
};

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
  std::vector<uint8_t> bytes;
  int64_t weights = 0;
  std::array<double, KINDS> cycles{};
  // The runtime's start and end, and the calls for the input's digest.
  cycles[WORDS] = 950;
  // Words of the program that are not records: the runtime, some instructions for each step, tables.
  uint64_t code_words = 830, image_words = 1900;
  Refreshes refreshes(program);
  double now = 500;
  for (const Step& s : program.steps) {
    StepCost step;
    const GuestCode own = guest_code_of(program, s);
    step.cycles = static_cast<uint64_t>(own.cycles);
    step.cells = static_cast<uint64_t>(own.cycles * cells_of_cycle(own.kind));
    cycles[own.kind] += own.cycles;
    for (const int32_t t : s.inputs) refreshes.touch(program.tensor(t), now, now + own.cycles);
    refreshes.touch(program.tensor(s.output), now, now + own.cycles);
    if (s.work == Work::BINARY)
      refreshes.touch_table(static_cast<double>(program.tensor(s.output).shape.elements()), own.cycles);
    now += own.cycles;
    const uint64_t words = s.on_machine ? 12 : s.work == Work::BINARY ? 16384 + 50 : own.kind == FLOATS ? 1400 : 100;
    code_words += words, image_words += words;
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
  for (const Tensor& t : program.tensors)
    if (t.home == Tensor::Home::CONSTANT)
      code_words += static_cast<uint64_t>(t.bytes()) / 4, image_words += static_cast<uint64_t>(t.bytes()) / 4;
  const auto bytes_of = [&](const std::vector<Border>& borders) {
    int64_t sum = 0;
    for (const Border& b : borders) sum += program.graph.value(b.value).shape.elements();
    return static_cast<uint64_t>(sum);
  };
  const uint64_t input_bytes = bytes_of(program.graph.inputs), output_bytes = bytes_of(program.graph.outputs);
  // Blocks of SHA-256 for the input's digest, copying nothing, a call each; the output, word by word.
  const uint64_t blocks = (input_bytes + 32 + 9 + 63) / 64;
  cycles[WORDS] += 14.0 * static_cast<double>(blocks);
  cycles[BORDER] += 2.4 * static_cast<double>(output_bytes) / 4;
  const double all_cycles = std::accumulate(cycles.begin(), cycles.end(), 0.0);
  cost.cycles = static_cast<uint64_t>(all_cycles);

  std::vector<vm::ChipLoad> loads;
  const auto add = [&](size_t chip, uint64_t count) {
    if (count != 0)
      loads.push_back({static_cast<uint16_t>(chip),
                       index(static_cast<int64_t>(count)),
                       static_cast<unsigned>(precompiles::cells_of_row(machine(), chip)),
                       {}});
  };
  for (const Share& s : SHARES)
    add(s.chip, static_cast<uint64_t>(std::inner_product(cycles.begin(), cycles.end(), s.part.begin(), 0.0)));
  const auto words = static_cast<uint64_t>(program.arena_bytes) / 4 + 130;
  refreshes.touch(program.tensor(program.result), now, now + cycles[BORDER]);
  refreshes.touch_input(now + cycles[BORDER], all_cycles);
  add(IsaChip::REFRESH, refreshes.rows());
  add(IsaChip::ZERO_MEMORY, words);
  add(IsaChip::INPUT_MEMORY, input_bytes / 4 + 10);
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
  cost.cells += fixed_cells(IsaChip::LOOKUP, 65536) + fixed_cells(IsaChip::PROGRAM, code_words) +
                fixed_cells(IsaChip::IMAGE, image_words);
  cost.seconds = 0.05 + seconds_of(cost.cells, weights);
  constexpr uint64_t BUDGET = uint64_t{6} << 30;
  cost.peak_bytes = 150'000'000 + std::min(12 * cost.cells, BUDGET);
  return cost;
}

}  // namespace zkvm::compiler
