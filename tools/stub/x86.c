// SPDX-License-Identifier: GPL-2.0
/*
 * x86: decodes x86-64 with Capstone, and knows what its instructions do.
 *
 * What is not known here is said to be unknown, never guessed.
 */
#include <capstone/capstone.h>
#include <elf.h>
#include <string.h>

#include "arch.h"

enum {
	RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
	/* The flags, as what they were set from: a kind with a size, and two operands. */
	FLAGS, FLAG_A, FLAG_B,
	N_REGS
};

/* Of FLAGS. */
enum {
	F_COMPARE,	/* of a - b: all flags */
	F_LOGIC,	/* of a: zero and sign are those of a, carry and overflow are off */
	F_RESULT,	/* of a: zero and sign are those of a, the others are not known */
	F_BIT,		/* carry is bit b of a */
};

struct decoded {
	u32 id;
	cs_x86 x86;
	const char *text;
	u16 written[8];
	u8 n_written;
};

static const struct {
	u16 reg;
	u8 number, size, shift;
} registers[] = {
	{ X86_REG_RAX, RAX, 8, 0 }, { X86_REG_EAX, RAX, 4, 0 },
	{ X86_REG_AX, RAX, 2, 0 }, { X86_REG_AL, RAX, 1, 0 },
	{ X86_REG_RCX, RCX, 8, 0 }, { X86_REG_ECX, RCX, 4, 0 },
	{ X86_REG_CX, RCX, 2, 0 }, { X86_REG_CL, RCX, 1, 0 },
	{ X86_REG_RDX, RDX, 8, 0 }, { X86_REG_EDX, RDX, 4, 0 },
	{ X86_REG_DX, RDX, 2, 0 }, { X86_REG_DL, RDX, 1, 0 },
	{ X86_REG_RBX, RBX, 8, 0 }, { X86_REG_EBX, RBX, 4, 0 },
	{ X86_REG_BX, RBX, 2, 0 }, { X86_REG_BL, RBX, 1, 0 },
	{ X86_REG_RSP, RSP, 8, 0 }, { X86_REG_ESP, RSP, 4, 0 },
	{ X86_REG_SP, RSP, 2, 0 }, { X86_REG_SPL, RSP, 1, 0 },
	{ X86_REG_RBP, RBP, 8, 0 }, { X86_REG_EBP, RBP, 4, 0 },
	{ X86_REG_BP, RBP, 2, 0 }, { X86_REG_BPL, RBP, 1, 0 },
	{ X86_REG_RSI, RSI, 8, 0 }, { X86_REG_ESI, RSI, 4, 0 },
	{ X86_REG_SI, RSI, 2, 0 }, { X86_REG_SIL, RSI, 1, 0 },
	{ X86_REG_RDI, RDI, 8, 0 }, { X86_REG_EDI, RDI, 4, 0 },
	{ X86_REG_DI, RDI, 2, 0 }, { X86_REG_DIL, RDI, 1, 0 },
	{ X86_REG_R8, R8, 8, 0 }, { X86_REG_R8D, R8, 4, 0 },
	{ X86_REG_R8W, R8, 2, 0 }, { X86_REG_R8B, R8, 1, 0 },
	{ X86_REG_R9, R9, 8, 0 }, { X86_REG_R9D, R9, 4, 0 },
	{ X86_REG_R9W, R9, 2, 0 }, { X86_REG_R9B, R9, 1, 0 },
	{ X86_REG_R10, R10, 8, 0 }, { X86_REG_R10D, R10, 4, 0 },
	{ X86_REG_R10W, R10, 2, 0 }, { X86_REG_R10B, R10, 1, 0 },
	{ X86_REG_R11, R11, 8, 0 }, { X86_REG_R11D, R11, 4, 0 },
	{ X86_REG_R11W, R11, 2, 0 }, { X86_REG_R11B, R11, 1, 0 },
	{ X86_REG_R12, R12, 8, 0 }, { X86_REG_R12D, R12, 4, 0 },
	{ X86_REG_R12W, R12, 2, 0 }, { X86_REG_R12B, R12, 1, 0 },
	{ X86_REG_R13, R13, 8, 0 }, { X86_REG_R13D, R13, 4, 0 },
	{ X86_REG_R13W, R13, 2, 0 }, { X86_REG_R13B, R13, 1, 0 },
	{ X86_REG_R14, R14, 8, 0 }, { X86_REG_R14D, R14, 4, 0 },
	{ X86_REG_R14W, R14, 2, 0 }, { X86_REG_R14B, R14, 1, 0 },
	{ X86_REG_R15, R15, 8, 0 }, { X86_REG_R15D, R15, 4, 0 },
	{ X86_REG_R15W, R15, 2, 0 }, { X86_REG_R15B, R15, 1, 0 },
	{ X86_REG_AH, RAX, 1, 8 }, { X86_REG_BH, RBX, 1, 8 },
	{ X86_REG_CH, RCX, 1, 8 }, { X86_REG_DH, RDX, 1, 8 },
};

