#include "guest-sdk/compiler/build.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <vector>

extern char** environ;

namespace zkvm::compiler {
namespace {

namespace fs = std::filesystem;

/// Marks a folder as ours and lists what was put into it, one name a line.
constexpr const char* MARKER = ".zkvm-project";
constexpr const char* MARKER_HEAD = "zkvm compile wrote these files; with --force it replaces them:";
constexpr const char* ELF = "guest.elf";

std::string reason(int error) { return std::generic_category().message(error); }
BuildError folder_error(const std::string& folder, const std::string& why) {
  return {BuildError::Kind::FOLDER,
          "cannot write the project: expected a new or empty folder, found '" + folder + "': " + why};
}

/// Without trailing slashes, links followed; false if there is a link to nothing.
bool resolve(const std::string& folder, fs::path& out, bool& exists) {
  std::error_code error;
  const fs::file_status link = fs::symlink_status(folder, error);
  exists = fs::exists(folder, error);
  if (link.type() == fs::file_type::symlink && !exists) return false;
  out = fs::weakly_canonical(fs::absolute(folder, error), error);
  if (error) return false;
  if (!out.has_filename()) out = out.parent_path();
  return true;
}

/// The names in a marker; false if it is none.
bool read_marker(const fs::path& folder, std::set<std::string>& names) {
  std::ifstream file(folder / MARKER);
  std::string line;
  if (!std::getline(file, line) || line != MARKER_HEAD) return false;
  while (std::getline(file, line)) names.insert(line);
  names.insert(MARKER);
  return true;
}

/// A folder that goes away unless it is kept.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& beside) : path_((beside / ".zkvm-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) error_ = errno, path_.clear();
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  int error() const { return error_; }
  void keep() { path_.clear(); }

 private:
  std::string path_;
  int error_ = 0;
};

bool write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return static_cast<bool>(file);
}

