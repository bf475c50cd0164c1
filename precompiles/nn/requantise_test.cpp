// The gadget alone, on rows of its own: right for every accumulator, and for no other result.
#include "precompiles/nn/requantise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>

#include "guest-sdk/include/zkvm/nn/fixed_point.hpp"
#include "precompiles/table_forger.hpp"

namespace zkvm::precompiles::nn {
namespace {

template <class T>
struct GivenMessage {
  ChannelMessage<T> channel;
  T zero_point, min, max, accumulator;
};
template <class T>
struct ResultMessage {
  T y;
};
constexpr stark::Bus<GivenMessage> GIVEN{100, false, "given"};
constexpr stark::Bus<ResultMessage> RESULT{101, false, "result"};

template <class T>
struct TestColumns {
  T is_real;
  GivenMessage<T> given;
  RequantiseColumns<T> columns;
};
constexpr size_t WIDTH = sizeof(TestColumns<F>) / sizeof(F);

const stark::Air& air() {
  static const stark::Air AIR = [] {
    AirBuilder b(0, WIDTH, 0, 0);
    const auto c = b.main<TestColumns>();
    const GivenMessage<Expr>& g = c.given;
    b.assert_bool(c.is_real, "is_real is boolean");
    b.receive(GIVEN, g, c.is_real, "given");
    b.assert_zero(accumulator(c.columns, g.channel) - g.accumulator, "accumulator");
    assert_requantised(b, c.is_real, c.is_real, c.columns, g.channel, g.zero_point, g.min, g.max);
    b.send(RESULT, {c.columns.y}, c.is_real, "result");
    return stark::Air::compile("REQUANTISE", b);
  }();
  return AIR;
}

/// A channel as a record has it, and as layer.cpp has made it, with the greatest accumulator that its layer can have.
struct Channel {
  zkvm_nn_channel record;
  Requantisation made;
  int32_t zero_point, min, max;
  int64_t largest;
};

struct Random {
  std::mt19937 engine;
  int32_t operator()(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(engine); }
};

/// Random fully connected layers of one channel, as long as the loader takes them.
Channel random_channel(Random& random) {
  for (;;) {
    const int32_t k = 4 * (1 << random(0, 10));
    zkvm_nn_linear h{};
    h.magic = ZKVM_NN_MAGIC;
    h.kind = ZKVM_NN_LINEAR;
    h.in_h = h.in_w = h.out_h = h.out_w = h.kernel_h = h.kernel_w = 1;
    h.stride_h = h.stride_w = h.dilation_h = h.dilation_w = 1;
    h.in_c = h.weight_in = k;
    h.out_c = 4;
    h.weight_out = 1;
    h.in_zp = random(-128, 127);
    h.out_zp = random(0, 2) == 0 ? random(0, 1) * 255 - 128 : random(-128, 127);
    h.act_min = random(0, 1) == 0 ? -128 : random(-128, 127);
    h.act_max = random(0, 1) == 0 ? 127 : random(h.act_min, 127);
    const int8_t weight = static_cast<int8_t>(random(1, 127));
    constexpr int32_t EDGES[] = {0, 1, 1 << 30, INT32_MAX};
    const zkvm_nn_channel c{random(-1, 1) * random(0, 1 << random(0, 28)),
                            random(0, 3) == 0 ? EDGES[random(0, 3)] : random(1 << 30, INT32_MAX),
                            random(0, 5) == 0 ? random(-31, 13) : random(-20, 0)};
    h.bytes = static_cast<uint32_t>((sizeof h + sizeof c + static_cast<size_t>(k) + 31) / 32 * 32);
    std::vector<uint8_t> record(h.bytes, 0);
    std::memcpy(record.data(), &h, sizeof h);
    std::memcpy(record.data() + sizeof h, &c, sizeof c);
    std::fill_n(record.begin() + sizeof h + sizeof c, k, static_cast<uint8_t>(weight));
    Rom rom;
    if (!rom.load(record).empty()) continue;
    const int64_t input = std::max(127 - h.in_zp, h.in_zp + 128);
    return {c, rom.layers()[0].linear.channels[0], h.out_zp, h.act_min, h.act_max, k * weight * input};
  }
}

/// A row for an accumulator, bias not included, with its look-ups counted.
TestColumns<F> row_of(const Channel& c, int64_t accumulated, LookupCounts& counts) {
  static const isa::ProgramTable NONE({}, {});
  isa::Filler filler(NONE, counts);
  return {F::one(),
          {channel_message(c.made), F::from_i64(c.zero_point), F::from_i64(c.min), F::from_i64(c.max),
           F::from_i64(accumulated)},
          fill_requantised(filler, true, c.made, accumulated, c.zero_point, c.min, c.max)};
}

std::vector<F> constraints(const TestColumns<F>& row) {
  std::vector<F> slots(air().slots()), values;
  stark::fill_fixed_slots(air(), nullptr, slots.data());
  std::copy_n(reinterpret_cast<const F*>(&row), WIDTH, slots.begin());
  stark::evaluate_constraints(air(), slots.data(), [&](unsigned, F v) { values.push_back(v); });
  return values;
}
bool holds(const TestColumns<F>& row) {
  for (F v : constraints(row))
    if (!v.is_zero()) return false;
  return true;
}

/// Edges of the range, ties and neighbours of ties, and random ones.
std::vector<int64_t> accumulators(const Channel& c, Random& random) {
  std::set<int64_t> all = {0, 1, -1, c.largest, -c.largest};
  const int64_t bias = c.made.bias;
  for (int64_t a : {int64_t{0}, int64_t{-1}, int64_t{255}, int64_t{256}, int64_t{-256}, int64_t{65535}, int64_t{65536},
                    int64_t{-65536}, int64_t{-65537}})
    all.insert(a - bias);
  for (int i = 0; i < 8; ++i) {
    all.insert(static_cast<int64_t>(random(-INT32_MAX, INT32_MAX)) * c.largest / INT32_MAX);
    // Near q + 1/2.
    if (c.made.mu == 0) continue;
    const int64_t half = (int64_t{2} * random(-130, 130) + 1) << c.made.shift;
    const auto tie =
        static_cast<int64_t>(static_cast<__int128>(half) * (int64_t{1} << 31) / static_cast<__int128>(c.made.mu)) -
        bias;
    for (int64_t d = -1; d <= 1; ++d) all.insert(tie + d);
  }
  std::vector<int64_t> within;
  for (int64_t a : all)
    if (std::abs(a) <= c.largest) within.push_back(a);
  return within;
}

TEST(Requantise, rows_hold_and_give_what_the_software_says) {
  Random random{std::mt19937(1)};
  LookupCounts counts(0);
  size_t rows = 0, clamped = 0;
  for (int i = 0; i < 3000; ++i) {
    const Channel c = random_channel(random);
    for (int64_t a : accumulators(c, random)) {
      const TestColumns<F> row = row_of(c, a, counts);
      ASSERT_TRUE(holds(row)) << "accumulator " << a << ", multiplier " << c.record.multiplier << ", shift "
                              << c.record.shift;
      const int8_t y = zkvm::nn::software::requantise_to_int8(
          static_cast<int32_t>(a + c.record.bias), {c.record.multiplier, c.record.shift}, c.zero_point, c.min, c.max);
      ASSERT_EQ(row.columns.y, F::from_i64(y)) << "accumulator " << a;
      ++rows;
      clamped += row.columns.saturated.is_zero() ? 0u : 1u;
    }
  }
  EXPECT_GT(rows, 30'000u);
  EXPECT_GT(clamped, rows / 10);
  EXPECT_LT(clamped, rows / 10 * 9);
}

/// The limbs of an accumulator and of the low half of its product are determined by ranges that are smaller than p.
/// What is left to a prover is the result, the flag and the remainder: all are tried.
TEST(Requantise, no_other_result_has_a_remainder) {
  Random random{std::mt19937(2)};
  LookupCounts counts(0);
  const auto product = [](const TestColumns<F>& row) { return constraints(row).back(); };
  ASSERT_EQ(air().constraint_label(air().constraints() - 1), "product");
  size_t tried = 0;
  for (int i = 0; i < 300; ++i) {
    const Channel c = random_channel(random);
    for (int64_t a : accumulators(c, random)) {
      const TestColumns<F> honest = row_of(c, a, counts);
      TestColumns<F> row = honest;
      auto& r = row.columns;
      const ChannelMessage<F>& p = row.given.channel;
      for (int32_t y = c.min; y <= c.max; ++y)
        for (const int saturated : {0, 1, -1}) {
          if ((saturated == 1 && y != c.max) || (saturated == -1 && y != c.min)) continue;
          r.y = F::from_i64(y);
          r.saturated = F::from_i64(saturated);
          const unsigned bits0 = saturated != 0 ? 16 : p.low.value(),
                         bits1 = saturated != 0 ? p.span.value() : p.high.value();
          r.bits0 = F::from(bits0);
          r.bits1 = F::from(bits1);
          // The product's constraint is affine in the remainder.
          r.z1 = r.z0 = F::zero();
          const F at0 = product(row);
          r.z0 = F::one();
          const uint32_t z = (-at0 * (product(row) - at0).inverse()).value();
          // z0 + 2^16 z1, of so many bits.
          const bool fits = bits0 < 16 ? z < 1u << bits0 : z >> 16 < 1u << bits1;
          ++tried;
          if (!fits) continue;
          r.z0 = F::from(z & 0xffff);
          r.z1 = F::from(z >> 16);
          ASSERT_TRUE(holds(row));
          ASSERT_EQ(r.y, honest.columns.y) << "accumulator " << a << ", multiplier " << c.record.multiplier
                                           << ", shift " << c.record.shift << ", saturated " << saturated;
        }
    }
  }
  EXPECT_GT(tried, 500'000u);
}

/// Rows of many kinds in one table for the forger, which holds GIVEN to what it was.
stark::DebugTable table(uint32_t seed) {
  Random random{std::mt19937(seed)};
  LookupCounts counts(0);
  stark::DebugTable t{0, 5, {}, {}, {}};
  t.main.assign(32 * WIDTH, F::zero());
  for (size_t row = 0; row < 31; ++row) {
    const Channel c = random_channel(random);
    const auto all = accumulators(c, random);
    const TestColumns<F> columns =
        row_of(c, all[static_cast<size_t>(random(0, static_cast<int32_t>(all.size()) - 1))], counts);
    std::copy_n(reinterpret_cast<const F*>(&columns), WIDTH, &t.main[row * WIDTH]);
  }
  return t;
}
bool is_result(size_t, size_t message) { return air().messages()[message].bus == RESULT.id; }

TEST(RequantiseForge, no_column_can_be_changed_alone_or_with_repairs) {
  test::TableForger f(air(), table(3), is_result);
  ASSERT_TRUE(f.holds());
  for (size_t row = 0; row < 31; ++row)  // the last one is padding
    for (size_t c = 0; c < WIDTH; ++c) ASSERT_FALSE(f.attack(row, c, 6, 6, 4)) << row << ", column " << c;
}

class RequantiseNecessity : public testing::TestWithParam<const char*> {};

TEST_P(RequantiseNecessity, without_these_constraints_results_are_forged) {
  test::TableForger f(air(), table(4), is_result, GetParam());
  bool forged = false;
  for (size_t row = 0; row < 31 && !forged; ++row)
    for (size_t c = 0; c < WIDTH && !forged; ++c) forged = f.attack(row, c, 6, 6, 4);
  EXPECT_TRUE(forged);
}
// Not among them: "saturated is -1, 0 or 1". Another value needs y to be both min and max, and then no other y exists.
INSTANTIATE_TEST_SUITE_P(constraints, RequantiseNecessity,
                         testing::Values("product", "low limb of the product", "second limb of the product",
                                         "saturated at max", "saturated at min", "bits of z0", "bits of z1",
                                         "negative is boolean", "accumulator"));

}  // namespace
}  // namespace zkvm::precompiles::nn
