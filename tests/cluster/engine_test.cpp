// Sweeps run by the engines that clusters have: each leaves what one process would.
#include <unistd.h>

#include <string>

#include "catch.h"
#include "cli/sweeps.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

const std::string kSlurm = std::string(MNIST_FIXTURES_DIR) + "/../cluster/slurm.sh";

// Twelve trials of some tenths of a second, one of which collapses.
const std::string kTwelve = "sweep " + slow_trials(40'000) +
                            "--optimizer sgd --schedule constant --grid 'lr=0.001|0.01|0.1|1e30' "
                            "--grid 'label-smoothing=0|0.1|0.2' --jobs 1 ";

TEST_CASE("cluster: a Slurm job array, one task of it killed and requeued, sweeps as one process",
          "[cluster]") {
  if (!has_programs("munged slurmctld slurmd sbatch", "slurm-wlm munge slurmctld slurmd")) return;
  if (getuid() != 0) {
    skip_test("only root can start a Slurm");
    return;
  }
  const SmallData box;
  REQUIRE(box.mnist(kTwelve + "--out whole").code == 0);
  // On its first go, task 1 kills the sweep after a tenth of its steps and asks to be requeued. So
  // that the sweep cannot end before, it itself holds one of its trials, the sixth of all.
  const std::string held = "s/trials/." + sweep_rows(box, "whole")[6].substr(0, 10);
  box.write("task.sh",
            "#!/bin/bash\n"
            "sweep=(\"$MNIST\" " +
                kTwelve +
                "--out s)\n"
                "if [ $SLURM_ARRAY_TASK_ID = 1 ] && [ ! -e killed ]; then\n"
                "  mkdir -p " +
                held + "; exec 9>" + held +
                "/train.log; flock 9\n"
                "  \"${sweep[@]}\" 2>first 9>&- & pid=$!\n"
                "  until grep -q '^trials' first; do sleep 0.01; done\n"
                "  kill -9 $pid; wait $pid; echo $? >killed; exec 9>&-\n"
                "  scontrol requeue ${SLURM_ARRAY_JOB_ID}_1; sleep 600\n"
                "fi\n"
                "\"${sweep[@]}\"\n");
  const Outcome ran = box.shell(
      "trap '" + kSlurm + " down slurm' EXIT; " + kSlurm +
      " up slurm || exit 1;"
      "export SLURM_CONF=$PWD/slurm/slurm.conf;"
      "job=$(sbatch --parsable --requeue --array=0-3 --output=log-%a --open-mode=append task.sh);"
      "for i in {1..1200}; do [ \"$(squeue -h | wc -l)\" = 0 ] && break; sleep 0.25; done;"
      "scontrol -o show job $job; tail -n 20 log-* >&2");
  INFO(ran.err);
  INFO(ran.out);
  REQUIRE(ran.code == 0);
  const auto tasks = lines_of(ran.out);
  REQUIRE(tasks.size() == 4);
  for (const std::string& task : tasks) {
    CHECK_THAT(task, contains(" JobState=COMPLETED "));
    const bool first = task.find(" ArrayTaskId=1 ") != std::string::npos;
    CHECK_THAT(task, contains(first ? " Restarts=1 " : " Restarts=0 "));
  }
  CHECK(box.read("killed") == "137\n");
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));  // by the task that ended last
  REQUIRE(std::filesystem::remove(box.path("s/trials.csv")));
  CHECK(box.mnist("sweep --collect s --json").json()["trials"] == 12);
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));
  CHECK(box.read("s/best.toml") == box.read("whole/best.toml"));
  CHECK(entries(box.path("s/trials")) == entries(box.path("whole/trials")));
}

