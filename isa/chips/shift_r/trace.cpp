#include "isa/chips/shift_r/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_shift_r(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<ShiftRColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, ShiftRColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)); };
    const Shift kind = is(RowOp::SLL) ? Shift::LEFT : is(RowOp::SRL) ? Shift::RIGHT : Shift::RIGHT_ARITHMETIC;
    const uint32_t y = e.b & 0xffff;
    f.count_bits(11, y >> 5);
    c = {.op = shift_flags(kind, e.b),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .rs2 = {p.rs2, f.prev(e.clk + 1, e.b_prev_clk)},
         .bit0 = flag((y & 1) != 0),
         .bit1 = flag((y & 2) != 0),
         .bit2 = flag((y & 4) != 0),
         .bit3 = flag((y & 8) != 0),
         .rest = F::from(y >> 5),
         .rs2_high = F::from(e.b >> 16),
         .power01 = F::from(1u << (y & 3)),
         .shift = fill_shift(f, kind, e.a, e.b & 31, e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
