#include "stark/ntt/ntt.kernel.hpp"

#include ZKVM_SIMD_HEADER

namespace zkvm::stark {
namespace ZKVM_SIMD_NS {
namespace {

constexpr unsigned LANES = Vec::LANES;
/// Levels that one sweep does in registers, 2^K vectors of the 32 or 16 there are; portable code has the fewest.
constexpr unsigned MAX_RADIX = MAX_TRANSFORM_RADIX;
constexpr unsigned MAX_SWEEPS = F::TWO_ADICITY;

[[gnu::always_inline]] inline Multiplier load_multiplier(const Transform& t, size_t i) {
  return Multiplier::broadcast(t.twiddle[i], t.twiddle_p_inv[i]);
}

/// body(Index<0>), ..., body(Index<N - 1>): a loop that is unrolled for certain, with constant indices, so that arrays
/// of vectors stay in registers.
template <unsigned I>
struct Index {
  static constexpr unsigned VALUE = I;
};
template <unsigned N, class Body>
[[gnu::always_inline]] inline void repeat(const Body& body) {
  if constexpr (N > 0) {
    repeat<N - 1>(body);
    body(Index<N - 1>{});
  }
}

/// K levels from `level` on, of block b. Values that the next level only multiplies may stay in [0, 2p).
template <unsigned K>
[[gnu::always_inline]] inline void forward_levels(Vec* x, const Transform& t, unsigned level, size_t b) {
  repeat<K>([&](auto step) __attribute__((always_inline)) {
    constexpr unsigned S = decltype(step)::VALUE, HALF = (1u << K) >> (S + 1);
    const size_t first = (size_t{1} << (level + S)) + (b << S);
    repeat<(1u << S)>([&](auto block) __attribute__((always_inline)) {
      constexpr unsigned Q = decltype(block)::VALUE;
      const Multiplier w = load_multiplier(t, first + Q);
      repeat<HALF>([&](auto row) __attribute__((always_inline)) {
        constexpr unsigned U = 2 * Q * HALF + decltype(row)::VALUE, V = U + HALF;
        constexpr bool LAZY = S + 1 < K && decltype(row)::VALUE >= HALF / 2;
        const Vec product = mul(x[V], w), u = x[U];
        x[U] = LAZY ? lazy_add(u, product) : u + product;
        x[V] = LAZY ? lazy_sub(u, product) : u - product;
      });
    });
  });
}

/// The inverse of forward_levels, up to a factor 2^K.
template <unsigned K>
[[gnu::always_inline]] inline void inverse_levels(Vec* x, const Transform& t, unsigned level, size_t b) {
  repeat<K>([&](auto step) __attribute__((always_inline)) {
    constexpr unsigned S = K - 1 - decltype(step)::VALUE, HALF = (1u << K) >> (S + 1);
    const size_t first = (size_t{1} << (level + S)) + (b << S);
    repeat<(1u << S)>([&](auto block) __attribute__((always_inline)) {
      constexpr unsigned Q = decltype(block)::VALUE;
      const Multiplier w = load_multiplier(t, first + Q);
      repeat<HALF>([&](auto row) __attribute__((always_inline)) {
        constexpr unsigned U = 2 * Q * HALF + decltype(row)::VALUE, V = U + HALF;
        const Vec difference = lazy_sub(x[U], x[V]);
        x[U] = x[U] + x[V];
        x[V] = mul(difference, w);
      });
    });
  });
}

/// One pass over the rows: K levels from `level` on, of all blocks.
template <unsigned K, bool INVERSE, bool STREAM>
void sweep(const Transform& t, unsigned level, const F* source, size_t source_stride, F* destination,
           size_t destination_stride, const F* scale) {
  constexpr unsigned SIZE = 1u << K;
  const size_t blocks = size_t{1} << level, block_rows = size_t{1} << (t.levels - level), step = block_rows >> K;
  Multiplier scale_by{};
  if (scale != nullptr) scale_by = Multiplier::broadcast(scale->v, scale->v * F::P_INV);
  for (size_t b = 0; b < blocks; ++b)
    for (size_t r = 0; r < step; ++r) {
      const F* const in = source + (b * block_rows + r) * source_stride;
      F* const out = destination + (b * block_rows + r) * destination_stride;
      for (size_t c = 0; c < t.columns; c += LANES) {
        Vec x[SIZE];
        repeat<SIZE>([&](auto i) __attribute__((always_inline)) {
          x[i.VALUE] = Vec::load(in + i.VALUE * step * source_stride + c);
        });
        if constexpr (INVERSE) {
          inverse_levels<K>(x, t, level, b);
          if (scale != nullptr)
            repeat<SIZE>([&](auto i) __attribute__((always_inline)) { x[i.VALUE] = mul(x[i.VALUE], scale_by); });
        } else {
          forward_levels<K>(x, t, level, b);
        }
        repeat<SIZE>([&](auto i) __attribute__((always_inline)) {
          F* const p = out + i.VALUE * step * destination_stride + c;
          if constexpr (STREAM)
            x[i.VALUE].stream(p);
          else
            x[i.VALUE].store(p);
        });
      }
    }
}

template <bool INVERSE, bool STREAM>
void sweep_any(unsigned k, const Transform& t, unsigned level, const F* source, size_t source_stride, F* destination,
               size_t destination_stride, const F* scale) {
  switch (k) {
    case 1:
      return sweep<1, INVERSE, STREAM>(t, level, source, source_stride, destination, destination_stride, scale);
    case 2:
      return sweep<2, INVERSE, STREAM>(t, level, source, source_stride, destination, destination_stride, scale);
    case 3:
      return sweep<3, INVERSE, STREAM>(t, level, source, source_stride, destination, destination_stride, scale);
    default:
      if constexpr (MAX_RADIX >= 4)
        return sweep<4, INVERSE, STREAM>(t, level, source, source_stride, destination, destination_stride, scale);
  }
}

/// Splits the levels into the fewest sweeps of nearly equal depth, shallow ones first.
struct Plan {
  unsigned sweeps, depth[MAX_SWEEPS];
  explicit Plan(unsigned levels) : sweeps((levels + MAX_RADIX - 1) / MAX_RADIX), depth{} {
    for (unsigned i = 0; i < sweeps; ++i) depth[i] = levels / sweeps + (i >= sweeps - levels % sweeps ? 1 : 0);
  }
};

/// Runs the plan's sweeps source -> middle -> ... -> destination; sweep(k, level, ...) for each, in order of execution.
template <bool INVERSE>
void transform(const Transform& t) {
  const Plan plan(t.levels);
  unsigned level = INVERSE ? t.levels : 0;
  for (unsigned n = 0; n < plan.sweeps; ++n) {
    const unsigned k = plan.depth[INVERSE ? plan.sweeps - 1 - n : n];
    const bool first = n == 0, last = n + 1 == plan.sweeps;
    const F* const source = first ? t.source : t.middle;
    const size_t source_stride = first ? t.source_stride : t.middle_stride;
    F* const destination = last ? t.destination : t.middle;
    const size_t destination_stride = last ? t.destination_stride : t.middle_stride;
    const F* const scale = last ? t.scale : nullptr;
    if (INVERSE) level -= k;
    if (last && t.stream)
      sweep_any<INVERSE, true>(k, t, level, source, source_stride, destination, destination_stride, scale);
    else
      sweep_any<INVERSE, false>(k, t, level, source, source_stride, destination, destination_stride, scale);
    if (!INVERSE) level += k;
  }
  if (t.stream) store_fence();
}

void forward(const Transform& t) { transform<false>(t); }
void inverse(const Transform& t) { transform<true>(t); }

void expand_twiddles(const F* roots, const F* factors, unsigned levels, uint32_t* twiddle, uint32_t* twiddle_p_inv) {
  const Vec p_inv = word_broadcast(F::P_INV);
  for (unsigned s = 0; s < levels; ++s) {
    const size_t size = size_t{1} << s;
    const Multiplier factor = Multiplier::broadcast(factors[s].v, factors[s].v * F::P_INV);
    F* const w = reinterpret_cast<F*>(twiddle + size);
    F* const companion = reinterpret_cast<F*>(twiddle_p_inv + size);
    const unsigned n = size < LANES ? static_cast<unsigned>(size) : LANES;
    for (size_t y = 0; y < size; y += n) {
      const Vec x = mul(Vec::load_partial(roots + y, n), factor);
      x.store_partial(w + y, n);
      word_mul(x, p_inv).store_partial(companion + y, n);
    }
  }
}

}  // namespace

const NttKernels NTT_KERNELS = {forward, inverse, expand_twiddles};

}  // namespace ZKVM_SIMD_NS
}  // namespace zkvm::stark
