#!/usr/bin/env bash
# A private Slurm of this host alone, for tests: slurm.sh up DIR starts munged, slurmctld and slurmd on loopback and
# returns when the node is idle; then export SLURM_CONF=DIR/slurm.conf. slurm.sh down DIR stops them. Needs to be root.
set -eu
directory=$(realpath -m "$2")

up() {
  local host cores
  host=$(hostname -s)
  cores=$(nproc)
  mkdir -p "$directory"/{munge,controller,node,log}
  chmod 755 "$directory" "$directory/munge"
  chmod 700 "$directory/log"
  (umask 077; head -c 1024 /dev/urandom >"$directory/munge/key")
  munged --key-file="$directory/munge/key" --socket="$directory/munge/socket" \
    --pid-file="$directory/munge.pid" --log-file="$directory/log/munge" --seed-file="$directory/munge/seed"
  # Ports of this test's own, so that two of them can run beside each other. The scheduler looks for work at once
  # rather than every few seconds, and a requeued task need not wait two minutes for its old credential to expire.
  local port=$((20000 + $$ % 5000 * 2))
  cat >"$directory/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$directory/munge/socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=50000
SwitchType=switch/none
ReturnToService=2
StateSaveLocation=$directory/controller
SlurmdSpoolDir=$directory/node
SlurmctldPidFile=$directory/controller.pid
SlurmdPidFile=$directory/node.pid
SlurmctldLogFile=$directory/log/controller
SlurmdLogFile=$directory/log/node
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF=$directory/slurm.conf
  slurmctld -f "$SLURM_CONF" -c
  slurmd -f "$SLURM_CONF"
  for _ in {1..600}; do
    [ "$(timeout 5 sinfo -h -o %T 2>/dev/null)" = idle ] && return
    sleep 0.1
  done
  echo "the node is not idle:" >&2
  cat "$directory"/log/* >&2
  exit 1
}

down() {
  local name pid
  for name in node controller munge; do
    pid=$(cat "$directory/$name.pid" 2>/dev/null) || continue
    kill "$pid" 2>/dev/null || continue
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  done
}

"$1"
