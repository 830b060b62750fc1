// SPDX-License-Identifier: GPL-2.0
/*
 * unpack: modules and kernels that are compressed.
 */
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "unpack.h"

/* A module is at most some ten MB; what unpacks to more is no module. */
#define MOST	(512UL << 20)

/* As large as it gets: of what is behind the end nothing is known, so it grows. */
struct output {
	u8 *at;
	size_t length, room;
};

static bool grow(struct output *out)
{
	u8 *bigger;

	if (out->room >= MOST)
		return false;
	bigger = alloc(out->room * 2);
	memcpy(bigger, out->at, out->length);
	out->at = bigger;
	out->room *= 2;
	return true;
}

static bool unpack_xz(const u8 *in, size_t size, struct output *out)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret = LZMA_OK;

	if (lzma_stream_decoder(&stream, MOST, 0) != LZMA_OK)
		return false;
	stream.next_in = in;
	stream.avail_in = size;
	while (ret == LZMA_OK) {
		if (out->length == out->room && !grow(out))
			break;
		stream.next_out = out->at + out->length;
		stream.avail_out = out->room - out->length;
		ret = lzma_code(&stream, LZMA_RUN);
		out->length = out->room - stream.avail_out;
		if (!stream.avail_in && stream.avail_out && ret == LZMA_OK)
			break;
	}
	lzma_end(&stream);
	return ret == LZMA_STREAM_END;
}

static bool unpack_gzip(const u8 *in, size_t size, struct output *out)
{
	z_stream stream = {};
	int ret = Z_OK;

	if (inflateInit2(&stream, 15 + 32) != Z_OK)
		return false;
	stream.next_in = (u8 *)in;
	stream.avail_in = size;
	while (ret == Z_OK) {
		if (out->length == out->room && !grow(out))
			break;
		stream.next_out = out->at + out->length;
		stream.avail_out = out->room - out->length;
		ret = inflate(&stream, Z_NO_FLUSH);
		out->length = out->room - stream.avail_out;
	}
	inflateEnd(&stream);
	return ret == Z_STREAM_END;
}

static bool unpack_zstd(const u8 *in, size_t size, struct output *out)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer input = { in, size, 0 };
	size_t ret = 1;

	while (stream && ret) {
		ZSTD_outBuffer output = { out->at, out->room, out->length };

		ret = ZSTD_decompressStream(stream, &output, &input);
		if (ZSTD_isError(ret))
			break;
		/* Nothing more comes of input that has ended and room that is left. */
		if (ret && input.pos == size && output.pos < output.size)
			break;
		out->length = output.pos;
		if (ret && out->length == out->room && !grow(out))
			break;
	}
	ZSTD_freeDStream(stream);
	return stream && !ret;
}

static const struct {
	const char *name;
	u8 magic[6];
	size_t length;
	bool (*unpack)(const u8 *in, size_t size, struct output *out);
} formats[] = {
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, unpack_xz },
	{ "gzip", { 0x1f, 0x8b }, 2, unpack_gzip },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, unpack_zstd },
};

void unpack(u8 **data, size_t *size)
{
	struct output out = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (*size < formats[i].length ||
		    memcmp(*data, formats[i].magic, formats[i].length))
			continue;
		out.room = *size * 4;
		out.at = alloc(out.room);
		if (!formats[i].unpack(*data, *size, &out))
			fail("compressed with %s, and it cannot be unpacked", formats[i].name);
		*data = out.at;
		*size = out.length;
		return;
	}
}

/* Documentation/arch/x86/boot.rst in the kernel has the header. */
bool unpack_kernel(u8 **data, size_t *size)
{
	const u8 *head = *data;
	u64 setup, offset, length;
	u32 field;

	if (*size < 0x260 || memcmp(head + 0x202, "HdrS", 4))
		return false;
	setup = head[0x1f1] ? head[0x1f1] : 4;
	memcpy(&field, head + 0x248, 4);
	offset = (setup + 1) * 512 + field;
	memcpy(&field, head + 0x24c, 4);
	length = field;
	if (offset >= *size || length > *size - offset || length < 8)
		return false;
	*data += offset;
	/* The last four bytes are the size of what it unpacks to. */
	*size = length - 4;
	unpack(data, size);
	return true;
}
