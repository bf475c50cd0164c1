#include "guest-sdk/compiler/testing/cases.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "guest-sdk/compiler/evaluate.hpp"

namespace zkvm::compiler::testing {

int write_cases(const std::vector<Case>& cases, const std::string& extension, int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  std::ofstream manifest(folder + "/manifest.txt");
  for (const Case& c : cases) {
    const std::string path = folder + "/" + c.name + "." + extension;
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(c.model.data()), static_cast<std::streamsize>(c.model.size()));
    manifest << c.name << " " << c.reference << "\n";
    if (!file.flush() || !manifest.flush()) {
      std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
      return 1;
    }
  }
  return 0;
}

std::map<std::string, Recorded> read_recorded(const std::string& path) {
  std::map<std::string, Recorded> out;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    Recorded r;
    words >> name >> r.runs >> r.digest >> r.first;
    out[name] = r;
  }
  return out;
}

Recorded record(const Graph& graph, uint64_t runs) {
  Recorded out{runs, "", ""};
  std::vector<uint8_t> input(static_cast<size_t>(input_bytes(graph)));
  uint64_t digest = 0xcbf29ce484222325;
  for (uint64_t run = 0; run < runs; ++run) {
    for (size_t i = 0; i < input.size(); ++i) input[i] = input_byte(run, i);
    const std::vector<uint8_t> output = evaluate(graph, input);
    if (run == 0) out.first = hex(output).substr(0, 96);
    for (const uint8_t byte : output) digest = (digest ^ byte) * 0x100000001b3;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
  out.digest = text;
  return out;
}

std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
std::string hex(const std::vector<uint8_t>& bytes) {
  std::string out;
  for (const uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

}  // namespace zkvm::compiler::testing
