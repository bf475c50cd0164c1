#include "isa/chips/lw/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_lw(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<LwColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, LwColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .address = f.address(e.a, p).columns,
         .read_only = flag(e.b != 0),
         .memory_prev = f.memory_prev(e),
         .value = word(e.mem_prev),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
