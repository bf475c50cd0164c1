#include "stark/security/security.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "stark/security/bounds.hpp"

namespace zkvm::stark {
namespace {

using namespace security;

/// Beyond this multiplicity a query gains less than 2^-12 bits.
constexpr unsigned MAX_M = 4096;
constexpr unsigned MIN_M = 3;
constexpr unsigned MAX_QUERIES = 65535;

Integer integer(uint64_t v) {
  return (Integer(static_cast<unsigned long>(v >> 32)) << 32) + Integer(static_cast<unsigned long>(v & 0xffffffffu));
}

std::string range_error(const char* what, uint64_t low, uint64_t high, uint64_t got) {
  return std::string(what) + ": expected " + std::to_string(low) + " to " + std::to_string(high) + ", got " +
         std::to_string(got);
}

/// Empty if the parameters are possible.
std::string check(const ProtocolParameters& p) {
  struct Limit {
    const char* what;
    uint64_t low, high, value;
  };
  const Limit limits[] = {
      {"log_blowup", 1, 8, p.log_blowup},
      {"queries", 1, MAX_QUERIES, p.queries},
      {"grinding_bits", 0, 64, p.grinding_bits},
      {"log_max_height", 1, 32, p.log_max_height},
      {"anchor_log_height", 0, 32, p.anchor_log_height},
      {"deep_terms", 1, UINT64_MAX, p.deep_terms},
      {"constraints", 1, UINT64_MAX, p.constraints},
      {"constraint_degree", 1, 64, p.constraint_degree},
      {"max_columns_per_table", 1, UINT32_MAX, p.max_columns_per_table},
      {"tables", 1, UINT64_MAX, p.tables},
      {"shards", 1, UINT64_MAX, p.shards},
      {"max_message_fields", 1, UINT32_MAX, p.max_message_fields},
  };
  for (const Limit& l : limits)
    if (l.value < l.low || l.value > l.high) return range_error(l.what, l.low, l.high, l.value);
  unsigned log_domain = p.log_max_height + p.log_blowup;
  for (const FoldRound& f : p.folds) {
    if (f.log_domain_before != log_domain)
      return "fold from a domain of 2^" + std::to_string(f.log_domain_before) + " points: expected 2^" +
             std::to_string(log_domain);
    if (f.arity != 2 && f.arity != 4 && f.arity != 8)
      return "folding arity: expected 2, 4 or 8, got " + std::to_string(f.arity);
    const unsigned log_arity = static_cast<unsigned>(std::countr_zero(f.arity));
    if (log_domain < p.log_blowup + log_arity)
      return "a fold of arity " + std::to_string(f.arity) + " leaves less than one coefficient";
    log_domain -= log_arity;
  }
  return {};
}

/// What the bounds need to know of a regime.
struct Decoder {
  Regime regime;
  Johnson johnson;  ///< m = 0 in unique decoding

