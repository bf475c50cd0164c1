// Rows of the chips of layers along the last axis: softmax and layer norm.
#include <algorithm>

#include "precompiles/nn/fill.hpp"
#include "precompiles/nn/fill_rows.hpp"
#include "precompiles/nn/norm/columns.hpp"
#include "precompiles/nn/softmax/columns.hpp"
#include "precompiles/nn/trace.hpp"

namespace zkvm::precompiles::nn {
namespace {

/// A row of a tensor.
struct TensorRow {
  const uint32_t* words;
  uint32_t count;  ///< of words

  int32_t operator[](uint32_t i) const { return signed_byte(words[i / 4], i % 4); }
  uint32_t size() const { return 4 * count; }
};
TensorRow tensor_row(const PartsCall& call, const Layer& layer, uint32_t part) {
  return {call.input.value.data() + size_t{part} * part_words(layer), part_size(layer, part)};
}

int32_t maximum(const TensorRow& row) {
  int32_t top = -128;
  for (uint32_t i = 0; i < row.size(); ++i) top = std::max(top, row[i]);
  return top;
}
struct Sums {
  int32_t elements = 0, squares = 0;
  void add(int32_t x) {
    elements += x;
    squares += x * x;
  }
};
Sums sums(const TensorRow& row) {
  Sums s;
  for (uint32_t i = 0; i < row.size(); ++i) s.add(row[i]);
  return s;
}
uint32_t sum_of_exponentials(const Softmax& softmax, const TensorRow& row, int32_t top) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < row.size(); ++i) sum += softmax.rounded(u32(top - row[i]));
  return sum;
}

}  // namespace

ReciprocalMessage<F> reciprocal_message(uint32_t sum, const Reciprocal& r) {
  const Division d = division(r.headroom);
  ReciprocalMessage<F> m{};
  m.sum = F::from(sum);
  for (unsigned i = 0; i < 4; ++i) m.r[i] = F::from((r.value >> (8 * i)) & 0xff);
  m.power = F::from(d.power);
  m.half = F::from(d.half);
  m.bits = F::from(d.bits);
  m.greatest = F::from(d.greatest);
  m.most_bits = F::from(d.most_bits);
  return m;
}

void NnRows::add_row_statements(uint32_t index) {
  const PartsCall& call = trace_.parts[index];
  const Layer& layer = rom_.layers()[call.layer];
  for (uint32_t part = 0; part < part_count(layer); ++part) {
    const TensorRow row = tensor_row(call, layer, part);
    if (layer.kind == ZKVM_NN_LAYER_NORM) {
      const Sums s = sums(row);
      roots_.push_back({call.layer, s.elements, s.squares});
      continue;
    }
    const int32_t top = maximum(row);
    uint32_t uses[256] = {}, distinct = 0;
    for (uint32_t i = 0; i < row.size(); ++i) ++uses[top - row[i]];
    for (uint32_t d = 0; d < 256; ++d) {
      if (uses[d] == 0) continue;
      ++distinct;
      shares_.push_back({call.layer, static_cast<uint32_t>(reciprocals_.size()), d, uses[d]});
    }
    reciprocals_.push_back({sum_of_exponentials(layer.softmax, row, top), distinct});
  }
}

