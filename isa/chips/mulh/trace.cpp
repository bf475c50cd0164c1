#include "isa/chips/mulh/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_mulh(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<MulhColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, MulhColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)); };
    const bool mulh = is(RowOp::MULH), mulhu = is(RowOp::MULHU);
    const auto sum = product_columns(e.a, e.b);
    const F sign_a = fill_sign(f, e.a, !mulhu), sign_b = fill_sign(f, e.b, mulh);
    const int64_t a = sign_a.is_zero() ? 0 : 1, b = sign_b.is_zero() ? 0 : 1;
    const int64_t limb1 = sum[1] + (sum[0] >> 16);
    const int64_t limb2 = sum[2] + (limb1 >> 16) - a * (e.b & 0xffff) - b * (e.a & 0xffff);
    const int64_t limb3 = sum[3] + (limb2 >> 16) - a * (e.b >> 16) - b * (e.a >> 16);
    f.count_bits(10, static_cast<uint32_t>(sum[0] >> 16));
    f.count_bits(10, static_cast<uint32_t>(limb1 >> 16));
    f.count_bits(10, static_cast<uint32_t>((limb2 >> 16) + 2));
    c = {.is_mulh = flag(mulh),
         .is_mulhu = flag(mulhu),
         .is_mulhsu = flag(!mulh && !mulhu),
         .at = f.start(e, p),
         .rs1 = {p.rs1, f.prev(e.clk, e.a_prev_clk)},
         .rs2 = {p.rs2, f.prev(e.clk + 1, e.b_prev_clk)},
         .a = checked_bytes(f, e.a),
         .b = checked_bytes(f, e.b),
         .sign_a = sign_a,
         .sign_b = sign_b,
         .low = f.range_word(e.a * e.b),
         .result = f.range_word(e.result),
         .carry0 = F::from_i64(sum[0] >> 16),
         .carry1 = F::from_i64(limb1 >> 16),
         .carry2 = F::from_i64(limb2 >> 16),
         .carry3 = F::from_i64(limb3 >> 16),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
