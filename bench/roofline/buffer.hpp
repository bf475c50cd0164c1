#pragma once
/// \file
/// Large zeroed memory on huge pages: without them address translation, not arithmetic, sets the limit.

#include <sys/mman.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace zkvm::bench {

template <class T>
class HugeBuffer {
 public:
  explicit HugeBuffer(size_t count) : bytes_((count * sizeof(T) + HUGE_PAGE) & ~(HUGE_PAGE - 1)) {
    void* p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
      std::fprintf(stderr, "roofline: no memory for %zu bytes; choose fewer rows\n", bytes_);
      std::exit(1);
    }
    madvise(p, bytes_, MADV_HUGEPAGE);
    data_ = static_cast<T*>(p);
    // Touch every page now, so that no measured phase pays for page faults.
    for (size_t i = 0; i < bytes_; i += 4096) static_cast<volatile char*>(p)[i] = 0;
  }
  ~HugeBuffer() { munmap(data_, bytes_); }
  HugeBuffer(const HugeBuffer&) = delete;
  HugeBuffer& operator=(const HugeBuffer&) = delete;

  T* data() { return data_; }
  operator T*() { return data_; }

 private:
  static constexpr size_t HUGE_PAGE = size_t{2} << 20;
  size_t bytes_;
  T* data_;
};

}  // namespace zkvm::bench