void NnRows::fill_softmax(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Layer& layer = rom_.layers()[call.layer];
  const Softmax& softmax = layer.softmax;
  const TensorRow row = tensor_row(call, layer, run.item);
  const uint32_t first = run.item * part_words(layer);
  const int32_t top = maximum(row);
  const uint32_t total = sum_of_exponentials(softmax, row, top);
  const Reciprocal r = reciprocal(total);
  // Up to this row, which need not be the run's first.
  uint32_t sum = 0;
  F product = F::one();
  for (uint32_t i = 0; i < LANES * PART_ROW_WORDS * static_cast<uint32_t>(begin - run.first); ++i) {
    sum += softmax.rounded(u32(top - row[i]));
    product = product * F::from_i64(top - row[i]);
  }
  for (size_t at_row = begin; at_row < end; ++at_row) {
    const auto place = static_cast<uint32_t>(at_row - run.first), word = PART_ROW_WORDS * place;
    const uint32_t index = first + word, left = row.count - word;
    auto& c = at<SoftmaxColumns>(out, at_row);
    fill_part_run(c.run, call.call, fixed_.parts.rows[first_part_[call.layer] + run.item], place, left);
    c.x = part_source(f, call.call.a[1] + 4 * index, call.input.read_only, left > 1);
    c.z = part_tensor(f, call.call.a[3] + 4 * index, left > 1);
    c.top = F::from_i64(top);
    c.total = F::from(total);
    c.before = product;
    for (uint32_t i = 0; i < PART_ROW_WORDS; ++i) {
      SoftmaxWord<F>& w = c.word[i];
      w = {};
      if (i >= left) {
        for (F& x : w.x.x) x = F::from_i64(top - 1);
        c.product[2 * i] = c.product[2 * i + 1] = product;
        continue;
      }
      uint32_t value = 0;
      for (unsigned l = 0; l < LANES; ++l) {
        const int32_t d = top - row[4 * (word + i) + l];
        const int32_t y = share_output(share(r, u32(softmax.exponential[static_cast<size_t>(d)])));
        w.rounded[l] = F::from(softmax.rounded(u32(d)));
        w.y[l] = F::from_i64(y);
        value |= (u32(y) & 0xff) << (8 * l);
        sum += softmax.rounded(u32(d));
        product = product * F::from_i64(d);
        c.product[2 * i + l / 2] = product;
      }
      w.x = signed_word(f, call.call.clk + READ_CLOCK, call.input.value[index + i], call.input.prev[index + i]);
      w.z = written_word(f, call.call.clk + WRITE_CLOCK, call.output.value[index + i], value,
                         call.output.prev[index + i]);
    }
    c.sum = F::from(sum);
  }
}

void fill_share(isa::Filler& f, uint32_t layer, const Softmax& softmax, uint32_t sum, const Reciprocal& r, uint32_t of,
                uint32_t uses, SharesColumns<F>& c) {
  const uint32_t e = u32(softmax.exponential[of]);
  const Division d = division(r.headroom);
  const auto w = static_cast<uint32_t>((uint64_t{r.value} * e + (1u << 30)) >> 32);
  const uint32_t quotient = share(r, e), y = std::min(quotient, 255u), z = w + d.half - quotient * d.power;
  c.is_real = F::one();
  c.uses = F::from(uses);
  c.exponential = {F::from(layer), F::from(of), {}, F::from(softmax.rounded(of))};
  for (unsigned i = 0; i < 4; ++i) c.exponential.e[i] = F::from((e >> (8 * i)) & 0xff);
  c.reciprocal = reciprocal_message(sum, r);
  c.product = fill_product(f, true, bytes_of(r.value).b, bytes_of(e).b, 1u << 30);
  c.y = F::from(y);
  c.full = F::from(quotient - y);
  f.count_bits(d.most_bits, d.greatest - quotient);
  c.z0 = f.range16(z & 0xffff);
  c.z1 = F::from(z >> 16);
  f.count_bits(d.bits, z >> 16);
}

