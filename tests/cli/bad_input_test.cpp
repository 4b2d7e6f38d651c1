// Bad or missing input: exit code 3 and one line that names the file and the place.
#include <cstdint>

#include "catch.h"
#include "cli/sandbox.h"
#include "test_paths.h"

using namespace mnist::testing;

namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string little_endian(std::uint64_t value) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

// Two images of 4 × 4.
std::string idx_images(std::uint32_t magic, std::uint32_t count) {
  return big_endian(magic) + big_endian(count) + big_endian(4) + big_endian(4) +
         std::string(32, '\1');
}

std::string idx_labels(std::uint32_t magic, std::uint32_t count) {
  return big_endian(magic) + big_endian(count) + std::string("\1\2", 2);
}

std::string safetensors(const std::string& header, const std::string& bytes) {
  return little_endian(header.size()) + header + bytes;
}

const std::string kRow = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16";  // pixels

}  // namespace

TEST_CASE("cli: what a config file cannot say is refused and not passed over") {
  const Sandbox sandbox;
  for (const char* key : {"resume", "config", "preset", "help"}) {
    sandbox.write("c.toml", std::string(key) + " = \"x\"\n");
    check_error(sandbox.mnist("train --quiet --config c.toml"), 3,
                {"c.toml: line 1: unknown key", key});
  }
  sandbox.write("c.toml", "collect = \"x\"\n");
  check_error(sandbox.mnist("sweep --quiet --config c.toml"), 3, {"unknown key 'collect'"});
}

TEST_CASE("cli: bad data is exit code 3, for train and evaluate alike") {
  const Sandbox sandbox;
  sandbox.train_small();
  struct Case {
    std::string name;
    std::string content;
    std::vector<std::string> parts;
  };
  const std::string good = "0," + kRow + "\n1," + kRow + "\n2," + kRow + "\n";
  const std::vector<Case> cases = {
      {"empty.csv", "", {}},
      {"few.csv", good + "1,2,3\n", {"4"}},
      {"many.csv", good + "0," + kRow + ",17\n", {"4"}},
      {"text_label.csv", good + "x," + kRow + "\n", {"4"}},
      {"float_label.csv", good + "1.5," + kRow + "\n", {"4"}},
      {"negative_label.csv", good + "-1," + kRow + "\n", {"4"}},
      {"pixel_text.csv", good + "1,abc" + kRow.substr(1) + "\n", {"4", "abc"}},
      {"pixel_empty.csv", good + "1," + kRow.substr(1) + "\n", {"4"}},
      {"magic.idx", idx_images(0x00000903, 2), {}},
      {"short-images-idx3-ubyte", idx_images(0x00000803, 3), {}},
      {"noise.bin", std::string("\x93NUMPY\1\0\xff\xfe\0\0\0\0", 14), {}},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    sandbox.write(one.name, one.content);
    std::vector<std::string> parts = one.parts;
    parts.push_back(one.name);
    check_error(sandbox.mnist("train --quiet --out new --train-data " + one.name), 3, parts);
    CHECK_FALSE(sandbox.exists("new"));
    check_error(sandbox.mnist("evaluate run --data " + one.name), 3, parts);
  }
  check_error(sandbox.mnist("train --quiet --train-data missing.csv"), 3, {"missing.csv"});
  check_error(sandbox.mnist("train --quiet --train-data train.csv --test-data missing.csv"), 3,
              {"missing.csv"});
  sandbox.shell("mkdir empty");
  check_error(sandbox.mnist("train --quiet --train-data empty"), 3, {"empty", "directory"});
  check_error(sandbox.mnist("evaluate run --data missing.csv"), 3, {"missing.csv"});
  check_error(sandbox.mnist("evaluate run --data run"), 3, {"run", "run directory"});
  CHECK_FALSE(std::filesystem::exists(sandbox.path("runs/x")));
}

TEST_CASE("cli: IDX files that do not fit together are exit code 3") {
  const Sandbox sandbox;
  const std::string train = "train --quiet --test-data none --train-data ";
  sandbox.write("a-images-idx3-ubyte", idx_images(0x803, 2));
  check_error(sandbox.mnist(train + "a-images-idx3-ubyte"), 3, {"a-images-idx3-ubyte", "labels"});
  sandbox.write("a-labels-idx1-ubyte", idx_labels(0x801, 3));
  check_error(sandbox.mnist(train + "a-images-idx3-ubyte"), 3, {"a-labels-idx1-ubyte"});
  sandbox.write("a-labels-idx1-ubyte", idx_labels(0xa01, 2));
  check_error(sandbox.mnist(train + "a-images-idx3-ubyte"), 3, {"a-labels-idx1-ubyte"});
}

TEST_CASE("cli: compressed data cut short is exit code 3") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 2000);
  const Outcome prepared = sandbox.shell(
      "gzip -k train.csv && head -c 5000 train.csv.gz > cut.csv.gz && "
      "head -c 100000 " MNIST_DATA_DIR "/mnist_test.csv.zst > cut.csv.zst");
  REQUIRE(prepared.code == 0);
  for (const char* name : {"cut.csv.gz", "cut.csv.zst"}) {
    check_error(sandbox.mnist(std::string("train --quiet --train-data ") + name), 3, {name});
  }
}