/// Runs a program in `folder`, its output to the file `log`. The exit status, or -1 with errno.
int run_in(const std::string& folder, std::vector<std::string> command, const std::string& runtime,
           const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& a : command) arguments.push_back(a.data());
  arguments.push_back(nullptr);
  std::string variable = "ZKVM_SDK_BUILD=" + runtime;
  std::vector<char*> environment;
  for (char** e = environ; *e != nullptr; ++e) environment.push_back(*e);
  if (!runtime.empty() && std::getenv("ZKVM_SDK_BUILD") == nullptr) environment.push_back(variable.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) return -1;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t child = 0;
  errno = posix_spawn(&child, command[0].c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (errno != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

BuildError compile(const std::map<std::string, std::string>& files, const BuildOptions& options,
                   const std::string& folder) {
  std::vector<std::string> command = {options.sdk + "/bin/zkvm-g++", "-Wall", "-I."};
  // In the order of the project's own CMakeLists.txt, for the same program.
  for (const char* kind : {".cpp", ".S"})
    for (const auto& [name, text] : files)
      if (name.ends_with(kind)) command.push_back(name);
  command.insert(command.end(), {"-o", ELF});
  const std::string log = folder + "/.log";
  const int status = run_in(folder, command, options.runtime, log);
  if (status < 0) return {BuildError::Kind::SDK, "cannot start " + command[0] + ": " + reason(errno)};
  std::ostringstream said;
  said << std::ifstream(log).rdbuf();
  unlink(log.c_str());
  if (status == 0) return {};
  if (status == 127) return {BuildError::Kind::SDK, "expected the cross compiler of guests, found none\n" + said.str()};
  return {BuildError::Kind::COMPILER,
          "the guest does not compile: " + command[0] + " ended with " + std::to_string(status) + "\n" + said.str()};
}

}  // namespace

BuildError find_sdk(const std::string& executable, const std::string& built, std::string& sdk) {
  const auto usable = [](const fs::path& folder) { return access((folder / "bin/zkvm-g++").c_str(), X_OK) == 0; };
  std::error_code error;
  if (const char* named = std::getenv("ZKVM_SDK"); named != nullptr && *named != 0) {
    sdk = fs::absolute(named, error).string();
    if (usable(sdk)) return {};
    return {BuildError::Kind::SDK,
            "expected the guest SDK where ZKVM_SDK says, found no bin/zkvm-g++ in '" + sdk + "'"};
  }
  const fs::path folder = fs::path(executable).parent_path();
  for (const fs::path& candidate :
       {folder / "guest-sdk", folder / "../guest-sdk", folder / "../../guest-sdk", fs::path(built)})
    if (usable(candidate)) {
      sdk = fs::canonical(candidate, error).string();
      return {};
    }
  return {BuildError::Kind::SDK, "expected the guest SDK beside or above '" + folder.string() + "' or in '" + built +
                                     "', found none; set ZKVM_SDK to the folder guest-sdk"};
}

BuildError check_folder(const std::string& folder, bool force) {
  fs::path path;
  bool exists = false;
  std::error_code error;
  if (folder.empty() || !resolve(folder, path, exists)) return folder_error(folder, "the name leads nowhere");
  const fs::path above = path.parent_path();
  if (!fs::is_directory(above, error)) return folder_error(folder, "there is no folder '" + above.string() + "'");
  if (access(above.c_str(), W_OK | X_OK) != 0)
    return folder_error(folder, "'" + above.string() + "': " + reason(errno));
  if (!exists) return {};
  if (!fs::is_directory(path, error)) return folder_error(folder, "it is a file");
  const bool empty = fs::is_empty(path, error);
  if (error) return folder_error(folder, error.message());
  std::set<std::string> names;
  if (empty) return {};
  if (!read_marker(path, names)) return folder_error(folder, "it holds files that zkvm compile did not write");
  if (!force) return folder_error(folder, "it holds an earlier project; --force replaces it");
  return {};
}

BuildError write_project(const std::map<std::string, std::string>& files, const BuildOptions& options) {
  if (BuildError e = check_folder(options.folder, options.force); e.failed()) return e;
  fs::path target;
  bool exists = false;
  resolve(options.folder, target, exists);
  TemporaryFolder folder(target.parent_path());
  if (folder.error() != 0) return folder_error(options.folder, reason(folder.error()));
  std::string marker = std::string(MARKER_HEAD) + "\n";
  for (const auto& [name, text] : files) {
    if (!write_file(fs::path(folder.path()) / name, text)) return folder_error(options.folder, reason(errno));
    marker += name + "\n";
  }
  marker += std::string(ELF) + "\n";
  if (!write_file(fs::path(folder.path()) / MARKER, marker)) return folder_error(options.folder, reason(errno));
  if (options.compile)
    if (BuildError e = compile(files, options, folder.path()); e.failed()) return e;

  const mode_t mask = umask(0);
  umask(mask);
  chmod(folder.path().c_str(), 0777 & ~mask);
  std::error_code error;
  std::set<std::string> ours;
  if (!exists || !read_marker(target, ours)) {
    // An empty folder gives way.
    if (rename(folder.path().c_str(), target.c_str()) != 0) return folder_error(options.folder, reason(errno));
    folder.keep();
    return {};
  }
  // The old project steps aside, files of others move over, and only then does it go.
  TemporaryFolder aside(target.parent_path());
  if (aside.error() != 0) return folder_error(options.folder, reason(aside.error()));
  const std::string old = aside.path() + "/old";
  if (rename(target.c_str(), old.c_str()) != 0) return folder_error(options.folder, reason(errno));
  if (rename(folder.path().c_str(), target.c_str()) != 0) {
    const int why = errno;
    if (rename(old.c_str(), target.c_str()) != 0) aside.keep();
    return folder_error(options.folder, reason(why));
  }
  folder.keep();
  for (const fs::directory_entry& entry : fs::directory_iterator(old, error)) {
    const std::string name = entry.path().filename().string();
    if (ours.contains(name) || fs::exists(target / name, error)) continue;
    if (rename(entry.path().c_str(), (target / name).c_str()) != 0) aside.keep();
  }
  return {};
}

}  // namespace zkvm::compiler
