// SPDX-License-Identifier: GPL-2.0
/*
 * bench: for the guest: how long what patcher does takes, and for how long it keeps a CPU
 * from scheduling. Each module is loaded and unloaded by system call: to start insmod takes
 * longer in a guest than most of what is measured.
 *
 *	bench time ROUNDS SERIES [-- SERIES]...
 *	bench wait ROUNDS SERIES [-- SERIES]...
 *	bench tasks N			N threads that sleep; says "held" when all do
 *	bench copies N FILE NAME	loads the module NAME from FILE N times, as bNNN...
 *
 * A SERIES is a name and steps. The series take turns, one round each, so that what
 * changes on the host meets all of them alike. A step:
 *
 *	+FILE PARAMETERS		load
 *	-NAME				unload
 *	!NAME				unload with force, as rmmod -f
 *	=FILE TEXT			write
 *	?FILE TEXT			wait until FILE begins with TEXT; each millisecond
 *	%FILE				wait until FILE is gone; each millisecond
 *	.N				sleep N milliseconds
 *
 * It prints a line for each step, and one for all of a round, "all":
 *
 *	SERIES STEP MEDIAN FIRST-QUARTILE THIRD-QUARTILE LONGEST
 *
 * in microseconds. For "time", how long it took. For "wait", the longest that a CPU kept
 * a task waiting meanwhile: on each CPU a task of the highest priority wants to run twice
 * a millisecond, and what it is late is that. How late it is when nothing happens, a
 * series of one step ".N" tells. The two are not measured together: such a task on each
 * CPU takes time itself.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_SERIES	16
#define MAX_STEPS	16
#define MAX_CPUS	8
#define PERIOD_NS	500000
#define PATIENCE_S	120

struct series {
	const char *name;
	int steps;
	char **step;
	/* Of each round the steps, and then the sum, or the longest, of them. */
	double *result[MAX_STEPS + 1];
};

static struct series list[MAX_SERIES];
static int listed, rounds;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void pause_ns(long long ns)
{
	struct timespec time = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&time, NULL);
}

/* Those who want to run: how late the latest was since somebody asked. */
static atomic_llong latest[MAX_CPUS];
static atomic_llong woken[MAX_CPUS];
static int cpus;

static void *want(void *data)
{
	long cpu = (long)data;
	struct sched_param param = { .sched_priority = 90 };
	long long due, late;
	struct timespec time;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "a task of high priority");
	for (due = now();; due = late > PERIOD_NS ? now() : due) {
		due += PERIOD_NS;
		time.tv_sec = due / 1000000000;
		time.tv_nsec = due % 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
		late = now() - due;
		if (late > latest[cpu])
			latest[cpu] = late;
		woken[cpu]++;
	}
	return NULL;
}

static void start_wanting(void)
{
	pthread_t thread;
	long cpu;

	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus > MAX_CPUS || mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "%d CPUs, mlockall", cpus);
	for (cpu = 0; cpu < cpus; cpu++)
		if (pthread_create(&thread, NULL, want, (void *)cpu))
			errx(1, "pthread_create");
}

/* Until each has run twice: also one that has been waiting since before has then said so. */
static void all_have_run(void)
{
	long long before;
	int cpu;

	for (cpu = 0; cpu < cpus; cpu++)
		for (before = woken[cpu]; woken[cpu] < before + 2;)
			pause_ns(PERIOD_NS);
}

static double forget_latest(void)
{
	long long late, most = 0;
	int cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		late = atomic_exchange(&latest[cpu], 0);
		if (late > most)
			most = late;
	}
	return most / 1000.;
}

static int open_or_die(const char *file, int flags)
{
	int fd = open(file, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", file);
	return fd;
}

static void load(const char *file, const char *parameters)
{
	int fd = open_or_die(file, O_RDONLY);

	if (syscall(SYS_finit_module, fd, parameters, 0))
		err(1, "finit_module %s %s", file, parameters);
	close(fd);
}

static void unload(const char *name, int flags)
{
	if (syscall(SYS_delete_module, name, flags))
		err(1, "delete_module %s", name);
}

static void write_text(const char *file, const char *text)
{
	int fd = open_or_die(file, O_WRONLY);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(1, "write %s to %s", text, file);
	close(fd);
}

static bool begins(const char *file, const char *text)
{
	char buffer[64] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, buffer, sizeof(buffer) - 1) < 0)
		buffer[0] = '\0';
	close(fd);
	return !strncmp(buffer, text, strlen(text));
}

static void wait_until(const char *file, const char *text)
{
	long long end = now() + PATIENCE_S * 1000000000LL;

	while (text ? !begins(file, text) : !access(file, F_OK)) {
		if (now() > end)
			errx(1, "%s: waited too long", file);
		pause_ns(1000000);
	}
}

