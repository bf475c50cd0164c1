// A stand-in for libFuzzer's driver where there is no clang: runs a fuzz target on mutations of a saved corpus.
//   program SECONDS CORPUS_FOLDER
// The seed is printed; a crash leaves its input in crash.bin. No coverage feedback.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

std::vector<uint8_t> current;

void save_and_die(int signal) {
  if (FILE* file = std::fopen("crash.bin", "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void mutate(std::vector<uint8_t>& bytes, std::mt19937& random) {
  static constexpr uint8_t EXTREMES[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  for (unsigned n = 1 + random() % 4; n > 0 && !bytes.empty(); --n) {
    // Headers decide most, so half of the changes go there.
    const size_t at = random() % (random() % 2 == 0 ? std::min<size_t>(bytes.size(), 256) : bytes.size());
    switch (random() % 6) {
      case 0:
        bytes[at] ^= static_cast<uint8_t>(1u << random() % 8);
        break;
      case 1:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 2:
        bytes[at] = EXTREMES[random() % std::size(EXTREMES)];
        break;
      case 3:  // a whole little-endian word
        for (size_t i = at & ~size_t{3}; i < (at | 3) + 1 && i < bytes.size(); ++i) {
          bytes[i] = EXTREMES[random() % std::size(EXTREMES)];
        }
        break;
      case 4:
        bytes.resize(at);
        break;
      default: {
        const size_t from = random() % bytes.size();
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), bytes[from]);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s SECONDS CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  std::vector<std::vector<uint8_t>> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "expected files in %s, found none\n", argv[2]);
    return 2;
  }
  for (int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, save_and_die);
  for (const auto& bytes : corpus) {
    current = bytes;
    LLVMFuzzerTestOneInput(current.data(), current.size());
  }
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(std::atof(argv[1]));
  uint64_t runs = 0;
  for (; std::chrono::steady_clock::now() < end; ++runs) {
    current = corpus[random() % corpus.size()];
    mutate(current, random);
    LLVMFuzzerTestOneInput(current.data(), current.size());
  }
  std::printf("seed %u: %llu runs without a crash\n", seed, static_cast<unsigned long long>(runs));
  return 0;
}
