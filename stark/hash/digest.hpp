#pragma once
/// \file
/// A 32-byte hash value.

#include <array>
#include <cstdint>

namespace zkvm::stark {

struct Digest {
  std::array<uint8_t, 32> bytes{};
  friend constexpr bool operator==(const Digest&, const Digest&) = default;
};
static_assert(sizeof(Digest) == 32);

}  // namespace zkvm::stark
