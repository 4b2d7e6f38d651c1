// The networks that come with the program, by name.
#include <fmt/format.h>
#include <png.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "catch.h"
#include "cli/report_data.h"
#include "cli/sandbox.h"
#include "data/picture_files.h"
#include "model_io/safetensors.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

// A sandbox with a program installed in it, whose network `digits` is that of `run`, as float16.
class InstalledBox : public Sandbox {
 public:
  InstalledBox() {
    train_small();
    REQUIRE(shell("mkdir -p inst/bin inst/share/mnist/networks && cp \"$MNIST\" inst/bin/ &&\n"
                  "\"$MNIST\" export run -o inst/share/mnist/networks/digits.safetensors "
                  "--weights float16 --settings")
                .code == 0);
  }
  Outcome installed(const std::string& arguments) const {
    return shell("inst/bin/mnist " + arguments);
  }
};

TEST_CASE("cli: a network that comes along is found by its name where it is installed") {
  const InstalledBox box;
  const std::string file = "inst/share/mnist/networks/digits.safetensors";
  CHECK(box.installed("predict digits test.csv").out ==
        box.mnist("predict " + file + " test.csv").out);
  CHECK(box.installed("evaluate digits --json").json() ==
        box.mnist("evaluate " + file + " --data test.csv --json").json());
  REQUIRE(box.installed("export digits -o net.onnx").code == 0);
  REQUIRE(box.mnist("export " + file + " -o same.onnx").code == 0);
  CHECK(box.read("net.onnx") == box.read("same.onnx"));
  const auto shown = box.installed("show digits --json").json();
  CHECK(shown["kind"] == "weights");
  CHECK(shown["tensors"][0]["dtype"] == "F16");
  CHECK_THAT(shown["settings"]["train-data"].get<std::string>(), contains("train.csv"));
  CHECK_THAT(box.installed("show digits").out, contains("batch-size"));
  CHECK(box.installed("train " + kSmall + "--init-weights digits --steps 1 --quiet --out next")
            .code == 0);
  CHECK_THAT(box.installed("predict --help").out, contains("digits"));
  check_error(box.installed("predict digit test.csv"), 3, {"digit"});
  check_error(box.installed("evaluate networks/digits"), 3, {"networks/digits"});
}

TEST_CASE("cli: data in the place of the network are labelled by the network that comes along") {
  const InstalledBox box;
  const std::string expected = box.installed("predict digits test.csv").out;
  const Outcome outcome = box.installed("predict test.csv");
  CHECK(outcome.out == expected);
  CHECK_THAT(outcome.err, contains("by the network digits"));
  CHECK(box.installed("predict - <test.csv").out == expected);
  CHECK(box.shell("cat test.csv | inst/bin/mnist predict /dev/stdin").out == expected);
  const auto metrics = box.installed("evaluate digits --data test.csv --json").json();
  CHECK(box.installed("evaluate --data test.csv --json").json() == metrics);
  std::vector<std::uint8_t> shades(16, 20);
  shades[5] = shades[6] = 250;
  write_png(box.path("a.png"), 4, 4, PNG_FORMAT_GRAY, shades);
  box.shell("cp a.png b.png");
  CHECK(box.installed("predict a.png b.png --as-is").out ==
        box.installed("predict digits a.png b.png --as-is").out);

  check_error(box.installed("predict missing.png"), 3, {"missing.png"});
  check_error(box.installed("predict test.csv run"), 2,
              {"run is no data", "mnist predict run test.csv"});
  check_error(box.installed("predict test.csv digits"), 2, {"mnist predict digits test.csv"});
  check_error(box.installed("evaluate test.csv"), 3, {"test.csv", "no weights"});
  box.write("wide.csv", "0,1,2,3\n");
  check_error(box.installed("predict wide.csv"), 3, {"wide.csv"});
  box.write("state.pt", std::string("\x80\x02torch state, pickled", 22));
  check_error(box.installed("predict state.pt"), 3, {"state.pt", "torch.save"});
  box.write("cut.safetensors", "abc");
  check_error(box.installed("predict cut.safetensors"), 3, {"cut.safetensors"});
}

TEST_CASE("cli: an existing path wins over the name of a network that comes along") {
  const InstalledBox box;
  REQUIRE(box.mnist("train " + kSmall + "--steps 3 --out digits --quiet").code == 0);
  CHECK(box.installed("predict digits test.csv").out == box.mnist("predict ./digits test.csv").out);
  CHECK(box.installed("predict digits test.csv").out != box.installed("predict test.csv").out);
}

TEST_CASE("cli report: a network without its run has a page without curves") {
  const InstalledBox box;
  REQUIRE(box.installed("report digits -o digits.html").code == 0);
  const auto page = report_of(box, "run/weights.safetensors --data test.csv");
  CHECK(page["kind"] == "network");
  CHECK(page["curves"].is_null());
  CHECK(page["result"].is_null());
  CHECK(page["settings"].empty());
  CHECK(page["network"]["layers"] == "16,8,relu,3,softmax");
  CHECK(page["measured"]["metrics"] == box.mnist("evaluate run --data test.csv --json").json());
}

TEST_CASE("cli export: weights of float16 take half the space, and settings tell how they came") {
  const Sandbox box;
  box.train_small();
  REQUIRE(box.mnist("export run -o half.safetensors --weights float16").code == 0);
  const SafetensorsFile half = read_safetensors(box.path("half.safetensors"));
  const SafetensorsFile whole = read_safetensors(box.path("run/weights.safetensors"));
  REQUIRE(half.tensors.size() == whole.tensors.size());
  CHECK(half.metadata == whole.metadata);
  for (std::size_t t = 0; t < half.tensors.size(); ++t) {
    CHECK(half.tensors[t].dtype == "F16");
    CHECK(2 * half.tensors[t].bytes.size() == whole.tensors[t].bytes.size());
    const std::vector<float> rounded = half.tensors[t].floats();
    const std::vector<float> exact = whole.tensors[t].floats();
    for (std::size_t i = 0; i < exact.size(); ++i) {
      CHECK(std::abs(rounded[i] - exact[i]) <= std::abs(exact[i]) / 2048);
    }
  }
  REQUIRE(box.mnist("export run -o told.safetensors --settings").code == 0);
  CHECK(read_safetensors(box.path("told.safetensors")).metadata.at("settings") ==
        box.read("run/config.toml"));
  REQUIRE(box.mnist("export told.safetensors -o again.safetensors --settings").code == 0);
  CHECK(box.read("again.safetensors") == box.read("told.safetensors"));
  for (const char* flags : {"-o n.onnx --weights float16", "-o n.safetensors --weights int8",
                            "-o n.h --settings", "-o n.npz --weights int8"}) {
    INFO(flags);
    check_error(box.mnist(std::string("export run ") + flags), 2, {"mnist export --help"});
  }
  check_error(box.mnist("export half.safetensors -o n.safetensors --settings"), 2,
              {"half.safetensors"});
}

}  // namespace
}  // namespace mnist::testing