static int find_register(u16 reg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(registers); i++)
		if (registers[i].reg == reg)
			return i;
	return -1;
}

static csh capstone(void)
{
	static csh handle;

	if (!handle) {
		if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
			fail("Capstone cannot be used");
		cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	}
	return handle;
}

static s64 pc_relative(const struct insn *insn, const struct reloc *reloc)
{
	if (reloc->type != R_X86_64_PC32 && reloc->type != R_X86_64_PLT32)
		return 0;
	/* Relative to the field; the instruction goes on to its end. */
	return insn->place.offset + insn->length - reloc->offset;
}

static void set_symbol_target(const struct module *module, struct insn *insn, u32 symbol,
			      s64 addend)
{
	const struct symbol *to = &module->symbols[symbol];
	static const char thunk[] = "__x86_indirect_thunk_";
	int i;

	if (to->section) {
		insn->target = (struct target){ .kind = T_OWN,
			.place = { to->section, to->value + addend } };
		return;
	}
	insn->target = (struct target){ .kind = T_EXT, .symbol = symbol };
	if (!starts(to->name, "__x86_indirect_"))
		return;
	insn->target = (struct target){ .kind = T_INDIRECT, .reg = -1 };
	for (i = 0; starts(to->name, thunk) && i < (int)ARRAY_SIZE(registers); i++)
		if (registers[i].size == 8 &&
		    !strcmp(cs_reg_name(capstone(), registers[i].reg), to->name + strlen(thunk)))
			insn->target.reg = registers[i].number;
}

/* The target of a call or jump that has one in itself. */
static void set_target(const struct module *module, struct insn *insn, const cs_x86_op *op)
{
	const struct reloc *reloc = module_reloc(module, insn->place.section,
						 insn->place.offset + 1,
						 insn->place.offset + insn->length);

	if (op->type != X86_OP_IMM)
		insn->target = (struct target){ .kind = T_INDIRECT, .reg = -1 };
	else if (reloc)
		set_symbol_target(module, insn, reloc->symbol,
				  reloc->addend + pc_relative(insn, reloc));
	else
		insn->target = (struct target){ .kind = T_OWN,
			.place = { insn->place.section, op->imm } };
}

/* Keys of trace points and of pr_debug(): what they switch on only tells. */
static bool key_only_tells(const struct module *module, const struct insn *insn)
{
	const struct symbol *symbol;

	if (!insn->key.section)
		return starts(module->symbols[insn->key_symbol].name, "__tracepoint_");
	if (!strcmp(module->sections[insn->key.section].name, "__dyndbg"))
		return true;
	symbol = module_object_around(module, insn->key);
	return symbol && starts(symbol->name, "__tracepoint_");
}

