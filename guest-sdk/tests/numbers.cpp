// Numbers: 64-bit integers and floating point, which the machine lacks and libraries supply, and printf.

#include <cfenv>
#include <cmath>
#include <complex>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numbers>

#include "check.hpp"

namespace {

// Values the compiler cannot compute with.
template <class T>
T hidden(T value) {
  volatile T v = value;
  return v;
}

bool prints(const char* expected, const char* format, ...) {
  char text[200];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (std::strcmp(text, expected) == 0 && length == static_cast<int>(std::strlen(expected))) return true;
  std::printf("expected '%s', found '%s'\n", expected, text);
  return false;
}

bool near(double a, double b) { return std::fabs(a - b) <= 4e-16 * std::fabs(b); }

void wide_integers() {
  const std::uint64_t a = hidden<std::uint64_t>(0xfedcba9876543210), b = hidden<std::uint64_t>(0x123456789);
  CHECK(a / b == 3758096384 && a % b == 2522100240 && a * b == 0xcccccccce1833a90);
  CHECK(hidden<std::int64_t>(-1000000000007) / hidden<std::int64_t>(1000) == -1000000000);
  CHECK(hidden<std::int64_t>(-1000000000007) % hidden<std::int64_t>(1000) == -7);
  CHECK(a >> hidden(36) == 0xfedcba9 && a << hidden(36) == 0x6543210000000000);
  CHECK(std::llabs(hidden<long long>(-5)) == 5 && std::div(hidden(17), 5).rem == 2);
}

void integer_edges() {
  const std::int32_t least = std::numeric_limits<std::int32_t>::min();
  CHECK(hidden(0x7fffffff) / hidden(-1) == -0x7fffffff);
  CHECK(static_cast<std::uint32_t>(hidden(least)) / hidden(3u) == 715827882u);
  CHECK(hidden(-7) / hidden(2) == -3 && hidden(-7) % hidden(2) == -1);
}

void soft_float_arithmetic() {
  CHECK(hidden(0.1) + hidden(0.2) == 0.30000000000000004);
  CHECK(hidden(1.0) / hidden(3.0) == 0.3333333333333333);
  CHECK(hidden(1e308) * hidden(10.0) == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(hidden(0.0) / hidden(0.0)) && std::signbit(hidden(-0.0)));
  CHECK(hidden(5e-324) / hidden(2.0) == 0.0 && hidden(3e-324) == 5e-324);
  CHECK(hidden(16777217.0f) == 16777216.0f && hidden(1.5f) * hidden(2.5f) == 3.75f);
  CHECK(static_cast<std::int64_t>(hidden(-9.9e15)) == -9900000000000000);
  CHECK(static_cast<double>(hidden<std::uint64_t>(0xffffffffffffffff)) == 18446744073709551616.0);
  CHECK(static_cast<int>(hidden(-2.9)) == -2);
}

void math_functions() {
  CHECK(std::sqrt(hidden(2.0)) == std::numbers::sqrt2);
  CHECK(near(std::exp(hidden(1.0)), std::numbers::e) && near(std::log(hidden(10.0)), std::numbers::ln10));
  CHECK(near(std::sin(hidden(1.0)), 0.8414709848078965) && near(std::cos(hidden(1.0)), 0.5403023058681398));
  CHECK(near(std::tan(hidden(0.5)), 0.5463024898437905) && near(std::atan2(hidden(1.0), hidden(-1.0)), 2.356194490192345));
  CHECK(std::pow(hidden(2.0), 10) == 1024.0 && near(std::cbrt(hidden(27.0)), 3.0));
  CHECK(std::floor(hidden(-1.5)) == -2 && std::ceil(hidden(-1.5)) == -1 && std::round(hidden(2.5)) == 3 &&
        std::trunc(hidden(-1.7)) == -1);
  CHECK(std::fmod(hidden(10.5), 3.0) == 1.5 && std::hypot(hidden(3.0), 4.0) == 5.0);
  CHECK(near(std::tgamma(hidden(5.0)), 24.0) && near(std::erf(hidden(0.5)), 0.5204998778130465));
  CHECK(std::sqrt(hidden(2.0f)) == 1.41421356f && std::fabs(std::tanh(hidden(0.5f)) - 0.46211716f) < 1e-7f);
  CHECK(std::abs(std::complex<double>(hidden(3.0), 4.0)) == 5.0);
  int exponent = 0;
  CHECK(std::frexp(hidden(48.0), &exponent) == 0.75 && exponent == 6 && std::ldexp(hidden(0.75), 6) == 48.0);
}

void formatted_output() {
  CHECK(prints("-42|   42|42   |00042|+42", "%d|%5d|%-5d|%05d|%+d", -42, 42, 42, 42, 42));
  CHECK(prints("ff|0XFF|0377|4294967295", "%x|%#X|%#o|%u", 255, 255, 255, 4294967295u));
  CHECK(prints("-9223372036854775807|123", "%lld|%lu", -9223372036854775807LL, 123ul));
  CHECK(prints("text|   te|c|%", "%s|%5.2s|%c|%%", "text", "text", 'c'));
  CHECK(prints("3.141593|3.14|1.000000e+10|0.0001|1e-05", "%f|%.2f|%e|%g|%g", 3.14159265, 3.14159265, 1e10, 1e-4, 1e-5));
  CHECK(prints("inf|-inf|nan", "%f|%f|%f", INFINITY, -INFINITY, std::fabs(NAN)));
  CHECK(prints("0.1|123457|1.23457e+06", "%.15g|%.6g|%.6g", 0.1, 123457.0, 1234567.0));
}

void formatted_input() {
  int i = 0;
  unsigned x = 0;
  double d = 0;
  char word[8] = {};
  CHECK(std::sscanf(" -12 ff 2.5e2 word", "%d %x %lf %7s", &i, &x, &d, word) == 4);
  CHECK(i == -12 && x == 255 && d == 250.0 && std::strcmp(word, "word") == 0);
  char* end = nullptr;
  CHECK(std::strtod("1.7976931348623157e308rest", &end) == std::numeric_limits<double>::max() && *end == 'r');
  CHECK(std::strtol("zz", nullptr, 36) == 35 * 36 + 35);
}

int compare_ints(const void* a, const void* b) { return *static_cast<const int*>(a) - *static_cast<const int*>(b); }

void c_library_sorts_and_searches() {
  int values[] = {5, -3, 9, 0, 2};
  std::qsort(values, 5, sizeof(int), compare_ints);
  CHECK(values[0] == -3 && values[2] == 2 && values[4] == 9);
  const int key = 5;
  CHECK(std::bsearch(&key, values, 5, sizeof(int), compare_ints) == &values[3]);
}

}  // namespace

int main() {
  wide_integers();
  integer_edges();
  soft_float_arithmetic();
  math_functions();
  formatted_output();
  formatted_input();
  c_library_sorts_and_searches();
  return check::report();
}
