// The inline members of std::ctype<char>.
namespace std _GLIBCXX_VISIBILITY(default) {
_GLIBCXX_BEGIN_NAMESPACE_VERSION

bool ctype<char>::is(mask classes, char c) const { return _M_table[static_cast<unsigned char>(c)] & classes; }

const char* ctype<char>::is(const char* low, const char* high, mask* classes) const {
  while (low < high) *classes++ = _M_table[static_cast<unsigned char>(*low++)];
  return high;
}

const char* ctype<char>::scan_is(mask classes, const char* low, const char* high) const {
  while (low < high && !is(classes, *low)) ++low;
  return low;
}

const char* ctype<char>::scan_not(mask classes, const char* low, const char* high) const {
  while (low < high && is(classes, *low)) ++low;
  return low;
}

_GLIBCXX_END_NAMESPACE_VERSION
}  // namespace std
