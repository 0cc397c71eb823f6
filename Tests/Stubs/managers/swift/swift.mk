# The library with a manager in Swift: MIDLMemory as an ordinary Swift module, the manager that
# imports it, and the C of the Winelib library, in one shared object with the Swift runtime.
#
# One object, because a process must have one heap: the server links this in the place of
# libmidl_user_winelib, whose Swift is of the Embedded kind and does not meet this one. It exports
# what that exports, and the manager's functions.
#
# Included by stubs.mk. Given besides: SWIFTC, CC, MODULE_MAPS, SWIFT_SOURCES, C_SOURCES, C_HEADERS,
# FEATURES, WINELIB_CFLAGS of the top-level Makefile.

STUBS_SWIFT := $(STUBS)/swift
STUBS_SWIFT_SOURCE := $(STUBS_SOURCE)/managers/swift
STUBS_SWIFT_LIBRARY := $(STUBS_SWIFT)/libstubs_swift.so.1

STUBS_SWIFTFLAGS := -wmo -parse-as-library -O -g -swift-version 6 -strict-memory-safety \
    -warnings-as-errors -static-stdlib $(MODULE_MAPS) -ISources/Platform/include \
    -ISources/Shim/include -Xcc -fPIC
STUBS_SWIFT_OBJECTS := $(STUBS_SWIFT)/MIDLMemory.o $(STUBS_SWIFT)/Roster.o \
    $(C_SOURCES:Sources/%.c=$(STUBS_SWIFT)/%.o)

$(STUBS_SWIFT)/MIDLMemory.o: $(SWIFT_SOURCES) $(C_HEADERS)
	@mkdir -p $(@D)
	@echo 'swiftc MIDLMemory' >&2
	@$(SWIFTC) $(STUBS_SWIFTFLAGS) -module-name MIDLMemory \
	    -emit-module -emit-module-path $(@:.o=.swiftmodule) -c $(SWIFT_SOURCES) -o $@

$(STUBS_SWIFT)/Roster.o: $(STUBS_SWIFT_SOURCE)/Roster.swift $(STUBS_SWIFT_SOURCE)/Roster.h \
    $(STUBS_SWIFT_SOURCE)/module.modulemap $(STUBS_SWIFT)/MIDLMemory.o
	@echo 'swiftc $<' >&2
	@$(SWIFTC) $(STUBS_SWIFTFLAGS) -module-name RosterManager -I$(STUBS_SWIFT) \
	    -I$(STUBS_SWIFT_SOURCE) -c $< -o $@

$(C_SOURCES:Sources/%.c=$(STUBS_SWIFT)/%.o): $(STUBS_SWIFT)/%.o: Sources/%.c $(C_HEADERS)
	@mkdir -p $(@D)
	@$(CC) -O2 -g -std=c17 -fPIC -fvisibility=hidden $(FEATURES) $(WINELIB_CFLAGS) -I$(INCLUDE) \
	    -ISources/Platform/include -ISources/Shim/include -c $< -o $@

# Everything but the API stays inside, the runtime too.
$(STUBS_SWIFT)/exports.map: Sources/Shim/exports.map
	@mkdir -p $(@D)
	@sed 's/^    global:$$/&\n        roster_fill;\n        roster_fill_language;/' $< >$@

$(STUBS_SWIFT_LIBRARY): $(STUBS_SWIFT_OBJECTS) $(STUBS_SWIFT)/exports.map
	@echo 'swiftc $(@F)' >&2
	@$(SWIFTC) -static-stdlib -emit-library -use-ld=lld -o $@ $(filter %.o,$^) \
	    $(addprefix -Xlinker ,-soname=$(@F) -z nodelete -z now \
	        --version-script=$(STUBS_SWIFT)/exports.map --undefined-version)
