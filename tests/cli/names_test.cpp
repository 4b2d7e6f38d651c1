// Names that are no text, and what files and names could do to a terminal or a shell.
#include "catch.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

const std::string kTrain =
    "train --test-data none --layers 8,relu --batch-size 20 --steps 5 --threads 1 --quiet ";

TEST_CASE("cli: names that are no UTF-8 are refused before training where they would be kept") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.shell("cp train.csv $'d\\xe9.csv'");
  const std::string train = "$MNIST " + kTrain;
  for (const char* flags :
       {"--train-data train.csv --out $'r\\xe9sum\\xe9'", "--train-data $'d\\xe9.csv' --out run",
        "--train-data train.csv --class-names $'\\xe9,b,c' --out run",
        "--train-data train.csv --out $'a\\nb'", "--train-data train.csv --out $'run\\e[31m'",
        "--train-data train.csv --out $'\\xe9' --continue",
        "--train-data train.csv --out $'\\xe9' --overwrite"}) {
    INFO(flags);
    check_error(box.shell(train + flags), 2, {"choose another name"});
    CHECK_FALSE(box.exists("run"));
  }
  for (const char* out : {"$'s\\xe9'", "$'nl\\ntouch pwned\\n'"}) {
    const std::string sweep =
        "sweep --train-data train.csv --validation 20 --steps 3 --grid "
        "'lr=0.1|0.2' --quiet --out ";
    check_error(box.shell("$MNIST " + sweep + out), 2, {"--out"});
    check_error(box.shell("$MNIST " + sweep + out + " --print-commands"), 2, {"--out"});
  }
}

TEST_CASE("cli: names that are no UTF-8 can be read") {
  const Sandbox box;
  box.train_small();
  box.shell("mv run $'r\\xe9'; cp test.csv $'d\\xe9.csv'");
  CHECK(box.shell("$MNIST evaluate $'r\\xe9' --data $'d\\xe9.csv' --json").json()["count"] == 100);
  CHECK(box.shell("$MNIST show $'r\\xe9' --json").code == 0);
  CHECK(lines_of(box.shell("$MNIST predict $'r\\xe9' $'d\\xe9.csv'").out).size() == 101);
}

TEST_CASE("cli: UTF-8, blanks and quotes in names come back from the settings of a run") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.shell("cp train.csv 'd\u00e9 '; cp train.csv \"it's \\\"it\\\"\"");
  for (const char* flags : {"--train-data 'd\u00e9 ' --class-names '\u00e9,b,c'",
                            "--train-data train.csv --class-names \"'a','b','c'\"",
                            "--train-data \"it's \\\"it\\\"\""}) {
    INFO(flags);
    box.shell("rm -rf a b");
    const Outcome first = box.shell("$MNIST " + kTrain + flags + " --out a");
    INFO(first.err);
    REQUIRE(first.code == 0);
    REQUIRE(box.mnist("train --config a/config.toml --quiet --out b").code == 0);
    CHECK(box.read("a/config.toml") == box.read("b/config.toml"));
    CHECK(box.read("a/weights.safetensors") == box.read("b/weights.safetensors"));
  }
}

TEST_CASE("cli: what files hold does not command a terminal") {
  const Sandbox box;
  const std::string header =
      R"({"\u001b]0;PWNED\u0007\u001b[31m":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
  std::string file{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  box.write("w.safetensors", file + header);
  for (const char* flags : {"", " --json"}) {
    const Outcome outcome = box.mnist(std::string("show w.safetensors") + flags);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, contains("PWNED"));
    CHECK(outcome.out.find('\x1b') == std::string::npos);
    CHECK(outcome.out.find('\a') == std::string::npos);
  }
}

TEST_CASE("cli: what files hold makes up no line of a table") {
  const Sandbox box;
  const std::string header = R"({"__metadata__":{"layers":"4,3\nmade up"},)"
                             R"("a\nmade up F32":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
  std::string file{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  box.write("w.safetensors", file + header);
  box.write("labels.csv", "label,x,y\n\"a\tb\",1,2\nc,3,4\nc,5,6\n");
  for (const char* path : {"w.safetensors", "labels.csv"}) {
    const Outcome outcome = box.mnist(std::string("show ") + path);
    INFO(outcome.err);
    for (const std::string& line : lines_of(outcome.out)) CHECK_FALSE(line.starts_with("made up"));
    CHECK(outcome.out.find('\t') == std::string::npos);
  }
}

TEST_CASE("cli: what is told of a file is text, whatever the file is called") {
  const Sandbox box;
  box.train_small();
  box.shell("cp test.csv $'d\\xe9.csv'; cp test.csv $'n\\nl\\e[31m.csv'");
  for (const char* command : {"evaluate run --data $'d\\xe9.csv'", "predict run $'d\\xe9.csv'",
                              "evaluate run --data $'n\\nl\\e[31m.csv'"}) {
    INFO(command);
    const Outcome outcome = box.shell(std::string("$MNIST ") + command);
    CHECK(outcome.code == 0);
    CHECK(lines_of(outcome.err).size() == 1);
    CHECK(outcome.err.find('\xe9') == std::string::npos);
    CHECK(outcome.err.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("cli: hints are quoted for the shell, and standard input stays standard input") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  const Outcome outcome =
      box.shell(kHold + "hold \"it's/checkpoint.safetensors\" train --train-data train.csv " +
                "--test-data none --validation 20 --batch-size 20 --checkpoint-every 20 --quiet "
                "--steps 100000 --out \"it's\"; kill -TERM $pid; release");
  CHECK_THAT(outcome.err, contains(R"(--resume 'it'\''s')"));
  REQUIRE(box.shell("$MNIST " + kTrain + "--train-data - --out piped <train.csv").code == 0);
  CHECK_THAT(box.read("piped/config.toml"), contains("train-data = \"-\""));
}

TEST_CASE("cli: a preset is the program's own wherever it is called") {
  const Sandbox box;
  box.shell("mkdir -p data/presets/dir.toml; echo 'steps = 1' >data/presets/article.toml");
  check_error(box.mnist("train --preset dir"), 2, {"no preset 'dir'"});
  box.write_images("train.csv", 100, 1);
  REQUIRE(
      box.mnist("train --preset article --train-data train.csv --test-data none --batch-size 20 "
                "--steps 7 --quiet --out run")
          .code == 0);
  CHECK_THAT(box.read("run/config.toml"), contains("lr = 0.95"));
}

TEST_CASE("cli: links that lead nowhere or in a circle are told in plain words") {
  const Sandbox box;
  box.write_images("train.csv", 100, 1);
  box.shell("ln -s /nonexistent nowhere; ln -s circle circle");
  for (const char* name : {"nowhere", "circle"}) {
    const std::string path = name;
    for (const char* how : {"", "--continue", "--overwrite"}) {
      check_error(box.mnist(kTrain + "--train-data train.csv --out " + path + " " + how), 1,
                  {path});
    }
    check_error(box.mnist("show " + path), 3, {path});
    check_error(box.mnist("evaluate " + path + " --data train.csv"), 3, {path});
    check_error(box.mnist("train --quiet --train-data " + path), 3, {path});
    CHECK(box.mnist("train --resume " + path).code != 0);
  }
  check_error(box.mnist(kTrain + "--train-data train.csv --out ''"), 2, {"--out"});
}

}  // namespace
}  // namespace mnist::testing
