// SPDX-License-Identifier: GPL-2.0
/*
 * uring FILE: for the guest: reads FILE by a worker thread of io_uring, and waits for that.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *map(int ring, size_t size, off_t offset)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
			offset);

	if (at == MAP_FAILED)
		err(1, "mmap");
	return at;
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqe;
	static char buffer[16];
	unsigned int *array, *tail;
	char *queue;
	int ring, fd;

	if (argc != 2)
		errx(1, "usage: uring FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	ring = syscall(__NR_io_uring_setup, 1, &params);
	if (ring < 0)
		err(1, "io_uring_setup");
	queue = map(ring, params.sq_off.array + params.sq_entries * sizeof(*array),
		    IORING_OFF_SQ_RING);
	sqe = (struct io_uring_sqe *)map(ring, params.sq_entries * sizeof(*sqe), IORING_OFF_SQES);
	array = (unsigned int *)(queue + params.sq_off.array);
	tail = (unsigned int *)(queue + params.sq_off.tail);

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_READ;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = fd;
	sqe->addr = (unsigned long)buffer;
	sqe->len = sizeof(buffer);
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		err(1, "io_uring_enter");
	return 0;
}
