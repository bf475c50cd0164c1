#include "stark/prover/prover.hpp"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "stark/hash/rows.hpp"
#include "stark/hash/suite.hpp"
#include "stark/ntt/lde.hpp"
#include "stark/protocol/domain.hpp"
#include "stark/prover/kernels.hpp"
#include "stark/prover/tables.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {

void TraceSource::fill_form(std::span<const TableView>, std::span<const TableView>, std::span<const E>) {
  throw std::logic_error("this trace source has no form columns");
}

namespace {

using Clock = std::chrono::steady_clock;

/// Adds the time since the last call to a counter.
class StopWatch {
 public:
  void lap(double& counter) {
    const auto now = Clock::now();
    counter += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  Clock::time_point last_ = Clock::now();
};

/// The extensions of all groups of one tree, and the tree.
struct Commitment {
  std::vector<Matrix> extension;
  MerkleTree tree;
};

std::vector<Matrix> allocate(const TreeShape& shape) {
  std::vector<Matrix> r;
  for (const GroupShape& g : shape.groups) r.emplace_back(size_t{1} << g.log_height, g.width);
  return r;
}

/// What is committed to may be needed again: if not, each group's memory serves the next group's extension.
enum class Keep : bool { NO, YES };

Commitment commit(const TreeShape& shape, std::vector<Matrix>& trace, unsigned log_blowup, Keep keep = Keep::YES) {
  Commitment c;
  std::vector<Buffer<Digest>> digests;
  for (size_t g = 0; g < shape.groups.size(); ++g) {
    Matrix extended;
    LeafDigests leaves(trace[g].rows() << log_blowup);
    low_degree_extend(trace[g], log_blowup, F::from(COSET_SHIFT), extended, &leaves);
    c.extension.push_back(std::move(extended));
    digests.push_back(leaves.take());
    if (keep == Keep::NO) trace[g] = Matrix();
  }
  c.tree = MerkleTree::build(std::move(digests));
  return c;
}

std::vector<TableView> views(const TreeShape& shape, std::span<const TableShape> tables, std::vector<Matrix>& groups) {
  std::vector<TableView> r;
  for (size_t t = 0; t < tables.size(); ++t) {
    const ColumnRange& range = shape.ranges[t];
    r.push_back(range.width == 0 ? TableView{} : TableView(groups[range.group], range, tables[t].log_height));
  }
  return r;
}

void clear(Matrix& m) {
  parallel_rows(m.rows(), 1024, [&](size_t begin, size_t end, unsigned) {
    for (size_t r = begin; r < end; ++r) std::fill_n(m.row(r), m.stride(), F::zero());
  });
}

size_t trace_bytes(const TreeShape& shape) {
  size_t bytes = 0;
  for (const GroupShape& g : shape.groups) bytes += ((g.width + size_t{15}) / 16 * 64) << g.log_height;
  return bytes;
}

/// What is kept of a shard between the passes.
struct Shard {
  ShardLayout layout;
  std::vector<Matrix> main_trace;  ///< empty if not kept
  Commitment main;                 ///< without extensions if not kept; the tree always is
  std::vector<Matrix> form_trace;
  Commitment form;
  ShardProof proof;
};

struct Context {
  const ProverInput& input;
  Parameters parameters;
  AnchorChallenges anchor_a, anchor_b;
  bool any_forms = false;
  std::vector<E> challenges;
  BusChallenges bus;
  ProverStats& stats;
  StopWatch& watch;
};

/// x - z inverted over the extended domain of the tallest table; its first 2^k entries serve the domain of size 2^k.
Buffer<E> inverse_differences(const Buffer<F>& points, const E& z) {
  Buffer<E> r(points.size());
  const auto kernel = ZKVM_DISPATCH(invert_differences);
  const InverseArgs args{points.data(), z, r.data()};
  parallel_rows(points.size(), 4096, [&](size_t begin, size_t end, unsigned) { kernel(args, begin, end); });
  return r;
}

/// Evaluates polynomials at an out-of-domain point from their values on a coset s<w> of the trace domain, in
/// bit-reversed order: f(z) = ((z/s)^N - 1)/N sum_j x_j / (z - x_j) f(x_j) (barycentric formula). The first
/// 2^log_height rows of an extension are such values (s = COSET_SHIFT), and so is a trace (s = 1).
class Evaluator {
 public:
  Evaluator(const Buffer<F>& points, const Buffer<E>& inverse_z, const E& z, unsigned log_max_height, F shift)
      : z_over_shift_(z * shift.inverse()), weights_(size_t{1} << log_max_height) {
    parallel_rows(weights_.size(), 4096, [&](size_t begin, size_t end, unsigned) {
      for (size_t i = begin; i < end; ++i) weights_[i] = inverse_z[i] * points[i];
    });
  }
  /// All columns of one matrix (`width` true columns).
  std::vector<E> evaluate(const Matrix& values, unsigned log_height, unsigned width) const {
    const size_t plane = (width + 15) / 16 * 16;
    const unsigned threads = static_cast<unsigned>(omp_get_max_threads());
    std::vector<F> sums(threads * 6 * plane);
    const auto kernel = ZKVM_DISPATCH(weighted_sums);
    parallel_rows(size_t{1} << log_height, 1024, [&](size_t begin, size_t end, unsigned thread) {
      const WeightedSumArgs args{source(values), width, weights_.data(), sums.data() + thread * 6 * plane,
                                 static_cast<uint32_t>(plane)};
      kernel(args, begin, end);
    });
    const E factor = -vanishing(z_over_shift_, log_height) * F::from(1u << log_height).inverse();
    std::vector<E> r(width);
    for (unsigned c = 0; c < width; ++c) {
      for (unsigned t = 0; t < threads; ++t)
        for (unsigned i = 0; i < E::DEGREE; ++i) r[c].c[i] += sums[(t * 6 + i) * plane + c];
      r[c] *= factor;
    }
    return r;
  }