/* struct jump_entry: code, target and key, each relative to its own place. */
static bool jump_label(const struct module *module, struct insn *insn)
{
	u32 number = module_section_index(module, "__jump_table"), i;
	const struct section *table = &module->sections[number];

	for (i = 0; number && i + 2 < table->n_relocs; i += 3) {
		const struct reloc *code = &table->relocs[i];
		const struct symbol *at = &module->symbols[code->symbol], *to, *key;

		if (at->section != insn->place.section ||
		    at->value + code->addend != insn->place.offset)
			continue;
		to = &module->symbols[code[1].symbol];
		key = &module->symbols[code[2].symbol];
		/* The lowest bit: jumps when the key is off. */
		insn->key_inverted = code[2].addend & 1;
		insn->key_symbol = code[2].symbol;
		insn->key = (struct place){ key->section, (key->value + code[2].addend) & ~1UL };
		insn->target = (struct target){ .kind = T_OWN,
			.place = { to->section, to->value + code[1].addend } };
		insn->kind = I_KEY;
		if (!to->section)
			return false;
		if (key_only_tells(module, insn))
			insn->kind = insn->key_inverted ? I_JUMP : I_NOTHING;
		return true;
	}
	return false;
}

/* struct bug_entry: address, format, file, line, flags; the flags tell WARN() from BUG(). */
static bool is_warning(const struct module *module, struct place place)
{
	u32 number = module_section_index(module, "__bug_table"), i;
	const struct section *table = &module->sections[number];
	const struct symbol *at;
	u32 entry = 0, flags;

	if (!number || !table->data)
		return false;
	for (i = 0; i < table->n_relocs; i++) {
		const struct reloc *reloc = &table->relocs[i];

		at = &module->symbols[reloc->symbol];
		if (at->section != place.section || at->value + reloc->addend != place.offset)
			continue;
		/* The entry ends where the next one begins, with its flags. */
		entry = reloc->offset;
		for (i++; i < table->n_relocs; i++) {
			at = &module->symbols[table->relocs[i].symbol];
			if (at->section && module->sections[at->section].code)
				break;
		}
		flags = (i < table->n_relocs ? table->relocs[i].offset : table->size) - 2;
		return flags >= entry && flags + 2 <= table->size && table->data[flags] & 1;
	}
	return false;
}

static enum insn_kind kind_of(const struct module *module, const struct insn *insn,
			      const cs_insn *in)
{
	if (cs_insn_group(capstone(), in, CS_GRP_CALL))
		return I_CALL;
	if (in->id == X86_INS_JMP)
		return I_JUMP;
	if (in->id == X86_INS_RET)
		return I_RETURN;
	if (cs_insn_group(capstone(), in, CS_GRP_JUMP))
		return I_BRANCH;
	if (in->id == X86_INS_UD2)
		return is_warning(module, insn->place) ? I_WARN : I_TRAP;
	if (in->id == X86_INS_INT3)
		return I_TRAP;
	return I_PLAIN;
}

/* Calls and jumps to what is the kernel's for the compiler. */
static void adjust(const struct module *module, struct insn *insn)
{
	const char *name;

	if (insn->target.kind != T_EXT)
		return;
	name = module->symbols[insn->target.symbol].name;
	if (!strcmp(name, "__x86_return_thunk"))
		insn->kind = I_RETURN;
	if (!strcmp(name, "__fentry__"))
		insn->kind = I_NOTHING;
}

static bool decode(const struct module *module, struct insn *insn)
{
	const struct section *section = &module->sections[insn->place.section];
	static cs_insn *in;
	struct decoded *decoded;
	u64 address = insn->place.offset;
	const u8 *code;
	size_t size, i;

	if (!section->data || !section->code || address >= section->size)
		return false;
	if (!in)
		in = cs_malloc(capstone());
	code = section->data + address;
	size = section->size - address;
	/* endbr64: not in every Capstone. */
	if (size >= 4 && !memcmp(code, "\xf3\x0f\x1e\xfa", 4)) {
		insn->length = 4;
		insn->kind = I_NOTHING;
		return true;
	}
	if (!cs_disasm_iter(capstone(), &code, &size, &address, in))
		return false;
	decoded = alloc(sizeof(*decoded));
	decoded->id = in->id;
	decoded->x86 = in->detail->x86;
	decoded->text = text("%s %s", in->mnemonic, in->op_str);
	for (i = 0; i < in->detail->regs_write_count && i < ARRAY_SIZE(decoded->written); i++)
		decoded->written[decoded->n_written++] = in->detail->regs_write[i];
	insn->decoded = decoded;
	insn->length = in->size;
	if (jump_label(module, insn))
		return true;
	insn->kind = kind_of(module, insn, in);
	if (insn->kind == I_CALL || insn->kind == I_JUMP || insn->kind == I_BRANCH) {
		set_target(module, insn, &in->detail->x86.operands[0]);
		adjust(module, insn);
	}
	return true;
}

