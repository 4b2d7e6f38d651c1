// The pipeline from text to rows:
//
//   source --take()--> chunk of whole lines --parse_lines()--> CsvBlock --check()--> Dataset
//          (one thread at a time)         (all threads)             (in the file's order)
//
// While one thread parses its chunk, another one reads or decompresses the next chunk. So reading
// needs no thread of its own and no queue, and memory holds one chunk per thread.
#include "data/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/huge_pages.h"
#include "base/thread_pool.h"
#include "data/table_row.h"

namespace mnist {
namespace {

// Fits the L2 cache of a core. Only a single long line makes a chunk larger.
constexpr std::size_t kChunkBytes = std::size_t{1} << 19;
// No image needs a longer line.
constexpr std::size_t kMaxLineBytes = std::size_t{1} << 24;
// TableRowReader may read this many bytes past the text.
constexpr std::size_t kPadding = 8;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The line, from 1, of the first NUL byte; 0 if there is none. Parsing uses NUL as the end of a
/// line, so a NUL in the text would cut it.
std::size_t line_of_nul(std::string_view text) {
  const std::size_t position = text.find('\0');
  if (position == std::string_view::npos) return 0;
  const std::string_view before = text.substr(0, position);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

/// Removes the next line from `text` and returns it. Replaces its line end by a NUL.
std::span<char> take_line(std::span<char>& text) {
  char* const line = text.data();
  auto* end = static_cast<char*>(std::memchr(line, '\n', text.size()));
  text = text.subspan(static_cast<std::size_t>(end + 1 - line));
  if (end != line && end[-1] == '\r') --end;
  *end = '\0';
  return {line, end};
}

/// Whether a line holds no values: it is empty, or one of the empty rows that spreadsheets write.
bool is_blank(std::span<const char> line, char separator) {
  const auto blank = [&](char c) { return c == ' ' || c == '\t' || c == separator; };
  return line.empty() || (blank(line.front()) && std::ranges::all_of(line, blank));
}

void parse_lines(std::span<char> text, const TableForm& form, const KnownLabels& known,
                 CsvBlock& block) {
  if (*block.index == 0) {
    block.lines = form.head_lines;
    text = text.subspan(form.head_bytes);
  }
  const std::size_t lines_before = block.lines;
  const std::size_t nul_line = line_of_nul({text.data(), text.size()});
  // Each column takes at least a digit and a separator. One row more, for a row that fails halfway.
  const std::size_t max_rows = text.size() / (2 * form.columns()) + 1;
  TableRowReader reader(form, known, max_rows, block.rows);
  while (!text.empty()) {
    const std::span<const char> line = take_line(text);
    ++block.lines;
    if (block.lines - lines_before == nul_line) {
      block.problem = "holds a NUL byte; this is no text";
      break;
    }
    if (is_blank(line, form.separator)) continue;
    if (reader.count() == max_rows) {  // more rows than lines of that many columns can hold
      block.problem = fmt::format("has fewer than {} columns", form.columns());
      break;
    }
    if (!reader.read(line.data(), line.data() + line.size())) {
      block.problem = reader.problem();
      break;
    }
  }
  reader.finish();
}

/// Whether lines end in '\r' alone, as old spreadsheets write them.
bool ends_lines_with_cr(std::string_view text) {
  const std::size_t first = text.find_first_of("\r\n");
  return first != std::string_view::npos && text[first] == '\r' &&
         (first + 1 == text.size() || text[first + 1] != '\n') &&
         text.find('\n') == std::string_view::npos;
}

}  // namespace

/// The next chunk of whole lines, in the memory of `block`. Empty at the end of the file, or if
/// there is a problem.
std::span<char> CsvChunks::take(CsvBlock& block) {
  const std::lock_guard lock(taking_);
  block.index = taken_++;
  const auto room = [&](std::size_t size) {
    if (block.text.size() < size + kPadding) block.text.resize(size + kPadding);
    return block.text.data();
  };
  char* buffer = room(carry_.size());
  std::size_t size = carry_.copy(buffer, carry_.size());
  carry_.clear();
  bool ended = std::exchange(source_ended_, true);  // if anything throws, nothing follows
  std::size_t end = 0;                              // of the last whole line
  while (end == 0 && !ended && size < kMaxLineBytes) {
    buffer = room(size + kChunkBytes + 1);
    const std::size_t got = source_->read(buffer + size, kChunkBytes);
    ended = got < kChunkBytes;
    if (*block.index == 0 && size == 0) cr_ = ends_lines_with_cr({buffer, got});
    if (cr_) std::replace(buffer + size, buffer + size + got, '\r', '\n');
    size += got;
    if (ended && size > 0 && buffer[size - 1] != '\n') buffer[size++] = '\n';
    end = std::string_view(buffer, size).rfind('\n') + 1;  // 0: no whole line
  }
  block.progress = source_->progress();
  if (size >= kMaxLineBytes &&
      std::string_view(buffer, kMaxLineBytes).find('\n') == std::string_view::npos) {
    block.lines = 1;
    block.problem =
        fmt::format("is longer than {} bytes; give each image a line of its own", kMaxLineBytes);
    return {};
  }
  std::span<char> lines(buffer, end);
  if (*block.index == 0) {
    if (std::string_view(buffer, end).starts_with(kByteOrderMark)) {
      lines = lines.subspan(kByteOrderMark.size());
    }
    if (!lines.empty()) form_ = table_form({lines.data(), lines.size()}, options_, name());
  }
  carry_.assign(buffer + end, size - end);
  std::memset(buffer + end, 0, kPadding);
  source_ended_ = ended;
  return lines;
}

bool CsvChunks::parse_next(CsvBlock& block) noexcept {
  clear_rows(block.rows);
  block.index.reset();
  block.lines = 0;
  block.problem.clear();
  block.failure = nullptr;
  try {
    const std::span<char> text = take(block);
    if (!text.empty()) parse_lines(text, form_, options_.known, block);
    return !text.empty() || !block.problem.empty();
  } catch (...) {
    block.failure = std::current_exception();
    if (!block.index) {  // out of memory before a chunk was taken
      const std::lock_guard lock(taking_);
      block.index = taken_++;
    }
  }
  return true;
}

void CsvSequence::check(const CsvBlock& block) {
  if (block.failure) std::rethrow_exception(block.failure);
  if (!block.problem.empty()) fail(lines_ + block.lines, block.problem);
  rows_ += block.rows.rows();
  lines_ += block.lines;
}

void CsvSequence::check_end() const {
  if (rows_ == 0) throw bad_input(name_, "holds no rows, nothing but a header or blank lines");
}

void CsvSequence::fail(std::size_t line, const std::string& problem) const {
  throw bad_input(name_, fmt::format("line {}: {}", line, problem));
}

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, const DataFileOptions& options)
    : chunks_(std::move(source), options), sequence_(chunks_.name()) {}

bool CsvReader::next(Dataset& block, std::size_t max_rows) {
  clear_rows(block);
  while (block.rows() < max_rows) {
    if (handed_out_ < current_.rows.rows()) {
      const std::size_t n = std::min(max_rows - block.rows(), current_.rows.rows() - handed_out_);
      append_rows(block, current_.rows, handed_out_, n);
      handed_out_ += n;
    } else {
      handed_out_ = 0;
      if (!chunks_.parse_next(current_)) break;
      sequence_.check(current_);
    }
  }
  block.reading = chunks_.form().reading;
  if (block.rows() > 0) return true;
  sequence_.check_end();
  return false;
}

namespace {

/// Reserves memory for `block` and for the rest of the file, as estimated from the source's
/// progress. Growing later would copy all rows and hold them twice meanwhile.
void make_room(Dataset& all, const CsvBlock& block) {
  const std::size_t rows = all.rows() + block.rows.rows();
  const bool floats = all.has_floats() || block.rows.has_floats();
  const std::size_t room = floats ? all.values.capacity() : all.pixels.capacity();
  if (rows * block.rows.features() <= room) return;
  constexpr double kMargin = 1.125;
  constexpr double kMaxGrowth = 16;  // a first chunk predicts little
  const double growth = block.progress > 0 ? std::min(kMargin / block.progress, kMaxGrowth) : 2;
  const auto expected = static_cast<std::size_t>(static_cast<double>(rows) * growth);
  if (floats) {
    make_floats(all);
    reserve_on_huge_pages(all.values, expected * block.rows.features());
  } else {
    reserve_on_huge_pages(all.pixels, expected * block.rows.features());
  }
  if (block.rows.labelled()) all.labels.reserve(expected);
}

}  // namespace

Dataset CsvReader::load(std::size_t threads) {
  Dataset all;
  std::mutex joining;  // guards the variables below, `all` and `sequence_`
  std::condition_variable turn;
  std::size_t joined = 0;  // blocks
  std::exception_ptr failure;

  ThreadPool pool(threads);
  pool.run([&](Worker&) {
    CsvBlock block;
    while (chunks_.parse_next(block)) {
      std::unique_lock lock(joining);
      turn.wait(lock, [&] { return failure || joined == block.index; });
      if (failure) return;
      try {
        sequence_.check(block);
        make_room(all, block);
        append_rows(all, block.rows, 0, block.rows.rows());
        add_summary(all.summary, block.rows.summary);
      } catch (...) {
        failure = std::current_exception();
      }
      ++joined;
      turn.notify_all();
    }
  });
  if (failure) std::rethrow_exception(failure);
  sequence_.check_end();
  all.reading = chunks_.form().reading;
  all.feature_names = chunks_.form().feature_names;
  return all;
}

}  // namespace mnist
