# make            the libraries, under build/lib
# make run        real stubs, real calls: who allocated and freed what
# make test       everything; make test-native leaves Wine out
# make winelib    the libraries for programs that winegcc builds
# make bench      our allocator against others; make bench-rpcss, environments against arenas
# make bench-programs  real programs with glibc's malloc, mimalloc and a malloc over this heap
# make bench-guard     what MIDL_MEMORY=guard=1000 costs them
# make docs       the documentation as a web site, under build/docs; make man: the manual pages
# make abi-lists  after an addition to the exports: what the coming release promises
# make install, make uninstall  with PREFIX, LIBDIR, DESTDIR; make deb: Debian packages
# make TARGET=...  for another machine: aarch64-linux-gnu, x86_64-linux-musl
# make lint       style of the Swift, C and shell; make asan, make tsan: tests under sanitizers
# make sight-all  every suite under memcheck and the sanitizers, which takes an hour
# make clean      removes build

SHELL := /bin/bash -o pipefail
.DELETE_ON_ERROR:
.SUFFIXES:

CC := clang
OBJCOPY := objcopy
LD := ld
include Sources/Platform/targets.mk

BUILD := build$(TARGET:%=/%)
LIB := $(BUILD)/lib
INCLUDE := Include
VERSION := $(shell sed -n 's/^.define MIDL_MEMORY_VERSION_STRING "\(.*\)"/\1/p' $(INCLUDE)/midl_memory.h)
CHANGELOG := Sources/MIDLMemory/MIDLMemory.docc/Changelog.md
RELEASE_DATE := $(shell sed -n 's/^\#\# $(VERSION), \(.*\)/\1/p' $(CHANGELOG))

# The Swift tools leave temporary directories, caches and settings behind.
IN_BUILD := HOME="$$PWD/$(BUILD)/home" CFFIXED_USER_HOME="$$PWD/$(BUILD)/home" \
	TMPDIR="$$PWD/$(BUILD)/tmp" XDG_CACHE_HOME="$$PWD/$(BUILD)/cache"
$(shell mkdir -p $(BUILD)/home $(BUILD)/tmp)
SWIFTC := $(IN_BUILD) swiftc

.PHONY: all
all: native

# ---- The libraries ---------------------------------------------------------
#
# The Swift as one Embedded module and the C, all compiled to LLVM bitcode and
# optimised together at the link, so that the shim's calls into Swift vanish. For
# that the C has the same processor features as the Swift (-mcx16 on x86-64):
# code is not inlined into code with fewer.

