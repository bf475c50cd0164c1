// Lies about form columns, which are committed after the challenges A, B and G are known: an accumulator is another
// one, and what is missing in the ledger's sum comes in by powers or sums that are not those of the rows. Each is
// refused by exactly one constraint.
#include <set>

#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

using stark::E;

class FormsByHand : public ByHand {
 protected:
  E get(size_t t, size_t row, unsigned form) {
    E e;
    std::copy_n(w->form(t, row) + form * E::DEGREE, E::DEGREE, e.c);
    return e;
  }
  void put(size_t t, size_t row, unsigned form, const E& e) {
    std::copy_n(e.c, E::DEGREE, w->form(t, row) + form * E::DEGREE);
  }
  size_t ledger_table() const { return w->table(ChipId::NN_LEDGER); }
  /// The ledger's sums as its factors now give them; returns the last.
  E sum_ledger() {
    E sum{};
    for (const size_t row : real_rows(ChipId::NN_LEDGER)) {
      for (unsigned l = 0; l < LANES; ++l)
        sum = sum + get(ledger_table(), row, l) * get(ledger_table(), row, LANES + l);
      put(ledger_table(), row, 2 * LANES, sum);
    }
    return sum;
  }

  /// A run with `sums` sums, then power and row power: rows of one job, or of one quad's outputs.
  struct Run {
    size_t table;
    std::vector<size_t> rows;
    unsigned sums;
    size_t ledger_row;  ///< where its form is taken
  };
  /// Scales powers in some rows of the run, and row powers in some, such that the ledger's sum ends at 0.
  void scale(const Run& run, const std::set<size_t>& powers, const std::set<size_t>& row_powers) {
    std::vector<std::vector<E>> parts;  // per row: what it adds to each sum
    for (size_t k = 0; k < run.rows.size(); ++k) {
      parts.emplace_back();
      for (unsigned s = 0; s < run.sums; ++s)
        parts.back().push_back(get(run.table, run.rows[k], s) - (k == 0 ? E{} : get(run.table, run.rows[k - 1], s)));
    }
    const auto apply = [&](const E& by) {
      std::vector<E> sums(run.sums);
      for (size_t k = 0; k < run.rows.size(); ++k)
        for (unsigned s = 0; s < run.sums; ++s) {
          sums[s] = sums[s] + (powers.count(k) != 0 ? parts[k][s] * by : parts[k][s]);
          put(run.table, run.rows[k], s, sums[s]);
        }
      for (unsigned s = 0; s < run.sums; ++s) put(ledger_table(), run.ledger_row, s, sums[s]);
      return sum_ledger();
    };
    const E once = apply(E::one()), twice = apply(E::one() + E::one());
    ASSERT_FALSE(twice == once);
    const E by = E::one() - once * (twice - once).inverse();
    ASSERT_TRUE(apply(by) == E{});
    for (size_t k = 0; k < run.rows.size(); ++k) {
      if (powers.count(k) != 0) put(run.table, run.rows[k], run.sums, get(run.table, run.rows[k], run.sums) * by);
      if (row_powers.count(k) != 0)
        put(run.table, run.rows[k], run.sums + 1, get(run.table, run.rows[k], run.sums + 1) * by);
    }
  }
  /// Tells that an accumulator of the first quad is another, with everything repaired but the sum.
  virtual void lie() = 0;
  virtual Run first_run() = 0;
  /// The run's rows by image row.
  void expect_each_needed(const std::string& chip, const char* starts, const char* row_starts, const char* within,
                          const char* row_within, const char* next_row, const char* row_next_row) {
    const auto told = [&](const std::set<size_t>& powers, const std::set<size_t>& row_powers) {
      w->restore();
      lie();
      scale(first_run(), powers, row_powers);
      return broken();
    };
    const auto only = [&](const char* label) { return Names{chip + ": " + label}; };
    const std::vector<size_t> ends = image_ends();
    ASSERT_GE(ends.size(), 3u);
    ASSERT_GE(ends[0], 1u);
    const auto from_to = [](size_t first, size_t last) {
      std::set<size_t> all;
      for (size_t k = first; k <= last; ++k) all.insert(k);
      return all;
    };
    const size_t last = ends.back();
    EXPECT_EQ(told(from_to(0, ends[0]), {}), only(starts));
    EXPECT_EQ(told(from_to(ends[0] + 1, last), from_to(0, last)), only(row_starts));
    EXPECT_EQ(told(from_to(1, ends[0]), {}), only(within));
    EXPECT_EQ(told(from_to(ends[0] + 1, last), from_to(1, last)), only(row_within));
    EXPECT_EQ(told(from_to(ends[0] + 1, ends[1]), {}), only(next_row));
    EXPECT_EQ(told(from_to(ends[0] + 1, last), from_to(ends[0] + 1, last)), only(row_next_row));
  }
  /// Places in the run where an image row ends.
  virtual std::vector<size_t> image_ends() = 0;
};

