#include "vm/elf/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace zkvm::vm {
namespace {

// Longer names are not worth showing, and a hostile table can point millions of symbols at one long string.
constexpr size_t MAX_NAME_LENGTH = 4096;
constexpr size_t MAX_NAME_BYTES = size_t{64} << 20;  // of all names together

// Demangled text can be exponentially longer than the name, doubling with every two back references (S_, S1_, T_, T0_,
// ...). Names with more of them than 24 stay mangled, which bounds the text to some megabytes.
constexpr int MAX_BACK_REFERENCES = 24;

bool safe_to_demangle(const std::string& name) {
  int references = 0;
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    const char next = name[i + 1];
    const bool index = next == '_' || (next >= '0' && next <= '9') || (next >= 'A' && next <= 'Z');
    if ((name[i] == 'S' || name[i] == 'T') && index) ++references;
  }
  return name.starts_with("_Z") && references <= MAX_BACK_REFERENCES;
}

std::string demangle(const std::string& name) {
  if (!safe_to_demangle(name)) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text ? std::string(text.get()) : name;
}

// Assembler-local and mapping symbols ($x, $d, .L..) name nothing.
bool names_something(const char* name) { return name[0] != '\0' && name[0] != '$' && name[0] != '.'; }

// Calls body(symbol, type, name) for the named symbols of the file's symbol table.
template <class Body>
void for_each_symbol(Elf* elf, Body&& body) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    const void* bytes = elf32_getshdr(section);
    if (bytes == nullptr) continue;
    Elf32_Shdr header;
    std::memcpy(&header, bytes, sizeof header);
    if (header.sh_type != SHT_SYMTAB) continue;
    const Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr || data->d_type != ELF_T_SYM) return;
    size_t name_bytes = 0;
    for (size_t i = 0; i < data->d_size / sizeof(Elf32_Sym); ++i) {
      Elf32_Sym symbol;  // copied, because the data need not be aligned
      std::memcpy(&symbol, static_cast<const uint8_t*>(data->d_buf) + i * sizeof symbol, sizeof symbol);
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) continue;
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      if (name == nullptr || !names_something(name)) continue;
      const size_t length = strnlen(name, MAX_NAME_LENGTH + 1);
      if (length > MAX_NAME_LENGTH) continue;
      name_bytes += length;
      if (name_bytes > MAX_NAME_BYTES) return;
      body(symbol, ELF32_ST_TYPE(symbol.st_info), name);
    }
    return;  // the specification allows one
  }
}

}  // namespace

std::vector<Symbol> read_symbols(Elf* elf, const Program& program) {
  std::vector<Symbol> symbols;
  for_each_symbol(elf, [&](const Elf32_Sym& symbol, unsigned type, const char* name) {
    if ((type == STT_FUNC || type == STT_NOTYPE) && program.row_index(symbol.st_value) >= 0)
      symbols.push_back({symbol.st_value, type == STT_FUNC ? symbol.st_size : 0, demangle(name)});
  });
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

std::map<uint32_t, std::string> read_layer_names(Elf* elf, const Program& program) {
  std::map<uint32_t, std::string> names;
  for_each_symbol(elf, [&](const Elf32_Sym& symbol, unsigned type, const char* name) {
    if ((type == STT_OBJECT || type == STT_NOTYPE) && program.rom->find(symbol.st_value) >= 0)
      names.emplace(symbol.st_value, demangle(name));
  });
  return names;
}

std::string Program::layer_name(uint32_t addr) const {
  if (const auto it = layer_names.find(addr); it != layer_names.end()) return it->second;
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", addr);
  return text;
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
