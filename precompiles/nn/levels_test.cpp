// Levels of thresholds as the fixed table has them: each accumulator is in the windows of its own result and of no
// other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "guest-sdk/include/zkvm/nn/software_linear.hpp"
#include "precompiles/nn/fixed/tables.hpp"

namespace zkvm::precompiles::nn {
namespace {

struct Random {
  std::mt19937 engine;
  int32_t operator()(int32_t low, int32_t high) { return std::uniform_int_distribution<int32_t>(low, high)(engine); }
};

/// A fully connected layer of four channels, the last of which is padding; its weights are within +-`size`.
struct Subject {
  Rom rom;
  std::vector<zkvm_nn_thresholds> thresholds;
  std::vector<int8_t> weights;

  const Linear& layer() const { return rom.layers()[0].linear; }
};
Subject random_subject(Random& random, int32_t size) {
  constexpr int32_t LIMIT = 1 << 29, OUTS = 3;
  const int32_t inputs = 4 * random(1, 3);
  Subject s;
  zkvm_nn_linear h{};
  h.magic = ZKVM_NN_MAGIC;
  h.kind = ZKVM_NN_LINEAR;
  h.in_h = h.in_w = h.out_h = h.out_w = h.kernel_h = h.kernel_w = 1;
  h.stride_h = h.stride_w = h.dilation_h = h.dilation_w = 1;
  h.in_c = h.weight_in = inputs;
  h.out_c = 4;
  h.weight_out = OUTS;
  h.in_zp = random(-128, 127);
  h.out_zp = random(-128, 127);
  h.act_min = -128;
  h.act_max = 127;
  h.requantisation = ZKVM_NN_THRESHOLDS;
  for (int32_t o = 0; o < OUTS; ++o) {
    zkvm_nn_thresholds& t = s.thresholds.emplace_back();
    t.bias = random(-LIMIT / 2, LIMIT / 2);
    const int32_t range = 1 << random(0, 20);
    for (int32_t& x : t.threshold)
      x = random(0, 9) == 0 ? (random(0, 1) * 2 - 1) * LIMIT : t.bias + random(-range, range);
    std::sort(std::begin(t.threshold), std::end(t.threshold));
  }
  for (int32_t i = 0; i < OUTS * inputs; ++i) s.weights.push_back(static_cast<int8_t>(random(-size, size)));
  const size_t payload = s.thresholds.size() * sizeof(zkvm_nn_thresholds) + s.weights.size();
  h.bytes = static_cast<uint32_t>((sizeof h + payload + 31) / 32 * 32);
  std::vector<uint8_t> record;
  const auto append = [&](const auto* data, size_t count) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data);
    record.insert(record.end(), bytes, bytes + count * sizeof *data);
  };
  append(&h, 1);
  append(s.thresholds.data(), s.thresholds.size());
  append(s.weights.data(), s.weights.size());
  record.resize(h.bytes);
  EXPECT_EQ(s.rom.load(record), "");
  return s;
}

int64_t number(F x) { return x.value() < F::P / 2 ? int64_t{x.value()} : int64_t{x.value()} - int64_t{F::P}; }

/// Whether z0 and z1 of the level's bits give this accumulator, with either shift.
bool admits(const LevelWindows<F>& level, int64_t accumulator) {
  const unsigned low = level.low.value(), high = level.high.value();
  for (const F shift : {F::zero(), level.offset}) {
    // All that is left is one residue class of z0 + 2^16 z1, which is below 2^30.
    const uint32_t z = (F::from_i64(accumulator) - level.lowest - shift).value();
    if (low < 16 ? z < 1u << low && high == 0 : z >> 16 < 1u << high) return true;
  }
  return false;
}

TEST(Levels, reach_is_what_the_weights_allow) {
  Random random{std::mt19937(1)};
  for (int round = 0; round < 300; ++round) {
    const Subject s = random_subject(random, 127);
    const Linear& l = s.layer();
    for (int32_t o = 0; o < 3; ++o) {
      int64_t lowest = 0, highest = 0;
      for (int32_t i = 0; i < l.shape.in_c; ++i) {
        const int32_t w = l.weight(o, 0, 0, i);
        lowest += std::min(w * (-128 - l.shape.in_zp), w * (127 - l.shape.in_zp));
        highest += std::max(w * (-128 - l.shape.in_zp), w * (127 - l.shape.in_zp));
      }
      EXPECT_EQ(l.reach[static_cast<size_t>(o)].lowest, lowest);
      EXPECT_EQ(l.reach[static_cast<size_t>(o)].highest, highest);
    }
    EXPECT_EQ(l.reach[3].lowest, 0);
    EXPECT_EQ(l.reach[3].highest, 0);
  }
}

