// Data as people have them, through all commands.
#include <fmt/format.h>

#include <cmath>
#include <random>

#include "catch.h"
#include "cli/sandbox.h"
#include "data/picture_files.h"
#include "data/test_files.h"
#include "model_io/safetensors.h"
#include "test_paths.h"

using namespace mnist::testing;

namespace {

// Rows of 5 × 4 images of two classes: the upper or the lower half is lit to `highest`.
struct Rows {
  std::vector<std::vector<int>> pixels;
  std::vector<int> labels;
};

Rows make_rows(std::size_t count, int highest, unsigned seed = 1) {
  std::mt19937 random(seed);
  Rows rows;
  for (std::size_t r = 0; r < count; ++r) {
    const int label = static_cast<int>(r * 7 % 3 % 2);
    std::vector<int> image;
    for (int i = 0; i < 20; ++i) {
      const bool lit = (i < 10) == (label == 0);
      image.push_back(lit ? highest - static_cast<int>(random() % 3) * highest / 8 : 0);
    }
    rows.pixels.push_back(image);
    rows.labels.push_back(label);
  }
  return rows;
}

std::string table(const Rows& rows, const std::vector<std::string>& labels) {
  std::string text = "sort";
  for (int i = 0; i < 20; ++i) text += fmt::format(",pixel{}", i);
  text += "\n";
  for (std::size_t r = 0; r < rows.labels.size(); ++r) {
    text += labels[static_cast<std::size_t>(rows.labels[r])];
    for (const int pixel : rows.pixels[r]) text += fmt::format(",{}", pixel);
    text += "\n";
  }
  return text;
}

const std::string kQuick = " --layers 8,relu --batch-size 20 --steps 200 --lr 0.02 --quiet ";

}  // namespace

TEST_CASE("cli: words are labels in every command") {
  const Sandbox sandbox;
  const std::vector<std::string> words{"up, side", "down"};
  sandbox.write("train.csv", table(make_rows(200, 255), {"\"up, side\"", "down"}));
  sandbox.write("test.csv", table(make_rows(60, 255, 2), {"\"up, side\"", "down"}));
  REQUIRE(
      sandbox.mnist("train --train-data train.csv --test-data test.csv --out run" + kQuick).code ==
      0);
  const Outcome measured = sandbox.mnist("evaluate run --json --mistakes wrong.csv");
  CHECK(measured.json()["accuracy"] == 1);
  CHECK(measured.json()["per_class"][0]["label"] == "down");
  CHECK(measured.json()["per_class"][1]["name"] == "up, side");
  CHECK_THAT(measured.err, mnist::contains("test.csv: 60 rows; label 'sort' (first column)"));
  CHECK(sandbox.read("wrong.csv") == "index,label,prediction,probability\n");
  const auto lines = lines_of(sandbox.mnist("predict run").out);
  CHECK(lines[1].starts_with("0,\"up, side\","));
  CHECK(sandbox.mnist("report run -o run.html").code == 0);
  for (const std::string ending : {"onnx", "h", "npz", "safetensors"}) {
    CHECK(sandbox.mnist("export run -o run." + ending).code == 0);
  }
  CHECK(sandbox.mnist("evaluate run.safetensors --data test.csv --json").out == measured.out);
  REQUIRE(
      sandbox
          .mnist("sweep --train-data train.csv --validation 0.2 --grid 'lr=0.01|0.02' --steps 50 "
                 "--batch-size 20 --layers 8,relu --out s --quiet")
          .code == 0);
  sandbox.write("other.csv", table(make_rows(30, 255), {"down", "left"}));
  check_error(sandbox.mnist("evaluate run --data other.csv"), 3,
              {"line 3", "'left' is none of the network's 2"});
  // Names give the order, and are the labels.
  REQUIRE(sandbox
              .mnist("train --train-data train.csv --test-data test.csv --out ordered" + kQuick +
                     "--class-names down,up")
              .code == 2);
}

