// mnist predict: labels images with a saved network: the rows of a data file, or pictures. It works
// block by block, so that CSV on standard output takes constant memory, however many images there
// are.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/data_paths.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/model_data.h"
#include "commands/prediction_output.h"
#include "data/byte_source.h"
#include "data/data_file.h"
#include "data/digit_boxes.h"
#include "data/digit_ink.h"
#include "data/foreign_file.h"
#include "data/mnist_form.h"
#include "data/model_input.h"
#include "data/picture.h"
#include "data/picture_form.h"
#include "report/picture_sheet.h"

namespace mnist {
namespace {

constexpr std::size_t kBlockRows = 4096;
constexpr std::size_t kBlockValues = std::size_t{1} << 24;  // inputs or outputs per block: 64 MiB

struct PredictOptions {
  std::string weights;
  std::vector<std::string> files;
  std::filesystem::path output;
  DataFlags flags;
  bool probabilities = false;
  bool json = false;
  bool submission = false;
  bool several = false;
  bool as_is = false;
  std::filesystem::path seen;
  std::string layers;
  std::size_t threads = 0;
};

PredictionForm form_of(const PredictOptions& options) {
  if (options.json) return PredictionForm::kJson;
  return options.submission ? PredictionForm::kSubmission : PredictionForm::kCsv;
}

std::unique_ptr<ByteSource> open_data(const std::string& file) {
  return std::make_unique<ByteSource>(data_file(file));
}

void predict_data(const Network& network, const PredictOptions& options, DataReader& reader,
                  const std::string& name) {
  ThreadPool pool(options.threads);
  PredictionOutput output(network, form_of(options), options.probabilities, options.output);
  Dataset block;
  const std::size_t rows = std::clamp<std::size_t>(
      kBlockValues / std::max(network.inputs(), network.outputs()), 1, kBlockRows);
  for (bool first = true; reader.next(block, rows); first = false) {
    if (first) {
      make_bytes(block);
      summarise(block);
      tell(fmt::format("{}: {}; {} features, {} to {}", name, block.reading, block.features(),
                       block.summary.lowest, block.summary.highest));
      output.set_id_name(block.id_name);
    }
    prepare_for(network, options.flags, name, first, block);
    const AlignedVector<float> all = predict(network, block, pool);
    for (std::size_t r = 0; r < block.rows(); ++r) {
      PredictedRow row;
      row.probabilities = {all.data() + r * network.outputs(), network.outputs()};
      if (!block.ids.empty()) row.id = block.ids[r];
      output.add(row);
    }
    output.flush();
  }
  output.finish();
}

// Converts pictures to rows for the network, and predicts them block by block.
class Pictures {
 public:
  Pictures(const Network& network, const PredictOptions& options)
      : network_(network),
        options_(options),
        form_(options.as_is                       ? PictureForm::kAsIs
              : options.flags.settings.mnist_form ? PictureForm::kMnist
                                                  : network.input().pictures),
        pool_(options.threads),
        output_(network, form_of(options), options.probabilities, options.output) {}

  // Adds a picture. Throws Error(kBadInput) if it cannot be read.
  void add(const std::string& file, ByteSource& source) {
    if (const auto foreign = foreign_file(source.head());
        foreign && !looks_like_picture(source.head())) {
      throw bad_input(source.name(), fmt::format("is {}", *foreign));
    }
    if (!looks_like_picture(source.head())) {
      throw bad_input(source.name(),
                      "no PNG, JPEG or PGM picture as the files before it; data files are labelled "
                      "one at a time");
    }
    const bool formed_digit = form_ == PictureForm::kMnist;
    const bool gray = !formed_digit && channels() == 1;
    Picture given = read_picture(source, gray ? Colours::kGray : Colours::kKept);
    if (!formed_digit) return add_seen(file, given, whole(given, file), {});
    const std::size_t reduction = search_reduction(given);
    const Picture picture = reduced_picture(std::move(given), reduction);
    const Picture shades = clearest_shades(picture);
    const Picture ink = without_lines(ink_of(shades));
    const std::vector<DigitBox> boxes = digit_boxes(ink);
    const std::string why = unclear(shades, ink, boxes);
    if (!why.empty() && !boxes.empty()) tell(fmt::format("warning: {}: not clear: {}", file, why));
    if (options_.several) {
      if (boxes.empty()) throw blank(file);
      for (const DigitBox& box : boxes) {
        const Picture digit = cut_out(ink, box);
        add_seen(file, cut_out(picture, box), formed(digit, file),
                 DigitBox{box.left * reduction, box.top * reduction, box.width * reduction,
                          box.height * reduction});
      }
      return;
    }
    if (boxes.size() > 1) {
      tell(fmt::format("warning: {}: shows {} digits; --several labels each", file, boxes.size()));
    }
    add_seen(file, picture, formed(ink, file), {});
  }

