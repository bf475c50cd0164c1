#include "isa/chips/mul/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_mul(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<MulColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, MulColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto sum = product_columns(e.a, e.b);
    const auto carry0 = static_cast<uint32_t>(sum[0] >> 16), carry1 = static_cast<uint32_t>((sum[1] + carry0) >> 16);
    f.count_bits(10, carry0);
    f.count_bits(10, carry1);
    c = {.is_real = F::one(),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .rs2 = {p.rs2, f.prev(e.clk + 1, e.b_prev_clk)},
         .a = checked_bytes(f, e.a),
         .b = checked_bytes(f, e.b),
         .result = f.range_word(e.result),
         .carry0 = F::from(carry0),
         .carry1 = F::from(carry1),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
