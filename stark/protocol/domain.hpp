#pragma once
/// \file
/// Points of the two-adic domains in bit-reversed order, and the positions that a set of queries opens.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "stark/field/extension.hpp"
#include "stark/protocol/machine.hpp"

namespace zkvm::stark {

/// The point at `position` of the subgroup of order 2^log_size in bit-reversed order.
inline F subgroup_point(unsigned log_size, uint64_t position) {
  return F::two_adic_root(log_size).pow(bit_reverse(position, log_size));
}
/// The same point on the coset on which low-degree extensions live.
inline F extension_point(unsigned log_size, uint64_t position) {
  return F::from(COSET_SHIFT) * subgroup_point(log_size, position);
}

/// Sorted distinct positions `queries >> shift`.
inline std::vector<uint64_t> opened_positions(std::span<const uint64_t> queries, unsigned shift) {
  std::vector<uint64_t> r;
  for (uint64_t q : queries) r.push_back(q >> shift);
  std::sort(r.begin(), r.end());
  r.erase(std::unique(r.begin(), r.end()), r.end());
  return r;
}
/// Index of `position` in the sorted list, which contains it.
inline size_t index_of(std::span<const uint64_t> sorted, uint64_t position) {
  return static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), position) - sorted.begin());
}

/// X^n - 1 at z, n = 2^log_n.
inline E vanishing(const E& z, unsigned log_n) {
  E r = z;
  for (unsigned i = 0; i < log_n; ++i) r *= r;
  return r - F::one();
}

/// Folds 2^log_arity values at consecutive bit-reversed positions of the subgroup of order 2^log_size, `leaf` being
/// their common index, at challenge beta (its square and fourth power for the inner halvings).
inline E fold_leaf(std::span<const E> values, unsigned log_size, uint64_t leaf, E beta) {
  std::vector<E> v(values.begin(), values.end());
  const F half = F::from(2).inverse();
  for (; v.size() > 1; beta *= beta, --log_size) {
    for (size_t k = 0; k < v.size() / 2; ++k) {
      const F y = subgroup_point(log_size, leaf * v.size() + 2 * k);
      v[k] = (v[2 * k] + v[2 * k + 1]) * half + (v[2 * k] - v[2 * k + 1]) * (half * y.inverse()) * beta;
    }
    v.resize(v.size() / 2);
  }
  return v[0];
}

}  // namespace zkvm::stark