  // Adds a row without a label, for a picture that cannot be read.
  void add_unread(const std::string& file) {
    unread_.push_back(rows_.size());
    rows_.push_back({file, {}});
  }

  void finish() {
    predict_all();
    output_.finish();
    if (!options_.seen.empty() && any_seen_) sheet_.write(options_.seen);
  }

 private:
  struct Row {
    std::string file;
    std::optional<DigitBox> box;
  };

  static Error blank(const std::string& name) {
    return bad_input(
        name,
        "shows nothing that stands out from its ground; --as-is takes its pixels as they are");
  }

  std::size_t channels() const { return network_.input().shape.channels == 3 ? 3 : 1; }

  Picture whole(const Picture& picture, const std::string& name) const {
    const Shape& shape = network_.input().shape;
    if (form_ == PictureForm::kScaled && shape.height > 0) {
      return scaled_picture(picture, shape.width, shape.height);
    }
    if (picture.shades.size() * channels() == network_.inputs()) return picture;
    throw bad_input(
        name, fmt::format("{} × {} pixels, the network takes {}{}", picture.width, picture.height,
                          network_.inputs(),
                          options_.as_is ? "; without --as-is it is brought to that size"
                                         : "; --mnist-form brings it to that size"));
  }

  Picture formed(const Picture& ink, const std::string& name) const {
    const std::optional<std::size_t> side = image_side(network_.inputs());
    if (!side) {
      throw bad_input(name, fmt::format("a picture, but the network takes {} values, which are no "
                                        "square image; give pictures of as many pixels and --as-is",
                                        network_.inputs()));
    }
    std::vector<std::uint8_t> pixels = to_mnist_form(ink, *side);
    if (pixels.empty()) throw blank(name);
    return {*side, *side, std::move(pixels)};
  }

  void add_seen(const std::string& file, const Picture& given, const Picture& seen,
                std::optional<DigitBox> box) {
    const std::vector<std::uint8_t> planes = planes_of(seen, channels());
    block_.pixels.insert(block_.pixels.end(), planes.begin(), planes.end());
    rows_.push_back({file, box});
    if (!options_.seen.empty()) sheet_.add(given, seen);
    any_seen_ = true;
    if (rows_.size() >= kBlockRows) predict_all();
  }

  // Prepares the block like the training data: pictures in MNIST's form are light on dark.
  void to_training_form() {
    block_.shape = network_.input().shape.size() == network_.inputs()
                       ? network_.input().shape
                       : shape_of_row(network_.inputs());
    ModelInput input = network_.input();
    input.transpose = false;  // pictures are upright already
    if (form_ == PictureForm::kMnist) {
      const bool light = input.light_ground.value_or(false);
      if (light) invert_values(block_, 255);
    } else if (options_.flags.settings.invert) {
      invert_values(block_, 255);
    }
    // Pictures range from 0 to 255; scale them to the range of the training data.
    const bool other_range = input.scale.kind == ScaleKind::kDivide && input.scale.divisor != 255;
    if (other_range) {
      make_floats(block_);
      for (float& value : block_.values) value *= input.scale.divisor / 255;
    }
    prepare(block_, input);
  }

  void predict_all() {
    AlignedVector<float> all;
    if (!block_.pixels.empty()) {
      to_training_form();
      all = predict(network_, block_, pool_);
    }
    std::size_t read = 0;
    for (std::size_t r = 0, next_unread = 0; r < rows_.size(); ++r) {
      PredictedRow row;
      row.file = rows_[r].file;
      row.box = rows_[r].box;
      if (next_unread < unread_.size() && unread_[next_unread] == r) {
        ++next_unread;
        if (options_.several) row.box = DigitBox{};
      } else {
        row.probabilities = {all.data() + read++ * network_.outputs(), network_.outputs()};
      }
      output_.add(row);
    }
    output_.flush();
    rows_.clear();
    unread_.clear();
    clear_rows(block_);
  }

