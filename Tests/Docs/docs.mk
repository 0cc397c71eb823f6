# docs.mk - every command and every code block of the README, the articles and the reference.
# Included by the top-level Makefile; run from the top level.
#
#   make docs-test        what runs natively, and the web site
#   make docswine-test    the pages that need Wine

DOCS_TEST := $(IN_BUILD) BUILD=$(BUILD) CC="$(CC)" Tests/Docs/run.sh

.PHONY: docs-test docswine-test
docs-test: docs installable
	@$(DOCS_TEST) native
docswine-test: docs installable
	@$(DOCS_TEST) wine
