#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "stark/hash/suite.hpp"
#include "stark/merkle/tree.hpp"
#include "stark/merkle/verify.hpp"

namespace zkvm::stark {
namespace {

/// A tree over random row digests, some queries, and everything a verifier gets.
struct Opening {
  std::vector<unsigned> log_heights;
  std::vector<std::vector<Digest>> all_rows;
  MerkleTree tree;
  std::vector<uint64_t> queries;
  std::vector<std::vector<Digest>> rows;
  std::vector<Digest> proof;
  Digest root;

  Opening(std::vector<unsigned> heights, size_t query_count, std::mt19937_64& generator) : log_heights(heights) {
    std::vector<Buffer<Digest>> digests;
    for (const unsigned h : heights) {
      all_rows.emplace_back(size_t{1} << h);
      Buffer<Digest> buffer(size_t{1} << h);
      for (size_t i = 0; i < buffer.size(); ++i) {
        for (uint8_t& b : all_rows.back()[i].bytes) b = static_cast<uint8_t>(generator());
        buffer[i] = all_rows.back()[i];
      }
      digests.push_back(std::move(buffer));
    }
    tree = MerkleTree::build(std::move(digests));
    root = tree.root();
    std::set<uint64_t> chosen;
    while (chosen.size() < std::min(query_count, size_t{1} << heights[0]))
      chosen.insert(generator() & ((uint64_t{1} << heights[0]) - 1));
    queries.assign(chosen.begin(), chosen.end());
    proof = tree.open(queries);
    for (size_t m = 0; m < heights.size(); ++m) {
      rows.emplace_back();
      for (const uint64_t p : distinct_positions(queries, heights[0] - heights[m])) rows[m].push_back(all_rows[m][p]);
    }
  }
  bool verifies() const {
    std::vector<std::span<const Digest>> spans(rows.begin(), rows.end());
    return verify_multi(root, log_heights, queries, spans, proof);
  }
};

const std::vector<std::vector<unsigned>> SHAPES = {
    {0}, {1}, {5}, {6, 5}, {7, 0}, {8, 7, 6}, {10, 4}, {9, 8, 3, 1, 0}, {12, 10, 5, 2}};

TEST(Merkle, openings_verify_for_all_shapes_and_query_counts) {
  std::mt19937_64 generator{1};
  for (const auto& shape : SHAPES)
    for (const size_t queries : {1u, 2u, 3u, 17u, 100u, 5000u})
      EXPECT_TRUE(Opening(shape, queries, generator).verifies()) << shape[0] << ' ' << shape.size() << ' ' << queries;
}

TEST(Merkle, root_is_the_defined_hash_tree) {
  std::mt19937_64 generator{2};
  const Opening o({3, 1}, 1, generator);
  const auto& r = o.all_rows;
  Digest n[4];
  for (size_t i = 0; i < 4; ++i) n[i] = Suite::node(r[0][2 * i], r[0][2 * i + 1]);
  const Digest left = Suite::inject(n[0], n[1], r[1][0]), right = Suite::inject(n[2], n[3], r[1][1]);
  EXPECT_EQ(o.root, Suite::node(left, right));
}

TEST(Merkle, rejects_any_flipped_bit) {
  std::mt19937_64 generator{3};
  for (const auto& shape : SHAPES) {
    Opening o(shape, 5, generator);
    const auto flip_rejected = [&](Digest& d) {
      const size_t bit = generator() % 256;
      d.bytes[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
      const bool rejected = !o.verifies();
      d.bytes[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
      return rejected;
    };
    EXPECT_TRUE(flip_rejected(o.root));
    for (Digest& d : o.proof) EXPECT_TRUE(flip_rejected(d));
    for (auto& rows : o.rows)
      for (Digest& d : rows) EXPECT_TRUE(flip_rejected(d));
    EXPECT_TRUE(o.verifies());
  }
}

TEST(Merkle, rejects_dropped_added_and_swapped_digests) {
  std::mt19937_64 generator{4};
  for (const auto& shape : SHAPES) {
    const Opening o(shape, 6, generator);
    for (size_t i = 0; i < o.proof.size(); ++i) {
      Opening bad = Opening({0}, 1, generator);
      bad.log_heights = o.log_heights, bad.queries = o.queries, bad.rows = o.rows, bad.root = o.root;
      bad.proof = o.proof;
      bad.proof.erase(bad.proof.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(bad.verifies());
      bad.proof = o.proof;
      bad.proof.insert(bad.proof.begin() + static_cast<std::ptrdiff_t>(i), o.proof[i]);
      EXPECT_FALSE(bad.verifies());
      if (i > 0) {
        bad.proof = o.proof;
        std::swap(bad.proof[i], bad.proof[i - 1]);
        EXPECT_FALSE(bad.verifies());
      }
    }
  }
}

TEST(Merkle, rejects_malformed_shapes) {
  std::mt19937_64 generator{5};
  const auto fresh = [] {
    std::mt19937_64 same{6};
    return Opening({8, 5}, 7, same);
  };
  EXPECT_TRUE(fresh().verifies());
  const auto rejects = [&](auto&& change) {
    Opening o = fresh();
    change(o);
    return !o.verifies();
  };
  EXPECT_TRUE(rejects([](Opening& o) { o.proof.push_back(o.root); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows[0].push_back(o.root); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows[0].pop_back(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows[1].push_back(o.root); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows[1].pop_back(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows.pop_back(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.rows.pop_back(), o.log_heights.pop_back(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[1] = 4; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[1] = 8; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[0] = 9; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[0] = 7; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[0] = 33; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights[0] = 4000000000u; }));
  EXPECT_TRUE(rejects([](Opening& o) { std::swap(o.log_heights[0], o.log_heights[1]); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.queries.back() = 256; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.queries.back() = UINT64_MAX; }));
  EXPECT_TRUE(rejects([](Opening& o) { std::swap(o.queries[0], o.queries[1]); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.queries[1] = o.queries[0]; }));
  EXPECT_TRUE(rejects([](Opening& o) { o.queries.clear(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.queries.clear(), o.rows[0].clear(), o.rows[1].clear(), o.proof.clear(); }));
  EXPECT_TRUE(rejects([](Opening& o) { o.log_heights.clear(), o.rows.clear(); }));
}

TEST(Merkle, rejects_rows_of_the_right_tree_at_a_wrong_position) {
  std::mt19937_64 generator{7};
  Opening o({6, 4}, 1, generator);
  const uint64_t q = o.queries[0];
  for (uint64_t other = 0; other < 64; ++other) {
    o.queries[0] = other;
    EXPECT_EQ(o.verifies(), other == q);
  }
}

TEST(Merkle, multiproof_lists_each_needed_sibling_once) {
  std::mt19937_64 generator{8};
  const Opening o({4}, 16, generator);
  EXPECT_TRUE(o.proof.empty());
  EXPECT_EQ(o.tree.open(std::vector<uint64_t>{6}).size(), 4u);
  EXPECT_EQ(o.tree.open(std::vector<uint64_t>{6, 7}).size(), 3u);
  EXPECT_EQ(o.tree.open(std::vector<uint64_t>{0, 8}).size(), 6u);
}

TEST(Merkle, build_and_open_reject_bad_arguments) {
  const auto build = [](std::vector<size_t> sizes) {
    std::vector<Buffer<Digest>> digests;
    for (const size_t n : sizes) {
      digests.emplace_back(n);
      std::fill(digests.back().begin(), digests.back().end(), Digest{});
    }
    return MerkleTree::build(std::move(digests));
  };
  EXPECT_THROW(build({}), std::invalid_argument);
  EXPECT_THROW(build({12}), std::invalid_argument);
  EXPECT_THROW(build({8, 8}), std::invalid_argument);
  EXPECT_THROW(build({8, 16}), std::invalid_argument);
  EXPECT_THROW(build({8, 0}), std::invalid_argument);
  const MerkleTree tree = build({8, 4});
  EXPECT_THROW(tree.open(std::vector<uint64_t>{8}), std::invalid_argument);
  EXPECT_THROW(tree.open(std::vector<uint64_t>{3, 3}), std::invalid_argument);
  EXPECT_THROW(tree.open(std::vector<uint64_t>{3, 2}), std::invalid_argument);
}

}  // namespace
}  // namespace zkvm::stark
