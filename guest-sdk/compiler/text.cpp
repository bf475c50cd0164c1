#include "guest-sdk/compiler/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace zkvm::compiler {

std::string comment_text(std::string_view name, size_t longest) {
  std::string out;
  for (const char c : name) {
    if (out.size() == longest) {
      out.replace(longest - 3, 3, "...");
      break;
    }
    const bool trigraph = c == '?' && !out.empty() && out.back() == '?';
    out += c >= ' ' && c <= '~' && c != '\\' && c != '`' && !trigraph ? c : '_';
  }
  return out;
}

std::string identifier_part(std::string_view name, bool upper) {
  name = name.substr(0, name.find(';'));
  while (!name.empty() && name.back() == '/') name.remove_suffix(1);
  // "model/block_1/conv/Relu": the last two parts.
  if (const size_t last = name.rfind('/'); last != std::string_view::npos && last != 0)
    if (const size_t slash = name.rfind('/', last - 1); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string out;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9', large = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';
    if (large || small)
      out += static_cast<char>(large && !upper ? c - 'A' + 'a' : small && upper ? c - 'a' + 'A' : c);
    else if (digit)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
    if (out.size() == 32) break;
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

std::string shape_text(Shape s) { return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.c); }

std::string float_text(float x) {
  // The shortest digits that give the same number again.
  char text[48];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x);
  std::string out(text, error == std::errc() ? end : text);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out + "F";
}
std::string scale_text(float scale) { return std::isfinite(scale) && scale > 0 ? float_text(scale) : "1"; }

std::string list_text(std::span<const std::string> items, size_t column) {
  constexpr size_t WIDTH = 120;
  std::string out = "{";
  size_t at = column + 1;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "}");
    // Behind the last one comes a semicolon.
    if (at + item.size() + (i != 0 ? 1 : 0) + 1 > WIDTH) {
      out += "\n    ";
      at = 4;
    } else if (i != 0) {
      out += " ";
      ++at;
    }
    out += item;
    at += item.size();
  }
  if (items.empty()) out += "}";
  return out;
}

}  // namespace zkvm::compiler
