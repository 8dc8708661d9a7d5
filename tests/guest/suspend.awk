# SPDX-License-Identifier: GPL-2.0-or-later
# suspend.awk GAPS SAID: where in the host's stream did forkread's first bytes
# of each new generation lie? GAPS is of streamcheck -g over all that it said.
# Prints a line a generation:
#   round=N old=N     how far before the end of what the driver had received
#                     the new bytes began: above 0, they are from before
#
# A byte that the host delivered and the driver never looked at, as those that
# were in the queue at a suspend, is in the stream but not in the driver's count
# of received bytes. What is read can only have been received, so it tells how
# many there were, at the least.

$1 == "gap" {
	at[++gaps] = $2
	to[gaps] = $3
}

# The stream's position of what was read as byte offset.
function position(offset)
{
	while (gap < gaps && at[gap + 1] <= offset)
		gap++
	return gap ? to[gap] + offset - at[gap] : offset
}

NF != 4 { next }

{ here = position(offset) }

# The last read of the old generation may be of before or after: it is left out.
offset && $2 != generation {
	old = received + unseen - here
	printf "round=%d old=%d\n", ++round, (old > 0 ? old : 0)
}

# What was read before this line began had been received then.
offset && end - $3 > unseen { unseen = end - $3 }

{
	generation = $2
	received = $3
	end = here + length($4) / 2
	offset += length($4) / 2
}
