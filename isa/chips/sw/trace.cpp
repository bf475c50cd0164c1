#include "isa/chips/sw/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_sw(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<SwColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, SwColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .rs2 = f.rs2(e, p),
         .address = f.address(e.a, p).columns,
         .memory_prev = f.memory_prev(e),
         .old = word(e.mem_prev)};
  });
}

}  // namespace zkvm::isa
