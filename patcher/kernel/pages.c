// SPDX-License-Identifier: GPL-2.0
/*
 * pages: which pages can hold something of the kernel's.
 *
 * All that the kernel can point with lies in the direct map once: slab objects, the pages behind
 * vmalloc areas, modules, stacks and per-CPU memory, the kernel's own data. So what is read is
 * the direct map, page by page, as read_kcore() in fs/proc/kcore.c does. Left out is only what
 * holds no pointer of the kernel's: free pages, user memory and the page cache, page tables, the
 * kernel's text, and what is no memory. A page may become another kind at any time; what is then
 * read too much, or not any more, was on its way.
 */
#include <linux/hugetlb.h>
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>

#include "kernel/arch/arch.h"
#include "kernel/memory.h"
#include "kernel/pages.h"

/* The largest order is 10 on x86 (include/linux/mmzone.h, 5.10 to 7.3). */
#define LARGEST_ORDER	10

/* On a list of free pages for one CPU, where it is not called a buddy. */
static bool has_no_user(struct page *head)
{
	return !page_ref_count(head) && READ_ONCE(*(int *)&head->page_type) == -1;
}

/*
 * Its order is read without the zone's lock, so it may be anything; what lies behind the end of
 * its block of the largest order is no part of it.
 */
static unsigned long buddies_from(unsigned long pfn, struct page *page)
{
	unsigned long order = READ_ONCE(page->private), largest = 1UL << LARGEST_ORDER;
	unsigned long pages = order <= LARGEST_ORDER ? 1UL << order : 1;

	return min(pages, largest - (pfn & (largest - 1)));
}

/**
 * patcher_page_is_image - is it part of the kernel's image, data or text?
 * @pfn: which
 */
bool patcher_page_is_image(unsigned long pfn)
{
	unsigned long address = patcher_arch_image_address(PFN_PHYS(pfn));

	return address >= patcher_memory.text && address < patcher_memory.end;
}

static bool is_text(unsigned long pfn)
{
	unsigned long address = patcher_arch_image_address(PFN_PHYS(pfn));

	return address >= patcher_memory.text && address < patcher_memory.etext;
}

static bool is_users(struct page *head)
{
	return PageLRU(head) || PageAnon(head) || PageHuge(head) || READ_ONCE(head->mapping);
}

/**
 * patcher_page_is_kernels - may there be a pointer of the kernel's in it?
 * @pfn: which
 * @pages: out, so many pages from there on are alike
 *
 * Context: any; memory hotplug is kept out by the caller.
 */
bool patcher_page_is_kernels(unsigned long pfn, unsigned long *pages)
{
	struct page *page = pfn_to_online_page(pfn), *head;

	*pages = 1;
	if (!page || PageHWPoison(page) || PageOffline(page) || !patcher_memory_is_mapped(page))
		return false;
	if (PageBuddy(page)) {
		*pages = buddies_from(pfn, page);
		return false;
	}
	if (PageReserved(page))
		return page_is_ram(pfn) && !is_text(pfn);
	head = compound_head(page);
	if (PageSlab(head))
		return true;
	return !PageTable(page) && !is_users(head) && !has_no_user(head);
}

/**
 * patcher_page_is_free - does nobody have this page now?
 * @page: online
 */
bool patcher_page_is_free(struct page *page)
{
	struct page *head = compound_head(page);

	return PageBuddy(page) ||
	       (!PageReserved(page) && !PageSlab(head) && has_no_user(head));
}
