#include "vm/elf/load.hpp"

#include <elf.h>
#include <libelf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "vm/elf/section.hpp"
#include "vm/elf/symbols.hpp"

namespace zkvm::vm {
namespace {

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
ElfError
fail(ElfErrorKind kind, const char* format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return {kind, text};
}

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

const char* type_name(unsigned type) {
  switch (type) {
    case ET_REL:
      return "ET_REL, an object file";
    case ET_DYN:
      return "ET_DYN, a shared object or position-independent executable";
    case ET_CORE:
      return "ET_CORE, a core dump";
    default:
      return "an unknown type";
  }
}

// Everything that identifies the file's kind, read by hand so that libelf only sees files of the right shape.
std::optional<ElfError> check_identification(std::span<const uint8_t> bytes) {
  if (bytes.size() < SELFMAG || !std::equal(ELFMAG, ELFMAG + SELFMAG, bytes.begin())) {
    return fail(ElfErrorKind::NOT_ELF, "not an ELF file: expected the magic 7f 45 4c 46, found %s",
                bytes.size() < SELFMAG ? "a file too short to hold it" : "other bytes");
  }
  if (bytes.size() < EI_NIDENT) {
    return fail(ElfErrorKind::TRUNCATED, "truncated ELF file: expected a header of %zu bytes, found %zu",
                sizeof(Elf32_Ehdr), bytes.size());
  }
  if (bytes[EI_CLASS] != ELFCLASS32) {
    return fail(ElfErrorKind::WRONG_CLASS, "expected a 32-bit ELF file (RV32IM), found %s",
                bytes[EI_CLASS] == ELFCLASS64 ? "a 64-bit one" : "an invalid class");
  }
  if (bytes[EI_DATA] != ELFDATA2LSB) {
    return fail(ElfErrorKind::WRONG_ENDIANNESS, "expected a little-endian ELF file, found %s",
                bytes[EI_DATA] == ELFDATA2MSB ? "a big-endian one" : "an invalid byte order");
  }
  if (bytes.size() < sizeof(Elf32_Ehdr)) {
    return fail(ElfErrorKind::TRUNCATED, "truncated ELF file: expected a header of %zu bytes, found %zu",
                sizeof(Elf32_Ehdr), bytes.size());
  }
  return std::nullopt;
}

std::optional<ElfError> check_header(const Elf32_Ehdr& header, size_t file_size) {
  if (header.e_machine != EM_RISCV) {
    return fail(ElfErrorKind::WRONG_MACHINE, "expected an ELF file for RISC-V (machine %d), found machine %u", EM_RISCV,
                unsigned{header.e_machine});
  }
  if (header.e_type != ET_EXEC) {
    return fail(ElfErrorKind::WRONG_TYPE, "expected a static executable (ET_EXEC), found %s", type_name(header.e_type));
  }
  if ((header.e_flags & EF_RISCV_FLOAT_ABI) != EF_RISCV_FLOAT_ABI_SOFT) {
    return fail(ElfErrorKind::WRONG_ABI, "expected the soft-float ABI (-mabi=ilp32), found a hard-float one");
  }
  if (header.e_version != EV_CURRENT) {
    return fail(ElfErrorKind::MALFORMED, "malformed ELF header: expected version %d, found %u", EV_CURRENT,
                header.e_version);
  }
  if (header.e_phnum == 0)
    return fail(ElfErrorKind::NO_SEGMENTS, "expected loadable segments, found no program headers");
  if (header.e_phnum == PN_XNUM || header.e_phentsize != sizeof(Elf32_Phdr)) {
    return fail(ElfErrorKind::MALFORMED,
                "malformed ELF header: expected program headers of %zu bytes, fewer than %d, found %u of %u bytes",
                sizeof(Elf32_Phdr), PN_XNUM, unsigned{header.e_phnum}, unsigned{header.e_phentsize});
  }
  const uint64_t table_end = uint64_t{header.e_phoff} + uint64_t{header.e_phnum} * sizeof(Elf32_Phdr);
  if (table_end > file_size) {
    return fail(ElfErrorKind::TRUNCATED,
                "truncated ELF file: expected program headers up to byte %llu, found a file of %zu bytes",
                static_cast<unsigned long long>(table_end), file_size);
  }
  return std::nullopt;
}

bool in_rom(const Elf32_Phdr& header) {
  return header.p_vaddr >= ZKVM_NN_ROM_BEGIN && header.p_vaddr < ZKVM_NN_ROM_END;
}

std::optional<ElfError> check_segment(const Elf32_Phdr& header, size_t file_size) {
  const uint64_t file_end = uint64_t{header.p_offset} + header.p_filesz;
  const uint64_t memory_end = uint64_t{header.p_vaddr} + header.p_memsz;
  if (header.p_filesz > header.p_memsz) {
    return fail(ElfErrorKind::MALFORMED,
                "malformed segment at 0x%08x: expected at most its memory size of %u bytes in the file, found %u",
                header.p_vaddr, header.p_memsz, header.p_filesz);
  }
  if (header.p_filesz != 0 && file_end > file_size) {
    return fail(ElfErrorKind::TRUNCATED,
                "truncated ELF file: expected the segment at 0x%08x to end by byte %llu, found a file of %zu bytes",
                header.p_vaddr, static_cast<unsigned long long>(file_end), file_size);
  }
  if (in_rom(header)) {
    if (memory_end > ZKVM_NN_ROM_END || header.p_memsz > MAX_ROM_BYTES) {
      return fail(ElfErrorKind::TOO_LARGE, "too many layers: expected at most %u bytes of read-only memory, found %u",
                  MAX_ROM_BYTES, header.p_memsz);
    }
    if (header.p_vaddr % 32 != 0) {
      return fail(ElfErrorKind::MALFORMED, "malformed segment of layers: expected it at a multiple of 32, found 0x%08x",
                  header.p_vaddr);
    }
    if ((header.p_flags & (PF_W | PF_X)) != 0) {
      return fail(ElfErrorKind::MALFORMED,
                  "malformed segment of layers at 0x%08x: expected a read-only one, found it %s", header.p_vaddr,
                  (header.p_flags & PF_W) != 0 ? "writable" : "executable");
    }
    return std::nullopt;
  }
  if ((header.p_flags & PF_W) != 0 && (header.p_flags & PF_X) != 0) {
    return fail(ElfErrorKind::WRITABLE_CODE,
                "segment at 0x%08x: expected one that is writable or executable, found both: code is fixed, so keep "
                "code and data in segments of their own (do not link with -N or --omagic)",
                header.p_vaddr);
  }
  if (header.p_vaddr < IMAGE_BEGIN || memory_end > RAM_END) {
    return fail(ElfErrorKind::SEGMENT_OUT_OF_RANGE,
                "segment outside the address space: expected it within [0x%08x, 0x%08x), found [0x%08x, 0x%08llx)",
                IMAGE_BEGIN, RAM_END, header.p_vaddr, static_cast<unsigned long long>(memory_end));
  }
  return std::nullopt;
}

uint32_t round_up(uint32_t value, uint32_t granule) { return (value + granule - 1) / granule * granule; }

// Where the image words of segment i end (exclusive, multiple of 4).
uint32_t image_end(const Program& program, size_t i) {
  const Segment& segment = program.segments[i];
  if (i + 1 == program.segments.size() && segment.writable) return program.zero_start;
  return round_up(segment.addr + segment.mem_size, 4);
}

std::optional<ElfError> check_layout(const Program& program) {
  uint64_t image_bytes = 0;
  for (size_t i = 0; i < program.segments.size(); ++i) {
    const Segment& segment = program.segments[i];
    if (i > 0) {
      const Segment& before = program.segments[i - 1];
      if (segment.addr < before.addr + before.mem_size) {
        return fail(ElfErrorKind::SEGMENT_OVERLAP,
                    "overlapping segments: expected one at or above 0x%08x, the end of the one before, found 0x%08x",
                    before.addr + before.mem_size, segment.addr);
      }
    }
    if (i > 0) {
      const Segment& before = program.segments[i - 1];
      if (before.mem_size != 0 && (before.addr + before.mem_size - 1) / 4 == segment.addr / 4 &&
          before.writable != segment.writable) {
        return fail(ElfErrorKind::SEGMENT_OVERLAP,
                    "segments share the word at 0x%08x: expected both to be writable or neither, found one of each",
                    segment.addr / 4 * 4);
      }
    }
    image_bytes += image_end(program, i) - segment.addr / 4 * 4;
    if (image_bytes > MAX_IMAGE_BYTES) {
      return fail(ElfErrorKind::TOO_LARGE, "program too large: expected an image of at most %u bytes, found over %llu",
                  MAX_IMAGE_BYTES, static_cast<unsigned long long>(image_bytes));
    }
  }
  return std::nullopt;
}

// Segments may share a word (not a byte) with their neighbour, hence the merging.
void build_image(Program& program) {
  for (size_t i = 0; i < program.segments.size(); ++i) {
    const Segment& segment = program.segments[i];
    uint32_t begin = segment.addr / 4 * 4;
    const uint32_t end = image_end(program, i);
    const bool shares_word = !program.image.empty() && program.image.back().addr >= begin;
    if (shares_word) begin += 4;
    size_t first = program.image.size() - (shares_word ? 1 : 0);
    for (uint32_t addr = begin; addr < end; addr += 4) program.image.push_back({addr, 0, !segment.writable});
    for (size_t k = 0; k < segment.bytes.size(); ++k) {
      const size_t offset = segment.addr % 4 + k;
      program.image[first + offset / 4].word |= uint32_t{segment.bytes[k]} << (8 * (offset % 4));
    }
  }
}

void build_code(Program& program) {
  for (const Segment& segment : program.segments) {
    if (!segment.executable || segment.bytes.empty()) continue;
    uint32_t begin = segment.addr / 4 * 4;
    const uint32_t end = round_up(segment.addr + static_cast<uint32_t>(segment.bytes.size()), 4);
    if (!program.code.empty() && program.code.back().end > begin) begin = program.code.back().end;
    if (begin >= end) continue;
    program.code.push_back({begin, end, program.rows.size()});
    auto word = std::lower_bound(program.image.begin(), program.image.end(), begin,
                                 [](const ImageWord& w, uint32_t addr) { return w.addr < addr; });
    for (; word != program.image.end() && word->addr < end; ++word) {
      const auto instruction = isa::decode(word->word);
      program.rows.push_back(instruction ? isa::classify(word->addr, *instruction) : isa::Row{});
      program.words.push_back(word->word);
    }
  }
}

// Linkers set the RVC flag as soon as one object file was built with the C extension, a library's for example, whether
// or not a compressed instruction is in it: hence a look at the code. It is for the message only: whatever is there and
// cannot be decoded, traps.
std::optional<ElfError> check_compressed(Elf* elf, const Program& program) {
  // A segment may hold data beside code; sections tell them apart, where there are any.
  std::vector<AddressRange> sections = executable_sections(elf);
  if (sections.empty()) sections.push_back({0, UINT32_MAX});
  std::sort(sections.begin(), sections.end(),
            [](const AddressRange& a, const AddressRange& b) { return a.begin < b.begin; });
  size_t next = 0;
  uint64_t end = 0;  // of the sections that begin up to here
  for (const CodeRange& range : program.code) {
    for (uint32_t pc = range.begin; pc < range.end; pc += 4) {
      for (; next < sections.size() && sections[next].begin <= pc; ++next) end = std::max(end, sections[next].end);
      // All are at multiples of 4 up to the first compressed one. Zeros are padding.
      const uint32_t word = program.words[range.first_row + (pc - range.begin) / 4];
      if (pc >= end || word == 0 || (word & 3) == 3) continue;
      return fail(ElfErrorKind::COMPRESSED,
                  "expected RV32IM code without compressed instructions (-march=rv32im), found the RVC flag and a "
                  "compressed instruction at 0x%08x",
                  pc);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view elf_error_name(ElfErrorKind kind) {
  switch (kind) {
    case ElfErrorKind::NOT_ELF:
      return "not-elf";
    case ElfErrorKind::TRUNCATED:
      return "truncated";
    case ElfErrorKind::WRONG_CLASS:
      return "wrong-class";
    case ElfErrorKind::WRONG_ENDIANNESS:
      return "wrong-endianness";
    case ElfErrorKind::WRONG_MACHINE:
      return "wrong-machine";
    case ElfErrorKind::WRONG_TYPE:
      return "wrong-type";
    case ElfErrorKind::DYNAMIC:
      return "dynamic";
    case ElfErrorKind::COMPRESSED:
      return "compressed";
    case ElfErrorKind::WRONG_ABI:
      return "wrong-abi";
    case ElfErrorKind::MALFORMED:
      return "malformed";
    case ElfErrorKind::NO_SEGMENTS:
      return "no-segments";
    case ElfErrorKind::SEGMENT_OUT_OF_RANGE:
      return "segment-out-of-range";
    case ElfErrorKind::SEGMENT_OVERLAP:
      return "segment-overlap";
    case ElfErrorKind::WRITABLE_CODE:
      return "writable-code";
    case ElfErrorKind::TOO_LARGE:
      return "too-large";
    case ElfErrorKind::BAD_ENTRY:
      return "bad-entry";
    case ElfErrorKind::BAD_LAYER:
      return "bad-layer";
  }
  return "unknown";
}

Result<Program, ElfError> load_elf(std::span<const uint8_t> bytes) {
  if (auto error = check_identification(bytes)) return *error;
  elf_version(EV_CURRENT);
  // libelf takes a mutable pointer but does not write through it unless the file is updated.
  const ElfHandle elf(elf_memory(const_cast<char*>(reinterpret_cast<const char*>(bytes.data())), bytes.size()));
  const void* header_bytes = elf ? elf32_getehdr(elf.get()) : nullptr;
  if (header_bytes == nullptr) {
    return fail(ElfErrorKind::MALFORMED, "malformed ELF file: expected a readable header, found: %s", elf_errmsg(-1));
  }
  // libelf may hand out pointers into the file, which need not be aligned there: hence the copies.
  Elf32_Ehdr header;
  std::memcpy(&header, header_bytes, sizeof header);
  if (auto error = check_header(header, bytes.size())) return *error;
  const void* segment_bytes = elf32_getphdr(elf.get());
  if (segment_bytes == nullptr) {
    return fail(ElfErrorKind::MALFORMED, "malformed ELF file: expected readable program headers, found: %s",
                elf_errmsg(-1));
  }

  Program program;
  program.entry = header.e_entry;
  uint64_t file_bytes = 0;
  std::vector<uint8_t> rom;
  std::vector<std::pair<uint32_t, uint32_t>> rom_segments;  // begin, end
  for (size_t i = 0; i < header.e_phnum; ++i) {
    Elf32_Phdr segment;
    std::memcpy(&segment, static_cast<const uint8_t*>(segment_bytes) + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_INTERP || segment.p_type == PT_DYNAMIC) {
      return fail(ElfErrorKind::DYNAMIC, "expected a statically linked executable, found %s",
                  segment.p_type == PT_INTERP ? "a dynamic linker request (PT_INTERP)" : "a PT_DYNAMIC segment");
    }
    if (segment.p_type == PT_GNU_STACK && segment.p_memsz != 0) {
      if (segment.p_memsz > MAX_STACK_BYTES) {
        return fail(ElfErrorKind::TOO_LARGE, "stack too large: expected at most %u bytes (PT_GNU_STACK), found %u",
                    MAX_STACK_BYTES, segment.p_memsz);
      }
      program.stack_start = RAM_END - round_up(segment.p_memsz, PAGE_BYTES);
    }
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (auto error = check_segment(segment, bytes.size())) return *error;
    if (in_rom(segment)) {
      const size_t begin = segment.p_vaddr - ZKVM_NN_ROM_BEGIN, end = begin + segment.p_memsz;
      if (end > MAX_ROM_BYTES) {
        return fail(ElfErrorKind::TOO_LARGE,
                    "too many layers: expected at most %u bytes of read-only memory, found %zu", MAX_ROM_BYTES, end);
      }
      rom_segments.emplace_back(segment.p_vaddr, segment.p_vaddr + segment.p_memsz);
      if (rom.size() < end) rom.resize(end, 0);
      if (segment.p_filesz != 0) std::memcpy(rom.data() + begin, bytes.data() + segment.p_offset, segment.p_filesz);
      continue;
    }
    file_bytes += segment.p_filesz;
    if (file_bytes > MAX_IMAGE_BYTES) {
      return fail(ElfErrorKind::TOO_LARGE, "program too large: expected segments of at most %u bytes, found over %llu",
                  MAX_IMAGE_BYTES, static_cast<unsigned long long>(file_bytes));
    }
    Segment out;
    out.addr = segment.p_vaddr;
    out.mem_size = segment.p_memsz;
    out.readable = (segment.p_flags & PF_R) != 0;
    out.writable = (segment.p_flags & PF_W) != 0;
    out.executable = (segment.p_flags & PF_X) != 0;
    if (segment.p_filesz != 0) {
      const auto content = bytes.subspan(segment.p_offset, segment.p_filesz);
      out.bytes.assign(content.begin(), content.end());
    }
    program.segments.push_back(std::move(out));
  }
  std::sort(rom_segments.begin(), rom_segments.end());
  for (size_t i = 1; i < rom_segments.size(); ++i) {
    if (rom_segments[i].first < rom_segments[i - 1].second) {
      return fail(ElfErrorKind::SEGMENT_OVERLAP,
                  "overlapping segments of layers: expected one at or above 0x%08x, the end of the one before, found "
                  "0x%08x",
                  rom_segments[i - 1].second, rom_segments[i].first);
    }
  }
  if (program.segments.empty()) {
    return fail(ElfErrorKind::NO_SEGMENTS, "expected at least one PT_LOAD segment, found none");
  }
  std::stable_sort(program.segments.begin(), program.segments.end(),
                   [](const Segment& a, const Segment& b) { return a.addr < b.addr; });
  const Segment& last = program.segments.back();
  // Zeros at the end of a segment that is not writable are words of the image, not of the heap.
  const uint32_t image_bytes = last.writable ? static_cast<uint32_t>(last.bytes.size()) : last.mem_size;
  program.zero_start = round_up(last.addr + image_bytes, PAGE_BYTES);
  if (last.addr + last.mem_size > program.heap_end() || program.zero_start > program.heap_end()) {
    return fail(
        ElfErrorKind::SEGMENT_OUT_OF_RANGE,
        "no room for the stack: expected segments that end by 0x%08x, below a gap of %u bytes and a stack of %u, "
        "found one that ends at 0x%08x",
        program.heap_end(), STACK_GAP_BYTES, RAM_END - program.stack_start, last.addr + last.mem_size);
  }
  if (auto error = check_layout(program)) return *error;
  build_image(program);
  build_code(program);
  if ((header.e_flags & EF_RISCV_RVC) != 0)
    if (auto error = check_compressed(elf.get(), program)) return *error;

  if (program.entry % 4 != 0) {
    return fail(ElfErrorKind::BAD_ENTRY, "bad entry point: expected a multiple of 4, found 0x%08x", program.entry);
  }
  if (program.row_index(program.entry) < 0) {
    return fail(ElfErrorKind::BAD_ENTRY, "bad entry point: expected one in an executable segment, found 0x%08x",
                program.entry);
  }
  rom.resize((rom.size() + 31) / 32 * 32, 0);
  auto layers = std::make_shared<precompiles::nn::Rom>();
  if (std::string error = layers->load(std::move(rom)); !error.empty())
    return ElfError{ElfErrorKind::BAD_LAYER, "malformed " + error};
  program.rom = std::move(layers);
  program.symbols = read_symbols(elf.get(), program);
  program.layer_names = read_layer_names(elf.get(), program);
  program.model = read_section(elf.get(), bytes, ".zkvm.model", MAX_MODEL_BYTES);
  return program;
}

}  // namespace zkvm::vm
