// SPDX-License-Identifier: GPL-2.0
/*
 * elf: reads a module's file. What is out of range in it ends the program.
 */
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "unpack.h"

static const char *string_of(Elf *elf, size_t table, size_t at)
{
	const char *name = elf_strptr(elf, table, at);

	if (!name)
		fail("a name is not in the string table: damaged");
	return name;
}

static void read_section(struct module *module, Elf *elf, u32 number, size_t names, size_t size)
{
	struct section *section = &module->sections[number];
	Elf_Scn *scn = elf_getscn(elf, number);
	GElf_Shdr header;
	Elf_Data *data;

	if (!scn || !gelf_getshdr(scn, &header))
		fail("section %u cannot be read: damaged", number);
	section->name = string_of(elf, names, header.sh_name);
	section->size = header.sh_size;
	section->writable = header.sh_flags & SHF_WRITE;
	section->code = header.sh_flags & SHF_EXECINSTR;
	section->allocated = header.sh_flags & SHF_ALLOC;
	if (header.sh_type == SHT_NOBITS || header.sh_type == SHT_NULL || !header.sh_size)
		return;
	if (header.sh_offset > size || header.sh_size > size - header.sh_offset)
		fail("section %s goes beyond the end of the file: truncated", section->name);
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf || data->d_size != header.sh_size)
		fail("section %s cannot be read: damaged", section->name);
	section->data = data->d_buf;
}

static void read_symbols(struct module *module, Elf *elf)
{
	GElf_Shdr header;
	Elf_Data *data;
	GElf_Sym sym;
	Elf_Scn *scn = NULL;
	u32 i;

	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB)
			break;
	if (!scn)
		fail("has no symbol table: stripped");
	data = elf_getdata(scn, NULL);
	if (!data || header.sh_entsize != gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT))
		fail("its symbol table cannot be read: damaged");
	module->n_symbols = data->d_size / header.sh_entsize;
	module->symbols = alloc((module->n_symbols + 1) * sizeof(*module->symbols));
	for (i = 0; i < module->n_symbols; i++) {
		struct symbol *symbol = &module->symbols[i];

		if (!gelf_getsym(data, i, &sym))
			fail("symbol %u cannot be read: damaged", i);
		symbol->name = string_of(elf, header.sh_link, sym.st_name);
		symbol->value = sym.st_value;
		symbol->size = sym.st_size;
		symbol->type = GELF_ST_TYPE(sym.st_info);
		symbol->absolute = sym.st_shndx == SHN_ABS;
		if (sym.st_shndx >= SHN_LORESERVE)
			continue;
		if (sym.st_shndx >= module->n_sections)
			fail("symbol %s is in a section that is not there: damaged", symbol->name);
		symbol->section = sym.st_shndx;
	}
}

static const struct module *sorting;

static int by_value(const void *a, const void *b)
{
	const struct symbol *x = &sorting->symbols[*(const u32 *)a];
	const struct symbol *y = &sorting->symbols[*(const u32 *)b];

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(sorting->symbols[*(const u32 *)a].name,
		      sorting->symbols[*(const u32 *)b].name);
}

static bool names_a_place(const struct symbol *symbol)
{
	return symbol->section && symbol->name[0] &&
	       (symbol->type == STT_NOTYPE || symbol->type == STT_OBJECT ||
		symbol->type == STT_FUNC);
}

static void sort_symbols(struct module *module)
{
	u32 *named = alloc((module->n_symbols + 1) * sizeof(*named));
	u32 i, n = 0;

	sorting = module;
	for (i = 0; i < module->n_symbols; i++) {
		const struct symbol *symbol = &module->symbols[i];
		struct section *section = &module->sections[symbol->section];

		if (!names_a_place(symbol))
			continue;
		named[n++] = i;
		more(section->symbols, section->n_symbols);
		section->symbols[section->n_symbols++] = i;
	}
	for (i = 0; i < module->n_sections; i++)
		if (module->sections[i].n_symbols)
			qsort(module->sections[i].symbols, module->sections[i].n_symbols,
			      sizeof(u32), by_value);
	qsort(named, n, sizeof(*named), by_name);
	for (i = 0; i < n; i++)
		module->symbols[named[i]].unique =
			(!i || by_name(&named[i - 1], &named[i])) &&
			(i + 1 == n || by_name(&named[i], &named[i + 1]));
}

