// The proof system end to end on the test machine: honest proofs verify, whatever is changed is rejected.

#include <gtest/gtest.h>

#include "stark/prover/test_machine.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark::test {
namespace {

TEST(Prover, accepts_honest_single_shard) {
  TestSource source({});
  const TestProof p = prove_test(source);
  EXPECT_EQ(p.verify().error, nullptr) << p.verify().error;
}

TEST(Prover, accepts_minimum_and_mixed_heights) {
  for (auto heights : {std::vector<unsigned>{5}, {12, 9, 5}, {8, 8, 6}, {13}}) {
    TestSource source({.log_step = heights, .log_fibonacci = 5});
    const TestProof p = prove_test(source);
    EXPECT_EQ(p.verify().error, nullptr) << p.verify().error;
  }
}

TEST(Prover, accepts_form_columns_behind_both_barriers) {
  TestSource source({.forms = true});
  const TestProof p = prove_test(source);
  ASSERT_EQ(p.proof.shards[0].form_anchors.size(), p.proof.shards[0].tables.size());
  EXPECT_EQ(p.verify().error, nullptr) << p.verify().error;
}

TEST(Prover, accepts_several_shards_kept_or_made_again) {
  for (bool forms : {false, true}) {
    for (size_t keep : {size_t{0}, size_t{1} << 16, ~size_t{0}}) {
      TestSource source({.shards = 3, .forms = forms});
      const TestProof p = prove_test(source, keep);
      ASSERT_EQ(p.proof.shards.size(), 3u);
      EXPECT_EQ(p.verify().error, nullptr) << p.verify().error;
    }
  }
}

TEST(Prover, accepts_higher_blowup) {
  TestSource source({.forms = true});
  const TestProof p = prove_test(source, 0, 2);
  EXPECT_EQ(p.verify().error, nullptr) << p.verify().error;
}

TEST(Prover, backends_give_the_same_proof) {
  std::vector<std::vector<uint8_t>> proofs;
  const Backend before = active_backend();
  for (Backend b : {Backend::PORTABLE, Backend::AVX2, Backend::AVX512}) {
    if (!backend_supported(b)) continue;
    set_backend(b);
    for (bool forms : {false, true}) {
      TestSource source({.log_step = {9, 6}, .forms = forms});
      const TestProof p = prove_test(source);
      EXPECT_EQ(p.verify().error, nullptr) << backend_name(b) << ": " << p.verify().error;
      if (forms) serialize(p.proof, proofs.emplace_back());
    }
  }
  set_backend(before);
  for (const auto& p : proofs) EXPECT_EQ(p, proofs[0]);
}

TEST(Prover, serialization_round_trips) {
  TestSource source({.forms = true});
  TestProof p = prove_test(source);
  std::vector<uint8_t> bytes, again;
  serialize(p.proof, bytes);
  Proof parsed;
  ASSERT_EQ(deserialize(bytes, p.machine, p.statement.preprocessed, parsed), nullptr);
  p.proof = parsed;
  EXPECT_TRUE(p.verify().ok());
  serialize(parsed, again);
  EXPECT_EQ(bytes, again);
}

TEST(Machine, digest_covers_all_of_it) {
  const Digest plain = test_machine().digest();
  const auto changed = [&](auto&& change) {
    MachineDescription m = test_machine();
    change(m);
    return m.digest() != plain;
  };
  EXPECT_FALSE(changed([](MachineDescription&) {}));
  EXPECT_TRUE(changed([](MachineDescription& m) { ++m.buses[0].id; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { m.buses[1].name = "other"; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { m.buses.pop_back(); }));
  EXPECT_TRUE(changed([](MachineDescription& m) { ++m.preprocessed_sets; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { --m.max_weight; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { ++m.chips[1].row_weight; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { m.chips[0].presence = Presence::AT_MOST_ONCE; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { m.chips[2].preprocessed_set += 256; }));
  EXPECT_TRUE(changed([](MachineDescription& m) { m.chips.pop_back(); }));
  EXPECT_TRUE(changed([](MachineDescription& m) { std::swap(m.chips[0], m.chips[1]); }));
}

// --- rejections -----------------------------------------------------------------------------------------------------

void expect_rejected_trace(TestSource::Options options,
                           std::function<void(size_t, std::span<const TableView>)> tamper) {
  TestSource source(std::move(options));
  source.tamper = std::move(tamper);
  const TestProof p = prove_test(source);
  EXPECT_FALSE(p.verify().ok());
}

TEST(Soundness, rejects_wrong_transition) {
  expect_rejected_trace({}, [](size_t, auto tables) { tables[0].natural_row(17)[0] += F::one(); });
}
TEST(Soundness, rejects_wrong_first_row) {
  expect_rejected_trace({}, [](size_t, auto tables) {
    F x = F::from(2), y = F::one();
    for (size_t i = 0; i < tables[0].height(); ++i) {
      tables[0].natural_row(i)[0] = x;
      tables[0].natural_row(i)[1] = y;
      const F z = x + y;
      x = y, y = z;
    }
  });
}
TEST(Soundness, rejects_value_outside_table) {
  expect_rejected_trace({}, [](size_t, auto tables) {
    tables[1].row(3)[3] += F::from(256);
    tables[1].row(4)[2] += F::from(256);
    tables[1].row(4)[3] -= F::from(256);
  });
}
TEST(Soundness, rejects_wrong_multiplicity) {
  expect_rejected_trace({}, [](size_t, auto tables) { tables[2].row(11)[0] += F::one(); });
}
TEST(Soundness, rejects_padding_row_that_sends) {
  expect_rejected_trace({}, [](size_t, auto tables) { tables[1].row(127)[0] = F::one(); });
}
TEST(Soundness, rejects_non_boolean_multiplicity) {
  expect_rejected_trace({}, [](size_t, auto tables) { tables[1].row(2)[0] = F::from(2); });
}
TEST(Soundness, rejects_local_bus_balanced_across_shards) {
  expect_rejected_trace({.shards = 2}, [](size_t shard, auto tables) {
    // One look-up too many in shard 0, one too few in shard 1: sums to zero over both.
    tables[2].row(11)[0] += shard == 0 ? F::one() : -F::one();
  });
}
TEST(Soundness, rejects_wrong_matrix_product) {
  expect_rejected_trace({.forms = true}, [](size_t, auto tables) { tables.back().natural_row(2)[9] += F::one(); });
}

TEST(Soundness, rejects_logup_column_of_degree_n) {
  // Tables 1 and 2 are STEP tables of equal height; the forgery leaves the total of all bus sums as it was.
  const TopCoefficientForgery forgery{1, 2, F::from(12345)};
  TestSource source({.log_step = {7, 7}});
  const TestProof p = prove_test(source, ~size_t{0}, 1, &forgery);
  const Verdict verdict = p.verify();
  ASSERT_FALSE(verdict.ok());
  // Everything up to FRI is consistent: it is the degree that gives the forger away.
  EXPECT_STREQ(verdict.error, "the final polynomial disagrees with the last FRI layer");
  const TopCoefficientForgery nothing{1, 2, F::zero()};
  TestSource again({.log_step = {7, 7}});
  EXPECT_TRUE(prove_test(again, ~size_t{0}, 1, &nothing).verify().ok());
}

/// Every element and digest of a proof, one at a time.
template <class Visit>
void visit_fields(ShardProof& s, Visit&& visit) {
  const auto flip_digest = [&](Digest& d, const char* what) { visit(what, [&d] { d.bytes[7] ^= 4; }); };
  const auto bump = [&](std::vector<E>& v, const char* what) {
    if (!v.empty()) visit(what, [&v] { v[v.size() / 2].c[3] += F::one(); });
  };
  flip_digest(s.main_root, "main_root");
  flip_digest(s.form_root, "form_root");
  flip_digest(s.logup_root, "logup_root");
  flip_digest(s.quotient_root, "quotient_root");
  bump(s.main_anchors, "main_anchors");
  bump(s.form_anchors, "form_anchors");
  bump(s.bus_sums, "bus_sums");
  for (auto& tree : s.at_z)
    for (auto& group : tree) bump(group, "at_z");
  for (auto& table : s.at_next) bump(table, "at_next");
  for (Digest& d : s.fri_roots) flip_digest(d, "fri_root");
  bump(s.final_polynomial, "final_polynomial");
  visit("nonce", [&s] { ++s.grinding_nonce; });
  for (auto& tree : s.trees) {
    for (auto& rows : tree.rows) visit("row", [&rows] { rows[rows.size() / 3] += F::one(); });
    if (!tree.siblings.empty()) {
      flip_digest(tree.siblings.back(), "sibling");
      visit("dropped sibling", [&tree] { tree.siblings.pop_back(); });
    }
    visit("extra sibling", [&tree] { tree.siblings.emplace_back(); });
    visit("row removed", [&tree] { tree.rows[0].pop_back(); });
  }
  for (auto& layer : s.fri) {
    bump(layer.values, "fri value");
    visit("fri sibling added", [&layer] { layer.siblings.emplace_back(); });
    visit("fri value removed", [&layer] { layer.values.pop_back(); });
  }
  visit("table height", [&s] { ++s.tables[0].log_height; });
  visit("table chip", [&s] { ++s.tables[0].chip; });
  visit("table removed", [&s] { s.tables.pop_back(); });
  visit("table added", [&s] { s.tables.push_back(s.tables.back()); });
  visit("anchor removed", [&s] { s.main_anchors.pop_back(); });
  visit("sum removed", [&s] { s.bus_sums.pop_back(); });
  visit("final degree", [&s] { s.final_polynomial.emplace_back(); });
}

TEST(Soundness, rejects_any_changed_message) {
  TestSource source({.shards = 2, .log_step = {8, 6}, .forms = true});
  const TestProof good = prove_test(source);
  ASSERT_TRUE(good.verify().ok());
  size_t count = 0;
  TestProof copy = good;
  visit_fields(copy.proof.shards[0], [&](const char*, auto&&) { ++count; });
  for (size_t k = 0; k < count; ++k) {
    TestProof bad = good;
    size_t i = 0;
    const char* name = "";
    visit_fields(bad.proof.shards[k % 2], [&](const char* what, auto&& change) {
      if (i++ == k) {
        name = what;
        change();
      }
    });
    EXPECT_FALSE(bad.verify().ok()) << name;
  }
}

/// It enters no combination of the height that it is of, so nothing else would notice.
TEST(Soundness, rejects_form_anchors_where_there_are_no_forms) {
  TestSource source({.log_step = {9, 6}, .forms = true});
  const TestProof good = prove_test(source);
  ASSERT_TRUE(good.verify().ok());
  for (size_t t = 0; t < good.proof.shards[0].tables.size(); ++t) {
    TestProof bad = good;
    bad.proof.shards[0].form_anchors[t] += E::one();
    const Verdict verdict = bad.verify();
    ASSERT_FALSE(verdict.ok());
    const bool forms = good.machine.chips[good.proof.shards[0].tables[t].chip].air.form_width() != 0;
    EXPECT_EQ(std::string(verdict.error) == "a form anchor of a table without form columns", !forms) << verdict.error;
  }
}

TEST(Soundness, rejects_other_statement) {
  TestSource source({});
  const TestProof good = prove_test(source);
  TestProof bad = good;
  bad.statement.public_bytes[0] ^= 1;
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.statement.boundary[1].fields[1] += F::one();
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.statement.preprocessed[0].root.bytes[0] ^= 1;
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.digest.bytes[0] ^= 1;
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.proof.parameters.grinding_bits = 7;
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.proof.parameters.queries = 39;
  EXPECT_FALSE(bad.verify().ok());
}

TEST(Soundness, rejects_reordered_repeated_or_missing_shards) {
  TestSource source({.shards = 3});
  const TestProof good = prove_test(source);
  ASSERT_TRUE(good.verify().ok());
  TestProof bad = good;
  std::swap(bad.proof.shards[0], bad.proof.shards[1]);
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.proof.shards.pop_back();
  EXPECT_FALSE(bad.verify().ok());
  bad = good;
  bad.proof.shards.push_back(bad.proof.shards[2]);
  EXPECT_FALSE(bad.verify().ok());
}

TEST(Soundness, rejects_every_changed_byte_region) {
  TestSource source({.forms = true});
  TestProof good = prove_test(source);
  std::vector<uint8_t> bytes;
  serialize(good.proof, bytes);
  const size_t step = bytes.size() / 400 + 1;
  for (size_t at = 0; at < bytes.size(); at += step) {
    std::vector<uint8_t> changed = bytes;
    changed[at] ^= static_cast<uint8_t>(1u << (at % 8));
    Proof parsed;
    if (deserialize(changed, good.machine, good.statement.preprocessed, parsed) != nullptr) continue;
    good.proof = parsed;
    EXPECT_FALSE(good.verify().ok()) << "byte " << at;
  }
  for (size_t n : {size_t{0}, size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
    Proof parsed;
    EXPECT_NE(deserialize(std::span(bytes).first(n), good.machine, good.statement.preprocessed, parsed), nullptr);
  }
}

}  // namespace
}  // namespace zkvm::stark::test
