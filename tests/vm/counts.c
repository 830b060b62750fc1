// SPDX-License-Identifier: GPL-2.0
/*
 * counts KIND WHAT: for the guest: counts with perf how often something comes, on all CPUs,
 * and says "counts" when it does; on SIGTERM it prints the number and ends. The tool itself
 * would not fit into a guest.
 *
 *	kprobe FUNCTION		a kprobe of perf's own
 *	breakpoint ADDRESS	a breakpoint of the processor's, in hexadecimal
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned int number_in(const char *file)
{
	FILE *in = fopen(file, "re");
	unsigned int number;

	if (!in || fscanf(in, "%u", &number) != 1)
		err(1, "%s", file);
	fclose(in);
	return number;
}

static void prepare(struct perf_event_attr *attr, const char *kind, const char *what)
{
	attr->size = sizeof(*attr);
	if (!strcmp(kind, "kprobe")) {
		attr->type = number_in("/sys/bus/event_source/devices/kprobe/type");
		attr->config1 = (unsigned long)what;
	} else if (!strcmp(kind, "breakpoint")) {
		attr->type = PERF_TYPE_BREAKPOINT;
		attr->bp_type = HW_BREAKPOINT_X;
		attr->bp_addr = strtoul(what, NULL, 16);
		attr->bp_len = sizeof(long);
	} else {
		errx(1, "unknown: %s", kind);
	}
}

static int count_on(int cpu, struct perf_event_attr *attr)
{
	int fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		err(1, "perf_event_open");
	if (ioctl(fd, PERF_EVENT_IOC_ENABLE))
		err(1, "PERF_EVENT_IOC_ENABLE");
	return fd;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = { .disabled = 1 };
	unsigned long long count, sum = 0;
	int i, told, cpus = sysconf(_SC_NPROCESSORS_ONLN), fds[cpus];
	sigset_t term;

	if (argc != 3)
		errx(1, "usage: counts KIND WHAT");
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);

	prepare(&attr, argv[1], argv[2]);
	for (i = 0; i < cpus; i++)
		fds[i] = count_on(i, &attr);
	puts("counts");
	fflush(stdout);

	sigwait(&term, &told);
	for (i = 0; i < cpus; i++) {
		if (read(fds[i], &count, sizeof(count)) != sizeof(count))
			err(1, "read");
		sum += count;
	}
	printf("%llu\n", sum);
	return 0;
}
