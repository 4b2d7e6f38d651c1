// The output of `mnist predict`: CSV, JSON, or the two columns of a Kaggle submission.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "data/digit_boxes.h"
#include "nn/network.h"

namespace mnist {

enum class PredictionForm { kCsv, kJson, kSubmission };

/// A row of the output; optional values are columns.
struct PredictedRow {
  std::span<const float> probabilities;  // empty if the row could not be read
  std::optional<std::string> file;
  std::optional<std::string> id;
  std::optional<DigitBox> box;
};

class PredictionOutput {
 public:
  /// `file` is empty for standard output. flush() writes CSV to standard output; JSON, and
  /// everything for a file, is written by finish().
  PredictionOutput(const Network& network, PredictionForm form, bool probabilities,
                   std::filesystem::path file, std::string id_name = "");

  /// Sets the header of the column of ids. Call it before the first row.
  void set_id_name(std::string name) { id_name_ = std::move(name); }

  void add(const PredictedRow& row);
  void flush();
  /// Writes the rest.
  void finish();

 private:
  std::string header(const PredictedRow& row) const;
  void add_json(const PredictedRow& row, std::optional<std::size_t> guess);

  const Network& network_;
  PredictionForm form_;
  bool probabilities_;
  std::filesystem::path file_;
  std::string id_name_;
  std::string text_;
  nlohmann::ordered_json rows_ = nlohmann::ordered_json::array();
  std::size_t index_ = 0;
};

}  // namespace mnist
