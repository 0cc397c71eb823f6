# bench.mk - the benchmarks, included by the top-level Makefile. Figures are of the machine and the
# moment: read the ratios.
#
#   make bench ROUNDS=9        our allocator against others, how much memory it keeps, and how many
#                              instructions it takes; tables and a chart below $(BENCH)
#   make bench-rpcss           environments against other arenas
#   make bench-instructions    the instructions alone
#   make bench-test            what can be tested without a clock, TAP on standard output
#
# A part of it, for work on the heap; NAME=LIBRARY is another build of ours:
#
#   build/bench/allocators --rounds 3 --only pair,list --with midl,before=/tmp/libmidl_user.so.1

BENCH := $(BUILD)/bench
BENCH_PACKAGES := $(NATIVE_PACKAGES) $(ALLOCATOR_PACKAGES) valgrind pkg-config libapr1-dev libtalloc-dev
BENCH_CFLAGS := -O2 -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -pthread -I$(INCLUDE) -ITests/Bench
ROUNDS ?= 5

.PHONY: bench bench-rpcss bench-instructions bench-test setup-bench
setup-bench:
	@Tests/Setup/install.sh $(BENCH_PACKAGES)

bench: setup-bench $(BENCH)/allocators $(BENCH)/memory $(BENCH)/instructions
	@$(BENCH)/allocators --rounds $(ROUNDS) --scale --output $(BENCH)
	@echo; Tests/Bench/instructions.sh $(BENCH)/instructions libmidl_user.so.1
	@echo; $(BENCH)/memory --long

bench-rpcss: setup-bench $(BENCH)/environments
	@$(BENCH)/environments

bench-instructions: setup-bench $(BENCH)/instructions
	@Tests/Bench/instructions.sh $(BENCH)/instructions libmidl_user.so.1

bench-test: $(BENCH)/allocators $(BENCH)/memory
	@Tests/Bench/run.sh $(BENCH)

# ---- The programs ----

$(BENCH)/environments: Tests/Bench/environments.c Tests/Bench/timing.c Tests/Bench/timing.h \
		$(LIB)/libmidl_user.so.1 | setup-bench
	@mkdir -p $(@D)
	gcc $(BENCH_CFLAGS) $$(pkg-config --cflags apr-1 talloc) $(filter %.c %.so.1,$^) -o $@ \
		$$(pkg-config --libs apr-1 talloc) -pthread -Wl,-rpath,'$$ORIGIN/../lib'

BENCH_HEADERS := $(wildcard Tests/Bench/*.h Tests/Harness/tap.h $(INCLUDE)/*.h)
# $(call bench-objects,names): of sources below Tests
bench-objects = $(1:%=$(BENCH)/obj/%.o)
BENCH_ALLOCATORS := $(addprefix Bench/,allocators block candidates chart child report resident \
	results short timing workloads) Harness/tap \
	$(patsubst Tests/%.c,%,$(wildcard Tests/Bench/workloads/*.c))
BENCH_MEMORY := Bench/memory Bench/block Bench/resident Harness/tap

$(BENCH)/obj/%.o: Tests/%.c $(BENCH_HEADERS)
	@mkdir -p $(@D)
	gcc $(BENCH_CFLAGS) -c $< -o $@

# By the run path dlopen finds our library too.
$(BENCH)/allocators: $(call bench-objects,$(BENCH_ALLOCATORS)) | $(LIB)/libmidl_user.so.1
	gcc -pthread $^ -o $@ -lm -Wl,-rpath,'$$ORIGIN/../lib'

$(BENCH)/memory: $(call bench-objects,$(BENCH_MEMORY)) $(LIB)/libmidl_user.so.1
	gcc -pthread $^ -o $@ -Wl,-rpath,'$$ORIGIN/../lib'

$(BENCH)/instructions: $(call bench-objects,Bench/instructions) $(LIB)/libmidl_user.so.1
	gcc $^ -o $@ -Wl,-rpath,'$$ORIGIN/../lib'
