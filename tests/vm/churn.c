// SPDX-License-Identifier: GPL-2.0
/*
 * churn N FILE NAME: for the guest: loads and unloads the module NAME from FILE N times, and
 * starts N processes. What is left behind in the kernel's lists is met with then. A shell
 * would take a tenth of a second for each. SIGTERM ends it between two rounds: it is blocked, as
 * a pending signal would end what patcher does in delete_module().
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void load_and_unload(const char *file, const char *name)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", file);
	if (syscall(SYS_finit_module, fd, "", 0))
		err(1, "finit_module %s", file);
	close(fd);
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		err(1, "delete_module %s", name);
}

static void fork_and_wait(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(0);
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (status)
		errx(1, "a child ended with %#x", status);
}

static bool is_to_end(void)
{
	sigset_t pending;

	if (sigpending(&pending))
		err(1, "sigpending");
	return sigismember(&pending, SIGTERM);
}

static void block_sigterm(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		err(1, "sigprocmask");
}

int main(int argc, char **argv)
{
	int i, n = argc == 4 ? atoi(argv[1]) : 0;

	if (n < 1)
		errx(1, "usage: churn N FILE NAME");
	block_sigterm();
	for (i = 0; i < n && !is_to_end(); i++) {
		load_and_unload(argv[2], argv[3]);
		fork_and_wait();
	}
	return 0;
}