static const struct expr *get(const struct exec *x, u16 reg)
{
	int i = find_register(reg);
	const struct expr *value;

	if (i < 0)
		return e_unknown("a register that is not a general one");
	value = exec_get(x, registers[i].number);
	if (registers[i].shift)
		value = e_op(OP_SHR, 8, value, e_int(registers[i].shift));
	return e_trunc(value, registers[i].size);
}

/* Writing 4 bytes clears the others, writing fewer keeps them. */
static void set(struct exec *x, u16 reg, const struct expr *value)
{
	int i = find_register(reg);
	const struct expr *rest;
	u64 keep;

	if (i < 0)
		return exec_unknown(x, "a register that is not a general one is written");
	if (registers[i].size >= 4)
		return exec_set(x, registers[i].number, e_trunc(value, registers[i].size));
	value = e_trunc(value, registers[i].size);
	keep = ~(((1UL << (8 * registers[i].size)) - 1) << registers[i].shift);
	rest = e_op(OP_AND, 8, exec_get(x, registers[i].number), e_int(keep));
	if (registers[i].shift)
		value = e_op(OP_SHL, 8, value, e_int(registers[i].shift));
	exec_set(x, registers[i].number, e_op(OP_OR, 8, rest, value));
}

/* The relocation of an operand: a displacement comes before an immediate. */
static const struct reloc *operand_reloc(const struct exec *x, const struct insn *insn,
					 bool immediate)
{
	const struct decoded *d = insn->decoded;
	u64 from = insn->place.offset + 1, to = insn->place.offset + insn->length;
	u8 size = d->x86.encoding.imm_size;
	bool both = d->x86.encoding.imm_offset && d->x86.encoding.disp_offset;

	if (both && size && immediate)
		from = to - size;
	else if (both && size)
		to -= size;
	return module_reloc(x->func->module, insn->place.section, from, to);
}

static const struct expr *address(struct exec *x, const struct insn *insn, const cs_x86_op *op)
{
	const struct reloc *reloc = operand_reloc(x, insn, false);
	const struct expr *at, *index;
	const x86_op_mem *mem = &op->mem;

	if (reloc)
		at = exec_reloc(x, reloc, mem->base == X86_REG_RIP ? pc_relative(insn, reloc) : 0);
	else if (mem->base == X86_REG_RIP)
		at = e_addr(insn->place.section, insn->place.offset + insn->length + mem->disp);
	else
		at = e_int(mem->disp);
	if (mem->base != X86_REG_INVALID && mem->base != X86_REG_RIP)
		at = e_op(OP_ADD, 8, get(x, mem->base), at);
	if (mem->index != X86_REG_INVALID) {
		index = e_op(OP_MUL, 8, get(x, mem->index), e_int(mem->scale));
		at = e_op(OP_ADD, 8, at, index);
	}
	if (mem->segment == X86_REG_GS || mem->segment == X86_REG_FS)
		return e_percpu(at);
	return at;
}

static const struct expr *value(struct exec *x, const struct insn *insn, const cs_x86_op *op)
{
	const struct reloc *reloc;

	if (op->type == X86_OP_REG)
		return get(x, op->reg);
	if (op->type == X86_OP_MEM)
		return exec_load(x, address(x, insn, op), op->size, false);
	reloc = operand_reloc(x, insn, true);
	if (reloc)
		return exec_reloc(x, reloc, 0);
	return e_trunc(e_int(op->imm), op->size);
}

static void put(struct exec *x, const struct insn *insn, const cs_x86_op *op,
		const struct expr *what)
{
	if (op->type == X86_OP_REG)
		set(x, op->reg, what);
	else
		exec_store(x, address(x, insn, op), op->size, e_trunc(what, op->size));
}

