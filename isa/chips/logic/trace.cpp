#include "isa/chips/logic/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_logic(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<LogicColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, LogicColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto x = split(e.a), y = split(e.b);
    for (size_t i = 0; i < 4; ++i) f.count_and(x[i], y[i]);
    const auto is = [&](RowOp op) { return flag(p.op == F::from(row_code(op))); };
    c = {.is_and = is(RowOp::AND),
         .is_or = is(RowOp::OR),
         .is_xor = is(RowOp::XOR),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .rs2 = {p.rs2, f.prev(e.clk + 1, e.b_prev_clk)},
         .a = bytes(e.a),
         .b = bytes(e.b),
         .common = bytes(e.a & e.b),
         .result = word(e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
