#include "isa/chips/addi_same/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_addi_same(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<AddiSameColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, AddiSameColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rd = f.rd(e, p),
         .immediate = p.c0,
         .result = f.range_word(e.result)};
  });
}

}  // namespace zkvm::isa
