#include "vm/elf/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "vm/elf/elf_builder.hpp"

namespace zkvm::vm {
namespace {

constexpr uint32_t ADDI_A0 = 0x00150513;  // addi a0, a0, 1
constexpr uint32_t ECALL = 0x00000073;

ElfBuilder small_program() {
  ElfBuilder builder;
  builder.entry = 0x10000;
  builder.add_code(0x10000, {ADDI_A0, ADDI_A0, ECALL});
  builder.loads.push_back({.addr = 0x12002, .bytes = {1, 2, 3, 4, 5}, .mem_size = 0x5000});
  builder.functions = {{"_start", 0x10000, 8}, {"_ZN3foo3barEi", 0x10008, 4}};
  return builder;
}

ElfErrorKind error_of(const std::vector<uint8_t>& file) {
  const auto result = load_elf(file);
  EXPECT_FALSE(result.ok());
  if (result.ok()) return ElfErrorKind::NOT_ELF;
  EXPECT_NE(result.error().message.find("expected"), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("found"), std::string::npos) << result.error().message;
  return result.error().kind;
}

ElfErrorKind error_after_header(const std::function<void(Elf32_Ehdr&)>& change) {
  std::vector<uint8_t> file = small_program().build();
  Elf32_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  change(header);
  std::memcpy(file.data(), &header, sizeof header);
  return error_of(file);
}

ElfErrorKind error_after_segment(size_t index, const std::function<void(Elf32_Phdr&)>& change) {
  std::vector<uint8_t> file = small_program().build();
  Elf32_Phdr segment;
  uint8_t* at = file.data() + ElfBuilder::HEADER_BYTES + index * sizeof segment;
  std::memcpy(&segment, at, sizeof segment);
  change(segment);
  std::memcpy(at, &segment, sizeof segment);
  return error_of(file);
}

TEST(load_elf, loads_segments_image_and_code) {
  const auto result = load_elf(small_program().build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Program& program = result.value();
  EXPECT_EQ(program.entry, 0x10000u);
  ASSERT_EQ(program.segments.size(), 2u);
  EXPECT_TRUE(program.segments[0].executable);
  EXPECT_FALSE(program.segments[0].writable);
  EXPECT_TRUE(program.segments[1].writable);
  // Code: three words. Data: from 0x12000, zero-filled up to the page after the file's bytes, where the zero region
  // starts.
  EXPECT_EQ(program.zero_start, 0x13000u);
  ASSERT_EQ(program.image.size(), 3u + 0x1000 / 4);
  EXPECT_EQ(program.image[0], (ImageWord{0x10000, ADDI_A0}));
  EXPECT_EQ(program.image[3], (ImageWord{0x12000, 0x02010000}));
  EXPECT_EQ(program.image[4], (ImageWord{0x12004, 0x00050403}));
  EXPECT_EQ(program.image[5], (ImageWord{0x12008, 0}));
  EXPECT_EQ(program.image.back().addr, 0x12ffcu);
  ASSERT_EQ(program.rows.size(), 3u);
  EXPECT_EQ(program.row(0x10004).op, isa::RowOp::ADDI_SAME);
  EXPECT_EQ(program.row(0x10008).op, isa::RowOp::ECALL);
  EXPECT_EQ(program.row_index(0x10002), -1);
  EXPECT_EQ(program.row_index(0x1000c), -1);
  EXPECT_EQ(program.row_index(0x12000), -1);
}

TEST(load_elf, symbols_are_found_and_demangled) {
  const auto result = load_elf(small_program().build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->symbolize(0x10000), "_start");
  EXPECT_EQ(result->symbolize(0x10004), "_start+0x4");
  EXPECT_EQ(result->symbolize(0x10008), "foo::bar(int)");
  EXPECT_EQ(result->symbolize(0x20000), "");
}

TEST(load_elf, a_name_that_explodes_when_demangled_stays_mangled) {
  // A template argument list in which every level names the one before twice: 2^60 names if written out.
  std::string name = "_Z1fI1aS_";
  for (int level = 0; level < 60; ++level)
    name += "1bIS" + std::to_string(level % 10) + "_S" + std::to_string(level % 10) + "_E";
  name += "Evv";
  ElfBuilder builder = small_program();
  builder.functions[0].name = name;
  const auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->symbolize(0x10000), name);
}

TEST(load_elf, misaligned_tables_are_read) {
  std::vector<uint8_t> file = small_program().build();
  std::vector<uint8_t> moved = file;
  Elf32_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  moved.push_back(0);
  while (moved.size() % 4 != 3) moved.push_back(0);
  header.e_phoff = static_cast<uint32_t>(moved.size());
  moved.insert(moved.end(), file.begin() + ElfBuilder::HEADER_BYTES,
               file.begin() + ElfBuilder::HEADER_BYTES + 2 * sizeof(Elf32_Phdr));
  std::memcpy(moved.data(), &header, sizeof header);
  const auto result = load_elf(moved);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->image.size(), load_elf(file)->image.size());
}

TEST(load_elf, a_file_without_symbols_loads) {
  ElfBuilder builder = small_program();
  builder.functions.clear();
  const auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->symbolize(0x10000), "");
}

TEST(load_elf, inner_segments_are_zero_filled_to_their_end) {
  ElfBuilder builder = small_program();
  builder.loads.push_back({.addr = 0x20000, .bytes = {9}});
  const auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->image.size(), 3u + (0x5000 + 4) / 4 + 0x1000 / 4);  // 0x12002 + 0x5000 ends inside a word
  EXPECT_EQ(result->zero_start, 0x21000u);
}

