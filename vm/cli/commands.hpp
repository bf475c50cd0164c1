#pragma once
/// \file
/// The commands behind the command line, one function each. They print their result and return the exit code of a
/// command that could do its work; everything else is a Failure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vm/cli/status.hpp"
#include "vm/elf/program.hpp"

namespace zkvm::vm::cli {

/// How people's files become a model's input, and its journal something for people.
struct BorderOptions {
  bool resize = false;
  std::vector<float> mean, deviation;
  std::string salt;    ///< in hexadecimal
  std::string labels;  ///< file
};

struct RunOptions {
  std::string elf, receipt, journal, profile;
  std::vector<std::string> inputs;  ///< several for models with several inputs
  BorderOptions borders;            ///< for models only
  bool prove = false, stats = false, json = false;
  /// Whether a file goes to standard output, which the guest then leaves alone.
  bool output_on_stdout() const { return receipt == "-" || journal == "-" || profile == "-"; }
  bool profile_cells = false;  ///< the profile counts cells instead of cycles
  uint64_t memory_bytes = 0;   ///< 0: default_memory()
  unsigned threads = 0;        ///< 0: all
  double security_bits = 128;
  uint64_t max_cycles = UINT64_MAX;
};
/// GUEST_* if the guest failed.
Status run(const RunOptions& options);

struct VerifyOptions {
  std::string receipt, image_id, elf, journal;  ///< one of image_id and elf
  std::vector<std::string> opened;              ///< files of the input that the receipt is claimed to be about
  BorderOptions borders;                        ///< for models only, with elf
  double min_security_bits = 128;
  bool json = false;
};
Status verify(const VerifyOptions& options);

struct CompileOptions {
  std::string model, folder;
  bool public_input = false, public_output = true;
  bool force = false, no_build = false, json = false;
};
/// A trained network's file to a guest project and its ELF file.
Status compile(const CompileOptions& options);
/// A network's layers, and what a proof will cost.
Status model(const std::string& path, bool json);

Status image_id(const std::string& elf);
Status inspect(const std::string& receipt, bool json);
Status disasm(const std::string& elf);
/// Of a receipt, or of proofs in general if `receipt` is empty.
Status security(const std::string& receipt);

/// The ELF file at `path`, loaded; Failure if it cannot be.
Program load_program(const std::string& path);
/// Failure if the program is too large to prove.
ImageId image_id_of(const Program& program);
/// Reads and decodes a receipt; `file_bytes` is its size.
Receipt load_receipt(const std::string& path, size_t& file_bytes);
/// Why the receipt at `path` is refused, with what was expected and found.
Failure refused(const std::string& path, const VerifyError& error);
/// Peak resident memory of this process so far, in bytes.
uint64_t peak_rss_bytes();

}  // namespace zkvm::vm::cli
