#include "stark/ntt/lde.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "stark/ntt/ntt.kernel.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {
namespace {

/// A transform of N = 2^(a + b) rows in two parts, so that each part's data fits a cache (the four-step idea, without
/// transpositions): levels 0 .. a - 1 combine rows that are 2^b apart, levels a .. a + b - 1 work inside blocks of 2^b
/// consecutive rows. A block is a block of the Matrix.

/// Bytes of one strided part's working set per buffer: with a second buffer of this size the set is about an L2 cache.
constexpr size_t STRIDED_BYTES = size_t{1} << 20;
constexpr size_t MAX_STRIDED_COLUMNS = 256;
/// Bytes of a block above which a contiguous part is done in column slices.
constexpr size_t BLOCK_BYTES = size_t{1} << 19;
/// Below this many elements threads cost more than they bring.
constexpr size_t PARALLEL_ELEMENTS = size_t{1} << 14;

/// The twiddles of one direction: r_k (or its inverse) of order 2^k, and roots[y] = prod over bits k of y of r_(k+2).
struct Roots {
  F of_order[F::TWO_ADICITY + 1];
  std::vector<F> prefix;
  Roots(bool inverse, unsigned log_prefix) : prefix(size_t{1} << log_prefix) {
    of_order[F::TWO_ADICITY] = F::two_adic_root(F::TWO_ADICITY);
    if (inverse) of_order[F::TWO_ADICITY] = of_order[F::TWO_ADICITY].inverse();
    for (unsigned k = F::TWO_ADICITY; k > 0; --k) of_order[k - 1] = of_order[k] * of_order[k];
    prefix[0] = F::one();
    for (unsigned k = 0; k < log_prefix; ++k)
      for (size_t i = 0; i < size_t{1} << k; ++i) prefix[i + (size_t{1} << k)] = prefix[i] * of_order[k + 2];
  }
};

/// shift^(2^e) for e < log_rows.
std::vector<F> squarings(F shift, unsigned log_rows) {
  std::vector<F> powers(log_rows);
  for (F& p : powers) {
    p = shift;
    shift *= shift;
  }
  return powers;
}

/// Twiddles for `levels` levels of block `block` of a transform with 2^log_rows rows that has done first_level levels.
class Twiddles {
 public:
  explicit Twiddles(unsigned levels) : levels_(levels), table_(size_t{2} << levels) {}
  void set(const NttKernels& k, const Roots& roots, const std::vector<F>& shift_powers, unsigned first_level,
           size_t block) {
    F factors[F::TWO_ADICITY];
    const size_t log_rows = shift_powers.size();
    for (unsigned s = 0; s < levels_; ++s) {
      F f = shift_powers[log_rows - 1 - first_level - s];
      for (unsigned bit = 0; block >> bit != 0; ++bit)
        if ((block >> bit & 1) != 0) f *= roots.of_order[bit + s + 2];
      factors[s] = f;
    }
    k.expand_twiddles(roots.prefix.data(), factors, levels_, table_.data(), table_.data() + (size_t{1} << levels_));
  }
  void attach(Transform& t) const {
    t.twiddle = table_.data();
    t.twiddle_p_inv = table_.data() + (size_t{1} << levels_);
    t.levels = levels_;
  }

 private:
  unsigned levels_;
  std::vector<uint32_t> table_;
};

void check_sizes(const Matrix& m, unsigned log_blowup) {
  if (m.rows() == 0 || m.log_rows() < MIN_LOG_TRANSFORM || m.log_rows() + log_blowup > F::TWO_ADICITY)
    throw std::invalid_argument("transform: expected 2^" + std::to_string(MIN_LOG_TRANSFORM) +
                                " rows or more and at most 2^" + std::to_string(F::TWO_ADICITY) +
                                " after extension, found " + std::to_string(m.rows()) + " with blow-up 2^" +
                                std::to_string(log_blowup));
  if (m.log_block_rows() >= m.log_rows())
    throw std::invalid_argument("transform: expected at least two row blocks, found one");
}

/// Geometry and kernels shared by the parts of one call.
struct Context {
  const NttKernels& kernels = *ZKVM_DISPATCH(NTT_KERNELS);
  unsigned a, b;  ///< levels of the strided and of the contiguous part
  size_t stride, block_stride;
  bool parallel;

