#include <sys/resource.h>

#include "vm/cli/commands.hpp"
#include "vm/cli/files.hpp"

namespace zkvm::vm::cli {
namespace {

/// Debug information can make an ELF file far larger than its image, which load_elf bounds.
constexpr uint64_t MAX_ELF_FILE_BYTES = uint64_t{1} << 30;

}  // namespace

Program load_program(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path, "guest", MAX_ELF_FILE_BYTES);
  if (bytes.empty()) {
    throw Failure(Status::ELF_MALFORMED, "'" + path + "': expected a RISC-V ELF executable, found an empty file");
  }
  auto program = load_elf(bytes);
  if (!program) throw Failure(status_of(program.error().kind), "'" + path + "': " + program.error().message);
  return std::move(*program);
}

ImageId image_id_of(const Program& program) {
  if (const std::string error = check_provable(program); !error.empty()) throw Failure(Status::ELF_TOO_LARGE, error);
  return make_setup(program).preimage.image_id();
}

Receipt load_receipt(const std::string& path, size_t& file_bytes) {
  InputFile file(path, "receipt", MAX_RECEIPT_BYTES);
  // What is not a regular file has no size before it has been read.
  const std::vector<uint8_t> bytes = file.size() ? std::vector<uint8_t>() : file.read_all();
  file_bytes = file.size().value_or(bytes.size());
  if (file_bytes == 0)
    throw Failure(Status::RECEIPT_MALFORMED, "'" + path + "': expected a receipt, found an empty file");
  auto receipt = file.size() ? decode_receipt(*file.size(), [&](std::span<uint8_t> out) { return file.read(out); })
                             : decode_receipt(bytes);
  if (!receipt) throw refused(path, receipt.error());
  return std::move(*receipt);
}

Failure refused(const std::string& path, const VerifyError& error) {
  std::string message = error.message;
  if (message.find("found") == std::string::npos) {
    // The verifier names what is wrong; what was expected is the same for all of these.
    message = (error.kind == VerifyErrorKind::MALFORMED ? "expected a whole, undamaged receipt, found: "
                                                        : "expected a receipt that proves its claim, found: ") +
              message;
  }
  return Failure(status_of(error.kind), "'" + path + "': " + message);
}

uint64_t peak_rss_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

}  // namespace zkvm::vm::cli
