// What a power failure leaves: replays the journal of fault_library.cc on a disk that keeps only
// what was synced.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mnist::testing {

/// One call that changed the disk. A file or directory is known by its inode, as its names change.
struct DiskCall {
  std::string kind;  // create, mkdir, write, cut, sync, rename, remove
  unsigned long inode = 0;
  std::string bytes;  // written; of rename, the new path
  long number = 0;    // where they were written; the size after a cut
  std::string path;   // below the directory that is watched, "." for itself
};

std::vector<DiskCall> read_journal(const std::filesystem::path& file);

/// Files by path, and directories, which have a slash at their end.
using DiskState = std::map<std::string, std::string>;

/// The states that a power failure may leave, in order and each once: after every call, all of a
/// file that was synced and the entries of directories that were, and nothing else. `before`: what
/// was there, all of it synced.
std::vector<DiskState> states_after_power_failures(const std::vector<DiskCall>& calls,
                                                   const DiskState& before);

DiskState read_disk(const std::filesystem::path& directory);
void write_disk(const DiskState& state, const std::filesystem::path& directory);

}  // namespace mnist::testing