 private:
  E z_over_shift_;
  Buffer<E> weights_;
};

/// shift * <w> in bit-reversed order.
Buffer<F> coset_points(unsigned log_size, F shift) {
  Buffer<F> points(size_t{1} << log_size);
  // Bit-reversed order: the point at i + 2^k is the point at i times w^(2^(log_size - 1 - k)).
  points[0] = shift;
  for (unsigned k = 0; k < log_size; ++k) {
    const F step = F::two_adic_root(k + 1);
    for (size_t i = 0; i < size_t{1} << k; ++i) points[i + (size_t{1} << k)] = points[i] * step;
  }
  return points;
}

/// Per-shard proving state shared by the steps after the barriers.
class ShardProver {
 public:
  ShardProver(Context& context, Shard& shard, size_t index, Transcript transcript)
      : context_(context),
        shard_(shard),
        layout_(shard.layout),
        machine_(*context.input.machine),
        index_(index),
        transcript_(std::move(transcript)),
        log_blowup_(context.parameters.log_blowup),
        points_(coset_points(layout_.log_max_height + log_blowup_, F::from(COSET_SHIFT))) {}

  /// `done(x)` is called with the fraction of this shard that is done.
  void run(const std::function<void(double)>& done) {
    commit_logup();
    done(0.45);
    commit_quotient();
    done(0.8);
    open();
    fri();
    done(0.97);
    query();
    done(1);
  }

 private:
  const std::vector<Matrix>& extension_of(size_t tree) const {
    if (static_cast<int>(tree) == layout_.main_tree) return shard_.main.extension;
    if (static_cast<int>(tree) == layout_.form_tree) return shard_.form.extension;
    if (static_cast<int>(tree) == layout_.logup_tree) return logup_.extension;
    if (static_cast<int>(tree) == layout_.quotient_tree) return quotient_.extension;
    return preprocessed_of(tree).extension;
  }
  const PreprocessedData& preprocessed_of(size_t tree) const {
    for (size_t set = 0; set < layout_.tree_of_set.size(); ++set)
      if (layout_.tree_of_set[set] == static_cast<int>(tree)) return context_.input.preprocessed[set];
    throw std::logic_error("tree without data");
  }
  const MerkleTree& merkle_of(size_t tree) const {
    if (static_cast<int>(tree) == layout_.main_tree) return shard_.main.tree;
    if (static_cast<int>(tree) == layout_.form_tree) return shard_.form.tree;
    if (static_cast<int>(tree) == layout_.logup_tree) return logup_.tree;
    if (static_cast<int>(tree) == layout_.quotient_tree) return quotient_.tree;
    return preprocessed_of(tree).tree;
  }
  const std::vector<Matrix>& trace_of(int tree) const {
    if (tree == layout_.main_tree) return shard_.main_trace;
    if (tree == layout_.form_tree) return shard_.form_trace;
    return preprocessed_of(static_cast<size_t>(tree)).trace;
  }

  /// The flat columns of a table, from traces or from extensions.
  KernelColumns columns_of(size_t table, bool extended) const {
    const ChipInfo& chip = machine_.chips[layout_.tables[table].chip];
    KernelColumns c{};
    unsigned s = 0;
    for (int tree : {layout_.preprocessed_tree(chip), layout_.main_tree, layout_.form_tree}) {
      const ColumnRange range = layout_.range(tree, table);
      if (range.width != 0) {
        const auto& groups = extended ? extension_of(static_cast<size_t>(tree)) : trace_of(tree);
        c.source[s] = source(groups[range.group], range.offset);
        c.width[s] = range.width;
        c.total += range.width;
      }
      ++s;
    }
    return c;
  }

  void commit_logup() {
    const TreeShape& shape = layout_.trees[static_cast<size_t>(layout_.logup_tree)];
    std::vector<Matrix> trace = allocate(shape);
    const auto kernel = ZKVM_DISPATCH(logup_rows);
    const unsigned threads = static_cast<unsigned>(omp_get_max_threads());
    for (size_t t = 0; t < layout_.tables.size(); ++t) {
      const Air& air = machine_.chips[layout_.tables[t].chip].air;
      messages_.emplace_back(air, context_.bus, index_);
      const unsigned log_height = layout_.tables[t].log_height;
      E sum = E::zero();
      if (air.logup_columns() != 0) {
        const ColumnRange range = shape.ranges[t];
        KernelTable table = messages_[t].table();
        table.columns = columns_of(t, false);
        const size_t scratch_bytes = logup_scratch_bytes(table.columns.total, table.logup_columns);
        std::vector<Scratch> scratch;
        for (unsigned i = 0; i < threads; ++i) scratch.emplace_back(scratch_bytes);
        std::vector<E> sums(threads);
        parallel_rows(size_t{1} << log_height, 1024, [&](size_t begin, size_t end, unsigned thread) {
          const LogupArgs args{&table, target(trace[range.group], range.offset), scratch[thread].data()};
          kernel(args, begin, end, &sums[thread]);
        });
        for (const E& s : sums) sum += s;
      }
      shard_.proof.bus_sums.push_back(sum * F::from(1u << log_height).inverse());
    }
    shard_.main_trace.clear();
    shard_.form_trace.clear();
    context_.watch.lap(context_.stats.logup_seconds);
    logup_ = commit(shape, trace, log_blowup_, Keep::NO);
    if (context_.input.forgery != nullptr && index_ == 0) forge_logup(shape, *context_.input.forgery);
    shard_.proof.logup_root = logup_.tree.root();
    transcript_.absorb(shard_.proof.logup_root);
    transcript_.absorb(std::span<const E>(shard_.proof.bus_sums));
    context_.watch.lap(context_.stats.logup_commit_seconds);
  }

