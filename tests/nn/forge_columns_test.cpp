// Every main column of every chip of the precompile is changed, in rows of every kind, alone and with all that depends
// on it repaired: form columns computed afresh, look-ups counted afresh. Whatever is accepted then must say the same
// about state and memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "precompiles/nn/activations/columns.hpp"
#include "precompiles/nn/add/columns.hpp"
#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/call/columns.hpp"
#include "precompiles/nn/norm/columns.hpp"
#include "precompiles/nn/output/columns.hpp"
#include "precompiles/nn/pool/columns.hpp"
#include "precompiles/nn/powers/columns.hpp"
#include "precompiles/nn/reciprocals/columns.hpp"
#include "precompiles/nn/shares/columns.hpp"
#include "precompiles/nn/softmax/columns.hpp"
#include "precompiles/nn/steps/columns.hpp"
#include "precompiles/nn/table/columns.hpp"
#include "precompiles/registry.hpp"
#include "tests/nn/linear_layer.hpp"
#include "tests/nn/workbench.hpp"

namespace zkvm::tests {
namespace {

using precompiles::ChipId;
using precompiles::nn::ActivationsColumns;
using precompiles::nn::AddColumns;
using precompiles::nn::BorderColumns;
using precompiles::nn::NnCallColumns;
using precompiles::nn::NormColumns;
using precompiles::nn::OutputColumns;
using precompiles::nn::PoolColumns;
using precompiles::nn::PowersColumns;
using precompiles::nn::ReciprocalsColumns;
using precompiles::nn::SharesColumns;
using precompiles::nn::SoftmaxColumns;
using precompiles::nn::StepsColumns;
using precompiles::nn::TableColumns;
using stark::F;

/// A padded convolution of odd width with strides in one direction, a depthwise one, two matrix products, an
/// element-wise sum, a table and both kinds of pooling, and with thresholds the same convolution without its last
/// channel, and a product; a softmax and a layer norm; all small.
DebugExecution subject(uint32_t seed) {
  LinearLayer conv = plain_convolution(5, 4, 8, 3);
  conv.header.pad_top = conv.header.pad_left = 1;
  conv.header.in_h = 4;
  conv.header.out_h = 2;
  conv.header.out_w = 5;
  conv.header.stride_h = 2;
  conv.header.in_zp = -5;
  conv.channels[3] = {-900, 1 << 30, 0};
  conv.channels[4] = {500, 1'900'000'000, 2};
  LinearLayer depthwise = plain_convolution(3, 4, 4, 2);
  depthwise.header.operand = ZKVM_NN_DEPTHWISE;
  depthwise.weights.resize(depthwise.weight_count());
  const LinearLayer nk = plain_product(ZKVM_NN_RAM_NK, 3, 4, 12), kn = plain_product(ZKVM_NN_RAM_KN, 2, 8, 4);
  std::vector<TestLayer> layers;
  for (const LinearLayer& l : {conv, depthwise, nk, kn}) layers.push_back(l.made());
  Random random(7);
  const auto add_layer = [&](uint32_t kind, const std::function<bool(const TestLayer&)>& wanted) {
    for (;;) {
      TestLayer l = random_layer(random, kind, 1);
      if (!wanted(l) || !precompiles::nn::Rom().load(l.record).empty()) continue;
      layers.push_back(std::move(l));
      return;
    }
  };
  // An odd number of words, in two rows and more.
  const auto odd = [](const TestLayer& l) { return l.input_bytes % 8 == 4 && l.input_bytes > 8 && l.input_bytes < 40; };
  add_layer(ZKVM_NN_ADD, odd);
  add_layer(ZKVM_NN_TABLE, odd);
  for (const int32_t is_max : {0, 1})
    add_layer(ZKVM_NN_POOL, [&](const TestLayer& l) {
      const auto* r = reinterpret_cast<const zkvm_nn_pool*>(l.record.data());
      return r->is_max == is_max && r->kernel_h * r->kernel_w > 2 && l.output_bytes >= 16 && l.input_bytes < 0xa0;
    });
  conv.use_thresholds(300);
  conv.header.weight_out = 7;
  conv.header.out_zp = 77;
  conv.thresholds.resize(7);
  conv.weights.resize(conv.weight_count());
  LinearLayer stepped = kn;
  stepped.use_thresholds(100'000);  // few results can be had
  for (const LinearLayer& l : {conv, stepped}) layers.push_back(l.made());
  for (const uint32_t kind : {ZKVM_NN_SOFTMAX, ZKVM_NN_LAYER_NORM})
    add_layer(kind, [](const TestLayer& l) {
      // Rows of three words: a word is missing in the second table row of each.
      const auto* r = reinterpret_cast<const zkvm_nn_softmax*>(l.record.data());
      return r->cols == 12 && (r->rows == 2 || r->rows == 3);
    });
  // Across a border of 64 KiB; one output is over its input.
  constexpr uint32_t FIRST = TENSORS + 0xffe0;
  std::vector<TestCall> calls;
  for (uint32_t i = 0; i < layers.size(); ++i) {
    const uint32_t at = FIRST + 0xc0 * i;
    calls.push_back({i, at, layers[i].second_bytes == 0 ? 0 : at + 0x50, i == 2 ? at : 0x200'ffe0 + 0xc0 * i});
  }
  std::vector<uint8_t> memory(0x1'0800);
  for (uint8_t& b : memory) b = random.byte();
  return debug_execution(layer_program(layers, calls, memory), {}, seed);
}

/// Rows of a table that differ in kind: the first of the table, ends of runs, padding, and others.
std::vector<size_t> rows_of(const Workbench& bench, size_t table, size_t most) {
  const size_t height = bench.height(table);
  std::vector<size_t> rows;
  for (size_t i = 0; i < most && i < height; ++i) rows.push_back(i * height / std::min(most, height));
  if (rows.back() != height - 1) rows.push_back(height - 1);
  return rows;
}

/// Columns of real rows that may hold anything, with the rows where that is so: nothing but an order of work, or a
/// position that does not exist, depends on them. Index of a field of a chip's columns:
template <template <class> class Columns, class Field>
std::set<size_t> columns_of(Field&& field) {
  static Columns<F> c;
  const auto& f = field(c);
  const auto first = static_cast<size_t>(reinterpret_cast<const F*>(&f) - reinterpret_cast<const F*>(&c));
  std::set<size_t> all;
  constexpr size_t BYTES = sizeof f, count = BYTES / sizeof(F);
  for (size_t i = 0; i < count; ++i) all.insert(first + i);
  return all;
}

std::set<size_t> free_columns(size_t chip, const F* row) {
  std::set<size_t> free;
  const auto add = [&](const std::set<size_t>& more) { free.insert(more.begin(), more.end()); };
  if (chip == ChipId::NN_CALL) {
    // Where nobody looks the pointer up, nothing says which space it points into.
    const auto& c = *reinterpret_cast<const NnCallColumns<F>*>(row);
    if (c.input_uses.is_zero()) add(columns_of<NnCallColumns>([](auto& r) -> auto& { return r.input_read_only; }));
    if (c.second_uses.is_zero()) add(columns_of<NnCallColumns>([](auto& r) -> auto& { return r.second_read_only; }));
  }
  // An entry may be in several rows, which then share its uses.
  if (chip == ChipId::NN_POWERS) add(columns_of<PowersColumns>([](auto& r) -> auto& { return r.uses; }));
  if (chip == ChipId::NN_ACTIVATIONS) {
    const auto& c = *reinterpret_cast<const ActivationsColumns<F>*>(row);
    if (c.first.is_zero()) {
      // They say where a job begins, which only its first row has to know.
      add(columns_of<ActivationsColumns>([](auto& r) -> auto& { return r.job.layer; }));
      add(columns_of<ActivationsColumns>([](auto& r) -> auto& { return r.job.offset; }));
    }
    for (unsigned i = 1; i < precompiles::nn::POSITIONS; ++i) {
      if (!c.active[i - 1].is_zero()) continue;
      add(columns_of<ActivationsColumns>([&](auto& r) -> auto& { return r.carry[i - 1]; }));
      add(columns_of<ActivationsColumns>([&](auto& r) -> auto& { return r.word[i].prev; }));
      add(columns_of<ActivationsColumns>([&](auto& r) -> auto& { return r.word[i].value; }));
    }
  }
  if (chip == ChipId::NN_OUTPUT) {
    const auto& c = *reinterpret_cast<const OutputColumns<F>*>(row);
    if (c.run.second.is_zero()) {
      add(columns_of<OutputColumns>([](auto& r) -> auto& { return r.run.carry; }));
      add(columns_of<OutputColumns>([](auto& r) -> auto& { return r.word[1]; }));
    }
  }
  if (chip == ChipId::NN_STEPS && reinterpret_cast<const StepsColumns<F>*>(row)->run.second.is_zero()) {
    add(columns_of<StepsColumns>([](auto& r) -> auto& { return r.run.carry; }));
    add(columns_of<StepsColumns>([](auto& r) -> auto& { return r.word[1]; }));
  }
  if (chip == ChipId::NN_ADD && reinterpret_cast<const AddColumns<F>*>(row)->run.second.is_zero()) {
    add(columns_of<AddColumns>([](auto& r) -> auto& { return r.word[1]; }));
    add(columns_of<AddColumns>([](auto& r) -> auto& { return r.x.at.carry; }));
    add(columns_of<AddColumns>([](auto& r) -> auto& { return r.y.at.carry; }));
    add(columns_of<AddColumns>([](auto& r) -> auto& { return r.z.carry; }));
  }
  if (chip == ChipId::NN_TABLE && reinterpret_cast<const TableColumns<F>*>(row)->run.second.is_zero()) {
    add(columns_of<TableColumns>([](auto& r) -> auto& { return r.word[1]; }));
    add(columns_of<TableColumns>([](auto& r) -> auto& { return r.x.at.carry; }));
    add(columns_of<TableColumns>([](auto& r) -> auto& { return r.z.carry; }));
  }
  // A statement may be made in several rows, which then share its uses.
  if (chip == ChipId::NN_SHARES) add(columns_of<SharesColumns>([](auto& r) -> auto& { return r.uses; }));
  if (chip == ChipId::NN_RECIPROCALS) add(columns_of<ReciprocalsColumns>([](auto& r) -> auto& { return r.uses; }));
  if (chip == ChipId::NN_SOFTMAX && reinterpret_cast<const SoftmaxColumns<F>*>(row)->run.second.is_zero()) {
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.word[1].x.prev; }));
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.word[1].x.value; }));
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.word[1].z; }));
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.word[1].y; }));
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.x.at.carry; }));
    add(columns_of<SoftmaxColumns>([](auto& r) -> auto& { return r.z.carry; }));
  }
  if (chip == ChipId::NN_NORM && reinterpret_cast<const NormColumns<F>*>(row)->run.second.is_zero()) {
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].x.prev; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].x.value; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].z; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].gamma; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].beta; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.word[1].element; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.x.at.carry; }));
    add(columns_of<NormColumns>([](auto& r) -> auto& { return r.z.carry; }));
  }
  if (chip == ChipId::NN_POOL) {
    const auto& c = *reinterpret_cast<const PoolColumns<F>*>(row);
    if (!c.opens.is_zero()) add(columns_of<PoolColumns>([](auto& r) -> auto& { return r.before; }));
    for (unsigned i = 1; i < precompiles::nn::POOL_ROW_WORDS; ++i) {
      if (!c.pattern.active[i - 1].is_zero()) continue;
      add(columns_of<PoolColumns>([&](auto& r) -> auto& { return r.word[i].carry; }));
      add(columns_of<PoolColumns>([&](auto& r) -> auto& { return r.word[i].word; }));
    }
  }
  if (chip == ChipId::NN_BORDER) {
    const auto& c = *reinterpret_cast<const BorderColumns<F>*>(row);
    // Values of 0 may stand anywhere, since they count for nothing.
    if (std::all_of(std::begin(c.value), std::end(c.value), [](F v) { return v.is_zero(); }))
      for (size_t i = 0; i < sizeof c / sizeof(F); ++i) add({i});
  }
  return free;
}

