// The file format, from its description and its reference implementation:
//
//   u64, little-endian   n, length of the header; at most 100,000,000
//   n bytes              JSON: {"__metadata__": {"key": "value", ...},
//                               "name": {"dtype": "F32", "shape": [out, in],
//                                        "data_offsets": [begin, end]}, ...}
//                        begins with '{', may end in spaces, no name twice
//   the rest             the tensors' bytes; offsets count from here; no overlaps, no holes
#include "model_io/safetensors.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"

namespace mnist {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;
constexpr const char* kMetadataKey = "__metadata__";

/// A tensor without its bytes, and their range in the data part.
struct Entry {
  Tensor tensor;
  std::size_t begin;
  std::size_t end;
};

/// Finds errors that json::parse() ignores: duplicate names (it keeps the last) and unlimited
/// nesting. (Its callback could find them, too, but takes quadratic time in the size of an object.)
struct HeaderCheck : nlohmann::json_sax<json> {
  std::string problem;                         // empty if there is none
  std::array<std::set<std::string>, 3> names;  // the names so far, per nesting level
  std::size_t level = 0;

  bool begin() {
    if (level >= names.size()) {
      problem = "header is nested too deep";
      return false;
    }
    names[level++].clear();
    return true;
  }
  bool end() {
    --level;
    return true;
  }
  bool key(std::string& name) override {
    if (names[level - 1].insert(name).second) return true;
    problem = fmt::format("header holds {} twice", quoted_text(name));
    return false;
  }
  bool start_object(std::size_t /*elements*/) override { return begin(); }
  bool start_array(std::size_t /*elements*/) override { return begin(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t /*value*/) override { return true; }
  bool number_unsigned(std::uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(json::binary_t& /*value*/) override { return true; }
  bool parse_error(std::size_t /*place*/, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    return false;
  }
};

/// Reads one file; every error names it.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    size_ = std::filesystem::file_size(path, error);
    if (error) fail(error.message());
    file_ = open_file(path, O_RDONLY);
    if (!file_.opened()) fail(system_reason(errno));
  }

  SafetensorsFile read() {
    const json header = parse_header(read_header());
    SafetensorsFile result;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadataKey) {
        result.metadata = metadata(value);
      } else {
        entries.push_back(entry(name, value));
      }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    check_ranges(entries);
    for (Entry& entry : entries) {
      entry.tensor.bytes.resize(entry.end - entry.begin);
      read_bytes(entry.tensor.bytes.data(), entry.tensor.bytes.size());
      result.tensors.push_back(std::move(entry.tensor));
    }
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw bad_input(path_.string(), what); }

  [[noreturn]] void fail_tensor(const std::string& name, const std::string& what) const {
    fail(fmt::format("tensor {}: {}", quoted_text(name), what));
  }

  [[noreturn]] void fail_json(std::size_t place) const {
    fail(fmt::format("header is no JSON: error at byte {}", kLengthBytes + place));
  }

  void read_bytes(void* to, std::size_t count) {
    const std::ptrdiff_t got =
        read_up_to(file_.get(), std::span(static_cast<std::byte*>(to), count));
    if (got < 0) fail(fmt::format("cannot be read: {}", system_reason(errno)));
    if (static_cast<std::size_t>(got) < count) fail("ends while it is being read");
  }

  std::string read_header() {
    if (size_ < kLengthBytes) {
      fail(fmt::format("cut short: {} bytes, a safetensors file starts with a length of {}", size_,
                       kLengthBytes));
    }
    std::uint64_t length = 0;
    read_bytes(&length, sizeof length);
    if (length > kMaxHeaderBytes) {
      fail(fmt::format(
          "not a safetensors file: header length {} in bytes 0 to 7, at most {} are allowed",
          length, kMaxHeaderBytes));
    }
    if (length > size_ - kLengthBytes) {
      fail(fmt::format("cut short: a header of {} bytes in a file of {}", length, size_));
    }
    std::string header(length, '\0');
    read_bytes(header.data(), header.size());
    data_size_ = size_ - kLengthBytes - length;
    return header;
  }

