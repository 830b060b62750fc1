# SPDX-License-Identifier: GPL-2.0
ifneq ($(KERNELRELEASE),)

# Read by kbuild: one pass builds all, so that modpost sees all symbols. What DKMS builds has
# no stubs.
obj-m += patcher/ $(if $(wildcard $(src)/stubs/Kbuild),stubs/)
ifdef PATCHER_TESTS
obj-m += tests/targets/ tests/vm/broken/
endif

else

KDIR ?= /lib/modules/$(shell uname -r)/build
FIXED := tests/targets/fixed
# patcher as on an architecture without eviction (patcher/kernel/arch), and without a way to set
# the instruction pointer in ftrace (patcher/kernel/compat.h); a copy, as kbuild has one set of
# objects a directory. Nor with force and quarantine.
NOEVICT := noevict

# No BTF: nobody reads that of these modules, and where the kernel's headers come with
# what it is made from (6.12, 7.3), making it fails for a small module: "btf permute:
# Invalid argument" (7.3). It has no part in how the kernel's structs are laid out.
NO_BTF := CONFIG_DEBUG_INFO_BTF_MODULES=

all: range
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR) modules
ifdef PATCHER_TESTS
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR)/$(FIXED) modules
	mkdir -p $(NOEVICT)
	cd patcher && find . '(' -name Kbuild -o -name '*.[chS]' ! -name '*.mod.c' ')' \
		-exec cp -p --parents -t $(CURDIR)/$(NOEVICT) {} +
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR)/$(NOEVICT) FORCE=no \
		KCFLAGS="$(KCFLAGS) -DPATCHER_WITHOUT_EVICTION -DPATCHER_WITHOUT_SETTER" modules
endif

# Where make install puts what is not the kernel's. What has been installed with a prefix, a
# DESTDIR and a KDIR is taken away with the same.
DESTDIR ?=
prefix ?= /usr/local
bindir ?= $(prefix)/bin
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
completiondir ?= $(datadir)/bash-completion/completions
MODULES_PATH = $(or $(INSTALL_MOD_PATH),$(DESTDIR))