class ForgeColumns : public testing::TestWithParam<size_t> {
 protected:
  static Workbench& bench() {
    static Workbench bench(subject(3));
    return bench;
  }
};

/// Changes every column of up to `most` rows of each of the chip's tables. Returns "" or what was accepted: something
/// else about state or memory, or a change of a column that should not be free.
std::string forge(Workbench& w, size_t chip, size_t most, size_t* refused) {
  const stark::Air& air = vm::machine_description().chips[chip].air;
  Random random(static_cast<uint32_t>(chip));
  for (const size_t t : w.tables(chip)) {
    for (const size_t row : rows_of(w, t, most)) {
      // The first column says whether a row is real; all rows of powers are.
      const bool real = chip == ChipId::NN_POWERS || !w.main(t, row)[0].is_zero();
      const std::set<size_t> free = free_columns(chip, w.main(t, row));
      for (size_t column = 0; column < air.main_width(); ++column) {
        const F honest = w.main(t, row)[column];
        for (const F change : {F::one(), -F::one(), -honest - honest, F::one() - honest - honest, F::from(65536),
                               F::from(static_cast<uint32_t>(random(2, INT32_MAX / 2)))}) {
          if (change.is_zero()) continue;
          for (const bool repair : {false, true}) {
            w.main(t, row)[column] = honest + change;
            if (repair) {
              w.recompute_forms();
              w.recount();
            }
            const bool accepted = w.accepted();
            const bool matters =
                accepted && !w.is_honest() && (w.tells_something_else() || (real && free.count(column) == 0));
            w.restore();
            if (matters) return "column " + std::to_string(column) + ", row " + std::to_string(row);
            if (!accepted) ++*refused;
          }
        }
      }
    }
  }
  return "";
}

