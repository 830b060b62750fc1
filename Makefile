# SPDX-License-Identifier: GPL-2.0
ifneq ($(KERNELRELEASE),)

# Read by kbuild: one pass builds all, so that modpost sees all symbols. PATCHER_ALONE: nothing
# but patcher.ko, as what is installed has no built stubs.
obj-m += patcher/
ifndef PATCHER_ALONE
obj-m += stubs/
endif
ifdef PATCHER_TESTS
obj-m += tests/targets/ tests/vm/broken/
endif

else

KDIR ?= /lib/modules/$(shell uname -r)/build
FIXED := tests/targets/fixed
# patcher as on an architecture without eviction (patcher/kernel/arch), and without a way to set
# the instruction pointer in ftrace (patcher/kernel/compat.h); a copy, as kbuild has one set of
# objects a directory. Nor with force and quarantine. What only reads the source has read it.
NOEVICT := noevict

# No BTF: nobody reads that of these modules, and where the kernel's headers come with
# what it is made from (6.12, 7.3), making it fails for a small module: "btf permute:
# Invalid argument" (7.3). It has no part in how the kernel's structs are laid out.
NO_BTF := CONFIG_DEBUG_INFO_BTF_MODULES=

all: range
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR) modules
ifdef PATCHER_TESTS
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR)/$(FIXED) modules
endif
ifdef PATCHER_NOEVICT
	mkdir -p $(NOEVICT)
	cd patcher && find . '(' -name Kbuild -o -name '*.[chS]' ! -name '*.mod.c' ')' \
		-exec cp -p --parents -t $(CURDIR)/$(NOEVICT) {} +
	$(MAKE) -C $(KDIR) $(NO_BTF) M=$(CURDIR)/$(NOEVICT) FORCE=no C=0 W= \
		KCFLAGS="$(KCFLAGS) -DPATCHER_WITHOUT_EVICTION -DPATCHER_WITHOUT_SETTER" modules
endif

include install.mk

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
	rm -rf $(NOEVICT) dist
	$(MAKE) --no-print-directory -C tools clean

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

# The command, tools/patcher; says which Debian packages it lacks.
tools:
	@$(MAKE) --no-print-directory -C tools

# All tests; KERNELS="6.1" and CASES="refuse*" restrict them (tests/check).
check:
	@tests/check

demo:
	@tests/vm/demo

# What it costs; writes docs/costs.md. KERNELS restricts it too.
bench:
	@tests/bench/run

.PHONY: all sign clean headers range tools check demo bench

endif
