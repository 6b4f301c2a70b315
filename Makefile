# Weft. `make help` lists the targets. Two commands on a fresh Debian 12: `make demo` and `make test`.
MODE ?= release
# All processors compile, unless the command line says how many.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
CC ?= gcc
CXX ?= g++
ifeq ($(origin CC),default)
CC := gcc
endif
CCACHE := $(shell command -v ccache 2>/dev/null)

B := build
ifneq ($(MODE),release)
B := build/$(MODE)
endif
G := build/gen

WARN := -Wall -Wextra -Werror -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla \
	-Wwrite-strings -Wno-missing-field-initializers
FLAGS_release := -O2 -g1 -fno-omit-frame-pointer
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_clang := -O1 -g
FLAGS_cov := -O0 -g --coverage
# What a mutant no longer uses is no mistake of its row.
FLAGS_mutate := -O0 -Wno-unused
# As Debian hardens its packages now, and one step further in what is checked of buffers.
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
# What is shipped, for this machine and for others.
SHIPPED := $(filter release arm64,$(MODE))
ifeq ($(SHIPPED),)
HARDEN := -fPIE
endif
CPPFLAGS += -D_GNU_SOURCE -Ilib -I$(G)
CFLAGS += -std=gnu11 $(WARN) $(FLAGS_$(MODE)) $(HARDEN)
CXXFLAGS += -std=c++17 -Wall -Wextra -Werror -Wno-unused-parameter $(FLAGS_$(MODE)) $(HARDEN)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections $(FLAGS_$(MODE))
# Sanitized programs are large and many: a quick linker where there is one.
ifeq ($(SHIPPED),)
LDFLAGS += $(if $(shell command -v ld.lld),-fuse-ld=lld)
endif
LIBS := -lwebsockets -lcurl -lcjson -lyaml -lssl -lcrypto -lnghttp2 -lprotobuf-c -lsqlite3 -lcares -lre2 -lxxhash \
	-larchive -lz -lzstd -lstdc++ -lm -lpthread -ldl

# What `make deps` installs (Debian 12 names).
PKGS_BUILD := build-essential pkg-config ccache libssl-dev libcurl4-openssl-dev libcjson-dev libyaml-dev \
	libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler \
	libsqlite3-dev libc-ares-dev libre2-dev libxxhash-dev zlib1g-dev libzstd-dev libarchive-dev libpq-dev libmicrohttpd-dev \
	libwebsockets-dev node-dagre-layout
PKGS_RUN := python3 procps jq iproute2 iptables nftables ca-certificates curl prometheus postgresql-15 hey
PKGS_TEST := libcmocka-dev python3 python3-pip python3-yaml jq clang clang-format clang-tidy cppcheck openssl tcpdump \
	nginx-light haproxy wrk lld libclang-rt-14-dev libtsan2 python3-grpcio nghttp2-client \
	python3-h2 python3-websockets chromium redis-server redis-tools mariadb-server mariadb-client siege git

