// SPDX-License-Identifier: GPL-2.0
/*
 * types: what BTF tells of types and prototypes.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "types.h"
#include "unpack.h"

#define MAX_NESTING	16

/* A BTF, and its named types in a hash table. */
struct info {
	struct btf *btf;
	u32 first;		/* types below belong to its base */
	u32 *table;
	u32 table_size;
};

static struct info kernel, own, own_base;
static const char *modules_dir;
static const struct module *target;

/* Those that the target depends on, once they are asked for. */
static struct {
	const struct module *module;
	struct info info;
} *others;

static u32 n_others;
static bool others_read;

static u32 hash_of(const char *name)
{
	u32 hash = 2166136261u;

	while (*name)
		hash = (hash ^ (u8)*name++) * 16777619u;
	return hash;
}

static const char *name_at(const struct btf *btf, u32 offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

static const char *name_of(const struct btf *btf, const struct btf_type *type)
{
	return name_at(btf, type->name_off);
}

static void index_types(struct info *info)
{
	u32 n = btf__type_cnt(info->btf), i, slot;

	info->table_size = 2 * (n - info->first) + 1;
	info->table = alloc(info->table_size * sizeof(*info->table));
	for (i = info->first ? info->first : 1; i < n; i++) {
		const struct btf_type *type = btf__type_by_id(info->btf, i);
		const char *name = name_of(info->btf, type);

		if (!name[0] || btf_is_fwd(type) || btf_is_var(type) || btf_is_datasec(type))
			continue;
		slot = hash_of(name) % info->table_size;
		while (info->table[slot])
			slot = (slot + 1) % info->table_size;
		info->table[slot] = i;
	}
}

/* kinds: a set of 1 << BTF_KIND_... */
static u32 look_up(const struct info *info, const char *name, u32 kinds)
{
	u32 slot;

	if (!info->btf)
		return 0;
	for (slot = hash_of(name) % info->table_size; info->table[slot];
	     slot = (slot + 1) % info->table_size) {
		const struct btf_type *type = btf__type_by_id(info->btf, info->table[slot]);

		if (kinds & 1 << btf_kind(type) && !strcmp(name_of(info->btf, type), name))
			return info->table[slot];
	}
	return 0;
}

static int no_messages(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* btf__new_split(), which libbpf before 1.6 declares and does not have. */
static struct btf *new_split(const void *data, size_t size, struct btf *base)
{
	int fd = memfd_create("btf", MFD_CLOEXEC);
	struct btf *btf = NULL;

	if (fd < 0)
		return NULL;
	if (write(fd, data, size) == (ssize_t)size)
		btf = btf__parse_raw_split(text("/proc/self/fd/%d", fd), base);
	close(fd);
	return libbpf_get_error(btf) ? NULL : btf;
}

/* The BTF of a module, with what it is split from. */
static struct info info_of(const struct module *module, struct info *base_info)
{
	const struct section *section = module_section(module, ".BTF");
	const struct section *base = module_section(module, ".BTF.base");
	struct info info = {};

	if (!section || !section->data)
		return info;
	if (base && base->data) {
		base_info->btf = btf__new(base->data, base->size);
		if (libbpf_get_error(base_info->btf)) {
			base_info->btf = NULL;
			return info;
		}
		info.btf = new_split(section->data, section->size, base_info->btf);
		info.first = btf__type_cnt(base_info->btf);
	} else {
		info.btf = new_split(section->data, section->size, kernel.btf);
		info.first = btf__type_cnt(kernel.btf);
	}
	if (!info.btf)
		return (struct info){};
	index_types(&info);
	return info;
}

/* The .BTF of an ELF file that need not be a module; NULL if it has none. */
static const u8 *section_of_elf(const u8 *data, size_t size, const char *wanted, size_t *length)
{
	const Elf64_Ehdr *header = (const void *)data;
	const Elf64_Shdr *sections, *names;
	u32 i;

	if (size < sizeof(*header) || memcmp(data, ELFMAG, SELFMAG) || header->e_shoff > size ||
	    (size - header->e_shoff) / sizeof(*sections) < header->e_shnum ||
	    header->e_shstrndx >= header->e_shnum)
		return NULL;
	sections = (const void *)(data + header->e_shoff);
	names = &sections[header->e_shstrndx];
	for (i = 0; i < header->e_shnum; i++) {
		u64 name = names->sh_offset + sections[i].sh_name;

		if (name >= size ||
		    strnlen((const char *)data + name, size - name) == size - name ||
		    strcmp((const char *)data + name, wanted))
			continue;
		if (sections[i].sh_offset > size ||
		    sections[i].sh_size > size - sections[i].sh_offset)
			return NULL;
		*length = sections[i].sh_size;
		return data + sections[i].sh_offset;
	}
	return NULL;
}

static struct btf *btf_of_file(const char *path)
{
	size_t size, length;
	const u8 *section;
	struct btf *btf;
	u8 *data;

	data = read_file(path, &size);
	if (!data)
		return NULL;
	unpack(&data, &size);
	unpack_kernel(&data, &size);
	section = section_of_elf(data, size, ".BTF", &length);
	btf = section ? btf__new(section, length) : btf__new(data, size);
	return libbpf_get_error(btf) ? NULL : btf;
}

static void find_kernel(const struct module *module)
{
	const char *version = module->vermagic;
	const char *places[3];
	struct utsname name;
	size_t i;

	if (!version)
		fail("has no vermagic, so it is not known which kernel it is for; --btf names one");
	places[0] = text("/boot/vmlinuz-%s", version);
	places[1] = text("/lib/modules/%s/vmlinuz", version);
	places[2] = text("/usr/lib/debug/boot/vmlinux-%s", version);
	uname(&name);
	if (!strcmp(version, name.release))
		kernel.btf = btf_of_file("/sys/kernel/btf/vmlinux");
	for (i = 0; i < ARRAY_SIZE(places) && !kernel.btf; i++)
		kernel.btf = btf_of_file(places[i]);
	if (!kernel.btf)
		fail("no BTF of its kernel %s found here; --btf FILE names the kernel's image",
		     version);
}

void types_load_kernel(const char *file)
{
	if (kernel.btf)
		return;
	libbpf_set_print(no_messages);
	kernel.btf = btf_of_file(file);
	if (!kernel.btf)
		fail("no BTF in %s", file);
	index_types(&kernel);
}

void types_load(const struct module *module, const char *file, const char *modules)
{
	target = module;
	if (file)
		types_load_kernel(file);
	if (!kernel.btf) {
		libbpf_set_print(no_messages);
		find_kernel(module);
		index_types(&kernel);
	}
	own = info_of(module, &own_base);
	if (modules)
		modules_dir = modules;
	else if (module->vermagic)
		modules_dir = text("/lib/modules/%s", module->vermagic);
}

static const char *declare(const struct btf *btf, u32 id, u32 depth);

static const char *named(const struct btf *btf, const struct btf_type *type, const char *keyword)
{
	const char *name = name_of(btf, type);

	return name[0] ? text("%s%s", keyword, name) : "{}";
}

static const char *declare(const struct btf *btf, u32 id, u32 depth)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *to;

	if (!id || !type || depth > MAX_NESTING)
		return "void";
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
		to = declare(btf, type->type, depth + 1);
		if (strchr(to, '('))
			return "(*)()";
		return text("%s%s*", to, ends(to, "*") ? "" : " ");
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return declare(btf, type->type, depth + 1);
	case BTF_KIND_STRUCT:
		return named(btf, type, "struct ");
	case BTF_KIND_UNION:
		return named(btf, type, "union ");
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return named(btf, type, "enum ");
	case BTF_KIND_FWD:
		return named(btf, type, btf_kflag(type) ? "union " : "struct ");
	case BTF_KIND_FUNC_PROTO:
		return "()";
	case BTF_KIND_ARRAY:
		return text("%s[%u]", declare(btf, btf_array(type)->type, depth + 1),
			    btf_array(type)->nelems);
	default:
		return name_of(btf, type);
	}
}

