# diagnostics.mk - builds and runs the tests of what MIDL_MEMORY chooses. Included by the top-level
# Makefile, which defines BUILD, LIB, INCLUDE and CC; run from the top level.
#
#   make diagnostics-test    everything against the shared library and the archive, TAP on standard
#                            output
#
#   make diagnostics-sanitized SANITIZER=address SANITIZED_LIBRARY=build/address/libmidl_user.a
#                            what is meaningful under a sanitizer
#
# A single fault:  MIDL_MEMORY=guard build/diagnostics/faults-static overflow

DIAGNOSTICS := $(BUILD)/diagnostics
DIAGNOSTICS_SOURCE := Tests/Diagnostics
DIAGNOSTICS_CFLAGS := -std=gnu17 -O1 -g -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-Wall -Wextra -Werror -pthread -I$(INCLUDE)
DIAGNOSTICS_HEADERS := $(wildcard $(INCLUDE)/*.h) Tests/Harness/tap.h

DIAGNOSTICS_LINK_shared := $(LIB)/libmidl_user.so.1
DIAGNOSTICS_LINK_static := $(LIB)/libmidl_user.a

.PHONY: diagnostics diagnostics-test
diagnostics: $(DIAGNOSTICS)/loaded $(foreach form,shared static,$(DIAGNOSTICS)/faults-$(form) $(DIAGNOSTICS)/choices-$(form))

diagnostics-test: diagnostics
	bash $(DIAGNOSTICS_SOURCE)/run.sh $(DIAGNOSTICS) $(LIB)

.PHONY: diagnostics-sanitized
diagnostics-sanitized: $(DIAGNOSTICS_HEADERS) $(SANITIZED_LIBRARY)
	@mkdir -p $(DIAGNOSTICS)-$(SANITIZER)
	for program in choices faults; do \
		$(CC) $(DIAGNOSTICS_CFLAGS) -fsanitize=$(SANITIZER) \
			-o $(DIAGNOSTICS)-$(SANITIZER)/$$program-static $(DIAGNOSTICS_SOURCE)/$$program.c \
			Tests/Harness/tap.c $(SANITIZED_LIBRARY) $(SANITIZED_LIBS) || exit 1; done
	bash $(DIAGNOSTICS_SOURCE)/run.sh --sanitized $(SANITIZER) $(DIAGNOSTICS)-$(SANITIZER)

$(DIAGNOSTICS)/loaded: $(DIAGNOSTICS_SOURCE)/loaded.c Tests/Harness/tap.c $(DIAGNOSTICS_HEADERS) \
		$(LIB)/libmidl_user.so.1 $(LIB)/libmidl_diagnostics.so.1
	@mkdir -p $(@D)
	$(CC) $(DIAGNOSTICS_CFLAGS) -o $@ $(filter %.c,$^)

define diagnostics-form
$(DIAGNOSTICS)/faults-$(1) $(DIAGNOSTICS)/choices-$(1): $(DIAGNOSTICS)/%-$(1): \
		$(DIAGNOSTICS_SOURCE)/%.c Tests/Harness/tap.c $(DIAGNOSTICS_HEADERS) \
		$(LIB)/libmidl_user.so.1 $(LIB)/libmidl_diagnostics.so.1 $(LIB)/libmidl_user.a
	@mkdir -p $$(@D)
	$$(CC) $(DIAGNOSTICS_CFLAGS) -o $$@ $$< Tests/Harness/tap.c $(DIAGNOSTICS_LINK_$(1))
endef
$(foreach form,shared static,$(eval $(call diagnostics-form,$(form))))
