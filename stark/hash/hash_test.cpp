#include <gtest/gtest.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "stark/hash/blake3.hpp"
#include "stark/hash/blake3_vectors.hpp"
#include "stark/hash/rows.hpp"
#include "stark/hash/suite.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {
namespace {

std::string hex(const Digest& d) {
  std::string s;
  char two[3];
  for (const uint8_t b : d.bytes) {
    std::snprintf(two, sizeof two, "%02x", b);
    s += two;
  }
  return s;
}

std::vector<uint8_t> vector_input(size_t n) {
  std::vector<uint8_t> v(n);
  for (size_t i = 0; i < n; ++i) v[i] = static_cast<uint8_t>(i % 251);
  return v;
}

TEST(Blake3, matches_official_vectors) {
  const Digest key = domain_key(BLAKE3_VECTOR_KEY);
  for (const Blake3Vector& v : BLAKE3_VECTORS) {
    const auto input = vector_input(v.bytes);
    EXPECT_EQ(hex(blake3(input)), v.hash) << v.bytes;
    EXPECT_EQ(hex(blake3_keyed(key, input)), v.keyed_hash) << v.bytes;
  }
}

/// The second implementation: the BLAKE3 authors' b3sum.
TEST(Blake3, matches_b3sum_on_random_inputs) {
  if (std::system("b3sum --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "b3sum is not installed";
  std::mt19937_64 generator{5};
  const auto directory = std::filesystem::temp_directory_path() / ("blake3_test_" + std::to_string(generator()));
  std::filesystem::create_directory(directory);
  const std::string message = (directory / "message").string(), key_file = (directory / "key").string();
  const auto read_line = [](const std::string& command) {
    std::string line;
    FILE* const pipe = popen(command.c_str(), "r");
    for (int c; pipe != nullptr && (c = std::fgetc(pipe)) != EOF && c != '\n';) line += static_cast<char>(c);
    if (pipe != nullptr) pclose(pipe);
    return line;
  };
  const auto write = [](const std::string& path, const uint8_t* data, size_t n) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(n));
  };
  for (int round = 0; round < 24; ++round) {
    std::vector<uint8_t> input(generator() % (round < 12 ? 3000 : 300000));
    for (uint8_t& b : input) b = static_cast<uint8_t>(generator());
    Digest key;
    for (uint8_t& b : key.bytes) b = static_cast<uint8_t>(generator());
    write(message, input.data(), input.size());
    write(key_file, key.bytes.data(), 32);
    EXPECT_EQ(hex(blake3(input)), read_line("b3sum --no-names " + message)) << input.size();
    EXPECT_EQ(hex(blake3_keyed(key, input)), read_line("b3sum --keyed --no-names " + message + " < " + key_file))
        << input.size();
  }
  std::filesystem::remove_all(directory);
}

TEST(Suite, domains_are_separated) {
  const Digest a = domain_key("a"), b = domain_key("b");
  const uint8_t* const bytes = a.bytes.data();
  std::vector<F> row(16);
  for (unsigned i = 0; i < 16; ++i) row[i] = F::from_raw(i + 1);
  Digest left, right;
  for (unsigned i = 0; i < 32; ++i) {
    left.bytes[i] = reinterpret_cast<const uint8_t*>(row.data())[i];
    right.bytes[i] = reinterpret_cast<const uint8_t*>(row.data())[32 + i];
  }
  EXPECT_NE(Suite::leaf(row), Suite::node(left, right));
  EXPECT_NE(Suite::node(a, b), Suite::node(b, a));
  EXPECT_NE(Suite::inject(a, b, a), Suite::node(a, b));
  EXPECT_EQ(Suite::transcript({bytes, 32}), blake3_keyed(Suite::TRANSCRIPT_KEY, {bytes, 32}));
  const Digest keys[] = {Suite::LEAF_KEY, Suite::NODE_KEY, Suite::INJECT_KEY, Suite::TRANSCRIPT_KEY, Suite::GRIND_KEY};
  for (size_t i = 0; i < std::size(keys); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]);
}