  void forge_logup(const TreeShape& shape, const TopCoefficientForgery& f) {
    for (const auto& [table, c] : {std::pair{f.plus, f.c}, std::pair{f.minus, -f.c}}) {
      const ColumnRange& range = shape.ranges[table];
      const unsigned log_height = layout_.tables[table].log_height;
      for (size_t i = 0; i < logup_.extension[range.group].rows(); ++i)
        logup_.extension[range.group].at(i, range.offset) += c * (points_[i].pow(uint64_t{1} << log_height) - F::one());
      shard_.proof.bus_sums[table].c[0] -= c;
    }
    std::vector<Buffer<Digest>> digests;
    for (const Matrix& m : logup_.extension) {
      Buffer<Digest>& out = digests.emplace_back(m.rows());
      for (size_t i = 0; i < m.rows(); ++i) out[i] = Suite::leaf({m.row(i), m.width()});
    }
    logup_.tree = MerkleTree::build(std::move(digests));
  }

  void commit_quotient() {
    const E alpha = transcript_.sample_ext();
    std::vector<E> alpha_powers(layout_.total_constraints);
    E power = E::one();
    for (E& a : alpha_powers) {
      a = power;
      power *= alpha;
    }
    const auto kernel = ZKVM_DISPATCH(quotient_rows);
    const unsigned threads = static_cast<unsigned>(omp_get_max_threads());
    // The sum over all heights of (constraints / vanishing polynomial), as coefficients: row j of chunk k holds that of
    // X^(k N + j).
    Matrix chunks(size_t{1} << layout_.log_max_height, QUOTIENT_CHUNKS * E::DEGREE);
    clear(chunks);
    for (unsigned log_height : layout_.heights) {
      std::vector<KernelTable> tables;
      std::vector<std::vector<F>> constants;
      std::vector<Buffer<F>> selectors;
      uint32_t slots = 0, constraints = 0;
      for (size_t t = 0; t < layout_.tables.size(); ++t) {
        if (layout_.tables[t].log_height != log_height) continue;
        const Air& air = machine_.chips[layout_.tables[t].chip].air;
        KernelTable table = messages_[t].table();
        table.columns = columns_of(t, true);
        const ColumnRange range = layout_.range(layout_.logup_tree, t);
        if (range.width != 0) table.logup = source(logup_.extension[range.group], range.offset);
        table.code = air.code().data();
        table.code_size = static_cast<uint32_t>(air.code().size());
        table.constraints = air.constraints();
        table.slots = air.slots();
        table.next_slot = air.uses_next() ? air.next_slot() : 0;
        table.selector_slot = air.uses_selectors() ? air.selector_slot() : 0;
        table.constant_slot = air.fixed_slot();
        const auto& fixed = constants.emplace_back(air.fixed_values(context_.challenges.data()));
        table.constant_count = static_cast<uint32_t>(fixed.size());
        table.constants = fixed.data();
        table.alpha_powers = alpha_powers.data() + layout_.constraint_offset[t];
        if (air.uses_selectors()) {
          if (selectors.empty()) selectors = selector_columns(log_height);
          for (unsigned k = 0; k < 3; ++k) table.selectors[k] = selectors[k].data();
        }
        slots = std::max(slots, table.slots);
        constraints = std::max(constraints, table.constraints + E::DEGREE * table.logup_columns);
        tables.push_back(table);
      }
      const unsigned log_rows = log_height + log_blowup_;
      // A quotient of degree < 2 * height: the first two cosets of the extension determine it.
      Buffer<E> values(size_t{QUOTIENT_CHUNKS} << log_height);
      std::vector<Scratch> scratch;
      for (unsigned i = 0; i < threads; ++i) scratch.emplace_back(quotient_scratch_bytes(slots, constraints));
      QuotientArgs args{};
      args.tables = tables.data();
      args.table_count = static_cast<uint32_t>(tables.size());
      args.log_rows = log_rows;
      args.next_distance = 1u << log_blowup_;
      args.log_height = log_height;
      for (size_t coset = 0; coset < QUOTIENT_CHUNKS; ++coset)
        args.inverse_zerofier[coset] =
            (points_[coset << log_height].pow(uint64_t{1} << log_height) - F::one()).inverse();
      args.out = values.data();
      parallel_rows(values.size(), 512, [&](size_t begin, size_t end, unsigned thread) {
        QuotientArgs mine = args;
        mine.scratch = scratch[thread].data();
        kernel(mine, begin, end);
      });
      add_quotient(values, log_height, chunks);
    }
    context_.watch.lap(context_.stats.quotient_seconds);

    Matrix extended;
    LeafDigests leaves(chunks.rows() << log_blowup_);
    extend_from_coefficients(chunks, log_blowup_, F::from(COSET_SHIFT), extended, &leaves);
    quotient_.extension.push_back(std::move(extended));
    std::vector<Buffer<Digest>> digests;
    digests.push_back(leaves.take());
    quotient_.tree = MerkleTree::build(std::move(digests));
    shard_.proof.quotient_root = quotient_.tree.root();
    transcript_.absorb(shard_.proof.quotient_root);
    context_.watch.lap(context_.stats.quotient_commit_seconds);
  }

