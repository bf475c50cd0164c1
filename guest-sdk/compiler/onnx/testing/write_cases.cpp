// onnx_cases FOLDER: writes the models of cases.hpp as FOLDER/NAME.onnx and FOLDER/manifest.txt with the names and how
// they are run, for record.py and as a fuzzing corpus.
#include <cstdio>

#include <fstream>

#include "guest-sdk/compiler/onnx/testing/cases.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::ofstream manifest(std::string(argv[1]) + "/manifest.txt");
  for (const auto& c : zkvm::compiler::onnx::testing::cases()) {
    const std::string path = std::string(argv[1]) + "/" + c.name + ".onnx";
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(c.model.data()), static_cast<std::streamsize>(c.model.size()));
    manifest << c.name << " " << c.way << "\n";
    if (!file.flush() || !manifest) {
      std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
      return 1;
    }
  }
  return 0;
}
