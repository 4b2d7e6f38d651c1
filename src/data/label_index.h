// From labels as data have them, numbers or words, to the numbers of classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/dataset.h"

namespace mnist {

/// The labels that are known already, as a network's are.
struct KnownLabels {
  std::optional<std::size_t> classes;  // labels lie below
  std::vector<std::string> names;      // [classes] what data call each; empty: 0, 1, ...
};

/// Gives each label the number of its class. Without known labels these are
/// numbers of its own: then settle_labels() makes classes of them.
class LabelIndex {
 public:
  explicit LabelIndex(const KnownLabels& known);

  /// A number, or nothing: then problem() tells why.
  std::optional<std::int32_t> of(std::string_view label);
  std::optional<std::int32_t> of(std::int64_t label);

  /// Whether the labels are known beforehand.
  bool known() const { return !open_; }

  const std::string& problem() const { return problem_; }

  /// What the numbers given so far stand for; empty: for themselves.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::optional<std::int32_t> named(std::string name);

  std::optional<std::size_t> classes_;
  bool open_;  // labels are not known beforehand
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> places_;  // in names_
  std::size_t largest_ = 0;  // number so far, as long as there are no names
  std::string problem_;
};

/// Makes as many classes as there are labels, in the order of numbers, then of
/// the alphabet. Labels that are 0, 1, ... without a gap stay as they are,
/// without names.
void settle_labels(Dataset& data);

}  // namespace mnist