  /// Adds the polynomial of degree < 2h with these values on the cosets s_0<w>, s_1<w>, w of order h. On coset k, X^h
  /// is the constant t_k = s_k^h, so there Q = low + t_k high, and both halves follow from the two interpolations of
  /// degree < h.
  void add_quotient(const Buffer<E>& values, unsigned log_height, Matrix& chunks) const {
    static_assert(QUOTIENT_CHUNKS == 2);
    const size_t h = size_t{1} << log_height;
    Matrix m(h, 2 * E::DEGREE);
    parallel_rows(h, 4096, [&](size_t begin, size_t end, unsigned) {
      for (size_t i = begin; i < end; ++i) {
        std::copy_n(values[i].c, E::DEGREE, m.row(i));
        std::copy_n(values[h + i].c, E::DEGREE, m.row(i) + E::DEGREE);
      }
    });
    interpolate(m, F::one());  // coefficients of q_k(s_k X)
    const F s[2] = {points_[0], points_[h]};
    const F t0 = s[0].pow(h), scale = (t0 - s[1].pow(h)).inverse();
    const F step[2] = {s[0].inverse(), s[1].inverse()};
    const size_t n = chunks.rows();
    parallel_rows(h, 4096, [&](size_t begin, size_t end, unsigned) {
      F power[2] = {step[0].pow(begin), step[1].pow(begin)};
      for (size_t j = begin; j < end; ++j) {
        const F* row = m.row(j);
        F* low = chunks.row(j);
        F* high = chunks.row((h + j) % n) + (h + j) / n * E::DEGREE;
        for (unsigned i = 0; i < E::DEGREE; ++i) {
          const F q0 = row[i] * power[0], q1 = row[E::DEGREE + i] * power[1];
          const F top = (q0 - q1) * scale;
          high[i] += top;
          low[i] += q0 - t0 * top;
        }
        power[0] *= step[0];
        power[1] *= step[1];
      }
    });
  }

  std::vector<Buffer<F>> selector_columns(unsigned log_height) const {
    const size_t rows = size_t{1} << (log_height + log_blowup_);
    std::vector<Buffer<F>> r;
    for (unsigned k = 0; k < 3; ++k) r.emplace_back(rows);
    const F last = F::two_adic_root(log_height).inverse();
    for (size_t i = 0; i < rows; ++i) {
      const F x = points_[i];
      const F zerofier = x.pow(uint64_t{1} << log_height) - F::one();
      r[0][i] = zerofier * (x - F::one()).inverse();
      r[1][i] = zerofier * (x - last).inverse();
      r[2][i] = x - last;
    }
    return r;
  }

  void open() {
    z_ = transcript_.sample_out_of_base();
    inverse_z_ = inverse_differences(points_, z_);
    const Evaluator evaluator(points_, inverse_z_, z_, layout_.log_max_height, F::from(COSET_SHIFT));
    for (size_t t = 0; t < layout_.trees.size(); ++t) {
      auto& tree = shard_.proof.at_z.emplace_back();
      const auto& extension = extension_of(t);
      for (size_t g = 0; g < extension.size(); ++g) {
        const GroupShape& group = layout_.trees[t].groups[g];
        tree.push_back(evaluator.evaluate(extension[g], group.log_height, group.width));
      }
    }
    if (const TopCoefficientForgery* f = context_.input.forgery; f != nullptr && index_ == 0) {
      // The evaluator takes degree < N for granted: it saw c (s^N - 1) on the first coset instead of c (z^N - 1).
      for (const auto& [table, c] : {std::pair{f->plus, f->c}, std::pair{f->minus, -f->c}}) {
        const ColumnRange range = layout_.range(layout_.logup_tree, table);
        const unsigned log_height = layout_.tables[table].log_height;
        shard_.proof.at_z[static_cast<size_t>(layout_.logup_tree)][range.group][range.offset] +=
            (vanishing(z_, log_height) - (points_[0].pow(uint64_t{1} << log_height) - F::one())) * c;
      }
    }
    shard_.proof.at_next.resize(layout_.tables.size());
    for (unsigned log_height : layout_.heights) {
      const bool used = std::any_of(layout_.tables.begin(), layout_.tables.end(), [&](const TableShape& s) {
        return s.log_height == log_height && machine_.chips[s.chip].air.uses_next();
      });
      if (!used) continue;
      const E z = z_ * F::two_adic_root(log_height);
      auto& inverse = inverse_next_.emplace_back(log_height, inverse_differences(points_, z)).second;
      const Evaluator next(points_, inverse, z, log_height, F::from(COSET_SHIFT));
      for (size_t t = 0; t < layout_.tables.size(); ++t) {
        const ChipInfo& chip = machine_.chips[layout_.tables[t].chip];
        if (layout_.tables[t].log_height != log_height || !chip.air.uses_next()) continue;
        for (int tree : {layout_.preprocessed_tree(chip), layout_.main_tree, layout_.form_tree}) {
          const ColumnRange range = layout_.range(tree, t);
          if (range.width == 0) continue;
          const std::vector<E> all = next.evaluate(extension_of(static_cast<size_t>(tree))[range.group], log_height,
                                                   layout_.trees[static_cast<size_t>(tree)].groups[range.group].width);
          auto& out = shard_.proof.at_next[t];
          out.insert(out.end(), all.begin() + range.offset, all.begin() + range.offset + range.width);
        }
      }
    }
    for (const auto& tree : shard_.proof.at_z)
      for (const auto& group : tree) transcript_.absorb(std::span<const E>(group));
    for (const auto& table : shard_.proof.at_next) transcript_.absorb(std::span<const E>(table));
    context_.watch.lap(context_.stats.ood_seconds);
  }

