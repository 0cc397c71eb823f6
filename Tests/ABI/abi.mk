# abi.mk - whether programs that were linked with a release still run. Included by the top-level
# Makefile, which defines BUILD, LIB, INCLUDE, CC, ABI, CHECK_ABI and VERSION and checks the lists of
# symbols whenever it links a library; run from the top level.
#
#   make abi-test            symbols, prototypes and layouts against every release; TAP
#   make abi-lists           write what the coming release promises: after an addition, and only then
#
# The prototypes and layouts are those of one machine, aarch64 or x86_64-musl; those of other ones than
# this are checked by platforms-test.

ABI_SOURCE := Tests/ABI
ABI_BUILD := $(BUILD)/abi
ABI_RELEASE := $(basename $(VERSION))
ABI_MACHINE := $(subst -linux,,$(or $(TARGET:%-gnu=%),$(PROCESSOR)))
ABI_LIBRARIES := $(LIBRARIES:%=$(LIB)/lib%.so.1)

.PHONY: abi-test abi-lists
abi-test: $(ABI_LIBRARIES)
	@$(ABI_SOURCE)/run.sh $(ABI) $(LIB) $(INCLUDE) $(ABI_BUILD) "$(CC)" $(VERSION)

# The lists are what the link checks, so that it is made without the check here.
abi-lists: $(if $(TARGET),,setup-platforms)
	@Tests/Setup/install.sh abigail-tools
	@$(MAKE) --no-print-directory CHECK_ABI=: $(ABI_LIBRARIES)
	@mkdir -p $(ABI)
	@for library in $(LIBRARIES); do \
		$(CHECK_ABI) --print $(LIB)/lib$$library.so.1 >$(ABI)/$$library-$(ABI_RELEASE).symbols && \
		$(ABI_SOURCE)/prototypes.sh --print $(LIB)/lib$$library.so.1 \
			>$(ABI)/$$library-$(ABI_RELEASE)-$(ABI_MACHINE).abi || exit 1; done
	@$(if $(TARGET),,for target in $(TARGETS); do \
		$(MAKE) --no-print-directory TARGET=$$target abi-lists || exit 1; done)
