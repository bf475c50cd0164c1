#include "vm/elf/section.hpp"

#include <elf.h>

#include <cstring>

namespace zkvm::vm {
namespace {

// Calls body(header) for each section whose header can be read, until it returns false.
template <class Body>
void for_each_section(Elf* elf, Body&& body) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    const void* bytes = elf32_getshdr(section);
    if (bytes == nullptr) continue;
    Elf32_Shdr header;  // copied, because the table need not be aligned
    std::memcpy(&header, bytes, sizeof header);
    if (!body(header)) return;
  }
}

}  // namespace

std::string read_section(Elf* elf, std::span<const uint8_t> file, const char* name, size_t max_bytes) {
  size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return "";
  std::string contents;
  for_each_section(elf, [&](const Elf32_Shdr& header) {
    if (header.sh_type != SHT_PROGBITS || (header.sh_flags & (SHF_ALLOC | SHF_COMPRESSED)) != 0) return true;
    const char* found = elf_strptr(elf, names, header.sh_name);
    if (found == nullptr || std::strcmp(found, name) != 0) return true;
    if (header.sh_size > max_bytes || uint64_t{header.sh_offset} + header.sh_size > file.size()) return false;
    const auto bytes = file.subspan(header.sh_offset, header.sh_size);
    contents.assign(bytes.begin(), bytes.end());
    return false;
  });
  return contents;
}

std::vector<AddressRange> executable_sections(Elf* elf) {
  std::vector<AddressRange> ranges;
  for_each_section(elf, [&](const Elf32_Shdr& header) {
    constexpr uint32_t CODE = SHF_ALLOC | SHF_EXECINSTR;
    if ((header.sh_flags & CODE) == CODE && header.sh_size != 0)
      ranges.push_back({header.sh_addr, uint64_t{header.sh_addr} + header.sh_size});
    return true;
  });
  return ranges;
}

}  // namespace zkvm::vm
