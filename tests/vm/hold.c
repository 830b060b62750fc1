// SPDX-License-Identifier: GPL-2.0
/*
 * hold WHAT...: for the guest: holds something until it is killed, and says "held" when it
 * does. What a shell can open, it opens itself.
 *
 *	map FILE		a mapping of FILE's first page, whose descriptor is closed
 *	anonymous FILE		the file that FILE's ioctl 0 gives; FILE is closed
 *	tun NAME		a tun device
 *	socket FAMILY TYPE PROTOCOL
 *	alg TYPE NAME		a socket to that algorithm
 *	congestion NAME		a socket with that congestion control
 *	discipline NUMBER	a pseudo terminal with that line discipline
 *	poll FILE		FILE, and sleeps in poll() for it
 *	poll-both PIPE FILE	both, and sleeps in poll() for them
 *	shared-poll FILE	the same in a process that shares its descriptors with another one
 *	epoll FILE		FILE, watched by epoll
 *	sigio FILE		FILE, asked for SIGIO
 *	lock FILE		FILE, and waits for the lock on it that somebody has
 *	threads N FILE		FILE, opened by the last of N threads with a table of its own
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_or_die(const char *file, int flags)
{
	int fd = open(file, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", file);
	return fd;
}

static void map(char **words)
{
	int fd = open_or_die(words[0], O_RDONLY);

	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		err(1, "mmap %s", words[0]);
	close(fd);
}

static void anonymous(char **words)
{
	int fd = open_or_die(words[0], O_RDONLY);

	if (ioctl(fd, 0) < 0)
		err(1, "ioctl %s", words[0]);
	close(fd);
}

static void make_tun(char **words)
{
	int fd = open_or_die("/dev/net/tun", O_RDWR);
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	strncpy(request.ifr_name, words[0], IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request))
		err(1, "TUNSETIFF %s", words[0]);
}

static void make_socket(char **words)
{
	if (socket(atoi(words[0]), atoi(words[1]), atoi(words[2])) < 0)
		err(1, "socket %s %s %s", words[0], words[1], words[2]);
}

static void bind_alg(char **words)
{
	struct sockaddr_alg alg = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	snprintf((char *)alg.salg_type, sizeof(alg.salg_type), "%s", words[0]);
	snprintf((char *)alg.salg_name, sizeof(alg.salg_name), "%s", words[1]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&alg, sizeof(alg)) < 0)
		err(1, "alg %s %s", words[0], words[1]);
}

static void set_congestion(char **words)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, words[0], strlen(words[0])) < 0)
		err(1, "congestion %s", words[0]);
}

static void discipline(char **words)
{
	int fd = open_or_die("/dev/ptmx", O_RDWR | O_NOCTTY);
	int number = atoi(words[0]);

	if (ioctl(fd, TIOCSETD, &number))
		err(1, "TIOCSETD %s", words[0]);
}

static void say_held(void)
{
	puts("held");
	fflush(stdout);
}

static void held(void)
{
	say_held();
	for (;;)
		pause();
}

static void sleep_in_poll(char **words)
{
	struct pollfd wanted = { .fd = open_or_die(words[0], O_RDONLY), .events = POLLIN };

	say_held();
	poll(&wanted, 1, -1);
	errx(1, "poll has ended");
}

static void poll_both(char **words)
{
	struct pollfd wanted[] = {
		{ .fd = open_or_die(words[0], O_RDWR), .events = POLLIN },
		{ .fd = open_or_die(words[1], O_RDONLY), .events = POLLIN },
	};

	say_held();
	poll(wanted, 2, -1);
	errx(1, "poll has ended");
}

static int shared_poll(void *words)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sleep_in_poll(words);
	return 0;
}

static void share_and_poll(char **words)
{
	const size_t size = 65536;
	char *stack = malloc(size);

	if (!stack || clone(shared_poll, stack + size, CLONE_FILES | SIGCHLD, words) < 0)
		err(1, "clone");
	for (;;)
		pause();
}

static void watch(char **words)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, open_or_die(words[0], O_RDONLY), &event))
		err(1, "epoll_ctl %s", words[0]);
}

static void ask_for_signals(char **words)
{
	if (fcntl(open_or_die(words[0], O_RDONLY), F_SETFL, O_ASYNC))
		err(1, "O_ASYNC %s", words[0]);
}

static void wait_for_lock(char **words)
{
	int first = open_or_die(words[0], O_RDONLY);
	int second = open_or_die(words[0], O_RDONLY);

	if (flock(first, LOCK_EX))
		err(1, "flock %s", words[0]);
	say_held();
	flock(second, LOCK_EX);
	errx(1, "flock has ended");
}

static void *thread(void *file)
{
	if (file) {
		if (unshare(CLONE_FILES))
			err(1, "unshare");
		open_or_die(file, O_RDONLY);
		held();
	}
	for (;;)
		pause();
	return NULL;
}

static void threads(char **words)
{
	int i, n = atoi(words[0]);
	pthread_t id;

	for (i = 1; i <= n; i++)
		if (pthread_create(&id, NULL, thread, i == n ? words[1] : NULL))
			errx(1, "pthread_create");
	for (;;)
		pause();
}

static const struct {
	const char *name;
	int words;
	void (*hold)(char **words);
} kinds[] = {
	{ "map", 1, map },
	{ "anonymous", 1, anonymous },
	{ "tun", 1, make_tun },
	{ "socket", 3, make_socket },
	{ "alg", 2, bind_alg },
	{ "congestion", 1, set_congestion },
	{ "discipline", 1, discipline },
	{ "poll", 1, sleep_in_poll },
	{ "poll-both", 2, poll_both },
	{ "shared-poll", 1, share_and_poll },
	{ "epoll", 1, watch },
	{ "sigio", 1, ask_for_signals },
	{ "lock", 1, wait_for_lock },
	{ "threads", 2, threads },
	{ NULL, 0, NULL },
};

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc > 1 && kinds[i].name; i++) {
		if (strcmp(argv[1], kinds[i].name) || argc != kinds[i].words + 2)
			continue;
		kinds[i].hold(argv + 2);
		held();
	}
	errx(1, "usage: hold WHAT..., see tests/vm/hold.c");
}
