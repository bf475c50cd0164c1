#include "isa/chips/memory_boundary/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {
namespace {

/// `before`: number of the word before, that before the region's first one for the first row.
RegionColumns<F> region_row(Filler& f, uint32_t w, uint32_t before, const BoundaryCell& cell) {
  const uint32_t gap = w - before - 1;
  f.count_bits(14, w & 0x3fff);
  f.count_bits(13, w >> 14);
  f.count_bits(11, gap >> 16);
  return {.is_real = F::one(),
          .low = F::from(w & 0x3fff),
          .high = F::from(w >> 14),
          .gap = {f.range16(gap & 0xffff), F::from(gap >> 16)},
          .final_clk = F::from(cell.clk)};
}

}  // namespace

void fill_zero_memory(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  Filler f(input, counts);
  for (size_t i = begin; i < end; ++i) {
    const uint32_t w = input.cells[i].addr / 4;
    uint32_t before = i == 0 ? input.first_word - 1 : input.cells[i - 1].addr / 4;
    // The stack has a chain of its own.
    if (w >= input.stack_word && (i == 0 || before < input.stack_word)) before = input.stack_word - 1;
    *reinterpret_cast<ZeroMemoryColumns<F>*>(out(i)) = {.region = region_row(f, w, before, input.cells[i]),
                                                        .final_value = word(input.cells[i].value)};
  }
}

void fill_input_memory(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  constexpr uint32_t BASE = 0x4000'0000 / 4;
  Filler f(input, counts);
  for (size_t i = begin; i < end; ++i) {
    const BoundaryCell& cell = input.cells[i];
    const uint32_t before = i == 0 ? 0 : input.cells[i - 1].addr / 4 - BASE;
    const TailBits bits = i + 1 == input.cells.size() ? tail_bits(input.input_bytes) : TailBits{16, 16};
    f.count_bits(bits.low, cell.initial & 0xffff);
    f.count_bits(bits.high, cell.initial >> 16);
    *reinterpret_cast<InputMemoryColumns<F>*>(out(i)) = {.region = region_row(f, cell.addr / 4 - BASE, before, cell),
                                                         .initial = word(cell.initial),
                                                         .low_bits = F::from(bits.low),
                                                         .high_bits = F::from(bits.high)};
  }
}

}  // namespace zkvm::isa
