#include "isa/chips/beqz/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_beqz(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  const F* inverse = small_inverses();
  fill_rows<BeqzColumns>(input, begin, end, out, counts, [&](Filler& f, const Event& e, BeqzColumns<F>& c) {
    const bool zero = e.a == 0;
    const ProgramFields& p = f.entry(e, zero);
    c = {.is_zero = flag(zero),
         .is_nonzero = flag(!zero),
         .at = f.start(e, p),
         .next_pc = p.c0,
         .rs1 = f.rs1(e, p),
         .inverse = inverse[(e.a & 0xffff) + (e.a >> 16)]};
  });
}

}  // namespace zkvm::isa
