// Lies about layers along the last axis, told as in by_hand_test.cpp: each is refused by exactly the checks that are
// named, which are therefore all needed.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "precompiles/nn/fill_rows.hpp"
#include "precompiles/nn/norm/columns.hpp"
#include "precompiles/nn/softmax/columns.hpp"
#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

constexpr int32_t COLS = 12;  // three words: in the second table row of each row of a tensor one is missing

template <class Header, class Item>
TestLayer layer_of(const Header& header, const std::vector<Item>& items, uint32_t bytes) {
  std::vector<uint8_t> payload(items.size() * sizeof(Item));
  std::memcpy(payload.data(), items.data(), payload.size());
  return {make_record(header, payload), bytes, 0, bytes, "subject"};
}
TestLayer softmax(double step, int32_t rows = 2) {
  zkvm_nn_softmax r{};
  r.kind = ZKVM_NN_SOFTMAX;
  r.rows = rows;
  r.cols = COLS;
  std::vector<int32_t> exponential{INT32_MAX};
  for (int d = 1; d < 256; ++d) exponential.push_back(static_cast<int32_t>(std::exp(-step * d) * INT32_MAX));
  return layer_of(r, exponential, static_cast<uint32_t>(rows * COLS));
}
TestLayer norm(int32_t rows = 2, int32_t epsilon = 5) {
  zkvm_nn_layer_norm r{};
  r.kind = ZKVM_NN_LAYER_NORM;
  r.rows = rows;
  r.cols = COLS;
  r.epsilon = epsilon;
  r.act_min = -128;
  r.act_max = 127;
  r.multiplier = 1 << 30;
  r.shift = -14;
  std::vector<zkvm_nn_norm> channels;
  for (int32_t c = 0; c < COLS; ++c) channels.push_back({700 + 31 * c, 900 * (c - 5)});
  return layer_of(r, channels, static_cast<uint32_t>(rows * COLS));
}

/// Softmax, another one, layer norm, another one; each a call of its own.
class Rows : public testing::Test {
 protected:
  static Workbench& bench() {
    static Workbench b = [] {
      const std::vector<TestLayer> layers = {softmax(0.02), softmax(0.3, 1), norm(), norm(1, 77)};
      Random random(5);
      std::vector<uint8_t> memory(0x200);
      for (uint8_t& x : memory) x = static_cast<uint8_t>(random(-70, 70));
      std::vector<TestCall> calls;
      for (uint32_t i = 0; i < layers.size(); ++i) calls.push_back({i, TENSORS + 0x40 * i, 0, OUT + 0x40 * i});
      return Workbench(debug_execution(layer_program(layers, calls, memory)));
    }();
    return b;
  }
  Rows() : w(bench()), filler_(none_, counts_) {
    w.restore();
    std::vector<uint8_t> rom;
    for (const TestLayer& l : {softmax(0.02), softmax(0.3, 1), norm(), norm(1, 77)})
      rom.insert(rom.end(), l.record.begin(), l.record.end());
    EXPECT_EQ(rom_.load(rom), "");
  }

  Names broken() {
    const Names names = w.broken();
    EXPECT_TRUE(w.tells_something_else() || !names.empty()) << "this was no lie";
    return names;
  }
  void expect_broken(const Names& expected) {
    w.repair();
    EXPECT_EQ(broken(), expected);
    w.restore();
  }
  /// Rows of the chip: 0 and 1 are the first row of the first call's tensor, 2 and 3 the second, 4 and 5 the next
  /// call's.
  SoftmaxColumns<F>& soft(size_t row) { return w.row<SoftmaxColumns>(w.table(ChipId::NN_SOFTMAX), row); }
  NormColumns<F>& normed(size_t row) { return w.row<NormColumns>(w.table(ChipId::NN_NORM), row); }
  SharesColumns<F>& share_row(size_t row) { return w.row<SharesColumns>(w.table(ChipId::NN_SHARES), row); }
  ReciprocalsColumns<F>& reciprocal_row(size_t row) {
    return w.row<ReciprocalsColumns>(w.table(ChipId::NN_RECIPROCALS), row);
  }
  RootsColumns<F>& root_row(size_t row) { return w.row<RootsColumns>(w.table(ChipId::NN_ROOTS), row); }
  static int64_t number(F x) { return x.value() < F::P / 2 ? int64_t{x.value()} : int64_t{x.value()} - int64_t{F::P}; }
  const Layer& layer(size_t i) { return rom_.layers()[i]; }

  static void write(WrittenWord<F>& word, const F (&y)[LANES]) {
    const auto byte = [&](unsigned l) { return static_cast<uint32_t>(number(y[l])) & 0xff; };
    word.value = {F::from(byte(0) | byte(1) << 8), F::from(byte(2) | byte(3) << 8)};
  }

