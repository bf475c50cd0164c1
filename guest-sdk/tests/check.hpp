// Self-checking guests: CHECK counts claims and reports false ones; `return report();` ends main.
#pragma once

#include <cstdio>

namespace check {

inline unsigned claims = 0;
inline unsigned failures = 0;

inline void claim(bool holds, const char* text, const char* file, int line) {
  ++claims;
  if (holds) return;
  ++failures;
  std::printf("%s:%d: false: %s\n", file, line, text);
}

// The guest's exit code.
inline int report() {
  std::printf("%u claims, %u false\n", claims, failures);
  return failures == 0 && claims > 0 ? 0 : 1;
}

}  // namespace check

#define CHECK(...) ::check::claim(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
