// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefix codes: see prefix_code.h. Of nodes with equal weight, what is taken
 * first depends on how the heap is kept, and so do the lengths.
 */
#include "rngd/tester/iid/prefix_code.h"

#define NODES (2 * VRNG_PREFIX_SYMBOLS)

/* A weight has the uses, and in its lowest bits the depth below it. */
#define DEPTH_BITS 8
#define DEPTH	   0xffu

struct tree {
	uint32_t weights[NODES]; /* [0] is below all others */
	unsigned int parents[NODES];
	unsigned int heap[VRNG_PREFIX_SYMBOLS + 2]; /* from [1] on */
	unsigned int size;
};

static void push(struct tree *tree, unsigned int node)
{
	unsigned int at = ++tree->size;

	for (; tree->weights[node] < tree->weights[tree->heap[at / 2]]; at /= 2)
		tree->heap[at] = tree->heap[at / 2];
	tree->heap[at] = node;
}

/* Take the least one; the last one takes its place, and sinks. */
static unsigned int pop(struct tree *tree)
{
	const unsigned int least = tree->heap[1];
	const unsigned int last = tree->heap[tree->size--];
	unsigned int at = 1, child;

	for (; 2 * at <= tree->size; at = child) {
		child = 2 * at;
		if (child < tree->size &&
		    tree->weights[tree->heap[child + 1]] <
			    tree->weights[tree->heap[child]])
			child++;
		if (tree->weights[last] < tree->weights[tree->heap[child]])
			break;
		tree->heap[at] = tree->heap[child];
	}
	tree->heap[at] = last;
	return least;
}

static uint32_t join(uint32_t a, uint32_t b)
{
	const uint32_t x = a & DEPTH, y = b & DEPTH;

	return ((a & ~DEPTH) + (b & ~DEPTH)) | (1 + (x > y ? x : y));
}

/* Returns the root. The nodes 1 to @count are the symbols. */
static unsigned int build(struct tree *tree, unsigned int count)
{
	unsigned int nodes = count, i, a, b;

	tree->size = 0;
	tree->heap[0] = 0;
	for (i = 1; i <= count; i++)
		push(tree, i);
	while (tree->size > 1) {
		a = pop(tree);
		b = pop(tree);
		nodes++;
		tree->parents[a] = nodes;
		tree->parents[b] = nodes;
		tree->weights[nodes] = join(tree->weights[a], tree->weights[b]);
		push(tree, nodes);
	}
	return nodes;
}

void vrng_prefix_code(uint8_t *lengths, const uint32_t *uses,
		      unsigned int count)
{
	struct tree tree = { .weights = { 0 } };
	unsigned int root, node, i;

	for (i = 0; i < count; i++)
		tree.weights[i + 1] = (uses[i] ? uses[i] : 1) << DEPTH_BITS;
	root = build(&tree, count);
	for (i = 0; i < count; i++) {
		lengths[i] = 0;
		for (node = i + 1; node != root; node = tree.parents[node])
			lengths[i]++;
	}
}
