#include "isa/chips/shift_i/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_shift_i(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<ShiftIColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, ShiftIColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)) || p.op == F::from(row_code(op) + VARIANT); };
    const Shift kind = is(RowOp::SLLI) ? Shift::LEFT : is(RowOp::SRLI) ? Shift::RIGHT : Shift::RIGHT_ARITHMETIC;
    c = {.op = shift_flags(kind, e.b),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .shift = fill_shift(f, kind, e.a, e.b, e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
