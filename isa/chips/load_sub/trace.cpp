#include "isa/chips/load_sub/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_load_sub(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<LoadSubColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, LoadSubColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)); };
    const bool lb = is(RowOp::LB), lbu = is(RowOp::LBU), lh = is(RowOp::LH);
    const auto target = f.address(e.a, p);
    const bool bit0 = (target.address & 1) != 0, bit1 = (target.address & 2) != 0;
    const uint32_t half = bit1 ? e.mem_prev >> 16 : e.mem_prev & 0xffff;
    uint32_t part = half, rest = 0;
    if (lb || lbu) {
      part = bit0 ? half >> 8 : half & 0xff;
      rest = bit0 ? half & 0xff : half >> 8;
      f.count_bytes(part, rest);
    }
    if (lb) f.count_bits(7, part & 0x7f);
    if (lh) f.count_bits(15, part & 0x7fff);
    c = {.is_lb = flag(lb),
         .is_lbu = flag(lbu),
         .is_lh = flag(lh),
         .is_lhu = flag(!lb && !lbu && !lh),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .address = target.columns,
         .bit0 = flag(bit0),
         .bit1 = flag(bit1),
         .read_only = flag(e.b != 0),
         .memory_prev = f.memory_prev(e),
         .memory = word(e.mem_prev),
         .part = F::from(part),
         .rest = F::from(rest),
         .sign_byte = flag(lb && part >= 0x80),
         .sign_half = flag(lh && part >= 0x8000),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
