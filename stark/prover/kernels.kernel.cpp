// Compiled once per SIMD backend: see kernels.hpp for what each kernel does.
#include ZKVM_SIMD_HEADER

#include "stark/prover/kernels.hpp"

namespace zkvm::stark {
namespace ZKVM_SIMD_NS {
namespace {

constexpr unsigned L = Vec::LANES;
constexpr size_t QUOTIENT_ROWS = 64;  // rows interpreted together
constexpr unsigned QUOTIENT_VECS = QUOTIENT_ROWS / L;
constexpr size_t LOGUP_ROWS = 128;
constexpr uint32_t HALF = 0x00ffffffu;  // 1/2 in Montgomery form

[[gnu::always_inline]] inline const F* row_at(const RowSource& s, size_t r) {
  return s.data + (r >> s.log_block_rows) * s.block_stride + (r & ((size_t{1} << s.log_block_rows) - 1)) * s.stride;
}
[[gnu::always_inline]] inline F* row_at(const RowTarget& s, size_t r) {
  return s.data + (r >> s.log_block_rows) * s.block_stride + (r & ((size_t{1} << s.log_block_rows) - 1)) * s.stride;
}
[[gnu::always_inline]] inline size_t reverse_bits(size_t i, unsigned bits) {
  size_t r = 0;
  for (unsigned b = 0; b < bits; ++b) r |= ((i >> b) & 1) << (bits - 1 - b);
  return r;
}

/// Loads LANES rows of a table from row r on as flat column vectors.
[[gnu::always_inline]] inline void load_columns(const KernelColumns& columns, size_t r, Vec* out) {
  for (unsigned s = 0; s < 3; ++s) {
    if (columns.width[s] == 0) continue;
    load_block(row_at(columns.source[s], r), columns.source[s].stride, columns.width[s], out);
    out += columns.width[s];
  }
}

/// The same for the rows that follow them in the trace domain, which are scattered in bit-reversed order.
void load_next_columns(const KernelColumns& columns, size_t r, unsigned log_rows, size_t distance, Vec* out) {
  const size_t mask = (size_t{1} << log_rows) - 1;
  for (unsigned s = 0; s < 3; ++s) {
    const unsigned width = columns.width[s];
    for (unsigned c = 0; c < width; c += L) {
      const unsigned n = width - c < L ? width - c : L;
      Vec v[L];
      for (unsigned i = 0; i < L; ++i) {
        const size_t next = reverse_bits((reverse_bits(r + i, log_rows) + distance) & mask, log_rows);
        v[i] = Vec::load_partial(row_at(columns.source[s], next) + c, n);
      }
      transpose(v);
      for (unsigned i = 0; i < n; ++i) out[c + i] = v[i];
    }
    out += width;
  }
}

[[gnu::always_inline]] inline VecE fingerprint(const KernelMessage& m, const Vec* columns) {
  AccE acc = AccE::zero();
  unsigned i = 0;
  for (; i + 2 <= m.term_count; i += 2)
    acc.mac2(split(columns[m.terms[i].column]), m.terms[i].coefficient, split(columns[m.terms[i + 1].column]),
             m.terms[i + 1].coefficient);
  if (i < m.term_count) acc.mac(split(columns[m.terms[i].column]), m.terms[i].coefficient);
  return acc.reduce() + VecE::broadcast(m.constant);
}

[[gnu::always_inline]] inline Vec multiplicity(const KernelMessage& m, const Vec* columns) {
  Vec r = Vec::broadcast(m.multiplicity_constant);
  for (unsigned i = 0; i < m.multiplicity_count; ++i)
    r = r + columns[m.multiplicity[i].column] * Vec::broadcast(m.multiplicity[i].coefficient);
  return r;
}

/// Numerator and denominator of one LogUp column: m1/d1 + m2/d2, or m1/d1 for an odd last message.
[[gnu::always_inline]] inline void fraction(const KernelTable& t, unsigned column, const Vec* columns, VecE& numerator,
                                            VecE& denominator) {
  const KernelMessage& m1 = t.messages[2 * column];
  const VecE d1 = fingerprint(m1, columns);
  const Vec k1 = multiplicity(m1, columns);
  if (2 * column + 1 == t.message_count) {
    numerator = VecE::from_base(k1);
    denominator = d1;
    return;
  }
  const KernelMessage& m2 = t.messages[2 * column + 1];
  const VecE d2 = fingerprint(m2, columns);
  const Vec k2 = multiplicity(m2, columns);
  numerator = d2 * k1 + d1 * k2;
  denominator = d1 * d2;
}

Vec inverse(Vec a) {
  Vec r = Vec::broadcast(F{static_cast<uint32_t>((uint64_t{1} << 32) % F::P)});
  for (int bit = 30; bit >= 0; --bit) {
    r = r * r;
    if ((((F::P - 2) >> bit) & 1) != 0) r = r * a;
  }
  return r;
}

template <unsigned M>  // p^k mod 9
[[gnu::always_inline]] inline VecE frobenius(const VecE& a) {
  Vec d[9];
  for (unsigned i = 0; i < 9; ++i) d[i] = Vec::zero();
  for (unsigned i = 0; i < 6; ++i) d[(i * M) % 9] = d[(i * M) % 9] + a.c[i];
  return {{d[0] - d[6], d[1] - d[7], d[2] - d[8], d[3] - d[6], d[4] - d[7], d[5] - d[8]}};
}

/// Lane-wise inverse by the norm, as E::inverse.
VecE inverse(const VecE& a) {
  const VecE prod = frobenius<2>(a) * frobenius<4>(a) * (frobenius<8>(a) * frobenius<7>(a)) * frobenius<5>(a);
  return prod * inverse((prod * a).c[0]);
}

}  // namespace

void quotient_rows(const QuotientArgs& args, size_t begin, size_t end) {
  const size_t rows = end - begin < QUOTIENT_ROWS ? end - begin : QUOTIENT_ROWS;
  const unsigned vecs = static_cast<unsigned>(rows / L);
  for (size_t r0 = begin; r0 < end; r0 += rows) {
    VecE total[QUOTIENT_VECS];
    for (unsigned b = 0; b < vecs; ++b) total[b] = VecE::zero();
    for (unsigned ti = 0; ti < args.table_count; ++ti) {
      const KernelTable& t = args.tables[ti];
      Vec* const slots = static_cast<Vec*>(args.scratch);
      Vec* const values = slots + size_t{t.slots} * vecs;
      Vec* const logup = values + size_t{t.constraints} * vecs;  // 6 * LogUp columns of one vector
      for (unsigned b = 0; b < vecs; ++b) {
        Vec* s = slots + size_t{b} * t.slots;
        const size_t r = r0 + b * L;
        load_columns(t.columns, r, s);
        if (t.next_slot != 0) load_next_columns(t.columns, r, args.log_rows, args.next_distance, s + t.next_slot);
        if (t.selector_slot != 0)
          for (unsigned k = 0; k < 3; ++k) s[t.selector_slot + k] = Vec::load(t.selectors[k] + r);
        for (unsigned k = 0; k < t.constant_count; ++k) s[t.constant_slot + k] = Vec::broadcast(t.constants[k]);
      }
      unsigned asserted = 0;
      for (const Instruction *i = t.code, *code_end = t.code + t.code_size; i != code_end; ++i) {
        const size_t n = t.slots;
        Vec *d = slots + i->dst, *x = slots + i->a, *y = slots + i->b;
        switch (i->op) {
          case Instruction::Op::ADD:
            for (unsigned b = 0; b < vecs; ++b) d[b * n] = x[b * n] + y[b * n];
            break;
          case Instruction::Op::SUB:
            for (unsigned b = 0; b < vecs; ++b) d[b * n] = x[b * n] - y[b * n];
            break;
          case Instruction::Op::MUL:
            for (unsigned b = 0; b < vecs; ++b) d[b * n] = x[b * n] * y[b * n];
            break;
          case Instruction::Op::ASSERT:
            for (unsigned b = 0; b < vecs; ++b) values[size_t{b} * t.constraints + asserted] = x[b * n];
            ++asserted;
            break;
        }
      }
      for (unsigned b = 0; b < vecs; ++b) {
        const Vec* v = values + size_t{b} * t.constraints;
        AccE acc = AccE::zero();
        unsigned k = 0;
        for (; k + 2 <= t.constraints; k += 2)
          acc.mac2(split(v[k]), t.alpha_powers[k], split(v[k + 1]), t.alpha_powers[k + 1]);
        if (k < t.constraints) acc.mac(split(v[k]), t.alpha_powers[k]);
        VecE sum = acc.reduce();
        const Vec* s = slots + size_t{b} * t.slots;
        if (t.logup_columns != 0) load_block(row_at(t.logup, r0 + b * L), t.logup.stride, 6 * t.logup_columns, logup);
        for (unsigned j = 0; j < t.logup_columns; ++j) {
          VecE numerator, denominator;
          fraction(t, j, s, numerator, denominator);
          VecE h;
          for (unsigned i = 0; i < 6; ++i) h.c[i] = logup[6 * j + i];
          sum += (h * denominator - numerator) * VecE::broadcast(t.alpha_powers[t.constraints + j]);
        }
        total[b] += sum;
      }
    }
    for (unsigned b = 0; b < vecs; ++b) {
      const size_t r = r0 + b * L;
      store_extension(args.out + r, total[b] * Vec::broadcast(args.inverse_zerofier[r >> args.log_height]));
    }
  }
}

void logup_rows(const LogupArgs& args, size_t begin, size_t end, E* sum) {
  const KernelTable& t = *args.table;
  const size_t rows = end - begin < LOGUP_ROWS ? end - begin : LOGUP_ROWS;
  const unsigned vecs = static_cast<unsigned>(rows / L);
  const unsigned n = t.logup_columns;
  Vec* const columns = static_cast<Vec*>(args.scratch);
  VecE* const numerator = reinterpret_cast<VecE*>(columns + (t.columns.total > 6 * n ? t.columns.total : 6 * n));
  VecE* const denominator = numerator + size_t{n} * vecs;
  VecE* const prefix = denominator + size_t{n} * vecs;
  VecE total = VecE::zero();
  for (size_t r0 = begin; r0 < end; r0 += rows) {
    VecE product = VecE::broadcast(E{{F{static_cast<uint32_t>((uint64_t{1} << 32) % F::P)}, {}, {}, {}, {}, {}}});
    for (unsigned b = 0; b < vecs; ++b) {
      load_columns(t.columns, r0 + b * L, columns);
      for (unsigned j = 0; j < n; ++j) {
        const size_t at = size_t{b} * n + j;
        fraction(t, j, columns, numerator[at], denominator[at]);
        prefix[at] = product;
        product = product * denominator[at];
      }
    }
    VecE running = inverse(product);
    for (unsigned b = vecs; b-- > 0;) {
      Vec* const values = columns;  // the row's columns are no longer needed
      for (unsigned j = n; j-- > 0;) {
        const size_t at = size_t{b} * n + j;
        const VecE h = running * prefix[at] * numerator[at];
        running = running * denominator[at];
        total += h;
        for (unsigned i = 0; i < 6; ++i) values[6 * j + i] = h.c[i];
      }
      store_block(row_at(args.out, r0 + b * L), args.out.stride, 6 * n, values);
    }
  }
  for (unsigned i = 0; i < 6; ++i) {
    F lanes[L];
    total.c[i].store(lanes);
    for (unsigned k = 0; k < L; ++k) {
      const uint32_t s = sum->c[i].v + lanes[k].v;
      sum->c[i].v = s >= F::P ? s - F::P : s;
    }
  }
}

void invert_differences(const InverseArgs& args, size_t begin, size_t end) {
  constexpr unsigned CHUNK = 64;
  VecE prefix[CHUNK], value[CHUNK];
  const VecE z = VecE::broadcast(args.z);
  for (size_t r0 = begin; r0 < end; r0 += CHUNK * L) {
    const unsigned n = static_cast<unsigned>((end - r0 < CHUNK * L ? end - r0 : CHUNK * L) / L);
    VecE product = VecE::broadcast(E{{F{static_cast<uint32_t>((uint64_t{1} << 32) % F::P)}, {}, {}, {}, {}, {}}});
    for (unsigned k = 0; k < n; ++k) {
      value[k] = VecE::from_base(Vec::load(args.x + r0 + k * L)) - z;
      prefix[k] = product;
      product = product * value[k];
    }
    VecE running = inverse(product);
    for (unsigned k = n; k-- > 0;) {
      store_extension(args.out + r0 + k * L, running * prefix[k]);
      running = running * value[k];
    }
  }
}

void weighted_sums(const WeightedSumArgs& args, size_t begin, size_t end) {
  constexpr size_t ROWS = 256;
  for (size_t r0 = begin; r0 < end; r0 += ROWS) {
    const size_t r1 = end - r0 < ROWS ? end : r0 + ROWS;
    for (unsigned c = 0; c < args.width; c += L) {
      AccE acc = AccE::zero();
      for (size_t r = r0; r < r1; r += 2) {
        const Split a = split(Vec::load(row_at(args.rows, r) + c)), b = split(Vec::load(row_at(args.rows, r + 1) + c));
        acc.mac2(a, args.weights[r], b, args.weights[r + 1]);
      }
      const VecE v = acc.reduce();
      for (unsigned i = 0; i < 6; ++i) {
        F* s = args.sums + size_t{i} * args.plane + c;
        (Vec::load(s) + v.c[i]).store(s);
      }
    }
  }
}

void deep_rows(const DeepArgs& args, size_t begin, size_t end) {
  Vec* const columns = static_cast<Vec*>(args.scratch);
  for (size_t r = begin; r < end; r += L) {
    AccE at_z = AccE::zero(), at_zero = AccE::zero(), anchor[2] = {AccE::zero(), AccE::zero()};
    for (unsigned p = 0; p < args.part_count; ++p) {
      const DeepPart& part = args.parts[p];
      load_block(row_at(part.rows, r), part.rows.stride, part.width, columns);
      unsigned c = 0;
      for (; c + 2 <= part.width; c += 2)
        at_z.mac2(split(columns[c]), part.coefficients[c], split(columns[c + 1]), part.coefficients[c + 1]);
      if (c < part.width) at_z.mac(split(columns[c]), part.coefficients[c]);
      if (part.anchor != nullptr) {
        AccE& acc = anchor[part.anchor_point];
        for (c = 0; c + 2 <= part.width; c += 2)
          acc.mac2(split(columns[c]), part.anchor[c], split(columns[c + 1]), part.anchor[c + 1]);
        if (c < part.width) acc.mac(split(columns[c]), part.anchor[c]);
      }
      for (unsigned s = 0; s < args.sum_count; ++s) {
        const DeepSum& sum = args.sums[s];
        if (sum.part != p) continue;
        for (unsigned i = 0; i < 6; ++i) {
          Vec v = columns[sum.offset + i];
          for (unsigned j = 1; j < sum.columns; ++j) v = v + columns[sum.offset + 6 * j + i];
          at_zero.mac(split(v), sum.coefficient[i]);
        }
      }
    }
    VecE g = (at_z.reduce() - VecE::broadcast(args.constant_z)) * load_extension(args.inverse_z + r);
    const VecE bus_sum = at_zero.reduce();
    g += (bus_sum - VecE::broadcast(args.constant_zero)) * Vec::load(args.inverse_x + r) +
         bus_sum * VecE::broadcast(args.gamma);
    for (unsigned k = 0; k < 2; ++k)
      if (args.anchor_inverse[k] != nullptr)
        g += (anchor[k].reduce() - VecE::broadcast(args.constant_anchor[k])) *
             load_extension(args.anchor_inverse[k] + r);
    if (args.next_count != 0) {
      AccE next = AccE::zero();
      for (unsigned q = 0; q < args.next_count; ++q) {
        load_block(row_at(args.next[q].rows, r), args.next[q].rows.stride, args.next[q].width, columns);
        for (unsigned c = 0; c < args.next[q].width; ++c) next.mac(split(columns[c]), args.next[q].coefficients[c]);
      }
      g += (next.reduce() - VecE::broadcast(args.constant_next)) * load_extension(args.inverse_next + r);
    }
    store_extension(args.out + r, g);
  }
}

void fold_rows(const FoldArgs& args, size_t begin, size_t end) {
  const unsigned arity = 1u << args.log_arity;
  for (size_t r = begin; r < end; r += L) {
    Vec raw[6 * 8];
    load_block(args.in[r * arity].c, 6 * arity, 6 * arity, raw);
    VecE v[8];
    for (unsigned k = 0; k < arity; ++k)
      for (unsigned i = 0; i < 6; ++i) v[k].c[i] = raw[6 * k + i];
    unsigned level = 0;
    for (unsigned width = arity; width > 1; width >>= 1) {
      const unsigned pairs = width / 2;
      Vec inverse_points[4];
      load_block(args.half_inverse_points + r * pairs, pairs, pairs, inverse_points);
      const VecE challenge = VecE::broadcast(args.beta[level++]);
      for (unsigned k = 0; k < pairs; ++k) {
        // (u(y) + u(-y)) / 2 + beta (u(y) - u(-y)) / (2 y).
        const VecE s = v[2 * k] + v[2 * k + 1];
        const VecE d = (v[2 * k] - v[2 * k + 1]) * inverse_points[k];
        VecE h;
        for (unsigned i = 0; i < 6; ++i) h.c[i] = s.c[i] * Vec::broadcast(F{HALF});
        v[k] = h + d * challenge;
      }
    }
    if (args.inject != nullptr) v[0] += load_extension(args.inject + r) * VecE::broadcast(args.inject_coefficient);
    store_extension(args.out + r, v[0]);
  }
}

}  // namespace ZKVM_SIMD_NS
}  // namespace zkvm::stark
