#include "isa/chips/memory_boundary/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {
namespace {

/// `before`: number of the word before, the region's first - 1 for the first row.
RegionColumns<F> region_row(Filler& f, uint32_t w, uint32_t before, const BoundaryCell& cell) {
  const uint32_t gap = w - before - 1;
  f.count_bits(14, w & 0x3fff);
  f.count_bits(13, w >> 14);
  f.count_bits(11, gap >> 16);
  return {.is_real = F::one(),
          .low = F::from(w & 0x3fff),
          .high = F::from(w >> 14),
          .gap = {f.range16(gap & 0xffff), F::from(gap >> 16)},
          .final_value = word(cell.value),
          .final_clk = F::from(cell.clk)};
}

}  // namespace

void fill_zero_memory(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  Filler f(input, counts);
  for (size_t i = begin; i < end; ++i) {
    const uint32_t before = i == 0 ? input.first_word - 1 : input.cells[i - 1].addr / 4;
    *reinterpret_cast<ZeroMemoryColumns<F>*>(out(i)) = region_row(f, input.cells[i].addr / 4, before, input.cells[i]);
  }
}

void fill_input_memory(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  constexpr uint32_t BASE = 0x4000'0000 / 4;
  Filler f(input, counts);
  for (size_t i = begin; i < end; ++i) {
    const BoundaryCell& cell = input.cells[i];
    const uint32_t before = i == 0 ? ~0u : input.cells[i - 1].addr / 4 - BASE;
    *reinterpret_cast<InputMemoryColumns<F>*>(out(i)) = {.region = region_row(f, cell.addr / 4 - BASE, before, cell),
                                                         .initial = f.range_word(cell.initial)};
  }
}

}  // namespace zkvm::isa
