// What `mnist predict` writes: CSV, JSON, or the two columns of a Kaggle submission.
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

/// What there is to know of a row besides what the network says.
struct PredictedRow {
  std::span<const float> probabilities;  // none: the row could not be read
  std::optional<std::string> file;
  std::optional<std::string> id;
  std::optional<DigitBox> box;
};

class PredictionOutput {
 public:
  /// `file`: empty for standard output. CSV goes there as it comes, all else at the end.
  PredictionOutput(const Network& network, PredictionForm form, bool probabilities,
                   std::filesystem::path file, std::string id_name = "");

  /// What ids are called; before the first row.
  void set_id_name(std::string name) { id_name_ = std::move(name); }

  void add(const PredictedRow& row);
  void flush();
  /// Writes what is left.
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
