#include "isa/chips/gadgets.hpp"
#include "isa/chips/image/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_image(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts&) {
  for (size_t i = begin; i < end; ++i) {
    const BoundaryCell& cell = input.cells[i];
    // The journal index is one number, not limbs.
    const Word<F> value = i == JOURNAL_CELL ? Word<F>{F::from(cell.value), F::zero()} : word(cell.value);
    *reinterpret_cast<ImageColumns<F>*>(out(i)) = {
        .final_lo = value.lo, .final_hi = value.hi, .final_clk = F::from(cell.clk)};
  }
}

void fill_image_preprocessed(std::span<const ImageCell> image, size_t row, F* out) {
  auto& c = *reinterpret_cast<ImageFixed<F>*>(out);
  if (row < REGISTER_COUNT) {
    c = {.segment = F::from(REGISTER_SEGMENT),
         .offset = F::from(static_cast<uint32_t>(row)),
         .lo = F::zero(),
         .hi = F::zero()};
  } else if (row == JOURNAL_CELL) {
    c = {.segment = F::from(JOURNAL_SEGMENT), .offset = F::zero(), .lo = F::zero(), .hi = F::zero()};
  } else if (row == INPUT_LENGTH_CELL) {
    c = {.segment = F::from(INPUT_LENGTH_SEGMENT), .offset = F::zero(), .lo = F::zero(), .hi = F::zero()};
  } else if (row - IMAGE_FIRST_ROW < image.size()) {
    const ImageCell& cell = image[row - IMAGE_FIRST_ROW];
    const uint32_t segment = (cell.addr >> 16) + (cell.read_only ? READ_ONLY_SPACE : 0);
    const Word<F> value = word(cell.value);
    c = {.segment = F::from(segment), .offset = F::from(cell.addr & 0xffff), .lo = value.lo, .hi = value.hi};
  } else {
    c = {.segment = F::from(PADDING_SEGMENT),
         .offset = F::from(static_cast<uint32_t>(row)),
         .lo = F::zero(),
         .hi = F::zero()};
  }
}

}  // namespace zkvm::isa
