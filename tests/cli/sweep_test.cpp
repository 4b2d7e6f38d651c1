// mnist sweep: what it prints and leaves behind, and how it goes on.
#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "cli/sweeps.h"
#include "train/shared_run.h"

namespace mnist::testing {
namespace {

namespace fs = std::filesystem;

// What all trials of these tests share.
const std::string kFixed =
    "--train-data train.csv --test-data test.csv --validation 60 --steps 60 ";
const std::string kGrid =
    "--batch-size 20 --grid 'lr=0.001|0.01|0.05' --grid 'layers=8,relu|5,tanh|16,relu' ";
std::string slow(std::size_t steps) {
  return slow_trials(steps) +
         "--quiet --sample 'lr=log(1e-4,0.1)' --sample 'beta1=uniform(0.5,0.99)' --trials 27 ";
}

TEST_CASE("cli: a sweep leaves its space, its trials, their table and the best") {
  const SmallData box;
  const Outcome outcome = box.mnist("sweep " + kFixed + kGrid + "--out s --json --quiet");
  const auto json = outcome.json();
  CHECK(outcome.err.empty());
  CHECK(json["sweep"] == "s");
  CHECK(json["trials"] == 9);
  CHECK(json["complete"] == 9);
  CHECK(json["steps"] == 9 * 60);
  CHECK(json["best"].size() == 9);
  CHECK(entries(box.path("s")) ==
        std::set<std::string>{".lock", "space.toml", "trials", "trials.csv", "best.toml"});

  const auto table = sweep_rows(box, "s");
  REQUIRE(table.size() == 10);
  CHECK(table[0] == "id,lr,layers,validation_accuracy,deviation,steps,status");
  CHECK(table[1].find(",0.001,\"8,relu\",0.") == 10);
  CHECK(table[1].ends_with(",,60,complete"));
  std::set<std::string> ids;
  for (std::size_t i = 1; i < table.size(); ++i) ids.insert(table[i].substr(0, 10));
  CHECK(entries(box.path("s/trials")) == ids);

  // The best is a config that trains to the same weights, and is then tested.
  const auto& best = json["best"][0];
  for (const auto& other : json["best"]) {
    CHECK(other["validation_accuracy"] <= best["validation_accuracy"]);
  }
  const auto again = box.mnist("train --config s/best.toml --out again --json --quiet").json();
  CHECK(again["validation_accuracy"] == best["validation_accuracy"]);
  CHECK(again["test_accuracy"].is_number());
  const std::string run = best["run"].get<std::string>();
  CHECK(box.read(run + "/weights.safetensors") == box.read("again/weights.safetensors"));
  // A trial is a full run, which no test data was shown to.
  CHECK(box.mnist("show --json " + run).json()["result"]["test_accuracy"].is_null());
  CHECK(box.mnist("train --config " + run + "/config.toml --out third --quiet").code == 0);
  CHECK(box.read("third/weights.safetensors") == box.read("again/weights.safetensors"));

  const Outcome told = box.mnist("sweep " + kFixed + kGrid + "--out s");
  CHECK(told.code == 0);
  CHECK_THAT(told.out, contains("9 complete") && contains("validation_accuracy") &&
                           contains(best["id"].get<std::string>()));
  CHECK_THAT(told.err, contains("9 of 9"));
}

TEST_CASE("cli: the table of the best fits 80 columns, and has those that tell trials apart") {
  const SmallData box;
  const auto table_of = [&](const std::string& flags) {
    std::vector<std::string> lines = lines_of(box.mnist("sweep " + kFixed + flags).out);
    REQUIRE(lines.size() > 5);
    CHECK_THAT(lines[3], contains("validation_accuracy"));
    for (const std::string& line : lines) CHECK(line.size() <= 80);
    lines.erase(lines.begin(), lines.begin() + 5);
    return lines;
  };
  const std::string four =
      "--batch-size 20 --sample 'lr=log(1e-3,0.1)' --sample 'weight-decay=log(1e-4,1)' "
      "--sample 'label-smoothing=uniform(0,0.3)' --sample 'layers=choice(8,relu|5,tanh)' ";
  const auto narrow = table_of(four + "--trials 2 --out four");
  REQUIRE(narrow.size() == 3);
  CHECK(narrow[0] == "id          metric   lr          weight-decay  label-smoothing  layers");
  const auto seeds =
      table_of("--sample 'lr=log(1e-3,0.1)' --trials 3 --method halving --seeds 2 --out s");
  CHECK(seeds[0] == "id          metric   deviation  steps  lr");
  // What has no room goes below, by the same ids.
  const auto wide =
      table_of(four +
               "--sample 'beta1=uniform(0.5,0.99)' --sample 'beta2=uniform(0.9,0.99)' "
               "--sample 'epsilon=log(1e-9,1e-7)' --trials 3 --out wide");
  REQUIRE(wide.size() == 9);
  CHECK(wide[4].empty());
  CHECK_THAT(wide[5], contains("id ") && contains(" epsilon"));
  for (std::size_t i = 1; i < 4; ++i) CHECK(wide[i].substr(0, 10) == wide[5 + i].substr(0, 10));
}

TEST_CASE("cli: a sweep is the same whatever the jobs, and from flags or from a file") {
  const SmallData box;
  const std::string flags = kFixed +
                            "--sample 'lr=log(1e-3,0.1)' --sample 'batch-size=choice(10|20)' "
                            "--sample 'warmup=int(0,9)' --schedule cosine --trials 6 --seeds 2 "
                            "--metric validation_loss --quiet ";
  REQUIRE(box.mnist("sweep " + flags + "--jobs 1 --out one").code == 0);
  REQUIRE(box.mnist("sweep " + flags + "--jobs 3 --out three").code == 0);
  CHECK(sweep_rows(box, "one") == sweep_rows(box, "three"));
  CHECK(sweep_rows(box, "one")[0] ==
        "id,lr,batch-size,warmup,validation_loss,deviation,steps,status");
  CHECK(box.read("one/best.toml") == box.read("three/best.toml"));
  CHECK(box.read("one/space.toml") == box.read("three/space.toml"));

  REQUIRE(box.mnist("sweep --config one/space.toml --quiet --out again").code == 0);
  CHECK(sweep_rows(box, "again") == sweep_rows(box, "one"));
  CHECK(box.read("again/space.toml") == box.read("one/space.toml"));

  // The command line wins: a swept parameter over a fixed one, and the other way round.
  box.write("file.toml",
            "train-data = \"train.csv\"\ntest-data = \"none\"\nvalidation = 60\nsteps = 60\n"
            "grid.lr = [0.01, 0.02]\ngrid.layers = [\"8,relu\", \"4,relu\"]\nbatch-size = 20\n");
  const auto trials = [&](const std::string& more) {
    return box.mnist("sweep --config file.toml --quiet --json " + more).json()["trials"];
  };
  CHECK(trials("--out a") == 4);
  CHECK(sweep_rows(box, "a")[4].find(",0.02,\"4,relu\",") == 10);
  CHECK(trials("--grid 'batch-size=10|20|30' --out b") == 12);
  CHECK(trials("--lr 0.05 --out c") == 2);
  CHECK(trials("--grid 'epochs=1|2' --grid lr=0.03 --out d") == 4);

  // Without --out the directory follows from the space, so that the same command goes on in it.
  const auto first = box.mnist("sweep --config file.toml --quiet --json").json();
  CHECK(first["sweep"].get<std::string>().starts_with("sweeps/"));
  CHECK(box.mnist("sweep --config file.toml --quiet --json").json()["sweep"] == first["sweep"]);
  CHECK(entries(box.path("sweeps")).size() == 1);
}

TEST_CASE("cli: more trials in a sweep's directory train only what is new") {
  const SmallData box;
  const std::string sweep = "sweep " + kFixed + "--quiet --out s ";
  const std::string sample = "--sample 'lr=log(1e-3,0.1)' ";
  REQUIRE(box.mnist(sweep + sample + "--trials 3").code == 0);
  const auto before = sweep_rows(box, "s");
  const auto weights =
      fs::last_write_time(box.path("s/trials/" + before[1].substr(0, 10) + "/weights.safetensors"));
  REQUIRE(box.mnist(sweep + sample + "--trials 5").code == 0);
  const auto after = sweep_rows(box, "s");
  CHECK(after.size() == 6);
  CHECK(std::vector(after.begin(), after.begin() + 4) == before);
  CHECK(fs::last_write_time(
            box.path("s/trials/" + before[1].substr(0, 10) + "/weights.safetensors")) == weights);
  // So does a directory that version 1.0 began: its file has no format and fewer settings.
  const std::string text = box.read("s/space.toml");
  std::string old;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with("format = ") && !line.starts_with("input-scale = ")) old += line + "\n";
  }
  box.write("s/space.toml", old);
  CHECK(box.mnist(sweep + sample + "--trials 6").code == 0);
  check_error(box.mnist(sweep + sample + "--trials 5 --optimizer sgd"), 2, {"s", "--out"});
  check_error(box.mnist(sweep + sample + "--trials 9 --method halving"), 2, {"s", "--out"});
}

