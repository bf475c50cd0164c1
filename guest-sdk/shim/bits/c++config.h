// libstdc++ 12's configuration for guests: the host's, without what a single-threaded RV32IM machine lacks. Every
// standard header includes this first.
#ifndef ZKVM_SHIM_CXXCONFIG_H
#define ZKVM_SHIM_CXXCONFIG_H 1

// No library holds ready-made instances of std::string and the like: instantiate them in the guest.
#define _GLIBCXX_EXTERN_TEMPLATE 0

#include_next <bits/c++config.h>

// Threads, futexes, thread-local storage by way of the C library, locks and clocks.
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_HAVE_LINUX_FUTEX
#undef _GLIBCXX_HAVE_TLS
#undef _GLIBCXX_HAVE___CXA_THREAD_ATEXIT_IMPL
#undef _GLIBCXX_HAVE_POSIX_SEMAPHORE
#undef _GLIBCXX_USE_CLOCK_MONOTONIC
#undef _GLIBCXX_USE_CLOCK_REALTIME
#undef _GLIBCXX_USE_GETTIMEOFDAY
#undef _GLIBCXX_USE_GET_NPROCS
#undef _GLIBCXX_USE_NANOSLEEP
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_T
#undef _GLIBCXX_USE_SCHED_YIELD
#undef _GLIBCXX_USE_SC_NPROCESSORS_ONLN
#undef _GTHREAD_USE_MUTEX_TIMEDLOCK

// Wide characters, native languages, other number formats.
#undef _GLIBCXX_USE_WCHAR_T
#undef _GLIBCXX11_USE_C99_WCHAR
#undef _GLIBCXX98_USE_C99_WCHAR
#undef _GLIBCXX_HAVE_VFWSCANF
#undef _GLIBCXX_HAVE_VSWSCANF
#undef _GLIBCXX_HAVE_VWSCANF
#undef _GLIBCXX_HAVE_WCSTOF
#undef _GLIBCXX_USE_C99_INTTYPES_WCHAR_T_TR1
#undef _GLIBCXX_USE_C11_UCHAR_CXX11
#undef _GLIBCXX_USE_UCHAR_C8RTOMB_MBRTOC8_CXX20
#undef _GLIBCXX_USE_UCHAR_C8RTOMB_MBRTOC8_FCHAR8_T
#undef _GLIBCXX_HAVE_UCHAR_H
#undef _GLIBCXX_USE_NLS
#undef _GLIBCXX_HAVE_ICONV
#undef _GLIBCXX_HAVE_USELOCALE
#undef _GLIBCXX_USE_FLOAT128
#undef _GLIBCXX_USE_DECIMAL_FLOAT

// Files, directories, devices.
#undef _GLIBCXX_HAVE_DIRENT_H
#undef _GLIBCXX_HAVE_GETS
#undef _GLIBCXX_USE_TMPNAM
#undef _GLIBCXX_USE_DEV_RANDOM
#undef _GLIBCXX_USE_RANDOM_TR1
#undef _GLIBCXX_X86_RDRAND
#undef _GLIBCXX_X86_RDSEED
#undef _GLIBCXX_HAVE_GETENTROPY
#undef _GLIBCXX_HAVE_ARC4RANDOM
#undef _GLIBCXX_USE_LFS
#undef _GLIBCXX_HAVE_TIMESPEC_GET
#undef _GLIBCXX_HAVE_SECURE_GETENV

// Mangled names: size_t is unsigned int here, unsigned long on the host.
#undef _GLIBCXX_MANGLE_SIZE_T
#define _GLIBCXX_MANGLE_SIZE_T j
#undef _GLIBCXX_SYMVER
#undef _GLIBCXX_SYMVER_GNU

#endif
