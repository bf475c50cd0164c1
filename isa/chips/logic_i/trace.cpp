#include "isa/chips/logic_i/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_logic_i(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<LogicIColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, LogicIColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto x = split(e.a), y = split(e.b);
    f.count_and(x[0], y[0]);
    f.count_and(x[1], y[1]);
    const auto is = [&](RowOp op) { return flag(p.op == F::from(row_code(op))); };
    c = {.is_and = is(RowOp::ANDI),
         .is_or = is(RowOp::ORI),
         .is_xor = is(RowOp::XORI),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .a0 = F::from(x[0]),
         .a1 = F::from(x[1]),
         .a_high = F::from(e.a >> 16),
         .i0 = F::from(y[0]),
         .i1 = F::from(y[1]),
         .sign = p.c1,
         .common0 = F::from(x[0] & y[0]),
         .common1 = F::from(x[1] & y[1]),
         .result = word(e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
