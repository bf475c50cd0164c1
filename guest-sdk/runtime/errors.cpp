// Where the C++ library would throw and guests have no exceptions: the guest ends with a message and exit code 134. Linked
// unless -fexceptions is given. It also keeps out libstdc++'s own versions, which bring in 30 KB of unwinder and demangler.

#include <bits/functexcept.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>

extern "C" {
#include "runtime.h"
}

namespace {

// Without printf, which would add 10 KB to every guest with a container.
[[noreturn]] void uncaught(const char* type, const char* what) {
  for (const char* text : {"guest: ", type, ": ", what, "\n"}) std::fputs(text, stderr);
  std::abort();
}

}  // namespace

namespace std {

ZKVM_REPLACEABLE void __throw_bad_exception() { uncaught("std::bad_exception", ""); }
ZKVM_REPLACEABLE void __throw_bad_alloc() { uncaught("std::bad_alloc", "out of memory"); }
ZKVM_REPLACEABLE void __throw_bad_array_new_length() { uncaught("std::bad_array_new_length", "array too large"); }
ZKVM_REPLACEABLE void __throw_bad_cast() { uncaught("std::bad_cast", ""); }
ZKVM_REPLACEABLE void __throw_bad_typeid() { uncaught("std::bad_typeid", ""); }
ZKVM_REPLACEABLE void __throw_logic_error(const char* what) { uncaught("std::logic_error", what); }
ZKVM_REPLACEABLE void __throw_domain_error(const char* what) { uncaught("std::domain_error", what); }
ZKVM_REPLACEABLE void __throw_invalid_argument(const char* what) { uncaught("std::invalid_argument", what); }
ZKVM_REPLACEABLE void __throw_length_error(const char* what) { uncaught("std::length_error", what); }
ZKVM_REPLACEABLE void __throw_out_of_range(const char* what) { uncaught("std::out_of_range", what); }
ZKVM_REPLACEABLE void __throw_out_of_range_fmt(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  uncaught("std::out_of_range", text);
}
ZKVM_REPLACEABLE void __throw_runtime_error(const char* what) { uncaught("std::runtime_error", what); }
ZKVM_REPLACEABLE void __throw_range_error(const char* what) { uncaught("std::range_error", what); }
ZKVM_REPLACEABLE void __throw_overflow_error(const char* what) { uncaught("std::overflow_error", what); }
ZKVM_REPLACEABLE void __throw_underflow_error(const char* what) { uncaught("std::underflow_error", what); }
ZKVM_REPLACEABLE void __throw_ios_failure(const char* what) { uncaught("std::ios_base::failure", what); }
ZKVM_REPLACEABLE void __throw_ios_failure(const char* what, int) { uncaught("std::ios_base::failure", what); }
ZKVM_REPLACEABLE void __throw_system_error(int) { uncaught("std::system_error", ""); }
ZKVM_REPLACEABLE void __throw_future_error(int) { uncaught("std::future_error", ""); }
ZKVM_REPLACEABLE void __throw_bad_function_call() { uncaught("std::bad_function_call", "empty function object called"); }

ZKVM_REPLACEABLE void terminate() noexcept { __zkvm_die("std::terminate called"); }

#ifdef _GLIBCXX_VERBOSE_ASSERT
ZKVM_REPLACEABLE void __glibcxx_assert_fail(const char* file, int line, const char* function, const char* condition) noexcept {
  std::fprintf(stderr, "%s:%d: %s: assertion '%s' failed\n", file, line, function, condition);
  std::abort();
}
#endif

}  // namespace std

extern "C" ZKVM_REPLACEABLE void __cxa_throw_bad_array_new_length() { std::__throw_bad_array_new_length(); }
extern "C" ZKVM_REPLACEABLE void __cxa_bad_cast() { std::__throw_bad_cast(); }
extern "C" ZKVM_REPLACEABLE void __cxa_bad_typeid() { std::__throw_bad_typeid(); }
