# SPDX-License-Identifier: GPL-2.0
ifneq ($(KERNELRELEASE),)

# Read by kbuild: one pass builds all, so that modpost sees all symbols.
obj-m += patcher/ stubs/
ifdef PATCHER_TESTS
obj-m += tests/targets/
endif

else

KDIR ?= /lib/modules/$(shell uname -r)/build

all:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules
ifdef PATCHER_TESTS
	$(MAKE) -C $(KDIR) M=$(CURDIR)/tests/targets/fixed modules
endif

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) PATCHER_TESTS=1 clean
	$(MAKE) -C $(KDIR) M=$(CURDIR)/tests/targets/fixed clean

.PHONY: all clean

endif
