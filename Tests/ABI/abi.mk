# abi.mk - whether programs that were linked with a release still run. Included by the top-level
# Makefile, which defines BUILD, LIB, INCLUDE, CC, ABI, CHECK_ABI and VERSION and checks the lists of
# symbols whenever it links a library; run from the top level.
#
#   make abi-test            symbols, prototypes and layouts against every release; TAP
#   make abi-lists           write what the coming release promises: after an addition, and only then
#
# The prototypes and layouts are those of one processor.

ABI_SOURCE := Tests/ABI
ABI_BUILD := $(BUILD)/abi
ABI_RELEASE := $(basename $(VERSION))
ABI_PROCESSOR := $(PROCESSOR)
ABI_LIBRARIES := $(LIBRARIES:%=$(LIB)/lib%.so.1)

.PHONY: abi-test abi-lists
abi-test: $(ABI_LIBRARIES)
	@$(ABI_SOURCE)/run.sh $(ABI) $(LIB) $(INCLUDE) $(ABI_BUILD) "$(CC)" $(VERSION)

# The lists are what the link checks, so that it is made without the check here.
abi-lists:
	@Tests/Setup/install.sh abigail-tools
	@$(MAKE) --no-print-directory CHECK_ABI=: $(ABI_LIBRARIES)
	@mkdir -p $(ABI)
	@for library in $(LIBRARIES); do \
		$(CHECK_ABI) --print $(LIB)/lib$$library.so.1 >$(ABI)/$$library-$(ABI_RELEASE).symbols && \
		$(ABI_SOURCE)/prototypes.sh --print $(LIB)/lib$$library.so.1 \
			>$(ABI)/$$library-$(ABI_RELEASE)-$(ABI_PROCESSOR).abi || exit 1; done
