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
  EXPECT_EQ(program.image[0], (ImageWord{0x10000, ADDI_A0, true}));
  EXPECT_EQ(program.image[3], (ImageWord{0x12000, 0x02010000, false}));
  EXPECT_EQ(program.image[4], (ImageWord{0x12004, 0x00050403, false}));
  EXPECT_EQ(program.image[5], (ImageWord{0x12008, 0, false}));
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
  builder.loads[1] = {.addr = 0x1000e, .flags = PF_R, .bytes = {0xaa, 0xbb}};
  builder.loads[0].bytes.push_back(0x11);
  auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->image[3], (ImageWord{0x1000c, 0xbbaa0011, true}));
  EXPECT_TRUE(std::is_sorted(result->image.begin(), result->image.end(),
                             [](const ImageWord& a, const ImageWord& b) { return a.addr < b.addr; }));
  builder.loads[1].addr = 0x1000c;
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::SEGMENT_OVERLAP);
  // A word can be written to or not.
  builder.loads[1].addr = 0x1000e;
  builder.loads[1].flags = PF_R | PF_W;
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::SEGMENT_OVERLAP);
}

TEST(load_elf, words_are_writable_if_their_segment_is) {
  ElfBuilder builder = small_program();
  builder.loads.push_back({.addr = 0x20000, .flags = PF_R, .bytes = {9}});
  const auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  for (const ImageWord& w : result->image) EXPECT_EQ(w.read_only, w.addr < 0x12000 || w.addr >= 0x20000) << w.addr;
  // Behind a last segment that cannot be written to there is no memory up to the heap.
  EXPECT_EQ(result->image.back(), (ImageWord{0x20000, 9, true}));
  EXPECT_EQ(result->zero_start, 0x21000u);
}

TEST(load_elf, rejects_segments_that_are_writable_and_executable) {
  EXPECT_EQ(error_after_segment(0, [](Elf32_Phdr& s) { s.p_flags = PF_R | PF_W | PF_X; }), ElfErrorKind::WRITABLE_CODE);
  EXPECT_EQ(error_after_segment(1, [](Elf32_Phdr& s) { s.p_flags = PF_W | PF_X; }), ElfErrorKind::WRITABLE_CODE);
}

TEST(load_elf, the_stack_has_the_size_that_the_file_says) {
  const auto with_stack = [](uint32_t bytes) {
    ElfBuilder builder = small_program();
    builder.loads.push_back({.flags = PF_R | PF_W, .bytes = {}, .mem_size = bytes, .type = PT_GNU_STACK});
    return builder;
  };
  EXPECT_EQ(load_elf(small_program().build())->stack_start, RAM_END - DEFAULT_STACK_BYTES);
  EXPECT_EQ(load_elf(with_stack(0).build())->stack_start, RAM_END - DEFAULT_STACK_BYTES);
  EXPECT_EQ(load_elf(with_stack(1).build())->stack_start, RAM_END - PAGE_BYTES);
  EXPECT_EQ(load_elf(with_stack(1u << 20).build())->stack_start, RAM_END - (1u << 20));
  EXPECT_EQ(error_of(with_stack(RAM_END).build()), ElfErrorKind::TOO_LARGE);
  // Data and stack, with the gap between them.
  EXPECT_EQ(error_of(with_stack(MAX_STACK_BYTES).build()), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_after_segment(
                1, [](Elf32_Phdr& s) { s.p_memsz = RAM_END - DEFAULT_STACK_BYTES - STACK_GAP_BYTES - 0x12002 + 1; }),
            ElfErrorKind::SEGMENT_OUT_OF_RANGE);
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
  EXPECT_EQ(error_after_header([](Elf32_Ehdr& h) { h.e_flags = EF_RISCV_FLOAT_ABI_DOUBLE; }), ElfErrorKind::WRONG_ABI);
}

constexpr uint32_t C_ADDI_A0_TWICE = 0x05050505;  // c.addi a0, 1; c.addi a0, 1

