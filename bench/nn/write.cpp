// zkvm_bench_nn_write NAME FOLDER: writes a network as NAME.S, NAME.rom and NAME.input for the guest.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/nn/model.hpp"

namespace {

template <class Bytes>
void save(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: zkvm_bench_nn_write NAME FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  for (const zkvm::bench::Benchmark& b : zkvm::bench::benchmarks()) {
    if (b.name != std::string(argv[1])) continue;
    try {
      zkvm::bench::Model model = b.make();
      const std::filesystem::path rom = folder / (model.name() + ".rom");
      save(rom, model.rom());
      save(folder / (model.name() + ".S"), model.assembly(rom.string()));
      save(folder / (model.name() + ".input"), model.make_input());
    } catch (const std::exception& e) {
      std::fprintf(stderr, "zkvm_bench_nn_write: %s\n", e.what());
      return 1;
    }
    return 0;
  }
  std::fprintf(stderr, "zkvm_bench_nn_write: no network is named %s\n", argv[1]);
  return 2;
}
