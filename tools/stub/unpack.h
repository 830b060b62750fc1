/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STUB_UNPACK_H
#define STUB_UNPACK_H

#include "util.h"

/* unpack(): what *data is when it is unpacked, if it begins as xz, zstd or gzip do; or itself. */
void unpack(u8 **data, size_t *size);

/* unpack_kernel(): the ELF file vmlinux in a bzImage; false if it is none. */
bool unpack_kernel(u8 **data, size_t *size);

#endif /* STUB_UNPACK_H */
