// The claim of README.md and weights.hpp: 97.5% of the 360 images that were not used in training.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "examples/digits/network.hpp"

namespace {

TEST(DigitsNetwork, classifies_351_of_360_unseen_images) {
  std::ifstream file("examples/digits/images/test-set.bin", std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  constexpr std::size_t RECORD = digits::INPUTS + 1;  // 64 pixels and the label
  ASSERT_EQ(bytes.size(), 360 * RECORD);
  std::size_t right = 0;
  for (std::size_t at = 0; at < bytes.size(); at += RECORD) {
    std::uint8_t image[digits::INPUTS];
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), digits::INPUTS, image);
    right += digits::classify(image) == static_cast<std::uint8_t>(bytes[at + digits::INPUTS]) ? 1U : 0U;
  }
  EXPECT_EQ(right, 351U);
}

}  // namespace
