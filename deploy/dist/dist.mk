# What a release carries, what tools read of how files are compiled, and checks that need others' programs. Included by the
# Makefile.
DIST := build/dist

# The overlays are embedded in weftctl.
$(B)/obj/lib/ctl/install/manifests.o: $(wildcard deploy/*/overlays/*/weft-*.yaml)

.PHONY: dist compile-commands bundle-check chart-check chart-run clients

dist: images ## what a release carries, in build/dist: programs, images, manifests, Helm chart, OLM bundle, checksums
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) python3 deploy/dist/dist.py --version '$(VERSION)' --arch $(HOST_ARCH) \
		--bin $(B)/bin --images build/images --out $(DIST) --strip strip
	@ls -l $(DIST)

compile-commands: $(GEN_C) ## compile_commands.json, for clangd and other tools
	@printf '%s\n' $(LIB_C) $(wildcard cmd/*/*.c demo/src/*/*.c) $(TEST_C) $(TEST_LIB_C) $(BENCH_C) | \
		python3 deploy/dist/compile_commands.py $(CC) $(CPPFLAGS) -Itest/lib -I. -Idemo/src/common $(CFLAGS) >$@.new
	@mv $@.new compile_commands.json

bundle-check: ## the OLM bundle by the rules of operator-sdk; needs their Go module
	@cd test/bundle && go run . $(CURDIR)/manifests/bundle

# Any helm will do; where there is none, it is built from its Go module.
HELM ?= $(shell command -v helm || echo build/tools/helm)
build/tools/helm:
	@mkdir -p $(@D)
	@GOBIN=$(CURDIR)/$(@D) go install helm.sh/helm/v3/cmd/helm@v3.18.4

chart-check: $(filter build/tools/helm,$(HELM)) ## the Helm chart by helm itself
	@$(HELM) lint deploy/helm/weft-operator
	@T=$$(mktemp -d) && ROOT=$(CURDIR) HELM='$(HELM)' TEST_TMP=$$T python3 test/unit/deploy/generate_test.py; r=$$?; rm -rf $$T; exit $$r

chart-run: all $(filter build/tools/helm,$(HELM)) ## the chart installed, upgraded and uninstalled by helm, on an embedded cluster; CLUSTER=real, KUBECONFIG: as with e2e
	@$(MAKE) --no-print-directory e2e TESTS=e2e/helm

clients: ## client-go, controller-runtime and Istio's own istiod against the embedded API server; CLUSTER=real: a current one (NODES=0 will do); CLIENTS="go istiod"; needs their Go modules
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all
ifeq ($(CLUSTER),real)
	@/usr/bin/python3 test/clients/run.py build $(CLIENTS)
	$(call in_cluster,/usr/bin/python3 test/clients/run.py $(CLIENTS))
else
	@/usr/bin/python3 test/clients/run.py $(CLIENTS)
endif
