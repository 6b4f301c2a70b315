# A real Kubernetes on this machine, for tests that want to see it.
CLUSTER_PY := python3 test/cluster/cluster.py
PKGS_CLUSTER := runc containernetworking-plugins iproute2 util-linux openssl gcc libc6-dev prometheus postgresql-15 curl python3

.PHONY: cluster-deps cluster-build cluster-up cluster-down cluster-env e2e record
cluster-deps:
	$(call apt_install,$(PKGS_CLUSTER))

cluster-build: cluster-deps ## build the programs of a current Kubernetes into the cache (once, long)
	@$(CLUSTER_PY) build

cluster-up: cluster-deps $(if $(filter 0,$(NODES)),,images) ## start a current Kubernetes in namespaces of its own, with the images of this project; NODES=0: an API server alone
	@$(CLUSTER_PY) up --nodes $(or $(NODES),1) --without "$(WITHOUT)"

cluster-down: ## end it; nothing of it is left
	@$(CLUSTER_PY) down

cluster-env: ## what a shell needs of it, to be evaluated
	@$(CLUSTER_PY) env

# A cluster that was not there before goes when the command is done; KEEP=1 leaves it.
define in_cluster
	+@$(CLUSTER_PY) env >/dev/null 2>&1 && was=1 || was=$(KEEP); \
	$(MAKE) --no-print-directory cluster-up && $(CLUSTER_PY) run $(1); r=$$?; [ -n "$$was" ] || $(CLUSTER_PY) down; exit $$r
endef

e2e: ## the end-to-end tests on embedded clusters; CLUSTER=real: on a current Kubernetes, KEEP=1 leaves it; with KUBECONFIG: on that cluster; TESTS=
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all
ifeq ($(CLUSTER),real)
	$(call in_cluster,python3 test/run.py --jobs 1 e2e $(TESTS))
else ifneq ($(KUBECONFIG),)
	@python3 test/run.py --jobs 1 e2e $(TESTS)
else
	@$(MAKE) --no-print-directory asan
	@python3 test/run.py e2e $(TESTS)
endif

record: ## what a current Kubernetes answers to the requests of test/conformance, recorded anew
	@! $(CLUSTER_PY) env >/dev/null 2>&1 || { echo "a cluster runs: it must be a fresh one; make cluster-down"; exit 1; }
	@$(MAKE) --no-print-directory cluster-deps
	@$(CLUSTER_PY) up --without "storage load-balancer" && $(CLUSTER_PY) run python3 test/conformance/record.py; r=$$?; $(CLUSTER_PY) down; exit $$r
