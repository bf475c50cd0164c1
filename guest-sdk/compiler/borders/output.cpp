#include "guest-sdk/compiler/borders/output.hpp"

#include <algorithm>
#include <numeric>

#include "guest-sdk/include/zkvm/commitment.hpp"

namespace zkvm::compiler {

std::vector<float> dequantise(const TensorInfo& t, std::span<const uint8_t> elements) {
  std::vector<float> values;
  values.reserve(elements.size());
  for (const uint8_t e : elements)
    values.push_back(t.scale * static_cast<float>((t.is_unsigned ? e : static_cast<int8_t>(e)) - t.zero_point));
  return values;
}

std::vector<size_t> largest(std::span<const float> values, size_t count) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto shown = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), shown, order.end(),
                    [&](size_t a, size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  order.erase(shown, order.end());
  return order;
}

std::optional<std::vector<std::string>> read_labels(std::span<const uint8_t> file, std::string& error) {
  std::vector<std::string> labels;
  std::string line;
  for (size_t i = 0; i <= file.size(); ++i) {
    if (i < file.size() && file[i] != '\n') {
      if (file[i] == 0) {
        error = "expected text, one label a line, found a byte of zero in line " + std::to_string(labels.size() + 1);
        return std::nullopt;
      }
      line += static_cast<char>(file[i]);
      continue;
    }
    if (i == file.size() && line.empty()) break;
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(printable(line));
    line.clear();
  }
  return labels;
}

std::array<uint8_t, DIGEST_BYTES> digest(std::span<const uint8_t> data, const std::optional<Salt>& salt) {
  const zkvm_sha256_hash hash = salt ? salted_sha256(*salt, data) : sha256(data);
  std::array<uint8_t, DIGEST_BYTES> out;
  std::copy_n(hash.data, out.size(), out.begin());
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    // C1 controls are two bytes in UTF-8.
    const bool second = i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) < 0xa0;
    if (c == 0xc2 && second) {
      out += '?';
      ++i;
    } else {
      out += c < 0x20 || c == 0x7f ? '?' : text[i];
    }
  }
  return out;
}

}  // namespace zkvm::compiler
