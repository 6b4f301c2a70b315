# Scenarios are run by one program.
SCENARIO_C := $(wildcard test/scenario/runner/*.c)
$(B)/bin/scenario: $(SCENARIO_C:%.c=$(B)/obj/%.o) $(TEST_LIB_C:%.c=$(B)/obj/%.o) $(B)/libweft.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -Wl,-z,muldefs -o $@ $^ -lcmocka $(LIBS)

oracle: $(B)/bin/scenario ## scenarios against a real Envoy, too: where do the two differ?
	@python3 test/scenario/oracle.py $(NAMES)

# Beside the sanitized programs, which it is like.
ifeq ($(MODE),asan)
all: $(B)/bin/scenario
endif

H2SPEC := h2spec h2specd
h2spec: $(B)/bin/weft-proxy ## h2spec's cases of HTTP/2, as a server and as a client; needs its Go modules
	@command -v go >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -y -q --no-install-recommends golang-go"
	@[ -x build/h2spec/h2specd ] || GOBIN=$(abspath build/h2spec) go install $(H2SPEC:%=github.com/summerwind/h2spec/cmd/%@v2.2.1+incompatible)
	@python3 test/h2spec/run.py build/h2spec $(B)/bin $(V)
