# sight.mk - builds and runs the tests of what memcheck and the address sanitizer see. Included by the
# top-level Makefile, which defines BUILD, LIB, INCLUDE and CC; run from the top level.
#
#   make sight-test          forced faults, and suites of C programs without a false report, TAP on
#                            standard output
#   make sight-test SIGHT_ALL=1    all groups of the suites, which takes half an hour
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

sight-compiler = $(if $(findstring gcc,$(1)),gcc,$(CC) $(if $(findstring address,$(1)),-fuse-ld=lld))
sight-sanitizer = $(if $(findstring address,$(1)),-fsanitize=address)
sight-library = $(LIB)/libmidl_user.$(if $(findstring static,$(1)),a,so.1)

.PHONY: sight sight-test sight-sanitized
sight: $(SIGHT_FORMS:%=$(SIGHT)/faults-%) $(SIGHT)/harness-address $(SIGHT)/package-address

sight-test: sight harness package exceptions
	@SIGHT_ALL=$(SIGHT_ALL) bash $(SIGHT_SOURCE)/run.sh $(SIGHT) $(LIB) $(BUILD)

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

# The suites with the sanitizer in the program and the library as it is shipped.
$(SIGHT)/harness-address: $(HARNESS_HEADERS) $(SIGHT_LIBRARIES)
	@mkdir -p $(@D)
	$(CC) -fuse-ld=lld $(HARNESS_CFLAGS) -fsanitize=address -DPAIR_FORM='"address"' -o $@ \
		$(HARNESS_SOURCE)/pair_linked.c $(HARNESS_COMMON:%=$(HARNESS_SOURCE)/%.c) \
		$(HARNESS_MAIN:%=$(HARNESS_SOURCE)/%.c) $(LIB)/libmidl_user.so.1
$(SIGHT)/package-address: $(PACKAGE_HEADERS) $(SIGHT_LIBRARIES)
	@mkdir -p $(@D)
	$(CC) -fuse-ld=lld $(PACKAGE_CFLAGS) -fsanitize=address -DPACKAGE_FORM='"address"' -o $@ \
		$(PACKAGE_ALL_SOURCES) $(LIB)/libmidl_user.so.1