TEST(Suite, leaf_hashes_montgomery_residues_little_endian) {
  const std::vector<F> row = {F::one(), F::from(77), F::zero()};
  std::vector<uint8_t> bytes;
  for (const F f : row)
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(f.v >> (8 * i)));
  EXPECT_EQ(Suite::leaf(row), blake3_keyed(domain_key("zkvm v1 merkle leaf"), bytes));
}

class HashKernelTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!backend_supported(GetParam())) GTEST_SKIP() << backend_name(GetParam()) << " is not supported here";
    set_backend(GetParam());
  }
  Digest random_digest() {
    Digest d;
    for (uint8_t& b : d.bytes) b = static_cast<uint8_t>(generator());
    return d;
  }
  std::mt19937_64 generator{11};
};

TEST_P(HashKernelTest, row_digests_match_portable_hash) {
  for (const size_t width : {0u,   1u,   7u,   8u,   9u,   15u,  16u,  17u,   24u,   48u,   100u,  255u,
                             256u, 257u, 300u, 512u, 513u, 768u, 769u, 1024u, 1025u, 1791u, 2049u, 4000u}) {
    const size_t stride = (width + 15) / 16 * 16, count = width > 1000 ? 19 : 37;
    std::vector<F> rows((count - 1) * stride + width);
    for (F& f : rows) f = F::from_raw(static_cast<uint32_t>(generator() % F::P));
    std::vector<Digest> digests(count);
    hash_rows(rows.data(), stride, width, count, digests.data());
    for (size_t i = 0; i < count; ++i)
      ASSERT_EQ(hex(digests[i]), hex(Suite::leaf({rows.data() + i * stride, width})))
          << "width " << width << " row " << i;
  }
}

TEST_P(HashKernelTest, node_digests_match_portable_hash) {
  for (const size_t count : {1u, 2u, 7u, 8u, 16u, 17u, 1000u, 5000u}) {
    std::vector<Digest> children(2 * count), rows(count), out(count);
    for (Digest& d : children) d = random_digest();
    for (Digest& d : rows) d = random_digest();
    hash_nodes(children.data(), count, out.data());
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], Suite::node(children[2 * i], children[2 * i + 1])) << i;
    hash_injected_nodes(children.data(), rows.data(), count, out.data());
    for (size_t i = 0; i < count; ++i)
      ASSERT_EQ(out[i], Suite::inject(children[2 * i], children[2 * i + 1], rows[i])) << i;
  }
}

TEST_P(HashKernelTest, grinding_finds_the_least_accepted_nonce) {
  for (const unsigned bits : {0u, 1u, 5u, 12u}) {
    const Digest seed = random_digest();
    const uint64_t nonce = grind(seed, bits);
    EXPECT_TRUE(Suite::check_grind(seed, nonce, bits));
    for (uint64_t smaller = 0; smaller < nonce; ++smaller) ASSERT_FALSE(Suite::check_grind(seed, smaller, bits));
  }
}

TEST(Grinding, rejects_wrong_nonce_seed_and_absurd_bits) {
  const Digest seed = domain_key("seed");
  const uint64_t nonce = grind(seed, 16);
  EXPECT_TRUE(Suite::check_grind(seed, nonce, 16));
  EXPECT_FALSE(Suite::check_grind(seed, nonce + 1, 16));
  EXPECT_FALSE(Suite::check_grind(domain_key("other"), nonce, 16));
  EXPECT_FALSE(Suite::check_grind(seed, nonce, Suite::MAX_GRINDING_BITS + 1));
  EXPECT_FALSE(Suite::check_grind(seed, nonce, 1000));
  EXPECT_THROW(grind(seed, Suite::MAX_GRINDING_BITS + 1), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Backends, HashKernelTest, ::testing::Values(Backend::PORTABLE, Backend::AVX2, Backend::AVX512),
                         [](const auto& info) { return std::string(backend_name(info.param)); });

}  // namespace
}  // namespace zkvm::stark