TEST(load_elf, segments_may_share_a_word_but_not_a_byte) {
  ElfBuilder builder = small_program();
  builder.loads[1] = {.addr = 0x1000e, .bytes = {0xaa, 0xbb}};
  builder.loads[0].bytes.push_back(0x11);
  auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->image[3], (ImageWord{0x1000c, 0xbbaa0011}));
  EXPECT_TRUE(std::is_sorted(result->image.begin(), result->image.end(),
                             [](const ImageWord& a, const ImageWord& b) { return a.addr < b.addr; }));
  builder.loads[1].addr = 0x1000c;
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::SEGMENT_OVERLAP);
}

TEST(load_elf, rejects_other_files) {
  EXPECT_EQ(error_of({}), ElfErrorKind::NOT_ELF);
  EXPECT_EQ(error_of({'#', '!', '/', 'b', 'i', 'n'}), ElfErrorKind::NOT_ELF);
}

TEST(load_elf, rejects_other_machines) {
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS64; }), ElfErrorKind::WRONG_CLASS);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_ident[EI_CLASS] = 7; }), ElfErrorKind::WRONG_CLASS);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }),
            ElfErrorKind::WRONG_ENDIANNESS);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_machine = EM_ARM; }), ElfErrorKind::WRONG_MACHINE);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_flags = EF_RISCV_RVC; }), ElfErrorKind::COMPRESSED);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_flags = EF_RISCV_FLOAT_ABI_DOUBLE; }), ElfErrorKind::WRONG_ABI);
}

TEST(load_elf, rejects_other_types_and_dynamic_linking) {
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_type = ET_REL; }), ElfErrorKind::WRONG_TYPE);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_type = ET_DYN; }), ElfErrorKind::WRONG_TYPE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_type = PT_INTERP; }), ElfErrorKind::DYNAMIC);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_type = PT_DYNAMIC; }), ElfErrorKind::DYNAMIC);
}

TEST(load_elf, rejects_bad_entries) {
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_entry = 0x10002; }), ElfErrorKind::BAD_ENTRY);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_entry = 0x12004; }), ElfErrorKind::BAD_ENTRY);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_entry = 0; }), ElfErrorKind::BAD_ENTRY);
}

TEST(load_elf, rejects_segments_outside_the_address_space) {
  EXPECT_EQ(error_after_segment(0, [](Elf32_Phdr& s) { s.p_vaddr = 0xfffc; }), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_vaddr = 0x80000000; }), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_vaddr = 0xfffffffe; }), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_memsz = 0xffffffff; }), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_memsz = RAM_END - 0x12002 + 1; }),
            ElfErrorKind::SEGMENT_OUT_OF_RANGE);
}

TEST(load_elf, rejects_overlaps_and_oversized_images) {
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_vaddr = 0x10004; }), ElfErrorKind::SEGMENT_OVERLAP);
  // As an inner segment the zero tail is image too.
  ElfBuilder builder = small_program();
  builder.loads[1].mem_size = MAX_IMAGE_BYTES + 1;
  EXPECT_TRUE(load_elf(builder.build()).ok());
  builder.loads.push_back({.addr = 0x10000000, .bytes = {1}});
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::TOO_LARGE);
}

TEST(load_elf, rejects_contradictions) {
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_memsz = 4; }), ElfErrorKind::MALFORMED);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_phentsize = 31; }), ElfErrorKind::MALFORMED);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_phnum = 0; }), ElfErrorKind::NO_SEGMENTS);
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_phoff = 0xfffffff0; }), ElfErrorKind::TRUNCATED);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_offset = 0xfffffff0; }), ElfErrorKind::TRUNCATED);
}

TEST(load_elf, every_truncation_is_an_error_or_loses_only_symbols) {
  ElfBuilder builder = small_program();
  const std::vector<uint8_t> file = builder.build();
  builder.functions.clear();
  const size_t needed = builder.build().size();
  for (size_t size = 0; size < file.size(); ++size) {
    const auto result = load_elf(std::span(file).first(size));
    if (size < needed) {
      ASSERT_FALSE(result.ok()) << size;
    } else {
      ASSERT_TRUE(result.ok()) << size << result.error().message;
    }
  }
}

// Nothing to assert but that it returns: the sanitizer builds see the rest.
TEST(load_elf, random_damage_never_crashes) {
  const std::vector<uint8_t> good = small_program().build();
  std::mt19937 random(4);
  size_t loaded = 0;
  for (int k = 0; k < 20'000; ++k) {
    std::vector<uint8_t> file = good;
    const size_t headers = ElfBuilder::HEADER_BYTES + 2 * sizeof(Elf32_Phdr);
    for (size_t n = 1 + random() % 3; n > 0; --n) {
      const size_t at = random() % 4 == 0 ? file.size() - 1 - random() % 300 : random() % headers;
      file[at] = static_cast<uint8_t>(random() % 3 == 0 ? 0xff : random());
    }
    const auto result = load_elf(file);
    if (result.ok()) {
      ++loaded;
      (void)result->symbolize(result->entry);
    } else {
      ASSERT_FALSE(result.error().message.empty());
    }
  }
  EXPECT_GT(loaded, 100u);
}

}  // namespace
}  // namespace zkvm::vm