  struct Told {
    int64_t top_by = 0;  ///< what is claimed beyond the truth
    int64_t total_by = 0;
    int64_t reciprocal_by = 0;
    std::optional<int64_t> absent = 1;  ///< difference of the elements that do not exist; none: as they are
  };
  /// Tells the first tensor row of the first softmax anew, with everything that follows, statements included.
  void tell(const Told& t) {
    const Softmax& s = layer(0).softmax;
    const int64_t top = number(soft(0).top) + t.top_by;
    std::vector<int64_t> d;
    for (size_t row : {size_t{0}, size_t{1}})
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i)
        for (unsigned l = 0; l < LANES && d.size() < COLS; ++l) d.push_back(top - number(soft(row).word[i].x.x[l]));
    const auto entry = [](int64_t of) { return static_cast<uint32_t>(std::clamp<int64_t>(of, 0, 255)); };
    int64_t sum = 0;
    F product = F::one();
    for (size_t row : {size_t{0}, size_t{1}}) {
      auto& c = soft(row);
      c.top = f(top);
      c.before = product;
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i)
        for (unsigned l = 0; l < LANES; ++l) {
          const size_t at = row * 8 + i * 4 + l;
          const bool exists = at < COLS;
          if (!exists && t.absent) c.word[i].x.x[l] = f(top - *t.absent);
          if (exists) c.word[i].rounded[l] = F::from(s.rounded(entry(d[at])));
          sum += exists ? s.rounded(entry(d[at])) : 0;
          product = product * (f(top) - c.word[i].x.x[l]);
          c.product[2 * i + l / 2] = product;
        }
      c.sum = f(sum);
    }
    const auto total = static_cast<uint32_t>(sum + t.total_by);
    Reciprocal r = reciprocal(total);
    r.value = static_cast<uint32_t>(r.value + t.reciprocal_by);
    r.y[NEWTON_STEPS] = static_cast<uint32_t>(r.y[NEWTON_STEPS] + t.reciprocal_by);
    fill_reciprocal(filler_, total, r, 0, reciprocal_row(0));
    // The old shares of this row, in order of d; further ones stand in rows that were padding.
    const size_t table = w.table(ChipId::NN_SHARES);
    const F old = w.peek<SharesColumns>(table, 0).reciprocal.sum;
    std::vector<size_t> free;
    for (size_t i = 0; i < w.height(table); ++i) {
      const auto& c = w.peek<SharesColumns>(table, i);
      if (c.is_real.is_zero() || (c.reciprocal.sum == old && c.exponential.layer == F::from(layer(0).address)))
        free.push_back(i);
    }
    std::vector<int64_t> distinct = d;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    ASSERT_LE(distinct.size(), free.size());
    for (size_t i = 0; i < free.size(); ++i) {
      auto& c = share_row(free[i]);
      c = {};
      if (i >= distinct.size()) continue;
      fill_share(filler_, layer(0).address, s, total, r, entry(distinct[i]), 0, c);
      c.exponential.d = f(distinct[i]);
    }
    for (size_t row : {size_t{0}, size_t{1}}) {
      auto& c = soft(row);
      c.total = F::from(total);
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
        if (row * 8 + i * 4 >= COLS) continue;
        for (unsigned l = 0; l < LANES; ++l) {
          const size_t at = row * 8 + i * 4 + l;
          c.word[i].y[l] = f(share_output(share(r, static_cast<uint32_t>(s.exponential[entry(d[at])]))));
        }
        write(c.word[i].z, c.word[i].y);
      }
    }
  }

  static void write_norm(NormWord<F>& word) {
    const F y[LANES] = {word.element[0].channel.y, word.element[1].channel.y, word.element[2].channel.y,
                        word.element[3].channel.y};
    write(word.z, y);
  }
  /// Tells the first tensor row of the first layer norm anew, with this root and total.
  void retell(const LayerNorm& n, const Root& r, int64_t sum) {
    const Bytes inverse = bytes_of(static_cast<uint32_t>(r.inverse));
    for (size_t row : {size_t{0}, size_t{1}}) {
      auto& c = normed(row);
      c.total = f(sum);
      for (unsigned i = 0; i < 5; ++i) c.inverse[i] = F::from(static_cast<uint32_t>(r.inverse >> (8 * i)) & 0xff);
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
        auto& word = c.word[i];
        const size_t first = row * 8 + i * 4;
        for (unsigned l = 0; l < LANES; ++l) {
          const auto [gamma, beta] = first < COLS ? n.channels[first + l] : zkvm_nn_norm{0, 0};
          const auto x = static_cast<int32_t>(number(word.x.x[l]));
          const auto deviation = static_cast<int32_t>(128 * (COLS * x - sum));
          const int64_t limbs[4] = {deviation & 0xff, (deviation >> 8) & 0xff, deviation >> 16, 0};
          auto& e = word.element[l];
          word.gamma[l] = f(gamma);
          word.beta[l] = f(beta);
          for (unsigned k = 0; k < 3; ++k) e.deviation[k] = f(limbs[k]);
          e.product = fill_product(filler_, false, limbs, inverse.b, 1u << 31);
          e.channel = fill_requantised(filler_, false, n.output, gamma * normalised(n, x, sum, r) + beta,
                                       n.shape.out_zp, n.shape.act_min, n.shape.act_max);
        }
        if (first < COLS) write_norm(word);
      }
    }
  }

  Workbench& w;
  precompiles::nn::Rom rom_;
  isa::LookupCounts counts_{0};
  const isa::ProgramTable none_{{}, {}};
  isa::Filler filler_;
};

TEST_F(Rows, telling_the_truth_anew_is_accepted) {
  tell({});
  w.repair();
  EXPECT_TRUE(w.accepted()) << *w.broken().begin();
}

// 1. The maximum and the sum.

