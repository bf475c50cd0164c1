#pragma once
/// \file
/// Files as the command line names them. Every function throws Failure(Status::FILE) with what was expected and found.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zkvm::vm::cli {

/// "-" is standard input where a file is read, and standard output where one is written.
constexpr std::string_view STANDARD = "-";

/// A file to be read once, from its start.
class InputFile {
 public:
  /// `what` names its role in messages ("guest", "receipt", ...).
  InputFile(const std::string& path, const std::string& what, uint64_t max_bytes);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();
  /// Nothing of pipes and devices.
  std::optional<uint64_t> size() const { return size_; }
  /// Fills `out` as far as there are bytes left; returns how many there were.
  size_t read(std::span<uint8_t> out);
  /// All that is left.
  std::vector<uint8_t> read_all();

 private:
  [[noreturn]] void too_large(const std::string& found) const;

  std::string path_, what_;
  uint64_t max_bytes_;
  int fd_;
  std::optional<uint64_t> size_;
};

/// The whole file; pipes and devices are read to their end. `what` names its role in messages ("guest", "receipt",
/// ...).
std::vector<uint8_t> read_file(const std::string& path, const std::string& what, uint64_t max_bytes);

/// A file to be written when everything else has succeeded. A regular file is replaced in one step (temporary file
/// beside it, then rename), so that there is never a partial one; devices and pipes are written directly.
class OutputFile {
 public:
  /// Checks now, before the work, that `path` can be written; leaves nothing behind.
  OutputFile(std::string path, std::string what);
  void write(std::span<const uint8_t> bytes) const;
  const std::string& path() const { return path_; }

 private:
  /// Opens a temporary file in the target's folder; its name is in `name`.
  int open_temporary(std::string& name) const;

  std::string path_, what_;
  std::string target_;   ///< `path_` with symbolic links followed
  bool direct_ = false;  ///< not a regular file
};

/// Throws Failure(Status::USAGE) if any two of the named files are the same one: an output must not destroy an input.
/// Empty paths are skipped.
struct NamedPath {
  const char* option;
  std::string path;
};
/// Standard input and standard output serve one of each.
void require_distinct(std::span<const NamedPath> inputs, std::span<const NamedPath> outputs);

/// Whether one of them is standard output.
bool any_is_standard(std::span<const NamedPath> outputs);

}  // namespace zkvm::vm::cli
