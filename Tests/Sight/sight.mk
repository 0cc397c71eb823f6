# sight.mk - builds and runs the tests of what memcheck and the address sanitizer see. Included by the
# top-level Makefile, which defines BUILD, LIB, INCLUDE and CC; run from the top level.
#
#   make sight-test          forced faults, and suites of C programs without a false report, TAP on
#                            standard output
#   make sight-all           every suite under both tools and the thread sanitizer; see below
#   make sight-sanitized     the faults with the library instrumented too; see harness.mk
#
# A single fault:  valgrind build/sight/faults-shared use-after-disable

SIGHT := $(BUILD)/sight
SIGHT_SOURCE := Tests/Sight
# DWARF 4: what valgrind reads.
SIGHT_CFLAGS := -std=gnu17 -O1 -gdwarf-4 -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-Wall -Wextra -Werror -pthread -I$(INCLUDE)
SIGHT_FORMS := shared static shared-address shared-address-gcc static-address
SIGHT_LIBRARIES := $(LIB)/libmidl_user.so.1 $(LIB)/libmidl_diagnostics.so.1 $(LIB)/libmidl_user.a
SIGHT_HEADERS := $(wildcard $(INCLUDE)/*.h)

SIGHT_SUITES := harness package failing exhaustion own exceptions situations watches model lost leaky \
	choices loaded

sight-compiler = $(if $(findstring gcc,$(1)),gcc,$(CC) $(if $(findstring address,$(1)),-fuse-ld=lld))
sight-sanitizer = $(if $(findstring address,$(1)),-fsanitize=address)
sight-library = $(LIB)/libmidl_user.$(if $(findstring static,$(1)),a,so.1)

.PHONY: sight sight-test sight-all sight-sanitized
sight: $(SIGHT_FORMS:%=$(SIGHT)/faults-%) $(foreach suite,harness package,$(SIGHT)/$(suite)-memcheck \
	$(SIGHT)/$(suite)-address)

SIGHT_RUN := bash $(SIGHT_SOURCE)/run.sh $(SIGHT) $(LIB) $(BUILD)
sight-test: sight harness package exceptions
	@$(SIGHT_RUN) short

# An hour: not in make test. UnderValgrindAndASan says what each part runs, and how long it took. A part by
# itself: make sight-all SIGHT_PARTS=memcheck
SIGHT_PARTS := memcheck xctest address asan tsan
SIGHT_RUN_PART = '$(1)=SIGHT_ALL=1 $(SIGHT_RUN) $(1)'
SIGHT_RUN_PARTS := $(foreach part,$(filter-out asan tsan,$(SIGHT_PARTS)),$(call SIGHT_RUN_PART,$(part)))
sight-all: setup-test sight exceptions $(foreach suite,$(SIGHT_SUITES),$(SIGHT)/$(suite)-memcheck $(SIGHT)/$(suite)-address)
	$(if $(filter memcheck,$(SIGHT_PARTS)),@$(MAKE) --no-print-directory examples-test)
	$(if $(filter xctest,$(SIGHT_PARTS)),@$(IN_BUILD) swift build --build-tests -c release \
		-Xswiftc -enable-testing --scratch-path $(BUILD)/swift-optimised)
	$(if $(SIGHT_RUN_PARTS),@Tests/Setup/suites.sh $(RESULTS)/sight $(SIGHT_RUN_PARTS))
	$(if $(filter asan,$(SIGHT_PARTS)),+@$(MAKE) --no-print-directory asan)
	$(if $(filter tsan,$(SIGHT_PARTS)),+@$(MAKE) --no-print-directory tsan)

sight-sanitized: $(SANITIZED_LIBRARY)
	@mkdir -p $(SIGHT)
	$(CC) $(SIGHT_CFLAGS) -fsanitize=$(SANITIZER) -o $(SIGHT)/faults-$(SANITIZER) \
		$(SIGHT_SOURCE)/faults.c $(SANITIZED_LIBRARY) $(SANITIZED_LIBS)
	bash $(SIGHT_SOURCE)/run.sh --faults $(SIGHT)/faults-$(SANITIZER)

define sight-form
$(SIGHT)/faults-$(1): $(SIGHT_SOURCE)/faults.c $(SIGHT_HEADERS) $(SIGHT_LIBRARIES)
	@mkdir -p $$(@D)
	$(call sight-compiler,$(1)) $(SIGHT_CFLAGS) $(call sight-sanitizer,$(1)) -o $$@ $$< \
		$(call sight-library,$(1))
endef
$(foreach form,$(SIGHT_FORMS),$(eval $(call sight-form,$(form))))

# The programs of the suites once more, with the library as it is shipped: for memcheck with smaller
# counts and frames that it finds, and with the sanitizer in the program.
SIGHT_TOOLS := memcheck address
SIGHT_SUITE_CFLAGS := $(SIGHT_CFLAGS) -rdynamic -I$(HARNESS_SOURCE) -I$(PACKAGE_SOURCE)
SIGHT_SUITE_memcheck := -DWATCHED=1
SIGHT_SUITE_address := -fuse-ld=lld -fsanitize=address
SIGHT_PAIR := $(patsubst %,$(HARNESS_SOURCE)/%.c,pair_linked $(HARNESS_COMMON))
SIGHT_SOURCES_harness := $(SIGHT_PAIR) $(HARNESS_MAIN:%=$(HARNESS_SOURCE)/%.c)
SIGHT_SOURCES_failing := $(SIGHT_PAIR) $(HARNESS_FAILING:%=$(HARNESS_SOURCE)/%.c)
SIGHT_SOURCES_own := $(patsubst %,$(HARNESS_SOURCE)/%.c,test_own tap)
SIGHT_SOURCES_package := $(PACKAGE_ALL_SOURCES)
SIGHT_SOURCES_exhaustion := $(foreach name,test_exhaustion $(PACKAGE_EXHAUSTION),$(firstword \
	$(wildcard $(PACKAGE_SOURCE)/$(name).c $(HARNESS_SOURCE)/$(name).c)))
SIGHT_SOURCES_exceptions := $(EXCEPTIONS_C)
SIGHT_SOURCES_choices := $(DIAGNOSTICS_SOURCE)/choices.c $(HARNESS_SOURCE)/tap.c
SIGHT_SOURCES_loaded := $(DIAGNOSTICS_SOURCE)/loaded.c $(HARNESS_SOURCE)/tap.c
$(foreach program,$(ORPHANS_PROGRAMS),$(eval SIGHT_SOURCES_$(program) := \
	$(ORPHANS_SOURCE)/$(program).c $(ORPHANS_SOURCE)/graph.c $(HARNESS_SOURCE)/tap.c))
$(foreach program,$(ORPHANS_REPORTED),$(eval SIGHT_SOURCES_$(program) := $(ORPHANS_SOURCE)/$(program).c))

define sight-suite
$(SIGHT)/$(1)-$(2): $(SIGHT_SOURCES_$(1)) $(HARNESS_HEADERS) $(PACKAGE_HEADERS) $(EXCEPTIONS_HEADERS) \
		$(ORPHANS_HEADERS) $(SIGHT_LIBRARIES)
	@mkdir -p $$(@D)
	$(CC) $(SIGHT_SUITE_CFLAGS) $(SIGHT_SUITE_$(2)) $(foreach suite,PAIR PACKAGE EXCEPTIONS, \
		-D$(suite)_FORM='"$(2)"') -o $$@ $(SIGHT_SOURCES_$(1)) $(if $(filter \
		loaded,$(1)),,$(LIB)/libmidl_user.so.1)
endef
$(foreach suite,$(SIGHT_SUITES),$(foreach tool,$(SIGHT_TOOLS),$(eval $(call sight-suite,$(suite),$(tool)))))
