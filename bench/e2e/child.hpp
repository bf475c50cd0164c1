#pragma once
/// \file
/// Fresh child processes, with what the kernel says they used.

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace zkvm::bench {

/// A run that cannot be measured: a program that is missing or fails, or output that is not what was expected.
struct BenchError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ChildOutcome {
  int status = -1;  ///< exit code; 128 + signal if it was killed
  double wall_seconds = 0;
  uint64_t peak_rss_bytes = 0;  ///< at least this process's own memory, some MB, which exec counts as the child's
  uint64_t page_faults = 0;
  std::string out, err;
};

/// A temporary folder, removed with everything in it at the end.
class WorkFolder {
 public:
  /// Throws BenchError if the system has no place for it.
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

/// Runs the program arguments[0], found as a shell would, to its end, with its output caught in files of `folder`.
/// Throws BenchError if it cannot be started; a status other than 0 is the caller's to judge.
ChildOutcome run_child(const WorkFolder& folder, const std::vector<std::string>& arguments);

/// "'a b' c" as a shell takes it.
std::string shell_text(const std::vector<std::string>& arguments);

/// As shell_text, for records: absolute paths are cut to their last part.
std::string without_folders(std::vector<std::string> arguments);

/// As run_child; throws BenchError with the command and its messages unless the status is 0.
ChildOutcome require_child(const WorkFolder& folder, const std::vector<std::string>& arguments);

}  // namespace zkvm::bench
