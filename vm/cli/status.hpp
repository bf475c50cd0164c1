#pragma once
/// \file
/// The command's exit codes, and the exception that carries one to main.

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "vm/elf/load.hpp"
#include "vm/prove/prove.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::vm::cli {

/// The tens digit is the class that scripts switch on; the units say which. Documented by --help and vm/README.md; a
/// number, once given, never changes its meaning.
enum class Status : uint8_t {
  SUCCESS = 0,

  GUEST_EXIT = 10,
  GUEST_TRAP = 11,
  GUEST_CYCLE_LIMIT = 12,

  USAGE = 20,

  FILE = 30,
  ELF_MALFORMED = 31,
  ELF_TRUNCATED = 32,
  ELF_CLASS = 33,
  ELF_ENDIANNESS = 34,
  ELF_UNSUPPORTED = 35,
  ELF_DYNAMIC = 36,
  ELF_LAYOUT = 37,
  ELF_TOO_LARGE = 38,
  REQUEST = 39,

  RECEIPT_MALFORMED = 40,
  RECEIPT_VERSION = 41,
  RECEIPT_IMAGE = 42,
  RECEIPT_SECURITY = 43,
  RECEIPT_INVALID = 44,
  OPENING = 45,

  INTERNAL = 50,

  MODEL_MALFORMED = 60,
  MODEL_UNSUPPORTED = 61,
  MODEL_INPUT = 62,
};

struct StatusInfo {
  Status status;
  const char* meaning;
};
/// All of them, ascending.
std::span<const StatusInfo> all_statuses();
/// "guest failed", "usage", "bad input" (the thirties and sixties), "verification failed", "internal error", or
/// "success".
const char* class_name(Status status);

Status status_of(ElfErrorKind kind);
Status status_of(VerifyErrorKind kind);
Status status_of(ProveErrorKind kind);

/// Ends the command with a message on stderr and an exit code.
class Failure : public std::runtime_error {
 public:
  Failure(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  Status status() const { return status_; }

 private:
  Status status_;
};

}  // namespace zkvm::vm::cli
