#pragma once
/// \file
/// Low-degree extension of a row-major matrix by a factor of two, fused with leaf hashing, in three passes over memory:
///   1. inverse transforms of contiguous blocks of rows;
///   2. strided inverse transforms of column chunks, and from them, still in the second-level cache, the strided halves
///   of
///      the forward transforms of both cosets, streamed to memory;
///   3. forward transforms of contiguous blocks, each hashed while it is in cache.
/// Rows are bit-reversed throughout and coset shifts are folded into the twiddles, so nothing is ever permuted or
/// scaled alone. Up to four levels of butterflies are done on sixteen rows in registers.

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/roofline/blake3x16.hpp"
#include "bench/roofline/buffer.hpp"
#include "stark/simd/vec_avx512.hpp"

namespace zkvm::bench {

using stark::F;
using stark::avx512::Multiplier;
using stark::avx512::Vec;

constexpr unsigned LANES = Vec::LANES;
constexpr size_t DIGEST_BYTES = 32;

/// Twiddle factors of a transform of 2^log_size rows: level l has 2^l of them, one per block, prepared for Multiplier.
class Twiddles {
 public:
  struct Factor {
    uint32_t w, w_p_inv;
  };

  Twiddles(unsigned log_size, F shift, bool inverse) : levels_(log_size) {
    const F root = inverse ? F::two_adic_root(log_size).inverse() : F::two_adic_root(log_size);
    // powers[i] = root^(bit_reverse(i)): a prefix serves every level.
    std::vector<F> powers(size_t{1} << (log_size - 1), F::one());
    for (unsigned k = 0; k + 1 < log_size; ++k) {
      const F step = root.pow(uint64_t{1} << (log_size - 2 - k));
      for (size_t i = 0; i < (size_t{1} << k); ++i) powers[i + (size_t{1} << k)] = powers[i] * step;
    }
    for (unsigned level = 0; level < log_size; ++level) {
      const F scale = shift.pow(uint64_t{1} << (log_size - 1 - level));
      for (size_t i = 0; i < (size_t{1} << level); ++i) levels_[level].push_back(factor(powers[i] * scale));
    }
  }

  static Factor factor(F a) { return {a.v, a.v * F::P_INV}; }
  const Factor* level(unsigned l) const { return levels_[l].data(); }

