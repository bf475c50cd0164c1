#pragma once
/// \file
/// Standard output that survives a closed pipe, and a progress bar.

#include <chrono>
#include <string>
#include <string_view>

namespace zkvm::vm::cli {

/// SIGPIPE must be ignored (main does). A reader that went away (`| head`) silences the stream and is no error; any
/// other failure is kept and reported by finish(), because print callbacks must not throw through the prover.
class OutputStream {
 public:
  OutputStream(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;
  ~OutputStream() { flush(); }

  /// Buffered; flush() or a full buffer writes.
  void put(std::string_view text);
  /// At once.
  void show(std::string_view text) {
    put(text);
    flush();
  }
  void flush();
  /// Whether more output would reach nobody.
  bool broken() const { return broken_; }
  /// Throws Failure(Status::FILE) if something could not be written for another reason than a closed pipe.
  void finish();

 private:
  static constexpr size_t BUFFER_BYTES = 1 << 16;
  int fd_;
  std::string name_, buffer_;
  bool broken_ = false;
  int error_ = 0;
};

/// One line on stderr, redrawn in place; draws only if stderr is a terminal.
class ProgressBar {
 public:
  ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  /// `fraction` in [0, 1]; cheap enough to be called often.
  void update(double fraction, const char* phase);
  /// For work whose end is not known.
  void update(const std::string& text);
  /// Removes the line, so that other output can go to the terminal; the next update draws it again.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool due();
  void draw(const std::string& line);

  bool enabled_ = false, visible_ = false;
  size_t columns_ = 80;
  Clock::time_point start_, drawn_{};
};

}  // namespace zkvm::vm::cli