TEST_F(Rows, a_maximum_that_is_too_large_is_of_no_element) {
  for (const int64_t by : {1, 2, 40}) {
    tell({.top_by = by});
    expect_broken({"NN_SOFTMAX: an element is the maximum"});
  }
}
TEST_F(Rows, a_maximum_that_is_too_large_is_of_no_element_that_does_not_exist) {
  tell({.top_by = 1, .absent = 0});
  expect_broken({"NN_SOFTMAX: no difference without an element"});
}
TEST_F(Rows, a_maximum_that_is_too_large_hides_behind_no_product) {
  tell({.top_by = 1});
  soft(1).product[3] = ZERO;
  expect_broken({"NN_SOFTMAX: product"});
  tell({.top_by = 1});
  soft(1).before = soft(1).product[0] = soft(1).product[1] = soft(1).product[2] = soft(1).product[3] = ZERO;
  expect_broken({"NN_SOFTMAX: differences before the row"});
  tell({.top_by = 1});
  soft(0).before = ZERO;
  for (size_t row : {size_t{0}, size_t{1}}) {
    if (row == 1) soft(1).before = ZERO;
    for (F& p : soft(row).product) p = ZERO;
  }
  expect_broken({"NN_SOFTMAX: no differences before the first"});
}
TEST_F(Rows, a_maximum_that_is_too_small_has_elements_above_it) {
  // The other elements are told as if the greatest one's exponential went on beyond 1.
  tell({.top_by = -1});
  Names names = [&] {
    w.repair();
    return broken();
  }();
  // Only if the row has an element at the new maximum is its zero product missing, too.
  names.erase("NN_SOFTMAX: an element is the maximum");
  EXPECT_EQ(names, Names{"bus exponentials"});
}
TEST_F(Rows, a_maximum_of_half_of_the_row) {
  soft(1).top += ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_SOFTMAX: the maximum is carried on"), 1u);
}
TEST_F(Rows, another_sum_with_everything_that_follows) {
  for (const int64_t by : {1, -1, 1 << 19}) {
    tell({.total_by = by});
    expect_broken({"NN_SOFTMAX: the total is the sum"});
    tell({.total_by = by});
    soft(1).sum += f(by);
    expect_broken({"NN_SOFTMAX: sum of exponentials"});
    tell({.total_by = by});
    soft(0).sum += f(by);
    soft(1).sum += f(by);
    expect_broken({"NN_SOFTMAX: sum of exponentials"});
    // An element that does not exist gives what is missing.
    tell({.total_by = by});
    soft(1).sum += f(by);
    soft(1).word[1].rounded[2] += f(by);
    expect_broken({"NN_SOFTMAX: no exponential without an element"});
    // So does one that exists, by another entry of the table.
    tell({.total_by = by});
    soft(1).sum += f(by);
    soft(1).word[0].rounded[2] += f(by);
    expect_broken({"bus shares"});
  }
}
TEST_F(Rows, a_sum_of_half_of_the_row) {
  soft(1).total += ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_SOFTMAX: the total is carried on"), 1u);
}
TEST_F(Rows, the_sum_of_another_row) {
  for (size_t row : {size_t{0}, size_t{1}}) soft(row).total = soft(2).total;
  w.repair();
  const Names names = broken();
  EXPECT_EQ(names, (Names{"NN_SOFTMAX: the total is the sum", "bus shares"}));
}

// 2. Shares.