static void set_flags(struct exec *x, u32 kind, u32 size, const struct expr *a,
		      const struct expr *b)
{
	exec_set(x, FLAGS, e_int(kind << 8 | size));
	exec_set(x, FLAG_A, a);
	exec_set(x, FLAG_B, b ? b : e_int(0));
}

static void forget_flags(struct exec *x)
{
	exec_set(x, FLAGS, e_unknown("a condition"));
}

/* Which comparison of a with b a condition is. */
static const struct {
	u16 jump, set, cmov;
	u8 op;
	u16 inverse;	/* it is the opposite of this jump */
} conditions[] = {
	{ X86_INS_JE, X86_INS_SETE, X86_INS_CMOVE, OP_EQ, 0 },
	{ X86_INS_JNE, X86_INS_SETNE, X86_INS_CMOVNE, OP_NE, 0 },
	{ X86_INS_JL, X86_INS_SETL, X86_INS_CMOVL, OP_LT, 0 },
	{ X86_INS_JLE, X86_INS_SETLE, X86_INS_CMOVLE, OP_LE, 0 },
	{ X86_INS_JG, X86_INS_SETG, X86_INS_CMOVG, OP_GT, 0 },
	{ X86_INS_JGE, X86_INS_SETGE, X86_INS_CMOVGE, OP_GE, 0 },
	{ X86_INS_JB, X86_INS_SETB, X86_INS_CMOVB, OP_ULT, 0 },
	{ X86_INS_JBE, X86_INS_SETBE, X86_INS_CMOVBE, OP_ULE, 0 },
	{ X86_INS_JA, X86_INS_SETA, X86_INS_CMOVA, OP_UGT, 0 },
	{ X86_INS_JAE, X86_INS_SETAE, X86_INS_CMOVAE, OP_UGE, 0 },
	{ X86_INS_JS, X86_INS_SETS, X86_INS_CMOVS, OP_LT, 1 },
	{ X86_INS_JNS, X86_INS_SETNS, X86_INS_CMOVNS, OP_GE, 1 },
};

/* As the flags are now; sign: what js asks, which looks at the result alone. */
static const struct expr *compare(struct exec *x, u32 op, bool sign)
{
	const struct expr *flags = exec_get(x, FLAGS);
	const struct expr *a = exec_get(x, FLAG_A), *b = exec_get(x, FLAG_B);
	u32 kind, size;

	if (flags->kind != E_INT)
		return e_unknown("a condition");
	kind = flags->value >> 8;
	size = flags->value & 0xff;
	switch (kind) {
	case F_COMPARE:
		if (sign)
			return e_op(op, size, e_op(OP_SUB, size, a, b), e_int(0));
		return e_op(op, size, a, b);
	case F_LOGIC:
		return e_op(op, size, a, e_int(0));
	case F_RESULT:
		if (op != OP_EQ && op != OP_NE && !sign)
			break;
		return e_op(op, size, a, e_int(0));
	case F_BIT:
		a = e_op(OP_AND, 8, e_op(OP_SHR, 8, a, b), e_int(1));
		if (op == OP_ULT)
			return e_op(OP_NE, 8, a, e_int(0));
		if (op == OP_UGE)
			return e_op(OP_EQ, 8, a, e_int(0));
	}
	return e_unknown("a condition");
}

static const struct expr *condition_of(struct exec *x, u32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conditions); i++)
		if (conditions[i].jump == id || conditions[i].set == id || conditions[i].cmov == id)
			return compare(x, conditions[i].op, conditions[i].inverse);
	return NULL;
}

static const struct expr *condition(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const struct expr *e = condition_of(x, d->id);

	return e ? e : e_unknown(text("the condition of %s", d->text));
}