TEST_CASE("cli: labels with gaps give as many outputs as there are labels") {
  const Sandbox sandbox;
  sandbox.write("train.csv", table(make_rows(200, 255), {"3", "26"}));
  REQUIRE(sandbox.mnist("train --train-data train.csv --out run" + kQuick).code == 0);
  CHECK(sandbox.mnist("show run --json").json()["result"]["layers"] == "20,8,relu,2,softmax");
  const auto lines = lines_of(sandbox.mnist("predict run train.csv").out);
  CHECK(lines[1].starts_with("0,3,"));
  CHECK(sandbox.mnist("evaluate run --data train.csv --json").json()["per_class"][1]["label"] ==
        26);
  check_error(sandbox.mnist("evaluate run"), 3, {"run", "without test data"});
}

TEST_CASE("cli: values of another range, and dark on light, are told of") {
  const Sandbox sandbox;
  sandbox.write("bytes.csv", table(make_rows(200, 255), {"0", "1"}));
  sandbox.write("small.csv", table(make_rows(200, 16), {"0", "1"}));
  REQUIRE(sandbox.mnist("train --train-data bytes.csv --out bytes" + kQuick).code == 0);
  REQUIRE(sandbox.mnist("train --train-data small.csv --out small" + kQuick).code == 0);
  CHECK_THAT(sandbox.mnist("evaluate bytes --data small.csv").err,
             mnist::contains("values reach 16; the network was trained on values to 255"));
  const Outcome fits = sandbox.mnist("evaluate small --data small.csv --json");
  CHECK(fits.json()["accuracy"] == 1);
  CHECK(fits.err.find("warning") == std::string::npos);
  CHECK(sandbox.mnist("evaluate bytes --data bytes.csv --json").json()["accuracy"] == 1);
  // The same as fractions.
  std::string fractions;
  const Rows rows = make_rows(200, 255);
  for (std::size_t r = 0; r < 200; ++r) {
    fractions += std::to_string(rows.labels[r]);
    for (const int pixel : rows.pixels[r]) fractions += fmt::format(",{:.4f}", pixel / 255.0);
    fractions += "\n";
  }
  sandbox.write("fractions.csv", fractions);
  REQUIRE(sandbox.mnist("train --train-data fractions.csv --out fractions" + kQuick).code == 0);
  for (const std::string run : {"bytes", "fractions"}) {
    for (const std::string data : {"bytes", "fractions"}) {
      const Outcome outcome = sandbox.mnist("evaluate " + run + " --data " + data + ".csv --json");
      CHECK(outcome.json()["accuracy"] == 1);
      CHECK(outcome.err.find("warning") == std::string::npos);
    }
  }
}

TEST_CASE("cli: what cannot be learned from is refused") {
  const Sandbox sandbox;
  const Rows rows = make_rows(40, 255);
  sandbox.write("one.csv", table(rows, {"7", "7"}));
  check_error(sandbox.mnist("train --quiet --batch-size 8 --train-data one.csv"), 3,
              {"one.csv: one class alone, label 7", "--label-column"});
  std::string index;
  for (int r = 0; r < 40; ++r) index += fmt::format("{},0,{}\n", 3 * r + 1, r % 5);
  sandbox.write("index.csv", index);
  check_error(sandbox.mnist("train --quiet --batch-size 8 --train-data index.csv --label-column 1"),
              3, {"40 classes in 40 rows"});
  std::string black;
  for (int r = 0; r < 40; ++r) black += fmt::format("{},0,0\n", r % 5);
  sandbox.write("black.csv", black);
  check_error(sandbox.mnist("train --quiet --train-data black.csv"), 3,
              {"are 0; there is nothing"});
  check_error(sandbox.mnist("train --quiet --train-data black.csv --label-column x"), 3,
              {"give its number"});
}

TEST_CASE("cli: columns in another order than that of the training data are refused") {
  const Sandbox sandbox;
  std::string one = "length,width,sort\n";
  std::string other = "width,length,sort\n";
  for (int r = 0; r < 40; ++r) {
    one += fmt::format("{}.5,{}.5,{}\n", r % 11, r % 7, r % 2 == 0 ? "oak" : "elm");
    other += fmt::format("{}.5,{}.5,{}\n", r % 7, r % 11, r % 2 == 0 ? "oak" : "elm");
  }
  sandbox.write("one.csv", one);
  sandbox.write("other.csv", other);
  const std::string train = "train --train-data one.csv" + kQuick;
  REQUIRE(sandbox.mnist(train + "--test-data one.csv --out run").code == 0);
  for (const char* command : {"evaluate run --data other.csv", "predict run other.csv"}) {
    check_error(sandbox.mnist(command), 3, {"other.csv: line 2: feature 1 is 'width'"});
  }
  check_error(sandbox.mnist(train + "--test-data other.csv --out b"), 3, {"feature 1 is 'width'"});
}