TEST_F(Rows, another_result_for_this_share) {
  for (const int64_t by : {1, -1}) {
    soft(0).word[1].y[1] += f(by);
    write(soft(0).word[1].z, soft(0).word[1].y);
    expect_broken({"bus shares"});
  }
}
TEST_F(Rows, another_quotient_leaves_no_remainder) {
  const auto lie = [&](int64_t by, bool long_limb, bool keep_remainder = false) {
    // Every share of the first row: some of its users write another result.
    auto& s = share_row(0);
    const int64_t power = number(s.reciprocal.power);
    const int64_t z = number(s.z0) + 65536 * number(s.z1) - (keep_remainder ? 0 : by * power);
    s.z0 = long_limb ? f(z) : f(z & 0xffff);
    s.z1 = long_limb ? ZERO : f(z >> 16);
    const F before = s.y, d = s.exponential.d;
    s.y += f(by);
    for (size_t row : {size_t{0}, size_t{1}})
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
        auto& word = soft(row).word[i];
        if (row * 8 + i * 4 >= COLS) continue;
        for (unsigned l = 0; l < LANES; ++l)
          if (soft(row).top - word.x.x[l] == d) word.y[l] += f(by);
        write(word.z, word.y);
      }
    ASSERT_NE(s.y, before);
  };
  for (const bool long_limb : {false, true})
    for (const int64_t by : {1, -1}) {
      lie(by, long_limb);
      expect_broken({"bus range"});
    }
  for (const int64_t by : {1, -1}) {
    lie(by, false, true);
    expect_broken({"NN_SHARES: division"});
  }
}
TEST_F(Rows, a_share_of_another_table_sum_or_difference) {
  auto& s = share_row(0);
  s.exponential.e[0] += ONE;
  w.repair();
  EXPECT_EQ(broken().count("bus exponentials"), 1u);
  w.restore();
  // Only the other layer's table has this exponential.
  const F other = F::from(layer(1).address);
  fill_share(filler_, layer(1).address, layer(1).softmax, static_cast<uint32_t>(number(s.reciprocal.sum)),
             reciprocal(static_cast<uint32_t>(number(s.reciprocal.sum))),
             static_cast<uint32_t>(number(s.exponential.d)) + 3, 0, share_row(0));
  share_row(0).exponential.layer = F::from(layer(0).address);
  share_row(0).exponential.d -= f(3);
  w.repair();
  Names names = broken();
  EXPECT_EQ(names.count("bus exponentials"), 1u);
  w.restore();
  // Shares of the other layer do not serve this one.
  fill_share(filler_, layer(1).address, layer(1).softmax, static_cast<uint32_t>(number(s.reciprocal.sum)),
             reciprocal(static_cast<uint32_t>(number(s.reciprocal.sum))),
             static_cast<uint32_t>(number(s.exponential.d)), 0, share_row(0));
  EXPECT_EQ(share_row(0).exponential.layer, other);
  expect_broken({"bus shares"});
  // A reciprocal of another sum.
  share_row(0).reciprocal = share_row(0).reciprocal;
  const F sum = share_row(0).reciprocal.sum;
  fill_share(filler_, layer(0).address, layer(0).softmax, static_cast<uint32_t>(number(sum)),
             reciprocal(static_cast<uint32_t>(number(soft(2).total))),
             static_cast<uint32_t>(number(share_row(0).exponential.d)), 0, share_row(0));
  w.repair();
  names = broken();
  EXPECT_EQ(names.count("bus reciprocals"), 1u);
}
TEST_F(Rows, a_quotient_of_256_is_full_and_nothing_else_is) {
  auto& s = share_row(0);
  s.full = ONE;
  s.y -= ONE;
  expect_broken({"NN_SHARES: full at the greatest", "bus shares"});
  s.full = ONE + ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_SHARES: full is boolean"), 1u);
}
TEST_F(Rows, a_product_carried_otherwise) {
  // r0, r1 too long or negative for the same product.
  for (const int64_t by : {1, -1}) {
    auto& p = share_row(0).product;
    p.r0 += f(65536 * by);
    p.k0 -= f(by);
    p.r1 -= f(by);
    expect_broken({"bus range"});
    auto& q = share_row(0).product;
    q.r1 += f(65536 * by);
    q.k1 -= f(by);
    auto& s = share_row(0);
    // w is less by this.
    const int64_t z = number(s.z0) + 65536 * number(s.z1) - by;
    s.z0 = f(z & 0xffff);
    s.z1 = f(z >> 16);
    expect_broken({"bus range"});
  }
}

// 3. Reciprocals.

TEST_F(Rows, a_reciprocal_that_is_one_off) {
  for (const int64_t by : {1, -1, 256}) {
    tell({.reciprocal_by = by});
    expect_broken({"NN_RECIPROCALS: next estimate"});
  }
  // The estimate is right, the reciprocal is not.
  tell({.reciprocal_by = 1});
  auto& last = reciprocal_row(0).step[NEWTON_STEPS - 1].y;
  const uint32_t right = reciprocal(static_cast<uint32_t>(number(soft(0).total))).y[NEWTON_STEPS];
  for (unsigned i = 0; i < 4; ++i) last[i] = F::from((right >> (8 * i)) & 0xff);
  expect_broken({"NN_RECIPROCALS: reciprocal"});
  // Saturated where it is not.
  auto& c = reciprocal_row(0);
  c.over = ONE;
  for (unsigned i = 0; i < 4; ++i) c.r[i] = F::from(i == 3 ? 127 : 255);
  expect_broken({"bus range", "bus reciprocals"});
}
TEST_F(Rows, estimates_and_errors_that_are_one_off) {
  for (unsigned step = 0; step < NEWTON_STEPS; ++step) {
    // The error, and the estimate after it as follows from it.
    auto& s = reciprocal_row(0).step[step];
    s.error[0] += ONE;
    w.repair();
    Names names = broken();
    EXPECT_EQ(names.count("NN_RECIPROCALS: error of the estimate"), 1u);
    w.restore();
    reciprocal_row(0).step[step].y[0] += ONE;
    w.repair();
    names = broken();
    EXPECT_EQ(names.count("NN_RECIPROCALS: next estimate"), 1u);
    w.restore();
  }
  reciprocal_row(0).y[0] += ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_RECIPROCALS: first estimate"), 1u);
}
TEST_F(Rows, limbs_of_the_same_numbers_that_are_none) {
  // Each pair says the same number by another digit below.
  const auto both_ways = [&](const std::function<void(ReciprocalsColumns<F>&, F)>& change, const Names& expected) {
    for (const F by : {ONE, -ONE}) {
      change(reciprocal_row(0), by);
      w.repair();
      Names names = broken();
      for (const std::string& name : expected) EXPECT_EQ(names.count(name), 1u) << name;
      w.restore();
    }
  };
  both_ways([](auto& c, F by) { c.low += by * f(65536), c.high -= by; }, {"bus range"});
  both_ways([](auto& c, F by) { c.denominator[0] += by * f(256), c.denominator[1] -= by; }, {"bus bytes"});
  both_ways([](auto& c, F by) { c.denominator[1] += by * f(256), c.carry -= by, c.denominator[2] -= by; },
            {"bus bytes"});
  both_ways([](auto& c, F by) { c.y[0] += by * f(256), c.y[1] -= by; }, {"bus bytes"});
  both_ways([](auto& c, F by) { c.step[1].y[2] += by * f(256), c.step[1].y[3] -= by; }, {"bus range"});
  both_ways([](auto& c, F by) { c.step[2].error[1] += by * f(256), c.step[2].error[2] -= by; }, {"bus bytes"});
}
TEST_F(Rows, a_sum_and_p_more) {
  // The same residue, with limbs up to 2^32.
  auto& c = reciprocal_row(0);
  const uint64_t sum = static_cast<uint64_t>(number(soft(0).total)) + F::P;
  ASSERT_LT(sum, uint64_t{1} << 32);
  c.low = F::from(static_cast<uint32_t>(sum & 0xffff));
  c.high = F::from(static_cast<uint32_t>(sum >> 16));
  w.repair();
  EXPECT_EQ(broken().count("bus range"), 1u);
}
TEST_F(Rows, another_headroom) {
  const auto sum = static_cast<uint32_t>(number(soft(0).total));
  const Reciprocal honest = reciprocal(sum);
  for (const int by : {1, -1}) {
    // With the denominator that it would have, and everything after it.
    Reciprocal r = reciprocal(by == 1 ? sum << 1 : sum >> 1);
    r.headroom = honest.headroom + static_cast<unsigned>(by);
    if (by == 1)
      r.denominator = honest.denominator, std::copy_n(honest.y, NEWTON_STEPS + 1, r.y), r.value = honest.value;
    fill_reciprocal(filler_, sum, r, 0, reciprocal_row(0));
    w.repair();
    const Names names = broken();
    EXPECT_GE(names.count("bus range") + names.count("NN_RECIPROCALS: denominator, high limb"), 1u);
    EXPECT_EQ(names.count("bus reciprocals"), 1u);
    w.restore();
  }
  auto& c = reciprocal_row(0);
  c.headroom[honest.headroom - 1] = ZERO;
  w.repair();
  EXPECT_EQ(broken().count("NN_RECIPROCALS: headroom is one-hot"), 1u);
}
TEST_F(Rows, padding_makes_no_statements) {
  for (const size_t chip : {size_t{ChipId::NN_SHARES}, size_t{ChipId::NN_RECIPROCALS}}) {
    const size_t t = w.table(chip), last = w.height(t) - 1;
    ASSERT_TRUE(w.main(t, last)[0].is_zero());
    w.main(t, last)[1] = ONE;
    EXPECT_EQ(broken().count((chip == ChipId::NN_SHARES ? std::string("NN_SHARES") : std::string("NN_RECIPROCALS")) +
                             ": used only if real"),
              1u);
    w.restore();
  }
}

