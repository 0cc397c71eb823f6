# bench.mk - the benchmarks, included by the top-level Makefile. Figures are of the machine and the
# moment: read the ratios.

BENCH := $(BUILD)/bench
BENCH_PACKAGES := $(NATIVE_PACKAGES) pkg-config libapr1-dev libtalloc-dev
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
