#pragma once
/// \file
/// Large uninitialised arrays on huge pages.
///
/// Fresh memory costs about as much as computing on it: the kernel clears it page by page. So large buffers come from
/// one reserved address range whose freed parts stay resident and are handed out again, lowest address first; the
/// resident size is then close to the peak of what is alive at one time. Where all freed parts are too small, their pages
/// are moved to where they are needed.

#include <cstddef>
#include <type_traits>
#include <utility>

namespace zkvm::stark {

/// 64-byte aligned, uninitialised; above 1 MiB from the huge-page arena (a multiple of 2 MiB). Throws std::bad_alloc.
/// Thread-safe.
void* allocate_buffer(size_t bytes);
/// Releases what allocate_buffer(bytes) returned.
void release_buffer(void* p, size_t bytes);
/// Gives the arena's unused memory back to the system, for when less will be needed from now on.
void trim_buffers();

/// An owning array of trivial elements, uninitialised, movable; empty after being moved from.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(size_t size) : data_(static_cast<T*>(allocate_buffer(size * sizeof(T)))), size_(size) {}
  Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) release_buffer(data_, size_ * sizeof(T));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace zkvm::stark
