#include "train/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/split.h"
#include "base/suggestion.h"
#include "base/text.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostOldLines = 1000;

[[noreturn]] void bad_line(const fs::path& file, std::size_t line, const std::string& message) {
  throw bad_input(file.string(), fmt::format("line {}: {}", line, message));
}

// The quotation marks of TOML and of version 1.0.
bool is_quote(char c) { return c == '"' || c == '\''; }

// Calls visit(c, quote) for each character until it returns false. `quote` is the kind of quotation
// mark around the character, or 0.
template <class Visit>
void visit_characters(std::string_view text, Visit visit) {
  char quote = 0;
  for (const char c : text) {
    const char around = quote;
    if (quote == 0 && is_quote(c)) {
      quote = c;
    } else if (quote == c) {
      quote = 0;
    }
    if (!visit(c, around == 0 ? quote : around)) return;
  }
}

// Escapes backslashes: version 1.0 had no escapes, so a backslash in its files is a plain
// character.
std::string with_escapes(const std::string& line) {
  std::string out;
  visit_characters(line, [&](char c, char quote) {
    out += c;
    if (c == '\\' && quote == '"') out += c;
    return true;
  });
  return out;
}

bool is_of_version_1_0(const std::vector<std::string>& lines) {
  return lines.front().starts_with("# mnist ") && lines.front().find(" on this file ") < 30 &&
         std::none_of(lines.begin(), lines.end(), [](const std::string& line) {
           return line.starts_with(fmt::format("{} =", kFormatKey));
         });
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && is_quote(text.front()) && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// The entries of a list in the form of version 1.0, with or without quotes.
std::vector<std::string> old_list(std::string_view text) {
  std::string entry;
  std::vector<std::string> entries;
  const auto end_entry = [&] { entries.emplace_back(without_quotes(trimmed(entry))); };
  visit_characters(text, [&](char c, char quote) {
    if (quote == 0 && c == ',') {
      end_entry();
      entry.clear();
    } else {
      entry += c;
    }
    return true;
  });
  end_entry();
  return entries;
}

// Translates a line `key = value` from the form of version 1.0 to TOML. That form allowed strings
// without quotes, and numbers that begin with a point or with zeros.
std::optional<std::string> old_line_as_toml(const std::string& line) {
  std::size_t end = 0;
  visit_characters(line, [&](char c, char quote) {
    if (quote == 0 && c == '#') return false;
    ++end;
    return true;
  });
  const std::string_view part = trimmed(std::string_view(line).substr(0, end));
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = trimmed(part.substr(0, equals));
  const std::string_view value = trimmed(part.substr(equals + 1));
  const bool is_key = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
  });
  const std::string_view plain = without_quotes(value);
  const bool whole = value.empty() || !is_quote(value.front()) || plain.size() < value.size();
  if (!is_key || value.empty() || !whole) return std::nullopt;
  if (plain.size() < value.size()) return config_line(key, std::string(plain));
  if (value.front() == '[') {
    if (value.back() != ']') return std::nullopt;
    return config_line(key, old_list(value.substr(1, value.size() - 2)));
  }
  return config_line(key, fmt::format("{}", fmt::join(old_list(value), ",")));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) lines.emplace_back();
  return lines;
}

// The quotes at the start of `text` that begin a string of TOML, one or three of a kind.
std::string_view opening_quotes(std::string_view text) {
  const bool three = text.size() > 2 && text[1] == text[0] && text[2] == text[0];
  return text.substr(0, three ? 3 : 1);
}

// Refuses a key of very many parts: the parser calls itself for each of them, and its stack ends.
void check_keys(std::string_view text, const fs::path& file) {
  constexpr std::size_t kMostParts = 30;
  std::size_t line = 1;
  std::size_t parts = 1;
  std::string_view quotes;  // of the string at hand, which they end; none outside
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      parts = 1;
      if (quotes.size() == 1) quotes = {};
    } else if (!quotes.empty()) {
      if (c == '\\' && quotes[0] == '"' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
      if (c != quotes[0] || !text.substr(i).starts_with(quotes)) continue;
      i += quotes.size() - 1;
      // Three may have one or two before them that are text.
      if (quotes.size() == 3) i = std::min(text.find_first_not_of(c, i), text.size()) - 1;
      quotes = {};
    } else if (is_quote(c)) {
      quotes = opening_quotes(text.substr(i));
      i += quotes.size() - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (std::string_view(",=[]{}").find(c) != std::string_view::npos) {
      parts = 1;
    } else if (c == '.' && ++parts > kMostParts) {
      bad_line(file, line, fmt::format("a key of more than {} parts", kMostParts));
    }
  }
}

