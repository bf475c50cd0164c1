#include "vm/cli/status.hpp"

namespace zkvm::vm::cli {

std::span<const StatusInfo> all_statuses() {
  static constexpr StatusInfo STATUSES[] = {
      {Status::SUCCESS, "success"},
      {Status::GUEST_EXIT, "guest failed: it halted with a nonzero exit code"},
      {Status::GUEST_TRAP, "guest failed: it trapped"},
      {Status::GUEST_CYCLE_LIMIT, "guest failed: it did not halt within --max-cycles"},
      {Status::USAGE, "usage: the command line is wrong"},
      {Status::FILE, "bad input: a file is missing, or cannot be read or written"},
      {Status::ELF_MALFORMED, "bad input: not an ELF file, or one that contradicts itself"},
      {Status::ELF_TRUNCATED, "bad input: truncated ELF file"},
      {Status::ELF_CLASS, "bad input: not a 32-bit ELF file"},
      {Status::ELF_ENDIANNESS, "bad input: not a little-endian ELF file"},
      {Status::ELF_UNSUPPORTED, "bad input: not a static RV32IM soft-float executable"},
      {Status::ELF_DYNAMIC, "bad input: dynamically linked ELF file"},
      {Status::ELF_LAYOUT, "bad input: ELF segments overlap or lie outside the address space"},
      {Status::ELF_TOO_LARGE, "bad input: ELF image too large"},
      {Status::REQUEST, "bad input: too large for the machine, memory budget too small, security out of reach"},
      {Status::RECEIPT_MALFORMED, "verification failed: not a receipt, truncated or corrupt"},
      {Status::RECEIPT_VERSION, "verification failed: receipt of another format version"},
      {Status::RECEIPT_IMAGE, "verification failed: receipt of another program"},
      {Status::RECEIPT_SECURITY, "verification failed: receipt below the asked security"},
      {Status::RECEIPT_INVALID, "verification failed: the seal does not prove the claim"},
      {Status::OPENING, "verification failed: the receipt is valid, but about another input"},
      {Status::INTERNAL, "internal error: a bug or no memory left"},
      {Status::MODEL_MALFORMED, "bad input: not a model file, or a damaged one"},
      {Status::MODEL_UNSUPPORTED, "bad input: a model with layers that cannot be compiled"},
      {Status::MODEL_INPUT, "bad input: a file that is no input, or no list of labels, of the guest's model"},
  };
  return STATUSES;
}

const char* class_name(Status status) {
  switch (static_cast<unsigned>(status) / 10) {
    case 0:
      return "success";
    case 1:
      return "guest failed";
    case 2:
      return "usage";
    case 3:
    case 6:
      return "bad input";
    case 4:
      return "verification failed";
    default:
      return "internal error";
  }
}

Status status_of(ElfErrorKind kind) {
  switch (kind) {
    case ElfErrorKind::TRUNCATED:
      return Status::ELF_TRUNCATED;
    case ElfErrorKind::WRONG_CLASS:
      return Status::ELF_CLASS;
    case ElfErrorKind::WRONG_ENDIANNESS:
      return Status::ELF_ENDIANNESS;
    case ElfErrorKind::WRONG_MACHINE:
    case ElfErrorKind::WRONG_TYPE:
    case ElfErrorKind::COMPRESSED:
    case ElfErrorKind::WRONG_ABI:
      return Status::ELF_UNSUPPORTED;
    case ElfErrorKind::DYNAMIC:
      return Status::ELF_DYNAMIC;
    case ElfErrorKind::SEGMENT_OUT_OF_RANGE:
    case ElfErrorKind::SEGMENT_OVERLAP:
    case ElfErrorKind::WRITABLE_CODE:
      return Status::ELF_LAYOUT;
    case ElfErrorKind::TOO_LARGE:
      return Status::ELF_TOO_LARGE;
    case ElfErrorKind::NOT_ELF:
    case ElfErrorKind::MALFORMED:
    case ElfErrorKind::NO_SEGMENTS:
    case ElfErrorKind::BAD_ENTRY:
    case ElfErrorKind::BAD_LAYER:
      return Status::ELF_MALFORMED;
  }
  return Status::INTERNAL;
}

Status status_of(VerifyErrorKind kind) {
  switch (kind) {
    case VerifyErrorKind::MALFORMED:
      return Status::RECEIPT_MALFORMED;
    case VerifyErrorKind::WRONG_VERSION:
      return Status::RECEIPT_VERSION;
    case VerifyErrorKind::WRONG_IMAGE:
      return Status::RECEIPT_IMAGE;
    case VerifyErrorKind::LOW_SECURITY:
      return Status::RECEIPT_SECURITY;
    case VerifyErrorKind::INVALID_PROOF:
      return Status::RECEIPT_INVALID;
  }
  return Status::INTERNAL;
}

Status status_of(ProveErrorKind kind) {
  switch (kind) {
    case ProveErrorKind::TRAP:
      return Status::GUEST_TRAP;
    case ProveErrorKind::CYCLE_LIMIT:
      return Status::GUEST_CYCLE_LIMIT;
    case ProveErrorKind::BAD_INPUT:
    case ProveErrorKind::SECURITY:
      return Status::REQUEST;
  }
  return Status::INTERNAL;
}

}  // namespace zkvm::vm::cli
