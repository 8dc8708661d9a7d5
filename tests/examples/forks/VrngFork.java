// SPDX-License-Identifier: MIT
/*
 * Generators of Java in a program that survives a snapshot of the virtual machine.
 *
 *	javac VrngFork.java && java VrngFork
 *
 * SecureRandom's DRBG keeps its state in memory, and so does java.util.Random: two clones
 * of one snapshot have the same ones. refresh(), before each use, compares the generation
 * of this machine, which rngd maintains in /run/vrng/vmclock, and seeds both anew if it
 * is another one than before. The generation is mixed in, so that clones differ even if
 * the kernel has not reseeded. UUID.randomUUID() takes no generator: make UUIDs from
 * SecureRandom as below.
 */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.DrbgParameters;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Random;
import java.util.UUID;

public final class VrngFork {
	private static final String PAGE = "/run/vrng/vmclock";
	private static final int SIZE = 4096;
	/* Offsets in the page, see linux/vmclock-abi.h. */
	private static final int SEQUENCE = 12;
	private static final int GENERATION = 104;
	private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(
			int[].class, ByteOrder.LITTLE_ENDIAN);
	private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(
			long[].class, ByteOrder.LITTLE_ENDIAN);

	private final ByteBuffer page;
	private final SecureRandom secure = SecureRandom.getInstance("DRBG");
	private final Random random = new Random();
	private long seen;

	public VrngFork(String path) throws IOException, GeneralSecurityException {
		try (FileChannel file = FileChannel.open(Path.of(path))) {
			page = file.map(FileChannel.MapMode.READ_ONLY, 0, SIZE);
		}
		seen = generation();
		reseed();
	}

	/* The sequence is odd while the page is changed. */
	private long generation() {
		for (;;) {
			int before = (int) INT.getAcquire(page, SEQUENCE);
			long value = (long) LONG.getAcquire(page, GENERATION);

			if (before % 2 == 0 &&
					before == (int) INT.getAcquire(page, SEQUENCE))
				return value;
		}
	}

	private void reseed() {
		byte[] generation = ByteBuffer.allocate(Long.BYTES).putLong(seen).array();

		secure.reseed(DrbgParameters.reseed(false, generation));
		random.setSeed(secure.nextLong());
	}

	/* Seed anew after a fork. True: there was one since the last call. */
	public synchronized boolean refresh() {
		long now = generation();

		if (now == seen)
			return false;
		seen = now;
		reseed();
		return true;
	}

	public UUID uuid() {
		byte[] bytes = new byte[16];
		ByteBuffer halves = ByteBuffer.wrap(bytes);

		refresh();
		secure.nextBytes(bytes);
		bytes[6] = (byte) (bytes[6] & 0x0f | 0x40); // version 4
		bytes[8] = (byte) (bytes[8] & 0x3f | 0x80); // the variant of RFC 4122
		return new UUID(halves.getLong(), halves.getLong());
	}

	/* Prints values for each line of input. */
	public static void main(String[] args)
			throws IOException, GeneralSecurityException {
		VrngFork machine = new VrngFork(args.length > 0 ? args[0] : PAGE);
		BufferedReader in = new BufferedReader(
				new InputStreamReader(System.in));

		while (in.readLine() != null) {
			machine.refresh();
			System.out.printf("secure=%x%nrandom=%x%nuuid=%s%n",
					machine.secure.nextLong(),
					machine.random.nextLong(), machine.uuid());
			System.out.flush();
		}
	}
}
