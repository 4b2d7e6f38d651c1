#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"

namespace mnist {

void reserve_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // open() returns the lowest free descriptor, which is this one. The access mode is the wrong
    // one on purpose, so that reading or writing fails.
    ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

void write_drawing(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw OutputClosed();
  if (error != 0) {
    throw Error(ExitCode::kFailure,
                fmt::format("cannot write to standard output: {}", system_reason(error)));
  }
}

void write_output(std::string_view text) { write_drawing(printable(text)); }

void tell(std::string_view line) { tell_drawing(printable_line(line) + '\n'); }

void tell_drawing(std::string_view text) { write_all(STDERR_FILENO, text); }

void write_json(const nlohmann::ordered_json& json, JsonForm form) {
  write_output(json_text(json, form == JsonForm::kIndented ? 2 : -1) + "\n");
}

std::string plain_text(const nlohmann::ordered_json& value) {
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : json_text(value);
}

std::string cell_text(const nlohmann::ordered_json& value) {
  return printable_line(plain_text(value));
}

bool is_terminal(std::FILE* stream) {
  const char* type = std::getenv("TERM");
  return ::isatty(::fileno(stream)) != 0 && type != nullptr && std::string_view(type) != "dumb";
}

}  // namespace mnist
