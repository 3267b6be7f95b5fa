#!/usr/bin/env bash
# network.sh: the bed's network namespace, a bridge in it, and one namespace for each further node, wired to the bridge.
# What is there already stays. The host's own network is not touched.
# Environment: NETWORK (name of the namespace), API_ADDRESS, SERVICE_RANGE, NODES ("node1=10.99.0.1 node2=…")
set -euo pipefail
: "${NETWORK:?}" "${API_ADDRESS:?}" "${SERVICE_RANGE:?}" "${NODES:?}"

# Never `ip netns exec`: it mounts /sys anew, and the cgroups of the second node would be gone.
inside() { local namespace=$1; shift; nsenter --net="/run/netns/$namespace" "$@"; }
namespace() { [ -e "/run/netns/$1" ] || ip netns add "$1"; inside "$1" ip link set lo up; }

# often not loaded on a machine that never ran containers; built in, or not to be loaded from here, elsewhere
modprobe -qa br_netfilter overlay 2> /dev/null || true

namespace "$NETWORK"
inside "$NETWORK" ip link show perch0 > /dev/null 2>&1 || inside "$NETWORK" ip link add perch0 type bridge
inside "$NETWORK" ip addr replace "$API_ADDRESS/24" dev perch0
inside "$NETWORK" ip link set perch0 up
# Service addresses that kube-proxy has not rewritten die at the bridge.
inside "$NETWORK" ip route replace "$SERVICE_RANGE" dev perch0 src "$API_ADDRESS"

for pair in $NODES; do
  node=${pair%%=*} address=${pair#*=} own=$NETWORK
  if [ "$address" != "$API_ADDRESS" ]; then
    own=$NETWORK-$node
    namespace "$own"
    inside "$NETWORK" ip link show "$node" > /dev/null 2>&1 ||
      inside "$NETWORK" ip link add "$node" type veth peer name eth0 netns "/run/netns/$own"
    inside "$NETWORK" ip link set "$node" master perch0 up
    inside "$own" ip addr replace "$address/24" dev eth0
    inside "$own" ip link set eth0 up
    inside "$own" ip route replace default via "$API_ADDRESS"
  fi
  inside "$own" sysctl -qw net.ipv4.ip_forward=1
  # without br_netfilter, Service addresses do not work between two pods of one node
  inside "$own" sysctl -qw net.bridge.bridge-nf-call-iptables=1
  # A connection that was tried while a node was lost is remembered for two minutes with the pod that it was led to. A new one from
  # the same port, and one machine has no others, would be led to that dead pod too.
  inside "$own" sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_syn_sent=5 2> /dev/null || true
done
# Pods of node N have 10.244.N.0/24; the first node hands on what is for another one's.
number=0
for pair in $NODES; do
  number=$((number + 1)) address=${pair#*=}
  if [ "$address" != "$API_ADDRESS" ]; then inside "$NETWORK" ip route replace "10.244.$number.0/24" via "$address"; fi
done