/// Exhaustively, for small weights.
TEST(Levels, every_accumulator_has_its_result_and_no_other) {
  Random random{std::mt19937(2)};
  size_t tried = 0, levels = 0;
  for (int round = 0; round < 40; ++round) {
    const Subject s = random_subject(random, 2);
    const Linear& l = s.layer();
    for (int32_t o = 0; o < 4; ++o) {
      const std::vector<Level> all = levels_of(l, o);
      ASSERT_FALSE(all.empty());
      levels += all.size();
      const Reach reach = l.reach[static_cast<size_t>(o)];
      for (int32_t a = reach.lowest - 3; a <= reach.highest + 3; ++a) {
        const bool allowed = a >= reach.lowest && a <= reach.highest;
        const int32_t result = o == 3
                                   ? l.shape.out_zp
                                   : zkvm::nn::software::threshold_level(s.thresholds[static_cast<size_t>(o)].threshold,
                                                                         a + s.thresholds[static_cast<size_t>(o)].bias);
        EXPECT_EQ(l.result(o, a), result);
        size_t admitted = 0;
        for (const Level& level : all) {
          if (!admits(level_windows(level), a)) continue;
          ++admitted;
          ASSERT_EQ(level.result, result) << "accumulator " << a;
        }
        ASSERT_EQ(admitted, allowed ? 1u : 0u) << "accumulator " << a;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 100'000u);
  EXPECT_GT(levels, 1'000u);
}

/// At the edges of all levels, for weights of every size.
TEST(Levels, windows_end_where_thresholds_are) {
  Random random{std::mt19937(3)};
  for (int round = 0; round < 200; ++round) {
    const Subject s = random_subject(random, 127);
    const Linear& l = s.layer();
    for (int32_t o = 0; o < 4; ++o) {
      const std::vector<Level> all = levels_of(l, o);
      int64_t next = l.reach[static_cast<size_t>(o)].lowest;
      for (const Level& level : all) {
        const LevelWindows<F> windows = level_windows(level);
        EXPECT_EQ(windows.byte, F::from(static_cast<uint32_t>(level.result) & 0xff));
        EXPECT_EQ(number(windows.lowest), next);  // no gaps
        const int64_t last = level.lowest + int64_t{level.offset} + (int64_t{1} << level.bits) - 1;
        EXPECT_LT(level.offset, uint32_t{1} << level.bits);  // no hole between the windows
        for (const int64_t a : {int64_t{level.lowest}, last}) {
          EXPECT_TRUE(admits(windows, a));
          EXPECT_EQ(l.result(o, static_cast<int32_t>(a)), level.result);
        }
        EXPECT_FALSE(admits(windows, int64_t{level.lowest} - 1));
        EXPECT_FALSE(admits(windows, last + 1));
        next = last + 1;
      }
      EXPECT_EQ(next, l.reach[static_cast<size_t>(o)].highest + 1);
    }
  }
}

TEST(Levels, the_fixed_table_has_all_of_a_layer_and_nothing_else) {
  Random random{std::mt19937(4)};
  for (int round = 0; round < 50; ++round) {
    const Subject s = random_subject(random, 127);
    const Linear& l = s.layer();
    const FixedTables tables(s.rom);
    EXPECT_TRUE(tables.channels.rows.empty());
    EXPECT_EQ(tables.quads.rows.size(), 1u);
    EXPECT_EQ(tables.levels.rows.size(), level_row_count(l));
    size_t row = 0;
    for (int32_t o = 0; o < 4; ++o) {
      const std::vector<Level> all = levels_of(l, o);
      for (size_t first = 0; first < all.size(); first += LEVELS, ++row) {
        const LevelsFixed<F>& fixed = tables.levels.rows.at(row);
        EXPECT_EQ(fixed.layer, F::from(ZKVM_NN_ROM_BEGIN));
        EXPECT_EQ(fixed.channel, F::from_i64(o));
        for (size_t i = 0; i < LEVELS; ++i) {
          const LevelWindows<F> expected = level_windows(all[std::min(first + i, all.size() - 1)]);
          EXPECT_EQ(std::memcmp(&fixed.level[i], &expected, sizeof expected), 0);
        }
      }
    }
    EXPECT_EQ(row, tables.levels.rows.size());
    std::vector<F> padding(sizeof(LevelsFixed<F>) / sizeof(F), F::one());
    tables.fill(NnChip::LEVELS, row, padding.data());
    EXPECT_TRUE(std::all_of(padding.begin(), padding.end(), [](F x) { return x.is_zero(); }));
  }
}

}  // namespace
}  // namespace zkvm::precompiles::nn
