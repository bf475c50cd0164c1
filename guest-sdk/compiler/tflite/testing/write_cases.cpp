// tflite_cases FOLDER: writes the models of cases.hpp as FOLDER/NAME.tflite and FOLDER/manifest.txt with the names and
// references, for record.py and as a fuzzing corpus.
#include <cstdio>

#include <fstream>

#include "guest-sdk/compiler/tflite/testing/cases.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  std::ofstream manifest(folder + "/manifest.txt");
  for (const auto& c : zkvm::compiler::tflite::testing::cases()) {
    std::ofstream file(folder + "/" + c.name + ".tflite", std::ios::binary);
    file.write(reinterpret_cast<const char*>(c.model.data()), static_cast<std::streamsize>(c.model.size()));
    manifest << c.name << " " << c.reference << "\n";
    if (!file) {
      std::fprintf(stderr, "%s: cannot be written\n", (folder + "/" + c.name).c_str());
      return 1;
    }
  }
  return manifest ? 0 : 1;
}