  json parse_header(const std::string& text) const {
    if (!text.starts_with('{')) fail("header at byte 8 is no JSON object");
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
      fail_json(zero);  // the parser would take a zero byte as the end
    }
    try {
      HeaderCheck check;
      // Syntax errors are reported by json::parse() below.
      if (!json::sax_parse(text, &check) && !check.problem.empty()) fail(check.problem);
      return json::parse(text);
    } catch (const json::parse_error& error) {
      fail_json(error.byte - 1);
    } catch (const json::out_of_range&) {
      fail("header holds a number that is too large");
    }
  }

  std::map<std::string, std::string> metadata(const json& value) const {
    if (!value.is_object()) fail("__metadata__ is no JSON object");
    std::map<std::string, std::string> result;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("__metadata__: {} is no string", quoted_text(key)));
      result[key] = text.get<std::string>();
    }
    return result;
  }

  Entry entry(const std::string& name, const json& value) const {
    if (!value.is_object()) fail_tensor(name, "is described by no JSON object");
    Tensor tensor;
    tensor.name = name;
    const auto dtype = value.find("dtype");
    if (dtype == value.end() || !dtype->is_string()) fail_tensor(name, "dtype is no string");
    tensor.dtype = dtype->get<std::string>();
    if (element_size(tensor.dtype) == 0) {
      fail_tensor(name, fmt::format("unknown dtype {}", quoted_text(tensor.dtype)));
    }
    tensor.shape = sizes(name, value, "shape");
    const std::optional<std::size_t> needed = tensor.needed_bytes();
    if (!needed) fail_tensor(name, "shape is larger than any memory");

    const std::vector<std::size_t> offsets = sizes(name, value, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) {
      fail_tensor(name, "data_offsets are no [begin, end]");
    }
    const auto [begin, end] = std::pair(offsets[0], offsets[1]);
    if (end > data_size_) {
      fail_tensor(
          name, fmt::format("data_offsets [{}, {}] reach beyond the file's {} bytes of data", begin,
                            end, data_size_));
    }
    if (*needed != end - begin) {
      fail_tensor(name, fmt::format("data_offsets [{}, {}] hold {} bytes, shape and dtype need {}",
                                    begin, end, end - begin, *needed));
    }
    return {std::move(tensor), begin, end};
  }

  /// A list of non-negative integers.
  std::vector<std::size_t> sizes(const std::string& name, const json& value,
                                 const char* field) const {
    const auto list = value.find(field);
    const auto is_size = [](const json& element) { return element.is_number_unsigned(); };
    if (list == value.end() || !list->is_array() ||
        !std::all_of(list->begin(), list->end(), is_size)) {
      fail_tensor(name, fmt::format("{} is no list of non-negative integers", field));
    }
    return list->get<std::vector<std::size_t>>();
  }

  /// Checks that the entries, sorted by offset, fill the data without overlaps or holes.
  void check_ranges(const std::vector<Entry>& entries) const {
    std::size_t next = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != next) {
        fail_tensor(entry.tensor.name,
                    fmt::format("data_offsets begin at {}, {} what ends at {}", entry.begin,
                                entry.begin < next ? "overlapping" : "leaving a hole after", next));
      }
      next = entry.end;
    }
    if (next != data_size_) {
      fail(fmt::format("{} bytes at the end belong to no tensor", data_size_ - next));
    }
  }

  std::filesystem::path path_;
  Descriptor file_;
  std::uintmax_t size_ = 0;
  std::size_t data_size_ = 0;
};

std::string header_of(const SafetensorsFile& file) {
  ordered_json header = ordered_json::object();
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::size_t begin = 0;
  for (const Tensor& tensor : file.tensors) {
    const std::size_t end = begin + tensor.bytes.size();
    if (element_size(tensor.dtype) == 0 || tensor.needed_bytes() != tensor.bytes.size() ||
        header.contains(tensor.name) || tensor.name == kMetadataKey) {
      throw std::invalid_argument("safetensors: unfit tensor " + quoted_text(tensor.name));
    }
    header[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  // json_text() also accepts text that is not UTF-8, such as a file's name in the metadata.
  std::string text = json_text(header);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  return text;
}

}  // namespace

const Tensor* SafetensorsFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const Tensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) { return Reader(path).read(); }

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
  const std::string header = header_of(file);
  const std::uint64_t length = header.size();
  std::size_t total = sizeof length + header.size();
  for (const Tensor& tensor : file.tensors) total += tensor.bytes.size();
  std::vector<std::byte> bytes;
  bytes.reserve(total);
  const auto append = [&](std::span<const std::byte> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  append(std::as_bytes(std::span(&length, 1)));
  append(std::as_bytes(std::span(header)));
  for (const Tensor& tensor : file.tensors) append(tensor.bytes);
  write_file_atomically(path, bytes);
}

}  // namespace mnist
