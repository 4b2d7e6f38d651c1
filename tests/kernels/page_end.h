// Memory that ends where no memory is: a kernel that reads or writes past its end dies there, even
// if it does nothing with what it read.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <span>

namespace mnist::kernels {

/// `size` values of T, all 0, right before a page that may not be touched.
template <class T>
class PageEnd {
 public:
  explicit PageEnd(std::size_t size) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable = (size * sizeof(T) + page - 1) / page * page;
    bytes_ = usable + page;
    start_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start_ == MAP_FAILED) throw std::bad_alloc();
    char* end = static_cast<char*>(start_) + usable;
    if (mprotect(end, page, PROT_NONE) != 0) throw std::bad_alloc();
    data_ = reinterpret_cast<T*>(end) - size;
  }
  PageEnd(const PageEnd&) = delete;
  PageEnd& operator=(const PageEnd&) = delete;
  ~PageEnd() { munmap(start_, bytes_); }

  T* data() const { return data_; }
  std::span<T> values() const { return {data_, size_}; }

 private:
  std::size_t size_;
  std::size_t bytes_;
  void* start_;
  T* data_;
};

}  // namespace mnist::kernels