PROTO := $(sort $(shell find lib -name '*.proto' 2>/dev/null))
PROTO_ROOT := lib/xds/proto
GEN_C := $(PROTO:$(PROTO_ROOT)/%.proto=$(G)/%.pb-c.c)
LIB_C := $(sort $(shell find lib -name "*.c"))
LIB_CC := $(sort $(shell find lib -name "*.cc"))
LIB_O := $(LIB_C:%.c=$(B)/obj/%.o) $(LIB_CC:%.cc=$(B)/obj/%.o) $(GEN_C:$(G)/%.c=$(B)/obj/gen/%.o)
CMDS := $(notdir $(patsubst %/main.c,%,$(wildcard cmd/*/main.c)))
DEMOS := $(notdir $(patsubst %/main.c,%,$(wildcard demo/src/*/main.c)))
TEST_C := $(shell find test/unit test/integration test/conformance test/sim -name '*_test.c' 2>/dev/null)
TEST_LIB_C := $(wildcard test/lib/*.c)
BENCH_C := $(wildcard test/bench/*.c)
FUZZ_C := $(wildcard test/fuzz/*_fuzz.c)
TEST_BIN := $(TEST_C:%.c=$(B)/%)
# What has threads runs under the thread sanitizer, too.
TSAN_C := $(wildcard test/unit/net/*_test.c test/unit/proxy/*_test.c test/unit/telemetry/*_test.c test/integration/proxy/*_test.c)
BENCH_BIN := $(BENCH_C:%.c=$(B)/%)
BINS := $(CMDS:%=$(B)/bin/%) $(DEMOS:%=$(B)/bin/%)

.PHONY: all tests sim help crds deps deps-test check fmt lint test unit demo bench bench-operator bench-control bench-console axe asan tsan fuzz foreign foreign-addons stock clean
.SECONDARY:

all: $(BINS) ## build everything into build/bin
tests: $(TEST_BIN) $(B)/bin/scenario ## build the test programs of this MODE

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(B)/libweft.a: $(LIB_O)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(G)/%.pb-c.c: $(PROTO_ROOT)/%.proto
	@mkdir -p $(G)
	@protoc-c --proto_path=$(PROTO_ROOT) --c_out=$(G) $<

# All generated headers exist before anything that may include one is compiled.
$(LIB_C:%.c=$(B)/obj/%.o) $(GEN_C:$(G)/%.c=$(B)/obj/gen/%.o): | $(GEN_C)

$(B)/obj/gen/%.o: $(G)/%.c
	@mkdir -p $(@D)
	@$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -Wno-error -w -MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.c Makefile | $(GEN_C)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.cc Makefile
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CCACHE) $(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Which version this is: the nearest tag and the commit, marked when files differ from it. Programs alone know, so that
# tests need not be linked anew for each commit.
VERSION = $(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || echo "v0.1.0-dev-g$$(git describe --always --exclude '*' --dirty 2>/dev/null)")
COMMIT = $(shell git describe --always --abbrev=40 --exclude '*' --dirty 2>/dev/null || echo unknown)
VERSION_TEXT = \#include "base/version.h"\nconst char weft_version[] = "$(VERSION)";\nconst char weft_commit[] = "$(COMMIT)";

.PHONY: FORCE
$(G)/version.c: FORCE
	@mkdir -p $(@D)
	@printf '$(VERSION_TEXT)\n' | cmp -s - $@ || printf '$(VERSION_TEXT)\n' >$@

$(B)/bin/%: $(B)/obj/cmd/%/main.o $(B)/obj/gen/version.o $(B)/libweft.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# weft-proxy's data path is optimised as a whole in a release: a tenth fewer instructions for a request, and a third fewer
# lines of code that the cache lacks. `make LTO=` links the usual objects, which is quicker.
LTO ?= $(if $(filter release,$(MODE)),1)
LTO_C := $(filter-out lib/base/version.c,$(filter $(addprefix lib/,$(addsuffix /%,base net http h1 h2 codecs route balance telemetry trace proxy)),$(LIB_C)))
LTO_O := $(if $(LTO),$(LTO_C:%.c=$(B)/lto/%.o))
$(B)/lto/%.o: %.c Makefile | $(GEN_C)
	@mkdir -p $(@D)
	@echo "  LTO   $<"
	@$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -fomit-frame-pointer -flto -MMD -MP -c -o $@ $<

$(B)/bin/weft-proxy: $(B)/obj/cmd/weft-proxy/main.o $(B)/obj/gen/version.o $(LTO_O) $(B)/libweft.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $(if $(LTO),-flto=auto) -o $@ $^ $(LIBS)

LAUNCH_C := lib/base/flags.c
# Runs on nodes that have none of our libraries: static, of libc alone, without sanitizers.
$(B)/bin/weft-cni-launch: cmd/weft-cni-launch/main.c $(LAUNCH_C) $(G)/version.c Makefile
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CPPFLAGS) -std=gnu11 $(WARN) -O2 -static -ffunction-sections -Wl,--gc-sections -o $@ $(filter %.c,$^)

DEMO_COMMON_O := $(patsubst %.c,$(B)/obj/%.o,$(wildcard demo/src/common/*.c))
$(B)/bin/%: $(B)/obj/demo/src/%/main.o $(DEMO_COMMON_O) $(B)/obj/gen/version.o $(B)/libweft.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lpq -lmicrohttpd $(LIBS)

$(B)/obj/demo/%.o: CPPFLAGS += -Idemo/src/common -I$(SYSROOT)/usr/include/postgresql

# A test program may include the .c file under test; objects of test/lib help all of them.
$(B)/test/%: $(B)/obj/test/%.o $(TEST_LIB_C:%.c=$(B)/obj/%.o) $(B)/libweft.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -Wl,-z,muldefs -o $@ $^ -lcmocka $(LIBS)

$(B)/obj/test/%.o: CPPFLAGS += -Itest/lib -I.
# Tables of tests hold formats.
$(B)/obj/test/%.o: CFLAGS += -Wno-format-nonliteral

include test/scenario/scenario.mk

# The console's pages are embedded, with the libraries of Debian's packages that they use.
$(B)/obj/lib/console/page/page.o: $(wildcard lib/console/page/web/* docs/handbook/*.md docs/handbook/tasks/*.md docs/doors.md docs/limits.md docs/coming.md) /usr/share/nodejs/dagre/dist/dagre.min.js

# The operator's templates are embedded.
$(B)/obj/lib/operator/template/templates.o: $(wildcard manifests/*/*.yaml)

