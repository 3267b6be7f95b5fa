#!/usr/bin/env bash
# cgroups.sh GROUP: a cgroup for one node, in whatever hierarchy this machine has.
set -euo pipefail
group=${1:?usage: cgroups.sh GROUP}
root=/sys/fs/cgroup

if [ -f $root/cgroup.controllers ]; then # version 2
  for controller in cpu cpuset memory pids; do echo "+$controller" > $root/cgroup.subtree_control 2> /dev/null || true; done
  mkdir -p "$root/$group"
  exit 0
fi
for controller in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
  if [ -d $root/$controller ]; then mkdir -p "$root/$controller/$group"; fi
done
# a cpuset without processors and memory takes no process
for kind in cpus mems; do
  own=$root/cpuset/$group/cpuset.$kind
  if [ -z "$(tr -d '\n' < "$own")" ]; then cat $root/cpuset/cpuset.$kind > "$own"; fi
done