// 4. Rows of tensors.

TEST_F(Rows, a_row_of_another_place) {
  // The first row of the tensor is read, or written, where the second is.
  for (const bool read : {true, false}) {
    for (size_t row : {size_t{0}, size_t{1}}) (read ? soft(row).x.at : soft(row).z).address += f(COLS);
    w.repair();
    EXPECT_EQ(broken().count("bus pointers"), 1u);
    w.restore();
    for (size_t row : {size_t{0}, size_t{1}}) (read ? normed(row).x.at : normed(row).z).address += f(COLS);
    w.repair();
    EXPECT_EQ(broken().count("bus pointers"), 1u);
    w.restore();
  }
}
TEST_F(Rows, two_rows_in_one_run) {
  // The first run goes on into the second row's words.
  soft(1).run.last = soft(2).run.first = ZERO;
  w.repair();
  EXPECT_GE(broken().count("NN_SOFTMAX: two words less"), 1u);
  w.restore();
  normed(1).run.last = normed(2).run.first = ZERO;
  w.repair();
  EXPECT_GE(broken().count("NN_NORM: two words less"), 1u);
}
TEST_F(Rows, an_input_element_that_is_not_in_memory) {
  soft(0).word[0].x.x[0] += ONE;
  w.repair();
  EXPECT_EQ(broken().count("bus signed bytes"), 1u);
  w.restore();
  normed(0).word[0].x.x[0] += ONE;
  w.repair();
  EXPECT_EQ(broken().count("bus signed bytes"), 1u);
}

// 5. Layer norm.