 private:
  std::vector<std::vector<Factor>> levels_;
};

/// A strided set of rows, in field elements.
struct Rows {
  F* data;
  size_t stride;
};

[[gnu::always_inline]] inline Multiplier broadcast(Twiddles::Factor f) { return Multiplier::broadcast(f.w, f.w_p_inv); }

/// K forward levels from `level` on 2^K rows of block `block`. Rows that the next level multiplies may stay unreduced.
template <unsigned K>
[[gnu::always_inline]] inline void forward_butterflies(Vec* x, const Twiddles& t, unsigned level, size_t block) {
#pragma GCC unroll 4
  for (unsigned s = 0; s < K; ++s) {
    const unsigned half = (1u << K) >> (s + 1);
    const Twiddles::Factor* f = t.level(level + s) + (block << s);
#pragma GCC unroll 8
    for (unsigned q = 0; q < (1u << s); ++q) {
      const Multiplier w = broadcast(f[q]);
#pragma GCC unroll 8
      for (unsigned i = 0; i < half; ++i) {
        Vec &u = x[2 * q * half + i], &v = x[(2 * q + 1) * half + i];
        const Vec product = mul(v, w);
        const bool lazy = s + 1 < K && i >= half / 2;
        v = lazy ? lazy_sub(u, product) : u - product;
        u = lazy ? lazy_add(u, product) : u + product;
      }
    }
  }
}

/// The inverse of forward_butterflies up to scaling.
template <unsigned K>
[[gnu::always_inline]] inline void inverse_butterflies(Vec* x, const Twiddles& t, unsigned level, size_t block) {
#pragma GCC unroll 4
  for (unsigned i = 0; i < K; ++i) {
    const unsigned s = K - 1 - i;
    const unsigned half = (1u << K) >> (s + 1);
    const Twiddles::Factor* f = t.level(level + s) + (block << s);
#pragma GCC unroll 8
    for (unsigned q = 0; q < (1u << s); ++q) {
      const Multiplier w = broadcast(f[q]);
#pragma GCC unroll 8
      for (unsigned j = 0; j < half; ++j) {
        Vec &u = x[2 * q * half + j], &v = x[(2 * q + 1) * half + j];
        const Vec difference = lazy_sub(u, v);
        u = u + v;
        v = mul(difference, w);
      }
    }
  }
}

enum class Direction { FORWARD, INVERSE };
enum class Store { CACHED, STREAMED };

/// What a sweep works on: `blocks` blocks of `rows` rows from block `first` of level `level`, `vectors` vectors a row.
struct Sweep {
  unsigned level;
  size_t first, blocks, rows;
  unsigned vectors;
  const Twiddles::Factor* scale;  ///< multiplies every element of an inverse sweep, or nullptr
};

/// K levels of butterflies over all rows, from `from` to `to`.
template <unsigned K, Direction DIRECTION, Store STORE>
void sweep(Rows from, Rows to, const Twiddles& t, const Sweep& p) {
  constexpr unsigned RADIX = 1u << K;
  const size_t step = p.rows >> K;
  for (size_t b = 0; b < p.blocks; ++b)
    for (size_t r = 0; r < step; ++r) {
      const F* in = from.data + (b * p.rows + r) * from.stride;
      F* out = to.data + (b * p.rows + r) * to.stride;
      for (unsigned c = 0; c < p.vectors * LANES; c += LANES) {
        Vec x[RADIX];
#pragma GCC unroll 16
        for (unsigned i = 0; i < RADIX; ++i) x[i] = Vec::load(in + i * step * from.stride + c);
        if constexpr (DIRECTION == Direction::FORWARD) {
          forward_butterflies<K>(x, t, p.level, p.first + b);
        } else {
          inverse_butterflies<K>(x, t, p.level, p.first + b);
          if (p.scale != nullptr) {
            const Multiplier w = broadcast(*p.scale);
#pragma GCC unroll 16
            for (unsigned i = 0; i < RADIX; ++i) x[i] = mul(x[i], w);
          }
        }
#pragma GCC unroll 16
        for (unsigned i = 0; i < RADIX; ++i) {
          F* target = out + i * step * to.stride + c;
          if constexpr (STORE == Store::STREAMED) {
            x[i].stream(target);
          } else {
            x[i].store(target);
          }
        }
      }
    }
}

template <Direction DIRECTION, Store STORE>
void sweep(unsigned levels, Rows from, Rows to, const Twiddles& t, const Sweep& p) {
  switch (levels) {
    case 1:
      return sweep<1, DIRECTION, STORE>(from, to, t, p);
    case 2:
      return sweep<2, DIRECTION, STORE>(from, to, t, p);
    case 3:
      return sweep<3, DIRECTION, STORE>(from, to, t, p);
    default:
      return sweep<4, DIRECTION, STORE>(from, to, t, p);
  }
}

/// Splits a number of levels into the fewest sweeps of at most four, as even as possible, small ones first.
inline std::vector<unsigned> sweep_plan(unsigned levels) {
  const unsigned n = (levels + 3) / 4;
  std::vector<unsigned> plan(n, levels / n);
  for (unsigned i = 0; i < levels % n; ++i) ++plan[n - 1 - i];
  return plan;
}

/// All of `log_rows` levels from `level` on block `block`: forward, last sweep stored as asked.
template <Store STORE>
void forward_block(Rows from, Rows work, Rows to, const Twiddles& t, unsigned level, unsigned log_rows, size_t block,
                   unsigned vectors) {
  const std::vector<unsigned> plan = sweep_plan(log_rows);
  size_t blocks = 1, rows = size_t{1} << log_rows;
  for (size_t i = 0; i < plan.size(); ++i) {
    const Sweep p{level, block * blocks, blocks, rows, vectors, nullptr};
    const Rows source = i == 0 ? from : work;
    if (i + 1 == plan.size()) {
      sweep<Direction::FORWARD, STORE>(plan[i], source, to, t, p);
    } else {
      sweep<Direction::FORWARD, Store::CACHED>(plan[i], source, work, t, p);
    }
    level += plan[i];
    blocks <<= plan[i];
    rows >>= plan[i];
  }
}

inline void inverse_block(Rows from, Rows to, const Twiddles& t, unsigned level, unsigned log_rows, size_t block,
                          unsigned vectors, const Twiddles::Factor* scale) {
  const std::vector<unsigned> plan = sweep_plan(log_rows);
  size_t blocks = size_t{1} << log_rows, rows = 1;
  level += log_rows;
  for (size_t i = plan.size(); i-- > 0;) {
    level -= plan[i];
    blocks >>= plan[i];
    rows <<= plan[i];
    sweep<Direction::INVERSE, Store::CACHED>(plan[i], i + 1 == plan.size() ? from : to, to, t,
                                             {level, block * blocks, blocks, rows, vectors, i == 0 ? scale : nullptr});
  }
}

/// Extends matrices of 2^log_rows rows to two cosets. Extended and scratch matrices are kept in blocks of
/// `block_rows()` rows, padded apart: strides that are powers of two would alias in the caches.
class Extension {
 public:
  static constexpr unsigned COSETS = 2;

