#include "bench/kernels.kernel.hpp"

#include ZKVM_SIMD_HEADER

namespace zkvm::stark {
namespace ZKVM_SIMD_NS {
namespace {

constexpr unsigned CHAINS = 4;

/// Keeps the optimiser from dropping or folding a value.
template <class T>
[[gnu::always_inline]] inline void opaque(T& value) {
  asm volatile("" : "+m"(value) : : "memory");
}

Vec seed(unsigned i) { return Vec::broadcast(F{0x12345678u + i}); }
VecE seed_extension(unsigned i) {
  VecE r;
  for (unsigned k = 0; k < 6; ++k) r.c[k] = seed(6 * i + k);
  return r;
}

template <class T, class Step>
void chains(size_t rounds, T (&x)[CHAINS], const Step& step) {
  for (unsigned i = 0; i < CHAINS; ++i) opaque(x[i]);
  for (size_t r = 0; r < rounds; ++r)
    for (unsigned i = 0; i < CHAINS; ++i) step(x[i]);
  for (unsigned i = 0; i < CHAINS; ++i) opaque(x[i]);
}

void add(size_t rounds) {
  Vec x[CHAINS] = {seed(1), seed(2), seed(3), seed(4)}, y = seed(5);
  opaque(y);
  chains(rounds, x, [&](Vec& v) { v += y; });
}
void multiply(size_t rounds) {
  Vec x[CHAINS] = {seed(1), seed(2), seed(3), seed(4)}, y = seed(5);
  opaque(y);
  chains(rounds, x, [&](Vec& v) { v *= y; });
}
void mul_extension(size_t rounds) {
  VecE x[CHAINS] = {seed_extension(1), seed_extension(2), seed_extension(3), seed_extension(4)}, y = seed_extension(5);
  opaque(y);
  chains(rounds, x, [&](VecE& v) { v *= y; });
}
void mac_extension(size_t rounds) {
  AccE x[CHAINS] = {AccE::zero(), AccE::zero(), AccE::zero(), AccE::zero()};
  E constant[2];
  for (E& e : constant)
    for (F& f : e.c) f = F{0x23456789u};
  Vec y = seed(5);
  opaque(y);
  const Split s = split(y);
  // Two products a step: half as many steps.
  chains(rounds / 2, x, [&](AccE& a) {
    opaque(constant[0]);
    a.mac2(s, constant[0], s, constant[1]);
  });
}

}  // namespace

const ArithmeticKernels ARITHMETIC_KERNELS = {CHAINS * Vec::LANES, add, multiply, mul_extension, mac_extension};

}  // namespace ZKVM_SIMD_NS
}  // namespace zkvm::stark
