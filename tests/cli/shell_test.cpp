// At home in a shell: completion, the manual page, --version, the Debian package.
#include <filesystem>
#include <string>

#include "catch.h"
#include "cli/sandbox.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

const std::string kShell = std::string(MNIST_DATA_DIR) + "/shell";

bool has(const std::string& program) {
  if (Sandbox().shell("command -v " + program).code == 0) return true;
  skip_test("needs " + program);
  return false;
}

// A word in the middle of a line and what has to stand in the answer, and what not.
struct Case {
  std::string line;
  std::vector<std::string> wanted;
  std::vector<std::string> unwanted;
};

// A directory with the program on PATH and files to complete.
class ShellBox : public Sandbox {
 public:
  ShellBox() {
    std::filesystem::create_directory(path("a_run"));
    write("a_file", "");
    std::filesystem::create_directory(path("bin"));
    std::filesystem::create_symlink(MNIST_PROGRAM, path("bin/mnist"));
  }
  std::string in_path(const std::string& script) const {
    const Outcome outcome = shell("PATH=$PWD/bin:$PATH; export TERM=xterm; " + script);
    INFO(outcome.err);
    return outcome.out;
  }
  // What an interactive shell, whose prompt is "> ", shows on a terminal of a user who types the
  // line, presses tab twice, waits until it shows all that is wanted (or a minute) and leaves.
  std::string on_tab(const Case& one, const std::string& command) const {
    std::string typed = "await '> '; printf '%s\\t\\t' '" + one.line + "'; ";
    for (const std::string& word : one.wanted) typed += "await '" + word + "'; ";
    return in_path(
        "await() { for _ in $(seq 3000); do grep -qFe \"$1\" shown && return; sleep 0.02; done; }; "
        ": > shown; { " +
        typed + "printf '\\025exit\\n'; } | script -qec '" + command +
        "' /dev/null > shown; cat shown");
  }
};

const std::vector<Case> kCases = {
    {"mnist ", {"train", "evaluate", "plot"}, {"a_file"}},
    {"mnist ev", {"evaluate"}, {"train"}},
    {"mnist --v", {"--version"}, {"--help"}},
    {"mnist train --optimizer ada", {"adagrad", "adam", "adamw"}, {"sgd"}},
    {"mnist train --optimizer=ada", {"adagrad", "adam", "adamw"}, {"sgd"}},
    {"mnist train --lr 0.1 --preset lecun-300", {"lecun-300", "lecun-300-100"}, {"linear"}},
    {"mnist train --tens", {"--tensorboard"}, {"--train-data"}},
    {"mnist train --out ", {"a_run"}, {"a_file"}},
    {"mnist plot ", {"a_run"}, {"a_file"}},
};

void check_answer(const Case& one, const std::string& answer) {
  INFO(one.line << " -> " << answer);
  for (const std::string& word : one.wanted) CHECK(answer.find(word) != std::string::npos);
  for (const std::string& word : one.unwanted) CHECK(answer.find(word) == std::string::npos);
}

TEST_CASE("cli: the program tells what may come next") {
  const Sandbox box;
  const auto answer = [&](const std::string& words) { return box.mnist("complete " + words).out; };
  CHECK(answer("train --config ''") == "files\n");
  CHECK(answer("train --out ''") == "directories\n");
  CHECK(answer("evaluate ''") == "files\n");
  CHECK(answer("plot run ''") == "directories\n");
  CHECK(answer("train --loss m") == "words\nmse\t\n");
  CHECK(answer("train --loss=m") == "words\n--loss=mse\t\n");
  CHECK(answer("train --loss = m") == "words\nmse\t\n");
  CHECK(answer("train --loss =") == answer("train --loss ''"));
  CHECK(answer("train --json --los") == "words\n--loss\twhat training minimises [cross-entropy]\n");
  CHECK(answer("train --lr ''") == "words\n");
  CHECK(answer("train --nonsense=") == "words\n");
  CHECK(answer("") == answer("''"));
}

TEST_CASE("cli: bash completes") {
  const ShellBox box;
  box.write(".bashrc", "PS1='> '; . " + kShell + "/mnist.bash\n");
  for (const Case& one : kCases) {
    const std::string answer = box.on_tab(one, "bash --noprofile --rcfile .bashrc -i");
    const std::size_t typed = answer.find(one.line.substr(0, 5));
    REQUIRE(typed != std::string::npos);
    check_answer(one, answer.substr(typed));
  }
}

