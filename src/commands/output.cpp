#include "commands/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace mnist {

void write_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed();
    } else if (errno != EINTR) {
      throw Error(ExitCode::kFailure,
                  fmt::format("cannot write to standard output: {}",
                              std::error_code(errno, std::generic_category()).message()));
    }
  }
}

void write_json(const nlohmann::ordered_json& json, JsonForm form) {
  using Json = nlohmann::ordered_json;
  const int indent = form == JsonForm::kIndented ? 2 : -1;
  write_output(json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string plain_text(const nlohmann::ordered_json& value) {
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool is_terminal(std::FILE* stream) {
  const char* type = std::getenv("TERM");
  return ::isatty(::fileno(stream)) != 0 && type != nullptr && std::string_view(type) != "dumb";
}

}  // namespace mnist
