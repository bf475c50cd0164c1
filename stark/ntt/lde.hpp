#pragma once
/// \file
/// Low-degree extension and its parts, on matrices whose columns are polynomials.
///
/// Notation: w_N is F::two_adic_root(log2 N); evaluations are always in bit-reversed row order, row i holding the value
/// at shift * w_N^brev(i); coefficients are in natural order, row i holding that of X^i. All functions are threaded,
/// work on every column at once and throw std::invalid_argument on sizes outside 2^5 .. 2^24 (extended rows included).

#include "stark/hash/rows.hpp"
#include "stark/ntt/matrix.hpp"

namespace zkvm::stark {

constexpr unsigned MIN_LOG_TRANSFORM = 5;

/// Extends each column of `trace`, its values on the subgroup of its N rows (shift 1), to the 2^log_blowup * N points
/// of shift * <w_{2^log_blowup N}>. `out` is replaced. If `sink` is not null, it receives every row of `out` while in
/// cache.
void low_degree_extend(const Matrix& trace, unsigned log_blowup, F shift, Matrix& out, LeafSink* sink);

/// Replaces evaluations on the coset shift * <w_N> by coefficients, in place.
void interpolate(Matrix& values, F shift);

/// Evaluates polynomials of degree < N, given by their coefficients, on shift * <w_{2^log_blowup N}>.
void extend_from_coefficients(const Matrix& coefficients, unsigned log_blowup, F shift, Matrix& out, LeafSink* sink);

}  // namespace zkvm::stark