  /// The DEEP combination of all columns of one height over its extended domain (verifier.cpp: combine).
  Buffer<E> combine(size_t height_index, const E& gamma, const Buffer<F>& inverse_points, const Buffer<E>& inverse_a,
                    const Buffer<E>& inverse_b) {
    const unsigned log_height = layout_.heights[height_index];
    E power = gamma.pow(layout_.deep_offset[height_index]);
    DeepArgs args{};
    args.gamma = gamma;
    std::vector<DeepPart> parts;
    std::vector<std::vector<E>> coefficients, anchors(layout_.trees.size());
    std::vector<int> part_of_tree(layout_.trees.size(), -1);
    coefficients.reserve(layout_.trees.size());
    for (size_t t = 0; t < layout_.trees.size(); ++t) {
      const int g = layout_.trees[t].find(log_height);
      if (g < 0) continue;
      const size_t group = static_cast<size_t>(g);
      auto& c = coefficients.emplace_back();
      for (const E& value : shard_.proof.at_z[t][group]) {
        c.push_back(power);
        args.constant_z += power * value;
        power *= gamma;
      }
      part_of_tree[t] = static_cast<int>(parts.size());
      parts.push_back({source(extension_of(t)[group]), static_cast<uint32_t>(c.size()), c.data(), nullptr, 0});
    }
    std::vector<DeepNext> next;
    std::vector<std::vector<E>> next_coefficients;
    next_coefficients.reserve(3 * layout_.tables.size());
    for (size_t t = 0; t < layout_.tables.size(); ++t) {
      const ChipInfo& chip = machine_.chips[layout_.tables[t].chip];
      if (layout_.tables[t].log_height != log_height || !chip.air.uses_next()) continue;
      size_t k = 0;
      for (int tree : {layout_.preprocessed_tree(chip), layout_.main_tree, layout_.form_tree}) {
        const ColumnRange range = layout_.range(tree, t);
        if (range.width == 0) continue;
        auto& c = next_coefficients.emplace_back();
        for (unsigned i = 0; i < range.width; ++i, ++k) {
          c.push_back(power);
          args.constant_next += power * shard_.proof.at_next[t][k];
          power *= gamma;
        }
        next.push_back(
            {source(extension_of(static_cast<size_t>(tree))[range.group], range.offset), range.width, c.data()});
      }
    }
    std::vector<DeepSum> sums;
    for (size_t t = 0; t < layout_.tables.size(); ++t) {
      if (layout_.tables[t].log_height != log_height) continue;
      const ColumnRange range = layout_.range(layout_.logup_tree, t);
      if (range.width != 0) {
        DeepSum s{static_cast<uint32_t>(part_of_tree[static_cast<size_t>(layout_.logup_tree)]),
                  range.offset,
                  range.width / E::DEGREE,
                  {}};
        E c = power;
        for (E& coefficient : s.coefficient) {
          coefficient = c;
          c *= E{{F::zero(), F::one()}};
        }
        sums.push_back(s);
      }
      args.constant_zero += power * shard_.proof.bus_sums[t];
      power *= gamma * gamma;
    }
    for (size_t t = 0; t < layout_.tables.size(); ++t) {
      if (layout_.tables[t].log_height != log_height) continue;
      const auto add = [&](unsigned point, int tree, const E& anchor_gamma, const E& stated) {
        const ColumnRange range = layout_.range(tree, t);
        auto& c = anchors[static_cast<size_t>(tree)];
        E coefficient = power;
        for (unsigned i = 0; i < range.width; ++i, coefficient *= anchor_gamma) {
          c.resize(parts[static_cast<size_t>(part_of_tree[static_cast<size_t>(tree)])].width);
          c[range.offset + i] = coefficient;
        }
        args.constant_anchor[point] += power * stated;
        power *= gamma;
      };
      add(0, layout_.main_tree, context_.anchor_a.gamma, shard_.proof.main_anchors[t]);
      if (layout_.has_forms()) add(1, layout_.form_tree, context_.anchor_b.gamma, shard_.proof.form_anchors[t]);
    }
    for (size_t t = 0; t < layout_.trees.size(); ++t) {
      if (anchors[t].empty()) continue;
      DeepPart& part = parts[static_cast<size_t>(part_of_tree[t])];
      part.anchor = anchors[t].data();
      part.anchor_point = static_cast<int>(t) == layout_.form_tree ? 1 : 0;
    }
    for (const DeepPart& p : parts) args.max_width = std::max(args.max_width, p.width);
    for (const DeepNext& n : next) args.max_width = std::max(args.max_width, n.width);
    args.parts = parts.data();
    args.part_count = static_cast<uint32_t>(parts.size());
    args.next = next.data();
    args.next_count = static_cast<uint32_t>(next.size());
    args.sums = sums.data();
    args.sum_count = static_cast<uint32_t>(sums.size());
    args.inverse_z = inverse_z_.data();
    for (const auto& [h, inverse] : inverse_next_)
      if (h == log_height) args.inverse_next = inverse.data();
    args.anchor_inverse[0] = inverse_a.data();
    if (layout_.has_forms()) args.anchor_inverse[1] = inverse_b.data();
    args.inverse_x = inverse_points.data();
    Buffer<E> out(size_t{1} << (log_height + log_blowup_));
    args.out = out.data();
    const auto kernel = ZKVM_DISPATCH(deep_rows);
    std::vector<Scratch> scratch;
    for (int i = 0; i < omp_get_max_threads(); ++i) scratch.emplace_back(deep_scratch_bytes(args.max_width));
    parallel_rows(out.size(), 512, [&](size_t begin, size_t end, unsigned thread) {
      DeepArgs mine = args;
      mine.scratch = scratch[thread].data();
      kernel(mine, begin, end);
    });
    return out;
  }

