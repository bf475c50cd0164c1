#include "isa/chips/li/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_li(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<LiColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, LiColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    c = {.is_real = F::one(), .at = f.start(e, p), .next_pc = p.c2, .constant = {p.c0, p.c1}, .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
