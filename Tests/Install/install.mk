# install.mk - what `make install` and the packages give to somebody else. Included by the top-level
# Makefile; run from the top level. All paths are relative or below the build directory.
#
#   make install-test        into a prefix and a DESTDIR: pkg-config, CMake, Swift, Wine, uninstall
#   make man-test            the manual pages
#   make deb-test            the Debian packages, in roots of their own
#   make swiftpackage-test   another Swift package depends on this one

INSTALL_TESTS := Tests/Install

.PHONY: install-test man-test deb-test swiftpackage-test
install-test: installable
	@$(IN_BUILD) BUILD=$(BUILD) VERSION=$(VERSION) CC="$(CC)" LIBRARIES="$(LIBRARIES)" LOADED_LIBRARIES="$(LOADED_LIBRARIES)" TOOLS="$(TOOLS)" \
		$(INSTALL_TESTS)/install.sh
man-test: man native
	@BUILD=$(BUILD) LIBRARIES="$(LIBRARIES)" LOADED_LIBRARIES="$(LOADED_LIBRARIES)" TOOLS="$(TOOLS)" $(INSTALL_TESTS)/man.sh
deb-test: deb
	@BUILD=$(BUILD) VERSION=$(VERSION) CC="$(CC)" $(INSTALL_TESTS)/deb.sh
swiftpackage-test:
	@$(IN_BUILD) BUILD=$(BUILD) $(INSTALL_TESTS)/swiftpackage.sh
