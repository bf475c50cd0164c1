// Zero-initialised address space whose pages cost memory only once touched.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace zkvm::vm {

// Zeroed elements of the trivial type T: [0, first) and [second, end), first <= second < end, without address space for
// what lies between. Throws std::bad_alloc when the kernel refuses the address space.
template <class T>
class Reservation {
 public:
  Reservation(size_t first, size_t second, size_t end) : bytes_(pages(end)) {
    const size_t hole = pages(first), behind = second * sizeof(T) / PAGE * PAGE;
    // The upper part anywhere, the lower one where it then must be; where that is taken, all of it and then less.
    void* const upper = map(nullptr, bytes_ - behind, 0);
    if (upper != MAP_FAILED && reinterpret_cast<uintptr_t>(upper) > behind) {
      void* const at = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(upper) - behind);
      void* const lower = map(at, hole, MAP_FIXED_NOREPLACE);
      if (lower == at) {
        data_ = static_cast<T*>(at);
        hole_ = hole, behind_ = behind;
        return;
      }
      if (lower != MAP_FAILED) munmap(lower, hole);
    }
    if (upper != MAP_FAILED) munmap(upper, bytes_ - behind);
    void* const all = map(nullptr, bytes_, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(all);
    hole_ = hole, behind_ = behind;
    if (hole_ < behind_) munmap(static_cast<char*>(all) + hole_, behind_ - hole_);
  }
  Reservation(Reservation&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_), hole_(other.hole_), behind_(other.behind_) {}
  Reservation& operator=(Reservation&&) = delete;
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() {
    if (data_ == nullptr) return;
    munmap(data_, hole_);
    munmap(reinterpret_cast<char*>(data_) + behind_, bytes_ - behind_);
  }

  // Gives the pages back to the kernel; all elements are zero again.
  void discard() {
    (void)madvise(data_, hole_, MADV_DONTNEED);
    (void)madvise(reinterpret_cast<char*>(data_) + behind_, bytes_ - behind_, MADV_DONTNEED);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  static constexpr size_t PAGE = 4096;
  static size_t pages(size_t elements) { return (elements * sizeof(T) + PAGE - 1) / PAGE * PAGE; }
  static void* map(void* at, size_t bytes, int flags) {
    return mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  }

  T* data_ = nullptr;
  size_t bytes_ = 0;              // of all, the hole included
  size_t hole_ = 0, behind_ = 0;  // where the hole begins and ends
};

}  // namespace zkvm::vm
