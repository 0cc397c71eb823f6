# make            the libraries, under build/lib
# make run        real stubs, real calls: who allocated and freed what
# make test       everything; make test-native leaves Wine out
# make help       the other targets

SHELL := /bin/bash -o pipefail
.DELETE_ON_ERROR:
.SUFFIXES:

BUILD := build
LIB := $(BUILD)/lib
INCLUDE := Include

SWIFTC := swiftc
CC := clang
OBJCOPY := llvm-objcopy

.PHONY: all
all: native


# ---- The libraries ---------------------------------------------------------
#
# The Swift as one Embedded module and the C, all compiled to LLVM bitcode and
# optimised together at the link, so that the shim's calls into Swift vanish.

SWIFT_SOURCES := $(wildcard Sources/MIDLMemory/*/*.swift)
C_SOURCES := $(wildcard Sources/Platform/*.c Sources/Shim/*.c)
C_HEADERS := $(wildcard Sources/*/include/* $(INCLUDE)/*.h)
PUBLIC_HEADERS := $(INCLUDE)/midl_user.h $(INCLUDE)/midl_memory.h

OBJ := $(BUILD)/obj
CFLAGS := -O2 -g -std=c17 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -flto=full \
	-I$(INCLUDE) -ISources/Platform/include -ISources/Shim/include
WINELIB_CFLAGS := '-D__RPC_API=__attribute__((ms_abi))' '-D__RPC_USER=__attribute__((ms_abi))'
MODULE_MAPS := $(patsubst %,-Xcc -fmodule-map-file=Sources/%/include/module.modulemap,Platform Shim)
SWIFTFLAGS := -enable-experimental-feature Embedded -wmo -parse-as-library -O -g \
	-swift-version 6 -strict-memory-safety -warnings-as-errors -module-name MIDLMemory \
	$(MODULE_MAPS) -ISources/Platform/include -ISources/Shim/include
LDFLAGS := -fuse-ld=lld -flto=full -O2 -nostartfiles -Wl,--gc-sections
PUBLIC_NAMES = $(shell Sources/Shim/check-exports.sh --names $(PUBLIC_HEADERS))
SHARED_LDFLAGS := $(LDFLAGS) -shared -Wl,-z,defs,-z,relro,-z,now,-z,nodelete,-z,noexecstack \
	-Wl,--version-script=Sources/Shim/exports.map

$(OBJ)/swift.o: $(SWIFT_SOURCES) $(C_HEADERS) Makefile
	@mkdir -p $(@D)
	$(SWIFTC) $(SWIFTFLAGS) -lto=llvm-full -Xcc -fPIC -c $(SWIFT_SOURCES) -o $@

$(OBJ)/%.o: Sources/%.c $(C_HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(OBJ)/winelib/%.o: Sources/%.c $(C_HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WINELIB_CFLAGS) -c $< -o $@

NATIVE_OBJECTS := $(OBJ)/swift.o $(C_SOURCES:Sources/%.c=$(OBJ)/%.o)
WINELIB_OBJECTS := $(OBJ)/swift.o $(patsubst Sources/%.c,$(OBJ)/%.o,$(filter Sources/Platform/%,$(C_SOURCES))) \
	$(patsubst Sources/%.c,$(OBJ)/winelib/%.o,$(filter Sources/Shim/%,$(C_SOURCES)))

.PHONY: native winelib
native: $(LIB)/libmidl_user.so $(LIB)/libmidl_user.a
winelib: $(LIB)/libmidl_user_winelib.so $(LIB)/libmidl_user_winelib.a

$(LIB)/libmidl_user.so.1: $(NATIVE_OBJECTS)
$(LIB)/libmidl_user_winelib.so.1: $(WINELIB_OBJECTS)
$(LIB)/%.so.1: Sources/Shim/exports.map
	@mkdir -p $(@D)
	$(CC) $(SHARED_LDFLAGS) -Wl,-soname,$(@F) $(filter %.o,$^) -o $@
	cd $(@D) && $(OBJCOPY) --only-keep-debug $(@F) $(@F).debug && \
		$(OBJCOPY) --strip-unneeded --add-gnu-debuglink=$(@F).debug $(@F)
	Sources/Shim/check-exports.sh $@ $(PUBLIC_HEADERS)

$(LIB)/%.so: $(LIB)/%.so.1
	ln -sf $(<F) $@

$(LIB)/libmidl_user.a: $(NATIVE_OBJECTS)
$(LIB)/libmidl_user_winelib.a: $(WINELIB_OBJECTS)
$(LIB)/%.a: Sources/Shim/exports.map
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -r -nostdlib $(PUBLIC_NAMES:%=-Wl,-u,%) $(filter %.o,$^) -o $(@:.a=.o)
	$(OBJCOPY) $(PUBLIC_NAMES:%=--keep-global-symbol=%) $(@:.a=.o)
	rm -f $@ && $(AR) rcs $@ $(@:.a=.o) && rm $(@:.a=.o)
	Sources/Shim/check-exports.sh $@ $(PUBLIC_HEADERS)
