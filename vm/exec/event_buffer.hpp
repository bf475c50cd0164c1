// A growing array for the executor's event streams: memory comes straight from the kernel (not initialised a second
// time), grows by remapping instead of copying, and asks for huge pages.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace zkvm::vm {

// Elements are trivial types. Room is made in advance with reserve_more (one check per slice of execution), so push is
// a single store. Throws std::bad_alloc when the kernel refuses. Not thread-safe.
template <class T>
class EventBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  EventBuffer() = default;
  EventBuffer(EventBuffer&& other) noexcept { swap(other); }
  EventBuffer& operator=(EventBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  EventBuffer(const EventBuffer&) = delete;
  EventBuffer& operator=(const EventBuffer&) = delete;
  ~EventBuffer() {
    if (data_ != nullptr) munmap(data_, mapped_bytes_);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* data() const { return data_; }
  T* data() { return data_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& operator[](size_t i) { return data_[i]; }
  std::span<const T> span() const { return {data_, size_}; }

  void clear() { size_ = 0; }

  // Gives the memory back to the kernel.
  void release() { *this = EventBuffer(); }

  // Makes room for `count` pushes. Untouched room costs address space only.
  void reserve_more(size_t count) {
    const size_t needed = (size_ + count) * sizeof(T);
    if (needed > mapped_bytes_) grow(std::max(needed, 2 * mapped_bytes_));
  }

  // There must be room (reserve_more). The new element is not initialised.
  T& push() { return data_[size_++]; }
  void push(const T& value) { data_[size_++] = value; }
  // Drops the newest element, whose instruction turned out to trap.
  void pop() { --size_; }

 private:
  static constexpr size_t GRANULE = size_t{1} << 21;

  void swap(EventBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_bytes_, other.mapped_bytes_);
  }

  void grow(size_t bytes) {
    bytes = (bytes + GRANULE - 1) / GRANULE * GRANULE;
    void* memory = data_ == nullptr ? mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                    : mremap(data_, mapped_bytes_, bytes, MREMAP_MAYMOVE);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    // Advice only: without huge pages the kernel's page faults cost more than the executor itself.
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    data_ = static_cast<T*>(memory);
    mapped_bytes_ = bytes;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t mapped_bytes_ = 0;
};

}  // namespace zkvm::vm
