// SPDX-License-Identifier: GPL-2.0
/*
 * storm SECONDS SEED: for the guest: loads and unloads targets, patcher and stubs, with and
 * without force, arms and disarms, reads what is shown, forks, all of it at once in processes
 * that know nothing of each other. SEED, a number, says who asks for what; what comes of it
 * differs each time. Prints how often each was done, and what came that must not; fails for
 * that, or if somebody does not come back.
 *
 * No target is one whose own exit must not run, as rmmod and rmmod -f come at any time.
 * t_noexit and t_leak cannot be unloaded without force, but by a rescue. An insmod has a
 * reference on a module that is LIVE already, for a moment, and rmmod -f does not ask for it
 * (do_init_module() in kernel/module/main.c then gives it back in memory that is free, without
 * patcher, too). So nobody forces what is being loaded.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct target {
	const char *name, *file, *parameters, *stub;
	bool wedged;
} targets[] = {
	{ "t_noexit", "/targets/t_noexit.ko", "", "stub_noop", true },
	{ "t_leak", "/targets/t_leak.ko", "leak=2", "", true },
	{ "t_exitoops", "/fixed/t_exitoops.ko", "", "stub_noop", false },
	{ "t_exitbug", "/fixed/t_exitbug.ko", "", "stub_noop", false },
	{ "t_chardev", "/fixed/t_chardev.ko", "", "stub_chardev", false },
	{ "t_kthread", "/fixed/t_kthread.ko", "", "stub_kthread", false },
	{ "t_inside", "/targets/t_inside.ko", "", "t_inside_stub", false },
};

static const char *const stubs[][2] = {
	{ "stub_noop", "/stubs/stub_noop.ko" },
	{ "stub_chardev", "/stubs/stub_chardev.ko" },
	{ "stub_kthread", "/stubs/stub_kthread.ko" },
	{ "t_inside_stub", "/targets/t_inside_stub.ko" },
};

enum count {
	LOADED, REMOVED, FORCED, IN_USE, ARMED, REFUSED, ABSENT, KILLED, DISARMED,
	NOT_DISARMED, RESCUED, PATCHER_LOADED, PATCHER_REFUSED, PATCHER_REMOVED, STUBS_LOADED,
	STUBS_REMOVED, FORKED, SHOWN, EVICTED, UNEXPECTED, COUNTS
};

static const char *const words[COUNTS] = {
	"loaded", "removed", "forced", "in_use", "armed", "refused", "absent", "killed",
	"disarmed", "not_disarmed", "rescued", "patcher_loaded", "patcher_refused",
	"patcher_removed", "stubs_loaded", "stubs_removed", "forked", "shown", "evicted",
	"unexpected",
};

/* Of all processes. */
static atomic_uint *counts;

static struct timespec end;

static void count(enum count what)
{
	atomic_fetch_add(&counts[what], 1);
}

static void note_wrong(const char *what, const char *name)
{
	warn("wrong: %s %s", what, name);
	count(UNEXPECTED);
}

/* So many seconds after the time that was asked for? */
static bool is_past(int more)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end.tv_sec + more;
}

static bool is_over(void)
{
	return is_past(0);
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

static const struct target *any_target(void)
{
	return &targets[below(ARRAY_SIZE(targets))];
}

static int open_locked(const char *file, int operation)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, operation))
		err(1, "%s", file);
	return fd;
}

/* Does not change errno. */
static void unlock(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

static int load(const char *file, const char *parameters)
{
	int fd = open_locked(file, LOCK_SH);
	int status = syscall(SYS_finit_module, fd, parameters, 0);

	unlock(fd);
	return status;
}

static int unload(const char *name, int flags)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK | flags);
}

/* An insmod of the same file that waits for another one may get that one's error. */
static void load_target(void)
{
	const struct target *target = any_target();

	if (!load(target->file, target->parameters))
		count(LOADED);
	else if (errno != EEXIST && errno != EBUSY && errno != EINTR)
		note_wrong("load", target->name);
}

static void unload_target(void)
{
	const struct target *target = any_target();
	int status;

	if (one_in(6)) {
		int fd = open_locked(target->file, LOCK_EX);

		status = unload(target->name, O_TRUNC);
		unlock(fd);
		if (!status)
			count(FORCED);
	} else {
		status = unload(target->name, 0);
		if (!status)
			count(target->wedged ? RESCUED : REMOVED);
	}
	if (!status)
		return;
	if (errno == EBUSY || errno == EWOULDBLOCK)
		count(IN_USE);
	else if (errno != ENOENT)
		note_wrong("unload", target->name);
}

