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
