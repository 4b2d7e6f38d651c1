// Preloaded into the program under test (LD_PRELOAD): keeps a journal of what it does to the files
// below a directory, or lets some of these calls fail.
//
//   MNIST_FAULTS_ROOT     the directory
//   MNIST_FAULTS_JOURNAL  a file to write the journal to, see disk_journal.h
//   MNIST_FAULTS_FAIL     KIND:N     the N-th call fails, counted from 1
//                         KIND:N+    so does every N-th
//   MNIST_FAULTS_COUNT    a file to write the number of counted calls to, at the end
//
// KIND is EIO, ENOSPC, EINTR or EAGAIN, or "short", by which a read or write transfers one byte.
// Counted are reads, writes, and for EIO and ENOSPC what creates, renames, cuts and syncs.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct Lock {
  Lock() { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }
};

// The function that this library hides.
template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void raw_write(int descriptor, const char* bytes, std::size_t size) {
  while (size > 0) {
    const long written = syscall(SYS_write, descriptor, bytes, size);
    if (written <= 0) std::abort();  // the test would see a journal with a gap
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

// A copy of an absolute path, without "." and doubled slashes.
bool full_path(const char* path, char (&full)[4096]) {
  std::size_t n = 0;
  if (path[0] != '/') {
    if (syscall(SYS_getcwd, full, sizeof full) < 0) return false;
    n = std::strlen(full);
  }
  while (*path != '\0') {
    while (*path == '/') ++path;
    const std::size_t length = std::strcspn(path, "/");
    if (length > 0 && !(length == 1 && path[0] == '.')) {
      if (n + length + 2 > sizeof full) return false;
      full[n++] = '/';
      std::memcpy(full + n, path, length);
      n += length;
    }
    path += length;
  }
  full[n] = '\0';
  return true;
}

struct Faults {
  char root[4096] = "";
  std::size_t root_size = 0;
  int journal = -1;
  int error = 0;
  bool shortened = false;
  bool repeated = false;
  unsigned long at = 0;
  unsigned long calls = 0;
  const char* count_file = nullptr;

  Faults() {
    const char* directory = std::getenv("MNIST_FAULTS_ROOT");
    if (directory == nullptr || !full_path(directory, root)) return;
    root_size = std::strlen(root);
    if (const char* file = std::getenv("MNIST_FAULTS_JOURNAL")) {
      journal = static_cast<int>(
          syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    }
    count_file = std::getenv("MNIST_FAULTS_COUNT");
    const char* fail = std::getenv("MNIST_FAULTS_FAIL");
    if (fail == nullptr) return;
    const char* colon = std::strchr(fail, ':');
    if (colon == nullptr) return;
    const auto is = [&](const char* kind) {
      return std::strncmp(fail, kind, std::strlen(kind)) == 0;
    };
    error = is("EIO")      ? EIO
            : is("ENOSPC") ? ENOSPC
            : is("EINTR")  ? EINTR
            : is("EAGAIN") ? EAGAIN
                           : 0;
    shortened = is("short");
    at = std::strtoul(colon + 1, nullptr, 10);
    repeated = fail[std::strlen(fail) - 1] == '+';
  }
  ~Faults() {
    if (count_file == nullptr) return;
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%lu\n", calls);
    const int file = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, count_file, O_WRONLY | O_CREAT | O_TRUNC, 0666));
    raw_write(file, text, static_cast<std::size_t>(size));
    syscall(SYS_close, file);
  }

  // The path below the root, or null.
  const char* inside(const char* full) const {
    if (root_size == 0 || std::strncmp(full, root, root_size) != 0) return nullptr;
    if (full[root_size] == '\0') return ".";
    return full[root_size] == '/' ? full + root_size + 1 : nullptr;
  }

  // Counts a call, and tells whether it is to fail.
  bool due() {
    if (root_size == 0) return false;
    ++calls;
    return at > 0 && (calls == at || (repeated && calls % at == 0));
  }

  // Such a call as is interrupted by no signal.
  bool due_error() { return (error == EIO || error == ENOSPC) && due(); }

  // "KIND INODE SIZE NUMBER PATH", then that many bytes.
  void note(const char* kind, unsigned long inode, const char* bytes, std::size_t size, long number,
            const char* path) {
    if (journal < 0) return;
    char line[4200];
    const int length =
        std::snprintf(line, sizeof line, "%s %lu %zu %ld %s\n", kind, inode, size, number, path);
    raw_write(journal, line, static_cast<std::size_t>(length));
    raw_write(journal, bytes, size);
  }
};

Faults& faults() {
  static Faults* const one = new Faults;
  return *one;
}

[[gnu::destructor]] void end() { faults().~Faults(); }

const char* inside(const char* path, char (&full)[4096]) {
  return full_path(path, full) ? faults().inside(full) : nullptr;
}

// The path of a descriptor of a file below the root, as it was when it was opened or later renamed.
const char* inside(int descriptor, char (&full)[4096]) {
  if (faults().root_size == 0 || descriptor <= STDERR_FILENO) return nullptr;
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link, full, sizeof full - 1);
  if (size <= 0) return nullptr;
  full[size] = '\0';
  return faults().inside(full);
}

