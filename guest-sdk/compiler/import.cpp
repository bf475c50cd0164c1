#include "guest-sdk/compiler/import.hpp"

#include <cstring>

#include "guest-sdk/compiler/onnx/import.hpp"
#include "guest-sdk/compiler/tflite/import.hpp"

namespace zkvm::compiler {

Imported import_model(std::span<const uint8_t> file, const std::string& name) {
  // A flatbuffer's identifier follows the offset of its root table. ONNX files are protobufs, which have none.
  if (file.size() >= 8 && std::memcmp(file.data() + 4, "TFL3", 4) == 0) return import_tflite(file, name);
  return import_onnx(file, name);
}

}  // namespace zkvm::compiler
