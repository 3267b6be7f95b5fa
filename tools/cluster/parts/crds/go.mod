module perch.dev/tools/cluster/parts/crds

go 1.26.0

require (
	github.com/argoproj/argo-cd/v3 v3.2.11
	github.com/external-secrets/external-secrets v1.3.2
	github.com/traefik/traefik/v3 v3.7.13
	sigs.k8s.io/gateway-api v1.4.1
)
