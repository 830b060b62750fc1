# SPDX-License-Identifier: GPL-2.0
# Part of the Makefile: what is installed and where, and what is given away.

# As GNU's coding standards have them.
prefix ?= /usr/local
bindir ?= $(prefix)/bin
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
bashdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
srcdir ?= /usr/src

INSTALL := install
INSTALL_DATA := $(INSTALL) -m 644
# Where make dist and make deb leave what they make.
DIST ?= dist
# What they make it of.
COMMIT ?= HEAD

VERSION := $(shell sed -n 's/^.define PATCHER_VERSION.*"\(.*\)"/\1/p' patcher/version.h)
NAMED := patcher-$(VERSION)
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
MODULES = /lib/modules/$(RELEASE)/updates
STUBS = $(DESTDIR)$(datadir)/patcher/stubs
SOURCES = $(shell find patcher -name Kbuild -o -name '*.[chS]' ! -name '*.mod.c')
DKMS = $(DESTDIR)$(srcdir)/$(NAMED)

# Directories that others may use as well are left if they are not empty.
drop_empty = rmdir --ignore-fail-on-non-empty $(wildcard $(addprefix $(DESTDIR),$1)) 2>/dev/null || :

install: install-module install-command

uninstall: uninstall-module uninstall-command

# Nothing but patcher.ko; depmod is for the machine that it is installed on.
install-module: range
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR) PATCHER_ALONE=1 modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) PATCHER_ALONE=1 INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod $(RELEASE))

uninstall-module: headers
	rm -f $(DESTDIR)$(MODULES)/patcher/patcher.ko*
	$(call drop_empty,$(MODULES)/patcher $(MODULES))
	$(if $(DESTDIR),,depmod $(RELEASE))

# The command, its manual and completion, and what those who write stubs need.
install-command:
	$(MAKE) -C tools PATCHER_INCLUDE=$(includedir) all man
	$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(mandir)/man1 $(bashdir) $(zshdir) \
		$(fishdir) $(includedir)/patcher) $(STUBS)
	$(INSTALL) tools/patcher $(DESTDIR)$(bindir)/
	$(INSTALL_DATA) tools/patcher.1 tools/patcher-stub.1 $(DESTDIR)$(mandir)/man1/
	$(INSTALL_DATA) tools/completion/patcher.bash $(DESTDIR)$(bashdir)/patcher
	$(INSTALL_DATA) tools/completion/_patcher $(DESTDIR)$(zshdir)/
	$(INSTALL_DATA) tools/completion/patcher.fish $(DESTDIR)$(fishdir)/
	$(INSTALL_DATA) include/patcher/stub.h $(DESTDIR)$(includedir)/patcher/
	$(INSTALL_DATA) $(wildcard stubs/stub_*.c) stubs/compat.h $(STUBS)/
	sed 's|$$(src)/../include|$(includedir)|' stubs/Kbuild >$(STUBS)/Kbuild
	chmod 644 $(STUBS)/Kbuild

uninstall-command:
	rm -f $(DESTDIR)$(bindir)/patcher $(addprefix $(DESTDIR)$(mandir)/man1/,patcher.1 patcher-stub.1)
	rm -f $(DESTDIR)$(bashdir)/patcher $(DESTDIR)$(zshdir)/_patcher $(DESTDIR)$(fishdir)/patcher.fish
	rm -rf $(DESTDIR)$(includedir)/patcher $(DESTDIR)$(datadir)/patcher
	$(call drop_empty,$(bashdir) $(zshdir) $(fishdir) $(dir $(bashdir) $(zshdir) $(fishdir)) \
		$(mandir)/man1)

# What DKMS builds patcher.ko from, for each kernel: then, dkms install patcher/VERSION.
install-dkms:
	$(INSTALL) -d $(DKMS)
	cp --parents Makefile install.mk include/patcher/stub.h $(SOURCES) $(DKMS)/
	chmod -R u=rwX,go=rX $(DKMS)
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf >$(DKMS)/dkms.conf

uninstall-dkms:
	rm -rf $(DKMS)

# The sources as they were committed.
dist:
	mkdir -p $(DIST)
	git archive --prefix=$(NAMED)/ $(COMMIT) | xz >$(DIST)/$(NAMED).tar.xz
	@[ "$(COMMIT)" != HEAD ] || git diff --quiet HEAD || \
		echo "dist: what is not committed is not in $(DIST)/$(NAMED).tar.xz" >&2

# Debian packages, as dpkg-buildpackage makes them.
deb: dist
	@command -v dpkg-buildpackage >/dev/null || { \
		echo "The packages need the Debian package: dpkg-dev" >&2; exit 1; }
	rm -rf $(DIST)/$(NAMED)
	tar -xJf $(DIST)/$(NAMED).tar.xz -C $(DIST)
	cd $(DIST)/$(NAMED) && dpkg-buildpackage -us -uc
	rm -rf $(DIST)/$(NAMED)

.PHONY: install uninstall install-module uninstall-module install-command uninstall-command \
	install-dkms uninstall-dkms dist deb
