# orphans.mk - orphans and leaks: what the library finds, what it keeps, what it prints. Included by
# the top-level Makefile; run from the top level.
#
#   make orphans-test        everything, TAP on standard output
#   make orphans-sanitized SANITIZER=address SANITIZED_LIBRARY=build/address/libmidl_user.a
#                            what is meaningful under a sanitizer
#
# A single program:  build/orphans/situations-static

ORPHANS := $(BUILD)/orphans
ORPHANS_SOURCE := Tests/Orphans
ORPHANS_PROGRAMS := situations watches model
# What the shell scripts run.
ORPHANS_REPORTED := leaky lost
ORPHANS_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -pthread -I$(INCLUDE) -I$(HARNESS_SOURCE)
ORPHANS_HEADERS := $(wildcard $(ORPHANS_SOURCE)/*.h) $(HARNESS_HEADERS)
ORPHANS_FORMS := shared static

.PHONY: orphans orphans-test
orphans: $(foreach program,$(ORPHANS_REPORTED),$(ORPHANS_FORMS:%=$(ORPHANS)/$(program)-%)) \
		$(foreach form,$(ORPHANS_FORMS),$(ORPHANS_PROGRAMS:%=$(ORPHANS)/%-$(form)))

orphans-test: setup-tool orphans
	@bash $(ORPHANS_SOURCE)/run.sh $(ORPHANS) $(LIB) $(ORPHANS_PROGRAMS)

$(ORPHANS):
	mkdir -p $@

# A walk reads what other threads write.
ORPHANS_PROGRAMS_address := situations watches model
ORPHANS_PROGRAMS_thread := situations model

.PHONY: orphans-sanitized
orphans-sanitized: $(ORPHANS_HEADERS) $(SANITIZED_LIBRARY)
	@mkdir -p $(ORPHANS)-$(SANITIZER)
	for program in $(ORPHANS_PROGRAMS_$(SANITIZER)); do \
		$(CC) $(ORPHANS_CFLAGS) -fsanitize=$(SANITIZER) -DPAIR_FORM='"$(SANITIZER)"' \
			-o $(ORPHANS)-$(SANITIZER)/$$program $(ORPHANS_SOURCE)/$$program.c \
			$(ORPHANS_SOURCE)/graph.c $(HARNESS_SOURCE)/tap.c \
			$(SANITIZED_LIBRARY) $(SANITIZED_LIBS) || exit 1; done
	@bash $(ORPHANS_SOURCE)/run.sh --sanitized $(ORPHANS)-$(SANITIZER) $(ORPHANS_PROGRAMS_$(SANITIZER))

define orphans-form
$(ORPHANS_PROGRAMS:%=$(ORPHANS)/%-$(1)): $(ORPHANS)/%-$(1): $(ORPHANS_SOURCE)/%.c \
		$(ORPHANS_SOURCE)/graph.c $(HARNESS_SOURCE)/tap.c $(ORPHANS_HEADERS) \
		$(HARNESS_LINK_$(1)) | $(ORPHANS)
	$$(CC) $$(ORPHANS_CFLAGS) -DPAIR_FORM='"$(1)"' -rdynamic -o $$@ $$(filter %.c,$$^) \
		$$(HARNESS_LINK_$(1))
endef
define orphans-reported
$(ORPHANS_REPORTED:%=$(ORPHANS)/%-$(1)): $(ORPHANS)/%-$(1): $(ORPHANS_SOURCE)/%.c \
		$(INCLUDE)/midl_memory.h $(HARNESS_LINK_$(1)) | $(ORPHANS)
	$$(CC) $$(ORPHANS_CFLAGS) -rdynamic -o $$@ $$< $$(HARNESS_LINK_$(1))
endef
$(foreach form,$(ORPHANS_FORMS),$(eval $(call orphans-reported,$(form))))

$(foreach form,$(ORPHANS_FORMS),$(eval $(call orphans-form,$(form))))
$(ORPHANS_PROGRAMS:%=$(ORPHANS)/%-shared) $(ORPHANS_REPORTED:%=$(ORPHANS)/%-shared): \
		$(LIB)/libmidl_diagnostics.so.1