# The one place that says it is patcher/version.h.
VERSION := $(shell sed -n 's/^.define PATCHER_VERSION\t"\(.*\)"$$/\1/p' patcher/version.h)
STUBS := $(wildcard stubs/*.[ch]) stubs/Kbuild

install: all install-files
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(MODULES_PATH) modules_install

# All but the modules: for this no kernel's headers are needed. The command is installed if it
# has been built, and built again, as the stubs that it writes need the header where it is now.
# stubs/Kbuild finds the header beside it; the compiler would find all of C's in /usr/include.
install-files:
	install -D -m 644 -t $(DESTDIR)$(includedir)/patcher include/patcher/stub.h
	install -D -m 644 -t $(DESTDIR)$(datadir)/patcher/stubs $(STUBS)
	install -d $(DESTDIR)$(datadir)/patcher/include
	ln -sfnr $(DESTDIR)$(includedir)/patcher $(DESTDIR)$(datadir)/patcher/include/patcher
	@! test -x tools/patcher || $(MAKE) install-command

install-command:
	$(MAKE) -C tools PATCHER_INCLUDE=$(datadir)/patcher/include all man
	install -D -m 755 -t $(DESTDIR)$(bindir) tools/patcher
	install -D -m 644 -t $(DESTDIR)$(mandir)/man1 tools/patcher.1
	install -D -m 644 tools/completion.bash $(DESTDIR)$(completiondir)/patcher

# kbuild installs to extra, and newer ones to updates, each in what modules_install takes for the
# release.
uninstall: headers
	@release=$$(sed -n 's/^.define UTS_RELEASE "\(.*\)"$$/\1/p' \
		$(KDIR)/include/generated/utsrelease.h) && \
	for dir in extra updates; do \
		dir=$(MODULES_PATH)/lib/modules/$$release/$$dir; \
		for name in patcher/patcher $(patsubst %.c,%,$(wildcard stubs/stub_*.c)); do \
			rm -f $$dir/$$name.ko $$dir/$$name.ko.gz $$dir/$$name.ko.xz $$dir/$$name.ko.zst; \
		done; \
		rmdir $$dir/patcher $$dir/stubs 2>/dev/null || :; \
	done
	rm -f $(DESTDIR)$(includedir)/patcher/stub.h $(DESTDIR)$(bindir)/patcher \
		$(DESTDIR)$(mandir)/man1/patcher.1 $(DESTDIR)$(completiondir)/patcher \
		$(DESTDIR)$(datadir)/patcher/include/patcher \
		$(addprefix $(DESTDIR)$(datadir)/patcher/,$(STUBS))
	rmdir $(DESTDIR)$(includedir)/patcher $(DESTDIR)$(datadir)/patcher/include \
		$(DESTDIR)$(datadir)/patcher/stubs $(DESTDIR)$(datadir)/patcher 2>/dev/null || :

# What DKMS builds patcher.ko from, for each kernel.
install-dkms:
	dir=$(DESTDIR)/usr/src/patcher-$(VERSION) && mkdir -p $$dir && \
	cp -p Makefile dkms.conf $$dir && \
	find patcher include '(' -name Kbuild -o -name '*.[ch]' ! -name '*.mod.c' ')' \
		-exec install -D -m 644 '{}' $$dir/'{}' ';'

# The command, tools/patcher, and its manual; says which Debian packages it lacks.
tools:
	@$(MAKE) --no-print-directory -C tools all man

# The tarball, and Debian's packages from that; into DIST.
DIST ?= dist

dist:
	@debian/dist $(VERSION) $(DIST)

deb:
	@debian/build $(VERSION) $(DIST)

# For a kernel that loads only what is signed: docs/secure-boot.md. What is built again
# has to be signed again.
SIGNED := patcher stubs
ifdef PATCHER_TESTS
SIGNED += tests/targets
endif

sign: headers
	@test -x $(KDIR)/scripts/sign-file || { \
		echo "No scripts/sign-file in $(KDIR): its kernel knows no signatures." >&2; exit 1; }
	@test -r "$(KEY)" && test -r "$(CERT)" || { \
		echo "make sign KEY=FILE CERT=FILE: a private key (PEM) and its certificate (DER or PEM)," >&2; \
		echo "that can be read; docs/secure-boot.md tells how to make them." >&2; exit 1; }
	@hash=$$(sed -n 's/^CONFIG_MODULE_SIG_HASH="\(.*\)"$$/\1/p' $(KDIR)/.config); \
	test -e patcher/patcher.ko || { echo "Nothing to sign: make first." >&2; exit 1; }; \
	for file in $$(find $(SIGNED) -name '*.ko'); do \
		if tail -c 28 $$file | grep -q '^~Module signature appended~$$'; then \
			echo "$$file is signed already; to sign it with another key, make clean first"; \
			continue; \
		fi; \
		$(KDIR)/scripts/sign-file "$${hash:-sha256}" "$(KEY)" "$(CERT)" $$file || exit 1; \
		echo "signed $$file"; \
	done

clean: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) PATCHER_TESTS=1 clean
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(FIXED) clean
	$(MAKE) -C tools clean
	rm -rf $(NOEVICT)

headers:
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR)." >&2; \
		echo "Install linux-headers-$(shell uname -r), or give KDIR=DIRECTORY." >&2; \
		exit 1; }

# What patcher does it does to structures that are the kernel's own, so a kernel that it
# was never tested on is refused. ANY_KERNEL=1 builds for it all the same.
range: headers
	@code=$$(sed -n 's/^.define LINUX_VERSION_CODE //p' \
		$(KDIR)/include/generated/uapi/linux/version.h); \
	if [ "$${code:-0}" -lt $$((5 << 16 | 10 << 8)) ] || \
	   [ "$$code" -ge $$((7 << 16 | 4 << 8)) ]; then \
		echo "$(KDIR) is for kernel $$((code >> 16)).$$((code >> 8 & 255))," \
			"patcher knows 5.10 to 7.3 only." >&2; \
		echo "ANY_KERNEL=1 builds it all the same." >&2; \
		[ -n "$(ANY_KERNEL)" ] || exit 1; \
	fi

# All tests; KERNELS="6.1" and CASES="refuse*" restrict them (tests/check).
check:
	@tests/check

demo:
	@tests/vm/demo

# What it costs; writes docs/costs.md. KERNELS restricts it too.
bench:
	@tests/bench/run

# Installs the packages in roots of Debian, and removes them.
check-packages:
	@prove -v tests/packages.t

.PHONY: all install install-files install-command install-dkms uninstall tools dist deb sign \
	clean headers range check check-packages demo bench

endif