TEST_CASE("cli: halving ends with one trial, trained to the bits of its run alone") {
  const SmallData box;
  const auto json = box.mnist("sweep " + slow(2'700) + "--method halving --out s --json").json();
  CHECK(json["complete"] == 1);
  CHECK(json["stopped"] == 26);
  CHECK(json["steps"] == 18 * 100 + 6 * 300 + 2 * 900 + 2700);
  CHECK(json["best"][0]["status"] == "complete");
  const std::string run = json["best"][0]["run"].get<std::string>();
  REQUIRE(box.mnist("train --config s/best.toml --out alone --quiet").code == 0);
  CHECK(box.read(run + "/weights.safetensors") == box.read("alone/weights.safetensors"));
  CHECK(box.read(run + "/loss.csv") == box.read("alone/loss.csv"));
  // Even a trial that was given up can be taken to its end.
  const std::string other = json["best"][1]["run"].get<std::string>();
  CHECK(box.mnist("train --resume " + other + " --json --quiet").json()["steps"] == 2700);
}

TEST_CASE("cli: a sweep that is killed again and again ends as one that never was") {
  const SmallData box;
  // Halving trains a tenth as many steps in all.
  const std::string search =
      GENERATE(slow(16'200) + "--method random ", slow(162'000) + "--method halving ");
  const std::string sweep = "sweep " + search + "--jobs 2 ";
  REQUIRE(box.mnist(sweep + "--out whole").code == 0);
  // A sweep that gets to its end before it was killed often enough is followed by another one.
  const Outcome outcome = box.shell(
      "RANDOM=7; sweep=1; kills=0; while [ $kills -lt 20 ]; do "
      "timeout -s KILL 0.0$((RANDOM % 9 + 1)) $MNIST " +
      sweep + "--out s$sweep >done; case $? in 137) kills=$((kills + 1));; " +
      "0) sweep=$((sweep + 1));; *) exit 1; esac; done; echo $sweep; $MNIST " + sweep +
      "--out s$sweep >done");
  REQUIRE(outcome.code == 0);
  for (int i = std::stoi(outcome.out); i > 0; --i) {
    const std::string s = fmt::format("s{}", i);
    CHECK(sweep_rows(box, s) == sweep_rows(box, "whole"));
    CHECK(entries(box.path(s + "/trials")) == entries(box.path("whole/trials")));
    CHECK(box.read(s + "/best.toml") == box.read("whole/best.toml"));
    for (const std::string& trial : entries(box.path(s + "/trials"))) {
      const std::string weights = "/trials/" + trial + "/weights.safetensors";
      REQUIRE(box.exists(s + weights) == box.exists("whole" + weights));
      if (box.exists(s + weights)) CHECK(box.read(s + weights) == box.read("whole" + weights));
    }
  }
}

TEST_CASE("cli: a signal ends a sweep with its checkpoints and exit code 130") {
  const SmallData box;
  const std::string signal = GENERATE("INT", "TERM");
  const std::string sweep = "sweep " + slow(8'100);
  REQUIRE(box.mnist(sweep + "--out whole").code == 0);
  // It cannot end meanwhile: this process is at work on one of the trials.
  const std::string trial = *entries(box.path("whole/trials")).begin();
  JoinedRun held = join_run(box.path("s/trials/" + trial), "", IfBusy::kReturn);
  const Outcome stopped = box.shell("$MNIST " + sweep +
                                    "--out s & pid=$!;"
                                    "until [ $(ls -A s/trials | wc -l) -gt 1 ] || ! kill -0 $pid; "
                                    "do sleep 0.01; done; kill -" +
                                    signal + " $pid; wait $pid");
  held.run.reset();
  check_error(stopped, 130, {"of 27 trials", "same command"});
  CHECK(box.exists("s/trials.csv"));
  REQUIRE(box.mnist(sweep + "--out s").code == 0);
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));
}

TEST_CASE(
    "cli: processes on one directory share a sweep, shards divide it, and --collect gathers") {
  const SmallData box;
  const std::string method = GENERATE("random", "halving");
  const std::string sweep = "sweep " + slow(2'700) + "--method " + method + " --jobs 1 ";
  REQUIRE(box.mnist(sweep + "--out whole").code == 0);
  const Outcome both = box.shell("$MNIST " + sweep + "--out s >a & one=$!; $MNIST " + sweep +
                                 "--out s >b & other=$!; wait $one && wait $other");
  INFO(both.err);
  REQUIRE(both.code == 0);
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));
  REQUIRE(fs::remove(box.path("s/trials.csv")));
  CHECK(box.mnist("sweep --collect s --json").json()["trials"] == 27);
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));
  if (method == "halving") {
    check_error(box.mnist(sweep + "--out t --shard 1/2"), 2, {"halving", "same directory"});
    return;
  }
  // One part twice at the same time, as engines do.
  const Outcome parts = box.shell("for i in 1 3 3; do $MNIST " + sweep +
                                  "--out p --shard $i/3 >$i & done; wait;"
                                  "$MNIST sweep --collect p --json");
  CHECK(parts.json()["complete"] == 18);
  REQUIRE(box.shell("export SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_STEP=2 "
                    "SLURM_ARRAY_TASK_COUNT=3; $MNIST " +
                    sweep + "--out p")
              .code == 0);
  CHECK(sweep_rows(box, "p") == sweep_rows(box, "whole"));
}

