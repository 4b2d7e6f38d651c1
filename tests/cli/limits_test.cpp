// Sizes that files and flags ask for: no crash, no gigabytes, and one line.
#include <fmt/format.h>

#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

// With a limit to memory, in kilobytes, well above what the command needs.
Outcome limited(const Sandbox& box, const std::string& arguments, std::size_t kilobytes) {
#ifdef MNIST_SANITIZED
  kilobytes = 0;
#endif
  const std::string limit = kilobytes == 0 ? "" : fmt::format("ulimit -v {}; ", kilobytes);
  return box.shell(limit + "$MNIST " + arguments);
}

constexpr std::size_t kGigabyte = 1'000'000;

TEST_CASE("cli: one label of 65535 does not ask for a confusion matrix of gigabytes") {
  const Sandbox box;
  std::string rows = "65535,1,2,3,4\n";
  for (int r = 0; r < 40; ++r) rows += fmt::format("{},{},5,9,1\n", r % 3, r);
  box.write("train.csv", rows);
  const Outcome outcome =
      limited(box,
              "train --train-data train.csv --test-data none --validation 10 --batch-size 2 "
              "--layers 4,relu --steps 3 --threads 2 --quiet --out run",
              kGigabyte);
  // Either it is trained or such labels are refused.
  INFO(outcome.err);
  CHECK((outcome.code == 0 || outcome.code == 3));
}

TEST_CASE("cli: memory that runs out in any thread is one line") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  std::size_t failed = 0;
  for (std::size_t kilobytes = 120'000; kilobytes <= 420'000; kilobytes += 20'000) {
    INFO(kilobytes);
    const Outcome outcome = limited(
        box,
        fmt::format("train --train-data train.csv --test-data none --layers 3000,relu,3000,relu "
                    "--batch-size 20 --steps 2 --threads 2 --quiet --out r{}",
                    kilobytes),
        kilobytes);
    if (outcome.code == 0) continue;
    check_error(outcome, 1, {});
    ++failed;
  }
#ifndef MNIST_SANITIZED
  CHECK(failed > 2);
#endif
}

TEST_CASE("cli: numbers that no machine could count are refused") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const std::string train =
      "train --train-data train.csv --test-data none --batch-size 8 --quiet --out run ";
  check_error(box.mnist(train + "--epochs 2305843009213693953"), 2, {"epochs"});
  check_error(box.mnist(train + "--threads 18446744073709551615"), 2, {"threads"});
#ifndef MNIST_SANITIZED  // which end the program where memory does
  check_error(limited(box, train + "--layers 100000,100000", 8 * kGigabyte), 1, {"memory"});
#endif
  check_error(box.mnist(train + "--layers " + std::string(20'000, '1')), 2, {"layers"});
  check_error(box.mnist("sweep --train-data train.csv --validation 20 --grid 'lr=0.1|0.2' --seeds "
                        "1000000000 --out s"),
              2, {"--seeds"});
}

TEST_CASE("cli: flags of data are checked by every command that takes them") {
  const Sandbox box;
  box.train_small();
  for (const char* command :
       {"evaluate run --data test.csv", "predict run test.csv", "show test.csv"}) {
    for (const char* flag : {"--shape nan", "--shape axbxc", "--shape 0x0",
                             "--shape 4294967296x4294967296", "--input-scale nan"}) {
      INFO(command << ' ' << flag);
      CHECK(box.mnist(fmt::format("{} {}", command, flag)).code == 2);
    }
    check_error(box.mnist(fmt::format("{} --labels test.csv", command)), 2,
                {"test.csv", "holds its labels itself"});
  }
  check_error(box.mnist("train --train-data train.csv --train-labels test.csv --out r --quiet"), 2,
              {"train.csv", "holds its labels itself"});
  check_error(box.mnist("evaluate run --data test.csv --views 18446744073709551615"), 2, {"views"});
}

TEST_CASE("cli: weights of no outputs, and layers that a file makes up, are refused") {
  const Sandbox box;
  box.write_images("test.csv", 5, 1);
  const auto weights = [&](const std::string& name, const std::string& header,
                           const std::string& bytes) {
    std::string file;
    for (int shift = 0; shift < 64; shift += 8) {
      file += static_cast<char>(header.size() >> shift & 0xff);
    }
    box.write(name, file + header + bytes);
  };
  weights("none", R"({"0.weight":{"dtype":"F32","shape":[0,16],"data_offsets":[0,0]}})", "");
  check_error(box.mnist("predict none test.csv --layers 5"), 3, {"0 outputs"});
  std::string layers = "16";
  for (int i = 0; i < 300'000; ++i) layers += ",relu";
  weights("deep", R"({"__metadata__":{"layers":")" + layers + R"(,3,softmax"}})", "");
  check_error(box.mnist("predict deep test.csv"), 3, {"deep", "entries"});
}

TEST_CASE("cli: a weights file of many tensors takes no longer than it is long") {
  const Sandbox box;
  std::string header;
  for (int i = 0; i < 40'000; ++i) {
    header += fmt::format(R"({}"t{}":{{"dtype":"U8","shape":[1],"data_offsets":[{},{}]}})",
                          i == 0 ? "{" : ",", i, i, i + 1);
  }
  header += "}";
  std::string file;
  for (int shift = 0; shift < 64; shift += 8) file += static_cast<char>(header.size() >> shift);
  box.write("many", file + header + std::string(40'000, '\0'));
  // Seconds of a processor; with the square of the tensors it would take some thirty.
  CHECK(box.shell("ulimit -t 10; $MNIST show many").code == 0);
}

TEST_CASE("cli: images that unpack to gigabytes are refused") {
  const Sandbox box;
  const Outcome made = box.shell(
      "(printf '\\000\\000\\010\\003\\000\\000\\002\\130\\000\\000\\003\\350\\000\\000\\003\\350'; "
      "head -c 600000000 /dev/zero) | gzip -9 > b-images-idx3-ubyte.gz && "
      "(printf '\\000\\000\\010\\001\\000\\000\\002\\130'; head -c 600 /dev/zero) "
      "> b-labels-idx1-ubyte");
  REQUIRE(made.code == 0);
  check_error(limited(box, "show b-images-idx3-ubyte.gz", kGigabyte), 3, {"times its size"});
  check_error(
      limited(box, "train --test-data none --quiet --train-data b-images-idx3-ubyte.gz --out r",
              2 * kGigabyte),
      3, {"times its size"});
}

TEST_CASE("cli: a sweep of more jobs than the system has room for trains all trials") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  std::string values;
  for (int i = 1; i <= 60; ++i) values += fmt::format("{}0.{:03}", i == 1 ? "" : "|", i);
  const Outcome outcome =
      limited(box,
              "sweep --train-data train.csv --validation 20 --batch-size 20 --steps 5 --layers "
              "8,relu --jobs 60 --quiet --json --out s --grid 'lr=" +
                  values + "'",
              400'000);
  CHECK(outcome.json()["complete"] == 60);
}

TEST_CASE("cli: labels of which none is small can be drawn") {
  const Sandbox box;
  std::string rows;
  for (int r = 0; r < 30; ++r) {
    rows += fmt::format("{}", 20 + r % 3);
    for (int i = 0; i < 16; ++i) rows += fmt::format(",{}", (r * i) % 200);
    rows += '\n';
  }
  box.write("high.csv", rows);
  CHECK(box.mnist("show high.csv -o high.png --augment affine").code == 0);
  CHECK(box.exists("high.png"));
}

}  // namespace
}  // namespace mnist::testing
