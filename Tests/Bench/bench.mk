# bench.mk - the benchmarks, included by the top-level Makefile. Figures are of the machine and the
# moment: read the ratios.

BENCH := $(BUILD)/bench
ALLOCATOR_PACKAGES := libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4
BENCH_PACKAGES := $(NATIVE_PACKAGES) $(ALLOCATOR_PACKAGES) pkg-config libapr1-dev libtalloc-dev
BENCH_CFLAGS := -O2 -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -I$(INCLUDE) -ITests/Bench

.PHONY: bench-rpcss setup-bench
setup-bench:
	@Tests/Setup/install.sh $(BENCH_PACKAGES)

bench-rpcss: setup-bench $(BENCH)/environments
	@$(BENCH)/environments

$(BENCH)/environments: Tests/Bench/environments.c Tests/Bench/timing.c Tests/Bench/timing.h \
		$(LIB)/libmidl_user.so.1 | setup-bench
	@mkdir -p $(@D)
	gcc $(BENCH_CFLAGS) $$(pkg-config --cflags apr-1 talloc) $(filter %.c %.so.1,$^) -o $@ \
		$$(pkg-config --libs apr-1 talloc) -pthread -Wl,-rpath,'$$ORIGIN/../lib'

# ---- Allocators ----

BENCH_HEADERS := $(wildcard Tests/Bench/*.h Tests/Harness/tap.h)
ALLOCATORS := $(addprefix Tests/Bench/,allocators block candidates chart child report results short \
	timing workloads) Tests/Harness/tap \
	$(basename $(wildcard Tests/Bench/workloads/*.c))

$(BENCH)/obj/%.o: Tests/%.c $(BENCH_HEADERS)
	@mkdir -p $(@D)
	gcc $(BENCH_CFLAGS) -pthread -c $< -o $@

# The run path is also where dlopen finds our library.
$(BENCH)/allocators: $(ALLOCATORS:Tests/%=$(BENCH)/obj/%.o) | $(LIB)/libmidl_user.so.1
	gcc -pthread $^ -o $@ -ldl -lm -Wl,-rpath,'$$ORIGIN/../lib'
