#include "vm/cli/format.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "vm/receipt/receipt.hpp"

namespace zkvm::vm::cli {
namespace {

/// Three significant digits.
std::string three_digits(double v, const char* unit) {
  char text[48];
  const int decimals = v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f %s", decimals, v, unit);
  return text;
}

}  // namespace

std::string format_count(uint64_t n) {
  std::string digits = std::to_string(n);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string format_bytes(uint64_t n) {
  if (n < 1000) return std::to_string(n) + " B";
  const auto v = static_cast<double>(n);
  if (n < 999'500) return three_digits(v / 1e3, "kB");
  if (n < 999'500'000) return three_digits(v / 1e6, "MB");
  return three_digits(v / 1e9, "GB");
}

std::string format_duration(double seconds) {
  if (seconds < 0.9995) return three_digits(seconds * 1e3, "ms");
  if (seconds < 59.5) return three_digits(seconds, "s");
  const auto whole = static_cast<uint64_t>(std::llround(std::min(seconds, 1e15)));
  char text[48];
  const auto number = [](uint64_t v) { return static_cast<unsigned long long>(v); };
  if (whole < 3600) {
    std::snprintf(text, sizeof text, "%llu min %02llu s", number(whole / 60), number(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%llu h %02llu min", number(whole / 3600), number(whole % 3600 / 60));
  }
  return text;
}

std::string format_rate(double per_second) {
  if (!std::isfinite(per_second)) return "-";
  if (per_second < 999.5) return three_digits(per_second, "Hz");
  if (per_second < 999.5e3) return three_digits(per_second / 1e3, "kHz");
  return three_digits(per_second / 1e6, "MHz");
}

std::string format_bits(double bits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f", std::floor(bits * 10) / 10);
  return text;
}

std::string format_journal(std::span<const uint8_t> journal) {
  constexpr size_t SHOWN = 32;
  std::string out = format_count(journal.size()) + (journal.size() == 1 ? " byte" : " bytes");
  if (journal.empty()) return out;
  const auto shown = journal.first(std::min(journal.size(), SHOWN));
  out += ": " + to_hex(shown);
  const bool whole = shown.size() == journal.size();
  if (!whole) out += "...";
  if (std::all_of(shown.begin(), shown.end(), [](uint8_t b) { return b >= 0x20 && b < 0x7f; })) {
    out += " \"" + std::string(shown.begin(), shown.end()) + (whole ? "\"" : "...\"");
  }
  return out;
}

std::optional<uint64_t> parse_size(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number > 0)) return std::nullopt;
  std::string suffix(end, text.data() + text.size());
  for (char& c : suffix)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  double unit = 1;
  if (!suffix.empty()) {
    const std::string_view units = "KMGT";
    const size_t power = units.find(suffix[0]);
    if (power != std::string_view::npos) {
      unit = std::ldexp(1.0, 10 * static_cast<int>(power + 1));
      suffix.erase(0, 1);
      if (suffix == "IB") suffix.clear();
    }
    if (suffix == "B") suffix.clear();
    if (!suffix.empty()) return std::nullopt;
  }
  const double bytes = number * unit;
  if (!(bytes >= 1) || !(bytes < 0x1p63)) return std::nullopt;
  return static_cast<uint64_t>(bytes);
}

std::optional<std::vector<float>> parse_numbers(std::string_view list) {
  std::vector<float> numbers;
  const char *at = list.data(), *const end = at + list.size();
  while (true) {
    float number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
    numbers.push_back(number);
    if (after == end) return numbers;
    if (*after != ',') return std::nullopt;
    at = after + 1;
  }
}

std::optional<std::pair<bool, bool>> parse_disclosure(std::string_view list) {
  std::pair<bool, bool> named{false, false};
  if (list == "none") return named;
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    bool* which = word == "input" ? &named.first : word == "output" ? &named.second : nullptr;
    if (which == nullptr || *which) return std::nullopt;
    *which = true;
    if (comma == std::string_view::npos) return named;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace zkvm::vm::cli
