#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which guests run on this machine? make runs this file first. The others skip cases
# whose guest does not run.
. "$(dirname "$0")/tap.sh"

for kernel in ${KERNELS:-debian uml}; do
	kind_forget "$kernel"
	! needs "$kernel" || ok "$kernel guests run here"
done

done_testing
