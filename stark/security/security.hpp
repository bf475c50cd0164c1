#pragma once
/// \file
/// Provable security of a proof from the parameters it was made with: a round-by-round soundness bound for every round
/// of the protocol, without conjectures, and the hash's collision resistance as a separate figure. Errors are bounded
/// in exact integer arithmetic with directed rounding, so a reported level is never above the proven one. Nothing
/// throws.

#include <cstdint>
#include <string>
#include <vector>

namespace zkvm::stark {

/// Leaf hash, node compression and transcript, which always change together.
enum class HashSuite : uint8_t { BLAKE3, KECCAK256, POSEIDON2 };

const char* name(HashSuite suite);

/// Bits of collision resistance: half the digest's length; for Poseidon2's eight elements 124 (4 log2 p = 123.95, named
/// as everywhere by the nearest integer).
unsigned collision_bits(HashSuite suite);

/// One fold of FRI. The folded word's domain has 2^log_domain_before / arity points.
struct FoldRound {
  unsigned log_domain_before;
  unsigned arity;  ///< 2, 4 or 8
  bool injects;    ///< tables of the reached height join with the next power of the fold's challenge
  friend bool operator==(const FoldRound&, const FoldRound&) = default;
};

/// What the bounds depend on. For a proof of several shards, take the worst shard value by value (each fork of the
/// transcript has its own rounds); `shards` and `logup_messages` are totals.
struct ProtocolParameters {
  unsigned log_blowup = 1;             ///< 1..8; all codes have rate 2^-log_blowup
  unsigned queries = 0;                ///< 1..65535
  unsigned grinding_bits = 0;          ///< 0..64, before the queries are drawn
  unsigned log_max_height = 0;         ///< 1..32, of the tallest table
  std::vector<FoldRound> folds;        ///< in order, the first from log_max_height + log_blowup
  uint64_t deep_terms = 1;             ///< DEEP quotients batched in a shard, over all tables and points; >= 1
  uint64_t constraints = 1;            ///< constraints of a shard, over all tables; >= 1
  unsigned constraint_degree = 3;      ///< in columns and row selectors; >= 1
  unsigned max_columns_per_table = 1;  ///< columns combined in one anchor; >= 1
  uint64_t tables = 1;                 ///< tables of a shard; >= 1
  uint64_t shards = 1;                 ///< >= 1
  /// The tallest table of any shard (anchors are shared by all); at most 32, and log_max_height if less than that.
  unsigned anchor_log_height = 0;
  uint64_t logup_messages = 0;  ///< messages of all buses, tables and shards (height times messages a row)
  /// Highest power of beta in a fingerprint alpha + sum of beta^i field_i (the widest message's fields, tags included).
  unsigned max_message_fields = 1;
  bool has_forms = false;    ///< barrier A is run and form columns are committed between the barriers
  uint64_t form_degree = 0;  ///< Schwartz-Zippel degree of what the accumulator challenges check; 0 if nothing
  HashSuite suite = HashSuite::BLAKE3;

  friend bool operator==(const ProtocolParameters&, const ProtocolParameters&) = default;
};

struct RoundBound {
  std::string name;
  /// At most -log2 of the round's error, grinding included; a multiple of 2^-20.
  double bits_lower_bound = 0;
  std::string formula;
};

enum class Regime : uint8_t { UNIQUE_DECODING, JOHNSON };

struct SecurityReport {
  std::vector<RoundBound> rounds;  ///< in protocol order
  RoundBound weakest;
  double bits = 0;                  ///< the weakest round's; 0 if `error` is set
  Regime regime = Regime::JOHNSON;  ///< the one that proves more
  unsigned proximity_m = 0;         ///< the Johnson regime's multiplicity, chosen to prove most; 0 in unique decoding
  uint64_t list_size = 0;           ///< codewords that one committed table admits
  unsigned hash_bits = 0;
  std::string error;  ///< empty, or which parameter is impossible: what was expected and what came

  bool ok() const { return error.empty(); }
};

/// Bounds every round. Takes about a millisecond.
SecurityReport analyze(const ProtocolParameters& parameters);

struct QueryCount {
  unsigned queries = 0;  ///< 0 if `error` is set
  std::string error;
  bool ok() const { return error.empty(); }
};

/// The smallest number of queries for which analyze() reports at least `target_bits`; parameters.queries is ignored. An
/// error if the rounds over E do not allow the target whatever the number of queries.
QueryCount queries_for(ProtocolParameters parameters, double target_bits);

/// A table for people: one line a round, the weakest marked, the hash figure below. Figures are rounded down.
std::string describe(const ProtocolParameters& parameters, const SecurityReport& report);

}  // namespace zkvm::stark