  explicit Context(const Matrix& m)
      : a(m.log_rows() - m.log_block_rows()),
        b(m.log_block_rows()),
        stride(m.stride()),
        block_stride(m.block_stride()),
        parallel(m.rows() * m.stride() >= PARALLEL_ELEMENTS) {}
  unsigned log_rows() const { return a + b; }
  size_t blocks() const { return size_t{1} << a; }
  size_t block_rows() const { return size_t{1} << b; }

  /// Transforms one block of 2^b consecutive rows, in column slices if it is larger than a cache.
  void block(bool inverse, const F* source, F* destination, const Twiddles& twiddles) const {
    size_t slice = stride;
    while (slice * sizeof(F) << b > BLOCK_BYTES && slice > 64) slice = (slice / 2 + 15) / 16 * 16;
    for (size_t c = 0; c < stride; c += slice) {
      Transform t{};
      t.source = source + c;
      t.middle = t.destination = destination + c;
      t.source_stride = t.middle_stride = t.destination_stride = stride;
      t.columns = std::min(slice, stride - c);
      twiddles.attach(t);
      (inverse ? kernels.inverse : kernels.forward)(t);
    }
  }

  /// The strided part treats a block as one row of block_rows * stride elements; this many of them at a time.
  size_t strided_columns() const {
    size_t n = MAX_STRIDED_COLUMNS;
    while (n > 64 && (n * sizeof(F) << a) > STRIDED_BYTES) n /= 2;
    return n;
  }
};

/// Inverse levels inside the blocks of `source`, into the first blocks of `destination`.
void inverse_contiguous(const Context& x, const Matrix& source, Matrix& destination, const Roots& roots,
                        const std::vector<F>& shift_powers) {
#pragma omp parallel if (x.parallel)
  {
    Twiddles twiddles(x.b);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < x.blocks(); ++i) {
      twiddles.set(x.kernels, roots, shift_powers, x.a, i);
      x.block(true, source.row(i << x.b), destination.row(i << x.b), twiddles);
    }
  }
}

/// Forward levels inside the blocks of the cosets, and the rows to the sink.
void forward_contiguous(const Context& x, Matrix& out, const Roots& roots,
                        const std::vector<std::vector<F>>& shift_powers, LeafSink* sink) {
#pragma omp parallel if (x.parallel)
  {
    Twiddles twiddles(x.b);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < x.blocks() * shift_powers.size(); ++i) {
      F* const rows = out.row(i << x.b);
      twiddles.set(x.kernels, roots, shift_powers[i >> x.a], x.a, i & (x.blocks() - 1));
      x.block(false, rows, rows, twiddles);
      if (sink != nullptr) sink->consume(i << x.b, rows, x.stride, out.width(), x.block_rows());
    }
  }
}

/// Coset k of the extended domain, in bit-reversed order, is shift * w_{BN}^brev(k) times the subgroup of N points.
std::vector<std::vector<F>> coset_shift_powers(F shift, unsigned log_rows, unsigned log_blowup) {
  const F root = F::two_adic_root(log_rows + log_blowup);
  std::vector<std::vector<F>> powers;
  for (uint64_t k = 0; k < uint64_t{1} << log_blowup; ++k)
    powers.push_back(squarings(shift * root.pow(bit_reverse(k, log_blowup)), log_rows));
  return powers;
}

