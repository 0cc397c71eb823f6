# malloc.mk - real programs on the heap: a malloc for LD_PRELOAD, and the programs that run with it.
# Included by the top-level Makefile.
#
#   make malloc                build/bench/libmidl_malloc.so, for LD_PRELOAD
#   make programs-test         its entry points, and one short run of each program; TAP
#   make bench-programs        times and memory of each program with glibc's malloc, mimalloc and
#                              ours; ROUNDS=5; also in build/bench/programs.txt
#   make bench-guard           what MIDL_MEMORY=guard=1000 costs them; ROUNDS=25; also in
#                              build/bench/guard.txt
#   make bench-programs-calls  how often each calls the system, by strace

MALLOC := $(BUILD)/bench
MALLOC_SOURCE := Tests/Bench/malloc
MALLOC_PRELOAD := $(MALLOC)/libmidl_malloc.so
# The same with the choices of MIDL_MEMORY.
MALLOC_CHOOSING := $(MALLOC)/choosing/libmidl_malloc.so

.PHONY: malloc
malloc: $(MALLOC_PRELOAD)

# The compiler must not make a call of calloc of what is inside calloc.
$(MALLOC)/malloc.o $(MALLOC)/no_choice.o: $(MALLOC)/%.o: $(MALLOC_SOURCE)/%.c $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'clang $@'
	@$(CC) $(CFLAGS) -fno-builtin -c $< -o $@

# What calls by name must not be resolved before the program runs.
$(MALLOC)/operators.o: $(MALLOC_SOURCE)/operators.c $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'clang $@'
	@$(CC) $(CFLAGS) -fno-lto -fsemantic-interposition -c $< -o $@

$(MALLOC_PRELOAD): $(MALLOC)/no_choice.o
$(MALLOC_CHOOSING): $(OBJ)/Shim/diagnostics.o
$(MALLOC_PRELOAD) $(MALLOC_CHOOSING): $(MALLOC)/malloc.o $(MALLOC)/operators.o $(OBJ)/swift.o $(filter $(OBJ)/Platform/%,$(NATIVE_OBJECTS)) \
		$(MALLOC_SOURCE)/exports.map
	@mkdir -p $(@D) && echo 'link $@'
	@$(CC) $(LDFLAGS) -shared -Wl,-z,defs,-z,relro,-z,now,-z,nodelete,-z,noexecstack \
		-Wl,--version-script=$(MALLOC_SOURCE)/exports.map -Wl,-soname,$(@F) $(filter %.o,$^) -o $@

# It looks for its diagnostics beside itself.
$(MALLOC)/choosing/libmidl_diagnostics.so.1: $(LIB)/libmidl_diagnostics.so.1
	@mkdir -p $(@D) && ln -sf ../../lib/$(@F) $@

CHOOSING := $(MALLOC_CHOOSING) $(MALLOC)/choosing/libmidl_diagnostics.so.1

# ---- Its entry points --------------------------------------------------------

MALLOC_TEST := $(addprefix $(MALLOC_SOURCE)/test_,malloc.c sizes.c processes.c) \
	$(addprefix Tests/Harness/,tap.c support.c child.c)

$(MALLOC)/test-malloc: $(MALLOC_TEST) $(MALLOC_SOURCE)/test_malloc.h \
		$(wildcard Tests/Harness/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O1 -g -fno-builtin -Wall -Wextra -Werror -pthread \
		$(MALLOC_TEST) -o $@

MALLOC_CXX_TESTS := $(addprefix $(MALLOC)/test-,operators replaced)

$(MALLOC_CXX_TESTS): $(MALLOC)/test-%: $(MALLOC_SOURCE)/test_%.cpp $(HARNESS)/tap.o
	@mkdir -p $(@D)
	g++ -std=c++17 -O1 -g -fno-builtin -Wall -Wextra -Werror -Wno-sized-deallocation $^ -o $@

# ---- Programs ----------------------------------------------------------------

PROGRAMS_PACKAGES := gcc g++ libc6-dev python3 sqlite3 redis-tools libmimalloc2.0
PROGRAMS := $(IN_BUILD) bash $(MALLOC_SOURCE)/programs.sh
PROGRAMS_ARGUMENTS := $(MALLOC_PRELOAD) $(MALLOC)/measure
ROUNDS := 5
bench-guard: ROUNDS := 25

$(MALLOC)/measure: $(MALLOC_SOURCE)/measure.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror $< -o $@

.PHONY: setup-programs bench-programs bench-guard bench-programs-calls programs-test
setup-programs:
	@Tests/Setup/install.sh $(PROGRAMS_PACKAGES)

bench-programs: setup-programs $(PROGRAMS_ARGUMENTS)
	@$(PROGRAMS) table $(PROGRAMS_ARGUMENTS) $(ROUNDS) | tee $(MALLOC)/programs.txt

bench-guard: setup-programs $(PROGRAMS_ARGUMENTS) $(CHOOSING)
	@$(PROGRAMS) guard $(PROGRAMS_ARGUMENTS) $(ROUNDS) | tee $(MALLOC)/guard.txt

bench-programs-calls: setup-programs $(PROGRAMS_ARGUMENTS)
	@Tests/Setup/install.sh strace
	@$(PROGRAMS) calls $(PROGRAMS_ARGUMENTS) | tee $(MALLOC)/programs-calls.txt

programs-test: setup-programs $(PROGRAMS_ARGUMENTS) $(CHOOSING) $(MALLOC)/test-malloc \
		$(MALLOC_CXX_TESTS)
	@. Tests/Setup/join-results.sh; \
		{ run 'malloc preloaded' env LD_PRELOAD=$(MALLOC_PRELOAD) $(MALLOC)/test-malloc; \
		run 'operators preloaded' env LD_PRELOAD=$(MALLOC_PRELOAD) $(MALLOC)/test-operators; \
		run 'operators replaced' env LD_PRELOAD=$(MALLOC_PRELOAD) $(MALLOC)/test-replaced; \
		run 'real programs' env $(PROGRAMS) test $(PROGRAMS_ARGUMENTS); } | join_results
