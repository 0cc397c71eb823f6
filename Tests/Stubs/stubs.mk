# Generated stubs under Wine: widl makes them, winegcc links a server and a client for each mode.
#
# Included by the top-level Makefile and run from the repository root. Given: BUILD, LIB, INCLUDE.
#
#   stubs        both programs in both modes of widl, under $(BUILD)/stubs
#   stubs-test   every call in two modes over two transports; TAP on standard output
#   stubs-run    the same calls as tables for a reader
#
#   interfaces/  IDL and ACF, one file for each topic
#   managers/    what the server does in each call; one manager is in C and again in Swift
#   calls/       what the client does, and the numbers that each call must show
#   hooks/       what MIDL's stubs do for [enable_allocate], which widl does not know
#   package/     the vectors of the package that need no call
#   measure/     the counting wrapper around the pair, the data checks, the pair's origin
#   report/      one call measured on both sides; TAP; the table
#   transport/   the two programs; run-stubs starts and ends them
#
# To link the archive: make stubs-test STUBS=build/stubs-static STUBS_LIBRARY=$(LIB)/....a
#
# All paths are relative to the root, so that a checkout below a directory with a space works.
# Standard output is for TAP and tables alone: the rules name what they do on standard error.

WIDL ?= widl-stable
WINEGCC ?= winegcc-stable
WINE64 ?= /usr/lib/wine/wine64
WINESERVER ?= /usr/lib/wine/wineserver64
WINE_INCLUDE ?= /usr/include/wine

# The library to link; an archive does as well.
STUBS_LIBRARY ?= $(LIB)/libmidl_user_winelib.so.1

STUBS := $(BUILD)/stubs
STUBS_SOURCE := Tests/Stubs

STUBS_INTERFACES := lists trees pointers text arrays unions context failures control \
    package vectors roster
# Those with [enable_allocate].
STUBS_HOOKED := package roster
STUBS_MODES := Os Oicf