/// The strided part of an extension: optionally the inverse levels, then the forward levels of every coset.
/// `source` may be `out`: all blocks' elements of a slice are read before any is written.
void strided(const Context& x, const Matrix& source, Matrix& out, bool invert, const Roots& inverse_roots,
             const Roots& forward_roots, const std::vector<std::vector<F>>& shift_powers) {
  const F scale = F::from(static_cast<uint32_t>(1) << x.log_rows()).inverse();
  const size_t elements = x.block_rows() * x.stride, slice = x.strided_columns();
  const size_t slice_stride = slice + Matrix::ROW_UNIT;
  Twiddles inverse_twiddles(x.a);
  inverse_twiddles.set(x.kernels, inverse_roots, squarings(F::one(), x.log_rows()), 0, 0);
  std::vector<Twiddles> coset_twiddles(shift_powers.size(), Twiddles(x.a));
  for (size_t k = 0; k < shift_powers.size(); ++k)
    coset_twiddles[k].set(x.kernels, forward_roots, shift_powers[k], 0, 0);
#pragma omp parallel if (x.parallel)
  {
    Buffer<F> coefficients(invert ? slice_stride << x.a : 0), middle(slice_stride << x.a);
#pragma omp for schedule(dynamic, 2)
    for (size_t c = 0; c < elements; c += slice) {
      Transform t{};
      t.source = source.row(0) + c;
      t.source_stride = x.block_stride;
      t.columns = std::min(slice, elements - c);
      if (invert) {
        t.middle = t.destination = coefficients.data();
        t.middle_stride = t.destination_stride = slice_stride;
        t.scale = &scale;
        inverse_twiddles.attach(t);
        x.kernels.inverse(t);
        t.source = coefficients.data();
        t.source_stride = slice_stride;
        t.scale = nullptr;
      }
      t.middle = middle.data();
      t.middle_stride = slice_stride;
      t.destination_stride = x.block_stride;
      t.stream = true;
      for (size_t k = 0; k < coset_twiddles.size(); ++k) {
        t.destination = out.row(k << x.log_rows()) + c;
        coset_twiddles[k].attach(t);
        x.kernels.forward(t);
      }
    }
  }
}

Matrix extended_matrix(const Matrix& m, unsigned log_blowup) {
  return Matrix(m.rows() << log_blowup, m.width(), m.log_block_rows());
}

}  // namespace

void low_degree_extend(const Matrix& trace, unsigned log_blowup, F shift, Matrix& out, LeafSink* sink) {
  check_sizes(trace, log_blowup);
  const Context x(trace);
  const Roots inverse_roots(true, std::max(x.a, x.b)), forward_roots(false, std::max(x.a, x.b));
  const auto shift_powers = coset_shift_powers(shift, x.log_rows(), log_blowup);
  out = Matrix();
  out = extended_matrix(trace, log_blowup);
  inverse_contiguous(x, trace, out, inverse_roots, squarings(F::one(), x.log_rows()));
  strided(x, out, out, true, inverse_roots, forward_roots, shift_powers);
  forward_contiguous(x, out, forward_roots, shift_powers, sink);
}

void extend_from_coefficients(const Matrix& coefficients, unsigned log_blowup, F shift, Matrix& out, LeafSink* sink) {
  check_sizes(coefficients, log_blowup);
  const Context x(coefficients);
  const Roots roots(false, std::max(x.a, x.b));
  const auto shift_powers = coset_shift_powers(shift, x.log_rows(), log_blowup);
  out = Matrix();
  out = extended_matrix(coefficients, log_blowup);
  strided(x, coefficients, out, false, roots, roots, shift_powers);
  forward_contiguous(x, out, roots, shift_powers, sink);
}

void interpolate(Matrix& values, F shift) {
  check_sizes(values, 0);
  const Context x(values);
  const Roots roots(true, std::max(x.a, x.b));
  const auto shift_powers = squarings(shift.inverse(), x.log_rows());
  inverse_contiguous(x, values, values, roots, shift_powers);

  const F scale = F::from(static_cast<uint32_t>(1) << x.log_rows()).inverse();
  const size_t elements = x.block_rows() * x.stride, slice = x.strided_columns();
  const size_t slice_stride = slice + Matrix::ROW_UNIT;
  Twiddles twiddles(x.a);
  twiddles.set(x.kernels, roots, shift_powers, 0, 0);
#pragma omp parallel if (x.parallel)
  {
    Buffer<F> middle(slice_stride << x.a);
#pragma omp for schedule(dynamic, 2)
    for (size_t c = 0; c < elements; c += slice) {
      Transform t{};
      t.source = t.destination = values.row(0) + c;
      t.source_stride = t.destination_stride = x.block_stride;
      t.middle = middle.data();
      t.middle_stride = slice_stride;
      t.columns = std::min(slice, elements - c);
      t.scale = &scale;
      t.stream = true;
      twiddles.attach(t);
      x.kernels.inverse(t);
    }
  }
}

}  // namespace zkvm::stark
