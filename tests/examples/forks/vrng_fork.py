# SPDX-License-Identifier: MIT
"""Random state of Python that survives a snapshot of the virtual machine.

The module random has a generator of its own, ssl has that of OpenSSL, and uuid1() makes
IDs of a node, a clock sequence and the time. Two clones of one snapshot have the same
ones. Call refresh() before each use: it compares the generation of this machine, which
rngd maintains in /run/vrng/vmclock, and seeds anew if it is another one than before.

    import random, vrng_fork
    machine = vrng_fork.Machine()
    machine.refresh()
    print(random.random())

The generation changes some milliseconds after the machine has resumed, and once more
when the kernel has fresh entropy. It is no secret: it is mixed in so that the seeds
differ even if the kernel's bytes do not yet.
"""
import mmap
import os
import random
import ssl
import struct
import uuid

PAGE = "/run/vrng/vmclock"
SIZE = 4096
SEQUENCE = 12  # offsets in the page, see linux/vmclock-abi.h
GENERATION = 104


class Machine:
    def __init__(self, path=PAGE):
        with open(path, "rb") as file:
            self.page = mmap.mmap(
                file.fileno(), SIZE, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ
            )
        self.seen = self.generation()
        self.reseed()

    def generation(self):
        while True:
            before = struct.unpack_from("<I", self.page, SEQUENCE)[0]
            value = struct.unpack_from("<Q", self.page, GENERATION)[0]
            after = struct.unpack_from("<I", self.page, SEQUENCE)[0]
            if before == after and not before % 2:
                return value

    def refresh(self):
        """Seed anew after a fork. True: there was one since the last call."""
        now = self.generation()
        if now == self.seen:
            return False
        self.seen = now
        self.reseed()
        return True

    def reseed(self):
        fresh = os.urandom(32) + struct.pack("<Q", self.seen)
        random.seed(fresh)
        ssl.RAND_add(fresh, 32.0)
        self.node = random.getrandbits(48) | 1 << 40  # no address of a card
        self.clock = random.getrandbits(14)

    def uuid1(self):
        self.refresh()
        return uuid.uuid1(self.node, self.clock)
