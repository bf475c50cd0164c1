#include "vm/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "vm/cli/format.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::vm::cli {

void OutputStream::put(std::string_view text) {
  if (broken_) return;
  buffer_ += text;
  if (buffer_.size() >= BUFFER_BYTES) flush();
}

void OutputStream::flush() {
  size_t done = 0;
  while (!broken_ && done < buffer_.size()) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      broken_ = true;
      if (errno != EPIPE) error_ = errno;
    } else {
      done += static_cast<size_t>(n);
    }
  }
  buffer_.clear();
}

void OutputStream::finish() {
  flush();
  if (error_ == 0) return;
  const std::string reason = std::generic_category().message(error_);
  error_ = 0;
  throw Failure(Status::FILE, "cannot write " + name_ + ": " + reason);
}

ProgressBar::ProgressBar() : start_(Clock::now()) {
  const char* terminal = std::getenv("TERM");
  enabled_ = isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
  winsize size{};
  if (enabled_ && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns_ = size.ws_col;
}

bool ProgressBar::due() {
  const Clock::time_point now = Clock::now();
  if (!enabled_ || (visible_ && now - drawn_ < std::chrono::milliseconds(100))) return false;
  drawn_ = now;
  return true;
}

void ProgressBar::draw(const std::string& line) {
  const std::string text = "\r" + line + "\x1b[K";
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  visible_ = true;
}

void ProgressBar::update(double fraction, const char* phase) {
  if (!due()) return;
  fraction = std::clamp(fraction, 0.0, 1.0);
  const double elapsed = std::chrono::duration<double>(drawn_ - start_).count();
  // Too early an estimate would only jump about.
  const bool known = fraction > 0.02 && fraction < 1 && elapsed > 0.5;
  char tail[96];
  std::snprintf(tail, sizeof tail, " %3d%%  %.24s%s%.20s", static_cast<int>(fraction * 100), phase,
                known ? ", left: " : "", known ? format_duration(elapsed * (1 - fraction) / fraction).c_str() : "");
  const std::string_view text(tail);
  std::string line;
  const size_t room = columns_ > text.size() + 4 ? std::min<size_t>(columns_ - text.size() - 4, 40) : 0;
  if (room != 0) {
    const auto filled = static_cast<size_t>(fraction * static_cast<double>(room));
    line += '[';
    line.append(filled, '#').append(room - filled, ' ') += ']';
  }
  line += text.substr(0, columns_ > 1 ? columns_ - 1 : 0);
  draw(line);
}

void ProgressBar::update(const std::string& text) {
  if (due()) draw(text.substr(0, columns_ > 1 ? columns_ - 1 : 0));
}

void ProgressBar::clear() {
  if (!visible_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

}  // namespace zkvm::vm::cli