static const struct prototype *prototype_of(const struct info *info, const char *name)
{
	u32 id = look_up(info, name, 1 << BTF_KIND_FUNC), i;
	struct prototype *prototype;
	const struct btf_type *type;
	const struct btf_param *parameters;

	if (!id)
		return NULL;
	type = btf__type_by_id(info->btf, btf__type_by_id(info->btf, id)->type);
	if (!type || !btf_is_func_proto(type))
		return NULL;
	parameters = btf_params(type);
	prototype = alloc(sizeof(*prototype));
	prototype->returns = declare(info->btf, type->type, 0);
	prototype->parameters = alloc((btf_vlen(type) + 1) * sizeof(*prototype->parameters));
	for (i = 0; i < btf_vlen(type); i++) {
		if (!parameters[i].type && i == btf_vlen(type) - 1u) {
			prototype->variadic = true;
			break;
		}
		prototype->parameters[i].name =
			btf__name_by_offset(info->btf, parameters[i].name_off);
		prototype->parameters[i].type = declare(info->btf, parameters[i].type, 0);
		prototype->n_parameters++;
	}
	return prototype;
}

/* The path of a module in the index that depmod makes; NULL if it is not there. */
static const char *installed(const char *name)
{
	static char *index;
	static bool read;
	size_t size;
	char *line, *end, *base;
	const char *path = NULL;

	if (!read && modules_dir)
		index = (char *)read_file(text("%s/modules.dep", modules_dir), &size);
	read = true;
	for (line = index; line && *line && !path; line = end ? end + 1 : NULL) {
		size_t i, length = strcspn(line, ":\n");

		end = strchr(line, '\n');
		base = memrchr(line, '/', length);
		base = base ? base + 1 : line;
		for (i = 0; name[i]; i++)
			if (base[i] != name[i] && !(base[i] == '-' && name[i] == '_'))
				break;
		if (!name[i] && starts(base + i, ".ko"))
			path = text("%s/%s", modules_dir, text_n(line, length));
	}
	return path;
}

