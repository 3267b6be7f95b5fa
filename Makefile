# What a newcomer runs. Everything else is an npm script: `npm run` lists them.
.PHONY: up down cluster cluster-down e2e test check fix clean
.DEFAULT_GOAL := up

# The engine's own Node comes with the packages; npm only needs some Node >= 20 to fetch it.
node_modules/.package-lock.json: package-lock.json
	npm ci --loglevel=error
	@touch $@

up: node_modules/.package-lock.json ## stable and two canaries on this machine; DETACH=1 returns when all is ready
	@npm run --silent up -- $(if $(DETACH),--detach) $(ARGS)

down: node_modules/.package-lock.json ## end what `make up DETACH=1` started
	@npm run --silent down

CLUSTER = node_modules/.bin/node --conditions=perch-source tools/cluster/src/main.ts

cluster: node_modules/.package-lock.json ## a real two-node Kubernetes on this machine, for the manifests; needs root on Linux
	@$(CLUSTER) up

cluster-down: node_modules/.package-lock.json ## end it and remove all of it
	@$(CLUSTER) down

# A KUBECONFIG of the shell is not taken: the stories open and close pull requests, and apply manifests.
GIVEN = $(if $(filter command,$(firstword $(origin KUBECONFIG))),PERCH_KUBECONFIG='$(abspath $(KUBECONFIG))')

e2e: node_modules/.package-lock.json ## the same stories on a real Kubernetes: that of KUBECONFIG=<file>, or else `make cluster`; STORIES=<files>
	@$(GIVEN) npm run --silent e2e -- $(STORIES)

test: node_modules/.package-lock.json ## all checks, then all tests
	@npm test --silent

check: node_modules/.package-lock.json
	@npm run --silent check

fix: node_modules/.package-lock.json
	@npm run --silent fix

clean: down cluster-down
	rm -rf .perch node_modules packages/*/dist
