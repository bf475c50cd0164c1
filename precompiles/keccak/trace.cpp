#include "precompiles/keccak/trace.hpp"

#include "precompiles/keccak/columns.hpp"

namespace zkvm::precompiles::keccak {
namespace {

using isa::word;

uint32_t half_of(uint64_t lane, size_t half) { return static_cast<uint32_t>(lane >> (32 * half)); }

void fill_bits(uint32_t value, F (&bits)[32]) {
  for (unsigned i = 0; i < 32; ++i) bits[i] = isa::flag((value >> i & 1) != 0);
}

/// Row `step` of a call; `rounds`: the states before each round.
void fill_row(const std::array<State, ROUNDS>& rounds, uint32_t clk, size_t step, KeccakRoundsColumns<F>& c) {
  c = {};
  // Lanes of which this row has the low and the next row the high halves, whatever they are halves of.
  State window{};
  const size_t next = step + 1;
  if (next < KECCAK_ROUNDS_ROWS_PER_CALL) {
    const State after = theta(rounds[(next - 1) / 2]);
    for (size_t i = 0; i < LANES; ++i) window[i] = uint64_t{half_of(after[i], (next - 1) % 2)} << 32;
  }
  if (step != 0) {
    const size_t index = (step - 1) / 2, half = (step - 1) % 2;
    const State &in = rounds[index], bits = theta(in);
    (half == 0 ? c.low : c.high) = F::one();
    c.clk = F::from(clk);
    c.outer[index / c.INNER] = F::one();
    c.inner[index % c.INNER] = F::one();
    const std::array<uint64_t, 5> before = parities(in), after = parities(bits);
    for (size_t x = 0; x < 5; ++x) {
      fill_bits(half_of(before[x], half), c.before[x]);
      fill_bits(half_of(after[x], half), c.after[x]);
    }
    for (size_t i = 0; i < LANES; ++i) {
      fill_bits(half_of(bits[i], half), c.bits[i]);
      c.in[i] = word(half_of(in[i], half));
      window[i] |= half_of(bits[i], half);
    }
  }
  State result = rho_pi_chi(window);
  for (unsigned j = 0; j < IOTA_BITS; ++j) c.chi[j] = isa::flag((result[0] >> iota_position(j) & 1) != 0);
  if (step != 0) result[0] ^= ROUND_CONSTANT[(step - 1) / 2];
  for (size_t half = 0; half < 2; ++half)
    for (size_t i = 0; i < LANES; ++i) c.result[half][i] = word(half_of(result[i], half));
}

}  // namespace

void fill_keccak_call(const isa::ProgramTable& program, const KeccakTrace& trace, size_t begin, size_t end,
                      isa::RowWriter out, isa::LookupCounts& counts) {
  isa::Filler f(program, counts);
  for (size_t row = begin; row < end; ++row) {
    const CallEvent& e = trace.events[row].call;
    auto& c = *reinterpret_cast<KeccakCallColumns<F>*>(out(row));
    c.is_real = F::one();
    c.call = fill_call(f, e);
    c.pointer = fill_pointer(f, e, 0);
  }
}

void fill_keccak_memory(const isa::ProgramTable& program, const KeccakTrace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts& counts) {
  isa::Filler f(program, counts);
  State after{};
  for (size_t row = begin; row < end; ++row) {
    const KeccakEvent& e = trace.events[row / KECCAK_MEMORY_ROWS_PER_CALL];
    const auto index = static_cast<uint32_t>(row % KECCAK_MEMORY_ROWS_PER_CALL), plane = index / 2, half = index % 2;
    if (index == 0 || row == begin) after = permute(e.state);
    const uint32_t state = e.call.a[0];
    auto& c = *reinterpret_cast<KeccakMemoryColumns<F>*>(out(row));
    c.is_real = F::one();
    c.words = {.clk = F::from(e.call.clk),
               .half = F::from(half),
               .plane = F::from(plane),
               .address = F::from(state + 40 * plane + 4 * half),
               .segment = F::from(state >> 16)};
    for (uint32_t x = 0; x < 5; ++x) {
      const uint32_t i = lane(x, plane), offset = 8 * i + 4 * half;
      c.lanes[x] = {.prev = f.prev(e.call.clk + WRITE_CLOCK, e.prev[2 * i + half]),
                    .carry = isa::flag((state & 0xffff) + offset >= 0x10000),
                    .before = word(half_of(e.state[i], half)),
                    .after = word(half_of(after[i], half))};
    }
  }
}

void fill_keccak_rounds(const isa::ProgramTable&, const KeccakTrace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts&) {
  std::array<State, ROUNDS> rounds{};
  for (size_t row = begin; row < end; ++row) {
    const KeccakEvent& e = trace.events[row / KECCAK_ROUNDS_ROWS_PER_CALL];
    const size_t step = row % KECCAK_ROUNDS_ROWS_PER_CALL;
    if (step == 0 || row == begin) {
      rounds[0] = e.state;
      for (unsigned i = 1; i < ROUNDS; ++i) rounds[i] = round(rounds[i - 1], i - 1);
    }
    fill_row(rounds, e.call.clk, step, *reinterpret_cast<KeccakRoundsColumns<F>*>(out(row)));
  }
}

}  // namespace zkvm::precompiles::keccak
