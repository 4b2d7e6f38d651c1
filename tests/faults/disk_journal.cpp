#include "faults/disk_journal.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include "catch.h"

namespace mnist::testing {
namespace {

namespace fs = std::filesystem;

// A file or a directory, as the program sees it and as it lies on disk.
struct Node {
  bool directory = false;
  std::string bytes;
  std::string synced_bytes;
  std::map<std::string, std::shared_ptr<Node>> entries;
  std::map<std::string, std::shared_ptr<Node>> synced_entries;

  void sync() {
    synced_bytes = bytes;
    synced_entries = entries;
  }
};

class Disk {
 public:
  explicit Disk(const DiskState& before) {
    root_->directory = true;
    for (const auto& [path, bytes] : before) {
      const bool directory = path.ends_with('/');
      const auto node = std::make_shared<Node>();
      node->directory = directory;
      node->bytes = bytes;
      const std::string name = directory ? path.substr(0, path.size() - 1) : path;
      parent(name).entries[fs::path(name).filename()] = node;
    }
    sync_all(*root_);
  }

  void apply(const DiskCall& call) {
    const std::string name = fs::path(call.path).filename();
    if (call.kind == "create" || call.kind == "mkdir") {
      const auto node = std::make_shared<Node>();
      node->directory = call.kind == "mkdir";
      parent(call.path).entries[name] = node;
      nodes_[call.inode] = node;
    } else if (call.kind == "write") {
      std::string& bytes = node(call)->bytes;
      const auto begin = static_cast<std::size_t>(call.number);
      if (bytes.size() < begin + call.bytes.size()) bytes.resize(begin + call.bytes.size());
      bytes.replace(begin, call.bytes.size(), call.bytes);
    } else if (call.kind == "cut") {
      node(call)->bytes.resize(static_cast<std::size_t>(call.number));
    } else if (call.kind == "sync") {
      node(call)->sync();
    } else if (call.kind == "rename") {
      auto moved = parent(call.path).entries.extract(name);
      REQUIRE(!moved.empty());
      parent(call.bytes).entries[fs::path(call.bytes).filename()] = moved.mapped();
    } else if (call.kind == "remove") {
      parent(call.path).entries.erase(name);
    } else {
      FAIL("unknown call " << call.kind);
    }
  }

  DiskState on_disk() const {
    DiskState state;
    add_synced(*root_, "", state);
    return state;
  }

 private:
  static void sync_all(Node& node) {
    node.sync();
    for (const auto& entry : node.entries) sync_all(*entry.second);
  }
  static void add_synced(const Node& node, const std::string& prefix, DiskState& state) {
    for (const auto& [name, entry] : node.synced_entries) {
      state[prefix + name + (entry->directory ? "/" : "")] = entry->synced_bytes;
      add_synced(*entry, prefix + name + "/", state);
    }
  }

  std::shared_ptr<Node> find(const fs::path& path) {
    std::shared_ptr<Node> node = root_;
    for (const fs::path& part : path) {
      if (part == ".") continue;
      const auto found = node->entries.find(part);
      INFO(path);
      REQUIRE(found != node->entries.end());
      node = found->second;
    }
    return node;
  }
  Node& parent(const fs::path& path) { return *find(path.parent_path()); }
  // By its inode where it was created under watch, else by its name.
  std::shared_ptr<Node> node(const DiskCall& call) {
    std::shared_ptr<Node>& known = nodes_[call.inode];
    if (!known) known = find(call.path);
    return known;
  }

  std::shared_ptr<Node> root_ = std::make_shared<Node>();
  std::map<unsigned long, std::shared_ptr<Node>> nodes_;
};

}  // namespace

std::vector<DiskCall> read_journal(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in.good());
  std::vector<DiskCall> calls;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    DiskCall call;
    std::size_t size = 0;
    fields >> call.kind >> call.inode >> size >> call.number;
    fields.ignore(1);
    std::getline(fields, call.path);
    call.bytes.resize(size);
    in.read(call.bytes.data(), static_cast<std::streamsize>(size));
    REQUIRE(in.good());
    calls.push_back(std::move(call));
  }
  return calls;
}

std::vector<DiskState> states_after_power_failures(const std::vector<DiskCall>& calls,
                                                   const DiskState& before) {
  Disk disk(before);
  std::vector<DiskState> states{before};
  for (const DiskCall& call : calls) {
    disk.apply(call);
    if (call.kind != "sync") continue;  // nothing else changes what is on disk
    DiskState state = disk.on_disk();
    if (state != states.back()) states.push_back(std::move(state));
  }
  return states;
}

DiskState read_disk(const fs::path& directory) {
  DiskState state;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = fs::relative(entry.path(), directory).string();
    if (entry.is_directory()) {
      state[name + "/"] = "";
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    state[name] = {std::istreambuf_iterator<char>(in), {}};
  }
  return state;
}

void write_disk(const DiskState& state, const fs::path& directory) {
  for (const auto& [path, bytes] : state) {
    if (path.ends_with('/')) {
      fs::create_directories(directory / path);
    } else {
      fs::create_directories((directory / path).parent_path());
      std::ofstream(directory / path, std::ios::binary) << bytes;
    }
  }
}

}  // namespace mnist::testing
