// Standard output, where results go, and standard error as a terminal.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mnist {

/// Thrown when nobody reads standard output any more, as in `mnist predict ... | head`. The program
/// then ends in silence, unless it was training.
struct OutputClosed {};

/// Gives the descriptors 0 to 2 that are closed a file that can neither be read nor written, so
/// that no file of ours is opened in their place. To be called first of all.
void reserve_standard_descriptors();

/// Writes all of `text`, as printable() shows it: what files hold must not command a terminal.
/// Throws OutputClosed, or Error(kFailure) with the system's reason.
void write_output(std::string_view text);

/// The same with every byte as it is.
void write_drawing(std::string_view text);

/// Writes a line to standard error, as printable_line() shows it. Nobody may be there to read it;
/// that ends no work.
void tell(std::string_view line);

/// The same with every byte as it is, and no line break at its end.
void tell_drawing(std::string_view text);

enum class JsonForm { kIndented, kLine };

/// One JSON value with a line break at its end. Text that is not UTF-8 (a file name may be
/// anything) is mended.
void write_json(const nlohmann::ordered_json& json, JsonForm form = JsonForm::kIndented);

/// A string as it is, a whole number without a point, any other value as JSON.
std::string plain_text(const nlohmann::ordered_json& value);

/// The same on one line, for a table: whatever a file holds, it makes up no line of its own.
std::string cell_text(const nlohmann::ordered_json& value);

/// Whether a line on this stream can be drawn over.
bool is_terminal(std::FILE* stream);

}  // namespace mnist
