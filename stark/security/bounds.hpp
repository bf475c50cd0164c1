#pragma once
/// \file
/// Directed arithmetic behind the security calculator: every function says on which side of the true value its result
/// lies, and all rounding goes against the prover. Fixed-point numbers are integers scaled by 2^SCALE.

#include <gmpxx.h>

#include <cstdint>

namespace zkvm::stark::security {

using Integer = mpz_class;

/// Fractional bits of fixed-point error bounds.
constexpr unsigned SCALE = 128;
/// Security levels are counted in units of 2^-LOG_UNIT bits.
constexpr unsigned LOG_UNIT = 40;

/// |E| = p^6 and |E \ F| = p^6 - p.
Integer extension_size();
Integer out_of_base_size();

/// ceil(a / b), a >= 0, b > 0.
Integer divide_up(const Integer& a, const Integer& b);

/// ceil(sqrt(a / b) * 2^SCALE), a >= 0, b > 0.
Integer sqrt_up(const Integer& a, const Integer& b);
/// floor(sqrt(a / b) * 2^SCALE), a >= 0, b > 0.
Integer sqrt_down(const Integer& a, const Integer& b);

/// A lower bound of 2^LOG_UNIT * log2(a / b), less than 2 units below it; a, b > 0. Monotone in a / b.
int64_t log2_down(const Integer& a, const Integer& b);

/// The Johnson regime's parameters at rate 2^-log_blowup and multiplicity m: a word is "close" if it agrees with a
/// codeword on a fraction of at least 1 - gamma = sqrt(rate) (1 + 1/(2m)) of the domain.
struct Johnson {
  unsigned log_blowup;
  unsigned m;

  /// Upper bound of gamma, scaled by 2^SCALE.
  Integer gamma_up() const;
  /// Lower bound of -log2(1 - gamma), in units of 2^-LOG_UNIT bits: what one query is worth.
  int64_t query_bits_down() const;
  /// The Guruswami-Sudan list bound floor((m + 1/2) / sqrt(rate)), exact. It holds for polynomials of degree <= N on
  /// N * 2^log_blowup points (one more than a codeword: quotients by X - z admit them), for every N >= 1, over any
  /// field, and so also for tuples of columns (combine a tuple by powers of a transcendental).
  Integer list_size() const;
};

/// Bounds the number of challenges x in E for which the curve u_0 + x u_1 + ... + x^M u_M is close to the Reed-Solomon
/// code of dimension N = 2^log_dimension on n = 2^(log_dimension + log_blowup) points although u_0, ..., u_M are not
/// jointly close:
///   M * ( (2 (m + 1/2)^5 + 3 (m + 1/2) gamma r) / (3 r^(3/2)) * n + (m + 1/2) / sqrt(r) ),  r = (N - 1) / n.
/// eprint 2025/2055, Theorem 4.2 (lines: Theorem 1.5), with m = max(ceil(sqrt(r) / (2 (1 - sqrt(r) - gamma))), 3); the
/// paper counts degrees, hence N - 1. At N = 1 (constants) any pair of points where the words differ rules out at most
/// M challenges: M n (n - 1) / 2. Result scaled by 2^SCALE, rounded up.
Integer johnson_exceptions_up(const Johnson& regime, unsigned log_dimension, uint64_t curve_degree);

/// Unique decoding, gamma = (1 - rate) / 2: at most M * n exceptional challenges (eprint 2020/654, Theorem 1.5).
/// Scaled, exact.
Integer unique_exceptions(unsigned log_blowup, unsigned log_dimension, uint64_t curve_degree);
/// Lower bound of -log2((1 + rate) / 2), in units.
int64_t unique_query_bits_down(unsigned log_blowup);
/// Polynomials of degree <= N that agree with one word on (n + N) / 2 points: fewer than 2 / (1 - rate) + 1 (Johnson's
/// count). One would not do: quotients by X - z admit degree N, and two such polynomials can share that many points.
Integer unique_list_size(unsigned log_blowup);

}  // namespace zkvm::stark::security
