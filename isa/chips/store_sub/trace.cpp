#include "isa/chips/store_sub/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_store_sub(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<StoreSubColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, StoreSubColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const bool sb = p.op == F::from(row_code(RowOp::SB));
    const auto target = f.address(e.a, p);
    const bool bit0 = (target.address & 1) != 0, bit1 = (target.address & 2) != 0;
    const uint32_t half = bit1 ? e.mem_prev >> 16 : e.mem_prev & 0xffff;
    uint32_t value = e.b & 0xffff, above = 0, old_part = half, kept = 0;
    if (sb) {
      above = value >> 8;
      value &= 0xff;
      old_part = bit0 ? half >> 8 : half & 0xff;
      kept = bit0 ? half & 0xff : half >> 8;
      f.count_bytes(value, above);
      f.count_bytes(old_part, kept);
    }
    c = {.is_sb = flag(sb),
         .is_sh = flag(!sb),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .rs2 = {p.rs2, f.prev(e.clk + 1, e.b_prev_clk)},
         .value = F::from(value),
         .above = F::from(above),
         .rs2_high = F::from(e.b >> 16),
         .address = target.columns,
         .bit0 = flag(bit0),
         .bit1 = flag(bit1),
         .memory_prev = f.memory_prev(e),
         .old = word(e.mem_prev),
         .old_part = F::from(old_part),
         .kept = F::from(kept),
         .stored = word(e.result)};
  });
}

}  // namespace zkvm::isa