TEST_CASE("cli: a sweep's commands, run twice by other programs, leave the same as the sweep") {
  const SmallData box;
  // Quotes, blanks and what shells and make expand.
  const std::string name = "it's 5 $HOME #p";
  fs::copy_file(box.path("train.csv"), box.path(name + ".csv"));
  const std::string sweep =
      "sweep --train-data \"it's 5 \\$HOME #p.csv\" --test-data none "
      "--validation 60 --grid 'lr=0.01|1e30' --grid 'layers=8,relu|5,tanh' "
      "--steps 60 --optimizer sgd --schedule constant --no-bias --seeds 2 "
      "--quiet ";
  REQUIRE(box.mnist(sweep + "--out whole").code == 0);
  const Outcome commands =
      box.mnist(sweep + "--out \"it's 5 \\$HOME #p\" --print-commands | tee jobs");
  REQUIRE(commands.code == 0);
  const std::vector<std::string> lines = lines_of(commands.out);
  REQUIRE(lines.size() == 8);
  for (const std::string& line : lines) {
    CHECK_THAT(line, contains(" train --") && contains(" --validation 60 "));
  }
  CHECK_FALSE(box.exists(name + "/trials.csv"));
  // As in the README.
  const std::string run = GENERATE(
      "sh jobs", "xargs -d '\\n' -n 1 -P 2 sh -c <jobs",
      R"(awk '{ gsub(/[$]/, "$$"); print "all: " NR "\n" NR ":\n\t" $0 }' jobs | make -k -j 2 -f - all)");
  if (run.find("make") != std::string::npos && !has_programs("make", "make")) return;
  const Outcome ran = box.shell(run + "; " + run);
  INFO(ran.err);
  std::size_t collapsed = 0;
  for (const std::string& line : lines_of(ran.err)) collapsed += line.starts_with("mnist: ");
  CHECK(collapsed == 4);  // two runs of one trial collapse, and say so twice
  CHECK(box.mnist("sweep --collect \"it's 5 \\$HOME #p\" --json").json()["collapsed"] == 1);
  CHECK(sweep_rows(box, name) == sweep_rows(box, "whole"));
  CHECK(entries(box.path(name + "/trials")) == entries(box.path("whole/trials")));
  for (const std::string& trial : entries(box.path("whole/trials"))) {
    const std::string weights = "/trials/" + trial + "/weights.safetensors";
    REQUIRE(box.exists(name + weights) == box.exists("whole" + weights));
    if (box.exists("whole" + weights)) {
      CHECK(box.read(name + weights) == box.read("whole" + weights));
    }
  }
}

