// SPDX-License-Identifier: GPL-2.0
/*
 * faults WAY FROM TARGET LINE FILE...: for the guest: arms a rescue of TARGET again and again,
 * each time with another one of the allocations that this takes failing, from the FROMth on,
 * until there is none left to fail. Where the kernel cannot do that, arms it once.
 *
 *   faults arm FROM TARGET "TARGET STUB" FILE...		by /sys/kernel/patcher/arm
 *   faults load FROM TARGET "target=TARGET stub=STUB" FILE...	by loading /patcher.ko
 *   faults arm-once, load-once: likewise, for what cannot be disarmed
 *
 * Each time that it fails, all FILEs (and what is in directories) have to read as before, and
 * the last refusal in the log has to name TARGET and the errno that was returned. Only what
 * fails before patcher runs, with ENOMEM, may be silent. What is armed although an
 * allocation has failed is disarmed again, and has to read as before then; with -once this
 * ends the program, with status 3.
 *
 * Prints a line each time, and last "refused R silent S in spite I; N", where the Nth
 * allocation was the one that could not be met.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ARM	"/sys/kernel/patcher/arm"
#define MOST	65536
/* A hundred times what an arm takes. */
#define LIMIT	20000

struct text {
	size_t length;
	char bytes[MOST];
};

static const char *target, *line;
static char **files;
static bool loads, once;
static int armed_by, nth = -1, kmsg;

static void add(struct text *text, const char *word)
{
	text->length += snprintf(text->bytes + text->length, MOST - text->length, "%s\n", word);
	if (text->length >= MOST)
		errx(1, "too long: %s", word);
}

static void add_directory(struct text *text, const char *name)
{
	DIR *directory = opendir(name);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		add(text, entry->d_name);
	if (directory)
		closedir(directory);
}

static void add_file(struct text *text, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	while (fd >= 0 && (length = read(fd, text->bytes + text->length,
					 MOST - text->length - 1)) > 0)
		text->length += length;
	text->bytes[text->length] = '\0';
	if (fd >= 0)
		close(fd);
}

static void look(struct text *text)
{
	struct stat status;
	char **file;

	text->length = 0;
	for (file = files; *file; file++) {
		add(text, *file);
		if (stat(*file, &status))
			add(text, "(absent)");
		else if (S_ISDIR(status.st_mode))
			add_directory(text, *file);
		else
			add_file(text, *file);
	}
}

static int arm(void)
{
	return loads ? syscall(SYS_finit_module, armed_by, line, 0) :
		       write(armed_by, line, strlen(line)) < 0 ? -1 : 0;
}

static void undo(void)
{
	char name[256];
	int fd, tries;

	if (loads) {
		if (syscall(SYS_delete_module, "patcher", O_NONBLOCK))
			err(1, "rmmod patcher");
		return;
	}
	snprintf(name, sizeof(name), "/sys/kernel/patcher/%s/disarm", target);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		err(1, "%s", name);
	close(fd);
	for (tries = 0; !access(name, F_OK); tries++) {
		if (tries == 1000)
			errx(1, "%s does not go", name);
		usleep(20000);
	}
}

static void set_nth(unsigned int n)
{
	if (nth >= 0 && dprintf(nth, "%u", n) < 1)
		err(1, "fail-nth");
}

/* Has the allocation that was to fail been met? */
static bool was_met(void)
{
	char text[16] = "1";

	if (nth >= 0 && pread(nth, text, sizeof(text) - 1, 0) < 1)
		err(1, "fail-nth");
	set_nth(0);
	return !atoi(text);
}

/*
 * What patcher logged last, of those lines that end with an errno; empty for none.
 */
