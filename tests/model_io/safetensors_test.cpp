#include "model_io/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "catch.h"
#include "temporary_directory.h"
#include "test_paths.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Shape = std::vector<std::size_t>;

const fs::path kReferences = MNIST_FIXTURES_DIR;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& bytes) {
  fs::remove(path);  // truncating a file in use makes some file systems flush it
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string little_endian(std::uint64_t value) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

/// A file of that header and so many bytes of data.
std::string with_header(const std::string& header, std::size_t data_bytes) {
  return little_endian(header.size()) + header + std::string(data_bytes, '\1');
}

/// Reading `bytes` must end with a line that names the file and holds `reason`.
void check_refused(const std::string& bytes, const std::string& reason) {
  const TemporaryDirectory directory;
  const fs::path path = directory / "hostile.safetensors";
  put(path, bytes);
  std::string message;
  try {
    read_safetensors(path);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    message = error.what();
  }
  CAPTURE(message, reason);
  CHECK(message.starts_with(path.string() + ": "));
  CHECK(message.find(reason) != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

/// A file of one tensor "w" with that description and eight bytes of data.
void check_tensor_refused(const std::string& description, const std::string& reason) {
  check_refused(with_header("{\"w\":" + description + "}", 8), reason);
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

SafetensorsFile small_file() {
  SafetensorsFile file;
  file.metadata = {{"format", "pt"}, {"layers", "3,2"}};
  file.tensors.push_back(Tensor::f32("0.weight", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  file.tensors.push_back(Tensor::f32("0.bias", {2}, std::vector<float>{-1, 0.5F}));
  return file;
}

TEST_CASE("model_io: reads the article's reference, which other software wrote") {
  const SafetensorsFile file = read_safetensors(kReferences / "article.safetensors");
  CHECK(file.metadata.at("layers") == "784,50,relu,20,relu,10,softmax");
  CHECK(file.metadata.at("batch_size") == "64");
  CHECK(file.metadata.size() == 10);
  REQUIRE(file.tensors.size() == 16);
  CHECK(file.tensors[0].name == "batches");
  CHECK(file.tensors[1].name == "initial.0.weight");
  CHECK(file.tensors[4].name == "as_printed.losses");

  const Tensor* batches = file.find("batches");
  REQUIRE(batches != nullptr);
  CHECK(batches->dtype == "I32");
  CHECK(batches->shape == Shape{20, 64});
  const auto rows = batches->int32s();
  CHECK(rows.front() == 37874);
  CHECK(rows.back() == 36813);
  CHECK(std::accumulate(rows.begin(), rows.end(), std::int64_t{0}) == 39531955);

  const Tensor* weights = file.find("initial.0.weight");
  REQUIRE(weights != nullptr);
  CHECK(weights->shape == Shape{50, 784});
  CHECK(weights->floats().front() == -0.045396093279123306F);
  CHECK(sum(weights->doubles()) == Approx(3.2013962623585144).epsilon(1e-12));

  const Tensor* losses = file.find("exact.losses");
  REQUIRE(losses != nullptr);
  CHECK(losses->dtype == "F64");
  CHECK(losses->doubles().front() == 2.3318106263438754);
  CHECK(losses->doubles().back() == 2.059921279646813);
  CHECK(file.find("exact.1.bias") == nullptr);
}

TEST_CASE("model_io: reads PyTorch's reference") {
  const SafetensorsFile file = read_safetensors(kReferences / "torch_optimizers.safetensors");
  CHECK(file.metadata.at("layers") == "784,16,relu,10,softmax (logits + cross entropy)");
  REQUIRE(file.tensors.size() == 45);
  const Tensor* bias = file.find("initial.0.bias");
  REQUIRE(bias != nullptr);
  CHECK(bias->shape == Shape{16});
  CHECK(sum(bias->doubles()) == Approx(-0.014732795068994164).epsilon(1e-12));
  CHECK(sum(file.find("adam.losses")->doubles()) == Approx(27.41320441297055).epsilon(1e-14));
  CHECK(file.find("adagrad.2.bias")->floats().back() == 0.1310121715068817F);
}

TEST_CASE("model_io: what is written is read back, tensors in their order") {
  const TemporaryDirectory directory;
  SafetensorsFile file = small_file();
  file.metadata["note"] = "quotes \" and ünïcode\n";
  file.tensors.push_back({"scalar", "F64", {}, std::vector<std::byte>(8, std::byte{7})});
  file.tensors.push_back({"empty", "I64", {0, 5}, {}});
  file.tensors.push_back({"a first name", "U8", {3}, std::vector<std::byte>(3, std::byte{255})});
  file.tensors.push_back({"half", "BF16", {1, 1, 1}, std::vector<std::byte>(2, std::byte{1})});
  write_safetensors(directory / "file", file);

  const SafetensorsFile read = read_safetensors(directory / "file");
  CHECK(read.metadata == file.metadata);
  REQUIRE(read.tensors.size() == file.tensors.size());
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    CHECK(read.tensors[i].name == file.tensors[i].name);
    CHECK(read.tensors[i].dtype == file.tensors[i].dtype);
    CHECK(read.tensors[i].shape == file.tensors[i].shape);
    CHECK(read.tensors[i].bytes == file.tensors[i].bytes);
  }
}

TEST_CASE("model_io: the bytes of a file are laid down") {
  const TemporaryDirectory directory;
  write_safetensors(directory / "file", small_file());
  const std::string header = R"({"__metadata__":{"format":"pt","layers":"3,2"},)"
                             R"("0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                             R"("0.bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  const float values[] = {1, 2, 3, 4, 5, 6, -1, 0.5F};
  std::string data(sizeof values, '\0');
  std::memcpy(data.data(), values, sizeof values);
  CHECK(content(directory / "file") ==
        little_endian(header.size() + padding.size()) + header + padding + data);

  write_safetensors(directory / "nothing", {});
  CHECK(content(directory / "nothing") == little_endian(8) + "{}      ");
  CHECK(read_safetensors(directory / "nothing").tensors.empty());
}

TEST_CASE("model_io: metadata that is no UTF-8 is written as readable JSON") {
  const TemporaryDirectory directory;
  SafetensorsFile file = small_file();
  file.metadata["data"] = "caf\xe9.csv";
  write_safetensors(directory / "file", file);
  CHECK(read_safetensors(directory / "file").metadata.at("data") == "caf\xef\xbf\xbd.csv");
}

TEST_CASE("model_io: tensors that no reader would take are not written") {
  const TemporaryDirectory directory;
  const auto check_unfit = [&](Tensor tensor) {
    SafetensorsFile file = small_file();
    file.tensors.push_back(std::move(tensor));
    CHECK_THROWS_AS(write_safetensors(directory / "file", file), std::invalid_argument);
    CHECK_FALSE(fs::exists(directory / "file"));
  };
  check_unfit(Tensor::f32("too few", {3}, std::vector<float>{1, 2}));
  check_unfit(Tensor::f32("0.bias", {1}, std::vector<float>{1}));
  check_unfit(Tensor::f32("__metadata__", {1}, std::vector<float>{1}));
  check_unfit({"t", "F33", {}, {}});
}

TEST_CASE("model_io: an unlisted order, spaces and unknown fields are read") {
  const TemporaryDirectory directory;
  put(directory / "file",
      with_header(R"({ "b": {"shape":[1],"dtype":"F32","data_offsets":[4,8],"extra":[1]},)"
                  R"( "a": {"dtype":"U8","data_offsets":[0,4],"shape":[2,2]} }     )",
                  8));
  const SafetensorsFile file = read_safetensors(directory / "file");
  REQUIRE(file.tensors.size() == 2);
  CHECK(file.metadata.empty());
  CHECK(file.tensors[0].name == "a");
  CHECK(file.tensors[1].name == "b");
  CHECK(file.tensors[1].bytes.size() == 4);
}

TEST_CASE("model_io: a path that is no file is refused with the reason") {
  const TemporaryDirectory directory;
  const auto message = [](const fs::path& path) -> std::string {
    try {
      read_safetensors(path);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      return error.what();
    }
    return {};
  };
  const fs::path missing = directory / "missing";
  CHECK(message(missing) == missing.string() + ": No such file or directory");
  CHECK(message(directory.path()) == directory.path().string() + ": Is a directory");
  CHECK(message("/dev/zero").starts_with("/dev/zero: "));
}

TEST_CASE("model_io: a header length that cannot be is refused") {
  check_refused("", "cut short: 0 bytes");
  check_refused("1234567", "cut short: 7 bytes");
  check_refused(little_endian(2), "cut short: a header of 2 bytes in a file of 8");
  check_refused(little_endian(std::uint64_t{1} << 63) + "{}", "header length 9223372036854775808");
  check_refused(little_endian(~std::uint64_t{0}) + "{}", "header length 18446744073709551615");
  check_refused(little_endian(100'000'001) + "{}", "header length 100000001");
  check_refused(little_endian(100'000'000) + "{}", "cut short: a header of 100000000 bytes");
  check_refused(little_endian(3) + "{}", "cut short: a header of 3 bytes in a file of 10");
  check_refused(little_endian(0), "no JSON object");
}

TEST_CASE("model_io: a header that is no JSON object is refused") {
  check_refused(with_header("[]", 0), "header at byte 8 is no JSON object");
  check_refused(with_header(" {}", 0), "header at byte 8 is no JSON object");
  check_refused(with_header("label,pixel0", 0), "header at byte 8 is no JSON object");
  check_refused(with_header("{]", 0), "header is no JSON: error at byte 9");
  check_refused(with_header("{\"a\":", 0), "header is no JSON");
  check_refused(with_header("{} x", 0), "header is no JSON: error at byte 11");
  check_refused(with_header(std::string("{}\0{", 4), 0), "header is no JSON: error at byte 10");
  check_refused(with_header("{\"\xff\":1}", 0), "header is no JSON");
  check_refused(with_header("{\"a\":1e999}", 0), "a number that is too large");
}

TEST_CASE("model_io: a header that nests without end is refused") {
  const std::string description = R"("dtype":"U8","data_offsets":[0,8],"shape":)";
  check_tensor_refused("{" + description + "[[8]]}", "nested too deep");
  check_refused(with_header("{\"a\":" + std::string(5'000'000, '['), 0), "nested too deep");
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  check_refused(with_header(objects, 0), "nested too deep");
}

TEST_CASE("model_io: a name that comes twice is refused") {
  const std::string tensor = R"({"dtype":"U8","shape":[8],"data_offsets":[0,8]})";
  check_refused(with_header("{\"w\":" + tensor + ",\"w\":" + tensor + "}", 8),
                "header holds \"w\" twice");
  check_refused(with_header(R"({"__metadata__":{},"__metadata__":{}})", 0),
                "header holds \"__metadata__\" twice");
  check_refused(with_header(R"({"__metadata__":{"k":"1","k":"2"}})", 0),
                "header holds \"k\" twice");
  check_tensor_refused(R"({"dtype":"U8","dtype":"I8","shape":[8],"data_offsets":[0,8]})",
                       "header holds \"dtype\" twice");
}

TEST_CASE("model_io: metadata that are not all strings are refused") {
  check_refused(with_header(R"({"__metadata__":"pt"})", 0), "__metadata__ is no JSON object");
  check_refused(with_header(R"({"__metadata__":{"epoch":3}})", 0),
                "__metadata__: \"epoch\" is no string");
  check_refused(with_header(R"({"__metadata__":{"a":{"b":"c"}}})", 0),
                "__metadata__: \"a\" is no string");
}

TEST_CASE("model_io: a tensor that is not well described is refused by its name") {
  check_tensor_refused("[1]", "tensor \"w\": is described by no JSON object");
  check_tensor_refused(R"({"shape":[8],"data_offsets":[0,8]})", "tensor \"w\": dtype");
  check_tensor_refused(R"({"dtype":8,"shape":[8],"data_offsets":[0,8]})", "tensor \"w\": dtype");
  check_tensor_refused(R"({"dtype":"F33","shape":[8],"data_offsets":[0,8]})",
                       "tensor \"w\": unknown dtype \"F33\"");
  const std::string no_list = "is no list of non-negative integers";
  for (const char* shape :
       {"[-1]", "[8.0]", "[\"8\"]", "8", "null", "[18446744073709551616]", "{\"0\":8}", "[true]"}) {
    check_tensor_refused(
        R"({"dtype":"U8","data_offsets":[0,8],"shape":)" + std::string(shape) + "}",
        "tensor \"w\": shape " + no_list);
    check_tensor_refused(R"({"dtype":"U8","shape":[8],"data_offsets":)" + std::string(shape) + "}",
                         "tensor \"w\": data_offsets " + no_list);
  }
  check_tensor_refused(R"({"dtype":"U8","data_offsets":[0,8]})", "tensor \"w\": shape " + no_list);
  check_refused(with_header("{\"a\\nb\":1}", 0), "tensor \"a\\nb\": is described");
}

TEST_CASE("model_io: a shape that does not fit its bytes is refused") {
  check_tensor_refused(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})",
                       "data_offsets [0, 8] hold 8 bytes, shape and dtype need 12");
  check_tensor_refused(R"({"dtype":"F32","shape":[1],"data_offsets":[0,8]})", "need 4");
  // 2^32 · 2^32 · 4 wraps around to 0, and 4 · (2^62 + 2) to 8.
  check_tensor_refused(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})",
                       "shape is larger than any memory");
  check_tensor_refused(R"({"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]})",
                       "shape is larger than any memory");
}