TEST(load_elf, accepts_the_rvc_flag_of_a_program_without_compressed_instructions) {
  ElfBuilder builder = small_program();
  const auto plain = load_elf(builder.build());
  builder.flags = EF_RISCV_RVC;
  const auto flagged = load_elf(builder.build());
  ASSERT_TRUE(flagged.ok()) << flagged.error().message;
  EXPECT_EQ(flagged->words, plain->words);
  // Padding between functions.
  ElfBuilder::append(builder.loads[0].bytes, 0);
  EXPECT_TRUE(load_elf(builder.build()).ok());
}

TEST(load_elf, refuses_the_rvc_flag_with_a_compressed_instruction) {
  ElfBuilder builder = small_program();
  builder.flags = EF_RISCV_RVC;
  ElfBuilder::append(builder.loads[0].bytes, C_ADDI_A0_TWICE);
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::COMPRESSED);
  EXPECT_NE(load_elf(builder.build()).error().message.find("0x0001000c"), std::string::npos);
  // In any of several segments with code.
  builder.loads[0].bytes.resize(12);
  builder.add_code(0x20000, {ADDI_A0, C_ADDI_A0_TWICE});
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::COMPRESSED);
}

TEST(load_elf, looks_for_compressed_instructions_in_sections_with_code_where_there_are_any) {
  ElfBuilder builder = small_program();
  builder.flags = EF_RISCV_RVC;
  ElfBuilder::append(builder.loads[0].bytes, C_ADDI_A0_TWICE);  // or a constant
  builder.code_section = {0x10000, 12};
  EXPECT_TRUE(load_elf(builder.build()).ok());
  builder.code_section.size = 16;
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::COMPRESSED);
  // A section that reaches beyond all addresses costs no more time than the code.
  builder.code_section = {0x10008, UINT32_MAX};
  EXPECT_EQ(error_of(builder.build()), ElfErrorKind::COMPRESSED);
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

// ---- Layers in read-only memory

/// A fully connected layer from 4 to 4 channels, as words.
std::vector<uint32_t> layer_record() {
  std::vector<uint32_t> record(40, 0);
  zkvm_nn_linear h{};
  h.magic = ZKVM_NN_MAGIC;
  h.kind = ZKVM_NN_LINEAR;
  h.bytes = static_cast<uint32_t>(4 * record.size());
  h.in_h = h.in_w = h.out_h = h.out_w = h.kernel_h = h.kernel_w = 1;
  h.stride_h = h.stride_w = h.dilation_h = h.dilation_w = 1;
  h.in_c = h.out_c = 4;
  h.weight_in = 1;
  h.weight_out = 1;
  h.act_min = -128;
  h.act_max = 127;
  const zkvm_nn_channel channel{0, 1 << 30, -4};
  std::memcpy(record.data(), &h, sizeof h);
  std::memcpy(record.data() + 32, &channel, sizeof channel);
  record[35] = 3;  // the weight
  return record;
}
ElfBuilder program_with_layers(const std::vector<uint32_t>& words, uint32_t addr = ZKVM_NN_ROM_BEGIN,
                               uint32_t flags = PF_R) {
  ElfBuilder builder = small_program();
  ElfBuilder::Load load{.addr = addr, .flags = flags, .bytes = {}};
  for (uint32_t word : words) ElfBuilder::append(load.bytes, word);
  builder.loads.push_back(std::move(load));
  return builder;
}

TEST(load_elf_layers, records_are_read_and_are_not_memory) {
  std::vector<uint32_t> two = layer_record();
  two.resize(two.size() + 16, 0);  // padding between records
  const auto second = layer_record();
  two.insert(two.end(), second.begin(), second.end());
  const auto result = load_elf(program_with_layers(two).build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Program& program = result.value();
  ASSERT_EQ(program.rom->layers().size(), 2u);
  EXPECT_EQ(program.rom->find(ZKVM_NN_ROM_BEGIN), 0);
  EXPECT_EQ(program.rom->find(ZKVM_NN_ROM_BEGIN + 224), 1);
  EXPECT_EQ(program.rom->find(ZKVM_NN_ROM_BEGIN + 32), -1);
  EXPECT_EQ(program.segments.size(), 2u);
  for (const ImageWord& w : program.image) EXPECT_LT(w.addr, ZKVM_NN_ROM_BEGIN);
  EXPECT_LT(program.zero_start, 0x20000u);
}

TEST(load_elf_layers, records_may_lie_in_several_segments) {
  ElfBuilder builder = program_with_layers(layer_record());
  builder.loads.push_back(builder.loads.back());
  builder.loads.back().addr = ZKVM_NN_ROM_BEGIN + 0x1000;
  const auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->rom->layers().size(), 2u);
  EXPECT_EQ(result->rom->find(ZKVM_NN_ROM_BEGIN + 0x1000), 1);
}

