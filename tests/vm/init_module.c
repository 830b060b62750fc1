// SPDX-License-Identifier: GPL-2.0
/*
 * init_module FILE PARAMETERS: for the guest: loads a module by init_module(2), from memory,
 * as kmod does with a file that it has unpacked itself. insmod takes finit_module(2).
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct stat file;
	void *image;
	int fd;

	if (argc != 3)
		errx(1, "usage: init_module FILE PARAMETERS");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &file))
		err(1, "%s", argv[1]);
	image = mmap(NULL, file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED)
		err(1, "mmap");
	if (syscall(SYS_init_module, image, file.st_size, argv[2]))
		err(1, "init_module");
	return 0;
}
