#include "commands/prediction_output.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/atomic_file.h"
#include "base/csv_field.h"
#include "base/json_text.h"
#include "cli/output.h"
#include "report/metrics.h"

namespace mnist {

PredictionOutput::PredictionOutput(const Network& network, PredictionForm form, bool probabilities,
                                   std::filesystem::path file, std::string id_name)
    : network_(network),
      form_(form),
      probabilities_(probabilities),
      file_(std::move(file)),
      id_name_(std::move(id_name)) {}

std::string PredictionOutput::header(const PredictedRow& row) const {
  if (form_ == PredictionForm::kSubmission) {
    return fmt::format("{},Label\n", row.id ? csv_field(id_name_) : "ImageId");
  }
  std::string line = "index,prediction,probability";
  if (!network_.class_names().empty()) line += ",name";
  if (row.file) line += ",file";
  if (row.id) line += "," + csv_field(id_name_);
  if (row.box) line += ",left,top,width,height";
  for (std::size_t c = 0; probabilities_ && c < network_.outputs(); ++c) {
    line += fmt::format(",p{}", c);
  }
  return line + "\n";
}

void PredictionOutput::add(const PredictedRow& row) {
  std::optional<std::size_t> guess;
  if (!row.probabilities.empty()) guess = most_probable(row.probabilities);
  if (form_ == PredictionForm::kJson) return add_json(row, guess);
  if (index_ == 0) text_ += header(row);
  const std::string label = guess ? csv_field(network_.label_name(*guess)) : "";
  if (form_ == PredictionForm::kSubmission) {
    ++index_;
    text_ += fmt::format("{},{}\n", row.id ? csv_field(*row.id) : std::to_string(index_), label);
    return;
  }
  text_ += fmt::format("{},{},", index_++, label);
  if (guess) text_ += fmt::format("{}", row.probabilities[*guess]);
  if (!network_.class_names().empty()) {
    text_ += guess ? "," + csv_field(network_.class_names()[*guess]) : ",";
  }
  if (row.file) text_ += "," + csv_field(*row.file);
  if (row.id) text_ += "," + csv_field(*row.id);
  if (row.box) {
    text_ +=
        fmt::format(",{},{},{},{}", row.box->left, row.box->top, row.box->width, row.box->height);
  }
  for (std::size_t c = 0; probabilities_ && c < network_.outputs(); ++c) {
    text_ += ',';
    if (guess) fmt::format_to(std::back_inserter(text_), "{}", row.probabilities[c]);
  }
  text_ += '\n';
}

void PredictionOutput::add_json(const PredictedRow& row, std::optional<std::size_t> guess) {
  nlohmann::ordered_json one = {{"index", index_++}};
  one["prediction"] = guess ? label_json(network_.label_name(*guess)) : nullptr;
  one["probability"] = guess ? nlohmann::ordered_json(row.probabilities[*guess]) : nullptr;
  if (!network_.class_names().empty()) {
    one["name"] = guess ? nlohmann::ordered_json(network_.class_names()[*guess]) : nullptr;
  }
  if (row.file) one["file"] = *row.file;
  if (row.id) one[id_name_] = *row.id;
  if (row.box) {
    one["box"] = {{"left", row.box->left},
                  {"top", row.box->top},
                  {"width", row.box->width},
                  {"height", row.box->height}};
  }
  if (probabilities_ && guess) one["probabilities"] = row.probabilities;
  rows_.push_back(std::move(one));
}

void PredictionOutput::flush() {
  if (!file_.empty() || form_ == PredictionForm::kJson) return;
  write_output(text_);
  text_.clear();
}

void PredictionOutput::finish() {
  if (form_ == PredictionForm::kJson) {
    const nlohmann::ordered_json all = {{"predictions", std::move(rows_)}};
    if (file_.empty()) return write_json(all);
    text_ = json_text(all, 2) + "\n";
  }
  if (file_.empty()) return flush();
  write_file_atomically(file_, text_);
}

}  // namespace mnist
