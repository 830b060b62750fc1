/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the patcher says of a target: its name first, then what and why, the
 * remedy, the errno last. docs/messages.md lists all of it.
 *
 * Each file that includes this defines pr_fmt first.
 */
#ifndef PATCHER_LOG_H
#define PATCHER_LOG_H

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#define patcher_err(name, fmt, ...) \
	pr_err("%s: " fmt "\n", name, ##__VA_ARGS__)
#define patcher_warn(name, fmt, ...) \
	pr_warn("%s: " fmt "\n", name, ##__VA_ARGS__)
#define patcher_notice(name, fmt, ...) \
	pr_notice("%s: " fmt "\n", name, ##__VA_ARGS__)
#define patcher_info(name, fmt, ...) \
	pr_info("%s: " fmt "\n", name, ##__VA_ARGS__)

/*
 * A refusal; its value is the errno, to be returned. A user that is refused again and again for
 * the same reason fills the log no faster than ten lines in five seconds.
 */
#define patcher_refuse(name, error, fmt, ...)				\
({									\
	int __error = (error);						\
									\
	pr_err_ratelimited("%s: refused: " fmt " (%pe)\n", name,		\
			   ##__VA_ARGS__, ERR_PTR(__error));		\
	__error;							\
})

#endif /* PATCHER_LOG_H */