  void fri() {
    const E gamma = transcript_.sample_ext();
    const unsigned log_domain = layout_.log_max_height + log_blowup_;
    Buffer<F> inverse_points(points_.size()), half_inverse(points_.size() / 2);
    batch_invert(points_, inverse_points);
    // 1 / (2 y) on the subgroup: y = x / 3 at even bit-reversed positions.
    const F scale = F::from(COSET_SHIFT) * F::from(2).inverse();
    for (size_t i = 0; i < half_inverse.size(); ++i) half_inverse[i] = inverse_points[2 * i] * scale;
    {
      const Buffer<E> inverse_a = inverse_differences(points_, context_.anchor_a.z0);
      const Buffer<E> inverse_b =
          layout_.has_forms() ? inverse_differences(points_, context_.anchor_b.z0) : Buffer<E>();
      for (size_t k = 0; k < layout_.heights.size(); ++k)
        combined_.push_back(combine(k, gamma, inverse_points, inverse_a, inverse_b));
    }
    inverse_z_ = Buffer<E>();
    context_.watch.lap(context_.stats.deep_seconds);

    const auto kernel = ZKVM_DISPATCH(fold_rows);
    layers_.push_back(std::move(combined_[0]));
    size_t next_height = 1;
    unsigned log_size = log_domain;
    for (const FoldStep& step : layout_.folds) {
      const size_t leaves = size_t{1} << (log_size - step.log_arity);
      const size_t width = E::DEGREE << step.log_arity;
      const Buffer<E>& in = layers_.back();
      Buffer<Digest> digests(leaves);
      hash_rows(in[0].c, width, width, leaves, digests.data());
      std::vector<Buffer<Digest>> all;
      all.push_back(std::move(digests));
      fri_trees_.push_back(MerkleTree::build(std::move(all)));
      shard_.proof.fri_roots.push_back(fri_trees_.back().root());
      transcript_.absorb(shard_.proof.fri_roots.back());
      const E beta = transcript_.sample_ext();
      Buffer<E> out(leaves);
      FoldArgs args{};
      args.in = in.data();
      args.log_arity = step.log_arity;
      args.beta[0] = beta;
      args.beta[1] = beta * beta;
      args.beta[2] = args.beta[1] * args.beta[1];
      args.half_inverse_points = half_inverse.data();
      args.inject = step.injects ? combined_[next_height].data() : nullptr;
      args.inject_coefficient = beta.pow(uint64_t{1} << step.log_arity);
      args.out = out.data();
      parallel_rows(leaves, 1024, [&](size_t begin, size_t end, unsigned) { kernel(args, begin, end); });
      if (step.injects) ++next_height;
      log_size -= step.log_arity;
      layers_.push_back(std::move(out));
    }
    shard_.proof.final_polynomial = final_polynomial(layers_.back(), log_size);
    transcript_.absorb(std::span<const E>(shard_.proof.final_polynomial));
    context_.watch.lap(context_.stats.fri_seconds);
  }

  /// Interpolates the last layer, which lies on the subgroup of order 2^log_size and has degree < 2^MIN_LOG_HEIGHT if
  /// the trace satisfies its constraints. If not, the proof comes out all the same, and no verifier accepts it.
  std::vector<E> final_polynomial(const Buffer<E>& layer, unsigned log_size) const {
    const size_t n = size_t{1} << log_size;
    std::vector<E> coefficients(size_t{1} << MIN_LOG_HEIGHT);
    const F scale = F::from(static_cast<uint32_t>(n)).inverse();
    const F root = F::two_adic_root(log_size).inverse();
    for (size_t k = 0; k < coefficients.size(); ++k) {
      E sum = E::zero();
      for (size_t i = 0; i < n; ++i) sum += layer[i] * root.pow(k * bit_reverse(i, log_size) % n);
      coefficients[k] = sum * scale;
    }
    return coefficients;
  }

  void query() {
    ShardProof& proof = shard_.proof;
    proof.grinding_nonce = grind(transcript_.state(), context_.parameters.grinding_bits);
    transcript_.absorb_u64(proof.grinding_nonce);
    const unsigned log_domain = layout_.log_max_height + log_blowup_;
    std::vector<uint64_t> queries(context_.parameters.queries);
    for (uint64_t& q : queries) q = transcript_.sample_bits(log_domain);
    for (size_t t = 0; t < layout_.trees.size(); ++t) {
      TreeOpening& opening = proof.trees.emplace_back();
      const auto& groups = layout_.trees[t].groups;
      for (size_t g = 0; g < groups.size(); ++g) {
        auto& rows = opening.rows.emplace_back();
        const Matrix& extension = extension_of(t)[g];
        for (uint64_t p : opened_positions(queries, layout_.log_max_height - groups[g].log_height)) {
          const F* row = extension.row(p);
          rows.insert(rows.end(), row, row + groups[g].width);
        }
      }
      opening.siblings = merkle_of(t).open(opened_positions(queries, layout_.log_max_height - groups[0].log_height));
    }
    std::vector<uint64_t> positions = opened_positions(queries, 0);
    for (size_t f = 0; f < layout_.folds.size(); ++f) {
      const unsigned log_arity = layout_.folds[f].log_arity;
      positions = opened_positions(positions, log_arity);
      FriLayerOpening& opening = proof.fri.emplace_back();
      for (uint64_t leaf : positions)
        for (size_t i = 0; i < size_t{1} << log_arity; ++i)
          opening.values.push_back(layers_[f][(leaf << log_arity) + i]);
      opening.siblings = fri_trees_[f].open(positions);
    }
    context_.watch.lap(context_.stats.query_seconds);
  }