-include $(shell find $(B)/obj $(B)/lto -name '*.d' 2>/dev/null)

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
define apt_install
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}\n' $$p 2>/dev/null | grep -q '^install ok' || echo $$p; done); \
	[ -z "$$missing" ] || { $(SUDO) env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -y -q --no-install-recommends $$(echo $$missing)"; }
endef

deps: ## install what building and running need (apt, as root or through sudo)
	$(call apt_install,$(PKGS_BUILD) $(PKGS_RUN))
	@command -v kubectl >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends kubernetes-client

include deploy/images/images.mk
include deploy/dist/dist.mk

deps-test: deps deps-images ## and what the tests need
	$(call apt_install,$(PKGS_TEST))

include test/cluster/cluster.mk

fmt: ## reformat all C files
	@git ls-files '*.c' '*.h' | xargs -r clang-format -i

lint: $(GEN_C) ## formatting, include directions, mistakes that clang-tidy and cppcheck know, the table of mutants
	@git ls-files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror
	@python3 test/lint/include_direction.py
	@python3 test/lint/ledger.py
	@python3 test/lint/docs.py
	@python3 test/lint/handbook.py
	@python3 test/lint/xds_fields.py $(G)
	@python3 test/mutate/mutate.py --check
	@python3 deploy/images/images.py names --check
	@python3 deploy/generate/generate.py --check
	@git ls-files 'lib/*.c' 'cmd/*.c' | xargs -P2 -n8 sh -c 'clang-tidy --quiet "$$@" 2>build/tidy.log -- -std=gnu11 $(CPPFLAGS)' _
	@! git grep -nE 'SLICE_ARG\((slice_split|take)\(|(SLICE_ARG|MIN|MAX)\([^;]*(\+\+|--)[^;]*\)' -- lib cmd demo || { echo "an argument with an effect is evaluated twice"; exit 1; }
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,portability --std=c11 -D_GNU_SOURCE -D__GNUC__=12 \
		--include=test/lint/cppcheck.h --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		--suppress=varFuncNullUB -j2 -Ilib cmd lib

check: lint ## lint, and build with gcc and with clang, warnings as errors
	@$(MAKE) --no-print-directory all
	@$(B)/bin/weft-crdgen --check crds
	@$(B)/bin/weft-crdgen --check --reference docs/handbook/reference
	@$(MAKE) --no-print-directory MODE=clang CC=clang CXX=clang++ all

crds: $(B)/bin/weft-crdgen ## write crds/ and the handbook's reference from the rows of lib/api, and what is generated from it and from deploy/
	@$< crds
	@$< --reference docs/handbook/reference
	@python3 deploy/generate/generate.py

asan: ## build with address and undefined-behaviour sanitizers into build/asan
	@$(MAKE) --no-print-directory MODE=asan all tests

tsan: ## build with the thread sanitizer into build/tsan
	@$(MAKE) --no-print-directory MODE=tsan all tests

sim: $(B)/test/sim/control_plane_test ## play SEEDS seeds (10000) of the simulated control plane from FROM (1) on; LOUD=1 prints what happens
	@time $< $(or $(FROM),1) $(or $(SEEDS),10000) $(if $(LOUD),loud)

tsan-tests: $(TSAN_C:%.c=$(B)/%)

coverage: ## lines that the compiled tests execute, by module; fails where one is under its floor
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory MODE=cov tests
	@python3 test/coverage.py

mutate: ## break lines of security and traffic meaning, one at a time: each must be noticed by a test
	@$(MAKE) --no-print-directory deps-test
	@python3 test/mutate/mutate.py

unit: ## the unit tests alone, under the sanitizers
	@$(MAKE) --no-print-directory MODE=asan tests
	@python3 test/run.py unit

