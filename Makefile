# SPDX-License-Identifier: GPL-2.0
ifneq ($(KERNELRELEASE),)

# Read by kbuild: one pass builds all, so that modpost sees all symbols.
obj-m += patcher/ stubs/
ifdef PATCHER_TESTS
obj-m += tests/targets/ tests/vm/broken/
endif

else

KDIR ?= /lib/modules/$(shell uname -r)/build
FIXED := tests/targets/fixed

all: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules
ifdef PATCHER_TESTS
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(FIXED) modules
endif

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install

clean: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) PATCHER_TESTS=1 clean
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(FIXED) clean

headers:
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel headers in $(KDIR)." >&2; \
		echo "Install linux-headers-$(shell uname -r), or give KDIR=DIRECTORY." >&2; \
		exit 1; }

# All tests; KERNELS="6.1" and CASES="refuse*" restrict them (tests/check).
check:
	@tests/check

demo:
	@tests/vm/demo

.PHONY: all install clean headers check demo

endif
