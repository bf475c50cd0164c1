#pragma once
/// \file
/// The hash suite: every hash that a proof's meaning depends on, behind one policy. A suite provides NAME, the leaf,
/// node and inject hashes of Merkle trees, the transcript's hash and the grinding test; prover code has vectorised
/// forms of the same functions in rows.hpp. BLAKE3 is the suite of composite receipts; another suite is another struct
/// with these members.

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "stark/field/koalabear.hpp"
#include "stark/hash/blake3.hpp"
#include "stark/hash/digest.hpp"

namespace zkvm::stark {

/// A BLAKE3 key that separates one use from all others: an ASCII label of at most 32 characters, zero-padded.
constexpr Digest domain_key(std::string_view label) {
  Digest d;
  for (size_t i = 0; i < label.size(); ++i) d.bytes[i] = static_cast<uint8_t>(label[i]);
  return d;
}

struct Blake3Suite {
  static constexpr std::string_view NAME = "blake3";
  static constexpr Digest LEAF_KEY = domain_key("zkvm v1 merkle leaf");
  static constexpr Digest NODE_KEY = domain_key("zkvm v1 merkle node");
  static constexpr Digest INJECT_KEY = domain_key("zkvm v1 merkle inject");
  static constexpr Digest TRANSCRIPT_KEY = domain_key("zkvm v1 transcript");
  static constexpr Digest GRIND_KEY = domain_key("zkvm v1 grind");

  /// A row of field elements. Elements enter as the four little-endian bytes of their Montgomery residues: a fixed
  /// bijection of F that costs no conversion of every committed cell.
  static Digest leaf(std::span<const F> row);
  /// An inner node.
  static Digest node(const Digest& left, const Digest& right);
  /// An inner node at the height of a shorter matrix, whose row digest joins.
  static Digest inject(const Digest& left, const Digest& right, const Digest& row);
  /// Hash of transcript bytes.
  static Digest transcript(std::span<const uint8_t> bytes) { return blake3_keyed(TRANSCRIPT_KEY, bytes); }

  static constexpr unsigned MAX_GRINDING_BITS = 40;
  /// Whether the low `bits` bits of the first eight bytes (little-endian) of keyed_hash(GRIND_KEY, seed || nonce) are
  /// zero; nonce as eight little-endian bytes. False for bits > MAX_GRINDING_BITS.
  static bool check_grind(const Digest& seed, uint64_t nonce, unsigned bits);
};

using Suite = Blake3Suite;

/// Rows are hashed as they lie in memory.
static_assert(std::endian::native == std::endian::little, "field elements are hashed as little-endian words");

}  // namespace zkvm::stark