TEST(load_elf_layers, a_program_without_layers_has_empty_rom) {
  const auto result = load_elf(small_program().build());
  ASSERT_TRUE(result.ok());
  ASSERT_NE(result->rom, nullptr);
  EXPECT_TRUE(result->rom->empty());
  // Padding alone is no layer.
  const auto zeros = load_elf(program_with_layers(std::vector<uint32_t>(64, 0)).build());
  ASSERT_TRUE(zeros.ok());
  EXPECT_TRUE(zeros->rom->empty());
}

TEST(load_elf_layers, malformed_records_are_refused_by_address_operator_and_field) {
  const auto refusal = [](size_t word, uint32_t value) {
    std::vector<uint32_t> record = layer_record();
    record[word] = value;
    const std::vector<uint8_t> file = program_with_layers(record).build();
    EXPECT_EQ(error_of(file), ElfErrorKind::BAD_LAYER) << word;
    const auto result = load_elf(file);
    return result.ok() ? std::string() : result.error().message;
  };
  EXPECT_EQ(refusal(0, 1), "malformed layer record at 0x60000000, magic: expected 827215450, found 1");
  EXPECT_EQ(refusal(2, 200), "malformed layer record at 0x60000000, bytes: expected a multiple of 32, found 200");
  EXPECT_EQ(refusal(2, 1 << 20), "malformed layer record at 0x60000000, bytes: expected 128 to 160, found 1048576");
  EXPECT_EQ(refusal(7, 5),
            "malformed layer record at 0x60000000 (convolution or fully connected), in_c: expected a "
            "multiple of 4, found 5");
  EXPECT_EQ(refusal(15, 2),
            "malformed layer record at 0x60000000 (convolution or fully connected), dilation_h: "
            "expected 1, found 2");
  EXPECT_EQ(refusal(33, 1u << 31),
            "malformed layer record at 0x60000000 (convolution or fully connected), channel 0, "
            "multiplier: expected 0 to 2147483647, found -2147483648");
  EXPECT_EQ(refusal(31, 1),
            "malformed layer record at 0x60000000 (convolution or fully connected), unused words: "
            "expected 0, found 1");
  // Every word of the header with extreme values: an answer, whatever it is.
  for (size_t word = 0; word < 36; ++word)
    for (uint32_t value : {0u, 1u, 3u, 4u, 0x7fffu, 0x8000u, 0x7fff'ffffu, 0x8000'0000u, 0xffff'ffffu}) {
      std::vector<uint32_t> record = layer_record();
      record[word] = value;
      const auto result = load_elf(program_with_layers(record).build());
      if (!result.ok()) {
        EXPECT_EQ(result.error().kind, ElfErrorKind::BAD_LAYER) << word << " " << value;
        EXPECT_NE(result.error().message.find("expected"), std::string::npos);
        EXPECT_NE(result.error().message.find("found"), std::string::npos);
      }
    }
}

TEST(load_elf_layers, segments_must_be_read_only_aligned_and_within_the_region) {
  const auto record = layer_record();
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_BEGIN, PF_R | PF_W).build()), ElfErrorKind::MALFORMED);
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_BEGIN, PF_R | PF_X).build()), ElfErrorKind::MALFORMED);
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_BEGIN + 4).build()), ElfErrorKind::MALFORMED);
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_BEGIN - 32).build()), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_END - 32).build()), ElfErrorKind::TOO_LARGE);
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_END).build()), ElfErrorKind::SEGMENT_OUT_OF_RANGE);
  // Far into the region: more than the machine takes.
  EXPECT_EQ(error_of(program_with_layers(record, ZKVM_NN_ROM_BEGIN + MAX_ROM_BYTES).build()), ElfErrorKind::TOO_LARGE);
  ElfBuilder huge = program_with_layers(record);
  huge.loads.back().mem_size = MAX_ROM_BYTES + 32;
  EXPECT_EQ(error_of(huge.build()), ElfErrorKind::TOO_LARGE);
  // Which of two records at one address counts must not depend on their order.
  ElfBuilder twice = program_with_layers(record);
  twice.loads.push_back(twice.loads.back());
  EXPECT_EQ(error_of(twice.build()), ElfErrorKind::SEGMENT_OVERLAP);
}

