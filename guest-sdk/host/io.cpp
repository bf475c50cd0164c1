// zkvm/io.h for a native build of a guest: link this file instead of the guest runtime.
//   input    the file named by ZKVM_INPUT, or all of stdin when that is unset
//   journal  written to the file named by ZKVM_JOURNAL, or shown as hex on stderr when that is unset

#include "zkvm/io.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

std::vector<std::uint8_t> read_all() {
  const char* path = std::getenv("ZKVM_INPUT");
  std::FILE* file = path == nullptr ? stdin : std::fopen(path, "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "ZKVM_INPUT: cannot open '%s'\n", path);
    std::_Exit(66);
  }
  std::vector<std::uint8_t> bytes;
  std::uint8_t block[4096];
  for (std::size_t got; (got = std::fread(block, 1, sizeof block, file)) > 0;) {
    bytes.insert(bytes.end(), block, block + got);
  }
  if (file != stdin) std::fclose(file);
  return bytes;
}

// Opened before main, so that a guest that writes nothing leaves an empty journal, and closed after it.
class Journal {
 public:
  Journal() {
    const char* path = std::getenv("ZKVM_JOURNAL");
    if (path == nullptr) return;
    file_ = std::fopen(path, "wb");
    if (file_ == nullptr) {
      std::fprintf(stderr, "ZKVM_JOURNAL: cannot write '%s'\n", path);
      std::_Exit(73);
    }
  }

  ~Journal() {
    if (file_ != nullptr) {
      std::fclose(file_);
    } else if (shown_) {
      std::fputc('\n', stderr);
    }
  }

  void write(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return;
    if (file_ != nullptr) {
      if (std::fwrite(data, 1, size, file_) != size) {
        std::fputs("ZKVM_JOURNAL: write failed\n", stderr);
        std::_Exit(74);
      }
      return;
    }
    if (!shown_) std::fputs("journal: ", stderr);
    shown_ = true;
    for (std::size_t i = 0; i < size; ++i) std::fprintf(stderr, "%02x", data[i]);
  }

 private:
  std::FILE* file_ = nullptr;
  bool shown_ = false;
};

Journal journal;

}  // namespace

extern "C" void read_input(const std::uint8_t** data, std::size_t* size) {
  static const std::vector<std::uint8_t> bytes = read_all();
  *data = bytes.data();
  *size = bytes.size();
}

extern "C" void write_output(const std::uint8_t* data, std::size_t size) { journal.write(data, size); }
