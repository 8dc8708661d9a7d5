# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that cases run in a guest.

GUEST_TOOLS := $(addprefix $(B)/tests/guest/,pace rate streamcheck \
	forkread pieces pieces_shared proofread) $(B)/tests/bench/front_rate \
	$(addprefix $(B)/tests/bench/,forkwatch stamp) $(B)/tests/guest/front_bytes

$(addprefix $(B)/tests/guest/,pace rate pieces_shared): $(B)/%: $(OBJ)/%.o
	$(LINK) -o $@ $^

$(B)/tests/guest/forkread $(B)/tests/guest/pieces: $(B)/%: $(OBJ)/%.o \
		$(OBJ)/tests/guest/fork_marker.o
	$(LINK) -o $@ $^ -pthread

$(addprefix $(B)/tests/guest/,proofread streamcheck): $(B)/%: $(OBJ)/%.o \
		$(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

$(B)/tests/guest/front_bytes: $(B)/%: $(OBJ)/%.o $(OBJ)/tests/unit/front.o \
		$(DEVICE_ROOMS) $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

# tests/unit/streamcheck.t
unit-built: $(B)/tests/guest/streamcheck