/// Records may be much smaller than what they stand for.
TEST(load_elf_layers, small_records_of_huge_layers_do_not_take_all_memory) {
  std::vector<uint32_t> huge = layer_record(), many;
  huge[10] = 32'768;  // out_c; there are weights for one channel only
  const auto alone = load_elf(program_with_layers(huge).build());
  ASSERT_TRUE(alone.ok()) << alone.error().message;
  for (int i = 0; i < 20'000; ++i) many.insert(many.end(), huge.begin(), huge.end());
  const std::vector<uint8_t> file = program_with_layers(many).build();
  EXPECT_EQ(error_of(file), ElfErrorKind::BAD_LAYER);
}

/// The program without its description is the same in every other respect.
TEST(load_elf_model, is_read_from_its_section_and_changes_nothing_else) {
  ElfBuilder builder = small_program();
  const auto plain = load_elf(builder.build());
  builder.model = std::string("{\"any\": \0 bytes}", 17);
  const auto described = load_elf(builder.build());
  ASSERT_TRUE(plain.ok() && described.ok());
  EXPECT_EQ(plain->model, "");
  EXPECT_EQ(described->model, builder.model);
  EXPECT_EQ(described->image, plain->image);
  EXPECT_EQ(described->words, plain->words);
  EXPECT_EQ(described->entry, plain->entry);
  EXPECT_EQ(described->zero_start, plain->zero_start);
  EXPECT_EQ(described->symbols.size(), plain->symbols.size());
}

TEST(load_elf_model, too_large_or_damaged_ones_are_absent) {
  ElfBuilder builder = small_program();
  builder.model = std::string(MAX_MODEL_BYTES, 'x');
  auto result = load_elf(builder.build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->model, builder.model);
  builder.model += 'x';
  result = load_elf(builder.build());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->model, "");

  builder.model = "model";
  const std::vector<uint8_t> good = builder.build();
  const auto with_section = [&](const std::function<void(Elf32_Shdr&)>& change) {
    std::vector<uint8_t> file = good;
    Elf32_Shdr section;
    uint8_t* at = file.data() + file.size() - sizeof section;  // the last one
    std::memcpy(&section, at, sizeof section);
    change(section);
    std::memcpy(at, &section, sizeof section);
    const auto loaded = load_elf(file);
    EXPECT_TRUE(loaded.ok());
    return loaded.ok() ? loaded->model : "not loaded";
  };
  EXPECT_EQ(with_section([](Elf32_Shdr&) {}), "model");
  EXPECT_EQ(with_section([](Elf32_Shdr& s) { s.sh_offset = 0xffff'ffff; }), "");
  EXPECT_EQ(with_section([&](Elf32_Shdr& s) { s.sh_size = static_cast<uint32_t>(good.size()); }), "");
  EXPECT_EQ(with_section([](Elf32_Shdr& s) { s.sh_name = 0xffff'ffff; }), "");
  EXPECT_EQ(with_section([](Elf32_Shdr& s) { s.sh_flags = SHF_COMPRESSED; }), "");
  EXPECT_EQ(with_section([](Elf32_Shdr& s) { s.sh_flags = SHF_ALLOC; }), "");
  EXPECT_EQ(with_section([](Elf32_Shdr& s) { s.sh_type = SHT_NOBITS; }), "");
  // A file cut anywhere behind its segments: a program, with or without what was behind the cut.
  for (size_t cut = 1; cut <= 4 * sizeof(Elf32_Shdr); ++cut) {
    const auto loaded = load_elf(std::span(good).first(good.size() - cut));
    EXPECT_TRUE(!loaded.ok() || loaded->model.empty() || loaded->model == "model");
  }
}

}  // namespace
}  // namespace zkvm::vm