static const struct module *read_other(const char *name)
{
	const char *slash = strrchr(target->path, '/'), *subject = fail_subject;
	const char *path = installed(name);
	struct module *module;
	size_t size;
	u8 *data = NULL;

	if (path)
		data = read_file(path, &size);
	if (!data) {
		path = text("%.*s%s.ko", slash ? (int)(slash + 1 - target->path) : 0, target->path,
			    name);
		data = read_file(path, &size);
	}
	if (!data)
		return NULL;
	fail_subject = path;
	unpack(&data, &size);
	module = module_parse(path, data, size);
	fail_subject = subject;
	return module;
}

static void read_others(void)
{
	const struct section *info = module_section(target, ".modinfo");
	char *names = NULL, *name;
	struct info base = {};
	u64 i;

	others_read = true;
	for (i = 0; info && info->data && i < info->size; i++) {
		const char *at = (const char *)info->data + i;
		size_t length = strnlen(at, info->size - i);

		if (length > 8 && !strncmp(at, "depends=", 8))
			names = text_n(at + 8, length - 8);
		i += length;
	}
	while ((name = strsep(&names, ",")) && name[0]) {
		const struct module *module = read_other(name);

		if (!module)
			continue;
		more(others, n_others);
		others[n_others].module = module;
		others[n_others].info = info_of(module, &base);
		n_others++;
	}
}

/* BTF has "void memset(void)" of what is written in assembler. */
static const struct {
	const char *name;
	struct prototype prototype;
} assembler[] = {
	{ "memset", { "void *", (struct parameter[]){
		{ "s", "void *" }, { "c", "int" }, { "n", "unsigned long" } }, 3, false } },
	{ "memcpy", { "void *", (struct parameter[]){
		{ "to", "void *" }, { "from", "void *" }, { "n", "unsigned long" } }, 3, false } },
	{ "memmove", { "void *", (struct parameter[]){
		{ "to", "void *" }, { "from", "void *" }, { "n", "unsigned long" } }, 3, false } },
};

const struct prototype *types_exported(const char *name)
{
	const struct prototype *prototype;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(assembler); i++)
		if (!strcmp(assembler[i].name, name))
			return &assembler[i].prototype;
	prototype = prototype_of(&kernel, name);
	if (prototype)
		return prototype;
	if (!others_read)
		read_others();
	for (i = 0; i < n_others && !prototype; i++) {
		const struct symbol *symbol = module_symbol(others[i].module, name);

		if (symbol && symbol->type == STT_FUNC)
			prototype = prototype_of(&others[i].info, name);
	}
	return prototype;
}

const struct module *types_exporter(const char *name)
{
	u32 i;

	for (i = 0; i < n_others; i++) {
		const struct symbol *symbol = module_symbol(others[i].module, name);

		if (symbol && symbol->type == STT_FUNC)
			return others[i].module;
	}
	return NULL;
}

const struct prototype *types_own(const char *name)
{
	return prototype_of(&own, name);
}

bool types_has_function(const char *name)
{
	return look_up(&kernel, name, 1 << BTF_KIND_FUNC);
}

bool is_pointer(const char *type)
{
	return ends(type, "*") || starts(type, "(*)");
}

const char *pointed_to(const char *type)
{
	size_t length = strlen(type);

	if (!ends(type, "*"))
		return NULL;
	length--;
	while (length && type[length - 1] == ' ')
		length--;
	return text_n(type, length);
}

