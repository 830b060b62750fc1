/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xorshift: for what is asked for at random, the same everywhere for the same seed.
 */
#ifndef RANDOM_H
#define RANDOM_H

/* The seed, to be set first; not 0. */
static unsigned long long state;

static unsigned int below(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 32) % n;
}

#endif /* RANDOM_H */
