// Maps the labels of data, numbers or words, to the numbers of classes.
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

/// Labels that are given beforehand, such as those of a network.
struct KnownLabels {
  std::optional<std::size_t> classes;  // labels are 0 .. classes - 1
  std::vector<std::string> names;      // [classes] the names in the data; empty: 0, 1, ...
};

/// Maps each label to the number of its class. Without known labels the numbers are provisional,
/// and settle_labels() turns them into classes.
class LabelIndex {
 public:
  explicit LabelIndex(const KnownLabels& known);

  /// The number, or nothing; then problem() says why.
  std::optional<std::int32_t> of(std::string_view label, bool comma_is_point = false);
  std::optional<std::int32_t> of(std::int64_t label);
  std::optional<std::int32_t> of(double label);

  /// Whether the labels are known beforehand.
  bool known() const { return !open_; }

  const std::string& problem() const { return problem_; }

  /// The names of the numbers so far; empty if they are the labels themselves.
  const std::vector<std::string>& names() const { return names_; }

  /// Sets the classes and their names in a data set whose labels this index gave.
  void set_classes(Dataset& data) const;

 private:
  std::optional<std::int32_t> named(std::string name);

  std::optional<std::size_t> classes_;
  bool open_;  // labels are not known beforehand
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> places_;  // index in names_
  std::size_t largest_ = 0;  // one more than the largest number so far; unused once there are names
  std::string problem_;
};

/// Turns provisional numbers into classes: one per label, in the order of numbers, then of words.
/// Labels that are 0, 1, ... without a gap stay as they are, without names.
void settle_labels(Dataset& data);

}  // namespace mnist
