// ELF file -> Program.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vm/elf/program.hpp"
#include "vm/elf/result.hpp"

namespace zkvm::vm {

enum class ElfErrorKind : uint8_t {
  NOT_ELF,
  TRUNCATED,         // a header or segment reaches beyond the end of the file
  WRONG_CLASS,       // 64-bit
  WRONG_ENDIANNESS,  // big-endian
  WRONG_MACHINE,     // not RISC-V
  WRONG_TYPE,        // object file, shared object, position-independent executable
  DYNAMIC,           // needs a dynamic linker
  COMPRESSED,        // built with the C extension
  WRONG_ABI,         // hard-float
  MALFORMED,         // contradicts itself or the ELF specification
  NO_SEGMENTS,
  SEGMENT_OUT_OF_RANGE,
  SEGMENT_OVERLAP,
  WRITABLE_CODE,  // a segment that is both writable and executable
  TOO_LARGE,
  BAD_ENTRY,
  BAD_LAYER,  // a layer record in read-only memory
};
std::string_view elf_error_name(ElfErrorKind kind);

struct ElfError {
  ElfErrorKind kind;
  std::string message;  // says what was expected and what was found
};

// Loads a statically linked RV32IM executable. The bytes are hostile: any content gives a Program or an error. Missing
// or damaged symbol tables only cost symbol names.
Result<Program, ElfError> load_elf(std::span<const uint8_t> bytes);

}  // namespace zkvm::vm
