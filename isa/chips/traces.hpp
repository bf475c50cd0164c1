#pragma once
/// \file
/// Trace generation of every chip: the prover's side. One fill function per chip (see FillFunction), found by chip
/// index.

#include "isa/chips/chip.hpp"
#include "isa/chips/trace.hpp"

namespace zkvm::isa {

/// A word of the image. Registers, the journal cell and the word of the input's length, all of which start at 0, come
/// before the image in its table.
struct ImageCell {
  uint32_t addr, value;
  bool read_only;
};
inline constexpr size_t JOURNAL_CELL = REGISTER_COUNT, INPUT_LENGTH_CELL = JOURNAL_CELL + 1;
inline constexpr size_t IMAGE_FIRST_ROW = INPUT_LENGTH_CELL + 1;

/// Fills `chip`'s main columns; chip < ChipId::COUNT.
FillFunction fill_function(size_t chip);

// One row of the preprocessed columns; `row` below the table's height. Rows past the contents are padding entries.
void fill_program_preprocessed(const ProgramTable& table, size_t row, stark::F* out);
void fill_lookup_preprocessed(size_t row, stark::F* out);
void fill_image_preprocessed(std::span<const ImageCell> image, size_t row, stark::F* out);

#define ZKVM_DECLARE_FILL(ID, name, PRE, MAIN, PRESENCE, SET, WEIGHT) \
  void fill_##name(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts);
ZKVM_CHIPS(ZKVM_DECLARE_FILL)
#undef ZKVM_DECLARE_FILL

}  // namespace zkvm::isa
