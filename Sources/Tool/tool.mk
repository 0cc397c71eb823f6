# tool.mk - midl-memory. Included by the top-level Makefile, which defines BUILD, SWIFTC and MODULE_MAPS;
# run from the top level.
#
#   make tool                $(BUILD)/bin/midl-memory
#
# Its Swift runtime is linked in, so that a machine without Swift runs it.

TOOL_SOURCES := $(wildcard Sources/Tool/*.swift)
TOOL_SWIFTFLAGS := -O -wmo -parse-as-library -swift-version 6 -strict-memory-safety -warnings-as-errors \
	-static-stdlib -Xlinker --gc-sections -Xlinker -s -Xlinker -z -Xlinker now \
	$(MODULE_MAPS) -ISources/Platform/include -ISources/Shim/include

.PHONY: tool
tool: $(TOOLS:%=$(BUILD)/bin/%)

$(BUILD)/bin/midl-memory: $(TOOL_SOURCES) $(C_HEADERS) Sources/Tool/tool.mk
	@mkdir -p $(@D) && echo 'swiftc $@'
	@$(SWIFTC) $(TOOL_SWIFTFLAGS) -module-name MIDLMemoryTool $(TOOL_SOURCES) -o $@
	@$(OBJCOPY) -R .comment $@
