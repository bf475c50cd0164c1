#include "bench/roofline/model.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "bench/roofline/extension.hpp"
#include "stark/field/extension.hpp"

namespace zkvm::bench {
namespace {

using stark::E;
using stark::avx512::AccE;
using stark::avx512::split;
using stark::avx512::VecE;

/// Fields of one bus message, its tag apart.
constexpr unsigned MESSAGE_FIELDS = 5;
/// Base-field constraints of degree 3 per main column.
constexpr double CONSTRAINTS_PER_COLUMN = 1.5;
constexpr unsigned FOLD = 8;
/// Sixteen-row groups whose inversions are batched.
constexpr size_t BATCH = 256;

size_t pad(size_t columns) { return (columns + LANES - 1) / LANES * LANES; }

uint32_t next_random(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<uint32_t>((state >> 33) % F::P);
}

class Model {
 public:
  explicit Model(const ModelShape& shape)
      : shape_(shape),
        rows_(size_t{1} << shape.log_rows),
        logup_(shape.aux_columns / E::DEGREE),
        main_width_(pad(shape.main_columns)),
        aux_width_(pad(shape.aux_columns)),
        quotient_width_(pad(shape.quotient_columns)),
        width_(main_width_ + aux_width_ + quotient_width_),
        extension_(shape.log_rows, shape.threads),
        main_(rows_ * main_width_),
        aux_(rows_ * aux_width_),
        quotient_(rows_ * quotient_width_),
        scratch_(extension_.scratch_size(std::max({main_width_, aux_width_, quotient_width_}))),
        main_extended_(extension_.extended_size(main_width_)),
        aux_extended_(extension_.extended_size(aux_width_)),
        quotient_extended_(extension_.extended_size(quotient_width_)),
        fri_(2 * 2 * rows_ * E::DEGREE),
        digests_(2 * 2 * rows_ * DIGEST_BYTES) {
    // Which columns a message or a constraint reads does not matter, only that they spread over the row.
    const size_t columns = shape.main_columns;
    for (size_t i = 0; i < 2 * logup_ * MESSAGE_FIELDS; ++i)
      message_columns_.push_back(static_cast<uint32_t>(i % columns));
    constraint_columns_.resize(static_cast<size_t>(CONSTRAINTS_PER_COLUMN * static_cast<double>(columns)) / 2 * 2);
    for (size_t i = 0; i < constraint_columns_.size(); ++i)
      for (size_t k = 0; k < 6; ++k)
        constraint_columns_[i][k] = static_cast<uint32_t>((i * (2 * k + 1) + k * k) % columns);

    uint64_t state = 7;
    for (size_t i = 0; i < rows_ * main_width_; ++i) main_[i] = F::from(next_random(state));
    for (E& e : powers_)
      for (F& c : e.c) c = F::from(next_random(state));
  }

  std::vector<ModelPhase> run() {
    std::vector<ModelPhase> best;
    for (unsigned repeat = 0; repeat < shape_.repeats; ++repeat) {
      size_t index = 0;
      const auto measure = [&](const char* name, const std::function<void()>& phase) {
        const auto start = std::chrono::steady_clock::now();
        phase();
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (repeat == 0) best.push_back({name, seconds});
        best[index].seconds = std::min(best[index].seconds, seconds);
        ++index;
      };
      measure("main: extension and leaves", [&] { extend(main_, main_extended_, main_width_); });
      measure("main: nodes", [&] { hash_tree(2 * rows_); });
      measure("LogUp columns", [&] { logup_columns(); });
      measure("LogUp: extension and leaves", [&] { extend(aux_, aux_extended_, aux_width_); });
      measure("LogUp: nodes", [&] { hash_tree(2 * rows_); });
      measure("constraints", [&] { constraints(); });
      measure("quotient: extension and leaves", [&] { extend(quotient_, quotient_extended_, quotient_width_); });
      measure("quotient: nodes", [&] { hash_tree(2 * rows_); });
      measure("out-of-domain evaluation", [&] { out_of_domain(); });
      measure("DEEP combination", [&] { deep_combination(); });
      measure("FRI", [&] { fri(); });
    }
    return best;
  }

 private:
  void extend(F* matrix, F* extended, size_t width) { extension_.run(matrix, scratch_, extended, width, digests_); }

