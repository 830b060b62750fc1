/* SPDX-License-Identifier: GPL-2.0 */
#ifndef T_PROVIDER_H
#define T_PROVIDER_H

int t_provider_value(void);

#endif /* T_PROVIDER_H */
