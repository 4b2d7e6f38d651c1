#include "data/label_index.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "base/number.h"
#include "base/text.h"
#include "base/text_fields.h"

namespace mnist {
namespace {

constexpr std::int64_t kMaxLabel = 65535;

// Labels as text for a message.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  return fmt::format("{}{}", fmt::join(shown, ", "), names.size() > kShown ? ", ..." : "");
}

// Whether the label is one that tools write for a missing value.
bool says_missing(std::string_view label) {
  constexpr std::array<std::string_view, 8> kWords{"?",    "nan",  "na",   "n/a",
                                                   "#n/a", "<na>", "null", "#ref!"};
  return std::ranges::find(kWords, lowercase(label)) != kWords.end();
}

// Sort key: numbers first, by value, then words.
std::tuple<bool, double, std::string> order_of(const std::string& name) {
  const auto number = read_decimal(name);
  return {!number, number.value_or(0), name};
}

}  // namespace

LabelIndex::LabelIndex(const KnownLabels& known)
    : classes_(known.classes), open_(!known.classes), names_(known.names) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    places_.emplace(names_[i], static_cast<std::int32_t>(i));
  }
}

std::optional<std::int32_t> LabelIndex::of(std::int64_t label) {
  if (names_.empty() && label >= 0 && label <= kMaxLabel) {
    const auto place = static_cast<std::size_t>(label);
    if (classes_ && place >= *classes_) {
      problem_ = fmt::format("label {} is beyond the network's {} classes; they are 0 to {}", place,
                             *classes_, *classes_ - 1);
      return std::nullopt;
    }
    largest_ = std::max(largest_, place + 1);
    return static_cast<std::int32_t>(label);
  }
  return named(std::to_string(label));
}

std::optional<std::int32_t> LabelIndex::of(double label) {
  const bool whole = label == std::floor(label) && std::abs(label) < 1e15;
  return whole ? of(static_cast<std::int64_t>(label)) : of(fmt::format("{}", label));
}

std::optional<std::int32_t> LabelIndex::of(std::string_view label, bool comma_is_point) {
  if (const auto number = read_decimal(label, comma_is_point)) {
    constexpr double kMostExact = 9007199254740992;
    if (*number != std::floor(*number) || std::abs(*number) > kMostExact) {
      problem_ = fmt::format("label {} is neither a whole number nor a word", shown_field(label));
      return std::nullopt;
    }
    return of(static_cast<std::int64_t>(*number));
  }
  if (label.empty()) {
    problem_ = "the label is empty; give each row one";
    return std::nullopt;
  }
  if (open_ && says_missing(label)) {
    problem_ =
        fmt::format("label {} says that it is missing; give each row one, or call it otherwise",
                    shown_field(label));
    return std::nullopt;
  }
  if (!is_utf8(label)) {
    problem_ = fmt::format(
        "label {} is not UTF-8; iconv -f WINDOWS-1252 -t UTF-8 FILE > data.csv converts a table",
        shown_field(label));
    return std::nullopt;
  }
  const bool control = std::ranges::any_of(
      label, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  constexpr std::size_t kLongest = 200;
  if (control || label.size() > kLongest) {
    problem_ = fmt::format("label {} is no word", shown_field(label));
    return std::nullopt;
  }
  return named(std::string(label));
}

std::optional<std::int32_t> LabelIndex::named(std::string name) {
  if (const auto found = places_.find(name); found != places_.end()) return found->second;
  if (!open_) {
    problem_ = names_.empty() ? fmt::format("label {}: the network's labels are 0 to {}",
                                            shown_field(name), *classes_ - 1)
                              : fmt::format("label {} is none of the network's {}: {}",
                                            shown_field(name), names_.size(), listed(names_));
    return std::nullopt;
  }
  if (names_.empty()) {  // give names to the numbers so far as well
    for (std::size_t label = 0; label < largest_; ++label) {
      places_.emplace(std::to_string(label), static_cast<std::int32_t>(label));
      names_.push_back(std::to_string(label));
    }
    if (const auto found = places_.find(name); found != places_.end()) return found->second;
  }
  if (names_.size() > static_cast<std::size_t>(kMaxLabel)) {
    problem_ = fmt::format("there are more than {} different labels", kMaxLabel + 1);
    return std::nullopt;
  }
  const auto place = static_cast<std::int32_t>(names_.size());
  places_.emplace(name, place);
  names_.push_back(std::move(name));
  return place;
}

void LabelIndex::set_classes(Dataset& data) const {
  data.label_names = names_;
  data.classes = names_.size();
  for (const std::int32_t label : data.labels) {
    data.classes = std::max(data.classes, static_cast<std::size_t>(label) + 1);
  }
}

void settle_labels(Dataset& data) {
  if (!data.labelled()) return;
  std::vector<bool> used(data.classes);
  for (const std::int32_t label : data.labels) used[static_cast<std::size_t>(label)] = true;
  const bool gaps = std::ranges::find(used, false) != used.end();
  if (data.label_names.empty() && !gaps) return;
  std::vector<std::size_t> order;
  for (std::size_t label = 0; label < used.size(); ++label) {
    if (used[label]) order.push_back(label);
  }
  std::ranges::sort(order, {}, [&](std::size_t label) { return order_of(data.label_name(label)); });
  std::vector<std::int32_t> places(used.size());
  std::vector<std::string> names;
  bool own_numbers = true;
  for (std::size_t i = 0; i < order.size(); ++i) {
    places[order[i]] = static_cast<std::int32_t>(i);
    names.push_back(data.label_name(order[i]));
    own_numbers = own_numbers && names.back() == std::to_string(i);
  }
  for (std::int32_t& label : data.labels) label = places[static_cast<std::size_t>(label)];
  data.classes = names.size();
  data.label_names = own_numbers ? std::vector<std::string>{} : std::move(names);
}

}  // namespace mnist
