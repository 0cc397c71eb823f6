# harness.mk - builds and runs the C harness. Included by the top-level Makefile, which defines
# BUILD, LIB, INCLUDE and CC and says how the libraries are made; run from the top level. All paths
# are relative, so that the checkout may lie below a directory with spaces in its name.
#
#   make harness             build everything below $(BUILD)/harness
#   make harness-test        run everything in the three forms, TAP on standard output
#   make harness-sanitized SANITIZER=thread SANITIZED_LIBRARY=build/tsan/libmidl_user.a
#                            build and run what is meaningful under a sanitizer; SANITIZED_LIBS
#                            is added to the link
#
# A single group:  build/harness/harness-static misuse

SWIFTC ?= swiftc

HARNESS := $(BUILD)/harness
HARNESS_SOURCE := Tests/Harness
HARNESS_CFLAGS := -std=gnu17 -O1 -gdwarf-4 -Wall -Wextra -Werror -pthread -I$(INCLUDE)
HARNESS_HEADERS := $(wildcard $(HARNESS_SOURCE)/*.h) $(INCLUDE)/midl_user.h $(INCLUDE)/midl_memory.h

HARNESS_COMMON := tap support child
HARNESS_GROUPS := contract contents first threads thread_life exit fork misuse overwrite sized addresses \
	return limit stubs calls
HARNESS_MAIN := harness misuse stub_engine stub_types stub_call stub_data test_graphs \
	$(HARNESS_GROUPS:%=test_%)
HARNESS_FAILING := test_failing_calls failing_calls

HARNESS_FORMS := shared static dlopen
# What a form adds to the link, after the objects.
HARNESS_LINK_shared := $(LIB)/libmidl_user.so.1
HARNESS_LINK_static := $(LIB)/libmidl_user.a
HARNESS_LINK_dlopen :=

HARNESS_PROGRAMS := \
	$(foreach form,$(HARNESS_FORMS),$(HARNESS)/harness-$(form) $(HARNESS)/failing-$(form) \
		$(HARNESS)/beside-$(form) $(HARNESS)/swift-$(form)) \
	$(HARNESS)/own-shared $(HARNESS)/own-static $(HARNESS)/loading \
	$(HARNESS)/linked-jemalloc $(HARNESS)/linked-tcmalloc

# The groups that sanitizers can say something about. The others measure memory, end by SIGABRT in
# thousands of children, or put a limit on an address space that a sanitizer fills.
# ThreadSanitizer cannot follow a thread's late destructors.
HARNESS_GROUPS_address := contract contents threads thread-life exit fork stubs calls
HARNESS_GROUPS_thread := contract contents threads thread-life fork stubs calls

.PHONY: harness harness-test harness-sanitized
harness: $(HARNESS_PROGRAMS)

harness-test: harness
	bash $(HARNESS_SOURCE)/run.sh $(HARNESS) $(LIB) $(INCLUDE) "$(CC)"

$(HARNESS):
	mkdir -p $@

$(HARNESS)/%.o: $(HARNESS_SOURCE)/%.c $(HARNESS_HEADERS) | $(HARNESS)
	$(CC) $(HARNESS_CFLAGS) -c -o $@ $<

$(HARNESS)/pair_shared.o $(HARNESS)/pair_static.o: $(HARNESS)/pair_%.o: \
		$(HARNESS_SOURCE)/pair_linked.c $(HARNESS_HEADERS) | $(HARNESS)
	$(CC) $(HARNESS_CFLAGS) -DPAIR_FORM='"$*"' -c -o $@ $<

# $(call harness-objects,form,names): the objects of a program in a form
harness-objects = $(HARNESS)/pair_$(1).o $(HARNESS_COMMON:%=$(HARNESS)/%.o) $(2:%=$(HARNESS)/%.o)

define harness-form
$(HARNESS)/harness-$(1): $(call harness-objects,$(1),$(HARNESS_MAIN))
$(HARNESS)/failing-$(1): $(call harness-objects,$(1),$(HARNESS_FAILING))
$(HARNESS)/beside-$(1): $(call harness-objects,$(1),test_beside)
$(HARNESS)/harness-$(1) $(HARNESS)/failing-$(1) $(HARNESS)/beside-$(1): \
		$(LIB)/libmidl_user.so.1 $(LIB)/libmidl_user.a
	$$(CC) -pthread $$(if $$(findstring failing,$$@),-rdynamic) -o $$@ \
		$$(filter %.o,$$^) $$(HARNESS_LINK_$(1))
endef
$(foreach form,$(HARNESS_FORMS),$(eval $(call harness-form,$(form))))

$(HARNESS)/loading: $(HARNESS_COMMON:%=$(HARNESS)/%.o) $(HARNESS)/test_loading.o
	$(CC) -pthread -o $@ $^

# Debian's libraries without their -dev packages: the linker takes the file by its name.
$(HARNESS)/linked-jemalloc: HARNESS_ALLOCATOR := -l:libjemalloc.so.2
$(HARNESS)/linked-tcmalloc: HARNESS_ALLOCATOR := -l:libtcmalloc_minimal.so.4
$(HARNESS)/linked-jemalloc $(HARNESS)/linked-tcmalloc: \
		$(call harness-objects,shared,test_beside) $(LIB)/libmidl_user.so.1
	$(CC) -pthread -o $@ $^ -Wl,--no-as-needed $(HARNESS_ALLOCATOR)

$(HARNESS)/own-shared: $(LIB)/libmidl_user.so.1
$(HARNESS)/own-static: $(LIB)/libmidl_user.a
$(HARNESS)/own-shared $(HARNESS)/own-static: $(HARNESS)/own-%: $(HARNESS_SOURCE)/test_own.c \
		$(HARNESS)/tap.o $(HARNESS_HEADERS)
	$(CC) $(HARNESS_CFLAGS) -DPAIR_FORM='"$*"' -rdynamic -o $@ $< $(HARNESS)/tap.o \
		$(HARNESS_LINK_$*)

HARNESS_SWIFTC := $(SWIFTC) -swift-version 5 -O -module-cache-path $(HARNESS)/modules
$(HARNESS)/swift-shared: $(LIB)/libmidl_user.so.1
$(HARNESS)/swift-static: $(LIB)/libmidl_user.a
$(HARNESS)/swift-shared $(HARNESS)/swift-static: $(HARNESS)/swift-%: \
		$(HARNESS_SOURCE)/beside.swift $(HARNESS_HEADERS) | $(HARNESS)
	$(HARNESS_SWIFTC) -D LINKED -I $(INCLUDE) -import-objc-header $(INCLUDE)/midl_memory.h \
		-o $@ $< -Xlinker $(HARNESS_LINK_$*)
$(HARNESS)/swift-dlopen: $(HARNESS_SOURCE)/beside.swift | $(HARNESS)
	$(HARNESS_SWIFTC) -o $@ $<

# One compilation: a sanitizer build is rare, and its objects must not be mixed with the others.
harness-sanitized: $(HARNESS_HEADERS) $(SANITIZED_LIBRARY)
	mkdir -p $(BUILD)/harness-$(SANITIZER)
	$(CC) $(HARNESS_CFLAGS) -fsanitize=$(SANITIZER) -DPAIR_FORM='"$(SANITIZER)"' \
		-o $(BUILD)/harness-$(SANITIZER)/harness $(HARNESS_SOURCE)/pair_linked.c \
		$(HARNESS_COMMON:%=$(HARNESS_SOURCE)/%.c) $(HARNESS_MAIN:%=$(HARNESS_SOURCE)/%.c) \
		$(SANITIZED_LIBRARY) $(SANITIZED_LIBS)
	$(BUILD)/harness-$(SANITIZER)/harness $(HARNESS_GROUPS_$(SANITIZER))
