# A real Kubernetes on this machine, for tests that want to see it.
CLUSTER := python3 test/cluster/cluster.py
PKGS_CLUSTER := runc containernetworking-plugins iproute2 util-linux openssl gcc libc6-dev prometheus postgresql-15 curl python3

.PHONY: cluster-deps cluster-build cluster-up cluster-down cluster-env
cluster-deps:
	$(call apt_install,$(PKGS_CLUSTER))

cluster-build: cluster-deps ## build the programs of a current Kubernetes into the cache (once, long)
	@$(CLUSTER) build

cluster-up: cluster-deps $(if $(filter 0,$(NODES)),,images) ## start a current Kubernetes in namespaces of its own, with the images of this project; NODES=0: an API server alone
	@$(CLUSTER) up --nodes $(or $(NODES),1) --without "$(WITHOUT)"

cluster-down: ## end it; nothing of it is left
	@$(CLUSTER) down

cluster-env: ## what a shell needs of it, to be evaluated
	@$(CLUSTER) env
