#include "stark/simd/dispatch.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace zkvm::stark {
namespace {

constexpr Backend ALL[] = {Backend::AVX512, Backend::AVX2, Backend::PORTABLE};

std::string supported_names() {
  std::string names;
  for (const Backend b : ALL)
    if (backend_supported(b)) names += (names.empty() ? "" : ", ") + std::string(backend_name(b));
  return names;
}

std::atomic<int>& chosen() {
  static std::atomic<int> value{static_cast<int>(choose_backend(std::getenv("ZKVM_BACKEND")))};
  return value;
}

}  // namespace

const char* backend_name(Backend backend) {
  switch (backend) {
    case Backend::AVX512:
      return "avx512";
    case Backend::AVX2:
      return "avx2";
    case Backend::PORTABLE:
      break;
  }
  return "portable";
}

bool backend_supported(Backend backend) {
#if defined(__x86_64__)
  switch (backend) {
    case Backend::AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
    case Backend::AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    case Backend::PORTABLE:
      break;
  }
#endif
  return backend == Backend::PORTABLE;
}

Backend choose_backend(const char* request) {
  for (const Backend b : ALL) {
    const bool wanted = request == nullptr || *request == '\0' || std::string_view(request) == backend_name(b);
    if (wanted && backend_supported(b)) return b;
  }
  throw std::invalid_argument("ZKVM_BACKEND: expected one of " + supported_names() + ", found '" + request + "'");
}

Backend active_backend() { return static_cast<Backend>(chosen().load(std::memory_order_relaxed)); }

void set_backend(Backend backend) {
  if (!backend_supported(backend))
    throw std::invalid_argument("backend: expected one of " + supported_names() + ", found '" + backend_name(backend) +
                                "'");
  chosen().store(static_cast<int>(backend), std::memory_order_relaxed);
}

}  // namespace zkvm::stark
