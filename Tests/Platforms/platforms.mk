# platforms.mk - machines other than this one: what can be built here, and run. Included by the
# top-level Makefile; run from the top level.
#
#   make platforms-test      32 bits (headers), aarch64 under qemu, musl; TAP on standard output
#
# gcc-multilib would bring the headers of 32 bits too; Debian does not install it beside a
# cross-compiler.

PLATFORM_PACKAGES := libc6-dev-i386 gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user musl-tools
PLATFORM_BUILDS := $(TARGETS:%=platform-%)

.PHONY: platforms-test setup-platforms $(PLATFORM_BUILDS)
setup-platforms:
	@Tests/Setup/install.sh $(PLATFORM_PACKAGES)
$(PLATFORM_BUILDS): platform-%: setup-platforms
	@$(MAKE) --no-print-directory TARGET=$* native >&2
platforms-test: $(PLATFORM_BUILDS)
	@BUILD=$(BUILD) VERSION=$(VERSION) CC="$(CC)" \
		HARNESS="$(HARNESS_COMMON:%=$(HARNESS_SOURCE)/%.c) $(HARNESS_MAIN:%=$(HARNESS_SOURCE)/%.c)" \
		Tests/Platforms/run.sh
