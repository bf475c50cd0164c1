// A two-layer perceptron in 8-bit integers with 32-bit sums, as plain C++.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "weights.hpp"

namespace digits {

// Score of every digit for an 8x8 image of grey levels 0..16, row by row. The largest score wins. No sum overflows:
// |hidden sum| <= 64 * 127 * 16 + |bias| < 2^18, |score| <= 32 * 127 * 127 + |bias| < 2^20.
inline std::array<std::int32_t, CLASSES> scores(std::span<const std::uint8_t, INPUTS> image) {
  std::array<std::int8_t, HIDDEN> hidden;
  const std::int8_t* weight = HIDDEN_WEIGHTS;
  for (int unit = 0; unit < HIDDEN; ++unit) {
    std::int32_t sum = HIDDEN_BIASES[unit];
    for (const std::uint8_t pixel : image) sum += pixel * *weight++;
    const std::int32_t activation = std::clamp<std::int32_t>(sum >> HIDDEN_SHIFT, 0, 127);
    hidden[static_cast<std::size_t>(unit)] = static_cast<std::int8_t>(activation);
  }
  std::array<std::int32_t, CLASSES> result;
  weight = OUTPUT_WEIGHTS;
  for (int digit = 0; digit < CLASSES; ++digit) {
    std::int32_t sum = OUTPUT_BIASES[digit];
    for (const std::int8_t activation : hidden) sum += activation * *weight++;
    result[static_cast<std::size_t>(digit)] = sum;
  }
  return result;
}

inline std::uint8_t classify(std::span<const std::uint8_t, INPUTS> image) {
  const auto s = scores(image);
  return static_cast<std::uint8_t>(std::max_element(s.begin(), s.end()) - s.begin());
}

}  // namespace digits
