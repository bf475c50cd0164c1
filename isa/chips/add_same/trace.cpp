#include "isa/chips/add_same/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_add_same(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<AddSameColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, AddSameColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const bool add = p.op == F::from(row_code(RowOp::ADD_SAME));
    c = {.is_add = flag(add),
         .is_sub = flag(!add),
         .at = f.start(e, p),
         .rs2 = f.rs2(e, p),
         .result = f.range_word(e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
