#include "vm/exec/memory.hpp"

#include <algorithm>
#include <stdexcept>

namespace zkvm::vm {

namespace {
constexpr size_t PAGE_COUNT = (uint64_t{1} << 32) / PAGE_BYTES;
}

std::pair<uint32_t, uint32_t> end_words(const Program& program, std::span<const FinalCell> zero_cells) {
  uint32_t heap = program.zero_start / 4, stack = program.stack_start / 4;
  for (const FinalCell& cell : zero_cells) (cell.addr < program.stack_start ? heap : stack) = cell.addr / 4 + 1;
  return {heap, stack};
}

template <bool CLOCKED>
Memory<CLOCKED>::Memory(const Program& program, std::span<const uint8_t> input)
    : program_(&program),
      input_(input.begin(), input.end()),
      page_kinds_(PAGE_COUNT, NONE),
      touched_pages_(PAGE_COUNT, 0),
      words_(RAM_END / 4, INPUT_BEGIN / 4,
             INPUT_BEGIN / 4 + 1 + (std::min<size_t>(input.size(), MAX_INPUT_BYTES) + 3) / 4) {
  if (input.size() > MAX_INPUT_BYTES) throw std::length_error("input exceeds the input region");
  input_size_ = static_cast<uint32_t>(input.size());
  const auto& image = program.image;
  for (size_t i = 0; i < image.size();) {
    const uint32_t begin = image[i].addr;
    const bool read_only = image[i].read_only;
    uint32_t end = begin;
    for (; i < image.size() && image[i].addr == end && image[i].read_only == read_only; ++i, end += 4)
      word(end) = image[i].word;
    add_range(begin, end, !read_only);
  }
  add_range(program.zero_start, program.heap_end(), true);
  add_range(program.stack_start, RAM_END, true);
  const uint32_t input_words = 1 + (input_size_ + 3) / 4;
  add_range(INPUT_BEGIN, INPUT_BEGIN + 4 * input_words, false);
  for (uint32_t i = 0; i < input_words; ++i) word(INPUT_BEGIN + 4 * i) = input_word(INPUT_BEGIN + 4 * i);
  if constexpr (CLOCKED) cell(INPUT_BEGIN).clk = isa::INPUT_LENGTH_CLOCK;
  if constexpr (!CLOCKED) input_ = {};
}

template <bool CLOCKED>
uint32_t Memory<CLOCKED>::input_word(uint32_t addr) const {
  if (addr == INPUT_BEGIN) return input_size_;
  const size_t offset = addr - INPUT_BEGIN - 4;
  uint32_t value = 0;
  for (size_t i = 0; i < 4 && offset + i < input_.size(); ++i) value |= uint32_t{input_[offset + i]} << (8 * i);
  return value;
}

template <bool CLOCKED>
void Memory<CLOCKED>::add_range(uint32_t begin, uint32_t end, bool writable) {
  if (begin >= end) return;
  // Merge with the range before, so that a page covered by two adjoining ranges counts as full.
  if (!ranges_.empty() && ranges_.back().end == begin && ranges_.back().writable == writable) {
    begin = ranges_.back().begin;
    ranges_.pop_back();
  }
  ranges_.push_back({begin, end, writable});
  for (uint32_t page = begin / PAGE_BYTES; page <= (end - 1) / PAGE_BYTES; ++page) {
    const bool full = begin <= page * PAGE_BYTES && end - page * PAGE_BYTES >= PAGE_BYTES;
    page_kinds_[page] = full ? static_cast<uint8_t>(writable ? READABLE | WRITABLE : READABLE) : uint8_t{PARTIAL};
  }
}

template <bool CLOCKED>
auto Memory<CLOCKED>::find_range(uint32_t addr) const -> const Range* {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), addr,
                                      [](uint32_t a, const Range& range) { return a < range.begin; });
  return after != ranges_.begin() && addr < (after - 1)->end ? &*(after - 1) : nullptr;
}

template <bool CLOCKED>
bool Memory<CLOCKED>::writable_in_partial_page(uint32_t addr) const {
  const Range* range = find_range(addr);
  return range != nullptr && range->writable;
}

template <bool CLOCKED>
template <class Initial>
void Memory<CLOCKED>::append_touched(std::vector<FinalCell>& out, uint32_t begin, uint32_t end, Initial initial) const {
  for (uint32_t page = begin / PAGE_BYTES; page * PAGE_BYTES < end; ++page) {
    if (touched_pages_[page] == 0) continue;
    const uint32_t first = std::max(begin, page * PAGE_BYTES), last = std::min(end, (page + 1) * PAGE_BYTES);
    for (uint32_t addr = first; addr < last; addr += 4) {
      const Cell& cell = words_[addr / 4];
      if (cell.clk != 0) out.push_back({addr, initial(addr), cell.value, cell.clk});
    }
  }
}

template <bool CLOCKED>
std::vector<FinalCell> Memory<CLOCKED>::image_cells() const requires CLOCKED {
  std::vector<FinalCell> out;
  out.reserve(program_->image.size());
  for (const ImageWord& image : program_->image) {
    const Cell& cell = words_[image.addr / 4];
    out.push_back({image.addr, image.word, cell.value, cell.clk});
  }
  return out;
}

template <bool CLOCKED>
std::vector<FinalCell> Memory<CLOCKED>::zero_cells() const requires CLOCKED {
  const auto zero = [](uint32_t) { return 0u; };
  std::vector<FinalCell> out;
  append_touched(out, program_->zero_start, program_->heap_end(), zero);
  append_touched(out, program_->stack_start, RAM_END, zero);
  return out;
}

template <bool CLOCKED>
FinalCell Memory<CLOCKED>::input_length_cell() const requires CLOCKED {
  const Cell& cell = words_[INPUT_BEGIN / 4];
  return {INPUT_BEGIN, input_size_, cell.value, cell.clk};
}

template <bool CLOCKED>
std::vector<FinalCell> Memory<CLOCKED>::input_cells() const requires CLOCKED {
  std::vector<FinalCell> out;
  if (input_size_ == 0) return out;
  const uint32_t last = INPUT_BEGIN + (input_size_ + 3) / 4 * 4;
  append_touched(out, INPUT_BEGIN + 4, last, [this](uint32_t addr) { return input_word(addr); });
  const Cell& cell = words_[last / 4];
  out.push_back({last, input_word(last), cell.value, cell.clk});
  return out;
}

template class Memory<false>;
template class Memory<true>;

}  // namespace zkvm::vm