TEST_F(Rows, another_sum_of_a_layer_norm) {
  for (const int64_t by : {1, -1}) {
    // A root for the false sums, and everything that follows in the first row.
    const auto tell_norm = [&](int64_t elements, int64_t squares) {
      const LayerNorm& n = layer(2).norm;
      const int64_t sum = number(normed(0).total) + elements, of_squares = number(normed(1).squares) + squares;
      const Root r = precompiles::nn::root(n, sum, of_squares);
      fill_root(filler_, layer(2).address, n, static_cast<int32_t>(sum), static_cast<int32_t>(of_squares), r,
                root_row(0));
      retell(n, r, sum);
    };
    tell_norm(by, 0);
    expect_broken({"NN_NORM: the total is the sum", "bus inverses"});
    tell_norm(by, 0);
    normed(1).sum += f(by);
    expect_broken({"NN_NORM: sum of elements"});
    tell_norm(0, by);
    normed(1).squares += f(by);
    expect_broken({"NN_NORM: sum of squares"});
    // An element that does not exist.
    tell_norm(by, 1);
    normed(1).word[1].x.x[3] = f(by);
    retell(layer(2).norm, precompiles::nn::root(layer(2).norm, number(normed(0).total), number(normed(1).squares) + 1),
           number(normed(0).total));
    normed(1).sum += f(by);
    normed(1).squares += ONE;
    expect_broken({"NN_NORM: no element"});
  }
}
TEST_F(Rows, a_root_that_is_one_off) {
  const LayerNorm& n = layer(2).norm;
  const int64_t sum = number(normed(0).total), squares = number(normed(1).squares);
  for (const int64_t by : {1, -1}) {
    Root r = precompiles::nn::root(n, sum, squares);
    r.root = r.root + static_cast<uint64_t>(by);
    r.inverse = (uint64_t{1} << 47) / r.root;
    fill_root(filler_, layer(2).address, n, static_cast<int32_t>(sum), static_cast<int32_t>(squares), r, root_row(0));
    retell(n, r, sum);
    w.repair();
    Names names = broken();
    // Too large: what is left is negative, and no limbs. Too small: more is left than twice the root.
    EXPECT_GE(names.count("bus range") + names.count("NN_ROOTS: square") + names.count("NN_ROOTS: rest") +
                  names.count("NN_ROOTS: the root is the greatest") + names.count("NN_ROOTS: gap, high limb"),
              1u);
    for (const std::string& name : names) EXPECT_TRUE(name == "bus range" || name.starts_with("NN_ROOTS: ")) << name;
    w.restore();
  }
}
TEST_F(Rows, an_inverse_that_is_one_off) {
  const LayerNorm& n = layer(2).norm;
  const int64_t sum = number(normed(0).total), squares = number(normed(1).squares);
  for (const int64_t by : {1, -1}) {
    Root r = precompiles::nn::root(n, sum, squares);
    r.inverse = r.inverse + static_cast<uint64_t>(by);
    fill_root(filler_, layer(2).address, n, static_cast<int32_t>(sum), static_cast<int32_t>(squares), r, root_row(0));
    retell(n, r, sum);
    w.repair();
    const Names names = broken();
    EXPECT_FALSE(names.empty());
    for (const std::string& name : names) EXPECT_TRUE(name == "bus range" || name.starts_with("NN_ROOTS: ")) << name;
    w.restore();
  }
}
TEST_F(Rows, the_inverse_of_another_row_or_layer) {
  for (size_t row : {size_t{0}, size_t{1}}) std::copy_n(normed(2).inverse, 5, normed(row).inverse);
  w.repair();
  EXPECT_EQ(broken().count("bus inverses"), 1u);
  w.restore();
  normed(1).inverse[0] += ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_NORM: the inverse is carried on"), 1u);
  w.restore();
  normed(1).total += ONE;
  w.repair();
  EXPECT_EQ(broken().count("NN_NORM: the total is carried on"), 1u);
  w.restore();
  // The constants of the other layer, whose epsilon is another.
  const LayerNorm& other = layer(3).norm;
  const int64_t sum = number(normed(0).total), squares = number(normed(1).squares);
  const Root r = precompiles::nn::root(other, sum, squares);
  fill_root(filler_, layer(2).address, other, static_cast<int32_t>(sum), static_cast<int32_t>(squares), r, root_row(0));
  retell(layer(2).norm, r, sum);
  expect_broken({"bus entries"});
  fill_root(filler_, layer(3).address, other, static_cast<int32_t>(sum), static_cast<int32_t>(squares), r, root_row(0));
  retell(layer(2).norm, r, sum);
  expect_broken({"bus inverses"});
}
TEST_F(Rows, another_gamma_or_beta) {
  const LayerNorm& n = layer(2).norm;
  for (const bool gamma : {true, false}) {
    std::vector<zkvm_nn_norm> channels(n.channels.begin(), n.channels.end());
    (gamma ? channels[5].gamma : channels[5].beta) += 1 << 10;
    LayerNorm lie = n;
    lie.channels = channels;
    const int64_t sum = number(normed(0).total);
    retell(lie, precompiles::nn::root(n, sum, number(normed(1).squares)), sum);
    expect_broken({"bus gains"});
  }
  // Those of the channels four further.
  auto &first = normed(0).word[0], &second = normed(0).word[1];
  std::copy_n(second.gamma, LANES, first.gamma);
  std::copy_n(second.beta, LANES, first.beta);
  w.repair();
  EXPECT_EQ(broken().count("bus gains"), 1u);
}
TEST_F(Rows, limbs_and_carries_of_a_layer_norm_that_are_none) {
  for (const F by : {ONE, -ONE}) {
    auto& e = normed(0).word[0].element[2];
    e.deviation[0] += by * f(256);
    e.deviation[1] -= by;
    w.repair();
    EXPECT_EQ(broken().count("bus bytes"), 1u);
    w.restore();
    auto& p = normed(0).word[0].element[2].product;
    p.r0 += by * f(65536);
    p.k0 -= by;
    p.r1 -= by;
    expect_broken({"bus range"});
    // A normalised value one off, with the result that it gives.
    auto& q = normed(0).word[0].element[2].product;
    q.r1 += by * f(65536);
    q.k1 -= by;
    auto& c = normed(0).word[0];
    const Requantisation& out = layer(2).norm.output;
    const F a = c.element[2].channel.a0 + f(256) * c.element[2].channel.a1 + f(65536) * c.element[2].channel.a2;
    c.element[2].channel = fill_requantised(filler_, false, out, number(a - by * c.gamma[2]), 0, -128, 127);
    write_norm(c);
    expect_broken({"bus range"});
  }
}
TEST_F(Rows, a_result_that_is_one_off) {
  for (const F by : {ONE, -ONE}) {
    normed(0).word[1].element[0].channel.y += by;
    write_norm(normed(0).word[1]);
    w.repair();
    EXPECT_EQ(broken().count("NN_NORM: product"), 1u);
    w.restore();
  }
}

