#include "stark/simd/vec_test.kernel.hpp"

#include ZKVM_SIMD_HEADER

namespace zkvm::stark {
namespace ZKVM_SIMD_NS {
namespace {

constexpr unsigned LANES = Vec::LANES;

void add(const F* a, const F* b, F* o) { (Vec::load(a) + Vec::load(b)).store(o); }
void sub(const F* a, const F* b, F* o) { (Vec::load(a) - Vec::load(b)).store(o); }
void neg(const F* a, F* o) { (-Vec::load(a)).store(o); }
void multiply(const F* a, const F* b, F* o) { (Vec::load(a) * Vec::load(b)).store(o); }
void mul_constant(const F* a, uint32_t w, uint32_t w_p_inv, F* o) {
  mul(Vec::load(a), Multiplier::broadcast(w, w_p_inv)).store(o);
}

void sum_of_products(const F* a, const F* b, size_t terms, F* by_mac, F* by_mac2) {
  Acc one = Acc::zero(), two = Acc::zero();
  for (size_t t = 0; t < terms; ++t) one.mac(split(Vec::load(a + t * LANES)), split(Vec::load(b + t * LANES)));
  size_t t = 0;
  for (; t + 2 <= terms; t += 2)
    two.mac2(split(Vec::load(a + t * LANES)), split(Vec::load(b + t * LANES)), split(Vec::load(a + (t + 1) * LANES)),
             split(Vec::load(b + (t + 1) * LANES)));
  if (t < terms) two.mac(split(Vec::load(a + t * LANES)), split(Vec::load(b + t * LANES)));
  one.reduce().store(by_mac);
  two.reduce().store(by_mac2);
}

void sum_extension(const F* a, const E* b, size_t terms, E* out[4]) {
  AccE acc[4] = {AccE::zero(), AccE::zero(), AccE::zero(), AccE::zero()};
  for (size_t t = 0; t < terms; ++t) {
    const Split s = split(Vec::load(a + t * LANES));
    acc[0].mac(s, b[t]);
    acc[1].mac(s, broadcast_split(b[t]));
    acc[2].mac(s, VecE::broadcast(b[t]));
  }
  for (size_t t = 0; t < terms; t += 2) {
    const bool last = t + 1 == terms;
    const Split s = split(Vec::load(a + t * LANES));
    const Split s1 = split(last ? Vec::zero() : Vec::load(a + (t + 1) * LANES));
    acc[3].mac2(s, broadcast_split(b[t]), s1, broadcast_split(b[last ? t : t + 1]));
  }
  for (unsigned k = 0; k < 4; ++k) store_extension(out[k], acc[k].reduce());
}

void mul_extension(const E* a, const E* b, E* o) { store_extension(o, load_extension(a) * load_extension(b)); }
void mul_extension_base(const E* a, const F* b, E* o) { store_extension(o, load_extension(a) * Vec::load(b)); }
void add_sub_neg_extension(const E* a, const E* b, E* sum, E* difference, E* negative) {
  const VecE x = load_extension(a), y = load_extension(b);
  store_extension(sum, x + y);
  store_extension(difference, x - y);
  store_extension(negative, -x);
}

void transpose_square(F* square) {
  Vec v[LANES];
  for (unsigned i = 0; i < LANES; ++i) v[i] = Vec::load(square + i * LANES);
  transpose(v);
  for (unsigned i = 0; i < LANES; ++i) v[i].store(square + i * LANES);
}

constexpr unsigned MAX_BLOCK = 128;
void load_columns(const F* rows, size_t stride, unsigned n, F* columns) {
  Vec v[MAX_BLOCK];
  load_block(rows, stride, n, v);
  for (unsigned i = 0; i < n; ++i) v[i].store(columns + i * LANES);
}
void store_columns(F* rows, size_t stride, unsigned n, const F* columns) {
  Vec v[MAX_BLOCK];
  for (unsigned i = 0; i < n; ++i) v[i] = Vec::load(columns + i * LANES);
  store_block(rows, stride, n, v);
}

}  // namespace

const VecTestKernels VEC_TEST_KERNELS = {LANES,
                                         add,
                                         sub,
                                         neg,
                                         multiply,
                                         mul_constant,
                                         sum_of_products,
                                         sum_extension,
                                         mul_extension,
                                         mul_extension_base,
                                         add_sub_neg_extension,
                                         transpose_square,
                                         load_columns,
                                         store_columns};

}  // namespace ZKVM_SIMD_NS
}  // namespace zkvm::stark
