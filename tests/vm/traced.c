// SPDX-License-Identifier: GPL-2.0
/*
 * traced [UID]: for the guest: a child, of user UID or root, that a tracer, as strace is one,
 * holds at the entry of finit_module(2), which it never comes to; prints its pid then. Killed,
 * takes it along.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(uid_t uid)
{
	if (setuid(uid))
		err(1, "setuid");
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		err(1, "PTRACE_TRACEME");
	raise(SIGSTOP);
	syscall(SYS_finit_module, -1, "", 0);
	errx(1, "nobody has held it");
}

/* Stops at the entry and at the end of each system call. */
static void next_stop(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL))
		err(1, "PTRACE_SYSCALL");
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		errx(1, "it has ended");
}

int main(int argc, char **argv)
{
	uid_t uid = argc > 1 ? atoi(argv[1]) : 0;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		child(uid);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		errx(1, "it has not stopped");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL))
		err(1, "PTRACE_SETOPTIONS");
	do
		next_stop(pid);
	while (ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, orig_rax), NULL) !=
	       SYS_finit_module);
	printf("%d\n", pid);
	fflush(stdout);
	for (;;)
		pause();
}