void fill_reciprocal(isa::Filler& f, uint32_t sum, const Reciprocal& r, uint32_t uses, ReciprocalsColumns<F>& c) {
  c.is_real = F::one();
  c.uses = F::from(uses);
  c.low = f.range16(sum & 0xffff);
  c.high = F::from(sum >> 16);
  f.count_bits(15, (sum >> 16) + 256);
  f.count_bits(16 - r.headroom, sum >> 16);
  for (unsigned h = 1; h <= HEADROOMS; ++h) c.headroom[h - 1] = isa::flag(h == r.headroom);
  const uint32_t carry = ((sum & 0xffff) << (r.headroom - 1)) >> 16;
  c.carry = F::from(carry);
  f.count_bits(11, carry);
  const auto split = [&](F(&to)[4], uint32_t x) {
    for (unsigned i = 0; i < 4; ++i) to[i] = F::from((x >> (8 * i)) & 0xff);
    f.count_bytes(x & 0xff, (x >> 8) & 0xff);
    f.count_bits(8, (x >> 16) & 0xff);
  };
  split(c.denominator, r.denominator);
  f.count_bits(6, (r.denominator >> 24) - 64);
  const auto estimate = [&](F(&to)[4], uint32_t y) {
    split(to, y);
    f.count_bytes((y >> 24) - 0x20, 0x9e - (y >> 24));
  };
  constexpr uint32_t HALF = 1u << 31;
  const Bytes denominator = bytes_of(r.denominator);
  Bytes slope = bytes_of(static_cast<uint32_t>(NEWTON_SLOPE));
  for (int64_t& limb : slope.b) limb = -limb;
  c.start = fill_product(f, true, denominator.b, slope.b, HALF);
  estimate(c.y, r.y[0]);
  for (unsigned i = 0; i < NEWTON_STEPS; ++i) {
    NewtonColumns<F>& s = c.step[i];
    const auto error = static_cast<uint32_t>(r.error[i]);
    const int64_t limbs[4] = {error & 0xff, (error >> 8) & 0xff, r.error[i] >> 16, 0};
    const Bytes y = bytes_of(r.y[i]);
    for (unsigned k = 0; k < 3; ++k) s.error[k] = F::from_i64(limbs[k]);
    f.count_bytes(error & 0xff, (error >> 8) & 0xff);
    f.count_bits(10, u32((r.error[i] >> 16) + 512));
    s.denominator_y = fill_product(f, true, denominator.b, y.b, HALF);
    s.y_error = fill_product(f, true, limbs, y.b, HALF);
    estimate(s.y, r.y[i + 1]);
  }
  const uint32_t last = r.y[NEWTON_STEPS];
  c.over = isa::flag(last >> 31 != 0);
  f.count_bits(7, (last >> 24) & 0x7f);
  for (unsigned i = 0; i < 4; ++i) c.r[i] = F::from((r.value >> (8 * i)) & 0xff);
}

