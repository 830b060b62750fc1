// SPDX-License-Identifier: GPL-2.0
#include "../t_stuck_marked.c"