  Context& context_;
  Shard& shard_;
  const ShardLayout& layout_;
  const MachineDescription& machine_;
  size_t index_;
  Transcript transcript_;
  unsigned log_blowup_;
  Buffer<F> points_;
  std::vector<KernelMessages> messages_;
  Commitment logup_, quotient_;
  E z_;
  Buffer<E> inverse_z_;
  std::vector<std::pair<unsigned, Buffer<E>>> inverse_next_;
  std::vector<Buffer<E>> combined_, layers_;
  std::vector<MerkleTree> fri_trees_;
};

/// sum_i gamma^i f_i(z0) per table, over the columns of one tree, from their traces.
std::vector<E> anchors_of(const ShardLayout& layout, int tree, const std::vector<Matrix>& trace,
                          const AnchorChallenges& c) {
  const Buffer<F> points = coset_points(layout.log_max_height, F::one());
  const Buffer<E> inverse = inverse_differences(points, c.z0);
  const Evaluator evaluator(points, inverse, c.z0, layout.log_max_height, F::one());
  const TreeShape& shape = layout.trees[static_cast<size_t>(tree)];
  std::vector<std::vector<E>> values;
  for (size_t g = 0; g < shape.groups.size(); ++g)
    values.push_back(evaluator.evaluate(trace[g], shape.groups[g].log_height, shape.groups[g].width));
  std::vector<E> r;
  for (const ColumnRange& range : shape.ranges) {
    E sum = E::zero();
    for (unsigned i = range.width; i-- > 0;) sum = sum * c.gamma + values[range.group][range.offset + i];
    r.push_back(sum);
  }
  return r;
}

}  // namespace

PreprocessedData commit_preprocessed(const MachineDescription& machine, std::span<const TableShape> tables,
                                     unsigned log_blowup, const std::function<void(size_t, TableView)>& fill) {
  PreprocessedData data;
  data.commitment.tables.assign(tables.begin(), tables.end());
  std::vector<unsigned> heights;
  for (const TableShape& t : tables) heights.push_back(t.log_height);
  std::sort(heights.begin(), heights.end(), std::greater<>());
  heights.erase(std::unique(heights.begin(), heights.end()), heights.end());
  std::vector<unsigned> widths;
  for (const TableShape& t : tables) widths.push_back(machine.chips[t.chip].air.preprocessed_width());
  data.shape = group_by_height(tables, heights, widths);
  data.trace = allocate(data.shape);
  for (Matrix& m : data.trace) clear(m);
  const auto all = views(data.shape, tables, data.trace);
  for (size_t t = 0; t < tables.size(); ++t) fill(tables[t].chip, all[t]);
  Commitment c = commit(data.shape, data.trace, log_blowup);
  data.extension = std::move(c.extension);
  data.tree = std::move(c.tree);
  data.commitment.root = data.tree.root();
  return data;
}

namespace {

void count_cells(const ShardLayout& l, ProverStats& stats) {
  for (size_t t = 0; t < l.trees.size(); ++t) {
    const int tree = static_cast<int>(t);
    uint64_t& counter = tree == l.main_tree       ? stats.main_cells
                        : tree == l.form_tree     ? stats.form_cells
                        : tree == l.logup_tree    ? stats.logup_cells
                        : tree == l.quotient_tree ? stats.quotient_cells
                                                  : stats.preprocessed_cells;
    for (const GroupShape& g : l.trees[t].groups) counter += uint64_t{g.width} << g.log_height;
  }
}

/// All shards' main columns: kept, or made again from the source.
class Shards {
 public:
  Shards(const ProverInput& input, ProverStats& stats, StopWatch& watch)
      : input_(input), stats_(stats), watch_(watch) {}

  std::vector<Shard>& all() { return shards_; }

  /// First pass.
  void commit_all() {
    std::vector<PreprocessedCommitment> preprocessed;
    for (const PreprocessedData& d : input_.preprocessed) preprocessed.push_back(d.commitment);
    size_t kept = 0;
    while (input_.source->next(tables_)) {
      ++position_;
      Shard& shard = shards_.emplace_back();
      if (const char* error = make_layout(*input_.machine, preprocessed, tables_, shard.layout))
        throw std::logic_error(error);
      shard.proof.tables = tables_;
      const TreeShape& shape = main_shape(shard);
      fill_trace(shard);
      shard.main = commit(shape, shard.main_trace, input_.log_blowup);
      shard.proof.main_root = shard.main.tree.root();
      // A single shard is never made twice: its columns stay until a second one comes.
      if (shards_.size() == 2) drop_to_budget(shards_[0], kept);
      if (shards_.size() > 1) drop_to_budget(shard, kept);
      count_cells(shard.layout, stats_);
      watch_.lap(stats_.main_commit_seconds);
      if (input_.progress) input_.progress(0.0);
    }
  }

