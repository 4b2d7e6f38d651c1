// Files for the tests of data: written to a directory that goes away again, compressed or not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist::test {

/// The forms that data come in.
enum class Form { kPlain, kGzip, kBzip2, kXz, kZstd, kZip };

constexpr Form kForms[] = {Form::kPlain, Form::kGzip, Form::kBzip2,
                           Form::kXz,    Form::kZstd, Form::kZip};

/// What `bytes` look like in a form.
std::string packed(Form form, std::string_view bytes);

/// A zip archive of entries (name, content); a name that ends in '/' is a directory.
std::string zip(const std::vector<std::pair<std::string, std::string>>& entries);

/// The one line of the error that `call` must throw.
inline std::string error_of(const std::function<void()>& call,
                            ExitCode code = ExitCode::kBadInput) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  FAIL("no error");
  return {};
}

inline bool holds(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return true;
  WARN("\"" << part << "\" is not in \"" << text << '"');
  return false;
}

/// An IDX file of unsigned bytes.
inline std::string idx(const std::vector<std::uint32_t>& dimensions, std::string_view values) {
  std::string file{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const std::uint32_t n : dimensions) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(n >> shift & 0xff);
  }
  return file.append(values);
}

}  // namespace mnist::test
