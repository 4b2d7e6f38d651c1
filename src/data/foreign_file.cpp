#include "data/foreign_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/text_fields.h"

namespace mnist {
namespace {

using namespace std::string_view_literals;

struct Foreign {
  std::size_t offset;
  std::string_view magic;
  const char* what;  // and how to convert it
};

constexpr const char* kPacked =
    "compressed inside of an archive; unpack the archive and name the file";
constexpr const char* kPickle = "a Python pickle; load it in Python and numpy.savez what it holds";

constexpr std::array kByMagic{
    Foreign{
        0, "\x89HDF\r\n\x1A\n"sv,
        "an HDF5 file (.h5, .hdf5, MATLAB 7.3); python3 -c \"import h5py, numpy; f = "
        "h5py.File('FILE'); numpy.savez('data.npz', x_train=f['x'], y_train=f['y'])\" converts it"},
    Foreign{0, "MATLAB 5.0"sv,
            "a MATLAB file; python3 -c \"import scipy.io, numpy; m = scipy.io.loadmat('FILE'); "
            "numpy.savez('data.npz', x_train=m['X'], y_train=m['y'])\" converts it"},
    Foreign{
        0, "\x80\x02"sv,
        "a Python pickle; python3 -c \"import numpy, pickle; d = pickle.load(open('FILE', 'rb'), "
        "encoding='latin1'); numpy.savez('data.npz', x_train=..., y_train=...)\" converts it"},
    Foreign{0, "\x80\x03"sv, kPickle},
    Foreign{0, "\x80\x04"sv, kPickle},
    Foreign{0, "\x80\x05"sv, kPickle},
    Foreign{0, "(dp0\n"sv, kPickle},
    Foreign{0, "(lp0\n"sv, kPickle},
    Foreign{0, "cnumpy"sv, kPickle},
    Foreign{0, "PAR1"sv,
            "a Parquet file; python3 -c \"import pandas; "
            "pandas.read_parquet('FILE').to_csv('data.csv', index=False)\" converts it"},
    Foreign{0, "ARROW1"sv,
            "an Arrow file; python3 -c \"import pandas; "
            "pandas.read_feather('FILE').to_csv('data.csv', index=False)\" converts it"},
    Foreign{0, "FEA1"sv,
            "a Feather file; python3 -c \"import pandas; "
            "pandas.read_feather('FILE').to_csv('data.csv', index=False)\" converts it"},
    Foreign{0, "SQLite format 3"sv,
            "an SQLite database; sqlite3 -header -csv FILE 'SELECT * FROM TABLE' > data.csv "
            "converts a table of it"},
    Foreign{0, "\x89PNG"sv, "a PNG picture; data are a folder with a folder of pictures per class"},
    Foreign{0, "\xFF\xD8\xFF"sv,
            "a JPEG picture; data are a folder with a folder of pictures per class"},
    Foreign{4, "ftypheic"sv, "a HEIC picture; heif-convert FILE picture.jpg converts it"},
    Foreign{4, "ftypheix"sv, "a HEIC picture; heif-convert FILE picture.jpg converts it"},
    Foreign{4, "ftypmif1"sv, "a HEIF picture; heif-convert FILE picture.jpg converts it"},
    Foreign{4, "ftypmsf1"sv, "a HEIF picture; heif-convert FILE picture.jpg converts it"},
    Foreign{4, "ftypavif"sv, "an AVIF picture; heif-convert FILE picture.png converts it"},
    Foreign{8, "WEBP"sv, "a WebP picture; dwebp FILE -o picture.png converts it"},
    Foreign{0, "GIF8"sv, "a GIF picture; convert 'FILE[0]' picture.png (ImageMagick) converts it"},
    Foreign{0, "II*\0"sv,
            "a TIFF picture; convert 'FILE[0]' picture.png (ImageMagick) converts it"},
    Foreign{0, "MM\0*"sv,
            "a TIFF picture; convert 'FILE[0]' picture.png (ImageMagick) converts it"},
    Foreign{0, "%PDF"sv, "a PDF; pdftoppm -png -r 200 FILE page makes pictures of its pages"},
    // ByteSource has already removed one layer of compression.
    Foreign{0, "\x1F\x8B"sv, kPacked},
    Foreign{0,
            "\xFD"
            "7zXZ"sv,
            kPacked},
    Foreign{0, "\x28\xB5\x2F\xFD"sv, kPacked},
    Foreign{0, "BZh91AY&SY"sv, kPacked},
    Foreign{0, "PK\x03\x04"sv, "a zip archive inside of an archive; unpack that and name the file"},
    Foreign{0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive; 7z x FILE unpacks it"},
    Foreign{0, "Rar!"sv, "a RAR archive; unrar x FILE unpacks it"},
    Foreign{257, "ustar"sv, "a tar archive; tar xf FILE unpacks it"},
    Foreign{0, "GGUF"sv, "a GGUF file, which holds weights and no data"},
    Foreign{0, "ggml"sv, "a GGML file, which holds weights and no data"},
    Foreign{0, "lmgg"sv, "a GGML file, which holds weights and no data"},
    Foreign{0, "version https://git-lfs"sv,
            "a Git LFS pointer and not the file itself; git lfs pull fetches that"},
    Foreign{0, "RIFF"sv, "a RIFF file (sound or video), no data"},
    Foreign{0,
            "\x7F"
            "ELF"sv,
            "a program, no data"},
    Foreign{0, "\xFF\xFE"sv,
            "text in UTF-16; iconv -f UTF-16 -t UTF-8 FILE > data.csv converts it"},
    Foreign{0, "\xFE\xFF"sv,
            "text in UTF-16; iconv -f UTF-16 -t UTF-8 FILE > data.csv converts it"},
    Foreign{0, "\xD0\xCF\x11\xE0"sv,
            "an Excel workbook (.xls); save it as CSV, or libreoffice --headless --convert-to csv "
            "FILE"},
    Foreign{0, "RDX3"sv, "an R workspace; write.csv(data, 'data.csv', row.names = FALSE) in R"},
    Foreign{0, "RDX2"sv, "an R workspace; write.csv(data, 'data.csv', row.names = FALSE) in R"},
};

// The other Netpbm formats: 'P' and a digit, white space, then a number or a comment.
bool is_netpbm(std::string_view head) {
  const bool magic = head.size() > 3 && head[0] == 'P' &&
                     std::string_view("13467").find(head[1]) != std::string_view::npos;
  return magic && std::string_view("\n \t\r").find(head[2]) != std::string_view::npos &&
         (is_digit(head[3]) || head[3] == '#' || head[3] == 'W');
}

// UTF-16 without a byte order mark: every second byte is 0.
bool is_wide_text(std::string_view head) {
  constexpr std::size_t kEnough = 8;
  if (head.size() < kEnough) return false;
  for (std::size_t i = 0; i + 1 < kEnough; i += 2) {
    if (head[i] < ' ' && head[i] != '\n' && head[i] != '\r' && head[i] != '\t') return false;
    if (head[i + 1] != '\0') return false;
  }
  return true;
}

// A bitmap begins with "BM", as words can, but its reserved bytes are 0.
bool is_bitmap(std::string_view head) {
  constexpr std::size_t kReserved = 6;
  return head.starts_with("BM") && head.size() >= kReserved + 4 &&
         head.substr(kReserved, 4) == "\0\0\0\0"sv;
}

}  // namespace

std::optional<std::string> foreign_file(std::string_view head) {
  for (const Foreign& foreign : kByMagic) {
    if (head.size() >= foreign.offset && head.substr(foreign.offset).starts_with(foreign.magic)) {
      return foreign.what;
    }
  }
  if (is_netpbm(head)) {
    return "a PPM or PBM picture; convert FILE picture.png (ImageMagick) converts it";
  }
  if (is_bitmap(head)) return "a BMP picture; convert FILE picture.png (ImageMagick) converts it";
  if (is_wide_text(head)) {
    return "text in UTF-16; iconv -f UTF-16LE -t UTF-8 FILE > data.csv converts it";
  }
  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const std::string small = lowercase(text.substr(0, 64));
  if (small.starts_with("<!doctype html") || small.starts_with("<html") ||
      small.starts_with("<head")) {
    return "a web page and not a data file, as when a download needs a login; fetch the file "
           "itself";
  }
  if (small.starts_with("<?xml")) return "an XML file; give CSV, IDX or npz";
  if (text.starts_with('{') || text.starts_with("[{") || text.starts_with("[[") ||
      text.starts_with("[\n") || text.starts_with("[ ")) {
    const bool lines = text.starts_with('{') && text.find("\n{") != std::string_view::npos;
    return fmt::format(
        "JSON; python3 -c \"import pandas; pandas.read_json('FILE'{}).to_csv('data.csv', "
        "index=False)\" converts a table of it",
        lines ? ", lines=True" : "");
  }
  return std::nullopt;
}

}  // namespace mnist
