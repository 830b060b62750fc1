/* SPDX-License-Identifier: GPL-2.0 */
#ifndef T_SYMBOLS_H
#define T_SYMBOLS_H

/* In t_symbols_twin.c; only there to make that file part of the module. */
unsigned int t_symbols_other(void);

int t_symbols_exported(void);

#endif /* T_SYMBOLS_H */