  /// Makes the trace of shard i available; with `positioned`, also leaves the source at that shard.
  void need_trace(size_t i, bool positioned = false) {
    if (!shards_[i].main_trace.empty() && !positioned) return;
    if (position_ > i + 1 || (position_ == i + 1 && shards_[i].main_trace.empty())) {
      input_.source->rewind();
      position_ = 0;
    }
    for (; position_ <= i; ++position_)
      if (!input_.source->next(tables_) || tables_ != shards_[position_].layout.tables)
        throw std::logic_error("the trace source gave other shards in a later run");
    if (shards_[i].main_trace.empty()) fill_trace(shards_[i]);
  }
  void need_extension(size_t i) {
    need_trace(i);
    Shard& shard = shards_[i];
    if (!shard.main.extension.empty()) return;
    const TreeShape& shape = main_shape(shard);
    for (size_t g = 0; g < shape.groups.size(); ++g) {
      Matrix extended;
      low_degree_extend(shard.main_trace[g], input_.log_blowup, F::from(COSET_SHIFT), extended, nullptr);
      shard.main.extension.push_back(std::move(extended));
    }
    watch_.lap(stats_.main_commit_seconds);
  }
  /// Calls body(shard, index) with each trace at hand; those that were not kept are dropped again.
  template <class Body>
  void for_each_trace(bool positioned, Body&& body) {
    for (size_t i = 0; i < shards_.size(); ++i) {
      const bool kept = !shards_[i].main_trace.empty();
      need_trace(i, positioned);
      body(shards_[i], i);
      if (!kept) shards_[i].main_trace.clear();
    }
  }

 private:
  static const TreeShape& main_shape(const Shard& s) { return s.layout.trees[static_cast<size_t>(s.layout.main_tree)]; }
  /// Traces are kept first, since every later step starts from them: extensions get half of the budget at most.
  void drop_to_budget(Shard& shard, size_t& kept) const {
    const size_t trace = trace_bytes(main_shape(shard)), extension = trace << input_.log_blowup;
    if (kept + trace > input_.keep_bytes) {
      shard.main_trace.clear();
    } else {
      kept += trace;
    }
    if (shard.main_trace.empty() || kept + extension > input_.keep_bytes / 2) {
      shard.main.extension.clear();
    } else {
      kept += extension;
    }
  }
  void fill_trace(Shard& shard) {
    shard.main_trace = allocate(main_shape(shard));
    input_.source->fill_main(views(main_shape(shard), shard.layout.tables, shard.main_trace));
    watch_.lap(stats_.trace_seconds);
  }

  const ProverInput& input_;
  ProverStats& stats_;
  StopWatch& watch_;
  std::vector<Shard> shards_;
  std::vector<TableShape> tables_;
  size_t position_ = 0;  ///< shards that the source has handed out since its start
};

}  // namespace

Proof prove(const ProverInput& input, ProverStats* stats) {
  ProverStats unused;
  StopWatch watch;
  Context context{input, {}, {}, {}, false, {}, {}, stats != nullptr ? *stats : unused, watch};
  const MachineDescription& machine = *input.machine;
  Shards shards(input, context.stats, watch);
  shards.commit_all();

  std::vector<ShardLayout> layouts;
  for (const Shard& s : shards.all()) {
    layouts.push_back(s.layout);
    context.any_forms = context.any_forms || s.layout.has_forms();
  }
  const Statement statement = input.statement();
  if (const char* error = check_shards(machine, layouts, statement.boundary_messages())) throw std::length_error(error);
  context.parameters = input.parameters(layouts);
  context.parameters.log_blowup = input.log_blowup;

  GlobalTranscript global(machine, input.machine_digest, context.parameters, statement, layouts.size());
  for (const Shard& s : shards.all()) global.absorb_main(s.proof);
  context.anchor_a = global.draw_anchor_challenges();
  shards.for_each_trace(false, [&](Shard& s, size_t) {
    s.proof.main_anchors = anchors_of(s.layout, s.layout.main_tree, s.main_trace, context.anchor_a);
  });
  for (const Shard& s : shards.all()) global.absorb_anchors(s.proof.main_anchors);
  context.challenges.resize(machine.challenges());
  if (context.any_forms) {
    context.challenges = global.draw_accumulator_challenges();
    // Form columns are few next to main columns, and kept for all shards.
    shards.for_each_trace(true, [&](Shard& s, size_t) {
      if (!s.layout.has_forms()) return;
      const TreeShape& shape = s.layout.trees[static_cast<size_t>(s.layout.form_tree)];
      s.form_trace = allocate(shape);
      const TreeShape& main = s.layout.trees[static_cast<size_t>(s.layout.main_tree)];
      input.source->fill_form(views(main, s.layout.tables, s.main_trace), views(shape, s.layout.tables, s.form_trace),
                              context.challenges);
      s.form = commit(shape, s.form_trace, input.log_blowup);
      s.proof.form_root = s.form.tree.root();
    });
    for (const Shard& s : shards.all()) global.absorb_form(s.proof.form_root);
    context.anchor_b = global.draw_anchor_challenges();
    for (Shard& s : shards.all())
      if (s.layout.has_forms())
        s.proof.form_anchors = anchors_of(s.layout, s.layout.form_tree, s.form_trace, context.anchor_b);
    for (const Shard& s : shards.all()) global.absorb_anchors(s.proof.form_anchors);
  }
  context.bus = global.draw_bus_challenges();
  watch.lap(context.stats.ood_seconds);

  Proof proof;
  proof.parameters = context.parameters;
  for (size_t i = 0; i < layouts.size(); ++i) {
    shards.need_extension(i);
    ShardProver(context, shards.all()[i], i, global.fork(i)).run([&](double x) {
      if (input.progress) input.progress((static_cast<double>(i) + x) / static_cast<double>(layouts.size()));
    });
    proof.shards.push_back(std::move(shards.all()[i].proof));
    // Keep the layout, which later shards of the source are compared with.
    shards.all()[i].main = Commitment{};
    shards.all()[i].main_trace.clear();
    shards.all()[i].form = Commitment{};
  }
  return proof;
}

}  // namespace zkvm::stark
