// onnx_evaluate MODEL INPUTS OUTPUTS: imports a model and evaluates its graph for the inputs in a file, one behind the
// other, to compare with other programs.
#include <cstdio>

#include <fstream>
#include <iterator>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/onnx/import.hpp"

namespace {
std::vector<uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s MODEL INPUTS OUTPUTS\n", argv[0]);
    return 2;
  }
  const zkvm::compiler::Imported imported = zkvm::compiler::import_onnx(read_file(argv[1]), argv[1]);
  if (!imported.problems.empty()) {
    std::fprintf(stderr, "%s\n", describe(imported.problems).c_str());
    return 1;
  }
  const std::vector<uint8_t> inputs = read_file(argv[2]);
  std::ofstream file(argv[3], std::ios::binary);
  const auto size = static_cast<size_t>(input_bytes(imported.graph));
  for (size_t i = 0; i + size <= inputs.size(); i += size) {
    const std::vector<uint8_t> out = evaluate(imported.graph, std::span(inputs).subspan(i, size));
    file.write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size()));
  }
  return file.flush() ? 0 : 1;
}