TEST_CASE("cli: a sweep of nothing but collapsed trials records them and is exit code 4") {
  const SmallData box;
  const Outcome outcome = box.mnist("sweep " + kFixed +
                                    "--optimizer sgd --schedule constant --grid 'lr=1e30|1e31' "
                                    "--quiet --json --out s");
  CHECK(outcome.code == 4);
  CHECK_THAT(outcome.err, contains("collapsed"));
  const auto table = sweep_rows(box, "s");
  REQUIRE(table.size() == 3);
  CHECK(table[1].find(",1e+30,,,") == 10);
  CHECK(table[1].ends_with(",collapsed"));
  CHECK_FALSE(box.exists("s/best.toml"));
}

TEST_CASE("cli: a sweep on a full disk is exit code 1, and goes on when there is room") {
  const SmallData box;
  const std::string sweep = "sweep " + kFixed + "--sample 'lr=log(1e-3,0.1)' --trials 12 --quiet ";
  REQUIRE(box.mnist(sweep + "--out whole").code == 0);
  // No file may grow past a few kilobytes: the first weights are too large.
  const Outcome limited =
      box.shell("trap '' XFSZ; ulimit -f 1; $MNIST " + sweep + "--layers 90,relu --out limited");
  check_error(limited, 1, {"limited/trials"});
  CHECK(box.mnist(sweep + "--layers 90,relu --out limited").code == 0);

  if (box.shell("mkdir disk && mount -t tmpfs -o size=160k none disk").code != 0) {
    skip_test("this process may not mount a small disk");
    return;
  }
  const Outcome full = box.shell("$MNIST " + sweep + "--out disk/s");
  const Outcome more =
      box.shell("ls disk/s/trials | wc -l; mount -o remount,size=10m disk && $MNIST " + sweep +
                "--out disk/s >/dev/null");
  const auto table = sweep_rows(box, "disk/s");
  box.shell("umount disk");
  check_error(full, 1, {"disk/s", "No space left"});
  CHECK(std::stoi(more.out) > 1);
  CHECK(std::stoi(more.out) < 12);
  CHECK(more.code == 0);
  CHECK(table == sweep_rows(box, "whole"));
}