TEST_CASE("cli: a folder of pictures trains, and pictures are then prepared alike") {
  const Sandbox sandbox;
  const Rows rows = make_rows(60, 255);
  for (const char* folder : {"p/top", "p/bottom"}) {
    std::filesystem::create_directories(sandbox.path(folder));
  }
  for (std::size_t r = 0; r < rows.labels.size(); ++r) {
    mnist::Picture picture{5, 4, {}};
    for (const int pixel : rows.pixels[r]) {
      picture.shades.push_back(static_cast<std::uint8_t>(pixel));
    }
    write_pgm(sandbox.path(fmt::format("p/{}/{}.pgm", rows.labels[r] == 0 ? "top" : "bottom", r)),
              picture);
  }
  REQUIRE(
      sandbox.mnist("train --train-data p --validation 0.2 --stratify --out run" + kQuick).code ==
      0);
  const auto lines = lines_of(sandbox.mnist("predict run p/top/0.pgm p/bottom/1.pgm").out);
  CHECK(lines[1].starts_with("0,top,"));
  CHECK(lines[2].starts_with("1,bottom,"));
  CHECK(sandbox.mnist("evaluate run --data p --json").json()["accuracy"] == 1);
  CHECK(sandbox.mnist("show p --json").json()["shape"] == "4x5");
}

TEST_CASE("cli: a run's validation data can be a file of its own") {
  const Sandbox sandbox;
  sandbox.write("train.csv", table(make_rows(100, 255), {"0", "1"}));
  sandbox.write("held.csv", table(make_rows(40, 255, 3), {"0", "1"}));
  REQUIRE(
      sandbox
          .mnist("train --train-data train.csv --validation-data held.csv --keep best --out run" +
                 kQuick)
          .code == 0);
  CHECK(sandbox.mnist("show run --json").json()["result"]["validation_accuracy"] == 1);
  check_error(sandbox.mnist("train --quiet --train-data train.csv --validation-data held.csv "
                            "--validation 10"),
              2, {"twice"});
}

TEST_CASE("cli: no test data but those that belong to the data of training") {
  const Sandbox sandbox;
  sandbox.write("mine.csv", table(make_rows(200, 255), {"0", "1"}));
  const Outcome trained = sandbox.mnist(
      "train --train-data mine.csv --out run --layers 8,relu --batch-size 20 --steps 50");
  REQUIRE(trained.code == 0);
  CHECK_THAT(trained.err, mnist::contains("no test data"));
  CHECK_THAT(sandbox.read("run/config.toml"), mnist::contains("test-data = \"none\""));
  CHECK(sandbox.mnist("show run --json").json()["result"]["test_accuracy"].is_null());
  check_error(sandbox.mnist("evaluate run"), 3, {"run", "without test data"});
  check_error(sandbox.mnist("predict run"), 3, {"run", "without test data"});
  REQUIRE(sandbox
              .mnist("sweep --train-data mine.csv --validation 40 --grid 'lr=0.01|0.02' --steps 20 "
                     "--batch-size 20 --layers 8,relu --out s --quiet")
              .code == 0);
  CHECK(sandbox.mnist("train --config s/best.toml --out best --quiet").code == 0);
  CHECK_THAT(sandbox.read("best/config.toml"), mnist::contains("test-data = \"none\""));
  check_error(sandbox.mnist("evaluate best"), 3, {"best", "without test data"});
}