  Integer list_size() const {
    return regime == Regime::JOHNSON ? johnson.list_size() : unique_list_size(johnson.log_blowup);
  }
  Integer exceptions_up(unsigned log_dimension, uint64_t curve_degree) const {
    return regime == Regime::JOHNSON ? johnson_exceptions_up(johnson, log_dimension, curve_degree)
                                     : unique_exceptions(johnson.log_blowup, log_dimension, curve_degree);
  }
  int64_t query_bits_down() const {
    return regime == Regime::JOHNSON ? johnson.query_bits_down() : unique_query_bits_down(johnson.log_blowup);
  }
};

Decoder johnson(const ProtocolParameters& p, unsigned m) { return {Regime::JOHNSON, {p.log_blowup, m}}; }
Decoder unique_decoding(const ProtocolParameters& p) { return {Regime::UNIQUE_DECODING, {p.log_blowup, 0}}; }

/// A round whose challenge is drawn from E or E \ F: its error is at most `bad` / 2^SCALE / (|E| - p).
struct FieldRound {
  std::string name;
  Integer bad;
  std::string formula;
};

/// The degree of constraint(columns) - quotient * vanishing. Columns have degree <= N (N rows; one more than honest
/// ones, which is what DEEP quotients enforce), opened at z and z g, so eprint 2022/1216 Theorem 8 counts N + 1 a
/// factor; the quotient's chunks, a power of two of them, bound the other side.
Integer identity_degree(const ProtocolParameters& p) {
  const Integer rows = Integer(1) << p.log_max_height;
  const unsigned chunks = std::bit_ceil(std::max(p.constraint_degree, 2u) - 1);
  return std::max(p.constraint_degree, chunks + 1) * (rows + 1) + rows - 1;
}

std::vector<FieldRound> field_rounds(const ProtocolParameters& p, const Decoder& d, bool with_text) {
  std::vector<FieldRound> rounds;
  const Integer list = d.list_size();
  const Integer tables = integer(p.tables), shards = integer(p.shards);
  const auto add = [&](const char* name, const Integer& bad, auto&& text) {
    rounds.push_back({with_text ? name : "", bad << SCALE, with_text ? text() : std::string()});
  };
  const auto str = [](uint64_t v) { return std::to_string(v); };
  const std::string rows_text = with_text ? "2^" + str(p.log_max_height) : "";

  // Anchors: two tuples of one table's list differ by a nonzero sum gamma^i d_i(X) of degree < C in gamma and <= N in
  // X. Both challenges are shared, so the union is over every table of every shard.
  const unsigned anchor_log_height = std::max(p.anchor_log_height, p.log_max_height);
  const Integer anchor = shards * tables * (list * (list - 1) / 2) *
                         (Integer(p.max_columns_per_table) - 1 + (Integer(1) << anchor_log_height));
  const auto anchor_text = [&] {
    return "shards * tables * L (L - 1) / 2 * (columns - 1 + rows) / |E \\ F|, shards = " + str(p.shards) +
           ", tables = " + str(p.tables) + ", columns = " + str(p.max_columns_per_table) + ", rows = 2^" +
           str(anchor_log_height);
  };
  if (p.has_forms) {
    add("barrier A: anchors", anchor, anchor_text);
    // The anchors have fixed the main columns: no list enters.
    add("barrier A: accumulator challenges", integer(p.form_degree),
        [&] { return "degree / |E|, degree = " + str(p.form_degree); });
  }
  add("barrier B: anchors", anchor, anchor_text);

  // LogUp: for W fields after the constant term, the sum over N messages vanishes for (N - 1)(W + 1) / |E| of the
  // challenges, and a message meets a pole for N / |E|.
  add("barrier B: LogUp challenges", integer(p.logup_messages) * (integer(p.max_message_fields) + 2), [&] {
    return "messages (fields + 2) / |E|, messages = " + str(p.logup_messages) +
           ", fields = " + str(p.max_message_fields);
  });

  // From here on a shard is on its own; its LogUp columns are not anchored, so their list counts.
  add("constraint challenge", list * integer(p.constraints),
      [&] { return "L * constraints / |E|, constraints = " + str(p.constraints); });
  add("out-of-domain point", list * tables * identity_degree(p), [&] {
    return "L * tables * degree / |E \\ F|, degree = " + identity_degree(p).get_str() + " (constraints of degree " +
           str(p.constraint_degree) + " on " + rows_text + " rows)";
  });

  // FRI: `exceptions_up` is already scaled.
  const char* const epsilon = d.regime == Regime::JOHNSON ? "a(m, N)" : "N / rate";
  const auto add_scaled = [&](std::string name, Integer bad, std::string formula) {
    rounds.push_back({std::move(name), std::move(bad), std::move(formula)});
  };
  add_scaled(with_text ? "DEEP batching" : "", d.exceptions_up(p.log_max_height, p.deep_terms - 1),
             with_text ? std::string("(terms - 1) * ") + epsilon + " / |E|, terms = " + str(p.deep_terms) +
                             ", N = " + rows_text
                       : "");
  unsigned index = 0;
  for (const FoldRound& f : p.folds) {
    const unsigned log_dimension =
        f.log_domain_before - static_cast<unsigned>(std::countr_zero(f.arity)) - p.log_blowup;
    const uint64_t degree = f.arity - 1 + (f.injects ? 1 : 0);
    ++index;
    add_scaled(with_text ? "FRI fold " + str(index) : "", d.exceptions_up(log_dimension, degree),
               with_text ? str(degree) + " * " + epsilon + " / |E|, arity " + str(f.arity) +
                               (f.injects ? " and an injected table" : "") + ", N = 2^" + str(log_dimension)
                         : "");
  }
  return rounds;
}

/// Level of an error `bad` / 2^SCALE / (|E| - p), in units; a round without bad challenges has the full field's.
int64_t field_bits(const Integer& bad) {
  const Integer at_least_one = std::max(bad, Integer(Integer(1) << SCALE));
  const Integer scaled_size = out_of_base_size() << SCALE;
  return std::max<int64_t>(0, log2_down(scaled_size, at_least_one));
}

int64_t weakest_field_bits(const ProtocolParameters& p, const Decoder& d) {
  Integer worst = 0;
  for (const FieldRound& r : field_rounds(p, d, false)) worst = std::max(worst, r.bad);
  return field_bits(worst);
}

/// Grinding bits are whole, so nothing is rounded: each attempt at the queries costs 2^grinding_bits hashes.
int64_t query_phase_bits(const ProtocolParameters& p, const Decoder& d) {
  return static_cast<int64_t>(p.queries) * d.query_bits_down() + (static_cast<int64_t>(p.grinding_bits) << LOG_UNIT);
}

/// The largest m in [MIN_M, MAX_M] for which `holds`, which must not become true again once false; 0 if it fails at
/// MIN_M.
template <class Predicate>
unsigned largest_m(Predicate&& holds) {
  if (!holds(MIN_M)) return 0;
  unsigned low = MIN_M, high = MAX_M + 1;
  while (high - low > 1) {
    const unsigned middle = low + (high - low) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

struct Choice {
  Decoder decoder;
  int64_t bits;
};

Choice evaluate(const ProtocolParameters& p, const Decoder& d) {
  return {d, std::min(weakest_field_bits(p, d), query_phase_bits(p, d))};
}

/// With m, queries gain and the rounds over E lose, so the best m is where the two cross.
Choice best_choice(const ProtocolParameters& p) {
  Choice best = evaluate(p, unique_decoding(p));
  const unsigned m = largest_m([&](unsigned candidate) {
    const Decoder d = johnson(p, candidate);
    return weakest_field_bits(p, d) >= query_phase_bits(p, d);
  });
  for (unsigned candidate : {std::max(m, MIN_M), std::min(m + 1, MAX_M)}) {
    if (candidate < MIN_M) continue;
    const Choice c = evaluate(p, johnson(p, candidate));
    if (c.bits > best.bits) best = c;
  }
  return best;
}

/// Units to a double, rounded down to a multiple of 2^-20: exactly representable.
double to_bits(int64_t units) { return std::ldexp(static_cast<double>(units >> (LOG_UNIT - 20)), -20); }

}  // namespace

SecurityReport analyze(const ProtocolParameters& parameters) {
  SecurityReport report;
  report.hash_bits = collision_bits(parameters.suite);
  report.error = check(parameters);
  if (!report.ok()) return report;

  const Choice best = best_choice(parameters);
  report.regime = best.decoder.regime;
  report.proximity_m = best.decoder.johnson.m;
  report.list_size = best.decoder.list_size().get_ui();
  for (FieldRound& r : field_rounds(parameters, best.decoder, true))
    report.rounds.push_back({std::move(r.name), to_bits(field_bits(r.bad)), std::move(r.formula)});
  report.rounds.push_back({"queries", to_bits(query_phase_bits(parameters, best.decoder)),
                           "(1 - gamma)^queries * 2^-grinding, queries = " + std::to_string(parameters.queries) +
                               ", grinding = " + std::to_string(parameters.grinding_bits)});
  report.weakest = *std::min_element(
      report.rounds.begin(), report.rounds.end(),
      [](const RoundBound& a, const RoundBound& b) { return a.bits_lower_bound < b.bits_lower_bound; });
  report.bits = report.weakest.bits_lower_bound;
  return report;
}

QueryCount queries_for(ProtocolParameters parameters, double target_bits) {
  parameters.queries = 1;
  if (std::string error = check(parameters); !error.empty()) return {0, std::move(error)};
  if (!(target_bits >= 0 && target_bits <= 1024))
    return {0, "target: expected 0 to 1024 bits, got " + std::to_string(target_bits)};
  const int64_t target = static_cast<int64_t>(std::ceil(std::ldexp(target_bits, 20))) << (LOG_UNIT - 20);

  // For a given regime the target fixes the queries; of the multiplicities that the rounds over E allow, the largest is
  // best.
  int64_t fewest = INT64_MAX, field_limit = 0;
  const auto consider = [&](const Decoder& d) {
    const int64_t missing = target - (static_cast<int64_t>(parameters.grinding_bits) << LOG_UNIT);
    const int64_t each = d.query_bits_down();
    fewest = std::min(fewest, std::max<int64_t>(1, (missing + each - 1) / each));
  };
  const int64_t unique_limit = weakest_field_bits(parameters, unique_decoding(parameters));
  if (unique_limit >= target) consider(unique_decoding(parameters));
  const unsigned m = largest_m(
      [&](unsigned candidate) { return weakest_field_bits(parameters, johnson(parameters, candidate)) >= target; });
  if (m != 0) consider(johnson(parameters, m));
  if (fewest <= MAX_QUERIES) return {static_cast<unsigned>(fewest), {}};
  if (fewest != INT64_MAX)
    return {0,
            "the target needs " + std::to_string(fewest) + " queries, expected at most " + std::to_string(MAX_QUERIES)};
  field_limit = std::max(unique_limit, weakest_field_bits(parameters, johnson(parameters, MIN_M)));
  return {0, "the rounds over the extension field allow " + std::to_string(to_bits(field_limit)) +
                 " bits at most, whatever the number of queries; asked for " + std::to_string(target_bits)};
}

}  // namespace zkvm::stark
