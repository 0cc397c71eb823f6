# exceptions.mk - RPC exceptions: the macros, the raising functions, the headers and widl's stubs.
# Included by the top-level Makefile, which defines BUILD, LIB, INCLUDE and CC; run from the top level.
# All paths are relative, so that the checkout may lie below a directory with a space in its name.
#
#   make exceptions          build everything below $(BUILD)/exceptions
#   make exceptions-test     run it; TAP on standard output
#   make winelibexceptions-test
#                            build and run the same statements under Winelib, where the exceptions are Wine's
#
# A form is compiler, optimisation and library: setjmp depends on the first two. A single group:
#   build/exceptions/clang-O2-shared/exceptions nesting

WIDL ?= widl-stable

EXCEPTIONS := $(BUILD)/exceptions
EXCEPTIONS_SOURCE := Tests/Exceptions
EXCEPTIONS_HARNESS := Tests/Harness
EXCEPTIONS_FORMS := clang-O2-shared clang-O0-static gcc-O2-static gcc-O0-shared
EXCEPTIONS_CXX_FORMS := clang++-c++11-shared clang++-c++20-static g++-c++11-static g++-c++20-shared

EXCEPTIONS_INCLUDES := -I$(INCLUDE) -I$(EXCEPTIONS_HARNESS) -I$(EXCEPTIONS_SOURCE)
EXCEPTIONS_WARNINGS := -gdwarf-4 -Wall -Wextra -Werror -pthread
EXCEPTIONS_CFLAGS := -std=gnu17 $(EXCEPTIONS_WARNINGS) $(EXCEPTIONS_INCLUDES)
EXCEPTIONS_HEADERS := $(wildcard $(EXCEPTIONS_SOURCE)/*.h $(EXCEPTIONS_SOURCE)/native/*.h $(EXCEPTIONS_SOURCE)/stubs/*.h \
	$(EXCEPTIONS_HARNESS)/*.h $(INCLUDE)/*.h)
EXCEPTIONS_LIBRARIES := $(LIB)/libmidl_user.so.1 $(LIB)/libmidl_user.a

EXCEPTIONS_COMMON := $(patsubst %,$(EXCEPTIONS_HARNESS)/%.c,tap support child)
EXCEPTIONS_C := $(EXCEPTIONS_COMMON) $(EXCEPTIONS_SOURCE)/exceptions.c $(EXCEPTIONS_SOURCE)/trace.c \
	$(wildcard $(EXCEPTIONS_SOURCE)/test_*.c)

exceptions_library = $(if $(findstring static,$(1)),$(LIB)/libmidl_user.a,$(LIB)/libmidl_user.so.1)
exceptions_compiler = $(if $(findstring gcc,$(1)),gcc,$(CC))
exceptions_cxx = $(if $(findstring clang,$(1)),$(CC)++,g++)

EXCEPTIONS_PROGRAMS := $(EXCEPTIONS_FORMS:%=$(EXCEPTIONS)/%/exceptions) \
	$(EXCEPTIONS_CXX_FORMS:%=$(EXCEPTIONS)/%/cplusplus)
# The stubs need widl, which belongs to Wine: without it run.sh skips them.
EXCEPTIONS_STUBS := $(if $(shell command -v $(WIDL)),$(EXCEPTIONS_FORMS:%=$(EXCEPTIONS)/%/stubs))

.PHONY: exceptions exceptions-test
exceptions: $(EXCEPTIONS_PROGRAMS) $(EXCEPTIONS_STUBS)

exceptions-test: exceptions
	@$(EXCEPTIONS_SOURCE)/run.sh $(EXCEPTIONS) $(LIB) $(INCLUDE) "$(CC)"

define EXCEPTIONS_FORM_RULES
$(EXCEPTIONS)/$(1)/%.o: $(EXCEPTIONS_SOURCE)/%.c $(EXCEPTIONS_HEADERS)
	@mkdir -p $$(@D) && echo 'compile $$@' >&2
	@$(call exceptions_compiler,$(1)) $(EXCEPTIONS_CFLAGS) $(filter -O%,$(subst -, -,$(1))) \
		-DEXCEPTIONS_FORM='"$(1)"' -c -o $$@ $$<
$(EXCEPTIONS)/$(1)/%.o: $(EXCEPTIONS_HARNESS)/%.c $(EXCEPTIONS_HEADERS)
	@mkdir -p $$(@D) && echo 'compile $$@' >&2
	@$(call exceptions_compiler,$(1)) $(EXCEPTIONS_CFLAGS) -O1 -c -o $$@ $$<
$(EXCEPTIONS)/$(1)/exceptions: $(patsubst %.c,$(EXCEPTIONS)/$(1)/%.o,$(notdir $(EXCEPTIONS_C))) \
		$(EXCEPTIONS_LIBRARIES)
	@echo 'link $$@' >&2
	@$(call exceptions_compiler,$(1)) -pthread -o $$@ $$(filter %.o,$$^) $(call exceptions_library,$(1))
endef
$(foreach form,$(EXCEPTIONS_FORMS),$(eval $(call EXCEPTIONS_FORM_RULES,$(form))))

# The C helpers come from a C form.
define EXCEPTIONS_CXX_FORM_RULES
$(EXCEPTIONS)/$(1)/cplusplus: $(EXCEPTIONS_SOURCE)/test_cplusplus.cpp $(EXCEPTIONS_HEADERS) \
		$(EXCEPTIONS)/clang-O2-shared/tap.o $(EXCEPTIONS_LIBRARIES)
	@mkdir -p $$(@D) && echo 'compile $$@' >&2
	@$(call exceptions_cxx,$(1)) -std=$(2) $(EXCEPTIONS_WARNINGS) -O2 $(EXCEPTIONS_INCLUDES) \
		-DEXCEPTIONS_FORM='"$(1)"' -o $$@ $$< $$(filter %.o,$$^) $(call exceptions_library,$(1))
endef
$(foreach form,$(EXCEPTIONS_CXX_FORMS),$(eval $(call EXCEPTIONS_CXX_FORM_RULES,$(form),$(if \
	$(findstring 11,$(form)),c++11,c++20))))

# widl makes its temporary directory where it runs. The client's functions get a prefix, as client and
# manager are in one program.
EXCEPTIONS_GENERATED := $(EXCEPTIONS)/generated
EXCEPTIONS_STUBS_CFLAGS := $(EXCEPTIONS_CFLAGS) -I$(EXCEPTIONS_SOURCE)/native \
	-I$(EXCEPTIONS_SOURCE)/stubs -I$(EXCEPTIONS_GENERATED)

$(EXCEPTIONS_GENERATED)/probe.idl: $(EXCEPTIONS_SOURCE)/probe.idl
	@mkdir -p $(@D) && cp $< $@
$(EXCEPTIONS_GENERATED)/probe.h: EXCEPTIONS_WIDL := -h
$(EXCEPTIONS_GENERATED)/probe_s.c: EXCEPTIONS_WIDL := -s
$(EXCEPTIONS_GENERATED)/probe_c.c: EXCEPTIONS_WIDL := -c --prefix-client=client_
$(EXCEPTIONS_GENERATED)/probe.h $(EXCEPTIONS_GENERATED)/probe_s.c $(EXCEPTIONS_GENERATED)/probe_c.c: \
		$(EXCEPTIONS_GENERATED)/probe.idl
	@echo 'widl $@' >&2
	@cd $(@D) && $(WIDL) -m64 -Os $(EXCEPTIONS_WIDL) -o $(@F) probe.idl

define EXCEPTIONS_STUBS_RULES
$(EXCEPTIONS)/$(1)/probe_%.o: $(EXCEPTIONS_GENERATED)/probe_%.c $(EXCEPTIONS_GENERATED)/probe.h \
		$(EXCEPTIONS_HEADERS)
	@mkdir -p $$(@D) && echo 'compile $$@' >&2
	@$(call exceptions_compiler,$(1)) $(EXCEPTIONS_STUBS_CFLAGS) $(filter -O%,$(subst -, -,$(1))) \
		-w -DUSE_COMPILER_EXCEPTIONS -DCOM_NO_WINDOWS_H -include rpcndr.h -c -o $$@ $$<
$(EXCEPTIONS)/$(1)/stubs_%.o: $(EXCEPTIONS_SOURCE)/stubs/%.c $(EXCEPTIONS_HEADERS)
	@mkdir -p $$(@D) && echo 'compile $$@' >&2
	@$(call exceptions_compiler,$(1)) $(EXCEPTIONS_STUBS_CFLAGS) $(filter -O%,$(subst -, -,$(1))) \
		-DEXCEPTIONS_FORM='"$(1)"' -c -o $$@ $$<
$(EXCEPTIONS)/$(1)/stubs: $(patsubst %,$(EXCEPTIONS)/$(1)/%.o,stubs_stubs stubs_runtime probe_s \
		probe_c trace tap) $(EXCEPTIONS_LIBRARIES)
	@echo 'link $$@' >&2
	@$(call exceptions_compiler,$(1)) -pthread -o $$@ $$(filter %.o,$$^) $(call exceptions_library,$(1))
endef
$(foreach form,$(EXCEPTIONS_FORMS),$(eval $(call EXCEPTIONS_STUBS_RULES,$(form))))

# Under Winelib: the groups that need neither forked children nor a limit on memory, and one of its own.
EXCEPTIONS_WINE_FORMS := winegcc-O2-shared winegcc-O0-static
EXCEPTIONS_WINE_GROUPS := nesting orders filters codes leaving jumps volume threads package
EXCEPTIONS_WINE_C := $(patsubst %,$(EXCEPTIONS_HARNESS)/%.c,tap support) \
	$(EXCEPTIONS_SOURCE)/exceptions.c $(EXCEPTIONS_SOURCE)/trace.c \
	$(EXCEPTIONS_WINE_GROUPS:%=$(EXCEPTIONS_SOURCE)/test_%.c) $(wildcard $(EXCEPTIONS_SOURCE)/winelib/*.c)
EXCEPTIONS_WINE_LIBRARIES := $(LIB)/libmidl_user_winelib.so.1 $(LIB)/libmidl_user_winelib.a
exceptions_wine_library = $(LIB)/libmidl_user_winelib.$(if $(findstring static,$(1)),a,so.1)
EXCEPTIONS_WINE_CFLAGS = -m64 $(EXCEPTIONS_CFLAGS) -I$(EXCEPTIONS_SOURCE) -isystem $(WINE_INCLUDE)

.PHONY: winelibexceptions winelibexceptions-test
winelibexceptions: $(EXCEPTIONS_WINE_FORMS:%=$(EXCEPTIONS)/%/exceptions.exe.so)
winelibexceptions-test: winelibexceptions
	@$(EXCEPTIONS_SOURCE)/winelib/run.sh $(EXCEPTIONS) $(LIB)

# The threads of support.c are not Wine's.
define EXCEPTIONS_WINE_FORM_RULES
$(EXCEPTIONS)/$(1)/support.o: EXCEPTIONS_RENAMED := -Dthread_start=no_thread_start -Dthread_join=no_thread_join
$(patsubst %.c,$(EXCEPTIONS)/$(1)/%.o,$(notdir $(EXCEPTIONS_WINE_C))): $(EXCEPTIONS)/$(1)/%.o: \
		$(EXCEPTIONS_WINE_C) $(EXCEPTIONS_HEADERS)
	@mkdir -p $$(@D) && echo 'winegcc $$@' >&2
	@$$(WINEGCC) $$(EXCEPTIONS_WINE_CFLAGS) $(filter -O%,$(subst -, -,$(1))) $$(EXCEPTIONS_RENAMED) \
		-DEXCEPTIONS_FORM='"$(1)"' -c -o $$@ $$(filter %/$$*.c,$$^)
$(EXCEPTIONS)/$(1)/exceptions.exe.so: $(patsubst %.c,$(EXCEPTIONS)/$(1)/%.o,$(notdir $(EXCEPTIONS_WINE_C))) \
		$(EXCEPTIONS_WINE_LIBRARIES)
	@echo 'winegcc $$@' >&2
	@$$(WINEGCC) -m64 -o $$@ $$(filter %.o,$$^) $(call exceptions_wine_library,$(1)) -lrpcrt4
endef
$(foreach form,$(EXCEPTIONS_WINE_FORMS),$(eval $(call EXCEPTIONS_WINE_FORM_RULES,$(form))))