// 6. Rows of one kind proved by the chip of the other, with all statements that this takes.

TEST_F(Rows, a_row_of_a_layer_norm_is_no_softmax) {
  const size_t table = w.table(ChipId::NN_SOFTMAX), shares = w.table(ChipId::NN_SHARES);
  ASSERT_GE(w.height(table), 8u);
  const Softmax& s = layer(0).softmax;
  int64_t top = -128;
  std::vector<int64_t> x;
  for (size_t i = 0; i < COLS; ++i) x.push_back(number(normed(i / 8).word[i / 4 % 2].x.x[i % 4]));
  for (int64_t v : x) top = std::max(top, v);
  uint32_t total = 0;
  for (int64_t v : x) total += s.rounded(static_cast<uint32_t>(top - v));
  const Reciprocal r = reciprocal(total);
  fill_reciprocal(filler_, total, r, 0, reciprocal_row(3));
  std::vector<int64_t> distinct;
  for (int64_t v : x) distinct.push_back(top - v);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  size_t at = 0;
  for (int64_t d : distinct) {
    while (at < w.height(shares) && !w.peek<SharesColumns>(shares, at).is_real.is_zero()) ++at;
    ASSERT_LT(at, w.height(shares));
    fill_share(filler_, layer(2).address, s, total, r, static_cast<uint32_t>(d), 0, share_row(at++));
  }
  F product = ONE;
  uint32_t sum = 0;
  for (size_t row : {size_t{0}, size_t{1}}) {
    auto& c = soft(6 + row);
    auto& from = normed(row);
    c = {};
    c.run = from.run, c.x = from.x, c.z = from.z;
    c.top = f(top), c.total = F::from(total), c.before = product;
    for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
      auto& word = c.word[i];
      word.x = from.word[i].x, word.z = from.word[i].z;
      const bool exists = row * 8 + i * 4 < COLS;
      for (unsigned l = 0; l < LANES; ++l) {
        if (!exists) word.x.x[l] = f(top - 1);
        const auto d = static_cast<uint32_t>(top - number(word.x.x[l]));
        product = product * F::from(d);
        c.product[2 * i + l / 2] = product;
        if (!exists) continue;
        word.rounded[l] = F::from(s.rounded(d));
        sum += s.rounded(d);
        word.y[l] = f(share_output(share(r, static_cast<uint32_t>(s.exponential[d]))));
      }
      if (exists) write(word.z, word.y);
    }
    c.sum = F::from(sum);
  }
  for (size_t row : {size_t{0}, size_t{1}}) normed(row) = {};
  root_row(0) = {};
  expect_broken({"bus exponentials"});
}
TEST_F(Rows, a_row_of_a_softmax_is_no_layer_norm) {
  ASSERT_GE(w.height(w.table(ChipId::NN_NORM)), 8u);
  LayerNorm n;
  n.shape.cols = COLS, n.shape.epsilon = 5;
  int64_t sum = 0, squares = 0;
  for (size_t i = 0; i < COLS; ++i) {
    const int64_t x = number(soft(i / 8).word[i / 4 % 2].x.x[i % 4]);
    sum += x, squares += x * x;
  }
  const Root r = precompiles::nn::root(n, sum, squares);
  ASSERT_TRUE(root_row(3).is_real.is_zero());
  fill_root(filler_, layer(0).address, n, static_cast<int32_t>(sum), static_cast<int32_t>(squares), r, root_row(3));
  const Bytes inverse = bytes_of(static_cast<uint32_t>(r.inverse));
  int64_t so_far = 0, of_squares = 0;
  for (size_t row : {size_t{0}, size_t{1}}) {
    auto& c = normed(6 + row);
    auto& from = soft(row);
    c = {};
    c.run = from.run, c.x = from.x, c.z = from.z;
    c.total = f(sum);
    for (unsigned i = 0; i < 5; ++i) c.inverse[i] = F::from(static_cast<uint32_t>(r.inverse >> (8 * i)) & 0xff);
    for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
      auto& word = c.word[i];
      const bool exists = row * 8 + i * 4 < COLS;
      if (exists) word.x = from.word[i].x, word.z = from.word[i].z;
      for (unsigned l = 0; l < LANES; ++l) {
        const auto x = static_cast<int32_t>(number(word.x.x[l]));
        so_far += x, of_squares += x * x;
        const auto deviation = static_cast<int32_t>(128 * (COLS * x - sum));
        const int64_t limbs[4] = {deviation & 0xff, (deviation >> 8) & 0xff, deviation >> 16, 0};
        auto& e = word.element[l];
        word.gamma[l] = ONE;
        for (unsigned k = 0; k < 3; ++k) e.deviation[k] = f(limbs[k]);
        e.product = fill_product(filler_, false, limbs, inverse.b, 1u << 31);
        // A softmax's parts have no requantisation: multiplier and clamp are 0, and so is every result.
        e.channel = fill_requantised(filler_, false, Requantisation{}, normalised(n, x, sum, r), 0, 0, 0);
      }
      if (exists) write_norm(word);
    }
    c.sum = f(so_far), c.squares = f(of_squares);
  }
  for (size_t row : {size_t{0}, size_t{1}}) soft(row) = {};
  expect_broken({"bus entries", "bus gains"});
}
TEST_F(Rows, a_row_proved_twice_and_another_never) {
  // The tensor's second row is left as it was; the first one's run stands in its place, too.
  for (const bool softmax_chip : {true, false}) {
    for (size_t row : {size_t{0}, size_t{1}})
      if (softmax_chip)
        soft(2 + row) = soft(row);
      else
        normed(2 + row) = normed(row);
    if (!softmax_chip) root_row(1) = root_row(0);
    w.repair();
    const Names names = broken();
    EXPECT_EQ(names.count("bus done"), 1u);
    EXPECT_EQ(names.count("bus memory"), 1u);
    w.restore();
  }
}
TEST_F(Rows, a_row_left_out) {
  for (const bool softmax_chip : {true, false}) {
    for (size_t row : {size_t{2}, size_t{3}})
      if (softmax_chip)
        soft(row) = {};
      else
        normed(row) = {};
    if (!softmax_chip) root_row(1) = {};
    expect_broken({"bus done"});
  }
}
TEST_F(Rows, a_row_of_padding_of_the_fixed_tables) {
  // Layer 0 has a part of no words, an exponential of 0 and gains of 0; a run of it may have no end.
  auto& c = soft(6);
  c = {};
  c.run.is_real = c.run.first = c.run.last = ONE;
  c.run.call = soft(0).run.call;
  c.total = ZERO;
  w.repair();
  EXPECT_EQ(broken().count("NN_SOFTMAX: the end has what is left"), 1u);
  w.restore();
  auto& n = normed(6);
  n = {};
  n.run.is_real = n.run.first = n.run.last = ONE;
  n.run.call = normed(0).run.call;
  w.repair();
  EXPECT_EQ(broken().count("NN_NORM: the end has what is left"), 1u);
}
TEST_F(Rows, padding_reads_and_writes_nothing) {
  // What a row that is not real says on memory would need these flags.
  for (size_t flag : {1u, 2u, 3u}) {
    w.main(w.table(ChipId::NN_SOFTMAX), 7)[flag] = ONE;
    w.repair();
    EXPECT_EQ(broken().count("NN_SOFTMAX: flags only on real rows"), 1u);
    w.restore();
    w.main(w.table(ChipId::NN_NORM), 7)[flag] = ONE;
    w.repair();
    EXPECT_EQ(broken().count("NN_NORM: flags only on real rows"), 1u);
    w.restore();
  }
}
TEST_F(Rows, a_shorter_row) {
  // The second table row of a tensor's row is left out, the first says that it is the last.
  for (const bool softmax_chip : {true, false}) {
    if (softmax_chip) {
      soft(0).run.last = ONE;
      soft(1) = {};
    } else {
      normed(0).run.last = ONE;
      normed(1) = {};
    }
    w.repair();
    EXPECT_EQ(broken().count(std::string(softmax_chip ? "NN_SOFTMAX" : "NN_NORM") + ": the end has what is left"), 1u);
    w.restore();
  }
}
TEST_F(Rows, the_quotient_before_with_a_remainder_beyond_p) {
  // w + half + p or - p in place of w + half: no quotient and remainder have this integer.
  for (size_t row = 0; row < 8; ++row)
    for (const int64_t turn : {int64_t{1}, int64_t{-1}}) {
      auto& s = share_row(row);
      const int64_t power =
          number(s.reciprocal.power) < 0 ? number(s.reciprocal.power) + F::P : number(s.reciprocal.power);
      const int64_t said = (number(s.y) + number(s.full)) * power + number(s.z0) + 65536 * number(s.z1) +
                           turn * static_cast<int64_t>(F::P);
      const int64_t quotient = said >= 0 ? said / power : -((-said + power - 1) / power), z = said - quotient * power;
      const F d = s.exponential.d, sum = s.reciprocal.sum;
      const bool full = quotient > 255;
      s.y = f(quotient - (full ? 1 : 0)), s.full = full ? ONE : ZERO;
      s.z0 = f(z & 0xffff), s.z1 = f(z >> 16);
      for (size_t at = 0; at < 4; ++at)
        for (auto& word : soft(at).word)
          for (unsigned l = 0; l < LANES; ++l)
            if (soft(at).total == sum && soft(at).top - word.x.x[l] == d) word.y[l] = s.y - f(128);
      w.repair();
      const Names names = broken();
      EXPECT_GE(names.count("bus range") + names.count("NN_SHARES: full at the greatest"), 1u);
      EXPECT_EQ(names.count("NN_SHARES: division"), 0u);
      w.restore();
    }
}
TEST_F(Rows, no_row_may_be_proved_by_a_negative_count_of_a_statement) {
  // A statement used -1 times is as if it were taken; that needs one used once more.
  auto& s = share_row(0);
  s.uses = s.uses - ONE;
  EXPECT_EQ(broken(), Names{"bus shares"});
  w.restore();
}

}  // namespace
}  // namespace zkvm::tests
