#include "tests/cli/command.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace zkvm::tests {
namespace {

namespace fs = std::filesystem;

fs::path temporary_folder() {
  std::string name = (fs::temp_directory_path() / "zkvm-cli-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Workplace::Workplace() : folder_(temporary_folder()), logs_(temporary_folder()) {}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove_all(logs_, ignored);
}

void Workplace::put(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name, std::ios::binary) << text;
}

void Workplace::put(const std::string& name, const std::vector<uint8_t>& bytes) const {
  put(name, std::string(bytes.begin(), bytes.end()));
}

std::vector<uint8_t> Workplace::get(const std::string& name) const {
  const std::string text = read(folder_ / name);
  return {text.begin(), text.end()};
}

std::vector<std::string> Workplace::listing() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Outcome Workplace::shell(const std::string& command) const {
  const fs::path out = logs_ / "out", err = logs_ / "err";
  const std::string line = "cd '" + folder_.string() + "' && ZKVM='" ZKVM_COMMAND "' && { " + command + "\n} >'" +
                           out.string() + "' 2>'" + err.string() + "' </dev/null";
  const int result = std::system(line.c_str());
  Outcome outcome;
  outcome.status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
  outcome.out = read(out);
  outcome.err = read(err);
  return outcome;
}

Outcome Workplace::zkvm(const std::string& arguments) const { return shell("\"$ZKVM\" " + arguments); }

}  // namespace zkvm::tests
