#include "vm/elf/section.hpp"

#include <elf.h>

#include <cstring>

namespace zkvm::vm {

std::string read_section(Elf* elf, std::span<const uint8_t> file, const char* name, size_t max_bytes) {
  size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return "";
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    const void* bytes = elf32_getshdr(section);
    if (bytes == nullptr) continue;
    Elf32_Shdr header;  // copied, because the table need not be aligned
    std::memcpy(&header, bytes, sizeof header);
    if (header.sh_type != SHT_PROGBITS || (header.sh_flags & (SHF_ALLOC | SHF_COMPRESSED)) != 0) continue;
    const char* found = elf_strptr(elf, names, header.sh_name);
    if (found == nullptr || std::strcmp(found, name) != 0) continue;
    if (header.sh_size > max_bytes || uint64_t{header.sh_offset} + header.sh_size > file.size()) return "";
    const auto contents = file.subspan(header.sh_offset, header.sh_size);
    return {contents.begin(), contents.end()};
  }
  return "";
}

}  // namespace zkvm::vm
