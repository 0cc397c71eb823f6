# tool.mk - builds and runs the tests of midl-memory. Included by the top-level Makefile; run from the top
# level.
#
#   make tool-test           everything, TAP on standard output

TOOL_TEST := $(BUILD)/tool-test
TOOL_TEST_SOURCE := Tests/Tool
TOOL_TEST_CFLAGS := -std=gnu17 -O1 -g -fno-optimize-sibling-calls -Wall -Wextra -Werror -pthread -I$(INCLUDE)
TOOL_PACKAGES := binutils python3

.PHONY: tool-test setup-tool
setup-tool:
	@Tests/Setup/install.sh $(TOOL_PACKAGES)

tool-test: setup-tool tool $(TOOL_TEST)/calls-shared $(TOOL_TEST)/calls-archive $(TOOL_TEST)/calls-static \
		$(TOOL_TEST)/own $(TOOL_TEST)/own-static
	@BUILD=$(BUILD) VERSION=$(VERSION) env --default-signal=HUP,INT,TERM $(TOOL_TEST_SOURCE)/run.sh

$(TOOL_TEST)/calls-shared: TOOL_TEST_LINK = $(LIB)/libmidl_user.so.1 '-Wl,-rpath,$$ORIGIN/../lib'
$(TOOL_TEST)/calls-archive: TOOL_TEST_LINK = $(LIB)/libmidl_user.a
$(TOOL_TEST)/calls-static: TOOL_TEST_LINK = -static $(LIB)/libmidl_user.a
$(TOOL_TEST)/own-static: TOOL_TEST_LINK = -static
$(TOOL_TEST)/calls-%: $(TOOL_TEST_SOURCE)/calls.c $(PUBLIC_HEADERS) $(LIB)/libmidl_user.so.1 \
		$(LIB)/libmidl_diagnostics.so.1 $(LIB)/libmidl_user.a
	@mkdir -p $(@D)
	$(CC) $(TOOL_TEST_CFLAGS) -o $@ $< $(TOOL_TEST_LINK)
$(TOOL_TEST)/own $(TOOL_TEST)/own-static: $(TOOL_TEST_SOURCE)/own.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_TEST_CFLAGS) -o $@ $< $(TOOL_TEST_LINK)