/*
 * Refused, or was there nothing to refuse, or nobody? A stub that is being loaded or unloaded
 * is not valid.
 */
static void count_refusal(const char *what, const char *name)
{
	switch (errno) {
	case EBUSY:
	case EOPNOTSUPP:
	case ENOPKG:
	case EINVAL:
		count(REFUSED);
		break;
	case ENOENT:
	case ENODEV:
		count(ABSENT);
		break;
	default:
		note_wrong(what, name);
	}
}

static void write_to(const char *file, const char *line, enum count done)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, line, strlen(line)) > 0)
		count(done);
	else if (done == DISARMED && errno == EBUSY)
		count(NOT_DISARMED);
	else
		count_refusal(file, line);
	if (fd >= 0)
		close(fd);
}

static void arm_target(const struct target *target, unsigned int timeout_ms)
{
	char line[100];

	snprintf(line, sizeof(line), "%s %s timeout_ms=%u", target->name, target->stub, timeout_ms);
	write_to("/sys/kernel/patcher/arm", line, ARMED);
}

static void disarm_target(const struct target *target)
{
	char file[100];

	snprintf(file, sizeof(file), "/sys/kernel/patcher/%s/disarm", target->name);
	write_to(file, "1", DISARMED);
}

static void arm_one(void)
{
	const struct target *target = any_target();

	arm_target(target, one_in(2) ? 0 : below(300));
}

static void disarm_one(void)
{
	disarm_target(any_target());
}

/*
 * One after the other, as a user would, so that a slow kernel comes to it as well. Others may
 * have been there in between each time.
 */
static void rescue(void)
{
	const struct target *target = &targets[one_in(2) ? below(2) : below(ARRAY_SIZE(targets))];
	unsigned int i;

	if (access("/sys/kernel/patcher/arm", F_OK) && !load("/patcher.ko", ""))
		count(PATCHER_LOADED);
	for (i = 0; i < ARRAY_SIZE(stubs); i++)
		if (!strcmp(stubs[i][0], target->stub) && !load(stubs[i][1], ""))
			count(STUBS_LOADED);
	if (!load(target->file, target->parameters))
		count(LOADED);
	arm_target(target, 100);
	if (one_in(4))
		disarm_target(target);
	else if (!unload(target->name, 0))
		count(target->wedged ? RESCUED : REMOVED);
}

/* Whoever does it is killed, if he has not ended by then. */
static void and_is_killed(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		what();
		_exit(0);
	}
	usleep(below(150000));
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
		count(KILLED);
}

static void read_inside(void)
{
	int fd = open("/proc/t_inside", O_RDONLY | O_CLOEXEC);
	char byte;

	if (fd >= 0)
		(void)!read(fd, &byte, 1);
}

static void arm_and_be_killed(void)
{
	and_is_killed(one_in(2) ? arm_one : read_inside);
}

static void show(void)
{
	static const char *const files[] = { "stub", "method", "situation", "status" };
	char file[100], text[100];
	int fd;

	snprintf(file, sizeof(file), "/sys/kernel/patcher/%s/%s", any_target()->name,
		 files[below(ARRAY_SIZE(files))]);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text)) > 0)
		count(SHOWN);
	close(fd);
}

static void load_patcher(void)
{
	const struct target *target = any_target();
	char parameters[100] = "";

	if (one_in(2))
		snprintf(parameters, sizeof(parameters), "target=%s%s%s timeout_ms=%u",
			 target->name, *target->stub ? " stub=" : "", target->stub,
			 below(200));
	if (!load("/patcher.ko", parameters)) {
		count(PATCHER_LOADED);
		if (*parameters)
			count(ARMED);
	} else if (errno != EEXIST) {
		count(PATCHER_REFUSED);
		count_refusal("insmod patcher", parameters);
	}
}

/* It shall be there for most of the time, and is in use for much of that. */
static void unload_patcher(void)
{
	int tries;

	usleep(below(3000000));
	for (tries = 0; tries < 1000 && unload("patcher", 0); tries++) {
		if (errno == ENOENT)
			return;
		if (errno != EWOULDBLOCK && errno != EBUSY) {
			note_wrong("unload", "patcher");
			return;
		}
		usleep(500);
	}
	if (tries < 1000)
		count(PATCHER_REMOVED);
}