static void binary(struct exec *x, const struct insn *insn, enum op op)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *a, *b, *result;
	u32 size = ops[0].size;

	if (d->x86.op_count == 3) {	/* imul a, b, c */
		a = value(x, insn, &ops[1]);
		b = value(x, insn, &ops[2]);
	} else {
		a = value(x, insn, &ops[0]);
		b = d->x86.op_count == 2 ? value(x, insn, &ops[1]) : e_int(1);
	}
	if (op == OP_SAR)
		result = e_trunc(e_op(op, size, e_sext(a, size), b), size);
	else
		result = e_op(op, size, a, b);
	/* xor a, a and sub a, a, whatever a is */
	if (d->x86.op_count == 2 && ops[0].type == X86_OP_REG && ops[1].type == X86_OP_REG &&
	    ops[0].reg == ops[1].reg && (op == OP_XOR || op == OP_SUB))
		result = e_int(0);
	if (op == OP_SUB)
		set_flags(x, F_COMPARE, size, a, b);
	else
		set_flags(x, op == OP_AND || op == OP_OR || op == OP_XOR ? F_LOGIC : F_RESULT,
			  size, result, NULL);
	put(x, insn, &ops[0], result);
}

static void unary(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *op = d->x86.operands;
	const struct expr *a = value(x, insn, op), *result;

	switch (d->id) {
	case X86_INS_INC:
		result = e_op(OP_ADD, op->size, a, e_int(1));
		break;
	case X86_INS_DEC:
		result = e_op(OP_SUB, op->size, a, e_int(1));
		break;
	case X86_INS_NEG:
		result = e_op(OP_NEG, op->size, a, NULL);
		break;
	default:
		put(x, insn, op, e_op(OP_NOT, op->size, a, NULL));
		return;
	}
	set_flags(x, F_RESULT, op->size, result, NULL);
	put(x, insn, op, result);
}

static void bit(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *a, *b = value(x, insn, &ops[1]), *one;
	u32 size = ops[0].size;

	/* In memory, a register as the bit's number goes beyond the operand. */
	if (ops[0].type == X86_OP_MEM && ops[1].type == X86_OP_REG)
		return exec_unknown(x, text("instruction %s", d->text));
	a = value(x, insn, &ops[0]);
	b = e_op(OP_AND, 8, b, e_int(size * 8 - 1));
	one = e_op(OP_SHL, 8, e_int(1), b);
	set_flags(x, F_BIT, size, a, b);
	if (d->id == X86_INS_BTS)
		put(x, insn, &ops[0], e_op(OP_OR, size, a, one));
	if (d->id == X86_INS_BTR)
		put(x, insn, &ops[0], e_op(OP_AND, size, a, e_op(OP_NOT, 8, one, NULL)));
	if (d->id == X86_INS_BTC)
		put(x, insn, &ops[0], e_op(OP_XOR, size, a, one));
}

static void push(struct exec *x, const struct expr *what)
{
	exec_set(x, RSP, e_op(OP_SUB, 8, exec_get(x, RSP), e_int(8)));
	exec_store(x, exec_get(x, RSP), 8, what);
}

static const struct expr *pop(struct exec *x)
{
	const struct expr *what = exec_load(x, exec_get(x, RSP), 8, false);

	exec_set(x, RSP, e_op(OP_ADD, 8, exec_get(x, RSP), e_int(8)));
	return what;
}

static void enter(struct exec *x)
{
	push(x, e_int(0));
}

static void leave(struct exec *x)
{
	pop(x);
}

static void exchange(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *a, *b;
	int memory = ops[0].type == X86_OP_MEM ? 0 : ops[1].type == X86_OP_MEM ? 1 : -1;

	if (memory < 0) {
		a = value(x, insn, &ops[0]);
		b = value(x, insn, &ops[1]);
		put(x, insn, &ops[0], b);
		put(x, insn, &ops[1], a);
		return;
	}
	b = value(x, insn, &ops[!memory]);
	a = exec_atomic(x, A_XCHG, address(x, insn, &ops[memory]), ops[memory].size, b);
	put(x, insn, &ops[!memory], a);
}