void fill_root(isa::Filler& f, uint32_t layer, const LayerNorm& norm, int32_t sum, int32_t squares, const Root& r,
               RootsColumns<F>& c) {
  const zkvm_nn_layer_norm& s = norm.shape;
  const auto byte = [](uint64_t x, unsigned i) { return static_cast<int64_t>((x >> (8 * i)) & 0xff); };
  const auto limb = [](uint64_t x, unsigned i) { return static_cast<uint32_t>((x >> (16 * i)) & 0xffff); };
  const auto limb_of = [&](uint64_t x, unsigned i) { return f.range16(limb(x, i)); };
  const auto checked = [&](unsigned bits, int64_t x, int64_t offset) {
    f.count_bits(bits, static_cast<uint32_t>(x + offset));
    return F::from_i64(x);
  };
  const auto pair = [&](int64_t a, int64_t b) { f.count_bytes(static_cast<uint32_t>(a), static_cast<uint32_t>(b)); };
  c.is_real = F::one();
  c.layer = F::from(layer);
  c.cols[0] = F::from_i64(s.cols & 0xff), c.cols[1] = F::from_i64(s.cols >> 8);
  c.epsilon[0] = F::from_i64(s.epsilon & 0xff), c.epsilon[1] = F::from_i64(s.epsilon >> 8);
  const int64_t sum_low = sum & 0xff, squares_low = squares & 0xff;
  pair(sum_low, squares_low);
  c.sum[0] = F::from_i64(sum_low);
  c.sum[1] = checked(13, sum >> 8, 4096);
  c.squares[0] = F::from_i64(squares_low);
  c.squares[1] = checked(16, (squares >> 8) & 0xffff, 0);
  c.squares[2] = checked(3, squares >> 24, 0);
  const int64_t variance = (s.cols & 0xff) * squares_low - sum_low * sum_low + (s.epsilon & 0xff);
  c.variance = F::from_i64(variance & 0xff);
  c.carry = checked(10, variance >> 8, 512);

  int64_t b[4], v[5];
  for (unsigned i = 0; i < 4; ++i) c.root[i] = F::from_i64(b[i] = byte(r.root, i));
  pair(b[0], b[1]);
  pair(b[2], variance & 0xff);
  pair(b[3], 0x80 - b[3]);
  const uint64_t rest = (r.variance << 24) - r.root * r.root, gap = 2 * r.root - rest;
  c.rest[0] = limb_of(rest, 0), c.rest[1] = limb_of(rest, 1), c.rest[2] = F::from(limb(rest, 2));
  const int64_t square0 = (b[0] * b[0] + 512 * b[0] * b[1] + limb(rest, 0)) >> 16;
  c.square_carry[0] = checked(10, square0, 0);
  c.square_carry[1] = checked(11,
                              (square0 + b[1] * b[1] + 2 * b[0] * b[2] + 512 * (b[0] * b[3] + b[1] * b[2]) +
                               limb(rest, 1) - 256 * (variance & 0xff)) >>
                                  16,
                              0);
  c.gap[0] = limb_of(gap, 0), c.gap[1] = limb_of(gap, 1), c.gap[2] = F::from(limb(gap, 2));
  c.gap_borrow = F::from_i64((2 * int64_t{limb(r.root, 0)} - limb(rest, 0)) >> 16);

  for (unsigned i = 0; i < 5; ++i) c.inverse[i] = F::from_i64(v[i] = byte(r.inverse, i));
  pair(v[0], v[1]);
  pair(v[2], v[3]);
  f.count_bits(4, static_cast<uint32_t>(v[4]));
  const uint64_t remainder = (uint64_t{1} << 47) - r.inverse * r.root, less = r.root - 1 - remainder;
  c.remainder[0] = limb_of(remainder, 0), c.remainder[1] = limb_of(remainder, 1);
  const int64_t carry0 = (v[0] * b[0] + 256 * (v[0] * b[1] + v[1] * b[0]) + limb(remainder, 0)) >> 16;
  c.division_carry[0] = checked(10, carry0, 0);
  c.division_carry[1] = checked(11,
                                (carry0 + v[0] * b[2] + v[1] * b[1] + v[2] * b[0] +
                                 256 * (v[0] * b[3] + v[1] * b[2] + v[2] * b[1] + v[3] * b[0]) + limb(remainder, 1)) >>
                                    16,
                                0);
  c.less[0] = limb_of(less, 0), c.less[1] = limb_of(less, 1);
  c.less_borrow = isa::flag(int64_t{limb(r.root, 0)} - 1 - limb(remainder, 0) < 0);
}

