# docs.mk - the documentation as a web site. Included by the top-level Makefile, which defines BUILD,
# INCLUDE and the Swift sources; run from the top level. Needs no network.
#
#   make docs                $(BUILD)/docs; to read it: python3 -m http.server --directory build/docs
#
# The articles are Sources/MIDLMemory/MIDLMemory.docc, the reference for Swift is from the comments in
# Sources/MIDLMemory/API, that for C from the contracts in the headers (contracts.awk, markdown.awk).

DOCS := $(BUILD)/docs
DOCS_WORK := $(BUILD)/docs-work
DOCS_CATALOG := $(DOCS_WORK)/MIDLMemory.docc
DOCS_SOURCES := $(wildcard Sources/MIDLMemory/MIDLMemory.docc/* Sources/MIDLMemory/MIDLMemory.docc/*/*)
# The entry points are public for the C library alone.
DOCS_SWIFT := $(filter-out Sources/MIDLMemory/EntryPoints/%,$(SWIFT_SOURCES))

# docc gives its copies of these files the owner of the originals, which only root may: so it gets our own.
DOCC_RENDER := $(dir $(realpath $(shell command -v docc)))../share/docc/render

.PHONY: docs
docs: $(DOCS)/index.html

$(DOCS_WORK)/symbols/made: $(DOCS_SWIFT) $(C_HEADERS)
	@rm -rf $(@D) && mkdir -p $(@D)
	@$(SWIFTC) -emit-module -emit-module-path $(DOCS_WORK)/MIDLMemory.swiftmodule \
		-emit-symbol-graph -emit-symbol-graph-dir $(@D) -symbol-graph-minimum-access-level public \
		-symbol-graph-skip-synthesized-members -parse-as-library -swift-version 6 \
		-strict-memory-safety -module-name MIDLMemory $(MODULE_MAPS) \
		-ISources/Platform/include -ISources/Shim/include $(DOCS_SWIFT)
	@touch $@

$(DOCS_CATALOG)/made: $(INCLUDE) $(PUBLIC_HEADERS) Sources/MIDLMemory/MIDLMemory.docc $(DOCS_SOURCES) \
		Sources/Man/contracts.awk Sources/Man/markdown.awk
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp -R Sources/MIDLMemory/MIDLMemory.docc/. $(@D)
	@for header in $(PUBLIC_HEADERS); do \
		awk -v out=$(@D) -f Sources/Man/contracts.awk -f Sources/Man/markdown.awk \
			$$header || exit 1; done
	@touch $@

$(DOCS)/index.html: $(DOCS_WORK)/symbols/made $(DOCS_CATALOG)/made
	@echo 'docc $(DOCS)'
	@rm -rf $(DOCS) $(DOCS_WORK)/render && cp -R "$(DOCC_RENDER)" $(DOCS_WORK)/render
	@$(IN_BUILD) DOCC_HTML_DIR="$$PWD/$(DOCS_WORK)/render" docc convert $(DOCS_CATALOG) --additional-symbol-graph-dir $(DOCS_WORK)/symbols \
		--fallback-display-name MIDLMemory --fallback-bundle-identifier MIDLMemory \
		--warnings-as-errors --transform-for-static-hosting --output-path $(DOCS)