TEST_CASE("model_io: offsets that do not tile the data are refused") {
  check_tensor_refused(R"({"dtype":"U8","shape":[8],"data_offsets":[0,8,8]})", "no [begin, end]");
  check_tensor_refused(R"({"dtype":"U8","shape":[8],"data_offsets":[8,0]})", "no [begin, end]");
  check_tensor_refused(R"({"dtype":"U8","shape":[9],"data_offsets":[0,9]})",
                       "reach beyond the file's 8 bytes of data");
  check_tensor_refused(R"({"dtype":"U8","shape":[8],"data_offsets":[18446744073709551608,0]})",
                       "no [begin, end]");
  check_tensor_refused(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})",
                       "4 bytes at the end belong to no tensor");
  check_tensor_refused(R"({"dtype":"U8","shape":[4],"data_offsets":[4,8]})",
                       "data_offsets begin at 4, leaving a hole after what ends at 0");
  check_refused(with_header(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},)"
                            R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
                            8),
                "tensor \"b\": data_offsets begin at 4, overlapping what ends at 5");
  check_refused(with_header(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
                            R"("b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})",
                            8),
                "overlapping");
  check_refused(with_header("{}", 8), "8 bytes at the end belong to no tensor");
}

TEST_CASE("model_io: a file cut short anywhere is refused") {
  const TemporaryDirectory directory;
  write_safetensors(directory / "whole", small_file());
  const std::string whole = content(directory / "whole");
  const fs::path path = directory / "cut";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(path, whole.substr(0, length));
    CHECK_THROWS_AS(read_safetensors(path), Error);
  }
}

TEST_CASE("model_io: damaged bytes are read or refused, but nothing else happens") {
  const TemporaryDirectory directory;
  write_safetensors(directory / "whole", small_file());
  const std::string whole = content(directory / "whole");
  const auto header_size = static_cast<std::uint32_t>(whole.size() - 32);
  const fs::path path = directory / "damaged";
  RandomStream random(1, RandomPurpose::kSweep, 0);
  std::size_t refused = 0;
  for (int trial = 0; trial < 2'000; ++trial) {
    std::string bytes = whole;
    for (std::uint32_t changes = 1 + random.below(3); changes > 0; --changes) {
      const char bracket = "[]{},:\"09"[random.below(9)];
      const char any = static_cast<char>(random.below(256));
      bytes[random.below(header_size)] = random.below(2) == 0 ? any : bracket;
    }
    put(path, bytes);
    try {
      read_safetensors(path);
    } catch (const Error& error) {
      ++refused;
      if (error.code() != ExitCode::kBadInput) FAIL("exit code of: " << error.what());
    }
  }
  CHECK(refused > 1'000);
}

}  // namespace
}  // namespace mnist
