#include "vm/elf/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace zkvm::vm {
namespace {

// The demangler recurses; names longer than any sane function's stay as they are.
constexpr size_t MAX_MANGLED_LENGTH = 2048;

std::string demangle(const std::string& name) {
  if (!name.starts_with("_Z") || name.size() > MAX_MANGLED_LENGTH) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text ? std::string(text.get()) : name;
}

// Assembler-local and mapping symbols ($x, $d, .L..) name no function.
bool names_function(const char* name) { return name[0] != '\0' && name[0] != '$' && name[0] != '.'; }

void read_table(Elf* elf, Elf_Scn* section, const Elf32_Shdr& header, const Program& program,
                std::vector<Symbol>& out) {
  const Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || data->d_buf == nullptr || data->d_type != ELF_T_SYM) return;
  const auto* table = static_cast<const Elf32_Sym*>(data->d_buf);
  for (size_t i = 0; i < data->d_size / sizeof(Elf32_Sym); ++i) {
    const Elf32_Sym& symbol = table[i];
    const unsigned type = ELF32_ST_TYPE(symbol.st_info);
    if ((type != STT_FUNC && type != STT_NOTYPE) || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS)
      continue;
    if (program.row_index(symbol.st_value) < 0) continue;
    const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name == nullptr || !names_function(name)) continue;
    out.push_back({symbol.st_value, type == STT_FUNC ? symbol.st_size : 0, demangle(name)});
  }
}

}  // namespace

std::vector<Symbol> read_symbols(Elf* elf, const Program& program) {
  std::vector<Symbol> symbols;
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    const Elf32_Shdr* header = elf32_getshdr(section);
    if (header != nullptr && header->sh_type == SHT_SYMTAB) read_table(elf, section, *header, program, symbols);
  }
  // Of several names for one address keep the one with a size (functions before labels), then the first by name.
  std::sort(symbols.begin(), symbols.end(), [](const Symbol& a, const Symbol& b) {
    if (a.addr != b.addr) return a.addr < b.addr;
    if ((a.size != 0) != (b.size != 0)) return a.size != 0;
    return a.name < b.name;
  });
  symbols.erase(
      std::unique(symbols.begin(), symbols.end(), [](const Symbol& a, const Symbol& b) { return a.addr == b.addr; }),
      symbols.end());
  // A label inside a function would cut the function in two.
  std::vector<Symbol> kept;
  uint64_t function_end = 0;
  for (Symbol& symbol : symbols) {
    if (symbol.size == 0 && symbol.addr < function_end) continue;
    if (symbol.size != 0) function_end = uint64_t{symbol.addr} + symbol.size;
    kept.push_back(std::move(symbol));
  }
  return kept;
}

const Symbol* Program::find_symbol(uint32_t pc) const {
  if (row_index(pc) < 0) return nullptr;
  auto after = std::upper_bound(symbols.begin(), symbols.end(), pc,
                                [](uint32_t addr, const Symbol& symbol) { return addr < symbol.addr; });
  if (after == symbols.begin()) return nullptr;
  const Symbol& symbol = *std::prev(after);
  if (symbol.size != 0 && pc - symbol.addr >= symbol.size) return nullptr;
  return &symbol;
}

std::string Program::symbolize(uint32_t pc) const {
  const Symbol* symbol = find_symbol(pc);
  if (symbol == nullptr) return "";
  if (pc == symbol->addr) return symbol->name;
  char offset[16];
  std::snprintf(offset, sizeof offset, "+0x%x", pc - symbol->addr);
  return symbol->name + offset;
}

}  // namespace zkvm::vm