unsigned long inode_of(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

unsigned long inode_of(const char* path) {
  struct stat status {};
  return lstat(path, &status) == 0 ? status.st_ino : 0;
}

int opened(const char* name, const char* path, int flags, mode_t mode) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(path, full);
  const bool creates = known != nullptr && (flags & O_CREAT) != 0 && inode_of(path) == 0;
  if (known != nullptr && (flags & (O_CREAT | O_TRUNC)) != 0 && faults().due_error()) {
    errno = faults().error;
    return -1;
  }
  const int descriptor = next<int(const char*, int, ...)>(name)(path, flags, mode);
  if (known == nullptr || descriptor < 0) return descriptor;
  if (creates) {
    faults().note("create", inode_of(descriptor), "", 0, 0, known);
  } else if ((flags & O_TRUNC) != 0) {
    faults().note("cut", inode_of(descriptor), "", 0, 0, known);
  }
  return descriptor;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return opened("open64", path, flags, mode);
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  const Lock lock;
  char full[4096];
  if (inside(descriptor, full) != nullptr && size > 0 && faults().error != ENOSPC &&
      faults().due()) {
    if (!faults().shortened) {
      errno = faults().error;
      return -1;
    }
    size = 1;
  }
  return syscall(SYS_read, descriptor, bytes, size);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(descriptor, full);
  if (known != nullptr && size > 0 && faults().due()) {
    if (!faults().shortened) {
      errno = faults().error;
      return -1;
    }
    size = 1;
  }
  const long before = known == nullptr ? 0 : lseek(descriptor, 0, SEEK_CUR);
  const ssize_t written = syscall(SYS_write, descriptor, bytes, size);
  if (known != nullptr && written > 0) {
    struct stat status {};
    fstat(descriptor, &status);
    const bool appends = (fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
    faults().note("write", status.st_ino, static_cast<const char*>(bytes),
                  static_cast<std::size_t>(written),
                  appends ? static_cast<long>(status.st_size) - written : before, known);
  }
  return written;
}

int fsync(int descriptor) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(descriptor, full);
  if (known == nullptr) return static_cast<int>(syscall(SYS_fsync, descriptor));
  if (faults().due_error()) {
    errno = faults().error;
    return -1;
  }
  faults().note("sync", inode_of(descriptor), "", 0, 0, known);
  return 0;  // the test replays what would have been lost; the disk need not be waited for
}

int rename(const char* from, const char* to) {
  const Lock lock;
  char full_from[4096];
  char full_to[4096];
  const char* const known_from = inside(from, full_from);
  const char* const known_to = inside(to, full_to);
  if (known_from == nullptr || known_to == nullptr) {
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  }
  if (faults().due_error()) {
    errno = faults().error;
    return -1;
  }
  const int result = static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  if (result == 0) {
    faults().note("rename", 0, known_to, std::strlen(known_to), 0, known_from);
  }
  return result;
}

int truncate64(const char* path, off64_t size) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(path, full);
  if (known != nullptr && faults().due_error()) {
    errno = faults().error;
    return -1;
  }
  const int result = static_cast<int>(syscall(SYS_truncate, path, size));
  if (known != nullptr && result == 0) faults().note("cut", inode_of(path), "", 0, size, known);
  return result;
}

int truncate(const char* path, off_t size) { return truncate64(path, size); }

static int removed(const char* path, int flags) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(path, full);
  const int result = static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, flags));
  if (known != nullptr && result == 0) faults().note("remove", 0, "", 0, 0, known);
  return result;
}

int unlink(const char* path) { return removed(path, 0); }
int rmdir(const char* path) { return removed(path, AT_REMOVEDIR); }
int remove(const char* path) {
  struct stat status {};
  const bool directory = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return removed(path, directory ? AT_REMOVEDIR : 0);
}

int mkdir(const char* path, mode_t mode) {
  const Lock lock;
  char full[4096];
  const char* const known = inside(path, full);
  if (known != nullptr && faults().due_error()) {
    errno = faults().error;
    return -1;
  }
  const int result = static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
  if (known != nullptr && result == 0) {
    faults().note("mkdir", inode_of(path), "", 0, 0, known);
  }
  return result;
}
}