  Extension(unsigned log_rows, int threads)
      : threads_(threads),
        log_inner_((log_rows + 1) / 2),
        log_outer_(log_rows - log_inner_),
        inverse_(log_rows, F::one(), true),
        scale_(Twiddles::factor(F::from(uint32_t{1} << log_rows).inverse())) {
    const F generator = F::from(F::GENERATOR);
    forward_.emplace_back(log_rows, generator, false);
    forward_.emplace_back(log_rows, generator * F::two_adic_root(log_rows + 1), false);
    for (int i = 0; i < 2 * threads; ++i) chunks_.push_back(std::make_unique<HugeBuffer<F>>(blocks() * CHUNK_STRIDE));
  }

  size_t blocks() const { return size_t{1} << log_outer_; }
  size_t block_rows() const { return size_t{1} << log_inner_; }
  size_t block_stride(size_t width) const { return block_rows() * width + PADDING; }
  size_t scratch_size(size_t width) const { return blocks() * block_stride(width); }
  size_t extended_size(size_t width) const { return COSETS * scratch_size(width); }
  /// Row r < COSETS * rows of an extended matrix.
  F* row(F* extended, size_t width, size_t r) const {
    return extended + (r / block_rows()) * block_stride(width) + (r % block_rows()) * width;
  }

  /// matrix: rows x width, width a multiple of LANES; digests: 32 bytes per extended row.
  void run(F* matrix, F* scratch, F* extended, size_t width, uint8_t* digests) const {
    const size_t stride = block_stride(width);
    const unsigned vectors = static_cast<unsigned>(width / LANES);

#pragma omp parallel for num_threads(threads_) schedule(dynamic, 1)
    for (size_t b = 0; b < blocks(); ++b)
      inverse_block({matrix + b * block_rows() * width, width}, {scratch + b * stride, width}, inverse_, log_outer_,
                    log_inner_, b, vectors, nullptr);

    // A column of this pass is one element position of a block, so all widths run alike.
    const size_t columns = block_rows() * width;
#pragma omp parallel num_threads(threads_)
    {
      const size_t thread = static_cast<size_t>(omp_get_thread_num());
      const Rows chunk{*chunks_[2 * thread], CHUNK_STRIDE}, work{*chunks_[2 * thread + 1], CHUNK_STRIDE};
#pragma omp for schedule(static)
      for (size_t c = 0; c < columns; c += CHUNK) {
        const size_t end = std::min(c + CHUNK, columns);
        const unsigned chunk_vectors = static_cast<unsigned>((end - c) / LANES);
        inverse_block({scratch + c, stride}, chunk, inverse_, 0, log_outer_, 0, chunk_vectors, &scale_);
        if (end + CHUNK <= columns)
          for (size_t r = 0; r < blocks(); ++r)
            for (size_t q = 0; q < CHUNK; q += LANES)
              _mm_prefetch(reinterpret_cast<const char*>(scratch + r * stride + end + q), _MM_HINT_T1);
        for (unsigned k = 0; k < COSETS; ++k)
          forward_block<Store::STREAMED>(chunk, work, {extended + k * blocks() * stride + c, stride}, forward_[k], 0,
                                         log_outer_, 0, chunk_vectors);
      }
      stark::avx512::store_fence();
    }

#pragma omp parallel for num_threads(threads_) schedule(dynamic, 1)
    for (size_t x = 0; x < COSETS * blocks(); ++x) {
      const Rows block{extended + x * stride, width};
      forward_block<Store::CACHED>(block, block, block, forward_[x / blocks()], log_outer_, log_inner_, x % blocks(),
                                   vectors);
      for (size_t r = 0; r < block_rows(); r += LANES)
        Blake3x16::hash(reinterpret_cast<const uint8_t*>(block.data + r * width), width * sizeof(F), width * sizeof(F),
                        digests + (x * block_rows() + r) * DIGEST_BYTES);
    }
  }

 private:
  static constexpr size_t PADDING = 80;
  /// 1 KB wide chunks: a thousand rows of them stay in the second-level cache.
  static constexpr size_t CHUNK = 256, CHUNK_STRIDE = CHUNK + 16;
  int threads_;
  unsigned log_inner_, log_outer_;
  Twiddles inverse_;
  std::vector<Twiddles> forward_;
  Twiddles::Factor scale_;
  std::vector<std::unique_ptr<HugeBuffer<F>>> chunks_;  ///< two per thread
};

}  // namespace zkvm::bench