static void take(const char *step)
{
	char file[256], *space;
	const char *rest = "";

	snprintf(file, sizeof(file), "%s", step + 1);
	space = strchr(file, ' ');
	if (space) {
		*space = '\0';
		rest = space + 1;
	}
	switch (*step) {
	case '+':
		load(file, rest);
		break;
	case '-':
		unload(file, O_NONBLOCK);
		break;
	case '!':
		unload(file, O_NONBLOCK | O_TRUNC);
		break;
	case '=':
		write_text(file, rest);
		break;
	case '?':
		wait_until(file, rest);
		break;
	case '%':
		wait_until(file, NULL);
		break;
	case '.':
		pause_ns(atoi(file) * 1000000LL);
		break;
	default:
		errx(1, "no such step: %s", step);
	}
}

static void one_round(struct series *series, int round, bool waits)
{
	double result, all = 0;
	long long start;
	int i;

	for (i = 0; i < series->steps; i++) {
		if (waits) {
			all_have_run();
			forget_latest();
		}
		start = now();
		take(series->step[i]);
		result = (now() - start) / 1000.;
		if (waits) {
			all_have_run();
			result = forget_latest();
			all = result > all ? result : all;
		} else {
			all += result;
		}
		series->result[i][round] = result;
	}
	series->result[i][round] = all;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print(const struct series *series)
{
	double *result;
	char step[16];
	int i;

	for (i = 0; i <= series->steps; i++) {
		result = series->result[i];
		qsort(result, rounds, sizeof(*result), compare);
		snprintf(step, sizeof(step), "%d", i + 1);
		printf("%s %s %.0f %.0f %.0f %.0f\n", series->name,
		       i == series->steps ? "all" : step, result[rounds / 2],
		       result[rounds / 4], result[rounds * 3 / 4], result[rounds - 1]);
	}
}

static void parse(char **words, int number)
{
	struct series *series = NULL;
	int i, j;

	for (i = 0; i < number; i++) {
		if (!strcmp(words[i], "--")) {
			series = NULL;
		} else if (!series) {
			if (listed == MAX_SERIES)
				errx(1, "too many series");
			series = &list[listed++];
			series->name = words[i];
			series->step = words + i + 1;
		} else if (series->steps++ == MAX_STEPS) {
			errx(1, "%s has too many steps", series->name);
		}
	}
	for (i = 0; i < listed; i++)
		for (j = 0; j <= list[i].steps; j++)
			list[i].result[j] = calloc(rounds, sizeof(double));
}

static void measure(char **words, int number, bool waits)
{
	int round, i;

	rounds = atoi(words[0]);
	if (rounds < 1)
		errx(1, "no rounds");
	parse(words + 1, number - 1);
	if (waits)
		start_wanting();
	/* The first is for the caches, and QEMU's translations, to be filled. */
	for (round = -1; round < rounds; round++)
		for (i = 0; i < listed; i++)
			one_round(&list[i], round < 0 ? 0 : round, waits);
	for (i = 0; i < listed; i++)
		print(&list[i]);
}

/* In one page of stack each, which is all the memory that they have of their own. */
static atomic_int sleeping;

static int sleep_for_ever(void *data)
{
	(void)data;
	sleeping++;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

static void tasks(int number)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM;
	char *stacks = mmap(NULL, number * 4096UL, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (stacks == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < number; i++)
		if (clone(sleep_for_ever, stacks + (i + 1) * 4096UL, flags, NULL) < 0)
			err(1, "task %d", i);
	while (sleeping < number)
		pause_ns(1000000);
	/* They have said so, and sleep a moment later. */
	pause_ns(200000000);
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}

/* A module's name is twice in its file, each time with its end: name=NAME, struct module. */
static void rename_module(char *image, size_t size, const char *from, const char *to)
{
	size_t length = strlen(from) + 1;
	int found = 0;
	char *at;

	for (at = image; at + length <= image + size; at++)
		if (!memcmp(at, from, length)) {
			memcpy(at, to, length);
			found++;
		}
	if (found < 2)
		errx(1, "%s is not in its file", from);
}

static void copies(int number, const char *file, const char *name)
{
	char last[64], next[64];
	struct stat about;
	char *image;
	int fd, i;

	fd = open_or_die(file, O_RDONLY);
	if (fstat(fd, &about))
		err(1, "%s", file);
	image = malloc(about.st_size);
	if (!image || read(fd, image, about.st_size) != about.st_size)
		err(1, "%s", file);
	snprintf(last, sizeof(last), "%s", name);
	for (i = 0; i < number; i++) {
		snprintf(next, sizeof(next), "b%0*d", (int)strlen(name) - 1, i);
		rename_module(image, about.st_size, last, next);
		/* One that is there already is one of them. */
		if (syscall(SYS_init_module, image, about.st_size, "") && errno != EEXIST)
			err(1, "init_module %s", next);
		strcpy(last, next);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "time") || !strcmp(what, "wait"))
		measure(argv + 2, argc - 2, *what == 'w');
	else if (!strcmp(what, "tasks"))
		tasks(atoi(argv[2]));
	else if (!strcmp(what, "copies") && argc == 5)
		copies(atoi(argv[2]), argv[3], argv[4]);
	else
		errx(1, "usage: see tests/vm/bench.c");
	return 0;
}
