# install.mk - what goes onto a machine, and where. Included by the top-level Makefile, which says what
# LIBRARIES, PUBLIC_HEADERS and TOOLS there are; run from the top level.
#
#   make install [PREFIX=/usr/local] [LIBDIR=PREFIX/lib] [DESTDIR=]
#   make uninstall           with the same variables
#   make deb                 Debian packages in $(BUILD)/deb
#
# files.sh has the list. Directory names may contain spaces.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
BINDIR ?= $(PREFIX)/bin

INSTALL_VARIABLES := BUILD INCLUDE VERSION LIBRARIES LOADED_LIBRARIES TOOLS \
	DESTDIR PREFIX LIBDIR INCLUDEDIR MANDIR BINDIR
INSTALL_SCRIPT = $(foreach variable,$(INSTALL_VARIABLES),$(variable)="$($(variable))") \
	Sources/Install/install.sh

.PHONY: installable install uninstall
installable: native winelib man $(TOOLS:%=$(BUILD)/bin/%)
install: installable
	@$(INSTALL_SCRIPT) install
# The pages alone: which there are is known when they are made.
uninstall: man
	@$(INSTALL_SCRIPT) uninstall

.PHONY: deb
deb: installable
	@Tests/Setup/install.sh dpkg-dev fakeroot
	@Sources/Install/debian/build.sh $(BUILD)/deb $(ABI) $(MAKE)