  /// Inner nodes over n leaf digests, each level appended to the one below, down to sixteen nodes.
  void hash_tree(size_t n) {
    uint8_t* level = digests_;
    for (; n >= 2 * LANES; n /= 2) {
      uint8_t* parents = level + n * DIGEST_BYTES;
      const size_t count = n / 2;
#pragma omp parallel for num_threads(shape_.threads) schedule(static)
      for (size_t i = 0; i < count; i += LANES)
        Blake3x16::hash(level + 2 * i * DIGEST_BYTES, 2 * DIGEST_BYTES, 2 * DIGEST_BYTES, parents + i * DIGEST_BYTES);
      level = parents;
    }
  }

  /// alpha + sum of beta^j field_j of message `message`: fields are main columns, any will do.
  [[gnu::always_inline]] VecE fingerprint(const Vec* x, size_t message) const {
    AccE sum = AccE::zero();
    const auto field = [&](unsigned j) { return split(x[message_columns_[message * MESSAGE_FIELDS + j]]); };
    sum.mac2(field(0), powers_[0], field(1), powers_[1]);
    sum.mac2(field(2), powers_[2], field(3), powers_[3]);
    sum.mac(field(4), powers_[4]);
    return sum.reduce() + VecE::broadcast(powers_[5]);
  }
  /// Denominator and numerator of one LogUp column: two messages with multiplicities from the row.
  struct Fraction {
    VecE numerator, denominator;
  };
  [[gnu::noinline]] Fraction fraction(const Vec* x, size_t column) const {
    const VecE d0 = fingerprint(x, 2 * column), d1 = fingerprint(x, 2 * column + 1);
    return {d1 * x[message_columns_[column]] + d0 * x[message_columns_[column + logup_]], d0 * d1};
  }

  /// Each LogUp column is numerator / denominator, denominators inverted together in three interleaved product chains
  /// (the one inversion per chain and batch is left out: it is amortised over hundreds of vectors).
  void logup_columns() {
    constexpr size_t CHAINS = 3;
    const size_t groups = rows_ / LANES, batch = std::min(BATCH, groups);
#pragma omp parallel num_threads(shape_.threads)
    {
      std::vector<Vec> x(main_width_), out(aux_width_, Vec::zero());
      std::vector<Fraction> fractions(batch * logup_);
      std::vector<VecE> prefix(batch * logup_);
#pragma omp for schedule(static)
      for (size_t start = 0; start < groups; start += batch) {
        VecE chain[CHAINS];
        for (VecE& c : chain) c = VecE::broadcast(E::one());
        for (size_t g = 0, e = 0; g < batch; ++g) {
          load_block(main_ + (start + g) * LANES * main_width_, main_width_, static_cast<unsigned>(main_width_),
                     x.data());
          for (size_t q = 0; q < logup_; ++q, ++e) {
            fractions[e] = fraction(x.data(), q);
            prefix[e] = chain[e % CHAINS];
            chain[e % CHAINS] *= fractions[e].denominator;
          }
        }
        for (size_t e = batch * logup_; e-- > 0;) {
          const VecE inverse = chain[e % CHAINS] * prefix[e];
          chain[e % CHAINS] *= fractions[e].denominator;
          prefix[e] = inverse * fractions[e].numerator;
        }
        for (size_t g = 0; g < batch; ++g) {
          for (size_t q = 0; q < logup_; ++q)
            for (unsigned k = 0; k < E::DEGREE; ++k) out[q * E::DEGREE + k] = prefix[g * logup_ + q].c[k];
          stream_rows(aux_ + (start + g) * LANES * aux_width_, aux_width_, out.data());
        }
      }
      stark::avx512::store_fence();
    }
  }

  /// Sixteen whole rows of a matrix from its columns, past the caches.
  static void stream_rows(F* rows, size_t width, const Vec* columns) {
    for (size_t c = 0; c < width; c += LANES) {
      Vec v[LANES];
      for (unsigned i = 0; i < LANES; ++i) v[i] = columns[c + i];
      transpose(v);
      for (unsigned i = 0; i < LANES; ++i) v[i].stream(rows + i * width + c);
    }
  }

