# examples.mk - programs as somebody else writes them, each built by its own Makefile, CMakeLists.txt or
# Package.swift against an installation below the build directory, run, and compared with what it
# should print. Included by the top-level Makefile; run from the top level.
#
#   make examples-test        native
#   make winelibexamples-test with generated stubs, under Wine

EXAMPLES := $(IN_BUILD) BUILD=$(BUILD) CC="$(CC)" Tests/Examples/run.sh

.PHONY: examples-test winelibexamples-test
examples-test: installable
	@$(EXAMPLES) native
winelibexamples-test: installable
	@$(EXAMPLES) winelib
