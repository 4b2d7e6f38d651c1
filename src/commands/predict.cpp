// mnist predict: labels images with a saved network: the rows of a data file, or pictures. Reads
// and writes block by block, so that any number of them takes constant memory.
#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/csv_field.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "data/bad_data.h"
#include "data/byte_source.h"
#include "data/data_file.h"
#include "data/mnist_form.h"
#include "data/picture.h"
#include "model_io/model_file.h"
#include "report/metrics.h"
#include "report/picture_sheet.h"

namespace mnist {
namespace {

constexpr std::size_t kBlockRows = 4096;

struct Options {
  std::string weights;
  std::vector<std::string> files;
  bool probabilities = false;
  bool as_is = false;
  std::filesystem::path seen;
  std::string layers;
  std::size_t threads = 0;
};

// Predicts block after block and writes a CSV row for each image.
class Predictor {
 public:
  explicit Predictor(const Options& options)
      : network_(load_model(weights_file(options.weights), options.layers)),
        pool_(options.threads),
        probabilities_(options.probabilities) {}

  const Network& network() const { return network_; }

  // `files`: the name of each row's file, or empty.
  void predict_rows(const Dataset& block, std::span<const std::string> files = {}) {
    const std::size_t classes = network_.outputs();
    const bool names = !network_.class_names().empty();
    std::string lines = index_ == 0 ? header(!files.empty()) : "";
    const AlignedVector<float> all = predict(network_, block, pool_);
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const std::span<const float> row(all.data() + r * classes, classes);
      const std::size_t guess = most_probable(row);
      lines += fmt::format("{},{},{}", index_++, guess, row[guess]);
      if (names) lines += "," + csv_field(network_.class_names()[guess]);
      if (!files.empty()) lines += "," + csv_field(files[r]);
      for (std::size_t c = 0; probabilities_ && c < classes; ++c) {
        fmt::format_to(std::back_inserter(lines), ",{}", row[c]);
      }
      lines += '\n';
    }
    write_output(lines);
  }

 private:
  std::string header(bool files) const {
    std::string line = "index,prediction,probability";
    if (!network_.class_names().empty()) line += ",name";
    if (files) line += ",file";
    for (std::size_t c = 0; probabilities_ && c < network_.outputs(); ++c) {
      line += fmt::format(",p{}", c);
    }
    return line + "\n";
  }

  Network network_;
  ThreadPool pool_;
  bool probabilities_;
  std::size_t index_ = 0;
};

std::unique_ptr<ByteSource> open_file(const std::string& file) {
  return std::make_unique<ByteSource>(data_file(file));
}

void predict_data(Predictor& predictor, std::unique_ptr<ByteSource> source,
                  const std::string& file) {
  DataFileOptions form;
  form.features = predictor.network().inputs();
  form.require_labels = false;
  const auto reader = open_data_file(std::move(source), data_file(file), form);
  Dataset block;
  while (reader->next(block, kBlockRows)) predictor.predict_rows(block);
}

// What the network gets of a picture; `name` is its file.
Picture seen_of(const Picture& picture, const std::string& name, const Network& network,
                bool as_is) {
  if (as_is) {
    if (picture.shades.size() == network.inputs()) return picture;
    throw bad_data(name, fmt::format("{} × {} pixels, the network takes {}; without "
                                     "--as-is it is brought to that size",
                                     picture.width, picture.height, network.inputs()));
  }
  const std::optional<std::size_t> side = image_side(network.inputs());
  if (!side) {
    throw bad_data(name, fmt::format("a picture, but the network takes {} values, which "
                                     "are no square image; give pictures of as many "
                                     "pixels and --as-is",
                                     network.inputs()));
  }
  std::vector<std::uint8_t> pixels = to_mnist_form(ink_of(picture), *side);
  if (pixels.empty()) {
    throw bad_data(name,
                   "shows nothing that stands out from its ground; --as-is takes "
                   "its pixels as they are");
  }
  return {*side, *side, std::move(pixels)};
}

void predict_pictures(Predictor& predictor, std::unique_ptr<ByteSource> source,
                      const Options& options) {
  Dataset block;
  block.shape = shape_of_row(predictor.network().inputs());
  std::vector<std::string> names;
  PictureSheet sheet;
  for (const std::string& file : options.files) {
    if (!source) source = open_file(file);
    if (!looks_like_picture(source->head())) {
      throw bad_data(source->name(),
                     "no PNG, JPEG or PGM picture as the files before it; data "
                     "files are labelled one at a time");
    }
    const Picture picture = read_picture(*source);
    const Picture seen = seen_of(picture, source->name(), predictor.network(), options.as_is);
    block.pixels.insert(block.pixels.end(), seen.shades.begin(), seen.shades.end());
    if (!options.seen.empty()) sheet.add(picture, seen);
    names.push_back(file);
    source.reset();
    if (names.size() < kBlockRows && &file != &options.files.back()) continue;
    predictor.predict_rows(block, names);
    block.pixels.clear();
    names.clear();
  }
  if (!options.seen.empty()) sheet.write(options.seen);
}

void run(Options& options) {
  if (options.files.empty()) options.files = {kDefaultTestData};
  Predictor predictor(options);
  const std::string& first = options.files.front();
  std::unique_ptr<ByteSource> source = open_file(first);
  if (looks_like_picture(source->head())) {
    return predict_pictures(predictor, std::move(source), options);
  }
  if (options.as_is || !options.seen.empty()) {
    throw Error(ExitCode::kUsage, fmt::format("--{} is for pictures, {} is none (PNG, JPEG, PGM)",
                                              options.as_is ? "as-is" : "seen", first));
  }
  if (options.files.size() > 1) {
    throw Error(ExitCode::kUsage,
                fmt::format("several files have to be pictures (PNG, JPEG, PGM), {} is none; data "
                            "files are labelled one at a time",
                            first));
  }
  predict_data(predictor, std::move(source), first);
}

}  // namespace

Command add_predict_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("predict", "label images with a saved network, as CSV");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS_OR_RUN", options->weights, "safetensors file or run directory")
      ->type_name("")
      ->required();
  app->add_option("FILE", options->files,
                  fmt::format("a data file with or without labels, or any number of pictures (PNG, "
                              "JPEG, PGM) of one digit each; '-' is standard input [{}]",
                              kDefaultTestData))
      ->type_name("");
  FlagAdder add(*app);
  add.on_switch("probabilities", options->probabilities,
                "add the columns p0, p1, ... with the probability of each class");
  add.on_switch("as-is", options->as_is,
                "take the pixels of pictures as they are instead of bringing them to MNIST's form");
  add.file("seen", options->seen,
           fmt::format("also draw pictures, the first {} of them, each beside what the network "
                       "gets to see of it, as a PNG file",
                       PictureSheet::kMostPictures));
  add.text("layers", "LIST", options->layers,
           "the stack of a file that does not name it, such as one that PyTorch wrote");
  add.number("threads", options->threads, "number of threads, 0 is one per core");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