// Parses the file; what TOML refuses and version 1.0 read is read as then, with a note.
toml::table parse(std::vector<std::string> lines, ConfigFile& file) {
  std::set<std::size_t> rewritten;  // an error in a line that was translated already is final
  for (;;) {
    try {
      const std::string text = fmt::format("{}\n", fmt::join(lines, "\n"));
      check_keys(text, file.path);
      return toml::parse(text);
    } catch (const toml::parse_error& error) {
      const std::size_t number =
          std::clamp<std::size_t>(error.source().begin.line, 1, lines.size());
      std::string& line = lines[number - 1];
      std::optional<std::string> better;
      try {
        better = old_line_as_toml(line);
      } catch (const Error&) {  // TOML cannot hold its text
      }
      if (!better || *better == line + "\n" || file.notes.size() == kMostOldLines ||
          !rewritten.insert(number).second) {
        bad_line(file.path, number, std::string(error.description()));
      }
      line = better->substr(0, better->size() - 1);
      file.notes.push_back(
          fmt::format("{}: line {} is no TOML and will not be read by the next version; write {}",
                      file.path.string(), number, line));
    }
  }
}

// The value as it would be written on the command line.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

struct PlacedEntry {
  toml::source_position place;
  ConfigFile::Entry entry;
};

void add_entries(const toml::table& table, const std::string& prefix, const fs::path& file,
                 std::vector<PlacedEntry>& entries) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const toml::table* inner = node.as_table()) {
      add_entries(*inner, key + ".", file, entries);
      continue;
    }
    const toml::source_position place = node.source().begin;
    ConfigFile::Entry entry{key, {}, place.line};
    const auto add = [&](const toml::node& value) {
      const auto text = text_of(value);
      if (!text) bad_line(file, value.source().begin.line, key + ": no value of a setting");
      entry.values.push_back(*text);
    };
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& value : *array) add(value);
    } else {
      add(node);
    }
    entries.push_back({place, std::move(entry)});
  }
}

void check_format(const ConfigFile& file, const ConfigFile::Entry& format) {
  const std::string known = fmt::format("{}", kConfigFormat);
  if (format.text() != known) {
    refuse_entry(
        file, format,
        fmt::format("format {} is not known; this version reads format {}", format.text(), known));
  }
}

[[noreturn]] void refuse_unknown(const ConfigFile& file, const ConfigFile::Entry& entry,
                                 const std::vector<Setting>& known) {
  std::vector<std::string> names;
  for (const Setting& setting : known) names.push_back(setting.name);
  const std::string inner = entry.key.substr(entry.key.find('.') + 1);
  if (inner != entry.key && find_setting(known, inner) != nullptr) {
    refuse_entry(file, entry,
                 fmt::format("unknown key '{}'; settings stand in no sections", entry.key));
  }
  refuse_entry(file, entry,
               fmt::format("unknown key '{}'{}", entry.key, did_you_mean(entry.key, names)));
}

// Whether the command line changes the setting that `setting` depends on. The file's value of
// `setting` was meant for the file's value of that one, as a learning rate is for an optimizer.
bool lost_its_meaning(const ConfigFile& file, const Setting& setting, const GivenValues& given) {
  const auto owner = given.find(setting.depends_on);
  if (owner == given.end()) return false;
  if (!owner->second) return true;
  const ConfigFile::Entry* in_file = file.find(setting.depends_on);
  return in_file != nullptr && in_file->text() != *owner->second;
}

}  // namespace

std::string ConfigFile::Entry::text() const { return fmt::format("{}", fmt::join(values, ",")); }

const ConfigFile::Entry* ConfigFile::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

ConfigFile read_config_file(const fs::path& path) {
  return parse_config(path, read_file(path, kMostBytes));
}

