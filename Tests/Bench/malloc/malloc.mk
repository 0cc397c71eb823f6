# malloc.mk - real programs on the heap: a malloc for LD_PRELOAD, and the programs that run with it.
# Included by the top-level Makefile.
#
#   make malloc              build/bench/libmidl_malloc.so

MALLOC := $(BUILD)/bench
MALLOC_SOURCE := Tests/Bench/malloc
MALLOC_PRELOAD := $(MALLOC)/libmidl_malloc.so

.PHONY: malloc
malloc: $(MALLOC_PRELOAD)

# The compiler must not make a call of calloc of what is inside calloc.
$(MALLOC)/malloc.o: $(MALLOC_SOURCE)/malloc.c $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'clang $@'
	@$(CC) $(CFLAGS) -fno-builtin -c $< -o $@

$(MALLOC_PRELOAD): $(MALLOC)/malloc.o $(OBJ)/swift.o $(filter $(OBJ)/Platform/%,$(NATIVE_OBJECTS)) \
		$(MALLOC_SOURCE)/exports.map
	@echo 'link $@'
	@$(CC) $(LDFLAGS) -shared -Wl,-z,defs,-z,relro,-z,now,-z,nodelete,-z,noexecstack \
		-Wl,--version-script=$(MALLOC_SOURCE)/exports.map -Wl,-soname,$(@F) $(filter %.o,$^) -o $@