/* Locked instructions; each has its operand in memory. */
static bool locked(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *at, *old, *b = NULL;
	u32 size = ops[0].size;

	if (ops[0].type != X86_OP_MEM)
		return false;
	at = address(x, insn, &ops[0]);
	if (d->x86.op_count == 2)
		b = value(x, insn, &ops[1]);
	switch (d->id) {
	case X86_INS_INC:
	case X86_INS_DEC:
		b = e_int(d->id == X86_INS_INC ? 1 : -1);
		old = exec_atomic(x, A_ADD, at, size, e_trunc(b, size));
		set_flags(x, F_RESULT, size, e_op(OP_ADD, size, old, e_trunc(b, size)), NULL);
		return true;
	case X86_INS_ADD:
	case X86_INS_SUB:
		if (d->id == X86_INS_SUB)
			b = e_op(OP_NEG, size, b, NULL);
		old = exec_atomic(x, A_ADD, at, size, b);
		set_flags(x, F_RESULT, size, e_op(OP_ADD, size, old, b), NULL);
		return true;
	case X86_INS_XADD:
		old = exec_atomic(x, A_ADD, at, size, b);
		set_flags(x, F_RESULT, size, e_op(OP_ADD, size, old, b), NULL);
		put(x, insn, &ops[1], old);
		return true;
	case X86_INS_AND:
		old = exec_atomic(x, A_AND, at, size, b);
		set_flags(x, F_LOGIC, size, e_op(OP_AND, size, old, b), NULL);
		return true;
	case X86_INS_OR:
		/* Of the stack: a memory barrier. */
		if (at->kind == E_STACK || at->kind == E_UNKNOWN)
			return at->kind == E_STACK;
		old = exec_atomic(x, A_OR, at, size, b);
		set_flags(x, F_LOGIC, size, e_op(OP_OR, size, old, b), NULL);
		return true;
	case X86_INS_BTS:
	case X86_INS_BTR:
		old = exec_atomic(x, d->id == X86_INS_BTS ? A_BTS : A_BTR, at, size, b);
		set_flags(x, F_LOGIC, 1, old, NULL);
		/* Carry is the old bit. */
		exec_set(x, FLAGS, e_int(F_BIT << 8 | 1));
		return true;
	default:
		return false;
	}
}

/* What an instruction that is not known writes is not known. */
static void forget(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const struct expr *unknown = e_unknown(text("instruction %s", d->text));
	int i, reg;

	exec_unknown(x, text("instruction %s", d->text));
	for (i = 0; i < d->x86.op_count; i++)
		if (d->x86.operands[i].type == X86_OP_REG)
			if (find_register(d->x86.operands[i].reg) >= 0)
				set(x, d->x86.operands[i].reg, unknown);
	for (i = 0; i < d->n_written; i++) {
		reg = find_register(d->written[i]);
		if (reg >= 0 && registers[reg].number != RSP)
			exec_set(x, registers[reg].number, unknown);
	}
	forget_flags(x);
}

static bool is_barrier(u32 id)
{
	return id == X86_INS_LFENCE || id == X86_INS_MFENCE || id == X86_INS_SFENCE ||
	       id == X86_INS_PAUSE || id == X86_INS_NOP || id == X86_INS_PREFETCHT0 ||
	       id == X86_INS_PREFETCHW || id == X86_INS_PREFETCHNTA || id == X86_INS_PREFETCH;
}

static void extend(struct exec *x, const struct insn *insn, bool sign)
{
	const cs_x86_op *ops = ((const struct decoded *)insn->decoded)->x86.operands;
	const struct expr *from;

	if (ops[1].type == X86_OP_MEM)
		from = exec_load(x, address(x, insn, &ops[1]), ops[1].size, sign);
	else
		from = value(x, insn, &ops[1]);
	if (sign)
		from = e_sext(from, ops[1].size);
	put(x, insn, &ops[0], from);
}

static const struct {
	u16 id;
	u8 op;
} binaries[] = {
	{ X86_INS_ADD, OP_ADD }, { X86_INS_SUB, OP_SUB }, { X86_INS_AND, OP_AND },
	{ X86_INS_OR, OP_OR }, { X86_INS_XOR, OP_XOR }, { X86_INS_SHL, OP_SHL },
	{ X86_INS_SAL, OP_SHL }, { X86_INS_SHR, OP_SHR }, { X86_INS_SAR, OP_SAR },
};

