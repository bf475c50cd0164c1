#pragma once
// What the tests of zkvm/nn share: random numbers, requantisation by one exact division, records in memory.

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "zkvm/nn/fixed_point.hpp"
#include "zkvm/nn/record.h"

namespace zkvm::nn::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// low ... high, both included.
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(engine_);
  }
  bool one_in(std::int32_t n) { return between(1, n) == 1; }
  std::int8_t byte() { return static_cast<std::int8_t>(between(-128, 127)); }
  std::vector<std::int8_t> bytes(std::int64_t count) {
    std::vector<std::int8_t> result(static_cast<std::size_t>(count));
    for (std::int8_t& value : result) value = byte();
    return result;
  }
  /// A zero point: often an extreme one.
  std::int32_t zero_point() { return one_in(3) ? (one_in(2) ? -128 : 127) : between(-128, 127); }
  double real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }

 private:
  std::mt19937_64 engine_;
};

using Wide = __int128;

inline Wide floor_divide(Wide a, Wide b) {  // b > 0
  const Wide quotient = a / b;
  return quotient - (a % b < 0 ? 1 : 0);
}

/// requantise() as one division: floor((a M + 2^30 + (2^(e-1) - [a M + 2^30 < 0]) 2^31) / 2^(31+e)), where a is shifted
/// to the left first and e is the right shift; without the last addend for e = 0.
inline std::int64_t exact_requantise(std::int64_t x, Scale scale) {
  const int right = scale.shift < 0 ? -scale.shift : 0;
  const Wide a = scale.shift > 0 ? Wide{x} * (Wide{1} << scale.shift) : Wide{x};
  Wide numerator = a * scale.multiplier + (Wide{1} << 30);
  if (right > 0) numerator += ((Wide{1} << (right - 1)) - (numerator < 0 ? 1 : 0)) * (Wide{1} << 31);
  return static_cast<std::int64_t>(floor_divide(numerator, Wide{1} << (31 + right)));
}

inline std::int8_t exact_output(std::int64_t x, Scale scale, int zero_point, int low, int high) {
  const std::int64_t q = exact_requantise(x, scale) + zero_point;
  return static_cast<std::int8_t>(q < low ? low : q > high ? high : q);
}

/// A record: a header and what follows it, in words.
class Record {
 public:
  template <class Header>
  explicit Record(const Header& header) {
    append(&header, sizeof header);
  }
  void append(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  /// Padded with zeros to a multiple of 32 bytes; valid until the next call.
  const void* data() {
    words_.assign((bytes_.size() + 31) / 32 * 8, 0);
    std::memcpy(words_.data(), bytes_.data(), bytes_.size());
    return words_.data();
  }

 private:
  std::vector<char> bytes_;
  std::vector<std::uint32_t> words_;
};

}  // namespace zkvm::nn::test