  /// Sixteen extended rows from row r: main, LogUp and (if asked) quotient columns in one array.
  void load_extended(size_t r, bool with_quotient, Vec* x) {
    load_block(extension_.row(main_extended_, main_width_, r), main_width_, static_cast<unsigned>(main_width_), x);
    load_block(extension_.row(aux_extended_, aux_width_, r), aux_width_, static_cast<unsigned>(aux_width_),
               x + main_width_);
    if (with_quotient)
      load_block(extension_.row(quotient_extended_, quotient_width_, r), quotient_width_,
                 static_cast<unsigned>(quotient_width_), x + main_width_ + aux_width_);
  }

  /// sum of columns[i] * powers[i mod POWERS], n even.
  VecE combine(const Vec* columns, size_t n) const {
    AccE sum = AccE::zero();
    for (size_t i = 0; i < n; i += 2)
      sum.mac2(split(columns[i]), powers_[i % POWERS], split(columns[i + 1]), powers_[(i + 1) % POWERS]);
    return sum.reduce();
  }

  /// The constraint polynomial over both cosets: degree-3 constraints of main columns (three multiplications each), and
  /// per LogUp column one that multiplies it by its two fingerprints.
  void constraints() {
    const size_t count = constraint_columns_.size();
#pragma omp parallel num_threads(shape_.threads)
    {
      std::vector<Vec> x(main_width_ + aux_width_), c(count);
#pragma omp for schedule(dynamic, 16)
      for (size_t g = 0; g < 2 * rows_ / LANES; ++g) {
        load_extended(g * LANES, false, x.data());
        for (size_t i = 0; i < count; ++i) {
          const auto& column = constraint_columns_[i];
          c[i] = x[column[0]] * x[column[1]] * x[column[2]] + x[column[3]] - x[column[4]] * x[column[5]];
        }
        VecE sum = combine(c.data(), count);
        for (size_t q = 0; q < logup_; ++q) {
          VecE column;
          for (unsigned k = 0; k < E::DEGREE; ++k) column.c[k] = x[main_width_ + q * E::DEGREE + k];
          const Fraction f = fraction(x.data(), q);
          sum += (column * f.denominator - f.numerator) * VecE::broadcast(powers_[(count + q) % POWERS]);
        }
        sum = sum * Vec::broadcast(powers_[0].c[0]);  // the inverse of the vanishing polynomial, constant on a coset
        const size_t coset = g / (rows_ / LANES), row = g * LANES % rows_;
        store_block(quotient_ + row * quotient_width_ + coset * (quotient_width_ / 2), quotient_width_, E::DEGREE,
                    sum.c);
      }
    }
  }

  /// Barycentric evaluation of all columns: main and LogUp at two points, the quotient at one. Weights are any numbers.
  void out_of_domain() {
    constexpr size_t BLOCK = 256;
    F* const matrices[3] = {main_, aux_, quotient_};
    const size_t widths[3] = {main_width_, aux_width_, quotient_width_};
    const unsigned points[3] = {2, 2, 1};
    const E* weights = reinterpret_cast<const E*>(fri_.data());
#pragma omp parallel num_threads(shape_.threads)
    {
      for (unsigned m = 0; m < 3; ++m)
#pragma omp for schedule(static)
        for (size_t b = 0; b < rows_; b += BLOCK)
          for (size_t c = 0; c < widths[m]; c += LANES)
            for (unsigned point = 0; point < points[m]; ++point) {
              const F* p = matrices[m] + b * widths[m] + c;
              AccE sum = AccE::zero();
              for (size_t r = 0; r < BLOCK; r += 2)
                sum.mac2(split(Vec::load(p + r * widths[m])), weights[(b + r) * 2 + point],
                         split(Vec::load(p + (r + 1) * widths[m])), weights[(b + r + 1) * 2 + point]);
              keep(sum.reduce());
            }
    }
  }

