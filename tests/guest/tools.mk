# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that cases run in a guest.

GUEST_TOOLS := $(addprefix $(B)/tests/guest/,pace rate streamcheck \
	forkread proofread) $(B)/tests/bench/front_rate

$(B)/tests/guest/pace $(B)/tests/guest/rate $(B)/tests/guest/forkread: \
		$(B)/%: $(OBJ)/%.o
	$(LINK) -o $@ $^

$(addprefix $(B)/tests/guest/,proofread streamcheck): $(B)/%: $(OBJ)/%.o \
		$(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

# tests/unit/streamcheck.t
unit-built: $(B)/tests/guest/streamcheck