/// Of 4 x 10 positions, so that activations have two rows an image row, and outputs have five.
LinearLayer wide_convolution() {
  LinearLayer l = plain_convolution(10, 4, 4, 1);
  l.header.in_h = l.header.out_h = 4;
  for (zkvm_nn_channel& c : l.channels) c.shift = -8;
  return l;
}

class OutputForms : public FormsByHand {
 protected:
  void lie() override {
    shift_accumulator(output(0).word[0], 2, layers[0].layer, 2, 1);
    shift_accumulator(output(7).word[1], 1, layers[0].layer, 1, -1);
    w->repair();
  }
  Run first_run() override {
    size_t row = 0;
    while (ledger(row).plan.output.is_zero()) ++row;
    return {w->table(ChipId::NN_OUTPUT), real_rows(ChipId::NN_OUTPUT), 1, row};
  }
  std::vector<size_t> image_ends() override {
    std::vector<size_t> ends;
    const auto rows = real_rows(ChipId::NN_OUTPUT);
    for (size_t k = 0; k < rows.size(); ++k)
      if (!output(rows[k]).run.end.is_zero()) ends.push_back(k);
    return ends;
  }
};

TEST_F(OutputForms, powers_of_outputs_that_are_scaled) {
  run({{wide_convolution()}});
  expect_each_needed("NN_OUTPUT", "power starts at 1", "row power starts at 1", "power within a row",
                     "row power within a row", "power of the next row", "row power of the next row");
}

class ActivationForms : public OutputForms {
 protected:
  Run first_run() override { return {w->table(ChipId::NN_ACTIVATIONS), real_rows(ChipId::NN_ACTIVATIONS), LANES, 0}; }
  std::vector<size_t> image_ends() override {
    std::vector<size_t> ends;
    const auto rows = real_rows(ChipId::NN_ACTIVATIONS);
    for (size_t k = 0; k < rows.size(); ++k)
      if (!activations(rows[k]).end.is_zero()) ends.push_back(k);
    return ends;
  }
};

TEST_F(ActivationForms, powers_of_inputs_that_are_scaled) {
  run({{wide_convolution()}});
  expect_each_needed("NN_ACTIVATIONS", "power starts at 1", "row power starts at 1", "power of the next group",
                     "row power of the next group", "power of the next row", "row power of the next row");
}

class StepForms : public OutputForms {
 protected:
  void lie() override {
    auto& c = steps(0).word[0].channel[1];
    c.z0 += ONE;
    w->repair();
  }
  Run first_run() override {
    size_t row = 0;
    while (ledger(row).plan.output.is_zero()) ++row;
    return {w->table(ChipId::NN_STEPS), real_rows(ChipId::NN_STEPS), 1, row};
  }
  std::vector<size_t> image_ends() override {
    std::vector<size_t> ends;
    const auto rows = real_rows(ChipId::NN_STEPS);
    for (size_t k = 0; k < rows.size(); ++k)
      if (!steps(rows[k]).run.end.is_zero()) ends.push_back(k);
    return ends;
  }
};

TEST_F(StepForms, powers_of_outputs_by_thresholds_that_are_scaled) {
  LinearLayer layer = wide_convolution();
  layer.use_thresholds(300);
  run({{layer}});
  expect_each_needed("NN_STEPS", "power starts at 1", "row power starts at 1", "power within a row",
                     "row power within a row", "power of the next row", "row power of the next row");
}

