#pragma once
/// \file
/// What a model's journal says, for people: real numbers, classes, and whether it is about an input they have.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/compiler/borders/input.hpp"
#include "guest-sdk/compiler/info.hpp"

namespace zkvm::compiler {

/// scale * (element - zero point) of each element.
std::vector<float> dequantise(const TensorInfo& tensor, std::span<const uint8_t> elements);

/// Indices of the `count` largest values, the largest first, among equals the first.
std::vector<size_t> largest(std::span<const float> values, size_t count);

/// One label a line; the end of the last line may be missing. Takes any bytes. Without a value `error` says what was
/// expected and found.
std::optional<std::vector<std::string>> read_labels(std::span<const uint8_t> file, std::string& error);

/// SHA-256(data), or SHA-256(salt || data): what a journal has instead of data.
std::array<uint8_t, DIGEST_BYTES> digest(std::span<const uint8_t> data, const std::optional<Salt>& salt);

/// Text from a file, harmless in a terminal: control characters are replaced.
std::string printable(std::string_view text);

}  // namespace zkvm::compiler
