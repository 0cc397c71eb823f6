# targets.mk - machines other than this one. Included by the top-level Makefile.
#
#   make TARGET=aarch64-linux-gnu     gcc-aarch64-linux-gnu and what it needs
#   make TARGET=x86_64-linux-musl     musl-tools
#
# The libraries are in build/TARGET/lib. PROCESSOR is that of the target. What has to differ is
#   TARGET_CFLAGS       to compile C
#   TARGET_SWIFTFLAGS   to compile Swift
#   TARGET_LDFLAGS      to link
#   TARGET_LIBRARIES    what a shared library is linked with, when it is not what clang takes

TARGET :=
PROCESSOR := $(firstword $(subst -, ,$(TARGET)) $(shell uname -m))
TARGETS := aarch64-linux-gnu x86_64-linux-musl
$(if $(filter-out $(TARGETS),$(TARGET)),$(error TARGET is one of: $(TARGETS)))

TARGET_CFLAGS := $(TARGET:%=--target=%)
TARGET_SWIFTFLAGS :=
# The Swift is compiled for a machine of another name, which the linker would say of every object.
TARGET_LDFLAGS := $(TARGET:%=--target=% -Wl,--no-warnings)
TARGET_LIBRARIES :=

# The toolchain has Embedded Swift for bare aarch64, whose code is the same: the library calls the
# system through C alone.
ifeq ($(TARGET),aarch64-linux-gnu)
OBJCOPY := aarch64-linux-gnu-objcopy
LD := aarch64-linux-gnu-ld
TARGET_SWIFTFLAGS := -target aarch64-none-none-elf
endif

# The Swift is that of glibc's machine; it includes nothing of the C library. The kernel's headers come
# after those of musl, which has none.
ifeq ($(TARGET),x86_64-linux-musl)
TARGET_CFLAGS += -nostdlibinc -isystem /usr/include/x86_64-linux-musl -idirafter /usr/include \
	-idirafter /usr/include/x86_64-linux-gnu
TARGET_LIBRARIES := -nostdlib -L/usr/lib/x86_64-linux-musl -lc
endif