  /// DEEP quotients: all columns of all extended rows combined, times the sum of two inverted denominators; the result
  /// is laid out as leaves of FOLD elements for the first FRI layer.
  void deep_combination() {
    const size_t columns = (shape_.main_columns + shape_.aux_columns + shape_.quotient_columns) / 2 * 2;
    const size_t groups = 2 * rows_ / LANES, batch = std::min(BATCH, groups);
#pragma omp parallel num_threads(shape_.threads)
    {
      std::vector<Vec> x(width_);
      std::vector<VecE> combined(batch), denominators(2 * batch), prefix(2 * batch);
#pragma omp for schedule(static)
      for (size_t start = 0; start < groups; start += batch) {
        VecE chain[2] = {VecE::broadcast(E::one()), VecE::broadcast(E::one())};
        for (size_t g = 0; g < batch; ++g) {
          load_extended((start + g) * LANES, true, x.data());
          combined[g] = combine(x.data(), columns);
          for (unsigned point = 0; point < 2; ++point) {
            const size_t i = 2 * g + point;
            denominators[i] = VecE::from_base(x[0]) - VecE::broadcast(powers_[point]);
            prefix[i] = chain[point];
            chain[point] *= denominators[i];
          }
        }
        for (size_t i = 2 * batch; i-- > 0;) {
          prefix[i] *= chain[i % 2];
          chain[i % 2] *= denominators[i];
        }
        for (size_t g = 0; g < batch; ++g)
          store_leaves(fri_ + (start + g) * LANES * E::DEGREE, combined[g] * (prefix[2 * g] + prefix[2 * g + 1]));
      }
    }
  }

  /// Sixteen elements as two leaves of FOLD, coefficients apart.
  static void store_leaves(F* out, const VecE& v) {
    for (unsigned k = 0; k < E::DEGREE; ++k) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + FOLD * k), _mm512_castsi512_si256(v.c[k].r));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + FOLD * (E::DEGREE + k)),
                          _mm512_extracti64x4_epi64(v.c[k].r, 1));
    }
  }

  /// Commits and folds by eight until few leaves are left.
  void fri() {
    constexpr size_t LEAF = FOLD * E::DEGREE, BLOCK = 64;
    F* layer = fri_;
    for (size_t leaves = 2 * rows_ / FOLD; leaves >= BLOCK; leaves /= FOLD) {
      F* next = layer + leaves * LEAF;
#pragma omp parallel for num_threads(shape_.threads) schedule(static)
      for (size_t i = 0; i < leaves; i += LANES)
        Blake3x16::hash(reinterpret_cast<const uint8_t*>(layer + i * LEAF), LEAF * sizeof(F), LEAF * sizeof(F),
                        digests_ + i * DIGEST_BYTES);
      hash_tree(leaves);
#pragma omp parallel for num_threads(shape_.threads) schedule(static)
      for (size_t i = 0; i < leaves; i += LANES) {
        Vec x[LEAF];
        load_block(layer + i * LEAF, LEAF, LEAF, x);
        VecE e[FOLD];
        for (unsigned j = 0; j < FOLD; ++j)
          for (unsigned k = 0; k < E::DEGREE; ++k) e[j].c[k] = x[FOLD * k + j];
        for (unsigned half = FOLD / 2; half >= 1; half /= 2)
          for (unsigned j = 0; j < half; ++j) {
            const VecE odd = (e[2 * j] - e[2 * j + 1]) * Vec::broadcast(powers_[j].c[0]);
            e[j] = e[2 * j] + e[2 * j + 1] + odd * VecE::broadcast(powers_[half]);
          }
        store_leaves(next + i / FOLD * LEAF, e[0]);
      }
      layer = next;
    }
  }

  static constexpr size_t POWERS = 1024;

  /// Keeps a result from being optimised away.
  static void keep(const VecE& v) {
    for (const Vec& c : v.c) asm volatile("" : : "v"(c.r));
  }

  ModelShape shape_;
  size_t rows_, logup_, main_width_, aux_width_, quotient_width_, width_;
  Extension extension_;
  HugeBuffer<F> main_, aux_, quotient_, scratch_, main_extended_, aux_extended_, quotient_extended_, fri_;
  HugeBuffer<uint8_t> digests_;
  E powers_[POWERS];
  std::vector<uint32_t> message_columns_;  ///< MESSAGE_FIELDS per message
  std::vector<std::array<uint32_t, 6>> constraint_columns_;
};

}  // namespace

std::vector<ModelPhase> run_model(const ModelShape& shape) { return Model(shape).run(); }

}  // namespace zkvm::bench
