#include "isa/chips/blt/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_blt(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<BltColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, BltColumns<F>& c) {
    // The first entry of the pc tells signed from unsigned; the look-up is that of the outcome.
    const bool is_signed = f.peek(e).op == F::from(row_code(RowOp::BLT));
    const bool less = is_signed ? static_cast<int32_t>(e.a) < static_cast<int32_t>(e.b) : e.a < e.b;
    const ProgramFields& p = f.entry(e, less);
    c = {.is_signed = flag(is_signed),
         .is_unsigned = flag(!is_signed),
         .at = f.start(e, p),
         .next_pc = p.c0,
         .rs1 = f.rs1(e, p),
         .rs2 = f.rs2(e, p),
         .compare = fill_less_than(f, is_signed, e.a, e.b)};
  });
}

}  // namespace zkvm::isa