ConfigFile parse_config(const fs::path& path, std::string_view text) {
  ConfigFile file;
  file.path = path;
  std::vector<std::string> lines = lines_of(text);
  file.of_version_1_0 = is_of_version_1_0(lines);
  if (file.of_version_1_0) std::transform(lines.begin(), lines.end(), lines.begin(), with_escapes);
  const toml::table table = parse(std::move(lines), file);
  std::vector<PlacedEntry> entries;
  add_entries(table, "", path, entries);
  // Restore the file's order: toml++ sorts by key.
  std::sort(entries.begin(), entries.end(), [](const PlacedEntry& a, const PlacedEntry& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  for (PlacedEntry& one : entries) {
    if (one.entry.key == kFormatKey) {
      check_format(file, one.entry);
    } else {
      file.entries.push_back(std::move(one.entry));
    }
  }
  return file;
}

void refuse_entry(const ConfigFile& file, const ConfigFile::Entry& entry,
                  const std::string& message) {
  bad_line(file.path, entry.line, message);
}

void apply_config(const ConfigFile& file, const std::vector<Setting>& known,
                  const GivenValues& given,
                  const std::function<void(const std::string&, const std::string&)>& set) {
  std::vector<std::string> done;
  for (const ConfigFile::Entry& entry : file.entries) {
    const std::string& key = entry.key;
    const std::string section = key.substr(0, key.find('.'));
    const bool space =
        section == "grid" || section == "sample";  // of a sweep, which reads it itself
    if (space && section != key && find_setting(known, section) != nullptr) continue;
    const Setting* setting = find_setting(known, key);
    if (setting == nullptr) refuse_unknown(file, entry, known);
    bool replaced = given.contains(key) || lost_its_meaning(file, *setting, given);
    for (const std::string& other : setting->excludes) {
      if (given.contains(other)) {
        replaced = true;
      } else if (std::find(done.begin(), done.end(), other) != done.end()) {
        refuse_entry(file, entry, fmt::format("{} excludes {}", key, other));
      }
    }
    if (replaced) continue;
    try {
      set(key, entry.text());
    } catch (const Error& error) {
      if (error.code() != ExitCode::kUsage) throw;
      refuse_entry(file, entry, fmt::format("{}: {}", key, error.what()));
    }
    done.push_back(key);
  }
  if (!file.of_version_1_0) return;
  // Version 1.0 did not have these settings; it always behaved like this.
  for (const auto& [key, value] :
       {std::pair("input-scale", "divide:255"), std::pair("label-column", "first")}) {
    if (find_setting(known, key) != nullptr && !given.contains(key)) set(key, value);
  }
}

TrainSettings read_settings(const fs::path& config) {
  return settings_of(read_config_file(config));
}

TrainSettings settings_of(const ConfigFile& file) {
  TrainSettings settings = default_settings();
  apply_config(
      file, list_settings(settings), {},
      [&](const std::string& name, const std::string& text) { set_setting(settings, name, text); });
  return settings;
}

std::string settings_toml(const TrainSettings& settings) {
  std::string text = "# mnist train --config on this file gives the same weights again.\n";
  text += config_line(kFormatKey, kConfigFormat);
  const nlohmann::ordered_json values = settings_json(settings);
  for (const auto& [key, value] : values.items()) text += config_line(key, value);
  return text;
}

namespace {

// A TOML string. TOML has the escapes of JSON. Text that needs some is put in single quotes, where
// TOML has no escapes, if it contains none of those.
std::string toml_string(std::string_view key, const std::string& value) {
  check_name(key, value);
  const std::string escaped = json_text(nlohmann::ordered_json(value));
  const bool plain = escaped.size() == value.size() + 2;
  return plain || value.find('\'') != std::string::npos ? escaped : fmt::format("'{}'", value);
}

}  // namespace

std::string config_line(std::string_view key, const nlohmann::ordered_json& value) {
  if (value.is_string()) {
    return fmt::format("{} = {}\n", key, toml_string(key, value.get<std::string>()));
  }
  // TOML's integers are signed, so a larger number is written as a string.
  const bool large = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  const std::string quote = large ? "\"" : "";
  return fmt::format("{} = {}{}{}\n", key, quote, json_text(value), quote);
}

std::string config_line(std::string_view key, const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back(toml_string(key, value));
  return fmt::format("{} = [{}]\n", key, fmt::join(quoted, ", "));
}

}  // namespace mnist
