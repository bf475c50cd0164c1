#include "isa/chips/jalr/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_jalr(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<JalrColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, JalrColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    f.count_bits(14, e.a >> 16);
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .immediate = p.c0,
         .bit0 = flag((f.address(e.a, p).address & 1) != 0),
         .link_high = p.c1,
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