static void last_refusal(char *said, size_t size)
{
	char record[8192], *text, *end;
	ssize_t length;

	*said = '\0';
	while ((length = read(kmsg, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		if (length <= 0)
			continue;
		record[length] = '\0';
		text = strchr(record, ';');
		if (!text || strncmp(++text, "patcher: ", 9))
			continue;
		end = strchr(text, '\n');
		if (!end || end[-1] != ')')
			continue;
		*end = '\0';
		if (!strstr(text, "(-E"))
			continue;
		snprintf(said, size, "%s", text);
	}
}

/*
 * Returns whether it was silent. In what it says of the kernel patcher names no target.
 */
static bool check_refusal(unsigned int n, int error)
{
	char said[1024], wanted[300], name[32];

	last_refusal(said, sizeof(said));
	printf("%u: %s: %s\n", n, strerrorname_np(error), said);
	if (!*said && error == ENOMEM)
		return true;
	strcpy(wanted, "patcher: ");
	if (!loads)
		snprintf(wanted, sizeof(wanted), "patcher: %s: refused: ", target);
	snprintf(name, sizeof(name), "(-%s)", strerrorname_np(error));
	if (strncmp(said, wanted, strlen(wanted)) || strlen(said) < strlen(name) ||
	    strcmp(said + strlen(said) - strlen(name), name))
		errx(1, "%u: the log does not say %s...%s", n, wanted, name);
	return false;
}

/* A rescue that is disarmed ends soon after its directory has gone: up to ten seconds. */
static void check_same(unsigned int n, const struct text *before, const char *when, int tries)
{
	static struct text now;

	while (look(&now), strcmp(before->bytes, now.bytes) && --tries > 0)
		usleep(20000);
	if (tries > 0)
		return;
	printf("%u: %s, it is not as it was; before:\n%s\nnow:\n%s\n", n, when, before->bytes,
	       now.bytes);
	exit(1);
}

/* patcher logs no more than ten refusals of a kind in five seconds. */
static void pace(const struct timespec *start)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = 510000 - (now.tv_sec - start->tv_sec) * 1000000 -
	       (now.tv_nsec - start->tv_nsec) / 1000;
	if (left > 0)
		usleep(left);
}

int main(int argc, char **argv)
{
	unsigned int n = argc > 5 ? atoi(argv[2]) : 0, refused = 0, silent = 0, in_spite = 0;
	struct timespec start;
	struct text *before = calloc(1, sizeof(*before));
	int status = 0, error;
	bool met = false;

	if (n < 1 || !before)
		errx(2, "usage: faults arm|arm-once|load|load-once FROM TARGET LINE FILE...");
	setvbuf(stdout, NULL, _IONBF, 0);
	loads = !strncmp(argv[1], "load", 4);
	once = strstr(argv[1], "-once");
	target = argv[3];
	line = argv[4];
	files = argv + 5;

	armed_by = loads ? open("/patcher.ko", O_RDONLY | O_CLOEXEC) :
			   open(ARM, O_WRONLY | O_CLOEXEC);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (armed_by < 0 || kmsg < 0)
		err(2, "cannot be opened");
	nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth < 0 && errno != ENOENT)
		err(2, "fail-nth");

	look(before);
	for (; n < LIMIT; n++) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		lseek(kmsg, 0, SEEK_END);
		set_nth(n);
		status = arm();
		error = errno;
		met = was_met();
		if (status && !met) {
			errno = error;
			err(1, "%u: refused, with nothing failed", n);
		}
		if (status) {
			if (!check_refusal(n, error))
				refused++;
			else if (refused && !loads)
				errx(1, "%u: refused without a word", n);
			else
				silent++;
			check_same(n, before, "refused", 1);
			pace(&start);
			continue;
		}
		if (!met)
			break;
		printf("%u: in spite\n", n);
		in_spite++;
		if (once)
			break;
		undo();
		check_same(n, before, "armed and disarmed", 500);
	}
	printf("refused %u silent %u in spite %u; %u\n", refused, silent, in_spite, n);
	return n == LIMIT ? 1 : status || met ? 3 : 0;
}
