# SPDX-License-Identifier: GPL-2.0-or-later
# clone.awk A B: finds what two clones have in common. A and B are the output of a clone
# each (see forkread.c). Bytes are early if their read began before the driver's
# generation changed, and late otherwise. Prints NAME=VALUE, see clone --help, and the
# first SHOW bytes of each clone, if any.

BEGIN { WINDOW = 2 * 16 } # hex digits

FNR == 1 { file++ }
$1 == "from" { from[file] = $2 }
$1 == "is" { dropped[file] = $2 }
$1 == "kernel" { notified += $2 > 0 }
$1 == "noticed" { notice[file] = $2 }

NF == 4 && $2 == from[file] {
	for (i = 1; i <= length($4) / 2; i++)
		when[file, length(early[file]) / 2 + i] = $1
	early[file] = early[file] $4
}

NF == 4 && $2 != from[file] {
	if (!(file in notice))
		notice[file] = $1
	late[file] = late[file] $4
}

function max(a, b)
{
	return a > b ? a : b
}

# Adds each window of a text to set.
function learn(text, set, i)
{
	for (i = 1; i + WINDOW - 1 <= length(text); i += 2)
		set[substr(text, i, WINDOW)]
}

# Returns how many windows of a text are in set. Sets end to the end of the last one, in
# bytes.
function count(text, set, i, found)
{
	found = end = 0
	for (i = 1; i + WINDOW - 1 <= length(text); i += 2) {
		if (!(substr(text, i, WINDOW) in set))
			continue
		found++
		end = (i + WINDOW - 1) / 2
	}
	return found
}

END {
	learn(early[1], in_a)
	learn(late[1], in_a)
	learn(early[2], in_b)
	learn(late[2], in_b)

	early_shared = count(early[1], in_b)
	early_us = end ? when[1, end] : 0
	early_shared = max(early_shared, count(early[2], in_a))
	early_us = max(early_us, end ? when[2, end] : 0)
	shared = count(late[1], in_b)
	shared_end = end
	shared = max(shared, count(late[2], in_a))
	shared_end = max(shared_end, end)

	printf "notified=%d notice_us=%d", notified, max(notice[1], notice[2])
	printf " early=%d", max(length(early[1]), length(early[2])) / 2
	printf " early_shared=%d early_us=%d", early_shared, early_us
	printf " windows=%d", max(length(late[1]) / 2 - 15, 0)
	printf " shared=%d shared_end=%d", shared, shared_end
	printf " dropped=%d", max(dropped[1], dropped[2])
	if (SHOW)
		printf " a=%s b=%s", substr(early[1] late[1], 1, 2 * SHOW),
			substr(early[2] late[2], 1, 2 * SHOW)
	printf "\n"
}
