#include "tests/soundness/roots.hpp"

#include <algorithm>

namespace zkvm::soundness {

using stark::F;
using std::size_t;

namespace {

using Poly = std::vector<F>;  // lowest coefficient first, no leading zeros; empty is 0

void trim(Poly& a) {
  while (!a.empty() && a.back().is_zero()) a.pop_back();
}
/// a mod m, m not 0.
Poly reduce(Poly a, const Poly& m) {
  trim(a);
  const F inverse = m.back().inverse();
  while (a.size() >= m.size()) {
    const F q = a.back() * inverse;
    const size_t shift = a.size() - m.size();
    for (size_t i = 0; i < m.size(); ++i) a[shift + i] -= q * m[i];
    trim(a);
  }
  return a;
}
Poly multiply(const Poly& a, const Poly& b, const Poly& m) {
  if (a.empty() || b.empty()) return {};
  Poly r(a.size() + b.size() - 1);
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < b.size(); ++j) r[i + j] += a[i] * b[j];
  return reduce(std::move(r), m);
}
Poly power(Poly base, uint32_t e, const Poly& m) {
  Poly r = reduce({F::one()}, m);
  for (; e != 0; e >>= 1, base = multiply(base, base, m))
    if ((e & 1) != 0) r = multiply(r, base, m);
  return r;
}
Poly gcd(Poly a, Poly b) {
  trim(a);
  trim(b);
  while (!b.empty()) {
    a = reduce(std::move(a), b);
    std::swap(a, b);
  }
  return a;
}
Poly divide(Poly a, const Poly& b) {
  Poly q(a.size() - b.size() + 1);
  const F inverse = b.back().inverse();
  for (size_t i = q.size(); i-- > 0;) {
    q[i] = a[i + b.size() - 1] * inverse;
    for (size_t j = 0; j < b.size(); ++j) a[i + j] -= q[i] * b[j];
  }
  return q;
}

/// Roots of a product of distinct linear factors.
void split(const Poly& f, std::vector<F>& out) {
  if (f.size() < 2) return;
  if (f.size() == 2) {
    out.push_back(-f[0] * f[1].inverse());
    return;
  }
  for (uint32_t shift = 1; shift <= 32; ++shift) {
    // (x + shift)^((p - 1) / 2) is 1 at about half of the roots.
    Poly h = power({F::from(shift * 7919), F::one()}, (F::P - 1) / 2, f);
    if (h.empty()) h.push_back(F::zero());
    h[0] -= F::one();
    const Poly part = gcd(f, h);
    if (part.size() < 2 || part.size() == f.size()) continue;
    split(part, out);
    split(divide(f, part), out);
    return;
  }
}

}  // namespace

Cubic interpolate(const std::array<F, 4>& v) {
  // Newton's forward differences.
  const F d1 = v[1] - v[0], d2 = v[2] - v[1] - d1, d3 = v[3] - F::from(3) * v[2] + F::from(3) * v[1] - v[0];
  const F half = F::from(2).inverse(), sixth = F::from(6).inverse();
  return {v[0], d1 - d2 * half + d3 * F::from(2) * sixth, (d2 - d3) * half, d3 * sixth};
}

std::vector<F> roots(const Cubic& f) {
  std::vector<F> out;
  Poly m(f.begin(), f.end());
  trim(m);
  if (m.size() < 2) return out;
  // gcd with x^p - x keeps each root once.
  Poly h = power({F::zero(), F::one()}, F::P, m);
  h.resize(std::max<size_t>(h.size(), 2));
  h[1] -= F::one();
  split(m.size() == 2 ? m : gcd(m, h), out);
  return out;
}

}  // namespace zkvm::soundness
