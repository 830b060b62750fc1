/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages: which pages can hold something of the kernel's.
 */
#ifndef PATCHER_PAGES_H
#define PATCHER_PAGES_H

#include <linux/mm_types.h>
#include <linux/types.h>

bool patcher_page_is_kernels(unsigned long pfn, unsigned long *pages);
bool patcher_page_is_free(struct page *page);
bool patcher_page_is_image(unsigned long pfn);

#endif /* PATCHER_PAGES_H */
