#pragma once
/// \file
/// Which instruction set the kernels use. Chosen once at start-up; every kernel exists in namespaces portable, avx2
/// and avx512 (the last two on x86-64 only), compiled from one source by zkvm_simd_sources (stark/kernels.cmake).

namespace zkvm::stark {

enum class Backend { PORTABLE, AVX2, AVX512 };

/// Whether this binary has the backend and this processor and operating system can run it.
bool backend_supported(Backend backend);
/// The fastest supported backend (AVX512 needs F, BW, DQ and VL), unless the environment variable ZKVM_BACKEND
/// (portable, avx2 or avx512) or set_backend says otherwise. Throws std::invalid_argument when the variable names an
/// unknown or unsupported backend. Thread-safe.
Backend active_backend();
/// For tests and benchmarks; not to be called while kernels run. Throws std::invalid_argument when unsupported.
void set_backend(Backend backend);
/// The backend that the request, a value of ZKVM_BACKEND, names; the fastest supported one for null or empty. Throws
/// std::invalid_argument.
Backend choose_backend(const char* request);
/// "portable", "avx2" or "avx512".
const char* backend_name(Backend backend);

/// The active backend's version of `function`, which must be declared in all three namespaces. A macro because a
/// namespace cannot be a template parameter.
#if defined(__x86_64__)
#define ZKVM_DISPATCH(function)                                                                         \
  (::zkvm::stark::active_backend() == ::zkvm::stark::Backend::AVX512 ? &::zkvm::stark::avx512::function \
   : ::zkvm::stark::active_backend() == ::zkvm::stark::Backend::AVX2 ? &::zkvm::stark::avx2::function   \
                                                                     : &::zkvm::stark::portable::function)
#else
#define ZKVM_DISPATCH(function) (&::zkvm::stark::portable::function)
#endif

}  // namespace zkvm::stark
