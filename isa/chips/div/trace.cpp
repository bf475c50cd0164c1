#include "isa/chips/div/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_div(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts) {
  fill_rows<DivColumns>(input, begin, end, out, counts, [](Filler& f, const Event& e, DivColumns<F>& c) {
    const ProgramFields& p = f.entry(e);
    const auto is = [&](RowOp op) { return p.op == F::from(row_code(op)); };
    const bool div = is(RowOp::DIV), divu = is(RowOp::DIVU), rem = is(RowOp::REM);
    const bool is_signed = div || rem, is_quotient = div || divu;
    const bool sign_a = is_signed && (e.a >> 31) != 0, sign_b = is_signed && (e.b >> 31) != 0;
    const uint32_t dividend = sign_a ? 0 - e.a : e.a, divisor = sign_b ? 0 - e.b : e.b;
    const bool by_zero = e.b == 0;
    const uint32_t quotient = by_zero ? ~0u : dividend / divisor, remainder = by_zero ? dividend : dividend % divisor;
    const auto carry = static_cast<uint32_t>((product_columns(quotient, divisor)[0] + (remainder & 0xffff)) >> 16);
    const bool borrow = !by_zero && (divisor & 0xffff) <= (remainder & 0xffff);
    const bool differ = sign_a != sign_b;
    const bool negate = (div && differ && !by_zero) || (rem && sign_a);
    const uint32_t magnitude = is_quotient ? quotient : remainder;
    const F sign_a_column = fill_sign(f, e.a, is_signed), sign_b_column = fill_sign(f, e.b, is_signed);
    f.count_bits(10, carry);
    if (!by_zero) {
      f.range16((divisor - remainder - 1) & 0xffff);
      f.range16((divisor - remainder - 1) >> 16);
    }
    c = {.is_div = flag(div),
         .is_divu = flag(divu),
         .is_rem = flag(rem),
         .is_remu = flag(!div && !divu && !rem),
         .at = f.start(e, p),
         .rs1 = f.rs1(e, p),
         .rs2 = f.rs2(e, p),
         .sign_a = sign_a_column,
         .sign_b = sign_b_column,
         .dividend_lo = f.range16(dividend & 0xffff),
         .divisor = checked_bytes(f, divisor),
         .by_zero = flag(by_zero),
         .quotient = checked_bytes(f, quotient),
         .remainder = f.range_word(remainder),
         .carry = F::from(carry),
         .borrow = flag(borrow),
         .signs_differ = flag(differ),
         .negate = flag(negate),
         .negate_carry = flag(negate && (magnitude & 0xffff) != 0),
         .negate_carry_out = flag(negate && magnitude != 0),
         .result = f.range_word(e.result),
         .rd = f.rd(e, p)};
  });
}

}  // namespace zkvm::isa
