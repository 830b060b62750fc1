// SPDX-License-Identifier: GPL-2.0
/*
 * headers: looks through include/ for who declares a function, a variable or a struct.
 *
 * A header that cannot be included by itself is replaced by the one that is meant to be.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "headers.h"

static const struct {
	const char *header, *instead;
} aliases[] = {
	{ "acpi/acpi_bus.h", "linux/acpi.h" },
	{ "acpi/acpi_drivers.h", "linux/acpi.h" },
	{ "acpi/acpixf.h", "linux/acpi.h" },
	{ "linux/device/bus.h", "linux/device.h" },
	{ "linux/device/class.h", "linux/device.h" },
	{ "linux/device/driver.h", "linux/device.h" },
	{ "linux/rcutiny.h", "linux/rcupdate.h" },
	{ "linux/rcutree.h", "linux/rcupdate.h" },
	{ "linux/rwlock_api_smp.h", "linux/spinlock.h" },
	{ "linux/spinlock_api_smp.h", "linux/spinlock.h" },
	{ "linux/spinlock_api_up.h", "linux/spinlock.h" },
	{ "linux/spinlock_types.h", "linux/spinlock.h" },
	{ "linux/tty_ldisc.h", "linux/tty.h" },
};

/* Where to look, best first: one that declares it is taken from the first that has any. */
static const char *const folders[] = {
	"linux", "net", "sound", "media", "drm", "crypto", "scsi", "rdma", "acpi", "pcmcia",
	"target", "video", "rv", "soc", "misc", "keys", "memory", "ras", "xen",
};

#define N_FOLDERS	ARRAY_SIZE(folders)

static struct wanted {
	const char *name, *word;	/* "struct x", x */
	const char *header;
	u32 folder;
} *wanted;

static u32 n_wanted;

static struct wanted *entry(const char *name)
{
	u32 i;

	for (i = 0; i < n_wanted; i++)
		if (!strcmp(wanted[i].name, name))
			return &wanted[i];
	return NULL;
}

void headers_want(const char *name)
{
	const char *space = strchr(name, ' ');

	if (entry(name))
		return;
	more(wanted, n_wanted);
	wanted[n_wanted++] = (struct wanted){ .name = name, .word = space ? space + 1 : name };
}

const char *headers_of(const char *name)
{
	const struct wanted *found = entry(name);

	return found ? found->header : NULL;
}

static bool of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The end of a comment, a string or a line of the preprocessor; at itself if it is none. */
static const char *skip(const char *at, bool line_begins)
{
	const char *end;

	if (at[0] == '/' && at[1] == '*') {
		end = strstr(at + 2, "*/");
		return end ? end + 2 : at + strlen(at);
	}
	if ((at[0] == '/' && at[1] == '/') || (at[0] == '#' && line_begins)) {
		for (end = at; *end && (*end != '\n' || end[-1] == '\\'); end++)
			;
		return end;
	}
	if (at[0] == '"' || at[0] == '\'') {
		for (end = at + 1; *end && *end != *at && *end != '\n'; end++)
			if (*end == '\\' && end[1])
				end++;
		return *end ? end + 1 : end;
	}
	return at;
}

/* A declaration of word in a header, at depth 0; of a struct: with its members. */
static bool declares(const char *header, const char *name, const char *word)
{
	size_t length = strlen(word);
	const char *at = header, *end, *next, *before = "";
	bool line_begins = true, external = false, structure = name != word;
	int depth = 0;

	while (*at) {
		end = skip(at, line_begins);
		if (end != at) {
			at = end;
			continue;
		}
		if (*at == '{' || *at == '}') {
			/* extern "C" { is not in the kernel's. */
			depth += *at == '{' ? 1 : depth ? -1 : 0;
		}
		if (*at == ';' || *at == '}')
			external = false;
		line_begins = *at == '\n' || (line_begins && isspace((unsigned char)*at));
		if (!of_word(*at)) {
			if (!isspace((unsigned char)*at))
				before = at;
			at++;
			continue;
		}
		for (end = at; of_word(*end); end++)
			;
		for (next = end; isspace((unsigned char)*next); next++)
			;
		if (!depth && !strncmp(at, "extern", 6) && end - at == 6)
			external = true;
		if (!depth && (size_t)(end - at) == length && !strncmp(at, word, length)) {
			if (structure && *next == '{' && starts(before, "struct"))
				return true;
			if (structure && *next == '{' && starts(before, "union"))
				return true;
			/* Not in an initialiser or an argument list: something stands before it. */
			if (!structure && *next == '(' && (of_word(*before) || *before == '*'))
				return true;
			if (!structure && external &&
			    (*next == ';' || *next == '[' || *next == ','))
				return true;
		}
		before = at;
		at = end;
	}
	return false;
}

static const char *alias(const char *header)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(aliases[i].header, header))
			return aliases[i].instead;
	return header;
}

/* The shorter one: it is more often the one that is meant to be included. */
static bool better(const struct wanted *than, u32 folder, const char *header)
{
	if (!than->header || folder != than->folder)
		return !than->header || folder < than->folder;
	return strlen(header) < strlen(than->header);
}

static void look_into(const char *path, const char *name, u32 folder)
{
	const char *header = NULL;
	size_t size;
	u32 i;

	static char *file;
	static size_t room;
	FILE *in = fopen(path, "r");

	if (!in)
		return;
	fseek(in, 0, SEEK_END);
	size = ftell(in);
	rewind(in);
	if (size + 1 > room) {
		room = 2 * size + 1;
		file = alloc(room);
	}
	size = fread(file, 1, size, in);
	file[size] = '\0';
	fclose(in);
	for (i = 0; i < n_wanted; i++) {
		if (!memmem(file, size, wanted[i].word, strlen(wanted[i].word)) ||
		    !declares(file, wanted[i].name, wanted[i].word))
			continue;
		if (!header)
			header = alias(text("%s", name));
		if (better(&wanted[i], folder, header)) {
			wanted[i].header = header;
			wanted[i].folder = folder;
		}
	}
}

static void look_through(const char *include, const char *folder, u32 number)
{
	char *path = text("%s/%s", include, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *name = text("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		if (ends(entry->d_name, ".h"))
			look_into(text("%s/%s", include, name), name, number);
		else if (entry->d_type == DT_DIR && strcmp(entry->d_name, "platform_data") &&
			 strcmp(entry->d_name, "atomic"))
			look_through(include, name, number);
	}
	if (dir)
		closedir(dir);
}

/* Debian's headers are in two: that of the flavour includes the common one's Makefile. */
static const char *include_of(const char *build)
{
	char *makefile, *at, *end;
	size_t size;

	makefile = (char *)read_file(text("%s/Makefile", build), &size);
	for (at = makefile; at && *at; at = end + 1) {
		end = strchrnul(at, '\n');
		if (starts(at, "include /") && end - at > 17 && !strncmp(end - 9, "/Makefile", 9))
			return text("%.*s/include", (int)(end - 9 - (at + 8)), at + 8);
		if (!*end)
			break;
	}
	return text("%s/include", build);
}

void headers_find(const char *build, const char *version)
{
	const char *include;
	u32 i;

	if (!build && !version)
		return;
	include = include_of(build ? build : text("/lib/modules/%s/build", version));
	for (i = 0; i < N_FOLDERS; i++)
		look_through(include, folders[i], i);
}
