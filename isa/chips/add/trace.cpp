#include "isa/chips/add/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_add(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<AddColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, AddColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const bool add = p.op == F::from(row_code(RowOp::ADD));
    c = {.is_add = flag(add),
         .is_sub = flag(!add),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .rs2 = f.rs2(e, p),
         .result = f.range_word(e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
