// Included by each backend inside its namespace, after Vec, Split, Acc and Raw are defined: no include guard, no
// includes. Everything here is expressed through the backend's primitives.

/// A constant of E in all lanes, ready for mac.
struct SplitConstE {
  SplitConst c[6];
};
[[gnu::always_inline]] inline SplitConstE broadcast_split(const E& a) {
  SplitConstE r;
  for (unsigned i = 0; i < 6; ++i) r.c[i] = broadcast_split(a.c[i]);
  return r;
}

/// The six coefficients of a product in E from `m(i, j)`, the widening product a_i b_j of one lane parity (each below
/// p^2): schoolbook with range corrections only where a sum would pass 2^64 = 4.063 p^2. Results below 2^32 p = 2.016 p^2.
/// 150 cycles per 16 products in AVX-512, against 226 for Karatsuba with reduced partial products.
template <class Product>
[[gnu::always_inline]] inline void extension_product(const Product& m, Raw (&out)[6]) {
  const Raw d0 = m(0, 0);
  const Raw d1 = add64(m(0, 1), m(1, 0));
  const Raw d2 = correct_range(add64(add64(m(0, 2), m(2, 0)), m(1, 1)));
  const Raw d3 = correct_range(add64(add64(m(0, 3), m(3, 0)), add64(m(1, 2), m(2, 1))));
  // 2.016 p^2 + p^2, corrected
  const Raw d4 = correct_range(
      add64(correct_range(add64(add64(m(0, 4), m(4, 0)), add64(m(1, 3), m(3, 1)))), m(2, 2)));
  // 2.016 p^2 + 2 p^2 = 4.016 p^2, corrected
  const Raw d5 = correct_range(add64(correct_range(add64(add64(m(0, 5), m(5, 0)), add64(m(1, 4), m(4, 1)))),
                                     add64(m(2, 3), m(3, 2))));
  const Raw d6 = correct_range(
      add64(correct_range(add64(add64(m(1, 5), m(5, 1)), add64(m(2, 4), m(4, 2)))), m(3, 3)));
  const Raw d7 = correct_range(add64(add64(m(2, 5), m(5, 2)), add64(m(3, 4), m(4, 3))));
  const Raw d8 = correct_range(add64(add64(m(3, 5), m(5, 3)), m(4, 4)));
  const Raw d9 = add64(m(4, 5), m(5, 4));
  const Raw d10 = m(5, 5);
  // x^6 = -x^3 - 1, x^9 = 1
  out[0] = correct_range(add64(correct_negative(sub64(d0, d6)), d9));
  out[1] = correct_range(add64(correct_negative(sub64(d1, d7)), d10));
  out[2] = correct_negative(sub64(d2, d8));
  out[3] = correct_negative(sub64(d3, d6));
  out[4] = correct_negative(sub64(d4, d7));
  out[5] = correct_negative(sub64(d5, d8));
}

/// LANES elements of E, one Vec per coefficient.
struct VecE {
  Vec c[6];

  [[gnu::always_inline]] static VecE zero() {
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = Vec::zero();
    return r;
  }
  [[gnu::always_inline]] static VecE broadcast(const E& a) {
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = Vec::broadcast(a.c[i]);
    return r;
  }
  [[gnu::always_inline]] static VecE from_base(Vec a) {
    VecE r = zero();
    r.c[0] = a;
    return r;
  }
  [[gnu::always_inline]] friend VecE operator+(const VecE& a, const VecE& b) {
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = a.c[i] + b.c[i];
    return r;
  }
  [[gnu::always_inline]] friend VecE operator-(const VecE& a, const VecE& b) {
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = a.c[i] - b.c[i];
    return r;
  }
  [[gnu::always_inline]] friend VecE operator-(const VecE& a) { return zero() - a; }
  [[gnu::always_inline]] friend VecE operator*(const VecE& a, const VecE& b) {
    Split sa[6], sb[6];
    for (unsigned i = 0; i < 6; ++i) {
      sa[i] = split(a.c[i]);
      sb[i] = split(b.c[i]);
    }
    Raw even[6], odd[6];
    extension_product([&](unsigned i, unsigned j) __attribute__((always_inline)) { return even_product(sa[i], sb[j]); },
                      even);
    extension_product([&](unsigned i, unsigned j) __attribute__((always_inline)) { return odd_product(sa[i], sb[j]); },
                      odd);
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = montgomery_reduce(even[i], odd[i]);
    return r;
  }
  [[gnu::always_inline]] friend VecE operator*(const VecE& a, Vec b) {
    const Split sb = split(b);
    VecE r;
    for (unsigned i = 0; i < 6; ++i) {
      const Split sa = split(a.c[i]);
      r.c[i] = montgomery_reduce(even_product(sa, sb), odd_product(sa, sb));
    }
    return r;
  }
  VecE& operator+=(const VecE& b) { return *this = *this + b; }
  VecE& operator-=(const VecE& b) { return *this = *this - b; }
  VecE& operator*=(const VecE& b) { return *this = *this * b; }

