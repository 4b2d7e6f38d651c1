// Runs the built program in a directory of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "temporary_directory.h"

namespace mnist::testing {

/// What a program left behind.
struct Outcome {
  int code = 0;
  std::string out;
  std::string err;

  /// Standard output as JSON; fails the test where it is none.
  nlohmann::ordered_json json() const;
};

/// A directory that lasts as long as the object.
class Sandbox {
 public:
  /// `mnist ARGUMENTS` in the directory, the arguments being shell text. Standard input is empty.
  Outcome mnist(const std::string& arguments) const;

  /// A shell script in the directory, with $MNIST as the program.
  Outcome shell(const std::string& script) const;

  std::filesystem::path path(const std::string& name) const { return directory_ / name; }
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
  std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& content) const;

  /// Writes a CSV of `rows` images of 4 × 4 pixels, three classes that a small network can learn,
  /// the same for the same seed.
  void write_images(const std::string& name, std::size_t rows, unsigned seed = 1,
                    bool labelled = true) const;

  /// `train.csv` and `test.csv`, and a network trained on them in the run directory `run`.
  void train_small() const;

 private:
  TemporaryDirectory directory_;
};

/// The flags of a training run on `train.csv` and `test.csv` that takes milliseconds.
inline const std::string kSmall =
    "--train-data train.csv --test-data test.csv --layers 8,relu --batch-size 20 --lr 0.02 ";

/// Shell functions around a run that is caught in the middle however fast the machine: it cannot
/// end, for its reports fill a pipe that nobody reads (64 KiB after some four thousand steps).
/// `hold FILE ARGUMENTS` starts `mnist ARGUMENTS` as $pid and returns when it has written FILE;
/// `release` reads the pipe and returns how the run ended. Needs --validation.
extern const std::string kHold;

std::vector<std::string> lines_of(const std::string& text);

/// The names of what a directory holds.
std::set<std::string> entries(const std::filesystem::path& directory);

/// Checks that a failed program said one line "mnist: ..." on standard error that holds all of
/// `parts`, and nothing on standard output.
void check_error(const Outcome& outcome, int code, const std::vector<std::string>& parts);

}  // namespace mnist::testing