static int by_offset(const void *a, const void *b)
{
	const struct reloc *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void read_relocs(struct module *module, Elf_Scn *scn, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	struct section *section;
	GElf_Rela rela;
	u32 i, n;

	if (header->sh_info >= module->n_sections)
		fail("relocations of a section that is not there: damaged");
	section = &module->sections[header->sh_info];
	if (!data || !header->sh_entsize || section->relocs)
		fail("the relocations of %s cannot be read: damaged", section->name);
	n = data->d_size / header->sh_entsize;
	section->relocs = alloc((n + 1) * sizeof(*section->relocs));
	for (i = 0; i < n; i++) {
		struct reloc *reloc = &section->relocs[i];

		if (!gelf_getrela(data, i, &rela))
			fail("a relocation of %s cannot be read: damaged", section->name);
		*reloc = (struct reloc){
			.offset = rela.r_offset,
			.addend = rela.r_addend,
			.type = GELF_R_TYPE(rela.r_info),
			.symbol = GELF_R_SYM(rela.r_info),
		};
		if (reloc->symbol >= module->n_symbols || reloc->offset >= section->size)
			fail("a relocation of %s is out of range: damaged", section->name);
	}
	section->n_relocs = n;
	qsort(section->relocs, n, sizeof(*section->relocs), by_offset);
}

static void read_info(struct module *module)
{
	const struct section *info = module_section(module, ".modinfo");
	const struct section *note = module_section(module, ".note.gnu.build-id");
	struct buffer id = {};
	u64 i, length;

	for (i = 0; info && info->data && i < info->size; i += length + 1) {
		const char *at = (const char *)info->data + i;

		length = strnlen(at, info->size - i);
		if (length > 9 && !strncmp(at, "vermagic=", 9))
			module->vermagic = text_n(at + 9, strcspn(text_n(at + 9, length - 9), " "));
		if (length > 5 && !strncmp(at, "name=", 5))
			module->name = text_n(at + 5, length - 5);
	}
	for (i = 16; note && note->data && i < note->size && i < 36; i++)
		add(&id, "%02x", note->data[i]);
	module->build_id = id.at;
}

/* The kernel's rule, for a module that does not say its name itself. */
static char *name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = text("%s", slash ? slash + 1 : path), *dot;

	dot = strstr(name, ".ko");
	if (!dot && ends(name, ".o"))
		dot = name + strlen(name) - 2;
	if (dot)
		*dot = '\0';
	for (dot = name; *dot; dot++)
		if (*dot == '-')
			*dot = '_';
	return name;
}

/* It becomes the name of a file and of functions. */
static void check_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
			    name[i]))
			fail("'%s' cannot be the name of a module", name);
	if (!i || i > NAME_MAX_LEN)
		fail("'%s' cannot be the name of a module", name);
}

struct module *module_parse(const char *path, u8 *data, size_t size)
{
	struct module *module = alloc(sizeof(*module));
	size_t names, sections;
	GElf_Shdr header;
	GElf_Ehdr ehdr;
	Elf_Scn *scn = NULL;
	Elf *elf;
	u32 i;

	module->path = path;
	module->name = name_of_file(path);
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)data, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		fail("is no ELF file");
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64 || ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		fail("is not for a 64-bit little-endian machine");
	if (ehdr.e_type != ET_REL)
		fail("is no kernel module: not relocatable");
	module->machine = ehdr.e_machine;
	if (elf_getshdrnum(elf, &sections) || elf_getshdrstrndx(elf, &names) || !sections)
		fail("its sections cannot be read: truncated or damaged");
	module->n_sections = sections;
	module->sections = alloc(sections * sizeof(*module->sections));
	module->sections[0].name = "";
	for (i = 1; i < sections; i++)
		read_section(module, elf, i, names, size);
	read_symbols(module, elf);
	sort_symbols(module);
	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_RELA)
			read_relocs(module, scn, &header);
	read_info(module);
	check_name(module->name);
	return module;
}

struct module *module_read(const char *path)
{
	size_t size;
	u8 *data;

