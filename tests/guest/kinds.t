#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which guests run on this machine? make begins with this file, and the others
# skip what depends on a guest that does not.
. "$(dirname "$0")/tap.sh"

for kernel in ${KERNELS:-debian uml}; do
	kind_forget "$kernel"
	! needs "$kernel" || ok "$kernel guests run here"
done

done_testing
