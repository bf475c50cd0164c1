// Writes small ELF executables, for tests and benchmarks.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace zkvm::vm {

// An RV32 executable of the segments given, with an optional symbol table. Fields may be set to anything, so that bad
// files can be made. Limits: fewer than 2^16 segments, everything below 4 GiB.
struct ElfBuilder {
  struct Load {
    uint32_t addr = 0;
    uint32_t flags = PF_R | PF_W;
    std::vector<uint8_t> bytes;
    uint32_t mem_size = 0;  // 0: as many as bytes
    uint32_t type = PT_LOAD;
  };
  struct Function {
    std::string name;
    uint32_t addr, size;
  };

  uint32_t entry = 0;
  uint32_t flags = 0;
  std::vector<Load> loads;
  std::vector<Function> functions;
  std::string model;  // of the section .zkvm.model; none if empty
  struct {
    uint32_t addr = 0, size = 0;
  } code_section;  // .text; none if it has no size

  // Where things are in the file, for tests that damage it.
  static constexpr size_t HEADER_BYTES = sizeof(Elf32_Ehdr);

  void add_code(uint32_t addr, const std::vector<uint32_t>& words) {
    Load load{.addr = addr, .flags = PF_R | PF_X, .bytes = {}};
    for (uint32_t word : words) append(load.bytes, word);
    loads.push_back(std::move(load));
  }

  std::vector<uint8_t> build() const {
    std::vector<uint8_t> file(HEADER_BYTES + loads.size() * sizeof(Elf32_Phdr));
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = entry;
    header.e_phoff = HEADER_BYTES;
    header.e_flags = flags;
    header.e_ehsize = HEADER_BYTES;
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = static_cast<uint16_t>(loads.size());

    for (size_t i = 0; i < loads.size(); ++i) {
      const Load& load = loads[i];
      // Offset and address agree modulo the page size, which loaders that map files insist on.
      while ((file.size() - load.addr) % 4096 != 0) file.push_back(0);
      Elf32_Phdr segment{};
      segment.p_type = load.type;
      segment.p_offset = static_cast<uint32_t>(file.size());
      segment.p_vaddr = segment.p_paddr = load.addr;
      segment.p_filesz = static_cast<uint32_t>(load.bytes.size());
      segment.p_memsz = load.mem_size == 0 ? segment.p_filesz : load.mem_size;
      segment.p_flags = load.flags;
      segment.p_align = 4096;
      std::memcpy(file.data() + HEADER_BYTES + i * sizeof segment, &segment, sizeof segment);
      file.insert(file.end(), load.bytes.begin(), load.bytes.end());
    }
    if (!functions.empty() || !model.empty() || code_section.size != 0) add_sections(file, header);
    std::memcpy(file.data(), &header, sizeof header);
    return file;
  }

  static void append(std::vector<uint8_t>& bytes, uint32_t word) {
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(word >> (8 * i)));
  }

 private:
  // Sections: null, .symtab, .strtab (which also names the sections), .text and .zkvm.model if there are such.
  void add_sections(std::vector<uint8_t>& file, Elf32_Ehdr& header) const {
    constexpr uint32_t MODEL_NAME = 17, CODE_NAME = 29;
    std::string strings("\0.symtab\0.strtab\0.zkvm.model\0.text\0", CODE_NAME + 6);
    std::vector<Elf32_Sym> symbols(1);
    for (const Function& function : functions) {
      Elf32_Sym symbol{};
      symbol.st_name = static_cast<uint32_t>(strings.size());
      symbol.st_value = function.addr;
      symbol.st_size = function.size;
      symbol.st_info = ELF32_ST_INFO(STB_GLOBAL, function.size == 0 ? STT_NOTYPE : STT_FUNC);
      symbol.st_shndx = 1;
      symbols.push_back(symbol);
      strings += function.name;
      strings.push_back('\0');
    }
    std::vector<Elf32_Shdr> sections(3);
    while (file.size() % 4 != 0) file.push_back(0);
    sections[1].sh_name = 1;
    sections[1].sh_type = SHT_SYMTAB;
    sections[1].sh_offset = static_cast<uint32_t>(file.size());
    sections[1].sh_size = static_cast<uint32_t>(symbols.size() * sizeof(Elf32_Sym));
    sections[1].sh_link = 2;
    sections[1].sh_entsize = sizeof(Elf32_Sym);
    append_raw(file, symbols.data(), symbols.size() * sizeof(Elf32_Sym));
    sections[2].sh_name = 9;
    sections[2].sh_type = SHT_STRTAB;
    sections[2].sh_offset = static_cast<uint32_t>(file.size());
    sections[2].sh_size = static_cast<uint32_t>(strings.size());
    append_raw(file, strings.data(), strings.size());
    if (code_section.size != 0) {
      Elf32_Shdr& code = sections.emplace_back();
      code.sh_name = CODE_NAME;
      code.sh_type = SHT_PROGBITS;
      code.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
      code.sh_addr = code_section.addr;
      code.sh_size = code_section.size;
    }
    if (!model.empty()) {
      Elf32_Shdr& section = sections.emplace_back();
      section.sh_name = MODEL_NAME;
      section.sh_type = SHT_PROGBITS;
      section.sh_offset = static_cast<uint32_t>(file.size());
      section.sh_size = static_cast<uint32_t>(model.size());
      append_raw(file, model.data(), model.size());
    }
    while (file.size() % 4 != 0) file.push_back(0);
    header.e_shoff = static_cast<uint32_t>(file.size());
    header.e_shentsize = sizeof(Elf32_Shdr);
    header.e_shnum = static_cast<uint16_t>(sections.size());
    header.e_shstrndx = 2;
    append_raw(file, sections.data(), sections.size() * sizeof(Elf32_Shdr));
  }

  static void append_raw(std::vector<uint8_t>& file, const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    file.insert(file.end(), bytes, bytes + size);
  }
};

}  // namespace zkvm::vm