/// The form is what it was, whatever the rows now say.
TEST_F(OutputForms, sums_that_are_not_those_of_the_rows) {
  run({{wide_convolution()}});
  const std::vector<std::pair<size_t, unsigned>> tables = {{ledger_table(), LEDGER_FORMS},
                                                           {w->table(ChipId::NN_OUTPUT), OUTPUT_FORMS}};
  std::vector<std::vector<F>> honest;
  for (const auto& [t, forms] : tables)
    for (size_t row = 0; row < w->height(t); ++row)
      honest.emplace_back(w->form(t, row), w->form(t, row) + forms * E::DEGREE);
  lie();
  size_t i = 0;
  for (const auto& [t, forms] : tables)
    for (size_t row = 0; row < w->height(t); ++row, ++i) std::copy(honest[i].begin(), honest[i].end(), w->form(t, row));
  EXPECT_EQ(broken(), Names{"NN_OUTPUT: sum"});
}

TEST_F(OutputForms, sums_of_inputs_that_are_not_those_of_the_rows) {
  run({{wide_convolution()}});
  lie();
  // From the second row on, the first lane's sum has what the ledger misses.
  const Run inputs{w->table(ChipId::NN_ACTIVATIONS), real_rows(ChipId::NN_ACTIVATIONS), LANES, 0};
  const E was = sum_ledger(), other = get(ledger_table(), inputs.ledger_row, LANES);
  const E missing = E{} - was * other.inverse();
  for (size_t k = 1; k < inputs.rows.size(); ++k)
    put(inputs.table, inputs.rows[k], 0, get(inputs.table, inputs.rows[k], 0) + missing);
  put(ledger_table(), inputs.ledger_row, 0, get(ledger_table(), inputs.ledger_row, 0) + missing);
  EXPECT_TRUE(sum_ledger() == E{});
  EXPECT_EQ(broken(), Names{"NN_ACTIVATIONS: sum"});
}

TEST_F(OutputForms, a_form_of_weights_that_is_not_theirs) {
  run({{wide_convolution()}});
  lie();
  const size_t t = w->table(ChipId::NN_WEIGHTS);
  const E form = get(ledger_table(), 0, LANES);
  size_t row = 0;
  while (!(get(t, row, 0) == form) || w->main(t, row)[0].is_zero()) ++row;
  const E missing = E{} - sum_ledger() * get(ledger_table(), 0, 0).inverse();
  put(t, row, 0, form + missing);
  put(ledger_table(), 0, LANES, form + missing);
  EXPECT_TRUE(sum_ledger() == E{});
  EXPECT_EQ(broken(), Names{"NN_WEIGHTS: sum"});
}

TEST_F(OutputForms, a_border_value_at_another_power) {
  run({{convolution()}});
  lie();
  const size_t t = w->table(ChipId::NN_BORDER);
  const auto rows = real_rows(ChipId::NN_BORDER), lines = real_rows(ChipId::NN_LEDGER);
  const size_t line = lines.back();
  ASSERT_EQ(ledger(line).plan.border, ONE);
  constexpr unsigned PRODUCT = 3, SUM = 4;
  const auto adds = [&](size_t k) { return get(t, rows[k], SUM) - (k == 0 ? E{} : get(t, rows[k - 1], SUM)); };
  size_t k = 0;
  while (adds(k) == E{}) ++k;
  const E missing = E{} - sum_ledger() * get(ledger_table(), line, LANES).inverse();
  put(t, rows[k], PRODUCT, get(t, rows[k], PRODUCT) * (E::one() + missing * adds(k).inverse()));
  for (size_t i = k; i < rows.size(); ++i) put(t, rows[i], SUM, get(t, rows[i], SUM) + missing);
  put(ledger_table(), line, 0, get(ledger_table(), line, 0) + missing);
  EXPECT_TRUE(sum_ledger() == E{});
  EXPECT_EQ(broken(), Names{"NN_BORDER: power of A and B"});
}

}  // namespace
}  // namespace zkvm::tests