STUBS_GENERATED_HEADERS := $(STUBS_INTERFACES:%=$(STUBS)/include/%.h)
STUBS_HEADERS := $(STUBS_GENERATED_HEADERS) $(wildcard $(STUBS_SOURCE)/*.h $(STUBS_SOURCE)/*/*.h \
    $(INCLUDE)/*.h)
STUBS_IDL := $(patsubst $(STUBS_SOURCE)/interfaces/%,$(STUBS)/idl/%,$(wildcard \
    $(STUBS_SOURCE)/interfaces/*.idl $(STUBS_SOURCE)/interfaces/*.acf))

# calls/text.c and managers/text.c share a name, hence objects in the directories of their sources.
stubs_objects = $(patsubst $(STUBS_SOURCE)/%.c,$(STUBS)/objects/%.o,$(wildcard $(1)))
STUBS_SHARED_OBJECTS := $(call stubs_objects,$(STUBS_SOURCE)/graphs.c $(STUBS_SOURCE)/measure/*.c \
    $(STUBS_SOURCE)/package/*.c $(STUBS_SOURCE)/transport/binding.c)
STUBS_SERVER_OBJECTS := $(STUBS_SHARED_OBJECTS) $(call stubs_objects,$(STUBS_SOURCE)/managers/*.c \
    $(STUBS_SOURCE)/hooks/*.c $(STUBS_SOURCE)/transport/server.c)
STUBS_SWIFT_SERVER_OBJECTS := $(filter-out %/managers/roster.o,$(STUBS_SERVER_OBJECTS)) \
    $(call stubs_objects,$(STUBS_SOURCE)/managers/swift/*.c)
STUBS_CLIENT_OBJECTS := $(STUBS_SHARED_OBJECTS) $(call stubs_objects,$(STUBS_SOURCE)/calls/*.c \
    $(STUBS_SOURCE)/report/*.c $(STUBS_SOURCE)/transport/client.c)

STUBS_CFLAGS := -m64 -std=gnu11 -O1 -g -Wall -Wextra -Werror
STUBS_INCLUDES := -I$(STUBS)/include -I$(STUBS_SOURCE) -I$(STUBS_SOURCE)/measure \
    -I$(STUBS_SOURCE)/calls -I$(STUBS_SOURCE)/managers -I$(STUBS_SOURCE)/report \
    -I$(STUBS_SOURCE)/transport -I$(INCLUDE) -isystem $(WINE_INCLUDE)
STUBS_GENERATED_CFLAGS := -m64 -std=gnu11 -O1 -g -w -I$(STUBS)/include -I$(STUBS_SOURCE) \
    -I$(INCLUDE) -isystem $(WINE_INCLUDE)

# Every reference to the pair goes through measure/ledger.c, which calls the library.
STUBS_LDFLAGS := -m64 -Wl,--wrap=MIDL_user_allocate -Wl,--wrap=MIDL_user_free
STUBS_LDLIBS := -lrpcrt4 -ldl

include $(STUBS_SOURCE)/managers/swift/swift.mk

STUBS_PROGRAMS := $(foreach mode,$(STUBS_MODES),$(STUBS)/$(mode)/server.exe.so \
    $(STUBS)/$(mode)/swift-server.exe.so $(STUBS)/$(mode)/client.exe.so)

# widl makes its temporary directory where it runs, and with an ACF leaves it there: each run gets a
# directory of its own, two levels below $(STUBS), and works on copies.
$(STUBS_IDL): $(STUBS)/idl/%: $(STUBS_SOURCE)/interfaces/%
	@mkdir -p $(@D)
	@cp $< $@

# An ACF belongs to the interface of its name; widl reads it only when told to.
stubs_acf = $(patsubst $(STUBS)/idl/%,--acf=../../idl/%,$(filter %/$(1).acf,$(STUBS_IDL)))

STUBS_HOOKS := $(STUBS_SOURCE)/hooks/insert-hooks $(wildcard $(STUBS_SOURCE)/hooks/*.sed)

# $(call stubs_widl,INTERFACE,OPTIONS)
stubs_widl = mkdir -p $@.tmp && \
    (cd $@.tmp && $(WIDL) -m64 -I$(WINE_INCLUDE)/wine/windows -I../../idl \
        $(call stubs_acf,$(1)) $(2) ../../idl/$(1).idl) && \
    rm -r $@.tmp

# $(call stubs_hooks,MODE,SIDE): the stub that widl wrote is edited in place.
stubs_hooks = $(if $(filter $(STUBS_HOOKED),$*),&& \
    $(STUBS_SOURCE)/hooks/insert-hooks $(1) $(2) $@ >$@.hooked && mv $@.hooked $@)

$(STUBS_GENERATED_HEADERS): $(STUBS)/include/%.h: $(STUBS_IDL)
	@echo 'widl -h $*.idl' >&2
	@$(call stubs_widl,$*,-h -H ../$*.h)

$(sort $(STUBS_SERVER_OBJECTS) $(STUBS_SWIFT_SERVER_OBJECTS) $(STUBS_CLIENT_OBJECTS)): \
    $(STUBS)/objects/%.o: $(STUBS_SOURCE)/%.c $(STUBS_HEADERS)
	@mkdir -p $(@D)
	@echo 'winegcc $<' >&2
	@$(WINEGCC) $(STUBS_CFLAGS) $(STUBS_INCLUDES) -c -o $@ $<

define STUBS_MODE_RULES
$(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_c.c): $(STUBS)/$(1)/%_c.c: $(STUBS_IDL) $(STUBS_HOOKS)
	@echo 'widl -$(1) -c $$*.idl' >&2
	@$$(call stubs_widl,$$*,-$(1) -H $$*.h -c -C ../$$*_c.c) $$(call stubs_hooks,$(1),c)

$(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_s.c): $(STUBS)/$(1)/%_s.c: $(STUBS_IDL) $(STUBS_HOOKS)
	@echo 'widl -$(1) -s $$*.idl' >&2
	@$$(call stubs_widl,$$*,-$(1) -H $$*.h -s -S ../$$*_s.c) $$(call stubs_hooks,$(1),s)

# For the server's calls to itself: client and manager routines have the same names.
$(STUBS)/$(1)/package_self.c: $(STUBS_IDL) $(STUBS_HOOKS)
	@echo 'widl -$(1) -c package.idl, for the server' >&2
	@$$(call stubs_widl,package,-$(1) -H package.h --prefix-client=self_ -c -C ../package_self.c) && \
	    $(STUBS_SOURCE)/hooks/insert-hooks $(1) c $$@ >$$@.hooked && mv $$@.hooked $$@

$(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_c.o) $(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_s.o) \
    $(STUBS)/$(1)/package_self.o: $(STUBS)/$(1)/%.o: $(STUBS)/$(1)/%.c $(STUBS_GENERATED_HEADERS)
	@echo 'winegcc $(1)/$$(<F)' >&2
	@$$(WINEGCC) $$(STUBS_GENERATED_CFLAGS) -c -o $$@ $$<

$(STUBS)/$(1)/server.exe.so: $(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_s.o) $(STUBS)/$(1)/package_self.o \
    $(STUBS_SERVER_OBJECTS) $(STUBS_LIBRARY)
$(STUBS)/$(1)/swift-server.exe.so: $(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_s.o) \
    $(STUBS)/$(1)/package_self.o $(STUBS_SWIFT_SERVER_OBJECTS) $(STUBS_SWIFT_LIBRARY)
$(STUBS)/$(1)/client.exe.so: $(STUBS_INTERFACES:%=$(STUBS)/$(1)/%_c.o) $(STUBS_CLIENT_OBJECTS) \
    $(STUBS_LIBRARY)
endef
$(foreach mode,$(STUBS_MODES),$(eval $(call STUBS_MODE_RULES,$(mode))))

$(STUBS_PROGRAMS):
	@echo 'winegcc $(patsubst $(STUBS)/%,%,$@)' >&2
	@$(WINEGCC) $(STUBS_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(filter %.so %.so.1,$^) \
	    $(STUBS_LDLIBS)

STUBS_SESSION = WINE64='$(WINE64)' WINESERVER='$(WINESERVER)' \
    $(STUBS_SOURCE)/run-stubs '$(STUBS)' '$(STUBS_LIBRARY)' '$(STUBS_SWIFT_LIBRARY)'

.PHONY: stubs stubs-test stubs-run

stubs: $(STUBS_PROGRAMS)

stubs-test: stubs
	@$(STUBS_SESSION) test

stubs-run: stubs
	@$(STUBS_SESSION) run
