# man.mk - the manual pages. Included by the top-level Makefile, which defines BUILD, INCLUDE, VERSION
# and RELEASE_DATE; run from the top level.
#
#   make man                 $(BUILD)/man/man3, man7 and so on
#
# Section 3 and a page for each header come from the contracts in the headers (contracts.awk, roff.awk);
# the others are Sources/Man/*.[1-8].

MAN := $(BUILD)/man
MAN_WRITTEN := $(wildcard Sources/Man/*.[1-8])

.PHONY: man
man: $(MAN)/made

# All pages at once, and again when a file is added or gone: pages that are not made any more must go.
$(MAN)/made: $(INCLUDE) Sources/Man $(PUBLIC_HEADERS) $(MAN_WRITTEN) $(CHANGELOG) \
		Sources/Man/contracts.awk Sources/Man/roff.awk
	@rm -rf $(MAN) && mkdir -p $(MAN)/man3 $(MAN)/man7
	@for header in $(PUBLIC_HEADERS); do \
		awk -v out=$(MAN) -v version=$(VERSION) -v date=$(RELEASE_DATE) \
			-f Sources/Man/contracts.awk -f Sources/Man/roff.awk $$header || exit 1; done
	@for page in $(MAN_WRITTEN); do \
		mkdir -p $(MAN)/man$${page##*.} && \
		sed -e 's/@VERSION@/$(VERSION)/' -e 's/@DATE@/$(RELEASE_DATE)/' $$page \
			>$(MAN)/man$${page##*.}/$${page##*/} || exit 1; done
	@touch $@
