#include "cli/sandbox.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "catch.h"
#include "test_paths.h"

namespace mnist::testing {

namespace fs = std::filesystem;

nlohmann::ordered_json Outcome::json() const {
  INFO(err);
  INFO(out);
  REQUIRE(code == 0);
  REQUIRE(nlohmann::ordered_json::accept(out));
  return nlohmann::ordered_json::parse(out);
}

Outcome Sandbox::mnist(const std::string& arguments) const {
  return shell("\"$MNIST\" " + arguments);
}

Outcome Sandbox::shell(const std::string& script) const {
  // Beside the directory, so that tests find nothing in it but what the program left.
  const std::string base = directory_.path().string();
  std::ofstream(base + ".sh") << "cd " << base << " || exit 99\nexport MNIST=" << MNIST_PROGRAM
                              << "\n"
                              << script << "\n";
  const int status =
      std::system(fmt::format("bash {0}.sh >{0}.out 2>{0}.err </dev/null", base).c_str());
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.out = read(base + ".out");
  outcome.err = read(base + ".err");
  for (const char* ending : {".sh", ".out", ".err"}) fs::remove(base + ending);
  return outcome;
}

std::string Sandbox::read(const std::string& name) const {
  std::ifstream in(path(name), std::ios::binary);
  INFO(name);
  REQUIRE(in.good());
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void Sandbox::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
}

void Sandbox::write_images(const std::string& name, std::size_t rows, unsigned seed,
                           bool labelled) const {
  std::minstd_rand random(seed);
  std::string text;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t label = random() % 3;
    if (labelled) text += fmt::format("{},", label);
    for (std::size_t i = 0; i < 16; ++i) {
      const bool bright = i / 5 == label;
      text += fmt::format("{}{}", bright ? 150 + random() % 100 : random() % 90,
                          i + 1 < 16 ? "," : "\n");
    }
  }
  write(name, text);
}

void Sandbox::train_small() const {
  write_images("train.csv", 300, 1);
  write_images("test.csv", 100, 2);
  const Outcome outcome = mnist("train " + kSmall + "--steps 150 --out run --quiet");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

const std::string kHold =
    "hold() {\n"
    "  local file=$1; shift\n"
    "  rm -f reports; mkfifo reports; exec 3<>reports; touch begun\n"
    "  \"$MNIST\" \"$@\" --report-every 5 >reports 3>&- & pid=$!\n"
    "  until [ $file -nt begun ] || ! kill -0 $pid; do sleep 0.01; done\n"
    "}\n"
    "release() { exec 4<reports 3>&-; cat <&4 >/dev/null & wait $pid; }\n";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::set<std::string> entries(const std::filesystem::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

void check_error(const Outcome& outcome, int code, const std::vector<std::string>& parts) {
  INFO("standard error: " << outcome.err);
  CHECK(outcome.code == code);
  CHECK(outcome.out.empty());
  // Lines before it may tell how data were read.
  const std::vector<std::string> lines = lines_of(outcome.err);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back().starts_with("mnist: "));
  CHECK(std::ranges::count_if(
            lines, [](const std::string& line) { return line.starts_with("mnist: "); }) == 1);
  for (const std::string& part : parts) {
    INFO("expected: " << part);
    CHECK(outcome.err.find(part) != std::string::npos);
  }
}

}  // namespace mnist::testing
