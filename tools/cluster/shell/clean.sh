#!/usr/bin/env bash
# clean.sh: after the recorded processes have ended, ends what those left behind and removes mounts, cgroups and networks.
# Everything is found by the bed's own names, so nothing of anybody else can be hit. Safe to run again.
# Environment: STATE, RUNTIME, NETWORK, BED (value of PERCH_BED in the bed's processes), NODES ("node1=… node2=…")
set -uo pipefail
: "${STATE:?}" "${RUNTIME:?}" "${NETWORK:?}" "${BED:?}" "${NODES:?}"
root=/sys/fs/cgroup

groups() { for pair in $NODES; do ls -d "$root/$BED-${pair%%=*}" "$root"/*/"$BED-${pair%%=*}" 2> /dev/null; done; }
# processes of pods: they are in the nodes' cgroups
in_groups() { groups | while read -r group; do find "$group" -name cgroup.procs -exec cat {} + 2> /dev/null; done | sort -u; }
# what the bed's processes started and did not end, such as the shims of containers: they inherited PERCH_BED
marked() { grep -lsz "^PERCH_BED=$BED\$" /proc/[0-9]*/environ 2> /dev/null | cut -d/ -f3 | grep -vx -e "$$" -e "$PPID"; }

for _ in $(seq 50); do
  left=$({ marked; in_groups; } | sort -u)
  [ -n "$left" ] || break
  # shellcheck disable=SC2086 # a list of process ids
  kill -9 $left 2> /dev/null
  sleep 0.1
done

# containerd's shims have their sockets in a folder that all beds share; each says where its own is
cat "$STATE"/node*/containerd/state/io.containerd.runtime.v2.task/*/*/address 2> /dev/null |
  grep -o '/run/containerd/s/[0-9a-f]\{64\}' | xargs -r rm -f

# the deepest mounts first; lazily, since a mount in another mount namespace may still hold one
awk -v a="$STATE/" -v b="$RUNTIME/" 'index($5, a) == 1 || index($5, b) == 1 { print $5 }' /proc/self/mountinfo | tac |
  while read -r mount; do umount -l "$mount"; done
groups | while read -r group; do find "$group" -depth -type d -exec rmdir {} \; 2> /dev/null; done
for pair in $NODES; do
  if [ -e "/run/netns/$NETWORK-${pair%%=*}" ]; then ip netns del "$NETWORK-${pair%%=*}"; fi
done
if [ -e "/run/netns/$NETWORK" ]; then ip netns del "$NETWORK"; fi
rm -rf "$RUNTIME" "$STATE"
if [ -e "$STATE" ]; then echo "could not remove $STATE" >&2; exit 1; fi
