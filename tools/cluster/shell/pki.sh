#!/usr/bin/env bash
# pki.sh: makes every certificate and kubeconfig below $STATE that is not there yet.
# Environment: STATE, API_ADDRESS, SERVICE_ADDRESS (of the API inside the cluster), NODES ("node1=10.99.0.1 node2=…")
set -euo pipefail
: "${STATE:?}" "${API_ADDRESS:?}" "${SERVICE_ADDRESS:?}" "${NODES:?}"
umask 077
mkdir -p "$STATE/pki" "$STATE/etc"
cd "$STATE/pki"

# Files appear under their names only when they are whole: an interrupted run is simply run again.
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() { # NAME COMMON-NAME
  [ -f "$1.crt" ] && return
  key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$2" -days 3650 -out "$1.crt.new"
  mv "$1.crt.new" "$1.crt"
}
certificate() { # NAME SUBJECT AUTHORITY USAGE [ALTERNATIVE-NAMES]
  [ -f "$1.crt" ] && return
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  {
    echo "keyUsage=critical,digitalSignature,keyEncipherment"
    echo "extendedKeyUsage=$4"
    if [ -n "${5:-}" ]; then echo "subjectAltName=$5"; fi
  } > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 3650 -sha256 -extfile "$1.ext" -out "$1.crt.new" 2> /dev/null
  rm "$1.csr" "$1.ext"
  mv "$1.crt.new" "$1.crt"
}
encoded() { base64 -w0 < "$1"; }
kubeconfig() { # CERTIFICATE FILE SERVER [NAMESPACE]
  [ -f "$2" ] && return
  cat > "$2.new" << YAML
apiVersion: v1
kind: Config
clusters: [{name: perch, cluster: {server: "https://$3:6443", certificate-authority-data: "$(encoded ca.crt)"}}]
users: [{name: "$1", user: {client-certificate-data: "$(encoded "$1.crt")", client-key-data: "$(encoded "$1.key")"}}]
contexts: [{name: perch, context: {cluster: perch, user: "$1", namespace: "${4:-default}"}}]
current-context: perch
YAML
  mv "$2.new" "$2"
}

authority ca kubernetes-ca
authority front-proxy-ca front-proxy-ca
names=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
certificate apiserver /CN=kube-apiserver ca serverAuth "$names,IP:127.0.0.1,IP:$SERVICE_ADDRESS,IP:$API_ADDRESS"
certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client ca clientAuth
certificate front-proxy-client /CN=front-proxy-client front-proxy-ca clientAuth
if [ ! -f sa.pub ]; then
  openssl genrsa -out sa.key 2048 2> /dev/null
  openssl rsa -in sa.key -pubout -out sa.pub.new 2> /dev/null
  mv sa.pub.new sa.pub
fi

certificate admin /O=system:masters/CN=admin ca clientAuth
kubeconfig admin "$STATE/etc/admin.kubeconfig" 127.0.0.1
for component in controller-manager scheduler; do
  certificate $component /CN=system:kube-$component ca clientAuth
  kubeconfig $component "$STATE/etc/$component.kubeconfig" 127.0.0.1
done
certificate proxy /CN=system:kube-proxy ca clientAuth
kubeconfig proxy "$STATE/etc/proxy.kubeconfig" "$API_ADDRESS"
# Argo CD's controllers run as processes, but as the service accounts that they have as pods: admission rules see the same user.
for account in application-controller applicationset-controller notifications-controller repo-server; do
  certificate argocd-$account "/O=system:serviceaccounts/O=system:serviceaccounts:argocd/CN=system:serviceaccount:argocd:argocd-$account" ca clientAuth
  kubeconfig argocd-$account "$STATE/etc/argocd-$account.kubeconfig" 127.0.0.1 argocd
done
for pair in $NODES; do
  node=${pair%%=*} address=${pair#*=}
  certificate "$node" "/O=system:nodes/CN=system:node:$node" ca clientAuth,serverAuth "DNS:$node,IP:$address"
  kubeconfig "$node" "$STATE/etc/$node.kubeconfig" "$API_ADDRESS"
done