TEST_CASE("cli: zsh completes") {
  if (!has("zsh")) return;
  const ShellBox box;
  box.write(".zshrc", "PS1='> '; fpath=(" + kShell +
                          " $fpath); autoload -U compinit; compinit -u -D; "
                          "setopt no_always_last_prompt; LISTMAX=1000\n");
  for (const Case& one : kCases) check_answer(one, box.on_tab(one, "ZDOTDIR=$PWD zsh -i"));
}

TEST_CASE("cli: fish completes") {
  if (!has("fish")) return;
  const ShellBox box;
  for (const Case& one : kCases) {
    check_answer(one, box.in_path("HOME=$PWD fish --no-config -c 'source " + kShell +
                                  "/mnist.fish; complete -C \"" + one.line + "\"'"));
  }
}

TEST_CASE("cli: the manual page tells every flag and has no fault") {
  const Sandbox box;
  const Outcome page = box.mnist("manual");
  REQUIRE(page.code == 0);
  box.write("mnist.1", page.out);
  CHECK(page.out.find("\n\\fB\\-\\-train\\-data\\fR \\fIFILE\\fR\n") != std::string::npos);
  CHECK(page.out.find("\n\\fB\\-o,\\-\\-output\\fR \\fIFILE\\fR\n") != std::string::npos);
  if (has("man")) {
    const Outcome shown = box.shell(
        "LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l ./mnist.1 </dev/null | cat");
    CHECK(shown.err.empty());
    for (const char* part :
         {"mnist train [flags]", "mnist predict [flags] WEIGHTS_OR_RUN [FILE ...]",
          "--optimizer sgd|momentum|", "SYNOPSIS", "Exit codes: 0 success"}) {
      INFO(part);
      CHECK(shown.out.find(part) != std::string::npos);
    }
  }
  if (has("mandoc")) {
    const Outcome lint = box.shell("mandoc -Tlint -Wwarning mnist.1 | grep -v 'missing date'");
    INFO(lint.out);
    CHECK(lint.out.empty());
  }
}

TEST_CASE("cli: the version tells compiler, instruction set and libraries") {
  const std::string version = Sandbox().mnist("--version").out;
  CHECK(version.starts_with("mnist 1."));
  for (const char* part : {"\ncompiler ", "\ninstruction set ", "\nlibraries ", "Highway 1."}) {
    INFO(part);
    CHECK(version.find(part) != std::string::npos);
  }
  CHECK(version.find(" ,") == std::string::npos);  // each library has its version
}

TEST_CASE("cli: the Debian package works where it is unpacked") {
  if (!has("dpkg-shlibdeps")) return;
  const Sandbox box;
  const Outcome built = box.shell("cpack --config " MNIST_BUILD_DIR
                                  "/CPackConfig.cmake -B . && "
                                  "dpkg -x *.deb root && dpkg -I *.deb");
  INFO(built.err << built.out);
  REQUIRE(built.code == 0);
  for (const char* part :
       {"Depends: libarchive13", "Recommends: gnuplot-nox", "Section: science"}) {
    INFO(part);
    CHECK(built.out.find(part) != std::string::npos);
  }
  for (const char* file :
       {"man/man1/mnist.1.gz", "bash-completion/completions/mnist", "zsh/vendor-completions/_mnist",
        "fish/vendor_completions.d/mnist.fish"}) {
    INFO(file);
    CHECK(box.exists(std::string("root/usr/share/") + file));
  }
  const Outcome trained = box.shell(
      "root=$PWD/root; mkdir else && cd else && $root/usr/bin/mnist train --preset linear "
      "--epochs 1 --validation 50000 --out run");
  INFO(trained.err);
  CHECK(trained.code == 0);
  // The data are those of the package, not those that it was built from.
  CHECK(trained.err.find("/root/usr/share/mnist/mnist_train.csv.zst: 60000 rows") !=
        std::string::npos);
  CHECK_THAT(box.shell("root/usr/bin/mnist show digits").out,
             contains("/root/usr/share/mnist/networks/digits.safetensors: weights"));
}

}  // namespace
}  // namespace mnist::testing
