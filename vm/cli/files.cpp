#include "vm/cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "vm/cli/status.hpp"

namespace zkvm::vm::cli {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  /// Closing is where some file systems report that they could not store the data.
  bool close_now() {
    const int fd = fd_;
    fd_ = -1;
    return close(fd) == 0;
  }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& message) { throw Failure(Status::FILE, message); }

std::string reason(int error) { return std::generic_category().message(error); }

bool write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error) && !error) return fs::is_regular_file(a, error);
  // Two names of a file that does not exist yet.
  return !fs::exists(a, error) && !fs::exists(b, error) &&
         fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

}  // namespace

InputFile::InputFile(const std::string& path, const std::string& what, uint64_t max_bytes)
    : path_(path),
      what_(what),
      max_bytes_(max_bytes),
      fd_(path == STANDARD ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) fail("cannot read the " + what + ": expected a readable file, found '" + path + "': " + reason(errno));
  struct stat status {};
  const bool known = fstat(fd_, &status) == 0;
  const int error = errno;
  const auto refuse = [&](const std::string& message) {
    close(fd_);
    fail(message);
  };
  if (!known) refuse("cannot read the " + what + " '" + path + "': " + reason(error));
  if (S_ISDIR(status.st_mode))
    refuse("cannot read the " + what + ": expected a file, found the directory '" + path + "'");
  if (!S_ISREG(status.st_mode) || path == STANDARD) return;  // others may have read of standard input
  size_ = static_cast<uint64_t>(status.st_size);
  if (*size_ <= max_bytes) return;
  close(fd_);
  too_large(std::to_string(*size_));
}
InputFile::~InputFile() { close(fd_); }

void InputFile::too_large(const std::string& found) const {
  fail("the " + what_ + " '" + path_ + "' is too large: expected at most " + std::to_string(max_bytes_) +
       " bytes, found " + found);
}

size_t InputFile::read(std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::read(fd_, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read the " + what_ + " '" + path_ + "': " + reason(errno));
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

std::vector<uint8_t> InputFile::read_all() {
  // One more than the size, so that a file that stays as it is needs no second allocation to see its end.
  constexpr size_t FIRST_READ = 1 << 16;
  std::vector<uint8_t> bytes(std::max<size_t>(size_.value_or(0) + 1, FIRST_READ));
  size_t size = 0;
  while (true) {
    size += read(std::span(bytes).subspan(size));
    if (size > max_bytes_) too_large("more");
    if (size < bytes.size()) break;
    bytes.resize(2 * size);
  }
  bytes.resize(size);
  return bytes;
}

std::vector<uint8_t> read_file(const std::string& path, const std::string& what, uint64_t max_bytes) {
  return InputFile(path, what, max_bytes).read_all();
}

OutputFile::OutputFile(std::string path, std::string what)
    : path_(std::move(path)), what_(std::move(what)), target_(path_) {
  const auto refuse = [&](const std::string& why) {
    fail("cannot write the " + what_ + ": expected a writable path, found '" + path_ + "': " + why);
  };
  direct_ = path_ == STANDARD;
  if (direct_) return;
  struct stat status {};
  if (stat(path_.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) refuse("it is a directory");
    if (access(path_.c_str(), W_OK) != 0) refuse(reason(errno));
    direct_ = !S_ISREG(status.st_mode);
    if (direct_) return;
    std::error_code error;
    target_ = fs::canonical(path_, error).string();
    if (error) refuse(error.message());
  } else if (errno != ENOENT || path_.empty()) {
    refuse(reason(errno));
  }
  std::string name;
  const Descriptor probe(open_temporary(name));
  if (probe.get() < 0) refuse(reason(errno));
  unlink(name.c_str());
}

int OutputFile::open_temporary(std::string& name) const {
  const fs::path target(target_);
  if (!target.has_filename()) {
    errno = EISDIR;
    return -1;
  }
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  // The file's own name is not part of it: it may already be as long as names can be.
  name = (folder / ".zkvm-XXXXXX").string();
  return mkostemp(name.data(), O_CLOEXEC);
}

void OutputFile::write(std::span<const uint8_t> bytes) const {
  const auto refuse = [&](int error) { fail("cannot write the " + what_ + " '" + path_ + "': " + reason(error)); };
  if (direct_) {
    Descriptor file(path_ == STANDARD ? dup(STDOUT_FILENO) : open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0 || !write_all(file.get(), bytes) || !file.close_now()) refuse(errno);
    return;
  }
  // As if the file had been opened for writing: what is there keeps its permissions, a new one obeys the umask.
  struct stat status {};
  const mode_t mask = umask(0);
  umask(mask);
  const mode_t mode = stat(target_.c_str(), &status) == 0 ? status.st_mode & 07777 : 0666 & ~mask;
  std::string name;
  Descriptor file(open_temporary(name));
  if (file.get() < 0) refuse(errno);
  if (!write_all(file.get(), bytes) || fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0 || !file.close_now() ||
      rename(name.c_str(), target_.c_str()) != 0) {
    const int error = errno;
    unlink(name.c_str());
    refuse(error);
  }
}

void require_distinct(std::span<const NamedPath> inputs, std::span<const NamedPath> outputs) {
  const auto check = [](const NamedPath& a, const NamedPath& b) {
    if (a.path.empty() || b.path.empty()) return;
    if (!(a.path == STANDARD && b.path == STANDARD) && !same_file(a.path, b.path)) return;
    throw Failure(Status::USAGE, std::string("expected different files for ") + a.option + " and " + b.option +
                                     ", found '" + b.path + "' for both");
  };
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (const NamedPath& input : inputs)
      if (input.path != STANDARD) check(input, outputs[i]);
    for (size_t k = 0; k < i; ++k) check(outputs[k], outputs[i]);
  }
  const NamedPath* reads = nullptr;
  for (const NamedPath& input : inputs) {
    if (input.path != STANDARD) continue;
    if (reads != nullptr)
      throw Failure(Status::USAGE, std::string("expected one reader of standard input, found '-' for ") +
                                       reads->option + " and " + input.option);
    reads = &input;
  }
}

bool any_is_standard(std::span<const NamedPath> outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](const NamedPath& p) { return p.path == STANDARD; });
}

}  // namespace zkvm::vm::cli
