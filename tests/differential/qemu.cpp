#include "tests/differential/qemu.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace zkvm::differential {

std::vector<uint8_t> run_qemu(const std::filesystem::path& elf) {
  std::vector<uint8_t> out;
  FILE* pipe = popen(("timeout 60 qemu-riscv32 '" + elf.string() + "'").c_str(), "r");
  if (pipe == nullptr) return out;
  uint8_t buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) != 0;) out.insert(out.end(), buffer, buffer + n);
  if (pclose(pipe) != 0) out.clear();
  return out;
}

std::vector<uint8_t> run_qemu(std::span<const uint8_t> elf) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("zkvm-differential-" + std::to_string(getpid()) + ".elf");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(elf.data()), std::ssize(elf));
  chmod(path.c_str(), 0700);
  std::vector<uint8_t> out = run_qemu(path);
  std::filesystem::remove(path);
  return out;
}

}  // namespace zkvm::differential