static bool arithmetic(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *a, *b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(binaries); i++) {
		if (binaries[i].id == d->id) {
			binary(x, insn, binaries[i].op);
			return true;
		}
	}
	switch (d->id) {
	case X86_INS_IMUL:
		if (d->x86.op_count == 1)
			return false;
		binary(x, insn, OP_MUL);
		return true;
	case X86_INS_INC:
	case X86_INS_DEC:
	case X86_INS_NEG:
	case X86_INS_NOT:
		unary(x, insn);
		return true;
	case X86_INS_TEST:
	case X86_INS_CMP:
		a = value(x, insn, &ops[0]);
		b = value(x, insn, &ops[1]);
		if (d->id == X86_INS_CMP)
			set_flags(x, F_COMPARE, ops[0].size, a, b);
		else
			set_flags(x, F_LOGIC, ops[0].size, e_op(OP_AND, ops[0].size, a, b), NULL);
		return true;
	case X86_INS_BT:
	case X86_INS_BTS:
	case X86_INS_BTR:
	case X86_INS_BTC:
		bit(x, insn);
		return true;
	default:
		return false;
	}
}

static bool move(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;

	switch (d->id) {
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		put(x, insn, &ops[0], value(x, insn, &ops[1]));
		return true;
	case X86_INS_LEA:
		put(x, insn, &ops[0], e_trunc(address(x, insn, &ops[1]), ops[0].size));
		return true;
	case X86_INS_MOVZX:
	case X86_INS_MOVSX:
	case X86_INS_MOVSXD:
		extend(x, insn, d->id != X86_INS_MOVZX);
		return true;
	case X86_INS_PUSH:
		push(x, value(x, insn, &ops[0]));
		return true;
	case X86_INS_POP:
		put(x, insn, &ops[0], pop(x));
		return true;
	case X86_INS_LEAVE:
		exec_set(x, RSP, exec_get(x, RBP));
		exec_set(x, RBP, pop(x));
		return true;
	case X86_INS_XCHG:
		exchange(x, insn);
		return true;
	case X86_INS_CDQE:
		exec_set(x, RAX, e_sext(exec_get(x, RAX), 4));
		return true;
	default:
		return false;
	}
}

static bool by_condition(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	const cs_x86_op *ops = d->x86.operands;
	const struct expr *condition = condition_of(x, d->id);

	if (!condition)
		return false;
	if (d->x86.op_count == 1)
		put(x, insn, &ops[0], condition);
	else
		put(x, insn, &ops[0], e_select(condition, value(x, insn, &ops[1]),
					       value(x, insn, &ops[0])));
	return true;
}

static void step(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;
	u8 prefix = d->x86.prefix[0];

	if (is_barrier(d->id))
		return;
	if (prefix == X86_PREFIX_LOCK) {
		if (!locked(x, insn))
			forget(x, insn);
		return;
	}
	if (prefix == X86_PREFIX_REP || prefix == X86_PREFIX_REPNE ||
	    (!move(x, insn) && !arithmetic(x, insn) && !by_condition(x, insn)))
		forget(x, insn);
}

static const struct expr *callee(struct exec *x, const struct insn *insn)
{
	const struct decoded *d = insn->decoded;

	if (insn->target.reg >= 0)
		return exec_get(x, insn->target.reg);
	if (d->x86.operands[0].type == X86_OP_IMM)
		return e_unknown("whom it calls");
	return value(x, insn, &d->x86.operands[0]);
}

static const char *insn_text(const struct insn *insn)
{
	return insn->decoded ? ((const struct decoded *)insn->decoded)->text : "endbr64";
}

const struct arch arch_x86 = {
	.machine = EM_X86_64,
	.name = "x86-64",
	.n_regs = N_REGS,
	.args = { RDI, RSI, RDX, RCX, R8, R9 },
	.n_args = 6,
	.result = RAX,
	.stack = RSP,
	.clobbered = {
		[RAX] = true, [RCX] = true, [RDX] = true, [RSI] = true, [RDI] = true,
		[R8] = true, [R9] = true, [R10] = true, [R11] = true, [FLAGS] = true,
	},
	.decode = decode,
	.step = step,
	.condition = condition,
	.callee = callee,
	.enter = enter,
	.leave = leave,
	.text = insn_text,
};
