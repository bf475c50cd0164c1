#include "isa/chips/addi/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_addi(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  const F* inverse = small_inverses();
  fill_rows<AddiColumns>(input, begin, end, out, counts, [&](Filler& f, const Event& e, AddiColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const uint32_t hi = e.result >> 16;
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .immediate = p.c0,
         .result = {f.range16(e.result & 0xffff), F::from(hi)},
         .in_range = -(inverse[65536 - hi] * inverse[hi + 1]),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
