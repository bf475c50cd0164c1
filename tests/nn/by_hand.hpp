#pragma once
/// \file
/// Where lies about linear layers are told by hand: layers run on a workbench, rows of their chips by name.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "precompiles/nn/activations/columns.hpp"
#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/call/columns.hpp"
#include "precompiles/nn/fixed/tables.hpp"
#include "precompiles/nn/ledger/columns.hpp"
#include "precompiles/nn/output/columns.hpp"
#include "precompiles/nn/powers/columns.hpp"
#include "precompiles/nn/steps/columns.hpp"
#include "precompiles/nn/weights/columns.hpp"
#include "precompiles/registry.hpp"
#include "tests/nn/linear_layer.hpp"
#include "tests/nn/workbench.hpp"

namespace zkvm::tests {

using namespace precompiles::nn;
using precompiles::ChipId;
using stark::F;
using Names = Workbench::Names;

inline F f(int64_t v) { return F::from_i64(v); }
inline const F ONE = F::one(), ZERO = F::zero();

inline constexpr uint32_t IN = TENSORS, SECOND = TENSORS + 0x400, OUT = 0x200'0000;

/// Convolution of 4 x 5 positions with a border on all sides; out_w is odd.
inline LinearLayer convolution() {
  LinearLayer l = plain_convolution(5, 4, 8, 3);
  l.header.in_h = l.header.out_h = 4;
  l.header.out_w = 5;
  l.header.pad_top = l.header.pad_left = 1;
  for (zkvm_nn_channel& c : l.channels) c.shift = -8;  // few results are clamped
  return l;
}

class ByHand : public testing::Test {
 protected:
  struct Call {
    LinearLayer layer;
    uint32_t input = IN, second = SECOND, output = OUT;
    bool again = false;  ///< of the layer of the call before
  };
  /// The calls one after another, each of a layer of its own unless it says otherwise.
  void run(const std::vector<Call>& calls) {
    static std::map<std::string, std::unique_ptr<Workbench>> all;
    std::vector<TestLayer> made;
    std::vector<TestCall> called;
    std::string key;
    records.clear();
    for (const Call& call : calls) {
      if (!call.again) made.push_back(call.layer.made());
      key.append(made.back().record.begin(), made.back().record.end());
      const auto index = static_cast<uint32_t>(made.size() - 1);
      records.push_back(record_address(made, index));
      for (const uint32_t at : {index, call.input, call.second, call.output}) key += std::to_string(at) + ' ';
      called.push_back({index, call.input, call.layer.in_ram() ? call.second : 0, call.output});
    }
    auto& bench = all[key];
    if (bench == nullptr) {
      Random random(5);
      std::vector<uint8_t> memory(0x800);
      for (uint8_t& x : memory) x = random.byte();
      bench = std::make_unique<Workbench>(debug_execution(layer_program(made, called, memory)));
    }
    w = bench.get();
    w->restore();
    layers = calls;
  }

  Names broken() {
    const Names names = w->broken();
    EXPECT_TRUE(w->tells_something_else() || !names.empty()) << "this was no lie";
    return names;
  }
  /// Rows of a chip with is_real, in order.
  std::vector<size_t> real_rows(size_t chip) {
    std::vector<size_t> rows;
    const size_t t = w->table(chip);
    for (size_t i = 0; i < w->height(t); ++i)
      if (!w->main(t, i)[0].is_zero()) rows.push_back(i);
    return rows;
  }
  OutputColumns<F>& output(size_t row) { return w->row<OutputColumns>(w->table(ChipId::NN_OUTPUT), row); }
  StepsColumns<F>& steps(size_t row) { return w->row<StepsColumns>(w->table(ChipId::NN_STEPS), row); }
  ActivationsColumns<F>& activations(size_t row) {
    return w->row<ActivationsColumns>(w->table(ChipId::NN_ACTIVATIONS), row);
  }
  BorderColumns<F>& border(size_t row) { return w->row<BorderColumns>(w->table(ChipId::NN_BORDER), row); }
  LedgerColumns<F>& ledger(size_t row) { return w->row<LedgerColumns>(w->table(ChipId::NN_LEDGER), row); }
  NnCallColumns<F>& call(size_t row) { return w->row<NnCallColumns>(w->table(ChipId::NN_CALL), row); }

  /// The written word follows its four results.
  static void write(OutputWord<F>& word) {
    const auto byte = [&](unsigned l) {
      const int64_t v = word.channel[l].y.value() < F::P / 2 ? int64_t{word.channel[l].y.value()}
                                                             : int64_t{word.channel[l].y.value()} - int64_t{F::P};
      return static_cast<uint32_t>(v) & 0xff;
    };
    word.value = {F::from(byte(0) | byte(1) << 8), F::from(byte(2) | byte(3) << 8)};
  }
  /// What the columns say was accumulated, bias included.
  static int64_t sum(const RequantiseColumns<F>& c) {
    const F a = c.a0 + F::from(256) * c.a1 + F::from(65536) * c.a2;
    return a.value() < F::P / 2 ? int64_t{a.value()} : int64_t{a.value()} - int64_t{F::P};
  }
  /// An accumulator `by` larger, with everything about this output that follows from it.
  void shift_accumulator(OutputWord<F>& word, unsigned lane, const LinearLayer& layer, unsigned channel, int64_t by) {
    precompiles::nn::Rom rom;
    ASSERT_EQ(rom.load(layer.made().record), "");
    const Requantisation& r = rom.layers()[0].linear.channels[channel];
    isa::LookupCounts counts(0);
    const isa::ProgramTable none({}, {});
    isa::Filler filler(none, counts);
    const zkvm_nn_linear& s = layer.header;
    word.channel[lane] =
        fill_requantised(filler, false, r, sum(word.channel[lane]) - r.bias + by, s.out_zp, s.act_min, s.act_max);
    write(word);
  }

  std::vector<Call> layers;
  std::vector<uint32_t> records;
  Workbench* w = nullptr;
};

}  // namespace zkvm::tests