TEST_CASE("cluster: GNU parallel, its jobs and then itself killed, sweeps as one process",
          "[cluster]") {
  if (!has_programs("parallel", "parallel")) return;
  const SmallData box;
  REQUIRE(box.mnist(kTwelve + "--out whole").code == 0);
  // First jobs run into a time limit; then parallel itself dies while it does them again, and its
  // successor runs one that has not ended. That is the first: only then may it begin.
  const std::string parallel =
      "parallel --will-cite --jobs 2 --joblog log.tsv --resume-failed <jobs.txt >out 2>&1";
  const Outcome ran =
      box.shell("$MNIST " + kTwelve +
                "--out s --print-commands >jobs.txt;"
                "sed -i '1s/^/until [ -e died ]; do sleep 0.05; done; /' jobs.txt;"
                "parallel --will-cite --jobs 2 --joblog log.tsv --timeout 0.1 <jobs.txt >out 2>&1;"
                "awk 'NR > 1 && ($7 || $8)' log.tsv | wc -l;"
                "lines=$(wc -l <log.tsv); " +
                parallel +
                " & pid=$!;"
                "until [ $(wc -l <log.tsv) -gt $((lines + 1)) ]; do sleep 0.01; done;"
                "kill -9 $pid; wait $pid; echo $?; touch died; " +
                parallel + "; echo $?; awk 'NR > 1' log.tsv >&2");
  INFO(ran.err);
  const auto told = lines_of(ran.out);
  REQUIRE(told.size() == 3);
  CHECK(std::stoi(told[0]) > 3);  // more than collapsed
  CHECK(told[1] == "137");
  CHECK(told[2] == "3");  // the jobs that collapse fail in every round
  CHECK(box.mnist("sweep --collect s --json").json()["trials"] == 12);
  CHECK(sweep_rows(box, "s") == sweep_rows(box, "whole"));
  CHECK(box.read("s/best.toml") == box.read("whole/best.toml"));
  CHECK(entries(box.path("s/trials")) == entries(box.path("whole/trials")));
}

TEST_CASE("cluster: Optuna prunes the runs of the README's objective", "[cluster]") {
  if (Sandbox().shell("/usr/bin/python3 -c 'import optuna'").code != 0) {
    skip_test("needs Optuna (python3-optuna)");
    return;
  }
  const SmallData box;
  // The README's code as it stands, on data and a network of this test. The pipe takes one report
  // at a time, so that a run cannot be ahead of the judgement of its reports by more than two.
  box.write("mnist",
            "#!/usr/bin/python3\n"
            "import fcntl, os, sys\n"
            "fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 4096)\n"
            "fcntl.fcntl(1, fcntl.F_SETFL, os.O_DIRECT)\n"
            "os.execv(os.environ['MNIST'], sys.argv + '--train-data train.csv --steps 10000 '\n"
            "    '--layers 8,tanh --batch-size 10 --threads 1'.split())\n");
  // With this seed the sixth learning rate is 0.0002, too low to learn within a report, and the
  // median of the five before it 0.0008.
  box.write("seed.py",
            "import functools, optuna\n"
            "optuna.samplers.TPESampler = functools.partial(optuna.samplers.TPESampler, seed=1)\n");
  box.write("check.py",
            "import json, logging, pathlib\n"
            "optuna.logging.set_verbosity(logging.ERROR)\n"
            "for trial in study.trials:\n"
            "    run = pathlib.Path(f'optuna/{trial.number}')\n"
            "    complete = trial.state.name == 'COMPLETE'\n"
            "    assert complete == (run / 'result.json').exists(), trial\n"
            "    if complete:\n"
            "        result = json.loads((run / 'result.json').read_text())\n"
            "        assert trial.value == result['validation_accuracy'], trial\n"
            "    else:\n"
            "        assert (run / 'checkpoint.safetensors').exists(), trial\n"
            "        assert len(trial.intermediate_values) < 10, trial\n"
            "def outcome(number, **parameters):\n"
            "    trial = optuna.trial.FixedTrial(parameters, number)\n"
            "    try:\n"
            "        return objective(trial)\n"
            "    except BaseException as error:\n"
            "        return type(error).__name__\n"
            "states = [trial.state.name for trial in study.trials]\n"
            "print(json.dumps({'complete': states.count('COMPLETE'),\n"
            "    'pruned': states.count('PRUNED'), 'trials': len(states),\n"
            "    'good': outcome(1000, lr=0.01), 'collapsed': outcome(1001, lr=1e30),\n"
            "    'wrong': outcome(1000, lr=0.02)}))\n");
  const Outcome ran = box.shell(
      "chmod +x mnist; awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' '" +
      std::string(MNIST_README) +
      "' | cat seed.py - check.py >study.py; PATH=$PWD:$PATH /usr/bin/python3 -W ignore study.py");
  const auto json = ran.json();
  CHECK(json["trials"] == json["complete"].get<int>() + json["pruned"].get<int>());
  CHECK(json["complete"] >= 5);
  CHECK(json["pruned"] >= 1);
  CHECK(json["good"] > 0.5);
  CHECK(json["collapsed"] == "TrialPruned");
  CHECK(json["wrong"] == "RuntimeError");
  CHECK(box.exists("optuna/1001/collapse.json"));
}

}  // namespace
}  // namespace mnist::testing