TEST_P(ForgeColumns, no_change_is_accepted_that_matters) {
  size_t refused = 0;
  EXPECT_EQ(forge(bench(), GetParam(), 20, &refused), "");
  EXPECT_GT(refused, 500u);
}

TEST(ForgeFixed, uses_of_fixed_messages_are_counted) {
  Workbench w(subject(4));
  for (size_t chip = ChipId::NN_SIGNED; chip < ChipId::NN_CALL + precompiles::nn::NN_CHIPS; ++chip) {
    for (const size_t t : w.tables(chip)) {
      const stark::Air& air = vm::machine_description().chips[chip].air;
      for (const size_t row : rows_of(w, t, 40))
        for (size_t column = 0; column < air.main_width(); ++column) {
          w.main(t, row)[column] += F::one();
          EXPECT_FALSE(w.accepted()) << air.name() << ", row " << row << ", column " << column;
          w.restore();
        }
    }
  }
}

/// Two columns of a statement are changed at once, by what digits carry: a number said by other limbs.
TEST(ForgePairs, no_statement_about_a_row_is_true_of_other_limbs) {
  Workbench w(subject(3));
  const F changes[] = {F::one(),       -F::one(),       F::from(2),       -F::from(2),
                       F::from(128),   -F::from(128),   F::from(256),     -F::from(256),
                       F::from(65536), -F::from(65536), F::from(1 << 24), -F::from(1 << 24)};
  for (const size_t chip : {size_t{ChipId::NN_SHARES}, size_t{ChipId::NN_RECIPROCALS}, size_t{ChipId::NN_ROOTS}}) {
    const stark::Air& air = vm::machine_description().chips[chip].air;
    const size_t t = w.table(chip), row = 1;
    ASSERT_FALSE(w.main(t, row)[0].is_zero());
    const std::set<size_t> free = free_columns(chip, w.main(t, row));
    Random random(static_cast<uint32_t>(chip));
    size_t tried = 0;
    for (size_t a = 1; a < air.main_width(); ++a)
      for (size_t b = a + 1; b < air.main_width(); ++b) {
        if (free.count(a) != 0 || free.count(b) != 0) continue;
        for (const F by : changes)
          for (const F other : changes) {
            // All pairs of columns, some of the pairs of changes where columns are far apart.
            if (b - a > 4 && !random.one_in(24)) continue;
            w.main(t, row)[a] += by;
            w.main(t, row)[b] += other;
            w.recount();
            const bool accepted = w.accepted();
            w.restore();
            ++tried;
            ASSERT_FALSE(accepted) << air.name() << ": columns " << a << " and " << b << " by " << by.value() << " and "
                                   << other.value();
          }
      }
    EXPECT_GT(tried, 1000u);
  }
}

INSTANTIATE_TEST_SUITE_P(chips, ForgeColumns, testing::Range(size_t{ChipId::NN_CALL}, size_t{ChipId::NN_SIGNED}),
                         [](const auto& info) { return vm::machine_description().chips[info.param].air.name(); });

}  // namespace
}  // namespace zkvm::tests