/* Where a named type is; in the kernel's BTF or in the module's. */
static u32 find_type(const char *type, const struct info **info)
{
	static const struct info *const all[] = { &kernel, &own };
	const char *name = type;
	u32 kinds, id, i;

	if (starts(type, "struct ")) {
		kinds = 1 << BTF_KIND_STRUCT;
		name += 7;
	} else if (starts(type, "union ")) {
		kinds = 1 << BTF_KIND_UNION;
		name += 6;
	} else if (starts(type, "enum ")) {
		kinds = 1 << BTF_KIND_ENUM;
		name += 5;
	} else {
		kinds = 1 << BTF_KIND_TYPEDEF | 1 << BTF_KIND_INT;
	}
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		id = look_up(all[i], name, kinds);
		if (id) {
			*info = all[i];
			return id;
		}
	}
	return 0;
}

u64 types_size(const char *type)
{
	const struct info *info;
	s64 size;
	u32 id;

	if (is_pointer(type))
		return 8;
	id = find_type(type, &info);
	if (!id)
		return 0;
	size = btf__resolve_size(info->btf, id);
	return size < 0 ? 0 : size;
}

const char *types_resolve(const char *type)
{
	const struct btf_type *at;
	const struct info *info;
	u32 id, i;

	if (is_pointer(type))
		return type;
	id = find_type(type, &info);
	for (i = 0; id && i < MAX_NESTING; i++) {
		at = btf__type_by_id(info->btf, id);
		if (!btf_is_typedef(at))
			return declare(info->btf, id, 0);
		id = at->type;
	}
	return type;
}

static const struct btf_type *skip(const struct btf *btf, u32 *id)
{
	const struct btf_type *type = btf__type_by_id(btf, *id);
	u32 i;

	for (i = 0; type && i < MAX_NESTING && (btf_is_mod(type) || btf_is_typedef(type)); i++) {
		*id = type->type;
		type = btf__type_by_id(btf, *id);
	}
	return type;
}

static const char *member_in(const struct btf *btf, u32 id, u64 offset, u64 size,
			     const char **found, u32 depth)
{
	const struct btf_type *type = skip(btf, &id), *of;
	const struct btf_member *member;
	u32 i, at, inner;
	const char *name, *path;
	s64 bytes;

	if (!type || !btf_is_composite(type) || depth > 8)
		return NULL;
	member = btf_members(type);
	for (i = 0; i < btf_vlen(type); i++, member++) {
		at = btf_member_bit_offset(type, i);
		bytes = btf__resolve_size(btf, member->type);
		if (btf_member_bitfield_size(type, i) || at % 8 || bytes <= 0 ||
		    at / 8 > offset || at / 8 + (u64)bytes <= offset)
			continue;
		name = name_at(btf, member->name_off);
		inner = member->type;
		of = skip(btf, &inner);
		if (of && btf_is_composite(of) && (!name[0] || at / 8 != offset || size)) {
			path = member_in(btf, inner, offset - at / 8, size, found, depth + 1);
			if (path)
				return name[0] ? text("%s.%s", name, path) : path;
		}
		if (at / 8 != offset || !name[0] || (size && (u64)bytes != size) ||
		    (of && btf_is_array(of)))
			continue;
		*found = declare(btf, member->type, 0);
		return name;
	}
	return NULL;
}

const char *types_member(const char *type, u64 offset, u64 size, const char **found)
{
	const struct info *info;
	u32 id = find_type(type, &info);

	return id ? member_in(info->btf, id, offset, size, found, 0) : NULL;
}

static const char *path_in(const struct btf *btf, u32 id, const char *wanted, u32 depth)
{
	const struct btf_type *type = skip(btf, &id);
	const struct btf_member *member;
	const char *name, *path;
	u32 i;

	if (!type || !btf_is_composite(type) || depth > 3)
		return NULL;
	if (!strcmp(declare(btf, id, 0), wanted))
		return "";
	member = btf_members(type);
	for (i = 0; i < btf_vlen(type); i++, member++) {
		name = name_at(btf, member->name_off);
		path = name[0] ? path_in(btf, member->type, wanted, depth + 1) : NULL;
		if (path)
			return path[0] ? text("%s.%s", name, path) : name;
	}
	return NULL;
}

const char *types_path_to(const char *type, const char *wanted)
{
	const struct info *info;
	u32 id = find_type(type, &info);

	return id ? path_in(info->btf, id, wanted, 0) : NULL;
}
