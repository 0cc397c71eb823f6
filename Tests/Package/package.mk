# package.mk - builds and runs the C tests of the RpcSs package. Included by the top-level Makefile,
# which defines BUILD, LIB, INCLUDE and CC and says how the libraries are made; run from the top
# level. All paths are relative, so that the checkout may lie below a directory with spaces in its
# name.
#
#   make package             build everything below $(BUILD)/package
#   make package-test        run everything against the shared library and the archive, TAP on
#                            standard output
#   make package-sanitized SANITIZER=thread SANITIZED_LIBRARY=build/thread/libmidl_user.a
#                            build and run what is meaningful under a sanitizer; SANITIZED_LIBS
#                            is added to the link
#
# A single group:  build/package/package-static handles

PACKAGE := $(BUILD)/package
PACKAGE_SOURCE := Tests/Package
# What the harness has for every test: TAP, threads, children, failing system calls, an engine.
PACKAGE_HELPERS := Tests/Harness
PACKAGE_CFLAGS := -std=gnu17 -O1 -gdwarf-4 -Wall -Wextra -Werror -pthread -I$(INCLUDE) \
	-I$(PACKAGE_HELPERS)
PACKAGE_HEADERS := $(wildcard $(PACKAGE_SOURCE)/*.h $(PACKAGE_HELPERS)/*.h $(INCLUDE)/*.h)

PACKAGE_FORMS := shared static
PACKAGE_GROUPS := status vectors ndr exceptions slots handles free misuse contents memory sharing \
	disabling thread_ends stub_hooks client_pair limit fork
# Those that depend on the form alone are compiled once for each.
PACKAGE_COMMON := check forms tap support child
PACKAGE_MAIN := $(PACKAGE_COMMON) misuse stub_engine $(PACKAGE_GROUPS:%=test_%)
PACKAGE_EXHAUSTION := $(PACKAGE_COMMON) failing_calls

PACKAGE_LINK_shared := $(LIB)/libmidl_user.so.1
PACKAGE_LINK_static := $(LIB)/libmidl_user.a

# The groups that sanitizers can say something about. The others measure memory, end by SIGABRT, or
# put a limit on an address space that a sanitizer fills.
PACKAGE_GROUPS_address := status vectors ndr exceptions slots handles free contents sharing \
	disabling thread-ends stub-hooks client-pair fork
PACKAGE_GROUPS_thread := $(PACKAGE_GROUPS_address)

PACKAGE_PROGRAMS := $(foreach form,$(PACKAGE_FORMS),\
	$(PACKAGE)/package-$(form) $(PACKAGE)/exhaustion-$(form))

.PHONY: package package-test package-sanitized
package: $(PACKAGE_PROGRAMS)

package-test: package
	bash $(PACKAGE_SOURCE)/run.sh $(PACKAGE) $(LIB)

$(PACKAGE):
	mkdir -p $@

$(PACKAGE)/%.o: $(PACKAGE_SOURCE)/%.c $(PACKAGE_HEADERS) | $(PACKAGE)
	$(CC) $(PACKAGE_CFLAGS) -c -o $@ $<

$(PACKAGE)/%.o: $(PACKAGE_HELPERS)/%.c $(PACKAGE_HEADERS) | $(PACKAGE)
	$(CC) $(PACKAGE_CFLAGS) -c -o $@ $<

define package-form
$(PACKAGE)/package-$(1).o $(PACKAGE)/exhaustion-$(1).o: $(PACKAGE)/%-$(1).o: $(PACKAGE_HEADERS) \
		$(PACKAGE_SOURCE)/package.c $(PACKAGE_SOURCE)/test_exhaustion.c | $(PACKAGE)
	$$(CC) $(PACKAGE_CFLAGS) -DPACKAGE_FORM='"$(1)"' -c -o $$@ \
		$(PACKAGE_SOURCE)/$$(if $$(filter package,$$*),package,test_exhaustion).c
$(PACKAGE)/package-$(1): $(PACKAGE)/package-$(1).o $(PACKAGE_MAIN:%=$(PACKAGE)/%.o)
$(PACKAGE)/exhaustion-$(1): $(PACKAGE)/exhaustion-$(1).o $(PACKAGE_EXHAUSTION:%=$(PACKAGE)/%.o)
$(PACKAGE)/package-$(1) $(PACKAGE)/exhaustion-$(1): $(LIB)/libmidl_user.so.1 $(LIB)/libmidl_user.a
	$$(CC) -pthread $$(if $$(findstring exhaustion,$$@),-rdynamic) -o $$@ $$(filter %.o,$$^) \
		$(PACKAGE_LINK_$(1))
endef
$(foreach form,$(PACKAGE_FORMS),$(eval $(call package-form,$(form))))

# One compilation: a sanitizer build is rare, and its objects must not be mixed with the others.
PACKAGE_ALL_SOURCES = $(foreach name,package $(PACKAGE_MAIN),$(firstword \
	$(wildcard $(PACKAGE_SOURCE)/$(name).c $(PACKAGE_HELPERS)/$(name).c)))
package-sanitized: $(PACKAGE_HEADERS) $(SANITIZED_LIBRARY)
	mkdir -p $(BUILD)/package-$(SANITIZER)
	$(CC) $(PACKAGE_CFLAGS) -fsanitize=$(SANITIZER) -DPACKAGE_FORM='"$(SANITIZER)"' \
		-o $(BUILD)/package-$(SANITIZER)/package $(PACKAGE_ALL_SOURCES) \
		$(SANITIZED_LIBRARY) $(SANITIZED_LIBS)
	bash $(PACKAGE_SOURCE)/run.sh --groups $(BUILD)/package-$(SANITIZER)/package \
		$(PACKAGE_GROUPS_$(SANITIZER))