TEST_CASE("cli: a space that makes no sense is exit code 2 before any training") {
  struct BadSpace {
    std::string flags;
    std::vector<std::string> parts;
  };
  const std::string lr = "--grid 'lr=0.1|0.2' ";
  const std::vector<BadSpace> cases = {
      {"", {"nothing to sweep", "--grid"}},
      {"--grid lrr=1", {"'lrr'", "did you mean 'lr'?"}},
      {"--sample 'momentun=uniform(0,1)' --trials 3", {"did you mean 'momentum'?"}},
      {"--grid out=a", {"'out'"}},
      {"--grid lr", {"--grid", "'lr'", "NAME=VALUE"}},
      {"--grid lr=", {"--grid", "empty"}},
      {"--grid 'lr=0.1|fast'", {"lr=fast", "'fast'", "number"}},
      {"--grid 'lr=0.1|-1'", {"lr=-1", "learning rate"}},
      {"--grid 'optimizer=sgd|adan'", {"did you mean 'adam'?"}},
      {"--grid 'no-bias=yes'", {"'yes'", "true or false"}},
      {"--sample 'lr=log(-1,1)' --trials 3", {"--sample", "no logarithm"}},
      {"--sample 'lr=uniform(2,1)' --trials 3", {"--sample", "empty"}},
      {"--sample 'batch-size=uniform(8,16)' --trials 3", {"batch-size", "whole number"}},
      {"--sample 'lr=log(1,2)'", {"--trials"}},
      {"--sample 'lr=log(1,2)' --method grid", {"lr", "random"}},
      {lr + "--trials 3", {"--trials"}},
      {lr + "--lr 0.1", {"lr", "both fixed and swept"}},
      {lr + lr, {"lr", "twice"}},
      {lr + "--sample 'lr=log(1,2)' --trials 3", {"lr", "twice"}},
      {"--grid steps=5 --epochs 2", {"steps", "epochs"}},
      {"--grid steps=5 --grid epochs=2", {"steps", "epochs"}},
      {"--grid 'validation=10|20'", {"validation", "one data set"}},
      {"--grid train-data=a", {"train-data", "one data set"}},
      {"--grid 'label-column=1|2'", {"label-column", "one data set"}},
      {"--grid 'input-scale=none|standard'", {"input-scale", "one data set"}},
      {"--grid 'invert=true|false'", {"invert", "one data set"}},
      {"--grid test-data=none", {"test-data"}},
      {"--grid 'threads=1|2'", {"threads", "--jobs"}},
      {"--grid 'seed=1|2' --seeds 2", {"seed", "--seeds"}},
      {lr + "--validation 0", {"--validation"}},
      {lr + "--validation 500", {"500"}},
      {lr + "--seeds 0", {"--seeds", "'0'"}},
      {lr + "--method halving --trials 2 --reduction 1", {"--reduction"}},
      {lr + "--method annealing", {"'annealing'"}},
      {lr + "--metric accuracy", {"'accuracy'", "validation_accuracy"}},
      {lr + "--grid 'optimizer=sgd|adam' --beta1 0.9", {"optimizer=sgd", "beta1"}},
      {lr + "--grid 'layers=8,relu|8,rellu'", {"8,rellu", "'rellu'"}},
      {lr + "--grid 'batch-size=10|1000'", {"batch-size=1000"}},
      {lr + "--grid 'schedule=cosine|one-cycle' --warmup 5", {"one-cycle", "warmup"}},
      {"--grid init-weights=nowhere", {"nowhere"}},
      {lr + "--shard 0/2", {"--shard", "1/4"}},
      {lr + "--shard 3/2", {"--shard", "1/4"}},
      {lr + "--shard ''", {"--shard", "1/4"}},
      {"--collect s --lr 0.1", {"--collect"}},
  };
  const SmallData box;
  for (const BadSpace& one : cases) {
    INFO(one.flags);
    const bool bare = one.flags.find("--collect") != std::string::npos;
    const bool missing = one.flags.find("nowhere") != std::string::npos;
    const std::string data = bare ? "" : "--train-data train.csv --validation 60 ";
    const Outcome outcome = box.mnist("sweep --quiet --out s " + data + one.flags);
    check_error(outcome, missing ? 3 : 2, one.parts);
    CHECK_FALSE(box.exists("s"));
  }
  std::string huge;
  for (const char* name : {"lr", "weight-decay", "beta1", "beta2", "epsilon", "label-smoothing",
                           "decay", "rotate", "scale", "shear", "shift", "augment-anneal"}) {
    huge += fmt::format("--grid '{}=0.1|0.2|0.3|0.4|0.5|0.6|0.7|0.8|0.9|0.95' ", name);
  }
  check_error(box.mnist("sweep --train-data train.csv " + huge), 2, {"1e+12", "random"});
  for (const std::string variables : {"SLURM_ARRAY_TASK_ID=1",
                                      "SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=1 "
                                      "SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4"}) {
    check_error(box.shell(variables + " $MNIST sweep --train-data train.csv --out s " + lr), 2,
                {"--shard"});
  }
  box.write("both.toml", "lr = 0.1\ngrid.lr = [0.1, 0.2]\n");
  check_error(box.mnist("sweep --config both.toml"), 2, {"lr", "both fixed and swept"});
  box.write("bad.toml", "grid.lrr = [0.1, 0.2]\n");
  check_error(box.mnist("sweep --config bad.toml"), 2, {"'lrr'", "did you mean 'lr'?"});
  box.write("section.toml", "gird.lr = [0.1, 0.2]\n");
  check_error(box.mnist("sweep --config section.toml"), 3, {"section.toml", "'gird.lr'"});
  check_error(box.mnist("sweep --collect nowhere"), 3, {"nowhere", "space.toml"});
}

}  // namespace
}  // namespace mnist::testing
