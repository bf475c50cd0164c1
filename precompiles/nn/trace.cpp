#include "precompiles/nn/trace.hpp"

#include <algorithm>
#include <map>

#include "precompiles/nn/activations/columns.hpp"
#include "precompiles/nn/add/columns.hpp"
#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/call/columns.hpp"
#include "precompiles/nn/fill.hpp"
#include "precompiles/nn/fixed/columns.hpp"
#include "precompiles/nn/ledger/columns.hpp"
#include "precompiles/nn/output_run.hpp"
#include "precompiles/nn/pool/columns.hpp"
#include "precompiles/nn/pool_output/columns.hpp"
#include "precompiles/nn/powers/columns.hpp"
#include "precompiles/nn/table/columns.hpp"

namespace zkvm::precompiles::nn {
namespace {

uint32_t lookups(const std::vector<Job>& jobs, uint32_t which) {
  return static_cast<uint32_t>(std::count_if(jobs.begin(), jobs.end(), [&](const Job& j) { return j.which == which; }));
}

F reduced(int64_t montgomery) {
  const int64_t r = montgomery % static_cast<int64_t>(F::P);
  return F::from_raw(static_cast<uint32_t>(r < 0 ? r + static_cast<int64_t>(F::P) : r));
}
/// sum of basis[i] * coefficient(i), i < n, for coefficients whose sum of sizes is below 2^32.
template <class Coefficient>
E combination(const E* basis, unsigned n, Coefficient&& coefficient) {
  int64_t sum[E::DEGREE] = {};
  for (unsigned i = 0; i < n; ++i) {
    const int64_t k = coefficient(i);
    for (unsigned d = 0; d < E::DEGREE; ++d) sum[d] += k * int64_t{basis[i].c[d].v};
  }
  E r;
  for (unsigned d = 0; d < E::DEGREE; ++d) r.c[d] = reduced(sum[d]);
  return r;
}
std::vector<E> powers_of(const E& x, size_t n) {
  std::vector<E> p{E::one()};
  while (p.size() < n) p.push_back(p.back() * x);
  return p;
}
void put(F* row, unsigned form, const E& value) { std::copy_n(value.c, E::DEGREE, row + form * E::DEGREE); }

}  // namespace

void WeightForms::compute(const FixedTables& fixed, std::span<const E> with) {
  if (std::equal(challenges.begin(), challenges.end(), with.begin(), with.end())) return;
  challenges.assign(with.begin(), with.end());
  const std::vector<WeightLine>& lines = fixed.weights;
  sum.resize(lines.size());
  power.resize(lines.size());
  uint16_t top[3] = {};
  for (const WeightLine& line : lines) {
    top[0] = std::max(top[0], line.i);
    top[1] = std::max(top[1], line.j);
    top[2] = std::max(top[2], line.k);
  }
  const auto b = powers_of(with[CHALLENGE_B], WEIGHT_LANES), g = powers_of(with[CHALLENGE_G], WEIGHT_LANES);
  const auto pa = powers_of(with[CHALLENGE_A], top[0] + 1u), pb = powers_of(b[1], top[1] + 1u),
             pg = powers_of(g[LANES], top[2] + 1u);
#pragma omp parallel for schedule(static)
  for (size_t row = 0; row < lines.size(); ++row) {
    const WeightLine& line = lines[row];
    power[row] = pa[line.i] * pb[line.j] * pg[line.k];
    sum[row] = power[row] * combination(line.depthwise ? b.data() : g.data(), WEIGHT_LANES,
                                        [&](unsigned l) { return int64_t{line.weight[l]}; });
  }
  for (size_t row = 1; row < lines.size(); ++row)
    if (!lines[row].first) sum[row] += sum[row - 1];
}

size_t NnRows::Runs::find(size_t row) const {
  const auto it =
      std::upper_bound(runs.begin(), runs.end(), row, [](size_t r, const Run& run) { return r < run.first; });
  return static_cast<size_t>(it - runs.begin()) - 1;
}

NnRows::NnRows(const Rom& rom, const FixedTables& fixed, const NnTrace& trace, bool with_fixed)
    : rom_(rom), fixed_(fixed), trace_(trace), with_fixed_(with_fixed) {
  jobs_.resize(rom.layers().size());
  const auto firsts = [&](const auto& table) {
    std::vector<size_t> first(rom.layers().size() + 1, 0);
    for (uint32_t layer : table.layer) ++first[layer + 1];
    for (size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
    return first;
  };
  first_plan_ = firsts(fixed.plan);
  first_job_ = firsts(fixed.jobs);
  first_channels_ = firsts(fixed.channels);
  first_quad_ = firsts(fixed.quads);
  first_part_ = firsts(fixed.parts);
  first_pool_ = firsts(fixed.pools);
  first_pattern_ = firsts(fixed.patterns);
  for (uint32_t c = 0; c < trace.linear.size(); ++c) {
    const uint32_t index = trace.linear[c].layer;
    const Linear& l = linear(c);
    if (jobs_[index].empty()) jobs_[index] = jobs_of(rom.layers()[index]);
    for (uint32_t j = 0; j < jobs_[index].size(); ++j)
      activations_.add(c, j, size_t{jobs_[index][j].rows} * jobs_[index][j].groups());
    for (uint32_t q = 0; q < u32(l.shape.out_c) / 4; ++q)
      (l.by_thresholds() ? steps_ : output_).add(c, q, size_t{u32(l.shape.out_h)} * output_groups(l));
    if (!trace.linear[c].border_i.empty()) border_.add(c, 0, trace.linear[c].border_i.size() * border_blocks(l));
  }
  for (uint32_t c = 0; c < trace.parts.size(); ++c) {
    const Layer& layer = rom.layers()[trace.parts[c].layer];
    if (layer.kind == ZKVM_NN_POOL) {
      for (uint32_t q = 0; q < layer.pool.quads(); ++q) {
        pool_.add(c, q, size_t{layer.pool.windows()} * layer.pool.window_rows());
        pool_output_.add(c, q, layer.pool.windows());
      }
      continue;
    }
    Runs& runs = layer.kind == ZKVM_NN_ADD       ? add_
                 : layer.kind == ZKVM_NN_TABLE   ? table_
                 : layer.kind == ZKVM_NN_SOFTMAX ? softmax_
                                                 : norm_;
    for (uint32_t part = 0; part < part_count(layer); ++part)
      runs.add(c, part, (part_size(layer, part) + 1) / PART_ROW_WORDS);
    if (layer.kind == ZKVM_NN_SOFTMAX || layer.kind == ZKVM_NN_LAYER_NORM) add_row_statements(c);
  }
  for (uint32_t c = 0; c < trace.order.size(); ++c) {
    const uint32_t index = trace.layer(trace.order[c]);
    ledger_.add(c, 0, first_plan_[index + 1] - first_plan_[index]);
  }
  make_powers(with_fixed);
}

void NnRows::make_powers(bool with_fixed) {
  // How often each (i, j, k) is looked up.
  std::map<std::pair<uint32_t, uint32_t>, std::map<uint32_t, uint32_t>> uses;
  const auto use = [&](uint32_t i, uint32_t j, uint32_t k, uint32_t n) { uses[{i, j}][k] += n; };
  for (uint32_t c = 0; c < trace_.linear.size(); ++c) {
    const Linear& l = linear(c);
    for (uint32_t q = 0; q < u32(l.shape.out_c) / 4; ++q) use(u32(l.exponent_row), u32(l.exponent_col), q, 1);
    const LinearCall& call = trace_.linear[c];
    if (!call.border_i.empty()) use(0, 0, 0, 1);
    const uint32_t blocks = border_blocks(l);
    for (size_t p = 0; p < call.border_i.size(); ++p) {
      use(call.border_i[p], 0, 0, blocks);
      use(0, call.border_j[p], 0, blocks);
      for (uint32_t k = 0; k < blocks; ++k) use(0, 0, k * BORDER_LANES / LANES, 1);
    }
  }
  if (with_fixed)
    for (const WeightLine& line : fixed_.weights) use(line.i, line.j, line.k, 1);
  if (uses.empty()) return;
  // The walk: every i up to the last, every j of it up to its last, every k of that up to its last.
  const uint32_t last_i = uses.rbegin()->first.first;
  for (uint32_t i = 0; i <= last_i; ++i) {
    uint32_t last_j = 0;
    for (auto it = uses.lower_bound({i, 0}); it != uses.end() && it->first.first == i; ++it) last_j = it->first.second;
    for (uint32_t j = 0; j <= last_j; ++j) {
      const auto found = uses.find({i, j});
      const uint32_t last_k = found == uses.end() ? 0 : found->second.rbegin()->first;
      for (uint32_t k = 0; k <= last_k; ++k) {
        uint32_t n = 0;
        if (found != uses.end())
          if (const auto u = found->second.find(k); u != found->second.end()) n = u->second;
        powers_.push_back({i, j, k, n});
      }
    }
  }
}

size_t NnRows::rows(NnChip chip) const {
  switch (chip) {
    case NnChip::CALL:
      return trace_.order.size();
    case NnChip::LEDGER:
      return ledger_.rows;
    case NnChip::ACTIVATIONS:
      return activations_.rows;
    case NnChip::OUTPUT:
      return output_.rows;
    case NnChip::STEPS:
      return steps_.rows;
    case NnChip::BORDER:
      return border_.rows;
    case NnChip::POWERS:
      return powers_.size();
    case NnChip::ADD:
      return add_.rows;
    case NnChip::TABLE:
      return table_.rows;
    case NnChip::POOL:
      return pool_.rows;
    case NnChip::POOL_OUTPUT:
      return pool_output_.rows;
    case NnChip::SOFTMAX:
      return softmax_.rows;
    case NnChip::SHARES:
      return shares_.size();
    case NnChip::RECIPROCALS:
      return reciprocals_.size();
    case NnChip::NORM:
      return norm_.rows;
    case NnChip::ROOTS:
      return roots_.size();
    case NnChip::SIGNED:
      return trace_.order.empty() ? 0 : LookupCounts::ENTRIES;
    default:
      return with_fixed_ ? fixed_.size(chip) : 0;
  }
}

NnRows::Uses NnRows::pointer_uses(uint32_t index) const {
  const Layer& layer = rom_.layers()[index];
  if (const uint32_t parts = part_count(layer); parts != 0)
    return {parts, layer.kind == ZKVM_NN_ADD ? parts : 0, parts};
  if (layer.kind == ZKVM_NN_POOL) return {layer.pool.quads(), 0, layer.pool.quads()};
  const std::vector<Job>& jobs = jobs_[index];
  return {lookups(jobs, POINTER_INPUT), lookups(jobs, POINTER_SECOND), u32(layer.linear.shape.out_c) / 4};
}

std::vector<size_t> NnRows::cuts(NnChip chip) const {
  const Runs* runs = chip == NnChip::LEDGER        ? &ledger_
                     : chip == NnChip::ACTIVATIONS ? &activations_
                     : chip == NnChip::OUTPUT      ? &output_
                     : chip == NnChip::STEPS       ? &steps_
                     : chip == NnChip::BORDER      ? &border_
                     : chip == NnChip::ADD         ? &add_
                     : chip == NnChip::TABLE       ? &table_
                     : chip == NnChip::POOL        ? &pool_
                     : chip == NnChip::POOL_OUTPUT ? &pool_output_
                     : chip == NnChip::SOFTMAX     ? &softmax_
                     : chip == NnChip::NORM        ? &norm_
                                                   : nullptr;
  std::vector<size_t> cuts;
  if (runs != nullptr)
    for (const Run& run : runs->runs) cuts.push_back(run.first);
  if (chip == NnChip::POWERS) cuts.push_back(0);
  return cuts;
}

void NnRows::fill_padding(NnChip chip, std::span<F> row) {
  std::fill(row.begin(), row.end(), F::zero());
  if (chip == NnChip::POWERS) reinterpret_cast<PowersColumns<F>*>(row.data())->start = F::one();
}
void NnRows::fill_form_padding(NnChip chip, std::span<F> row) {
  std::fill(row.begin(), row.end(), F::zero());
  if (chip != NnChip::POWERS) return;
  for (unsigned f = 0; f < POWERS_FORMS; ++f) put(row.data(), f, E::one());
}

void NnRows::fill_activations(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const LinearCall& call = trace_.linear[run.call];
  const Job& job = jobs_[call.layer][run.item];
  const TensorTrace& tensor = job.which == POINTER_INPUT ? call.input : call.second;
  const uint32_t base = call.call.a[job.which], groups = job.groups();
  const JobMessage<F>& message = fixed_.jobs.rows[first_job_[call.layer] + run.item];
  for (size_t row = begin; row < end; ++row) {
    const auto place = static_cast<uint32_t>(row - run.first);
    const uint32_t r = place / groups, group = place % groups;
    const uint32_t row_stride = (groups - 1) * 8 * job.stride + job.jump;
    const uint32_t offset = job.offset + r * row_stride + group * 8 * job.stride;
    const uint32_t address = base + offset, left = job.cols - 8 * group;
    auto& c = at<ActivationsColumns>(out, row);
    const bool is_end = group + 1 == groups, is_last = is_end && r + 1 == job.rows;
    c.is_real = F::one();
    c.first = isa::flag(place == 0);
    c.end = isa::flag(is_end);
    c.last = isa::flag(is_last);
    c.call = F::from(call.call.clk);
    c.job = message;
    c.job.rows = F::from(job.rows - r);
    c.cols_left = F::from(left);
    c.emits_one = isa::flag(is_last && job.by_line);
    c.read_only = isa::flag(tensor.read_only);
    c.address = F::from(address);
    c.segment = fill_segment(f, address);
    for (uint32_t i = 0; i < POSITIONS; ++i) {
      const bool active = i < left;
      const uint32_t word_address = address + i * job.stride;
      if (i != 0) {
        c.active[i - 1] = isa::flag(active);
        c.carry[i - 1] = isa::flag(active && (word_address >> 16) != (address >> 16));
      }
      SignedWord<F>& w = c.word[i];
      if (!active) {
        w = {F::zero(), {F::zero(), F::zero()}, {}};
        for (F& x : w.x) x = message.zero_point;
        continue;
      }
      const size_t index = (offset + i * job.stride) / 4;
      const uint32_t value = tensor.value[index];
      w.prev = f.prev(call.call.clk + READ_CLOCK, tensor.prev[index]);
      w.value = isa::word(value);
      f.count_signed(value & 0xffff);
      f.count_signed(value >> 16);
      for (unsigned l = 0; l < LANES; ++l) w.x[l] = F::from_i64(signed_byte(value, l));
    }
  }
}

void NnRows::fill_add(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Add& add = rom_.layers()[call.layer].add;
  const uint32_t first = run.item * PART_WORDS;
  const uint32_t size = part_size(rom_.layers()[call.layer], run.item);
  for (size_t row = begin; row < end; ++row) {
    const auto place = static_cast<uint32_t>(row - run.first);
    const uint32_t index = first + PART_ROW_WORDS * place, left = size - PART_ROW_WORDS * place;
    auto& c = at<AddColumns>(out, row);
    fill_part_run(c.run, call.call, fixed_.parts.rows[first_part_[call.layer] + run.item], place, left);
    c.x = part_source(f, call.call.a[1] + 4 * index, call.input.read_only, left > 1);
    c.y = part_source(f, call.call.a[2] + 4 * index, call.second.read_only, left > 1);
    c.z = part_tensor(f, call.call.a[3] + 4 * index, left > 1);
    for (uint32_t i = 0; i < PART_ROW_WORDS; ++i) {
      AddWord<F>& w = c.word[i];
      w = {};
      const bool active = i < left;
      uint32_t value = 0;
      for (unsigned l = 0; l < LANES; ++l) {
        int64_t sum = 0;
        if (active) {
          const int32_t v = add.first[(call.input.value[index + i] >> (8 * l)) & 0xff];
          w.first[l] = F::from_i64(v);
          sum = int64_t{v} + add.second[(call.second.value[index + i] >> (8 * l)) & 0xff];
        }
        const zkvm_nn_add& s = add.shape;
        w.channel[l] = fill_requantised(f, active, add.output, sum, s.out_zp, s.act_min, s.act_max);
        value |= (u32(clamp(requantise(add.output, sum), s.out_zp, s.act_min, s.act_max)) & 0xff) << (8 * l);
      }
      if (!active) continue;
      w.x = signed_word(f, call.call.clk + READ_CLOCK, call.input.value[index + i], call.input.prev[index + i]);
      w.y = signed_word(f, call.call.clk + READ_CLOCK, call.second.value[index + i], call.second.prev[index + i]);
      w.z = written_word(f, call.call.clk + WRITE_CLOCK, call.output.value[index + i], value,
                         call.output.prev[index + i]);
    }
  }
}

void NnRows::fill_table(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Table& table = rom_.layers()[call.layer].table;
  const uint32_t first = run.item * PART_WORDS;
  const uint32_t size = part_size(rom_.layers()[call.layer], run.item);
  for (size_t row = begin; row < end; ++row) {
    const auto place = static_cast<uint32_t>(row - run.first);
    const uint32_t index = first + PART_ROW_WORDS * place, left = size - PART_ROW_WORDS * place;
    auto& c = at<TableColumns>(out, row);
    fill_part_run(c.run, call.call, fixed_.parts.rows[first_part_[call.layer] + run.item], place, left);
    c.x = part_source(f, call.call.a[1] + 4 * index, call.input.read_only, left > 1);
    c.z = part_tensor(f, call.call.a[3] + 4 * index, left > 1);
    for (uint32_t i = 0; i < PART_ROW_WORDS; ++i) {
      TableWord<F>& w = c.word[i];
      w = {};
      if (i >= left) continue;
      uint32_t value = 0;
      for (unsigned l = 0; l < LANES; ++l) {
        const int32_t y = table.values[(call.input.value[index + i] >> (8 * l)) & 0xff];
        w.y[l] = F::from_i64(y);
        value |= (u32(y) & 0xff) << (8 * l);
      }
      w.x = signed_word(f, call.call.clk + READ_CLOCK, call.input.value[index + i], call.input.prev[index + i]);
      w.z = written_word(f, call.call.clk + WRITE_CLOCK, call.output.value[index + i], value,
                         call.output.prev[index + i]);
    }
  }
}

void NnRows::fill_pool(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Pool& pool = rom_.layers()[call.layer].pool;
  const uint32_t rows = pool.window_rows(), cols = u32(pool.shape.out_w), windows = pool.windows();
  const bool is_max = pool.shape.is_max != 0;
  for (size_t row = begin; row < end; ++row) {
    const auto place = static_cast<uint32_t>(row - run.first);
    const uint32_t window = place / rows, sequence = place % rows;
    const uint32_t first = pool.window(window) + 4 * run.item, address = call.call.a[1] + first;
    const bool closes = sequence + 1 == rows, last = closes && window + 1 == windows;
    auto& c = at<PoolColumns>(out, row);
    c.is_real = F::one();
    c.first = isa::flag(place == 0);
    c.last = isa::flag(last);
    c.opens = isa::flag(sequence == 0);
    c.wraps = isa::flag(closes && !last && (window + 1) % cols == 0);
    c.call = F::from(call.call.clk);
    c.pool = fixed_.pools.rows[first_pool_[call.layer]];
    c.pattern = fixed_.patterns.rows[first_pattern_[call.layer] + sequence];
    c.read_only = isa::flag(call.input.read_only);
    c.quad = F::from(run.item);
    c.window = F::from(window);
    c.rows_left = F::from(u32(pool.shape.out_h) - window / cols);
    c.cols_left = F::from(cols - window % cols);
    c.address = F::from(address);
    c.segment = fill_segment(f, address);
    // Up to the row before: the same again, since rows may be filled by different threads.
    const auto value = [&](uint32_t position, unsigned lane) {
      return signed_byte(call.input.value[(first + pool.offset(position)) / 4], lane);
    };
    int32_t so_far[LANES] = {};
    for (uint32_t position = 0; position < POOL_ROW_WORDS * sequence; ++position)
      for (unsigned l = 0; l < LANES; ++l)
        so_far[l] = position == 0 ? value(0, l)
                    : is_max      ? std::max(so_far[l], value(position, l))
                                  : so_far[l] + value(position, l);
    for (unsigned l = 0; l < LANES; ++l) c.before[l] = F::from_i64(so_far[l]);
    for (uint32_t i = 0; i < POOL_ROW_WORDS; ++i) {
      const uint32_t position = POOL_ROW_WORDS * sequence + i;
      const bool active = position < pool.positions(), compared = is_max && active && position != 0;
      PoolWord<F>& w = c.word[i];
      w = {};
      w.compared = isa::flag(compared);
      if (active) {
        const uint32_t index = (first + pool.offset(position)) / 4, word_address = call.call.a[1] + 4 * index;
        w.carry = isa::flag((word_address >> 16) != (address >> 16));
        w.word = signed_word(f, call.call.clk + READ_CLOCK, call.input.value[index], call.input.prev[index]);
        uint32_t greater[LANES];
        for (unsigned l = 0; l < LANES; ++l) {
          const int32_t x = value(position, l), before = so_far[l];
          so_far[l] = position == 0 ? x : is_max ? std::max(before, x) : before + x;
          greater[l] = u32(2 * so_far[l] - before - x);
        }
        if (compared) {
          f.count_bytes(greater[0], greater[1]);
          f.count_bytes(greater[2], greater[3]);
        }
      }
      for (unsigned l = 0; l < LANES; ++l) w.so_far[l] = F::from_i64(so_far[l]);
    }
  }
}

void NnRows::fill_pool_output(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Pool& pool = rom_.layers()[call.layer].pool;
  const zkvm_nn_pool& s = pool.shape;
  const int32_t count = s.is_max != 0 ? 1 : static_cast<int32_t>(pool.positions());
  for (size_t row = begin; row < end; ++row) {
    const auto window = static_cast<uint32_t>(row - run.first);
    const uint32_t index = window * pool.quads() + run.item, address = call.call.a[3] + 4 * index;
    auto& c = at<PoolOutputColumns>(out, row);
    c.is_real = F::one();
    c.first = isa::flag(window == 0);
    c.last = isa::flag(window + 1 == pool.windows());
    c.call = F::from(call.call.clk);
    c.pool = fixed_.pools.rows[first_pool_[call.layer]];
    c.quad = F::from(run.item);
    c.window = F::from(window);
    c.address = F::from(address);
    c.segment = fill_segment(f, address);
    uint32_t word = 0;
    for (unsigned l = 0; l < LANES; ++l) {
      const int32_t value = call.pooled[4 * size_t{index} + l], y = pool_output(pool, value);
      const int32_t size = std::abs(value), quotient = (size + count / 2) / count, rest = (size + count / 2) % count;
      const int32_t rounded = value < 0 ? -quotient : quotient;
      const int32_t saturated = rounded > y ? 1 : rounded < y ? -1 : 0, beyond = std::abs(rounded - y);
      f.count_bits(6, u32(size) >> 16);
      f.count_bits(14, u32(rest));
      f.count_bits(14, u32(count - 1 - rest));
      f.count_bytes(u32(beyond), u32(quotient));
      f.count_bytes(u32(y - s.act_min), u32(s.act_max - y));
      c.channel[l] = {.value = F::from_i64(value),
                      .negative = isa::flag(value < 0),
                      .size = F::from_i64(size),
                      .low = f.range16(u32(size) & 0xffff),
                      .quotient = F::from_i64(quotient),
                      .rest = F::from_i64(rest),
                      .rounded = F::from_i64(rounded),
                      .saturated = F::from_i64(saturated),
                      .beyond = F::from_i64(beyond),
                      .y = F::from_i64(y)};
      word |= (u32(y) & 0xff) << (8 * l);
    }
    c.word = written_word(f, call.call.clk + WRITE_CLOCK, call.output.value[index], word, call.output.prev[index]);
  }
}

void NnRows::fill_main(NnChip chip, const isa::ProgramTable& program, size_t begin, size_t end, RowWriter out,
                       LookupCounts& counts) const {
  isa::Filler f(program, counts);
  const auto each_run = [&](const Runs& runs, auto&& body) {
    for (size_t row = begin; row < end;) {
      const size_t k = runs.find(row);
      const size_t run_end = k + 1 < runs.runs.size() ? runs.runs[k + 1].first : runs.rows;
      const size_t stop = std::min(end, run_end);
      body(runs.runs[k], row, stop);
      row = stop;
    }
  };
  const auto fill_uses = [&](auto&& uses) {
    for (size_t row = begin; row < end; ++row) at<UsesColumns>(out, row).uses = F::from(uses(row));
  };
  // Rows of one quad that the layer's calls have made.
  const auto output_rows = [&](uint32_t layer) {
    const Linear& l = rom_.layers()[layer].linear;
    return calls(layer) * u32(l.shape.out_h) * output_groups(l);
  };
  switch (chip) {
    case NnChip::CALL:
      for (size_t row = begin; row < end; ++row) {
        const CallEvent& event = trace_.event(trace_.order[row]);
        const Uses uses = pointer_uses(trace_.layer(trace_.order[row]));
        at<NnCallColumns>(out, row) = {.is_real = F::one(),
                                       .call = fill_call(f, event),
                                       .layer = fill_pointer(f, event, 0, ROM_LIMIT),
                                       .input = fill_pointer(f, event, 1),
                                       .second = fill_pointer(f, event, 2),
                                       .output = fill_pointer(f, event, 3),
                                       .input_read_only = isa::flag(trace_.input(trace_.order[row]).read_only),
                                       .second_read_only = isa::flag(trace_.second(trace_.order[row]).read_only),
                                       .input_uses = F::from(uses.input),
                                       .second_uses = F::from(uses.second),
                                       .output_uses = F::from(uses.output)};
      }
      break;
    case NnChip::LEDGER:
      each_run(ledger_, [&](const Run& run, size_t from, size_t to) {
        const CallIndex& call = trace_.order[run.call];
        for (size_t row = from; row < to; ++row) {
          const auto& plan = fixed_.plan.rows[first_plan_[trace_.layer(call)] + (row - run.first)];
          const F clk = F::from(trace_.event(call).clk);
          at<LedgerColumns>(out, row) = {.is_real = F::one(),
                                         .first = isa::flag(row == run.first),
                                         .call = clk,
                                         .plan = plan,
                                         .owner = plan.weights * plan.layer + plan.form1 * clk};
        }
      });
      break;
    case NnChip::ACTIVATIONS:
      each_run(activations_, [&](const Run& run, size_t from, size_t to) { fill_activations(run, from, to, out, f); });
      break;
    case NnChip::OUTPUT:
      each_run(output_, [&](const Run& run, size_t from, size_t to) { fill_output(run, from, to, out, f); });
      break;
    case NnChip::STEPS:
      each_run(steps_, [&](const Run& run, size_t from, size_t to) { fill_steps(run, from, to, out, f); });
      break;
    case NnChip::BORDER:
      each_run(border_, [&](const Run& run, size_t from, size_t to) {
        const LinearCall& call = trace_.linear[run.call];
        const Linear& l = linear(run.call);
        const uint32_t blocks = border_blocks(l), channels = u32(l.shape.out_c);
        const uint32_t i_begin = u32(l.exponent_row), i_end = i_begin + u32(l.shape.out_h);
        const uint32_t j_begin = u32(l.exponent_col), j_end = j_begin + u32(l.shape.out_w);
        const WindowMessage<F> window{F::from(rom_.layers()[call.layer].address), F::from(i_begin), F::from(i_end),
                                      F::from(j_begin), F::from(j_end)};
        for (size_t row = from; row < to; ++row) {
          const size_t position = (row - run.first) / blocks;
          const auto block = static_cast<uint32_t>((row - run.first) % blocks);
          const uint32_t i = call.border_i[position], j = call.border_j[position];
          const bool above = i < i_begin, below = i >= i_end, inside = !above && !below;
          const bool left = inside && j < j_begin, right = inside && j >= j_end;
          const uint32_t distance = above ? i_begin - 1 - i : below ? i - i_end : left ? j_begin - 1 - j : j - j_end;
          auto& c = at<BorderColumns>(out, row);
          c = {.is_real = F::one(),
               .first = isa::flag(row == run.first),
               .last = isa::flag(row + 1 == run.first + call.border_i.size() * blocks),
               .call = F::from(call.call.clk),
               .window = window,
               .i = F::from(i),
               .j = F::from(j),
               .k = F::from(block * BORDER_LANES / LANES),
               .above = isa::flag(above),
               .below = isa::flag(below),
               .left = isa::flag(left),
               .right = isa::flag(right),
               .distance = f.range16(distance),
               .value = {}};
          for (uint32_t lane = 0; lane < BORDER_LANES; ++lane) {
            const uint32_t o = block * BORDER_LANES + lane;
            if (o < channels) c.value[lane] = F::from_i64(call.border[position * channels + o]);
          }
        }
      });
      break;
    case NnChip::ADD:
      each_run(add_, [&](const Run& run, size_t from, size_t to) { fill_add(run, from, to, out, f); });
      break;
    case NnChip::TABLE:
      each_run(table_, [&](const Run& run, size_t from, size_t to) { fill_table(run, from, to, out, f); });
      break;
    case NnChip::POOL:
      each_run(pool_, [&](const Run& run, size_t from, size_t to) { fill_pool(run, from, to, out, f); });
      break;
    case NnChip::POOL_OUTPUT:
      each_run(pool_output_, [&](const Run& run, size_t from, size_t to) { fill_pool_output(run, from, to, out, f); });
      break;
    case NnChip::SOFTMAX:
      each_run(softmax_, [&](const Run& run, size_t from, size_t to) { fill_softmax(run, from, to, out, f); });
      break;
    case NnChip::SHARES:
      fill_shares(begin, end, out, f);
      break;
    case NnChip::RECIPROCALS:
      fill_reciprocals(begin, end, out, f);
      break;
    case NnChip::NORM:
      each_run(norm_, [&](const Run& run, size_t from, size_t to) { fill_norm(run, from, to, out, f); });
      break;
    case NnChip::ROOTS:
      fill_roots(begin, end, out, f);
      break;
    case NnChip::POWERS:
      for (size_t row = begin; row < end; ++row) {
        const PowerRow& p = powers_[row];
        at<PowersColumns>(out, row) = {.start = isa::flag(row == 0),
                                       .step_i = isa::flag(row != 0 && p.j == 0 && p.k == 0),
                                       .step_j = isa::flag(p.j != 0 && p.k == 0),
                                       .step_k = isa::flag(p.k != 0),
                                       .i = F::from(p.i),
                                       .j = F::from(p.j),
                                       .k = F::from(p.k),
                                       .uses = F::from(p.uses)};
      }
      break;
    case NnChip::SIGNED:
      fill_uses([&](size_t row) { return counts.signed_pairs[row]; });
      break;
    case NnChip::PLAN:
      fill_uses([&](size_t row) { return calls(fixed_.plan.layer[row]); });
      break;
    case NnChip::JOBS:
      fill_uses([&](size_t row) { return calls(fixed_.jobs.layer[row]); });
      break;
    case NnChip::CHANNELS:
      fill_uses([&](size_t row) { return output_rows(fixed_.channels.layer[row]); });
      break;
    case NnChip::QUADS:
      fill_uses([&](size_t row) { return output_rows(fixed_.quads.layer[row]); });
      break;
    case NnChip::LEVELS:
      fill_levels(begin, end, out);
      break;
    case NnChip::WINDOWS:
      fill_uses([&](size_t row) {
        const uint32_t layer = fixed_.windows.layer[row];
        const Linear& l = rom_.layers()[layer].linear;
        return calls(layer) * static_cast<uint32_t>(l.border_positions()) * border_blocks(l);
      });
      break;
    case NnChip::PARTS:
      fill_uses([&](size_t row) { return calls(fixed_.parts.layer[row]); });
      break;
    case NnChip::POOLS:
      fill_uses([&](size_t row) {
        const uint32_t layer = fixed_.pools.layer[row];
        const Pool& p = rom_.layers()[layer].pool;
        return calls(layer) * p.quads() * p.windows() * (p.window_rows() + 1);
      });
      break;
    case NnChip::PATTERNS:
      fill_uses([&](size_t row) {
        const uint32_t layer = fixed_.patterns.layer[row];
        const Pool& p = rom_.layers()[layer].pool;
        return calls(layer) * p.quads() * p.windows();
      });
      break;
    case NnChip::ENTRIES:
      fill_uses([&](size_t row) {
        // Entries of a layer are neighbours, in the order in which the executor counts them.
        const uint32_t layer = fixed_.entries.layer[row];
        const auto first = std::lower_bound(fixed_.entries.layer.begin(), fixed_.entries.layer.end(), layer);
        return calls(layer) == 0
                   ? 0u
                   : trace_.entries[layer][row - static_cast<size_t>(first - fixed_.entries.layer.begin())];
      });
      break;
    case NnChip::EXPONENTIALS:
      fill_uses([&](size_t row) {
        const uint32_t layer = fixed_.exponentials.layer[row];
        return calls(layer) == 0 ? 0u : trace_.entries[layer][fixed_.exponentials.rows[row].d.value()];
      });
      break;
    case NnChip::GAINS:
      fill_uses([&](size_t row) {
        const uint32_t layer = fixed_.gains.layer[row];
        return calls(layer) * part_count(rom_.layers()[layer]);
      });
      break;
    case NnChip::WEIGHTS:
      fill_uses([&](size_t row) { return fixed_.weights[row].last ? calls(fixed_.layer_of_line(row)) : 0u; });
      break;
    case NnChip::COUNT:
      break;
  }
}

struct NnRows::CallForms {
  std::vector<E> input, second, output;
  E border = E::zero();
};

void NnRows::fill_forms(std::span<const E> challenges, const WeightForms& weights, const FormTarget& target) const {
  const E a = challenges[CHALLENGE_A];
  const auto b = powers_of(challenges[CHALLENGE_B], POSITIONS + 1);
  const auto g = powers_of(challenges[CHALLENGE_G], BORDER_LANES + 1);
  const E g4 = g[LANES];

  std::vector<CallForms> forms(trace_.linear.size());
  for (uint32_t c = 0; c < forms.size(); ++c) {
    const zkvm_nn_linear& s = linear(c).shape;
    forms[c].input.resize(linear(c).forms());
    if (!linear(c).in_rom()) forms[c].second.resize(static_cast<size_t>(s.in_c));
    forms[c].output.resize(static_cast<size_t>(s.out_c) / 4);
  }

#pragma omp parallel for schedule(dynamic, 8)
  for (size_t k = 0; k < activations_.runs.size(); ++k) {
    const Run& run = activations_.runs[k];
    const LinearCall& call = trace_.linear[run.call];
    const Job& job = jobs_[call.layer][run.item];
    const TensorTrace& tensor = job.which == POINTER_INPUT ? call.input : call.second;
    const E step = job.by_line ? g[BORDER_LANES] : job.by_g ? g[POSITIONS] : b[POSITIONS];
    E sum[LANES] = {}, row_power = E::one();
    size_t row = run.first;
    uint32_t offset = job.offset;
    for (uint32_t r = 0; r < job.rows; ++r) {
      E power = row_power;
      for (uint32_t group = 0; group < job.groups(); ++group, ++row) {
        const uint32_t count = std::min(job.cols - 8 * group, 8u);
        const auto value = [&](unsigned i, unsigned lane) -> int64_t {
          return signed_byte(tensor.value[(offset + (8 * group + i) * job.stride) / 4], lane) - job.zero_point;
        };
        if (job.by_line) {
          sum[0] +=
              power * combination(g.data(), LANES * count, [&](unsigned i) { return value(i / LANES, i % LANES); });
        } else {
          for (unsigned l = 0; l < LANES; ++l)
            sum[l] +=
                power * combination(job.by_g ? g.data() : b.data(), count, [&](unsigned i) { return value(i, l); });
        }
        F* out = target(NnChip::ACTIVATIONS, row);
        for (unsigned l = 0; l < LANES; ++l) put(out, l, sum[l]);
        put(out, LANES, power);
        put(out, LANES + 1, row_power);
        power *= step;
      }
      row_power *= a;
      offset += (job.groups() - 1) * 8 * job.stride + job.jump;
    }
    CallForms& f = forms[run.call];
    if (job.by_line) {
      f.second[job.index] = sum[0];
    } else {
      std::vector<E>& to = job.role == ROLE_INPUT ? f.input : f.second;
      std::copy_n(sum, LANES, to.begin() + std::ptrdiff_t{LANES} * job.index);
    }
  }

  const auto output_forms = [&](NnChip chip, const Run& run) {
    const LinearCall& call = trace_.linear[run.call];
    const zkvm_nn_linear& s = linear(run.call).shape;
    E sum = E::zero(), row_power = E::one();
    size_t row = run.first;
    for (uint32_t i = 0; i < u32(s.out_h); ++i) {
      E power = row_power;
      for (uint32_t j = 0; j < u32(s.out_w); j += OUTPUTS, ++row) {
        E added = E::zero();
        for (uint32_t o = 0; o < OUTPUTS && j + o < u32(s.out_w); ++o) {
          const int32_t* acc = call.outputs.data() + (size_t{i} * u32(s.out_w) + j + o) * u32(s.out_c) + 4 * run.item;
          added += b[o] * combination(g.data(), LANES, [&](unsigned l) { return int64_t{acc[l]}; });
        }
        sum += power * added;
        F* out = target(chip, row);
        put(out, 0, sum);
        put(out, 1, power);
        put(out, 2, row_power);
        power *= b[OUTPUTS];
      }
      row_power *= a;
    }
    forms[run.call].output[run.item] = sum;
  };
#pragma omp parallel for schedule(dynamic, 4)
  for (size_t k = 0; k < output_.runs.size(); ++k) output_forms(NnChip::OUTPUT, output_.runs[k]);
#pragma omp parallel for schedule(dynamic, 4)
  for (size_t k = 0; k < steps_.runs.size(); ++k) output_forms(NnChip::STEPS, steps_.runs[k]);

#pragma omp parallel for schedule(dynamic, 1)
  for (size_t k = 0; k < border_.runs.size(); ++k) {
    const Run& run = border_.runs[k];
    const LinearCall& call = trace_.linear[run.call];
    const Linear& l = linear(run.call);
    const uint32_t blocks = border_blocks(l), channels = u32(l.shape.out_c);
    const auto pa = powers_of(a, static_cast<size_t>(l.full_rows)),
               pb = powers_of(b[1], static_cast<size_t>(l.full_cols)), pg = powers_of(g[BORDER_LANES], blocks);
    E sum = E::zero();
    size_t row = run.first;
    for (size_t p = 0; p < call.border_i.size(); ++p) {
      const E &ai = pa[call.border_i[p]], &bj = pb[call.border_j[p]], power = ai * bj;
      for (uint32_t block = 0; block < blocks; ++block, ++row) {
        const uint32_t first = block * BORDER_LANES;
        // Four lanes at a time: accumulators are below 2^29.
        E group = E::zero();
        for (uint32_t lane = 0; lane < BORDER_LANES; lane += LANES)
          if (first + lane < channels)
            group += combination(g.data() + lane, LANES,
                                 [&](unsigned o) { return int64_t{call.border[p * channels + first + lane + o]}; });
        sum += power * pg[block] * group;
        F* out = target(NnChip::BORDER, row);
        put(out, 0, ai);
        put(out, 1, bj);
        put(out, 2, pg[block]);
        put(out, 3, power);
        put(out, 4, sum);
      }
    }
    forms[run.call].border = sum;
  }

  E ai = E::one(), aibj = E::one(), all = E::one();
  for (size_t row = 0; row < powers_.size(); ++row) {
    const PowerRow& p = powers_[row];
    if (row != 0) {
      if (p.k != 0) {
        all *= g4;
      } else if (p.j != 0) {
        aibj *= b[1];
        all = aibj;
      } else {
        ai *= a;
        all = aibj = ai;
      }
    }
    F* out = target(NnChip::POWERS, row);
    put(out, 0, ai);
    put(out, 1, aibj);
    put(out, 2, all);
  }

#pragma omp parallel for schedule(dynamic, 1)
  for (size_t k = 0; k < ledger_.runs.size(); ++k) {
    const Run& run = ledger_.runs[k];
    const size_t end = k + 1 < ledger_.runs.size() ? ledger_.runs[k + 1].first : ledger_.rows;
    if (!trace_.order[run.call].linear) {
      for (size_t row = run.first; row < end; ++row)
        std::fill_n(target(NnChip::LEDGER, row), LEDGER_FORMS * E::DEGREE, F::zero());
      continue;
    }
    const uint32_t index = trace_.order[run.call].index;
    const LinearCall& call = trace_.linear[index];
    const Linear& l = linear(index);
    const CallForms& f = forms[index];
    const E corner = [&] {
      E p = E::one();
      for (int32_t i = 0; i < l.exponent_row; ++i) p *= a;
      for (int32_t j = 0; j < l.exponent_col; ++j) p *= b[1];
      return p;
    }();
    E sum = E::zero(), channel_power = E::one();
    for (size_t row = run.first; row < end; ++row) {
      const auto& plan = fixed_.plan.rows[first_plan_[call.layer] + (row - run.first)];
      E factor[LANES] = {}, other[LANES] = {};
      const size_t q = plan.index.value();
      if (!(plan.weights + plan.form4 + plan.form1).is_zero()) {
        for (unsigned lane = 0; lane < LANES; ++lane) {
          const size_t form = LANES * q + lane;
          factor[lane] = f.input[form];
          other[lane] =
              l.in_rom() ? weights.sum[fixed_.form_end[fixed_.first_form[call.layer] + form]] : f.second[form];
          sum += factor[lane] * other[lane] * (l.depthwise() ? g[lane] : E::one());
        }
      } else if (!plan.output.is_zero()) {
        factor[0] = f.output[q];
        other[0] = E::zero() - corner * channel_power;
        channel_power *= g4;
        sum += factor[0] * other[0];
      } else if (!plan.border.is_zero()) {
        factor[0] = f.border;
        other[0] = E::zero() - E::one();
        sum += factor[0] * other[0];
      }
      F* out = target(NnChip::LEDGER, row);
      for (unsigned lane = 0; lane < LANES; ++lane) {
        put(out, lane, factor[lane]);
        put(out, LANES + lane, other[lane]);
      }
      put(out, 2 * LANES, sum);
    }
  }

  if (!with_fixed_) return;
  for (size_t row = 0; row < fixed_.weights.size(); ++row) {
    F* out = target(NnChip::WEIGHTS, row);
    put(out, 0, weights.sum[row]);
    put(out, 1, weights.power[row]);
  }
}

}  // namespace zkvm::precompiles::nn
