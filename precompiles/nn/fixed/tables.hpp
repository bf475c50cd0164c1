#pragma once
/// \file
/// The contents of the fixed tables: what a program's layers put on the look-up buses.

#include <array>
#include <vector>

#include "precompiles/nn/buses.hpp"
#include "precompiles/nn/chips.hpp"
#include "precompiles/nn/layer.hpp"
#include "precompiles/nn/levels/columns.hpp"
#include "precompiles/nn/row_buses.hpp"
#include "precompiles/nn/weights/columns.hpp"

namespace zkvm::precompiles::nn {

/// Rows of a fixed table, with the layer (index into Rom::layers) of each.
template <template <class> class Message>
struct FixedRows {
  std::vector<Message<F>> rows;
  std::vector<uint32_t> layer;
};

/// A job of one layer, by the numbers that the executor and the trace need; JOB's message is made from it.
struct Job {
  uint32_t role, index;
  uint32_t which, offset;
  uint32_t rows, cols, stride, jump;
  int32_t zero_point;
  bool by_g, by_line;

  uint32_t groups() const { return (cols + 7) / 8; }  ///< rows of the table for one row of the view
};
std::vector<Job> jobs_of(const Layer& layer);

/// Rows of BORDER for one position, and of OUTPUT for one row of the output.
uint32_t border_blocks(const Linear& layer);
uint32_t output_groups(const Linear& layer);

/// Rows that one call of a layer makes, by chip: what the call costs, padding and the fixed tables apart.
std::array<uint64_t, NN_CHIPS> rows_of_call(const Layer& layer);

/// Exponents of a line of weights, and the form that it belongs to. Lines of a form are neighbours.
struct WeightLine {
  uint32_t form;  ///< of its layer
  uint16_t i, j, k;
  bool first, last;
  bool depthwise;
  int8_t weight[WEIGHT_LANES];
};
/// Appends all lines of a layer, in order; none if its weights are not in the record.
void append_weight_lines(const Linear& layer, std::vector<WeightLine>& lines);
/// How many these are.
size_t weight_line_count(const Linear& layer);

/// Element-wise layers and layers along the last axis are divided into parts (see PART and DONE): of so many words at
/// most, or rows.
inline constexpr uint32_t PART_WORDS = 4096;
/// Words of a tensor of such a layer, 0 for other layers; of its parts but the last; parts; words of one.
uint32_t part_layer_words(const Layer& layer);
uint32_t part_words(const Layer& layer);
uint32_t part_count(const Layer& layer);
uint32_t part_size(const Layer& layer, uint32_t part);
/// Rows of SHARES for one row of a softmax: at most.
inline uint32_t most_shares(const Softmax& layer) {
  return static_cast<uint32_t>(layer.shape.cols < 256 ? layer.shape.cols : 256);
}

/// The results that a channel of a layer with thresholds can have, increasing; at least one.
std::vector<Level> levels_of(const Linear& layer, int32_t channel);
LevelWindows<F> level_windows(const Level& level);
/// Rows of LEVELS for a layer; 0 if it has no thresholds.
size_t level_row_count(const Linear& layer);
/// Where uses of a level are counted, per layer.
inline size_t level_index(uint32_t channel, uint32_t byte) { return size_t{256} * channel + byte; }

struct FixedTables {
  FixedRows<PlanMessage> plan;
  FixedRows<JobMessage> jobs;
  FixedRows<ChannelsMessage> channels;
  FixedRows<QuadMessage> quads;
  FixedRows<LevelsFixed> levels;
  FixedRows<PartMessage> parts;
  FixedRows<PoolMessage> pools;
  FixedRows<PatternMessage> patterns;
  FixedRows<WindowMessage> windows;
  FixedRows<EntryMessage> entries;
  FixedRows<ExponentialMessage> exponentials;
  FixedRows<GainMessage> gains;
  std::vector<WeightLine> weights;
  std::vector<uint32_t> first_line;  ///< per layer: its first line; then the number of lines
  std::vector<uint32_t> form_end;    ///< per form, counted over all layers: its last line
  std::vector<uint32_t> first_form;  ///< per layer: its first form in this count

  explicit FixedTables(const Rom& rom);

  /// Rows of a chip with fixed columns, without padding.
  size_t size(NnChip chip) const;
  /// Fixed columns of row `row` in natural order, padding included.
  void fill(NnChip chip, size_t row, F* out) const;
  /// Index of a line's layer.
  uint32_t layer_of_line(size_t line) const;

 private:
  std::vector<uint32_t> addresses_;  ///< per layer
};

/// The signed bytes of a limb.
inline SignedMessage<F> signed_message(uint32_t limb) {
  return {F::from(limb), F::from_i64(static_cast<int8_t>(limb & 0xff)), F::from_i64(static_cast<int8_t>(limb >> 8))};
}

}  // namespace zkvm::precompiles::nn
