#pragma once
/// \file
/// Runs build/zkvm as a user would, in a folder of its own.

#include <filesystem>
#include <string>
#include <vector>

namespace zkvm::tests {

struct Outcome {
  int status = -1;  ///< exit code; 128 + signal if it was killed
  std::string out, err;
};

/// A temporary working folder, removed at the end.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::vector<uint8_t>& bytes) const;
  void put(const std::string& name, const std::string& text) const;
  std::vector<uint8_t> get(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  /// All names in it, sorted: two equal listings show that no file was left behind.
  std::vector<std::string> listing() const;

  /// `arguments` is shell text after "zkvm"; the working folder is this one.
  Outcome zkvm(const std::string& arguments) const;
  /// Any shell command, in which $ZKVM is the program.
  Outcome shell(const std::string& command) const;

 private:
  std::filesystem::path folder_, logs_;
};

}  // namespace zkvm::tests