static void load_or_unload_stub(void)
{
	unsigned int n = below(ARRAY_SIZE(stubs));

	if (one_in(4)) {
		if (!unload(stubs[n][0], 0))
			count(STUBS_REMOVED);
		else if (errno != ENOENT && errno != EWOULDBLOCK && errno != EBUSY)
			note_wrong("unload", stubs[n][0]);
	} else if (!load(stubs[n][1], "")) {
		count(STUBS_LOADED);
	} else if (errno != EEXIST && errno != EBUSY) {
		note_wrong("load", stubs[n][1]);
	}
}

static void fork_some(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			usleep(below(2000));
			_exit(0);
		}
	}
	while (waitpid(-1, NULL, 0) > 0)
		count(FORKED);
}

static const struct actor {
	const char *name;
	void (*act)(void);
	unsigned int pause_us;
} actors[] = {
	{ "loads", load_target, 20000 },
	{ "loads", load_target, 100000 },
	{ "unloads", unload_target, 60000 },
	{ "unloads", unload_target, 200000 },
	{ "arms", arm_one, 60000 },
	{ "arms", arm_one, 150000 },
	{ "rescues", rescue, 1000 },
	{ "rescues", rescue, 10000 },
	{ "arms and is killed", arm_and_be_killed, 60000 },
	{ "disarms", disarm_one, 100000 },
	{ "reads", show, 50000 },
	{ "loads patcher", load_patcher, 200000 },
	{ "loads patcher", load_patcher, 300000 },
	{ "unloads patcher", unload_patcher, 1 },
	{ "loads and unloads stubs", load_or_unload_stub, 200000 },
	{ "forks", fork_some, 50000 },
};

static pid_t begin(const struct actor *actor)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	while (!is_over()) {
		actor->act();
		usleep(below(actor->pause_us));
	}
	/* patcher's rmmod may have found no gap between two rescues: it finds one now. */
	while (actor->act == unload_patcher && !atomic_load(&counts[PATCHER_REMOVED]) &&
	       !is_past(30)) {
		actor->act();
		usleep(10000);
	}
	_exit(0);
}

/*
 * How many have not ended a minute after they should have, or not well. Whoever is in init
 * when somebody arms that target is evicted, which is a SIGKILL, and begins again.
 */
static unsigned int await(pid_t *pids)
{
	unsigned int i, left = 1, wrong = 0;
	int tries, status;

	for (tries = 0; left && tries < 1200; tries++) {
		usleep(100000);
		left = 0;
		for (i = 0; i < ARRAY_SIZE(actors); i++) {
			if (pids[i] && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
				pids[i] = 0;
				if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
					count(EVICTED);
					below(2);
					pids[i] = is_over() ? 0 : begin(&actors[i]);
				} else if (status) {
					printf("ended with %#x: %s\n", status, actors[i].name);
					wrong++;
				}
			}
			left += pids[i] != 0;
		}
	}
	for (i = 0; i < ARRAY_SIZE(actors); i++)
		if (pids[i])
			printf("stuck: %s, pid %d\n", actors[i].name, pids[i]);
	return wrong + left;
}

int main(int argc, char **argv)
{
	pid_t pids[ARRAY_SIZE(actors)];
	unsigned long long seed;
	unsigned int i, left;

	if (argc != 3 || atoi(argv[1]) < 1 || strtoull(argv[2], NULL, 0) < 1)
		errx(1, "usage: storm SECONDS SEED");
	seed = strtoull(argv[2], NULL, 0);
	counts = mmap(NULL, sizeof(*counts) * COUNTS, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(1, "mmap");
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[1]) - 1;

	for (i = 0; i < ARRAY_SIZE(actors); i++) {
		state = (seed + i) * 0x9e3779b97f4a7c15;
		pids[i] = begin(&actors[i]);
	}
	left = await(pids);

	printf("seed=%llu seconds=%s", seed, argv[1]);
	for (i = 0; i < COUNTS; i++)
		printf(" %s=%u", words[i], atomic_load(&counts[i]));
	printf("\n");
	return left || atomic_load(&counts[UNEXPECTED]);
}