  const Network& network_;
  const PredictOptions& options_;
  PictureForm form_;
  ThreadPool pool_;
  PredictionOutput output_;
  PictureSheet sheet_;
  bool any_seen_ = false;
  Dataset block_;
  std::vector<Row> rows_;
  std::vector<std::size_t> unread_;  // indices in rows_
};

// Among several pictures, one that cannot be read gets a row without a label.
void predict_pictures(const Network& network, std::unique_ptr<ByteSource> source,
                      const PredictOptions& options) {
  Pictures pictures(network, options);
  std::size_t unread = 0;
  for (const std::string& file : options.files) {
    try {
      if (!source) source = open_data(file);
      pictures.add(file, *source);
    } catch (const Error& error) {
      if (options.files.size() == 1 || error.code() != ExitCode::kBadInput) throw;
      tell(error.what());
      pictures.add_unread(file);
      ++unread;
    }
    source.reset();
  }
  pictures.finish();
  if (unread > 0) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} of {} pictures could not be read; their rows have no label", unread,
                            options.files.size()));
  }
}

bool is_picture(const std::string& file) {
  try {
    return looks_like_picture(open_data(file)->head());
  } catch (const Error&) {
    return false;
  }
}

// If the first argument is data, uses the default network.
void find_out_network(PredictOptions& options) {
  if (!is_data(options.weights)) return;
  options.files.insert(options.files.begin(), options.weights);
  options.weights = default_network().string();
  for (const std::string& file : options.files) {
    if (is_data(file) || find_data_file(file) != file) continue;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored) && !find_network(file)) continue;
    refuse(fmt::format("{} is no data; a network comes before the data: mnist predict {} {}", file,
                       file, options.files.front()));
  }
  tell(fmt::format("by the network {}, which comes with the program", kDefaultNetwork));
}

void run(PredictOptions& options) {
  find_out_network(options);
  const Network network = load_network(options.weights, options.layers, options.flags);
  if (options.files.empty()) {
    options.files = {test_data_of(options.weights, options.flags).string()};
  }
  std::vector<std::filesystem::path> inputs{weights_file(options.weights), options.flags.labels};
  for (const std::string& file : options.files) inputs.push_back(find_data_file(file));
  check_output(options.output, inputs);
  check_output(options.seen, inputs);
  const std::string& first = options.files.front();
  const bool folder = is_container(find_data_file(first));
  std::unique_ptr<ByteSource> source;
  if (options.files.size() > 1) {
    // What is read of standard input to find out cannot be read again.
    const bool any = std::ranges::any_of(
        options.files, [](const std::string& file) { return file != "-" && is_picture(file); });
    if (any) return predict_pictures(network, nullptr, options);
  } else if (!folder) {
    source = std::make_unique<ByteSource>(choose_member(data_file(first), Half::kTest));
    if (looks_like_picture(source->head())) {
      return predict_pictures(network, std::move(source), options);
    }
  }
  if (options.as_is || options.several || !options.seen.empty()) {
    refuse(fmt::format("--{} is for pictures, {} is none (PNG, JPEG, PGM)",
                       options.as_is     ? "as-is"
                       : options.several ? "several"
                                         : "seen",
                       first));
  }
  if (options.files.size() > 1) {
    refuse(
        fmt::format("several files have to be pictures (PNG, JPEG, PGM), {} is none; data files "
                    "are labelled one at a time",
                    first));
  }
  DataFileOptions form = options_for(network, options.flags);
  form.require_labels = false;
  form.known = {};  // labels that the network does not know are no error here
  form.skip_labels = true;
  const std::filesystem::path path = data_file(first);
  const auto reader =
      folder ? open_data_file(path, form)
             : open_data_file(std::move(source), choose_member(path, Half::kTest), form);
  predict_data(network, options, *reader, path.string());
}

}  // namespace

Command add_predict_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("predict", "label images with a saved network, as CSV");
  const auto options = std::make_shared<PredictOptions>();
  app->add_option(
         "WEIGHTS_OR_RUN", options->weights,
         fmt::format("{}; left out, before data, it is {}", network_help(), kDefaultNetwork))
      ->type_name("")
      ->required();
  app->add_option("FILE", options->files,
                  "a data file with or without labels, or any number of pictures (PNG, JPEG, PGM) "
                  "of one digit each; '-' is standard input [what the run was tested on]")
      ->type_name("");
  FlagAdder add(*app);
  add.output(options->output, "the file to write [standard output]");
  add.on_switch("probabilities", options->probabilities,
                "add the columns p0, p1, ... with the probability of each class");
  CLI::Option* json = add.on_switch("json", options->json, "write one JSON object");
  add.on_switch("submission", options->submission,
                "write Kaggle's two columns, ImageId from 1 (or the data's ids) and Label")
      ->excludes(json);
  add_data_flags(add, options->flags);
  add.on_switch("several", options->several,
                "label each digit of a picture, left to right, with its box");
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
