// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

MODULE_DESCRIPTION("Gives a wedged module back to rmmod");
MODULE_LICENSE("GPL");
