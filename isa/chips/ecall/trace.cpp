#include "isa/chips/ecall/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_ecall(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<EcallColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, EcallColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const bool write = e.a == 1;
    c = {.is_halt = flag(e.a == 0),
         .is_write = flag(write),
         .is_stdout = flag(e.a == 2),
         .is_stderr = flag(e.a == 3),
         .at = f.start(e, p),
         .a7_prev = f.prev(e.clk, e.a_prev_clk),
         .a0_prev = f.prev(e.clk + 1, e.b_prev_clk),
         .a0 = word(e.b),
         .a1_prev = f.prev(e.clk + 2, e.mem_prev_clk),
         .a1 = word(e.mem_prev),
         .index = write ? F::from(e.rd_prev) : F::zero(),
         .index_prev = write ? f.prev(e.clk + 3, e.rd_prev_clk) : F::zero()};
  });
}

}  // namespace zkvm::isa
