#pragma once
/// \file
/// Messages of layers along the last axis. All are look-ups: statements that hold by themselves, whoever makes them, so
/// that the providers' multiplicities are free. None names a call.

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

/// Softmax: e, as bytes, is this layer's exponential of difference d; rounded is e / 2^12, to nearest.
template <class T>
struct ExponentialMessage {
  T layer, d;
  T e[4];
  T rounded;
};
/// What a row of a softmax whose exponentials have this sum multiplies by; see reciprocals/air.hpp.
template <class T>
struct ReciprocalMessage {
  T sum;
  T r[4];                 ///< bytes of the reciprocal
  T power, half, bits;    ///< what is left of the division, see shares/air.hpp
  T greatest, most_bits;  ///< of quotients
};
/// Softmax of this layer: an element d below the maximum of a row whose exponentials have this sum becomes y.
template <class T>
struct ShareMessage {
  T layer, sum, d;
  T rounded, y;
};
/// Layer norm: gamma and beta of four neighbouring channels.
template <class T>
struct GainMessage {
  T layer, quad;
  T gamma[LANES], beta[LANES];
};
/// Layer norm of this layer: what a row with these sums of elements and of squares multiplies by, as bytes.
template <class T>
struct InverseMessage {
  T layer, sum, squares;
  T inverse[5];
};

inline constexpr stark::Bus<ExponentialMessage> EXPONENTIAL{40, false, "exponentials"};
inline constexpr stark::Bus<ReciprocalMessage> RECIPROCAL{41, false, "reciprocals"};
inline constexpr stark::Bus<ShareMessage> SHARE{42, false, "shares"};
inline constexpr stark::Bus<GainMessage> GAIN{43, false, "gains"};
inline constexpr stark::Bus<InverseMessage> INVERSE{44, false, "inverses"};

}  // namespace zkvm::precompiles::nn