test: ## everything: installs what it needs, builds, runs all tests
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory asan
	@$(MAKE) --no-print-directory MODE=tsan tsan-tests
	@python3 test/run.py

demo: ## the five-minute demo on the embedded cluster; KEEP=1 leaves it running
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@demo/run.sh

bench: ## the numbers: tables against named peers; ROWS="h1 grpc": some of them (test/bench/run.sh); BASE=COMMIT: against that commit, round by round
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all $(BENCH_BIN)
	@test/bench/run.sh

bench-operator: ## what operator and weftd cost with 1,000 namespaces and 5,000 pods, beside the goals; MODES=MultiTenant, NAMESPACES=, PODS=
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all $(B)/test/bench/api_server
	@python3 test/bench/namespaces.py $(B) $(if $(NAMESPACES),--namespaces $(NAMESPACES)) $(if $(PODS),--pods $(PODS)) $(if $(MODES),--modes $(MODES))

bench-console: ## what each part of weft-console costs with 1,000 services, 10,000 pods, a graph of 500 workloads and a full store of spans
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all $(B)/test/bench/api_server
	@python3 test/bench/console.py $(B) $(ARGS)

axe: ## the console's pages, judged by axe-core, too (npm)
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory MODE=asan all
	@npm install --silent --no-save --prefix build/axe axe-core@4
	@AXE=$(CURDIR)/build/axe/node_modules/axe-core/axe.min.js python3 test/run.py integration/console/browser

bench-control: ## what weftd costs with 2,000 proxies, beside the goals; PROXIES=, SERVICES=, VIEWS=1,300, CHANGES=, ARGS="--sotw --pods --plain --large"
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all $(B)/test/bench/api_server $(B)/test/bench/ads_clients
	@python3 test/bench/control.py $(B) $(if $(SERVICES),--services $(SERVICES)) $(if $(PROXIES),--proxies $(PROXIES)) \
		$(if $(VIEWS),--views $(VIEWS)) $(if $(CHANGES),--changes $(CHANGES)) $(ARGS)

$(B)/fuzz/%: test/fuzz/%.c
	@mkdir -p $(@D)
	@clang $(CPPFLAGS) -Itest/lib -I. -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -o $@ $< build/fuzzlib/libweft.a $(LIBS)

fuzz: ## build the fuzz targets and run each for FUZZ_SECONDS (default 10) over its corpus
	@$(MAKE) --no-print-directory MODE=fuzzlib CC=clang CXX=clang++ FLAGS_fuzzlib='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function' build/fuzzlib/libweft.a
	@$(MAKE) --no-print-directory $(FUZZ_C:test/fuzz/%.c=build/fuzz/%)
	@for f in $(FUZZ_C:test/fuzz/%.c=%); do mkdir -p build/corpus/$$f; echo "fuzz $$f"; \
		build/fuzz/$$f -max_total_time=$${FUZZ_SECONDS:-10} -rss_limit_mb=512 -print_final_stats=0 -verbosity=0 \
		build/corpus/$$f $$( [ -d test/fuzz/corpus/$$f ] && echo test/fuzz/corpus/$$f ) || exit 1; done

$(B)/foreign/verdict: $(B)/obj/test/foreign/verdict.o $(B)/libweft.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

stock: ## Istio's dashboards, Kiali and Jaeger as they are, against the demo under load; builds the two from their Go modules; TOOLS="kiali"
	@$(MAKE) --no-print-directory deps-test
	@$(MAKE) --no-print-directory all
	@python3 test/stock/stock.py $(TOOLS)

foreign: ## count where our admission and weftctl analyze agree with Istio's and Maistra's own tests; needs their Go modules
	@command -v go >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -y -q --no-install-recommends golang-go"
	@$(MAKE) --no-print-directory $(B)/foreign/verdict $(B)/bin/weftctl
	@cd test/foreign && go build -o $(abspath $(B))/foreign/extract ./extract
	@python3 test/foreign/run.py $(B)/foreign

foreign-addons: ## Kiali and Jaeger objects as we make them, judged by those operators' definitions; CLUSTER=real: on a current Kubernetes (NODES=0 will do); needs the network once
	@$(MAKE) --no-print-directory all
ifeq ($(CLUSTER),real)
	$(call in_cluster,python3 test/foreign/addons.py)
else
	@python3 test/foreign/addons.py
endif

clean: ## remove build/
	rm -rf build
