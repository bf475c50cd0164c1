#pragma once
/// \file
/// Provides range checks of 0 to 16 bits, byte pairs and the AND of bytes. Sends RANGE, AND, BYTES. 16 cells and 5
/// preprocessed.
///
/// Multiplicities are free, as in any look-up table (see program/air.hpp); the fixed columns are committed with the
/// program and part of the image ID.

#include "isa/chips/lookup/columns.hpp"

namespace zkvm::isa {

inline void lookup_air(stark::AirBuilder& b) {
  const auto f = b.preprocessed<LookupFixed>();
  const auto m = b.main<LookupColumns>();
  b.send(RANGE, {b.constant(int64_t{16}), f.a + 256 * f.b}, m.range16, "16 bits");
  b.send(RANGE, {f.bits, f.value}, m.range_bits, "fewer bits");
  b.send(AND, {f.a, f.b, f.and_result}, m.and_bytes, "and");
  b.send(BYTES, {f.a, f.b}, m.bytes, "bytes");
}

}  // namespace zkvm::isa
