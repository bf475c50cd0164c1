#include "isa/chips/beq/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_beq(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<BeqColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, BeqColumns<F>& c) {
    const bool equal = e.a == e.b, low = (e.a & 0xffff) != (e.b & 0xffff);
    const ProgramFields& p = f.entry(e, equal);
    // The inverse of the difference of two limbs.
    const auto invert = [](uint32_t x, uint32_t y) {
      return x >= y ? small_inverses()[x - y] : -small_inverses()[y - x];
    };
    c = {.is_equal = flag(equal),
         .low_differs = flag(low),
         .high_differs = flag(!equal && !low),
         .at = f.start(e, p),
         .next_pc = p.c0,
         .rs1 = f.rs1(e, p),
         .rs2 = f.rs2(e, p),
         .inverse = low ? invert(e.a & 0xffff, e.b & 0xffff) : invert(e.a >> 16, e.b >> 16)};
  });
}

}  // namespace zkvm::isa