TEST_CASE("cli: data that does not fit the network is exit code 3") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write("label_3.csv", "0," + kRow + "\n3," + kRow + "\n");
  check_error(sandbox.mnist("evaluate run --data label_3.csv"), 3, {"label_3.csv", "2", "3"});
  check_error(
      sandbox.mnist("train --quiet --train-data train.csv --test-data label_3.csv --steps 5"), 3,
      {"label_3.csv", "2", "3"});
  sandbox.write("wide.csv", "0,1" + kRow + ",17,18\n");
  check_error(sandbox.mnist("evaluate run --data wide.csv"), 3, {"wide.csv"});
  check_error(sandbox.mnist("predict run wide.csv"), 3, {"wide.csv"});
  sandbox.write("unlabelled.csv", kRow + "\n");
  check_error(sandbox.mnist("evaluate run --data unlabelled.csv"), 3, {"unlabelled.csv"});
}

TEST_CASE("cli: bad weights are exit code 3") {
  const Sandbox sandbox;
  sandbox.train_small();
  const std::string good = sandbox.read("run/weights.safetensors");
  const std::string zeros(64, '\0');
  struct Case {
    std::string name;
    std::string content;
  };
  const auto tensor = [](const char* name, const char* dtype, const char* shape,
                         const char* offsets) {
    return std::string("\"") + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}";
  };
  const std::string layers = "{\"__metadata__\":{\"layers\":\"16,1,softmax\"},";
  const std::vector<Case> cases = {
      {"empty", ""},
      {"tiny", "12345678"},
      {"cut", good.substr(0, good.size() - 5)},
      {"cut_header", good.substr(0, 30)},
      {"longer", good + "x"},
      {"huge_header", little_endian(std::uint64_t{1} << 63) + "{}"},
      {"no_json", safetensors("{nonsense", "")},
      {"overlap", safetensors(layers + tensor("0.weight", "F32", "[1,16]", "[0,64]") + "," +
                                  tensor("0.bias", "F32", "[1]", "[60,64]") + "}",
                              zeros)},
      {"shape", safetensors(layers + tensor("0.weight", "F32", "[16,1]", "[0,64]") + "}", zeros)},
      {"dtype", safetensors(layers + tensor("0.weight", "I32", "[1,16]", "[0,64]") + "}", zeros)},
      {"unknown_dtype",
       safetensors(layers + tensor("0.weight", "X7", "[1,16]", "[0,64]") + "}", zeros)},
      {"no_layers",
       safetensors(std::string("{") + tensor("0.weight", "F32", "[1,16]", "[0,64]") + "}", zeros)},
      {"other_layers", safetensors("{\"__metadata__\":{\"layers\":\"nonsense\"}," +
                                       tensor("0.weight", "F32", "[1,16]", "[0,64]") + "}",
                                   zeros)},
  };
  for (const Case& one : cases) {
    const std::string name = one.name + ".safetensors";
    INFO(name);
    sandbox.write(name, one.content);
    check_error(sandbox.mnist("evaluate " + name + " --data test.csv"), 3, {name});
    check_error(sandbox.mnist("predict " + name + " test.csv"), 3, {name});
    check_error(sandbox.mnist("train --quiet " + kSmall + "--out new --init-weights " + name), 3,
                {name});
    CHECK_FALSE(sandbox.exists("new"));
  }
  check_error(sandbox.mnist("evaluate missing.safetensors"), 3, {"missing.safetensors"});
  check_error(sandbox.mnist("evaluate ."), 3, {".", "no run"});
  check_error(sandbox.mnist("train --quiet " + kSmall +
                            "--layers 9,relu --init-weights run/weights.safetensors"),
              3, {"weights.safetensors"});
}

TEST_CASE("cli: weights in place of data and data in place of weights are told apart") {
  const Sandbox sandbox;
  sandbox.train_small();
  const std::string weights = "run/weights.safetensors";
  check_error(sandbox.mnist("evaluate test.csv"), 3, {"test.csv", "no weights"});
  check_error(sandbox.mnist("predict test.csv"), 3, {});  // not for the network that comes along
  check_error(sandbox.mnist("evaluate run --data " + weights), 3, {weights, "not data"});
  check_error(sandbox.mnist("predict run " + weights), 3, {weights, "not data"});
  check_error(sandbox.mnist("train --quiet --train-data " + weights), 3, {weights, "not data"});
}

TEST_CASE("cli: names with line breaks and odd bytes keep an error on one line") {
  const Sandbox sandbox;
  check_error(sandbox.mnist("evaluate $'a\\nb\\033[31m'"), 3, {"a?b?[31m"});
  const Outcome odd = sandbox.shell(
      "printf '0,1\\n1,2\\n' > $'\\xff.csv'; "
      "\"$MNIST\" show --json $'\\xff.csv'");
  CHECK(odd.json()["rows"] == 2);
}