void NnRows::fill_norm(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const PartsCall& call = trace_.parts[run.call];
  const Layer& layer = rom_.layers()[call.layer];
  const LayerNorm& norm = layer.norm;
  const zkvm_nn_layer_norm& s = norm.shape;
  const TensorRow row = tensor_row(call, layer, run.item);
  const uint32_t first = run.item * part_words(layer);
  const Sums total = sums(row);
  const Root r = root(norm, total.elements, total.squares);
  const Bytes inverse = bytes_of(static_cast<uint32_t>(r.inverse));
  Sums so_far;
  for (uint32_t i = 0; i < LANES * PART_ROW_WORDS * static_cast<uint32_t>(begin - run.first); ++i) so_far.add(row[i]);
  for (size_t at_row = begin; at_row < end; ++at_row) {
    const auto place = static_cast<uint32_t>(at_row - run.first), word = PART_ROW_WORDS * place;
    const uint32_t index = first + word, left = row.count - word;
    auto& c = at<NormColumns>(out, at_row);
    fill_part_run(c.run, call.call, fixed_.parts.rows[first_part_[call.layer] + run.item], place, left);
    c.x = part_source(f, call.call.a[1] + 4 * index, call.input.read_only, left > 1);
    c.z = part_tensor(f, call.call.a[3] + 4 * index, left > 1);
    c.total = F::from_i64(total.elements);
    for (unsigned i = 0; i < 5; ++i) c.inverse[i] = F::from(static_cast<uint32_t>(r.inverse >> (8 * i)) & 0xff);
    for (uint32_t i = 0; i < PART_ROW_WORDS; ++i) {
      NormWord<F>& w = c.word[i];
      w = {};
      const bool active = i < left;
      uint32_t value = 0;
      for (unsigned l = 0; l < LANES; ++l) {
        const uint32_t column = 4 * (word + i) + l;
        const int32_t x = active ? row[column] : 0;
        const auto [gamma, beta] = active ? norm.channels[column] : zkvm_nn_norm{0, 0};
        const int32_t deviation = 128 * (s.cols * x - total.elements);
        const int64_t limbs[4] = {deviation & 0xff, (deviation >> 8) & 0xff, deviation >> 16, 0};
        NormElement<F>& e = w.element[l];
        w.gamma[l] = F::from_i64(gamma);
        w.beta[l] = F::from_i64(beta);
        for (unsigned k = 0; k < 3; ++k) e.deviation[k] = F::from_i64(limbs[k]);
        e.product = fill_product(f, active, limbs, inverse.b, 1u << 31);
        const int64_t accumulator = gamma * normalised(norm, x, total.elements, r) + beta;
        e.channel = fill_requantised(f, active, norm.output, accumulator, s.out_zp, s.act_min, s.act_max);
        if (!active) continue;
        so_far.add(x);
        f.count_bytes(u32(deviation) & 0xff, (u32(deviation) >> 8) & 0xff);
        f.count_bits(13, u32((deviation >> 16) + 4096));
        value |= (u32(clamp(requantise(norm.output, accumulator), s.out_zp, s.act_min, s.act_max)) & 0xff) << (8 * l);
      }
      if (!active) continue;
      w.x = signed_word(f, call.call.clk + READ_CLOCK, call.input.value[index + i], call.input.prev[index + i]);
      w.z = written_word(f, call.call.clk + WRITE_CLOCK, call.output.value[index + i], value,
                         call.output.prev[index + i]);
    }
    c.sum = F::from_i64(so_far.elements);
    c.squares = F::from_i64(so_far.squares);
  }
}

void NnRows::fill_shares(size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  for (size_t row = begin; row < end; ++row) {
    const ShareRow& s = shares_[row];
    const Layer& layer = rom_.layers()[s.layer];
    const uint32_t sum = reciprocals_[s.reciprocal].sum;
    fill_share(f, layer.address, layer.softmax, sum, reciprocal(sum), s.d, s.uses, at<SharesColumns>(out, row));
  }
}
void NnRows::fill_reciprocals(size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  for (size_t row = begin; row < end; ++row) {
    const ReciprocalRow& q = reciprocals_[row];
    fill_reciprocal(f, q.sum, reciprocal(q.sum), q.uses, at<ReciprocalsColumns>(out, row));
  }
}
void NnRows::fill_roots(size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  for (size_t row = begin; row < end; ++row) {
    const RootRow& q = roots_[row];
    const Layer& layer = rom_.layers()[q.layer];
    fill_root(f, layer.address, layer.norm, q.sum, q.squares, root(layer.norm, q.sum, q.squares),
              at<RootsColumns>(out, row));
  }
}

}  // namespace zkvm::precompiles::nn
