#pragma once
/// \file
/// Arrays as NumPy saves them: .npy files of versions 1 to 3.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zkvm::compiler {

struct Array {
  enum class Type { INT8, UINT8, FLOAT32, FLOAT64 };
  Type type = Type::INT8;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;  ///< the elements, little-endian, the last index fastest
};
/// "int8", "uint8", "float32", "float64"
const char* type_name(Array::Type type);

bool is_npy(std::span<const uint8_t> file);
/// Takes any bytes. Arrays in Fortran's order are transposed. Without a value `error` says what was expected and found.
std::optional<Array> read_npy(std::span<const uint8_t> file, std::string& error);

/// "[1, 32, 32, 3]"
std::string shape_text(std::span<const int64_t> shape);

}  // namespace zkvm::compiler
