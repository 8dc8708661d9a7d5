# SPDX-License-Identifier: GPL-2.0-or-later
# suspend.awk GAPS SAID: finds where in the host's stream the first bytes of each new
# generation are. SAID is forkread's output, GAPS that of streamcheck -g for the same
# bytes. Prints a line for each generation:
#   round=N old=N     how many bytes before the end of what the driver had received
#                     the new bytes begin; if above 0, they are from before
#
# Bytes that the host delivered and the driver never received, such as those in the queue
# at a suspend, are in the stream but not in the driver's count of received bytes. Bytes
# that were read had been received, so they give a lower bound for the number of these.

$1 == "gap" {
	at[++gaps] = $2
	to[gaps] = $3
}

# Returns the position in the stream of the byte that was read at an offset.
function position(offset)
{
	while (gap < gaps && at[gap + 1] <= offset)
		gap++
	return gap ? to[gap] + offset - at[gap] : offset
}

NF != 4 { next }

{ here = position(offset) }

# The last read of the old generation may have bytes of both sides and is left out.
offset && $2 != generation {
	old = received + unseen - here
	printf "round=%d old=%d\n", ++round, (old > 0 ? old : 0)
}

# Bytes that were read before this line began had been received.
offset && end - $3 > unseen { unseen = end - $3 }

{
	generation = $2
	received = $3
	end = here + length($4) / 2
	offset += length($4) / 2
}