SWIFT_SOURCES := $(wildcard Sources/MIDLMemory/*/*.swift)
DIAGNOSTICS_SOURCES := $(wildcard Sources/Diagnostics/*/*.swift)
C_SOURCES := $(wildcard Sources/Platform/*.c Sources/Shim/*.c)
C_HEADERS := $(wildcard Sources/*/include/* Sources/*/*.h $(INCLUDE)/*.h)
PUBLIC_HEADERS := $(wildcard $(INCLUDE)/*.h)
WINELIB_HEADERS := $(filter-out %/rpcexcept.h,$(PUBLIC_HEADERS))

OBJ := $(BUILD)/obj
FEATURES := $(if $(filter x86_64,$(PROCESSOR)),-mcx16)
# By frame pointers the address sanitizer finds the callers of malloc; the unwind tables become smaller
# by more than the code grows. Functions that call nothing, the fast paths, have none.
FRAMES := -fno-omit-frame-pointer -momit-leaf-frame-pointer
CFLAGS := -O2 -gdwarf-4 -std=c17 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -fno-plt -flto=full \
	$(FRAMES) $(FEATURES) $(TARGET_CFLAGS) -I$(INCLUDE) -ISources/Platform/include -ISources/Shim/include
WINELIB_CFLAGS := -DMIDL_WINELIB '-D__RPC_API=__attribute__((ms_abi))' '-D__RPC_USER=__attribute__((ms_abi))'
MODULE_MAPS := -I$(INCLUDE) $(patsubst %,-Xcc -fmodule-map-file=Sources/%/include/module.modulemap,Platform Shim)
# DWARF 4: what valgrind reads.
SWIFTFLAGS := -enable-experimental-feature Embedded -wmo -parse-as-library -O -g -dwarf-version=4 \
	$(TARGET_SWIFTFLAGS) $(FRAMES:%=-Xcc %) -swift-version 6 -strict-memory-safety -warnings-as-errors \
	$(MODULE_MAPS) -ISources/Platform/include -ISources/Shim/include
# What is inlined beyond what the sources demand makes the library larger and nothing faster.
LDFLAGS := $(TARGET_LDFLAGS) -fuse-ld=lld -flto=full -O2 -nostartfiles \
	-Wl,--gc-sections,-mllvm,-inline-threshold=50
# lld drops the unwind tables, by which Wine's exceptions find their way, when it collects sections
# of an archive's object; GNU ld keeps them. What remains unreferenced of the Embedded Swift
# runtime are names of functions, which objcopy strips, and would not if they were called.
ARCHIVE_LDFLAGS := $(TARGET_LDFLAGS) -fuse-ld=lld -flto=full -O2 -nostartfiles -nostdlib -r
RUNTIME_CALLS := posix_memalign arc4random_buf memcmp
PUBLIC_NAMES = $(shell Sources/Shim/check-exports.sh --names $(HEADERS))
SHARED_FLAGS := -shared -Wl,-z,defs,-z,relro,-z,now,-z,nodelete,-z,noexecstack -Wl,--build-id
SHARED_LDFLAGS := $(LDFLAGS) $(SHARED_FLAGS) \
	-Wl,--version-script=Sources/Shim/exports.map,--undefined-version

$(OBJ)/swift.o: $(SWIFT_SOURCES) $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'swiftc $@'
	@$(SWIFTC) $(SWIFTFLAGS) -module-name MIDLMemory -lto=llvm-full -Xcc -fPIC -c $(SWIFT_SOURCES) -o $@

$(OBJ)/diagnostics.o: $(DIAGNOSTICS_SOURCES) $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'swiftc $@'
	@$(SWIFTC) $(SWIFTFLAGS) -module-name MIDLDiagnostics -lto=llvm-full -Xcc -fPIC \
		-c $(DIAGNOSTICS_SOURCES) -o $@

$(OBJ)/%.o: Sources/%.c $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'clang $@'
	@$(CC) $(CFLAGS) -c $< -o $@

$(OBJ)/winelib/%.o: Sources/%.c $(C_HEADERS) Makefile
	@mkdir -p $(@D) && echo 'clang $@'
	@$(CC) $(CFLAGS) $(WINELIB_CFLAGS) -c $< -o $@

# What runs seldom is small.
$(foreach source,Platform/stop Platform/memory Platform/thread Platform/tool Shim/diagnostics \
		Shim/midl_memory Shim/orphans Shim/rpcexcept,$(OBJ)/$(source).o \
	$(OBJ)/winelib/$(source).o): CFLAGS += -Os

NATIVE_OBJECTS := $(OBJ)/swift.o $(C_SOURCES:Sources/%.c=$(OBJ)/%.o)
WINELIB_OBJECTS := $(OBJ)/swift.o $(patsubst Sources/%.c,$(OBJ)/%.o,$(filter Sources/Platform/%,$(C_SOURCES))) \
	$(patsubst Sources/%.c,$(OBJ)/winelib/%.o,$(filter Sources/Shim/%,$(C_SOURCES)))

# The libraries, each shared and static. Stubs that winegcc compiles exist for x86-64 alone.
NATIVE_LIBRARIES := midl_user
WINELIB_LIBRARIES := $(if $(filter x86_64,$(PROCESSOR)$(TARGET:%=/%)),midl_user_winelib)
LIBRARIES := $(NATIVE_LIBRARIES) $(WINELIB_LIBRARIES)
# What they load: no program links it.
LOADED_LIBRARIES := midl_diagnostics
# Programs, in $(BUILD)/bin: ordinary Swift, whose runtime is that of this machine.
TOOLS := $(if $(TARGET),,midl-memory)
library_files = $(foreach library,$(1),$(LIB)/lib$(library).so $(LIB)/lib$(library).a)

.PHONY: native winelib
native: $(call library_files,$(NATIVE_LIBRARIES)) $(LOADED_LIBRARIES:%=$(LIB)/lib%.so.1)
winelib: $(call library_files,$(WINELIB_LIBRARIES)) $(LOADED_LIBRARIES:%=$(LIB)/lib%.so.1)

# The exports of each release, and of the one to come. They only ever grow.
ABI := Sources/Shim/abi
CHECK_ABI := Sources/Shim/check-abi.sh
$(foreach library,$(LIBRARIES),$(eval $(LIB)/lib$(library).so.1: $(wildcard $(ABI)/$(library)-*.symbols)))

$(LIB)/libmidl_user.so.1 $(LIB)/libmidl_user.a: HEADERS = $(PUBLIC_HEADERS)
$(LIB)/libmidl_user_winelib.so.1 $(LIB)/libmidl_user_winelib.a: HEADERS = $(WINELIB_HEADERS)
$(LIB)/libmidl_user.so.1: $(NATIVE_OBJECTS)
$(LIB)/libmidl_user_winelib.so.1: $(WINELIB_OBJECTS)
$(LIB)/%.so.1: Sources/Shim/exports.map Sources/Shim/check-exports.sh Sources/Shim/check-abi.sh
	@mkdir -p $(@D) && echo 'link $@'
	@$(CC) $(SHARED_LDFLAGS) -Wl,-soname,$(@F) $(filter %.o,$^) $(TARGET_LIBRARIES) -o $@
	@cd $(@D) && $(OBJCOPY) --only-keep-debug $(@F) $(@F).debug && \
		$(OBJCOPY) --strip-unneeded -R .comment --add-gnu-debuglink=$(@F).debug $(@F)
	@Sources/Shim/check-exports.sh $@ $(HEADERS)
	@$(CHECK_ABI) $@ $(filter %.symbols,$^)

# What the shared libraries load when MIDL_MEMORY or the program asks for it.
$(LIB)/libmidl_diagnostics.so.1: $(OBJ)/diagnostics.o \
		$(patsubst Sources/%.c,$(OBJ)/%.o,$(filter Sources/Platform/%,$(C_SOURCES))) \
		Sources/Diagnostics/exports.map
	@mkdir -p $(@D) && echo 'link $@'
	@$(CC) $(LDFLAGS) $(SHARED_FLAGS) -Wl,--version-script=Sources/Diagnostics/exports.map \
		-Wl,-soname,$(@F) $(filter %.o,$^) -o $@
	@cd $(@D) && $(OBJCOPY) --only-keep-debug $(@F) $(@F).debug && \
		$(OBJCOPY) --strip-unneeded -R .comment --add-gnu-debuglink=$(@F).debug $(@F)

$(LIB)/%.so: $(LIB)/%.so.1
	@ln -sf $(<F) $@

# The archives contain the diagnostics.
$(LIB)/libmidl_user.a: $(NATIVE_OBJECTS) $(OBJ)/diagnostics.o
$(LIB)/libmidl_user_winelib.a: $(WINELIB_OBJECTS) $(OBJ)/diagnostics.o
$(LIB)/%.a: Sources/Shim/exports.map
	@mkdir -p $(@D) && echo 'link $@'
	@$(CC) $(ARCHIVE_LDFLAGS) $(filter %.o,$^) -o $(@:.a=.all.o)
	@$(LD) -r --gc-sections $(PUBLIC_NAMES:%=-u %) $(@:.a=.all.o) -o $(@:.a=.o)
	@$(OBJCOPY) $(PUBLIC_NAMES:%=--keep-global-symbol=%) \
		$(RUNTIME_CALLS:%=--strip-symbol=%) $(@:.a=.o)
	@rm -f $@ && $(AR) rcs $@ $(@:.a=.o) && rm $(@:.a=.o) $(@:.a=.all.o)
	@Sources/Shim/check-exports.sh $@ $(HEADERS)

include Sources/Tool/tool.mk
include Sources/Man/man.mk
include Sources/Man/docs.mk
include Sources/Install/install.mk

# ---- Tests -----------------------------------------------------------------

include Tests/Harness/harness.mk
include Tests/Package/package.mk
include Tests/Orphans/orphans.mk
include Tests/Exceptions/exceptions.mk
include Tests/Diagnostics/diagnostics.mk
include Tests/Tool/tool.mk
include Tests/Sight/sight.mk
include Tests/Stubs/stubs.mk
include Tests/ABI/abi.mk
include Tests/Install/install.mk
include Tests/Platforms/platforms.mk
include Tests/Examples/examples.mk
include Tests/Docs/docs.mk

NATIVE_PACKAGES := libc6-dev binutils gcc g++
# What sees the heap, and measures it.
MEMCHECK_PACKAGES := valgrind libc6-dbg
ALLOCATOR_PACKAGES := libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0
# What programs are built with and pages looked at with that are somebody else's.
INSTALL_PACKAGES := abigail-tools cmake pkg-config man-db groff-base mandoc bsdextrautils dpkg-dev \
	fakeroot lintian
TEST_PACKAGES := $(NATIVE_PACKAGES) $(TOOL_PACKAGES) $(MEMCHECK_PACKAGES) $(ALLOCATOR_PACKAGES) $(INSTALL_PACKAGES) mingw-w64-common
WINE_PACKAGES := $(NATIVE_PACKAGES) wine64 wine64-tools libwine-dev
LINT_PACKAGES := clang-format-19 shellcheck
RESULTS := $(BUILD)/results
SWIFT_TEST := $(IN_BUILD) swift test --scratch-path $(BUILD)/swift

SUITE = '$(1)=$(MAKE) --no-print-directory $(1)-test'
SUITES_NATIVE := $(foreach suite,harness package orphans exceptions diagnostics sight tool bench programs \
		abi install man deb swiftpackage examples docs,$(call SUITE,$(suite))) \
	'xctest=$(SWIFT_TEST)'
SUITES_WINE := $(foreach suite,stubs winelibexceptions winelibexamples docswine,$(call SUITE,$(suite)))
SUITES_PLATFORMS := $(call SUITE,platforms)
SUITES_LAST := $(call SUITE,leftovers)

.PHONY: test test-native run setup-native setup-test setup-wine
setup-native:
	@Tests/Setup/install.sh $(NATIVE_PACKAGES)
setup-test: setup-programs
	@Tests/Setup/install.sh $(TEST_PACKAGES)
setup-wine:
	@Tests/Setup/install.sh $(WINE_PACKAGES)

# The plus hands the jobs of make -j on.
test: setup-test setup-wine native winelib
	+@Tests/Setup/suites.sh $(RESULTS) $(SUITES_NATIVE) $(SUITES_PLATFORMS) $(SUITES_WINE) $(SUITES_LAST)

# A short run of what starts processes and writes most; the suites above have built it all.
LEFTOVERS_SUITES ?= stubs install swiftpackage examples winelibexamples
.PHONY: leftovers-test
leftovers-test:
	+@Tests/Setup/leftovers.sh $(BUILD) \
		$(LEFTOVERS_SUITES:%='$(MAKE) --no-print-directory %-test')

test-native: setup-test native
	+@Tests/Setup/suites.sh $(RESULTS) $(SUITES_NATIVE)

run: setup-wine
	@$(MAKE) --no-print-directory stubs-run

# ---- Benchmarks --------------------------------------------------------------

include Tests/Bench/bench.mk
include Tests/Bench/malloc/malloc.mk

# ---- Sanitizers --------------------------------------------------------------
#
# The Swift and the C once more, instrumented, as an archive that the harness links.

SANITIZER_LIBRARY_PATH := $(dir $(shell command -v swiftc))../lib/swift/linux
# The reference to the diagnostics is weak, which alone takes no object out of an archive.
SANITIZED_LIBS := -fuse-ld=lld -Wl,-u,midl_diagnostics_start -ldispatch -lBlocksRuntime \
	-L$(SANITIZER_LIBRARY_PATH) -Wl,-rpath,$(SANITIZER_LIBRARY_PATH)

$(BUILD)/address/libmidl_user.a $(BUILD)/thread/libmidl_user.a: $(BUILD)/%/libmidl_user.a: \
		$(SWIFT_SOURCES) $(DIAGNOSTICS_SOURCES) $(C_SOURCES) $(C_HEADERS) Makefile
	@mkdir -p $(@D)
	rm -f $(@D)/*.o $@
	$(SWIFTC) $(SWIFTFLAGS) -module-name MIDLMemory -sanitize=$* -c $(SWIFT_SOURCES) \
		-o $(@D)/swift.o
	$(SWIFTC) $(SWIFTFLAGS) -module-name MIDLDiagnostics -sanitize=$* -c $(DIAGNOSTICS_SOURCES) \
		-o $(@D)/diagnostics_swift.o
	for source in $(C_SOURCES); do \
		$(CC) $(filter-out -flto=full,$(CFLAGS)) -O1 -fsanitize=$* -c $$source \
			-o $(@D)/$$(basename $$source .c).o || exit 1; done
	$(AR) rcs $@ $(@D)/*.o

# $(call SANITIZED,suite,sanitizer): a suite of C programs with the instrumented archive
SANITIZED = '$(1)=$(MAKE) --no-print-directory $(1)-sanitized SANITIZER=$(2) \
	SANITIZED_LIBRARY=$(BUILD)/$(2)/libmidl_user.a'

.PHONY: asan tsan
# XCTest itself leaves memory behind. The heap is what is tested, not malloc in its place; that is what
# sight-sanitized tests, and not described to the sanitizer: the tests look into it.
asan: setup-native $(BUILD)/address/libmidl_user.a
	+@ASAN_OPTIONS=detect_leaks=0 MIDL_MEMORY=heap=plain Tests/Setup/suites.sh $(RESULTS)/address \
		$(call SANITIZED,harness,address) $(call SANITIZED,package,address) \
		$(call SANITIZED,orphans,address) $(call SANITIZED,diagnostics,address) \
		$(call SANITIZED,sight,address) \
		'xctest=$(SWIFT_TEST)-address --sanitize=address -Xswiftc -use-ld=lld'
tsan: setup-native $(BUILD)/thread/libmidl_user.a
	+@Tests/Setup/suites.sh $(RESULTS)/thread \
		$(call SANITIZED,harness,thread) $(call SANITIZED,package,thread) \
		$(call SANITIZED,orphans,thread) $(call SANITIZED,diagnostics,thread) \
		'xctest=$(SWIFT_TEST)-thread --sanitize=thread'

# ---- Style -------------------------------------------------------------------

LINT_C = $(shell git ls-files '*.c' '*.h' '*.cpp' '*.hpp')
LINT_SHELL = $(shell git ls-files '*.sh' '.ci/run' 'Tests/Setup/limited' 'Tests/Stubs/run-stubs')

.PHONY: lint
lint: setup-lint
	@$(IN_BUILD) swift format lint --strict --recursive Package.swift Sources Tests
	@clang-format-19 --dry-run --Werror $(LINT_C)
	@shellcheck -x -P SCRIPTDIR --severity=warning $(LINT_SHELL)
	@echo "lint: no findings"

.PHONY: setup-lint
setup-lint:
	@Tests/Setup/install.sh $(LINT_PACKAGES)

.PHONY: clean help
clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile
