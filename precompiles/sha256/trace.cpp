#include "precompiles/sha256/trace.hpp"

#include "precompiles/sha256/columns.hpp"

namespace zkvm::precompiles::sha256 {
namespace {

using isa::word;

/// The carry of base + offset out of the base's segment.
F carry(uint32_t base, uint32_t offset) { return isa::flag((base & 0xffff) + offset >= 0x10000); }

/// Words of a row, and limbs that grow past 16 bits.
struct RowWords {
  std::array<uint32_t, 4> a{}, e{}, w{};
  std::array<isa::Word<int64_t>, 4> first{}, second{}, third{};
};

isa::Word<int64_t> limbs(uint32_t x) { return {x & 0xffff, x >> 16}; }
isa::Word<int64_t> operator+(const isa::Word<int64_t>& x, const isa::Word<int64_t>& y) {
  return {x.lo + y.lo, x.hi + y.hi};
}
isa::Word<int64_t> operator-(const isa::Word<int64_t>& x, const isa::Word<int64_t>& y) {
  return {x.lo - y.lo, x.hi - y.hi};
}
isa::Word<F> columns(const isa::Word<int64_t>& x) { return {F::from_i64(x.lo), F::from_i64(x.hi)}; }

void fill_bits(uint32_t value, F (&bits)[32]) {
  for (unsigned i = 0; i < 32; ++i) bits[i] = isa::flag((value >> i & 1) != 0);
}

/// What makes terms = result mod 2^32 hold; air.hpp, assert_total and assert_carry.
template <unsigned BITS>
void fill_carry(const isa::Word<int64_t>& terms, uint32_t result, bool used, int64_t offset,
                CarryColumns<F, BITS>& columns) {
  const isa::Word<int64_t> out = limbs(result);
  if (!used) {
    static const F INVERSE = F::from(1u << 16).inverse();
    columns = {};
    columns.lo[0] = F::from_i64(terms.lo - out.lo) * INVERSE;
    columns.hi[0] = (F::from_i64(terms.hi - out.hi) + columns.lo[0]) * INVERSE;
    return;
  }
  const int64_t lo = (terms.lo - out.lo) / 65536, hi = (terms.hi + lo - out.hi) / 65536;
  for (unsigned i = 0; i < BITS; ++i) {
    columns.lo[i] = F::from_i64((lo + offset) >> i & 1);
    columns.hi[i] = F::from_i64((hi + offset) >> i & 1);
  }
}

/// Row `step` of a call; `before` has the words of the row before and is replaced by those of this row.
void fill_row(const Compression& x, uint32_t clk, unsigned step, RowWords& before, Sha256RoundsColumns<F>& c) {
  const RowWords p = before;
  RowWords r;
  const bool rounds = step >= 1 && step <= LAST_ROUNDS;
  for (size_t j = 0; j < 4; ++j) {
    if (step > LAST_ROUNDS) break;
    r.a[j] = x.a[4 * step + j];
    r.e[j] = x.e[4 * step + j];
    if (rounds) r.w[j] = x.w[4 * (step - 1) + j];
  }

  for (unsigned i = 0; i < SHA256_ROWS_PER_CALL; ++i) c.step[i] = isa::flag(i == step);
  c.clk = F::from(clk);
  // Oldest first, as in air.hpp.
  std::array<uint32_t, 8> a, e, w;
  for (size_t j = 0; j < 4; ++j) {
    a[j] = p.a[j], e[j] = p.e[j], w[j] = p.w[j];
    a[4 + j] = r.a[j], e[4 + j] = r.e[j], w[4 + j] = r.w[j];
  }
  for (size_t j = 0; j < 4; ++j) {
    fill_bits(r.a[j], c.a[j]);
    fill_bits(r.e[j], c.e[j]);
    fill_bits(r.w[j], c.w[j]);
    r.first[j] = limbs(w[j]) + limbs(SMALL_0(w[j + 1]));
    if (rounds) {
      r.second[j] = j < 3 ? p.first[j] + limbs(w[4 + j + 1]) : p.first[j];
      r.third[j] = j < 3 ? p.second[j] : p.second[j] + limbs(w[4]);
    }
    c.first[j] = columns(r.first[j]);
    c.second[j] = columns(r.second[j]);
    c.third[j] = columns(r.third[j]);
    fill_carry(p.third[j] + limbs(SMALL_1(w[j + 2])), r.w[j], rounds && step > LAST_BLOCK, 0, c.w_carry[j]);
    const uint32_t k = rounds ? K[ROUNDS_PER_ROW * (step - 1) + j] : 0;
    fill_carry(limbs(a[j]) + limbs(e[j]) + limbs(BIG_1(e[j + 3])) + limbs(choice(e[j + 3], e[j + 2], e[j + 1])) +
                   limbs(k) + limbs(r.w[j]),
               r.e[j], rounds, 0, c.e_carry[j]);
    fill_carry(limbs(r.e[j]) - limbs(a[j]) + limbs(BIG_0(a[j + 3])) + limbs(majority(a[j + 3], a[j + 2], a[j + 1])),
               r.a[j], rounds, 1, c.a_carry[j]);
  }
  before = r;
}

}  // namespace

void fill_sha256_call(const isa::ProgramTable& program, const Sha256Trace& trace, size_t begin, size_t end,
                      isa::RowWriter out, isa::LookupCounts& counts) {
  isa::Filler f(program, counts);
  for (size_t row = begin; row < end; ++row) {
    const Sha256Event& e = trace.events[row];
    auto& c = *reinterpret_cast<Sha256CallColumns<F>*>(out(row));
    c.is_real = F::one();
    c.call = fill_call(f, e.call);
    c.state_pointer = fill_pointer(f, e.call, 0);
    c.block_pointer = fill_pointer(f, e.call, 1);
    c.block_read_only = isa::flag(e.block_read_only);
    const State variables = last_variables(compress(e.state, e.block));
    for (uint32_t i = 0; i < STATE_WORDS; ++i)
      c.state[i] = {.prev = f.prev(e.call.clk + WRITE_CLOCK, e.state_prev[i]),
                    .carry = carry(e.call.a[0], 4 * i),
                    .before = word(e.state[i]),
                    .after = f.range_word(e.state[i] + variables[i]),
                    .variable = word(variables[i])};
    for (uint32_t i = 0; i < BLOCK_WORDS; ++i)
      c.block[i] = {.prev = f.prev(e.call.clk + READ_CLOCK, e.block_prev[i]),
                    .carry = carry(e.call.a[1], 4 * i),
                    .value = word(e.block[i])};
  }
}

void fill_sha256_rounds(const isa::ProgramTable&, const Sha256Trace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts&) {
  for (size_t row = begin; row < end;) {
    const size_t call = row / SHA256_ROWS_PER_CALL, first = call * SHA256_ROWS_PER_CALL;
    const Sha256Event& e = trace.events[call];
    const Compression x = compress(e.state, e.block);
    RowWords words;
    // Rows before `begin` are computed for those that follow, and dropped.
    Sha256RoundsColumns<F> dropped;
    for (unsigned step = 0; step < SHA256_ROWS_PER_CALL && first + step < end; ++step) {
      const size_t i = first + step;
      fill_row(x, e.call.clk, step, words, i < row ? dropped : *reinterpret_cast<Sha256RoundsColumns<F>*>(out(i)));
    }
    row = first + SHA256_ROWS_PER_CALL;
  }
}

}  // namespace zkvm::precompiles::sha256