  /// Lane i of the vector, and its assignment: slow, for edges and tests.
  E lane(unsigned lane_index) const {
    E r;
    for (unsigned i = 0; i < 6; ++i) {
      F buffer[Vec::LANES];
      c[i].store(buffer);
      r.c[i] = buffer[lane_index];
    }
    return r;
  }
  void set_lane(unsigned lane_index, const E& a) {
    for (unsigned i = 0; i < 6; ++i) {
      F buffer[Vec::LANES];
      c[i].store(buffer);
      buffer[lane_index] = a.c[i];
      c[i] = Vec::load(buffer);
    }
  }
};
[[gnu::always_inline]] inline VecE mul(const VecE& a, const VecE& b) { return a * b; }
[[gnu::always_inline]] inline VecE mul(const VecE& a, Vec b) { return a * b; }

/// A sum of base-by-extension products.
struct AccE {
  Acc c[6];

  [[gnu::always_inline]] static AccE zero() {
    AccE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = Acc::zero();
    return r;
  }
  [[gnu::always_inline]] void mac(const Split& a, const SplitConstE& b) {
    for (unsigned i = 0; i < 6; ++i) c[i].mac(a, b.c[i]);
  }
  /// The constant is broadcast from memory as it is used: as fast as a prepared one when it is in cache.
  [[gnu::always_inline]] void mac(const Split& a, const E& b) {
    for (unsigned i = 0; i < 6; ++i) c[i].mac(a, broadcast_split(b.c[i]));
  }
  /// Two products for one range correction.
  [[gnu::always_inline]] void mac2(const Split& a0, const SplitConstE& b0, const Split& a1, const SplitConstE& b1) {
    for (unsigned i = 0; i < 6; ++i) c[i].mac2(a0, b0.c[i], a1, b1.c[i]);
  }
  [[gnu::always_inline]] void mac2(const Split& a0, const E& b0, const Split& a1, const E& b1) {
    for (unsigned i = 0; i < 6; ++i) c[i].mac2(a0, broadcast_split(b0.c[i]), a1, broadcast_split(b1.c[i]));
  }
  /// A base vector times an extension vector.
  [[gnu::always_inline]] void mac(const Split& a, const VecE& b) {
    for (unsigned i = 0; i < 6; ++i) c[i].mac(a, split(b.c[i]));
  }
  [[gnu::always_inline]] VecE reduce() const {
    VecE r;
    for (unsigned i = 0; i < 6; ++i) r.c[i] = c[i].reduce();
    return r;
  }
};

/// Loads LANES rows of n elements, row i at rows + i * stride, as n column vectors: lane i of out[j] is rows[i][j].
/// Reads exactly those elements; any alignment; writes out[0 .. n).
[[gnu::always_inline]] inline void load_block(const F* rows, size_t stride, unsigned n, Vec* out) {
  Vec v[Vec::LANES];
  unsigned j = 0;
  for (; j + Vec::LANES <= n; j += Vec::LANES) {
    for (unsigned i = 0; i < Vec::LANES; ++i) v[i] = Vec::load(rows + i * stride + j);
    transpose(v);
    for (unsigned i = 0; i < Vec::LANES; ++i) out[j + i] = v[i];
  }
  if (j == n) return;
  for (unsigned i = 0; i < Vec::LANES; ++i) v[i] = Vec::load_partial(rows + i * stride + j, n - j);
  transpose(v);
  for (unsigned i = 0; i < n - j; ++i) out[j + i] = v[i];
}

/// The inverse of load_block: writes exactly n elements of LANES rows.
[[gnu::always_inline]] inline void store_block(F* rows, size_t stride, unsigned n, const Vec* in) {
  Vec v[Vec::LANES];
  unsigned j = 0;
  for (; j + Vec::LANES <= n; j += Vec::LANES) {
    for (unsigned i = 0; i < Vec::LANES; ++i) v[i] = in[j + i];
    transpose(v);
    for (unsigned i = 0; i < Vec::LANES; ++i) v[i].store(rows + i * stride + j);
  }
  if (j == n) return;
  for (unsigned i = 0; i < Vec::LANES; ++i) v[i] = i < n - j ? in[j + i] : Vec::zero();
  transpose(v);
  for (unsigned i = 0; i < Vec::LANES; ++i) v[i].store_partial(rows + i * stride + j, n - j);
}

/// LANES consecutive elements of E in memory (24 bytes each) to and from one Vec per coefficient.
[[gnu::always_inline]] inline VecE load_extension(const E* p) {
  VecE r;
  load_block(p->c, 6, 6, r.c);
  return r;
}
[[gnu::always_inline]] inline void store_extension(E* p, const VecE& a) { store_block(p->c, 6, 6, a.c); }