TEST_CASE("cli: a folder of MNIST's four files trains and measures") {
  const Sandbox sandbox;
  std::filesystem::create_directory(sandbox.path("digits"));
  const auto write = [&](const std::string& name, std::size_t count, unsigned seed) {
    const Rows rows = make_rows(count, 255, seed);
    std::string pixels;
    std::string labels;
    for (std::size_t r = 0; r < count; ++r) {
      for (const int pixel : rows.pixels[r]) pixels += static_cast<char>(pixel);
      labels += static_cast<char>(rows.labels[r]);
    }
    const auto n = static_cast<std::uint32_t>(count);
    sandbox.write("digits/" + name + "-images-idx3-ubyte", mnist::test::idx({n, 4, 5}, pixels));
    sandbox.write("digits/" + name + "-labels-idx1-ubyte", mnist::test::idx({n}, labels));
  };
  write("train", 200, 1);
  write("t10k", 60, 2);
  REQUIRE(sandbox.mnist("train --train-data digits --out run" + kQuick).code == 0);
  const Outcome measured = sandbox.mnist("evaluate run --json");
  CHECK(measured.json()["count"] == 60);
  CHECK(measured.json()["accuracy"] == 1);
  CHECK(sandbox.mnist("evaluate run --data digits --json").json()["count"] == 60);
  CHECK(lines_of(sandbox.mnist("predict run digits").out).size() == 61);
  CHECK(sandbox.mnist("show digits --json").json()["rows"] == 200);
}

TEST_CASE("cli: weights of PyTorch's modules under other names") {
  const Sandbox sandbox;
  sandbox.train_small();
  const double accuracy = sandbox.mnist("evaluate run --json").json()["accuracy"];
  const mnist::SafetensorsFile own =
      mnist::read_safetensors(sandbox.path("run/weights.safetensors"));
  using Renaming = std::vector<std::pair<std::string, std::string>>;
  for (const Renaming& renaming :
       {Renaming{{"0.", "fc1."}, {"2.", "fc2."}},
        Renaming{{"0.", "module.0."}, {"2.", "module.2."}}, Renaming{{"0.", "1."}, {"2.", "3."}},
        Renaming{{"0.", "_orig_mod.net.1."}, {"2.", "_orig_mod.net.10."}}}) {
    INFO(renaming[0].second);
    mnist::SafetensorsFile theirs;
    for (const mnist::Tensor& tensor : own.tensors) {
      for (const auto& [from, to] : renaming) {
        if (!tensor.name.starts_with(from)) continue;
        theirs.tensors.push_back(tensor);
        theirs.tensors.back().name = to + tensor.name.substr(from.size());
      }
    }
    REQUIRE(theirs.tensors.size() == own.tensors.size());
    mnist::write_safetensors(sandbox.path("theirs.safetensors"), theirs);
    const Outcome measured = sandbox.mnist(
        "evaluate theirs.safetensors --layers 16,8,relu,3,softmax --data test.csv --json");
    CHECK(measured.json()["accuracy"] == accuracy);
    CHECK_THAT(measured.err, mnist::contains("does not say how its values were scaled"));
  }
  // The same network for (x / 255 - 0.1) / 0.5: its weights times 0.5, its biases 0.1 times the sum
  // of a row of weights higher.
  mnist::SafetensorsFile normalized{{}, own.tensors};
  std::vector<float> weights = own.find("0.weight")->floats();
  std::vector<float> biases = own.find("0.bias")->floats();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    biases[i / 16] += 0.1F * weights[i];
    weights[i] *= 0.5F;
  }
  for (mnist::Tensor& tensor : normalized.tensors) {
    if (tensor.name == "0.weight") tensor = mnist::Tensor::f32(tensor.name, {8, 16}, weights);
    if (tensor.name == "0.bias") tensor = mnist::Tensor::f32(tensor.name, {8}, biases);
  }
  mnist::write_safetensors(sandbox.path("normalized.safetensors"), normalized);
  const Outcome measured = sandbox.mnist(
      "evaluate normalized.safetensors --layers 16,8,relu,3,softmax --data test.csv --json "
      "--input-scale normalize:0.1,0.5");
  CHECK(measured.json()["accuracy"] == accuracy);
  CHECK(std::abs(measured.json()["loss"].get<double>() -
                 sandbox.mnist("evaluate run --json").json()["loss"].get<double>()) < 1e-4);
  CHECK(measured.err.find("does not say") == std::string::npos);
  sandbox.write("model.pth", "PK\3\4" + std::string(26, 'x') + "model/data.pkl");
  check_error(sandbox.mnist("evaluate model.pth --layers 16,8,relu,3,softmax --data test.csv"), 3,
              {"model.pth", "a file of torch.save", "save_file(torch.load('FILE'"});
}
