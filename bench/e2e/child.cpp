#include "bench/e2e/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace zkvm::bench {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

WorkFolder::WorkFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "zkvm-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw BenchError("no temporary folder " + name + ": " + std::strerror(errno));
  folder_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

ChildOutcome run_child(const WorkFolder& folder, const std::vector<std::string>& arguments) {
  const std::string out = folder.path("out"), err = folder.path("err");
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid = 0;
  const auto start = std::chrono::steady_clock::now();
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw BenchError("cannot start " + arguments[0] + ": " + std::strerror(failed));

  int status = 0;
  rusage usage{};
  while (wait4(pid, &status, 0, &usage) < 0)
    if (errno != EINTR) throw BenchError("lost track of " + arguments[0] + ": " + std::strerror(errno));
  ChildOutcome outcome;
  outcome.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  outcome.page_faults = static_cast<uint64_t>(usage.ru_minflt) + static_cast<uint64_t>(usage.ru_majflt);
  outcome.out = read_text(out);
  outcome.err = read_text(err);
  return outcome;
}

std::string shell_text(const std::vector<std::string>& arguments) {
  constexpr std::string_view PLAIN = "-_./=,:+";
  std::string text;
  for (const std::string& argument : arguments) {
    const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [&](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || PLAIN.find(c) != std::string_view::npos;
    });
    if (!text.empty()) text += ' ';
    text += plain ? argument : "'" + argument + "'";
  }
  return text;
}

std::string without_folders(std::vector<std::string> arguments) {
  for (std::string& argument : arguments)
    if (argument.starts_with('/')) argument = std::filesystem::path(argument).filename().string();
  return shell_text(arguments);
}

ChildOutcome require_child(const WorkFolder& folder, const std::vector<std::string>& arguments) {
  ChildOutcome outcome = run_child(folder, arguments);
  if (outcome.status != 0) {
    throw BenchError(shell_text(arguments) + "\n  expected exit code 0, found " + std::to_string(outcome.status) +
                     "\n" + outcome.err);
  }
  return outcome;
}

}  // namespace zkvm::bench
