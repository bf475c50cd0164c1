#include "stark/simd/buffer.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace zkvm::stark {
namespace {

constexpr size_t HUGE_PAGE = size_t{2} << 20;
constexpr size_t ARENA_THRESHOLD = size_t{1} << 20;

constexpr size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/// One reserved address range, or several where the system does not give one that is large enough.
class Arena {
 public:
  void* allocate(size_t bytes) {
    const std::scoped_lock lock(mutex_);
    for (Range& range : ranges_)
      if (void* const p = range.allocate(bytes)) return p;
    reserve(bytes);
    return ranges_.back().allocate(bytes);
  }

  void release(void* p, size_t bytes) {
    const std::scoped_lock lock(mutex_);
    const auto at = reinterpret_cast<uintptr_t>(p);
    for (Range& range : ranges_)
      if (at >= range.begin && at < range.end) return range.release(at, bytes);
  }

  void trim() {
    const std::scoped_lock lock(mutex_);
    for (Range& range : ranges_)
      for (const auto& [at, bytes] : range.free) {
        madvise(reinterpret_cast<void*>(at), bytes, MADV_DONTNEED);
        const size_t end = std::min(range.page(at + bytes), range.resident.size());
        for (size_t p = range.page(at); p < end; ++p) range.resident[p] = false;
      }
  }

 private:
  /// Where address space is limited (ulimit -v), a range is of this size: others need some, too.
  static constexpr size_t LIMITED_RANGE = size_t{256} << 20;
  static constexpr size_t UNLIMITED_RANGE = size_t{1} << 42;

  struct Range {
    uintptr_t begin, end;
    std::map<uintptr_t, size_t> free;  ///< address to size, coalesced; multiples of HUGE_PAGE
    std::vector<bool> resident = {};   ///< by page, up to the last one ever used

    void* allocate(size_t bytes) {
      for (auto it = free.begin(); it != free.end(); ++it) {
        if (it->second < bytes) continue;
        const uintptr_t at = it->first;
        const size_t rest = it->second - bytes;
        free.erase(it);
        if (rest != 0) free.emplace(at + bytes, rest);
        fetch_pages(page(at), page(at + bytes));
        return reinterpret_cast<void*>(at);
      }
      return nullptr;
    }
    size_t page(uintptr_t at) const { return (at - begin) / HUGE_PAGE; }
    /// Backs the pages [first, last), now in use, with what freed parts elsewhere have: the kernel moves page tables,
    /// it clears and copies nothing. So what is resident is what is alive, and not what fragments leave beside it.
    void fetch_pages(size_t first, size_t last) {
      if (resident.size() < last) resident.resize(last);
      auto hole = free.begin();
      size_t from = hole == free.end() ? 0 : page(hole->first);
      while (first < last) {
        if (resident[first]) {
          ++first;
          continue;
        }
        // The next resident page of a free part; behind the last one ever used there is none.
        while (hole != free.end() && from < resident.size() &&
               (from == page(hole->first + hole->second) || !resident[from])) {
          if (from != page(hole->first + hole->second)) {
            ++from;
          } else if (++hole != free.end()) {
            from = page(hole->first);
          }
        }
        if (hole == free.end() || from >= resident.size()) break;
        size_t n = 1;
        const size_t end = std::min(page(hole->first + hole->second), resident.size());
        while (first + n < last && !resident[first + n] && from + n < end && resident[from + n]) ++n;
        if (!move_pages(from, first, n)) break;
        from += n;
        first += n;
      }
      for (; first < last; ++first) resident[first] = true;  // as soon as they are written to
    }
    bool move_pages(size_t from, size_t to, size_t n) {
      void* const source = reinterpret_cast<void*>(begin + from * HUGE_PAGE);
      void* const target = reinterpret_cast<void*>(begin + to * HUGE_PAGE);
      const size_t bytes = n * HUGE_PAGE;
      if (mremap(source, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) == MAP_FAILED) return false;
      // Where they were is address space as before.
      if (mmap(source, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) !=
          source)
        std::abort();  // the part would be gone while `free` says that it is there
      madvise(source, bytes, MADV_HUGEPAGE);
      for (size_t i = 0; i < n; ++i) {
        resident[from + i] = false;
        resident[to + i] = true;
      }
      return true;
    }
    void release(uintptr_t at, size_t bytes) {
      auto [it, inserted] = free.emplace(at, bytes);
      if (const auto next = std::next(it); next != free.end() && it->first + it->second == next->first) {
        it->second += next->second;
        free.erase(next);
      }
      if (it == free.begin()) return;
      const auto previous = std::prev(it);
      if (previous->first + previous->second != it->first) return;
      previous->second += it->second;
      free.erase(it);
    }
  };

  /// Address space for `bytes` at least; nothing is charged before it is touched.
  void reserve(size_t bytes) {
    rlimit limit{};
    const bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    for (size_t size = limited ? LIMITED_RANGE : UNLIMITED_RANGE;; size /= 2) {
      size = std::max(size, bytes);
      const size_t mapped = size + HUGE_PAGE;  // for its alignment
      void* const p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (p == MAP_FAILED && size == bytes) throw std::bad_alloc();
      if (p == MAP_FAILED) continue;
      madvise(p, mapped, MADV_HUGEPAGE);  // a hint: without it the arena works on small pages
      const uintptr_t begin = round_up(reinterpret_cast<uintptr_t>(p), HUGE_PAGE);
      ranges_.push_back({begin, begin + size, {{begin, size}}});
      return;
    }
  }

  std::mutex mutex_;
  std::vector<Range> ranges_;  ///< oldest first: it has the most that is resident
};

/// Never destroyed: buffers may outlive static destruction.
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

}  // namespace

void* allocate_buffer(size_t bytes) {
  if (bytes > SIZE_MAX / 2) throw std::bad_alloc();
  if (bytes >= ARENA_THRESHOLD) return arena().allocate(round_up(bytes, HUGE_PAGE));
  return ::operator new (round_up(bytes == 0 ? 1 : bytes, 64), std::align_val_t{64});
}

void release_buffer(void* p, size_t bytes) {
  if (bytes >= ARENA_THRESHOLD)
    arena().release(p, round_up(bytes, HUGE_PAGE));
  else
    ::operator delete (p, std::align_val_t{64});
}

void trim_buffers() { arena().trim(); }

}  // namespace zkvm::stark
