#include "guest-sdk/compiler/borders/output.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace zkvm::compiler {
namespace {

std::span<const uint8_t> bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string hex(std::span<const uint8_t> data) {
  std::string out;
  for (const uint8_t b : data) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

TEST(output, elements_become_real_numbers) {
  const std::vector<uint8_t> elements{0, 1, 127, 128, 255};
  EXPECT_EQ(dequantise({"y", {5}, false, 0.5F, -2, false}, elements), (std::vector<float>{1, 1.5F, 64.5F, -63, 0.5F}));
  EXPECT_EQ(dequantise({"y", {5}, true, 0.5F, 128, false}, elements),
            (std::vector<float>{-64, -63.5F, -0.5F, 0, 63.5F}));
}

TEST(output, the_largest_come_first_and_equals_in_order) {
  const std::vector<float> values{1, 3, 2, 3, 0};
  EXPECT_EQ(largest(values, 3), (std::vector<size_t>{1, 3, 2}));
  EXPECT_EQ(largest(values, 9), (std::vector<size_t>{1, 3, 2, 0, 4}));
  EXPECT_TRUE(largest({}, 5).empty());
}

TEST(labels, are_lines) {
  std::string error;
  using Labels = std::vector<std::string>;
  EXPECT_EQ(read_labels(bytes("cat\ndog"), error), (Labels{"cat", "dog"}));
  EXPECT_EQ(read_labels(bytes("cat\r\ntwo words\r\n"), error), (Labels{"cat", "two words"}));
  EXPECT_EQ(read_labels(bytes("\n\nx\n"), error), (Labels{"", "", "x"}));
  EXPECT_EQ(read_labels(bytes(""), error), Labels{});
  EXPECT_FALSE(read_labels(bytes(std::string("a\nb\0c", 5)), error));
  EXPECT_NE(error.find("line 2"), std::string::npos) << error;
}

TEST(labels, cannot_command_a_terminal) {
  EXPECT_EQ(printable("a\x1b[31mb\x7f\xc2\x9b"
                      "c"),
            "a?[31mb??c");
  EXPECT_EQ(printable("M\xc3\xbc"
                      "he \xf0\x9f\x90\x88"),
            "M\xc3\xbc"
            "he \xf0\x9f\x90\x88");
}

/// FIPS 180-4's examples, and the salted digest as the plain one of both.
TEST(digest, is_sha_256_of_the_data_behind_the_salt) {
  EXPECT_EQ(hex(digest(bytes("abc"), std::nullopt)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(digest({}, std::nullopt)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Salt salt;
  for (size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<uint8_t>(7 * i);
  for (const size_t size : {0u, 1u, 22u, 23u, 24u, 31u, 32u, 33u, 63u, 64u, 1000u}) {
    std::vector<uint8_t> both(salt.begin(), salt.end());
    for (size_t i = 0; i < size; ++i) both.push_back(static_cast<uint8_t>(i * i));
    EXPECT_EQ(digest(std::span(both).subspan(32), salt), digest(both, std::nullopt)) << size;
  }
}

}  // namespace
}  // namespace zkvm::compiler
