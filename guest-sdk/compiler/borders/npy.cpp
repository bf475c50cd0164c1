#include "guest-sdk/compiler/borders/npy.hpp"

#include <algorithm>
#include <string_view>

namespace zkvm::compiler {
namespace {

constexpr std::string_view MAGIC = "\x93NUMPY";
constexpr size_t MAX_HEADER_BYTES = 1 << 16, MAX_RANK = 16, MAX_DIGITS = 10;
constexpr int64_t MAX_ELEMENTS = int64_t{1} << 27;

/// Carries what is wrong out of the parser.
struct Wrong {
  std::string what;
};

/// Text of the file for a message: short, and harmless in a terminal.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 24)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (text.size() > 24 ? "...'" : "'");
}

/// The header: the text of a Python dictionary with the keys descr, fortran_order and shape.
class Header {
 public:
  explicit Header(std::string_view text) : text_(text) { parse(); }
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;

 private:
  [[noreturn]] void wrong(const std::string& expected) const {
    throw Wrong{"expected " + expected + " in the header of the .npy file, found " +
                (at_ < text_.size() ? quoted(text_.substr(at_)) : std::string("its end"))};
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool take(std::string_view what) {
    skip_space();
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  void need(std::string_view what) {
    if (!take(what)) wrong("'" + std::string(what) + "'");
  }
  std::string string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') wrong("a text");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) wrong("the end of a text");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string(inside);
  }
  int64_t number() {
    skip_space();
    int64_t n = 0;
    size_t digits = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && digits < MAX_DIGITS; ++at_, ++digits)
      n = 10 * n + (text_[at_] - '0');
    if (digits == 0) wrong("a size");
    if (n > MAX_ELEMENTS) throw Wrong{"expected sizes of at most 2^27, found " + std::to_string(n)};
    return n;
  }
  void tuple() {
    need("(");
    while (!take(")")) {
      if (shape.size() == MAX_RANK) wrong("at most 16 dimensions");
      shape.push_back(number());
      if (!take(",")) {
        need(")");
        break;
      }
    }
  }
  void parse() {
    bool have_descr = false, have_order = false, have_shape = false;
    const auto once = [&](bool& have) {
      if (have) wrong("each key once");
      have = true;
    };
    need("{");
    while (!take("}")) {
      const std::string key = string();
      need(":");
      if (key == "descr") {
        once(have_descr);
        skip_space();
        if (at_ < text_.size() && text_[at_] == '[') wrong("elements of one type, not records,");
        descr = string();
      } else if (key == "fortran_order") {
        once(have_order);
        fortran_order = take("True");
        if (!fortran_order && !take("False")) wrong("True or False");
      } else if (key == "shape") {
        once(have_shape);
        tuple();
      } else {
        throw Wrong{"expected the keys descr, fortran_order and shape in the header of the .npy file, found " +
                    quoted(key)};
      }
      if (!take(",")) {
        need("}");
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) wrong("nothing after the dictionary");
    if (!have_descr || !have_order || !have_shape)
      throw Wrong{"expected the keys descr, fortran_order and shape in the header of the .npy file, found fewer"};
  }

  std::string_view text_;
  size_t at_ = 0;
};

Array::Type type_of(const std::string& descr) {
  // Bytes have no order.
  if (descr == "|i1" || descr == "<i1") return Array::Type::INT8;
  if (descr == "|u1" || descr == "<u1") return Array::Type::UINT8;
  if (descr == "<f4") return Array::Type::FLOAT32;
  if (descr == "<f8") return Array::Type::FLOAT64;
  throw Wrong{
      "expected an array of int8 ('|i1'), uint8 ('|u1'), float32 ('<f4') or float64 ('<f8'), little-endian, found "
      "one of " +
      quoted(descr)};
}

size_t size_of(Array::Type type) { return type == Array::Type::FLOAT64 ? 8 : type == Array::Type::FLOAT32 ? 4 : 1; }

/// Elements with the first index fastest to elements with the last index fastest.
std::vector<uint8_t> transposed(std::span<const uint8_t> from, const std::vector<int64_t>& shape, size_t size) {
  std::vector<uint8_t> to(from.size());
  std::vector<size_t> strides(shape.size()), index(shape.size(), 0);
  size_t stride = size;
  for (size_t i = 0; i < shape.size(); ++i) {
    strides[i] = stride;
    stride *= static_cast<size_t>(shape[i]);
  }
  size_t source = 0;
  for (size_t at = 0; at < to.size(); at += size) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(source), size, to.begin() + static_cast<std::ptrdiff_t>(at));
    for (size_t i = shape.size(); i-- > 0;) {
      source += strides[i];
      if (++index[i] < static_cast<size_t>(shape[i])) break;
      source -= strides[i] * index[i];
      index[i] = 0;
    }
  }
  return to;
}

Array parse(std::span<const uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!is_npy(file)) throw Wrong{"expected a .npy file, found other first bytes"};
  const auto truncated = [&] {
    throw Wrong{"expected a whole .npy file, found one cut off in its header, after " + std::to_string(file.size()) +
                " bytes"};
  };
  size_t start = MAGIC.size() + 2;
  if (file.size() < start) truncated();
  const unsigned version = file[MAGIC.size()];
  if (version < 1 || version > 3 || file[MAGIC.size() + 1] != 0)
    throw Wrong{"expected a .npy file of version 1.0, 2.0 or 3.0, found version " + std::to_string(version) + "." +
                std::to_string(file[MAGIC.size() + 1])};
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (file.size() < start + length_bytes) truncated();
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) length |= size_t{file[start + i]} << (8 * i);
  start += length_bytes;
  if (length > MAX_HEADER_BYTES)
    throw Wrong{"expected a .npy header of at most 65,536 bytes, found one of " + std::to_string(length)};
  if (file.size() - start < length) truncated();

  const Header header(text.substr(start, length));
  Array array;
  array.type = type_of(header.descr);
  array.shape = header.shape;
  int64_t elements = 1;
  for (const int64_t size : array.shape) {
    elements *= size;
    if (elements > MAX_ELEMENTS)
      throw Wrong{"expected at most 2^27 elements, found an array of shape " + shape_text(array.shape)};
  }
  const std::span<const uint8_t> data = file.subspan(start + length);
  const size_t size = size_of(array.type), bytes = static_cast<size_t>(elements) * size;
  if (data.size() != bytes)
    throw Wrong{"expected " + std::to_string(bytes) + " bytes of elements for " + std::string(type_name(array.type)) +
                " " + shape_text(array.shape) + " in the .npy file, found " + std::to_string(data.size())};
  array.bytes = header.fortran_order ? transposed(data, array.shape, size) : std::vector(data.begin(), data.end());
  return array;
}

}  // namespace

const char* type_name(Array::Type type) {
  switch (type) {
    case Array::Type::INT8:
      return "int8";
    case Array::Type::UINT8:
      return "uint8";
    case Array::Type::FLOAT32:
      return "float32";
    case Array::Type::FLOAT64:
      return "float64";
  }
  return "unknown";
}

bool is_npy(std::span<const uint8_t> file) {
  return file.size() >= MAGIC.size() &&
         std::equal(MAGIC.begin(), MAGIC.end(), file.begin(), [](char a, uint8_t b) { return uint8_t(a) == b; });
}

std::optional<Array> read_npy(std::span<const uint8_t> file, std::string& error) {
  try {
    return parse(file);
  } catch (const Wrong& wrong) {
    error = wrong.what;
    return std::nullopt;
  }
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string out = "[";
  for (const int64_t size : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(size);
  return out + "]";
}

}  // namespace zkvm::compiler
