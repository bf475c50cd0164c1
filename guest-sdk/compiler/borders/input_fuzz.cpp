// libFuzzer target: any file given as a model's input becomes its tensors or a message. The models are images and a
// vector; the last byte decides between them and whether images are scaled. Checksums of PNG chunks are mended first,
// so that changes come past them.
#include <cstdlib>
#include <string_view>

#include "guest-sdk/compiler/borders/image.hpp"
#include "guest-sdk/compiler/borders/input.hpp"

namespace {

using namespace zkvm::compiler;

uint32_t crc32(std::span<const uint8_t> data) {
  uint32_t crc = ~0u;
  for (const uint8_t b : data) {
    crc ^= b;
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

void mend_checksums(std::vector<uint8_t>& png) {
  for (size_t at = 8; png.size() - at >= 12;) {
    const size_t length = size_t{png[at]} << 24 | size_t{png[at + 1]} << 16 | size_t{png[at + 2]} << 8 | png[at + 3];
    if (length > png.size() - at - 12) return;
    const uint32_t crc = crc32(std::span(png).subspan(at + 4, length + 4));
    for (size_t i = 0; i < 4; ++i) png[at + 8 + length + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    at += length + 12;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t choice = data[size - 1];
  static const TensorInfo TENSORS[] = {{"color", {1, 13, 17, 3}, false, 1.0F / 255, -128, false},
                                       {"planes", {1, 3, 9, 11}, true, 1, 0, true},
                                       {"grey", {1, 3, 8, 1}, false, 2.0F / 255, 0, false},
                                       {"array", {2, 3, 4}, true, 0.25F, 7, false}};
  const TensorInfo& tensor = TENSORS[choice % 4];
  const ModelInfo info{"", choice & 8 ? "ONNX" : "", {tensor}, {tensor}, {(choice & 16) != 0, true}};
  InputOptions options;
  options.resize = (choice & 4) != 0;
  std::vector<InputFile> files{{"", {data, data + size}}};
  if (is_png(files[0].bytes)) mend_checksums(files[0].bytes);
  std::string error;
  const auto input = read_input(info, files, options, error);
  if (input ? input->tensors.size() != static_cast<size_t>(info.input_bytes()) : error.empty()) std::abort();
  return 0;
}
