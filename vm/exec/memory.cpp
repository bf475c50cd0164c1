#include "vm/exec/memory.hpp"

#include <algorithm>
#include <stdexcept>

namespace zkvm::vm {

namespace {
constexpr size_t PAGE_COUNT = (uint64_t{1} << 32) / PAGE_BYTES;
}

template <bool CLOCKED>
Memory<CLOCKED>::Memory(const Program& program, std::span<const uint8_t> input)
    : program_(&program),
      input_(input.begin(), input.end()),
      page_kinds_(PAGE_COUNT, INVALID),
      touched_pages_(PAGE_COUNT, 0),
      words_(INPUT_END / 4) {
  if (input.size() > MAX_INPUT_BYTES) throw std::length_error("input exceeds the input region");
  input_size_ = static_cast<uint32_t>(input.size());
  const auto& image = program.image;
  for (size_t i = 0; i < image.size();) {
    const uint32_t begin = image[i].addr;
    uint32_t end = begin;
    for (; i < image.size() && image[i].addr == end; ++i, end += 4) word(end) = image[i].word;
    add_range(begin, end);
  }
  add_range(program.zero_start, RAM_END);
  add_range(INPUT_BEGIN, INPUT_END);

  const uint32_t input_words = 1 + (input_size_ + 3) / 4;
  for (uint32_t i = 0; i < input_words; ++i) word(INPUT_BEGIN + 4 * i) = input_word(INPUT_BEGIN + 4 * i);
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
void Memory<CLOCKED>::add_range(uint32_t begin, uint32_t end) {
  if (begin >= end) return;
  // Merge with the range before, so that a page covered by two adjoining ranges counts as full.
  if (!ranges_.empty() && ranges_.back().second == begin) {
    begin = ranges_.back().first;
    ranges_.pop_back();
  }
  ranges_.emplace_back(begin, end);
  for (uint32_t page = begin / PAGE_BYTES; page <= (end - 1) / PAGE_BYTES; ++page) {
    const bool full = begin <= page * PAGE_BYTES && end >= (page + 1) * PAGE_BYTES;
    page_kinds_[page] = full ? FULL : PARTIAL;
  }
}

template <bool CLOCKED>
bool Memory<CLOCKED>::valid_in_partial_page(uint32_t addr) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [addr](const auto& range) { return addr >= range.first && addr < range.second; });
}

template <bool CLOCKED>
template <class Initial>
std::vector<FinalCell> Memory<CLOCKED>::touched_cells(uint32_t begin, uint32_t end, Initial initial) const {
  std::vector<FinalCell> out;
  for (uint32_t page = begin / PAGE_BYTES; page < end / PAGE_BYTES; ++page) {
    if (touched_pages_[page] == 0) continue;
    for (uint32_t addr = page * PAGE_BYTES; addr < (page + 1) * PAGE_BYTES; addr += 4) {
      const Cell& cell = words_[addr / 4];
      if (cell.clk != 0) out.push_back({addr, initial(addr), cell.value, cell.clk});
    }
  }
  return out;
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
  return touched_cells(program_->zero_start, RAM_END, [](uint32_t) { return 0u; });
}

template <bool CLOCKED>
std::vector<FinalCell> Memory<CLOCKED>::input_cells() const requires CLOCKED {
  return touched_cells(INPUT_BEGIN, INPUT_END, [this](uint32_t addr) { return input_word(addr); });
}

template class Memory<false>;
template class Memory<true>;

}  // namespace zkvm::vm
