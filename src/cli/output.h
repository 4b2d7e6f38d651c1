// Standard output for results, standard error for everything else.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mnist {

/// Thrown when the reader of standard output is gone, as in `mnist predict ... | head`. The program
/// then ends without a message, unless it is training.
struct OutputClosed {};

/// If one of the descriptors 0 to 2 is closed, opens /dev/null in its place, with an access mode
/// that makes its use fail. Otherwise a file that the program opens later would get that number,
/// and output would go into it. main() calls this before anything else.
void reserve_standard_descriptors();

/// Writes `text` through printable(), so that text from a file cannot send control sequences to the
/// terminal. Throws OutputClosed, or Error(kFailure) with the system's reason.
void write_output(std::string_view text);

/// The same, with every byte unchanged.
void write_drawing(std::string_view text);

/// Writes a line to standard error through printable_line(). Ignores errors: a closed standard
/// error must not end a training.
void tell(std::string_view line);

/// The same, with every byte unchanged and without a line break at the end.
void tell_drawing(std::string_view text);

enum class JsonForm { kIndented, kLine };

/// Writes one JSON value and a line break. json_text() replaces invalid UTF-8.
void write_json(const nlohmann::ordered_json& json, JsonForm form = JsonForm::kIndented);

/// A string without quotation marks, a whole float without a point, any other value as JSON.
std::string plain_text(const nlohmann::ordered_json& value);

/// The same on one line, for a cell of a table: text from a file cannot add lines.
std::string cell_text(const nlohmann::ordered_json& value);

/// Whether the stream is a terminal that can redraw a line.
bool is_terminal(std::FILE* stream);

}  // namespace mnist
