#include "precompiles/nn/fixed/tables.hpp"

#include <algorithm>
#include <type_traits>

#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/output_run.hpp"
#include "precompiles/nn/requantise.hpp"

namespace zkvm::precompiles::nn {
namespace {

F number(int64_t x) { return F::from_i64(x); }
uint32_t u32(int32_t x) { return static_cast<uint32_t>(x); }

/// A view of rows x cols words; jump from the last group of a row to the next row.
Job view(uint32_t role, uint32_t index, uint32_t which, uint32_t offset, uint32_t rows, uint32_t cols, uint32_t stride,
         uint32_t row_stride, int32_t zero_point) {
  Job job{role, index, which, offset, rows, cols, stride, 0, zero_point, false, false};
  // Modulo 2^32: a row's groups may reach beyond the next row's start.
  job.jump = row_stride - (job.groups() - 1) * 8 * stride;
  return job;
}

std::vector<Job> linear_jobs(const Linear& l) {
  const zkvm_nn_linear& s = l.shape;
  const uint32_t channels = u32(s.in_c), quads = channels / 4;
  std::vector<Job> jobs;
  for (uint32_t f = 0; f < l.phases.size(); ++f) {
    const Phase& p = l.phases[f];
    for (uint32_t q = 0; q < quads; ++q)
      jobs.push_back(view(ROLE_INPUT, f * quads + q, POINTER_INPUT,
                          (u32(p.first_row) * u32(s.in_w) + u32(p.first_col)) * channels + 4 * q, u32(p.rows),
                          u32(p.cols), u32(s.stride_w) * channels, u32(s.stride_h) * u32(s.in_w) * channels, s.in_zp));
  }
  if (s.operand == ZKVM_NN_RAM_NK) {
    for (uint32_t q = 0; q < quads; ++q) {
      Job job = view(ROLE_SECOND, q, POINTER_SECOND, 4 * q, 1, u32(s.out_c), channels, 0, s.b_zp);
      job.by_g = true;
      jobs.push_back(job);
    }
  } else if (s.operand == ZKVM_NN_RAM_KN) {
    for (uint32_t k = 0; k < channels; ++k) {
      Job job = view(ROLE_WEIGHT, k, POINTER_SECOND, k * u32(s.out_c), 1, u32(s.out_c) / 4, 4, 0, s.b_zp);
      job.by_line = true;
      jobs.push_back(job);
    }
  }
  return jobs;
}

JobMessage<F> job_message(uint32_t layer, const Job& job) {
  return {.layer = F::from(layer),
          .index = F::from(job.index),
          .offset = F::from(job.offset),
          .rows = F::from(job.rows),
          .cols = F::from(job.cols),
          .stride = F::from(job.stride),
          .jump = number(static_cast<int32_t>(job.jump)),
          .zero_point = number(job.zero_point),
          .by_g = isa::flag(job.by_g),
          .by_line = isa::flag(job.by_line)};
}

}  // namespace

std::vector<Job> jobs_of(const Layer& layer) {
  if (layer.kind == ZKVM_NN_LINEAR) return linear_jobs(layer.linear);
  return {};
}

uint32_t border_blocks(const Linear& l) { return (u32(l.shape.out_c) + BORDER_LANES - 1) / BORDER_LANES; }
uint32_t output_groups(const Linear& l) { return (u32(l.shape.out_w) + OUTPUTS - 1) / OUTPUTS; }

std::array<uint64_t, NN_CHIPS> rows_of_call(const Layer& layer) {
  std::array<uint64_t, NN_CHIPS> rows{};
  const auto of = [&](NnChip chip) -> uint64_t& { return rows[static_cast<size_t>(chip)]; };
  of(NnChip::CALL) = 1;
  if (layer.kind == ZKVM_NN_LINEAR) {
    const Linear& l = layer.linear;
    for (const Job& job : linear_jobs(l)) of(NnChip::ACTIVATIONS) += uint64_t{job.rows} * job.groups();
    of(l.by_thresholds() ? NnChip::STEPS : NnChip::OUTPUT) =
        uint64_t{u32(l.shape.out_c) / 4} * u32(l.shape.out_h) * output_groups(l);
    of(NnChip::BORDER) = l.border_positions() * border_blocks(l);
    of(NnChip::LEDGER) = l.forms() / 4 + u32(l.shape.out_c) / 4 + (l.border_positions() != 0 ? 1 : 0);
  }
  if (const uint32_t parts = part_count(layer); parts != 0) {
    of(NnChip::LEDGER) = parts;
    uint64_t& pairs = of(layer.kind == ZKVM_NN_ADD       ? NnChip::ADD
                         : layer.kind == ZKVM_NN_TABLE   ? NnChip::TABLE
                         : layer.kind == ZKVM_NN_SOFTMAX ? NnChip::SOFTMAX
                                                         : NnChip::NORM);
    for (uint32_t part = 0; part < parts; ++part) pairs += (part_size(layer, part) + 1) / 2;
    if (layer.kind == ZKVM_NN_SOFTMAX) {
      of(NnChip::SHARES) = uint64_t{parts} * most_shares(layer.softmax);
      of(NnChip::RECIPROCALS) = parts;
    }
    if (layer.kind == ZKVM_NN_LAYER_NORM) of(NnChip::ROOTS) = parts;
  }
  if (layer.kind == ZKVM_NN_POOL) {
    const Pool& p = layer.pool;
    of(NnChip::LEDGER) = p.quads();
    of(NnChip::POOL) = uint64_t{p.quads()} * p.windows() * p.window_rows();
    of(NnChip::POOL_OUTPUT) = uint64_t{p.quads()} * p.windows();
  }
  return rows;
}

std::vector<Level> levels_of(const Linear& layer, int32_t channel) {
  std::vector<Level> levels;
  for (int32_t result = -128; result < 128; ++result)
    if (const auto level = layer.level(channel, result)) levels.push_back(*level);
  return levels;
}
LevelWindows<F> level_windows(const Level& level) {
  const unsigned low = std::min(level.bits, 16u);
  return {F::from(u32(level.result) & 0xff), number(level.lowest), F::from(level.offset), F::from(low),
          F::from(level.bits - low)};
}
size_t level_row_count(const Linear& layer) {
  size_t rows = 0;
  for (int32_t o = 0; o < static_cast<int32_t>(layer.reach.size()); ++o)
    rows += (levels_of(layer, o).size() + LEVELS - 1) / LEVELS;
  return rows;
}

uint32_t part_layer_words(const Layer& layer) {
  const zkvm_nn_softmax& softmax = layer.softmax.shape;
  const zkvm_nn_layer_norm& norm = layer.norm.shape;
  switch (layer.kind) {
    case ZKVM_NN_ADD:
      return u32(layer.add.shape.count) / 4;
    case ZKVM_NN_TABLE:
      return u32(layer.table.shape.count) / 4;
    case ZKVM_NN_SOFTMAX:
      return u32(softmax.rows) * (u32(softmax.cols) / 4);
    case ZKVM_NN_LAYER_NORM:
      return u32(norm.rows) * (u32(norm.cols) / 4);
    default:
      return 0;
  }
}
uint32_t part_words(const Layer& layer) {
  return layer.kind == ZKVM_NN_SOFTMAX      ? u32(layer.softmax.shape.cols) / 4
         : layer.kind == ZKVM_NN_LAYER_NORM ? u32(layer.norm.shape.cols) / 4
                                            : PART_WORDS;
}
uint32_t part_count(const Layer& layer) {
  const uint32_t words = part_words(layer);
  return (part_layer_words(layer) + words - 1) / words;
}
uint32_t part_size(const Layer& layer, uint32_t part) {
  const uint32_t words = part_words(layer);
  return std::min(part_layer_words(layer) - part * words, words);
}

size_t weight_line_count(const Linear& l) {
  if (!l.in_rom()) return 0;
  size_t lines = 0;
  for (const Phase& p : l.phases)
    lines += u32(p.taps_h) * (l.depthwise() ? (u32(p.taps_w) + WEIGHT_LANES - 1) / WEIGHT_LANES
                                            : u32(p.taps_w) * ((u32(l.shape.out_c) + WEIGHT_LANES - 1) / WEIGHT_LANES));
  return lines * u32(l.shape.in_c);
}

void append_weight_lines(const Linear& l, std::vector<WeightLine>& lines) {
  if (!l.in_rom()) return;
  const zkvm_nn_linear& s = l.shape;
  constexpr auto LANES_OF_LINE = static_cast<int32_t>(WEIGHT_LANES);
  for (uint32_t f = 0; f < l.phases.size(); ++f) {
    const Phase& p = l.phases[f];
    for (int32_t c = 0; c < s.in_c; ++c) {
      const size_t begin = lines.size();
      // Tap v of the phase has exponent p.exponent - v.
      for (int32_t v = p.taps_h - 1; v >= 0; --v) {
        const int32_t row = p.tap_row + v * s.stride_h;
        const auto add = [&](int32_t w, int32_t channel) -> WeightLine& {
          return lines.emplace_back(WeightLine{f * u32(s.in_c) + u32(c),
                                               static_cast<uint16_t>(p.exponent_row - v),
                                               static_cast<uint16_t>(p.exponent_col - w),
                                               static_cast<uint16_t>(channel / 4),
                                               false,
                                               false,
                                               l.depthwise(),
                                               {}});
        };
        if (l.depthwise()) {
          for (int32_t w = p.taps_w - 1; w >= 0;) {
            WeightLine& line = add(w, c);
            for (int32_t lane = 0; lane < LANES_OF_LINE && w >= 0; ++lane, --w)
              line.weight[lane] = static_cast<int8_t>(l.weight(c, row, p.tap_col + w * s.stride_w, 0));
          }
          continue;
        }
        for (int32_t w = p.taps_w - 1; w >= 0; --w) {
          const int32_t col = p.tap_col + w * s.stride_w;
          for (int32_t o = 0; o < s.out_c; o += LANES_OF_LINE) {
            WeightLine& line = add(w, o);
            for (int32_t lane = 0; lane < LANES_OF_LINE && o + lane < s.out_c; ++lane)
              line.weight[lane] = static_cast<int8_t>(l.weight(o + lane, row, col, c));
          }
        }
      }
      lines[begin].first = true;
      lines.back().last = true;
    }
  }
}

namespace {

/// body(rows) with the rows of a chip's table.
template <class Body>
auto with_rows(const FixedTables& t, NnChip chip, Body&& body) {
  switch (chip) {
    case NnChip::PLAN:
      return body(t.plan.rows);
    case NnChip::JOBS:
      return body(t.jobs.rows);
    case NnChip::CHANNELS:
      return body(t.channels.rows);
    case NnChip::QUADS:
      return body(t.quads.rows);
    case NnChip::LEVELS:
      return body(t.levels.rows);
    case NnChip::PARTS:
      return body(t.parts.rows);
    case NnChip::POOLS:
      return body(t.pools.rows);
    case NnChip::PATTERNS:
      return body(t.patterns.rows);
    case NnChip::WINDOWS:
      return body(t.windows.rows);
    case NnChip::ENTRIES:
      return body(t.entries.rows);
    case NnChip::EXPONENTIALS:
      return body(t.exponentials.rows);
    case NnChip::GAINS:
      return body(t.gains.rows);
    default:
      return body(t.weights);
  }
}

}  // namespace

size_t FixedTables::size(NnChip chip) const {
  if (chip == NnChip::SIGNED) return LookupCounts::ENTRIES;
  return with_rows(*this, chip, [](const auto& rows) { return rows.size(); });
}

void FixedTables::fill(NnChip chip, size_t row, F* out) const {
  if (chip == NnChip::SIGNED) {
    *reinterpret_cast<SignedMessage<F>*>(out) = signed_message(static_cast<uint32_t>(row));
    return;
  }
  if (chip == NnChip::WEIGHTS) {
    auto& to = *reinterpret_cast<WeightsFixed<F>*>(out);
    to = {};
    // Lines of padding are forms of their own, so that the circle of rows has a beginning even without weights.
    to.first = F::one();
    if (row >= weights.size()) return;
    const WeightLine& line = weights[row];
    to.is_real = F::one();
    to.first = isa::flag(line.first);
    to.last = isa::flag(line.last);
    to.depthwise = isa::flag(line.depthwise);
    to.layer = F::from(addresses_[layer_of_line(row)]);
    to.index = F::from(line.form);
    to.i = F::from(line.i);
    to.j = F::from(line.j);
    to.k = F::from(line.k);
    for (unsigned i = 0; i < WEIGHT_LANES; ++i) to.weight[i] = number(line.weight[i]);
    return;
  }
  with_rows(*this, chip, [&](const auto& rows) {
    using Row = typename std::decay_t<decltype(rows)>::value_type;
    // Not with_rows' last kind, which is above.
    if constexpr (!std::is_same_v<Row, WeightLine>)
      *reinterpret_cast<Row*>(out) = row < rows.size() ? rows[row] : Row{};
  });
}

uint32_t FixedTables::layer_of_line(size_t line) const {
  const auto it = std::upper_bound(first_line.begin(), first_line.end(), line);
  return static_cast<uint32_t>(it - first_line.begin()) - 1;
}

FixedTables::FixedTables(const Rom& rom) {
  size_t line_count = 0;
  for (const Layer& layer : rom.layers())
    if (layer.kind == ZKVM_NN_LINEAR) line_count += weight_line_count(layer.linear);
  weights.reserve(line_count);
  for (uint32_t index = 0; index < rom.layers().size(); ++index) {
    const Layer& layer = rom.layers()[index];
    const F address = F::from(layer.address);
    const auto add = [&](auto& table, const auto& row) {
      table.rows.push_back(row);
      table.layer.push_back(index);
    };
    for (const Job& job : jobs_of(layer)) add(jobs, job_message(layer.address, job));
    std::vector<PlanMessage<F>> lines;
    first_form.push_back(static_cast<uint32_t>(form_end.size()));
    first_line.push_back(static_cast<uint32_t>(weights.size()));
    addresses_.push_back(layer.address);
    if (layer.kind == ZKVM_NN_LINEAR) {
      const Linear& l = layer.linear;
      const zkvm_nn_linear& s = l.shape;
      for (uint32_t q = 0; q < l.forms() / 4; ++q) {
        PlanMessage<F> m{};
        (s.operand == ZKVM_NN_RAM_NK ? m.form4 : s.operand == ZKVM_NN_RAM_KN ? m.form1 : m.weights) = F::one();
        m.depthwise = isa::flag(l.depthwise());
        m.index = F::from(q);
        lines.push_back(m);
      }
      for (uint32_t q = 0; q < u32(s.out_c) / 4; ++q) {
        PlanMessage<F> m{};
        m.output = F::one();
        m.index = F::from(q);
        m.i = number(l.exponent_row);
        m.j = number(l.exponent_col);
        m.k = F::from(q);
        lines.push_back(m);
      }
      if (l.border_positions() != 0) {
        PlanMessage<F> m{};
        m.border = F::one();
        m.index = address;
        lines.push_back(m);
        add(windows, WindowMessage<F>{address, number(l.exponent_row), number(l.exponent_row + s.out_h),
                                      number(l.exponent_col), number(l.exponent_col + s.out_w)});
      }
      for (uint32_t q = 0; q < u32(s.out_c) / 4; ++q) {
        const QuadMessage<F> place{address, F::from(q), number(s.out_h), number(s.out_w), number(s.out_c)};
        if (l.by_thresholds()) {
          add(quads, place);
          continue;
        }
        ChannelsMessage<F> m{};
        m.place = place;
        m.zero_point = number(s.out_zp);
        m.min = number(s.act_min);
        m.max = number(s.act_max);
        for (uint32_t c = 0; c < 4; ++c) m.channel[c] = channel_message(l.channels[4 * q + c]);
        add(channels, m);
      }
      for (int32_t o = 0; l.by_thresholds() && o < s.out_c; ++o) {
        const std::vector<Level> all = levels_of(l, o);
        for (size_t first = 0; first < all.size(); first += LEVELS) {
          LevelsFixed<F> row{address, number(o), {}};
          for (size_t i = 0; i < LEVELS; ++i) row.level[i] = level_windows(all[std::min(first + i, all.size() - 1)]);
          add(levels, row);
        }
      }
      append_weight_lines(l, weights);
    }
    if (const uint32_t count = part_count(layer); count != 0) {
      for (uint32_t part = 0; part < count; ++part) {
        PlanMessage<F> line{};
        line.done = F::one();
        line.index = F::from(part);
        lines.push_back(line);
        PartMessage<F> m{};
        m.layer = address;
        m.index = F::from(part);
        m.offset = F::from(4 * part * part_words(layer));
        m.words = F::from(part_size(layer, part));
        const auto requantised = [&](const auto& s, const Requantisation& output) {
          m.zero_point = number(s.out_zp);
          m.min = number(s.act_min);
          m.max = number(s.act_max);
          m.channel = channel_message(output);
        };
        if (layer.kind == ZKVM_NN_ADD) requantised(layer.add.shape, layer.add.output);
        if (layer.kind == ZKVM_NN_LAYER_NORM) requantised(layer.norm.shape, layer.norm.output);
        add(parts, m);
      }
      // Entries by value, -128 first.
      const auto add_entries = [&](uint32_t table, auto&& value) {
        for (int32_t x = -128; x < 128; ++x)
          add(entries, EntryMessage<F>{address, F::from(table), number(x), number(value(static_cast<uint8_t>(x)))});
      };
      if (layer.kind == ZKVM_NN_ADD) {
        add_entries(FIRST_ENTRIES, [&](uint8_t byte) { return layer.add.first[byte]; });
        add_entries(SECOND_ENTRIES, [&](uint8_t byte) { return layer.add.second[byte]; });
      }
      if (layer.kind == ZKVM_NN_TABLE)
        add_entries(TABLE_ENTRIES, [&](uint8_t byte) { return layer.table.values[byte]; });
    }
    if (layer.kind == ZKVM_NN_SOFTMAX)
      for (uint32_t d = 0; d < 256; ++d) {
        const auto e = u32(layer.softmax.exponential[d]);
        add(exponentials, ExponentialMessage<F>{address,
                                                F::from(d),
                                                {F::from(e & 0xff), F::from((e >> 8) & 0xff), F::from((e >> 16) & 0xff),
                                                 F::from(e >> 24)},
                                                F::from(layer.softmax.rounded(d))});
      }
    if (layer.kind == ZKVM_NN_LAYER_NORM) {
      const zkvm_nn_layer_norm& s = layer.norm.shape;
      const int32_t constants[NORM_CONSTANTS] = {s.cols & 0xff, s.cols >> 8, s.epsilon & 0xff, s.epsilon >> 8};
      for (int32_t i = 0; i < static_cast<int32_t>(NORM_CONSTANTS); ++i)
        add(entries, EntryMessage<F>{address, F::from(NORM_ENTRIES), number(i), number(constants[i])});
      for (uint32_t quad = 0; quad < u32(s.cols) / 4; ++quad) {
        GainMessage<F> m{address, F::from(quad), {}, {}};
        for (uint32_t l = 0; l < LANES; ++l) {
          m.gamma[l] = number(layer.norm.channels[4 * quad + l].gamma);
          m.beta[l] = number(layer.norm.channels[4 * quad + l].beta);
        }
        add(gains, m);
      }
    }
    if (layer.kind == ZKVM_NN_POOL) {
      const zkvm_nn_pool& s = layer.pool.shape;
      for (uint32_t q = 0; q < layer.pool.quads(); ++q) {
        PlanMessage<F> line{};
        line.done = F::one();
        line.index = F::from(q);
        lines.push_back(line);
      }
      const int32_t count = s.is_max != 0 ? 1 : s.kernel_h * s.kernel_w;
      const int64_t row = int64_t{s.stride_h} * s.in_w * s.channels, step = int64_t{s.stride_w} * s.channels;
      add(pools, PoolMessage<F>{.layer = address,
                                .rows = number(s.out_h),
                                .cols = number(s.out_w),
                                .windows = F::from(layer.pool.windows()),
                                .stride = number(step),
                                .jump = number(row - (s.out_w - 1) * step),
                                .is_max = isa::flag(s.is_max != 0),
                                .count = number(count),
                                .half = number(count / 2),
                                .channels = number(s.channels),
                                .min = number(s.act_min),
                                .max = number(s.act_max)});
      for (uint32_t sequence = 0; sequence < layer.pool.window_rows(); ++sequence) {
        PatternMessage<F> m{};
        m.layer = address;
        m.sequence = F::from(sequence);
        for (uint32_t i = 0; i < POOL_ROW_WORDS; ++i) {
          const uint32_t position = POOL_ROW_WORDS * sequence + i;
          if (position >= layer.pool.positions()) continue;
          m.offset[i] = F::from(layer.pool.offset(position));
          if (i != 0) m.active[i - 1] = F::one();
        }
        m.last = isa::flag(sequence + 1 == layer.pool.window_rows());
        add(patterns, m);
      }
    }
    for (size_t i = first_line.back(); i < weights.size(); ++i)
      if (weights[i].last) form_end.push_back(static_cast<uint32_t>(i));
    for (uint32_t i = 0; i < lines.size(); ++i) {
      lines[i].layer = address;
      lines[i].sequence = F::from(i);
      lines[i].last = isa::flag(i + 1 == lines.size());
      add(plan, lines[i]);
    }
  }
  first_line.push_back(static_cast<uint32_t>(weights.size()));
}

}  // namespace zkvm::precompiles::nn
