#pragma once
/// \file
/// Roots in F of polynomials of degree at most 3, for a forger who has to satisfy a constraint by one column.

#include <array>
#include <cstddef>
#include <vector>

#include "stark/field/koalabear.hpp"

namespace zkvm::soundness {

/// c[0] + c[1] x + c[2] x^2 + c[3] x^3.
using Cubic = std::array<stark::F, 4>;

/// The polynomial with these values at 0, 1, 2, 3.
Cubic interpolate(const std::array<stark::F, 4>& values);

/// All distinct roots; none for the zero polynomial. Equal-degree splitting (Cantor and Zassenhaus, 1981) with fixed
/// shifts: gives up on a factor after 32 of them, which happens with probability 2^-32.
std::vector<stark::F> roots(const Cubic& f);

}  // namespace zkvm::soundness
