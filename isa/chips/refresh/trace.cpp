#include "isa/chips/refresh/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {
namespace {

struct CellName {
  F segment, offset;
};
CellName cell_name(uint32_t space, uint32_t addr) {
  switch (space) {
    case SPACE_REGISTER:
      return {F::from(REGISTER_SEGMENT), F::from(addr)};
    case SPACE_JOURNAL:
      return {F::from(JOURNAL_SEGMENT), F::from(addr)};
    case SPACE_READ_ONLY:
      return {F::from(READ_ONLY_SPACE + (addr >> 16)), F::from(addr & 0xffff)};
    default:
      return {F::from(addr >> 16), F::from(addr & 0xffff)};
  }
}

}  // namespace

void fill_refresh(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  Filler f(input, counts);
  for (size_t i = begin; i < end; ++i) {
    const RefreshEvent& e = input.refreshes[i];
    const CellName name = cell_name(e.space, e.addr);
    const uint32_t gap = e.new_clk - e.old_clk - 1;
    f.count_bits(13, e.new_clk >> 16);
    f.count_bits(13, gap >> 16);
    *reinterpret_cast<RefreshColumns<F>*>(out(i)) = {
        .is_real = F::one(),
        .segment = name.segment,
        .offset = name.offset,
        // The journal index is one number, not limbs.
        .value = e.space == SPACE_JOURNAL ? Word<F>{F::from(e.value), F::zero()} : word(e.value),
        .old_clk = F::from(e.old_clk),
        .new_clk = {f.range16(e.new_clk & 0xffff), F::from(e.new_clk >> 16)},
        .gap_lo = f.range16(gap & 0xffff)};
  }
}

}  // namespace zkvm::isa
