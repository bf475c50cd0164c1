#pragma once
/// \file
/// The unpacked form of a receipt file, in which its bytes are compared and damaged.

#include <cstdint>
#include <span>
#include <vector>

namespace zkvm::tests {

/// The body of a receipt file, unpacked; empty if it does not unpack.
std::vector<uint8_t> unpack(std::span<const uint8_t> file);
/// A receipt file of the present version with this body.
std::vector<uint8_t> pack(std::span<const uint8_t> body);

}  // namespace zkvm::tests
