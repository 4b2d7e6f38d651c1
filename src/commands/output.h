// Standard output, where results go, and standard error as a terminal.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mnist {

/// Thrown when nobody reads standard output any more, as in `mnist predict ... | head`. The program
/// then ends in silence.
struct OutputClosed {};

/// Writes all of `text`. Throws OutputClosed, or Error(kFailure) with the system's reason.
void write_output(std::string_view text);

enum class JsonForm { kIndented, kLine };

/// One JSON value with a line break at its end. Text that is not UTF-8 (a file name may be
/// anything) is mended.
void write_json(const nlohmann::ordered_json& json, JsonForm form = JsonForm::kIndented);

/// A string as it is, a whole number without a point, any other value as JSON.
std::string plain_text(const nlohmann::ordered_json& value);

/// Whether a line on this stream can be drawn over.
bool is_terminal(std::FILE* stream);

}  // namespace mnist
