#include "isa/chips/slt/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_slt(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<SltColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, SltColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)); };
    const bool slt = is(RowOp::SLT), sltu = is(RowOp::SLTU), slti = is(RowOp::SLTI);
    c = {.is_slt = flag(slt),
         .is_sltu = flag(sltu),
         .is_slti = flag(slti),
         .is_sltiu = flag(!slt && !sltu && !slti),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .rs2 = slt || sltu ? f.rs2(e, p) : RegisterRead<F>{F::zero(), F::zero(), word(e.b)},
         .compare = fill_less_than(f, slt || slti, e.a, e.b),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