	fail_subject = path;
	data = read_file(path, &size);
	if (!data)
		fail("cannot be read: %s", strerror(errno));
	unpack(&data, &size);
	return module_parse(path, data, size);
}

u32 module_section_index(const struct module *module, const char *name)
{
	u32 i;

	for (i = 1; i < module->n_sections; i++)
		if (!strcmp(module->sections[i].name, name))
			return i;
	return 0;
}

const struct section *module_section(const struct module *module, const char *name)
{
	u32 i = module_section_index(module, name);

	return i ? &module->sections[i] : NULL;
}

const struct symbol *module_symbol(const struct module *module, const char *name)
{
	u32 i;

	for (i = 0; i < module->n_symbols; i++)
		if (names_a_place(&module->symbols[i]) && !strcmp(module->symbols[i].name, name))
			return &module->symbols[i];
	return NULL;
}

const struct symbol *module_function_at(const struct module *module, struct place place)
{
	const struct section *section = &module->sections[place.section];
	const struct symbol *best = NULL;
	u32 i;

	for (i = 0; i < section->n_symbols; i++) {
		const struct symbol *symbol = &module->symbols[section->symbols[i]];

		if (symbol->value == place.offset && symbol->type == STT_FUNC &&
		    (!best || (symbol->unique && !best->unique)))
			best = symbol;
	}
	return best;
}

static bool covers(const struct symbol *symbol, u64 offset)
{
	return symbol->value <= offset && offset - symbol->value < symbol->size;
}

const struct symbol *module_function_around(const struct module *module, struct place place)
{
	const struct section *section = &module->sections[place.section];
	u32 i;

	for (i = 0; i < section->n_symbols; i++) {
		const struct symbol *symbol = &module->symbols[section->symbols[i]];

		if (symbol->type == STT_FUNC && covers(symbol, place.offset))
			return symbol;
	}
	return NULL;
}

const struct symbol *module_object_around(const struct module *module, struct place place)
{
	const struct section *section = &module->sections[place.section];
	const struct symbol *best = NULL, *edge = NULL;
	u32 i;

	for (i = 0; i < section->n_symbols; i++) {
		const struct symbol *symbol = &module->symbols[section->symbols[i]];

		if (symbol->type == STT_NOTYPE && !symbol->size)
			continue;
		if (covers(symbol, place.offset) && (!best || symbol->unique))
			best = symbol;
		if (symbol->value + symbol->size == place.offset || symbol->value == place.offset)
			edge = symbol;
	}
	return best ? best : edge;
}

const struct symbol *module_anchor(const struct module *module, struct place place)
{
	const struct section *section = &module->sections[place.section];
	const struct symbol *best = NULL;
	u64 distance, nearest = ~0UL;
	u32 i;

	for (i = 0; i < section->n_symbols; i++) {
		const struct symbol *symbol = &module->symbols[section->symbols[i]];

		if (!symbol->unique || !symbol->size || symbol->type == STT_NOTYPE)
			continue;
		distance = symbol->value > place.offset ? symbol->value - place.offset :
			place.offset - symbol->value;
		if (distance < nearest) {
			nearest = distance;
			best = symbol;
		}
	}
	return best;
}

const struct reloc *module_reloc(const struct module *module, u32 section, u64 from, u64 to)
{
	const struct section *of = &module->sections[section];
	u32 low = 0, high = of->n_relocs, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (of->relocs[middle].offset < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < of->n_relocs && of->relocs[low].offset < to ? &of->relocs[low] : NULL;
}

static bool is_text(unsigned char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r' || c == 1 || c == 27;
}

const char *module_string(const struct module *module, struct place place)
{
	const struct section *section = &module->sections[place.section];
	u64 i;

	if (!section->data || place.offset >= section->size)
		return NULL;
	for (i = place.offset; i < section->size && section->data[i]; i++)
		if (!is_text(section->data[i]))
			return NULL;
	return i < section->size ? (const char *)section->data + place.offset : NULL;
}

bool place_is_string(const struct module *module, struct place place)
{
	return strstr(module->sections[place.section].name, ".rodata") &&
	       strstr(module->sections[place.section].name, ".str");
}
