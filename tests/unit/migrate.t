#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Coming from rng-tools: the command lines of its versions, and what packaging/migrate
# takes over from their files. TAP on stdout; B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
rngd=$(program rngd/rngd) || exit 1
migrate=$top/packaging/migrate
root=$tmp/root
conf=$root/etc/vrng/rngd.conf

# ------------------------------------------------------------- command lines

: >file
# accepts OPTION...: does a start accept these, with a source that is there?
accepts() {
	run "$rngd" -f --control=none --test-config --source=file:"$tmp/file" "$@"
	[ "$status" = 0 ]
	ok $? "rngd accepts: $*"
}

# warns TEXT: the last one has said so, once.
warns() {
	[ "$(grep -cF -e "$1" err)" = 1 ]
	ok $? "and says: $1"
}

accepts -R 0
accepts -R 300 -s 64 -W 256 -e 8 -i -q -u -d
accepts -s 1
warns '--random-step: 1 is taken as 8'
accepts -s 0
warns '--random-step: 0 is taken as 8'
accepts -W 90%
accepts -n rndr -n darn -n rdrand -x jitter
accepts -n 4
warns '--include: 4 is rndr, but another source in earlier versions'
accepts -x 10
accepts -x rndr -x tpm -x nist -x pkcs11 -x rtlsdr -x qrypt -x namedpipe
for name in tpm nist pkcs11 rtlsdr qrypt; do
	accepts -n $name
	warns "--include: $name: is ignored, rngd has no such source: "
done
accepts -O jitter:force_soft_timer:1 -O nist:use_aes:1 -O qrypt:delay:10 \
	-O rndr:use_aes:1 -O pkcs11:engine_path:/x -O rtlsdr:freq_min:1
for key in jitter:force_soft_timer nist:use_aes qrypt:delay rndr:use_aes \
	pkcs11:engine_path rtlsdr:freq_min; do
	warns "--option: $key: has no effect here"
done
accepts -H 0.998
warns '--rng-entropy: 7 of 8 bits a byte are claimed: blocks are conditioned'
accepts -e 4
warns '--entropy-count: 4 of 8 bits a byte are claimed: blocks are conditioned'
accepts -H 0.1
warns '--rng-entropy: 0 bits a byte are claimed: no credit'
accepts --rng-entropy=1.0 --timeout=60 --pidfile=/tmp/pid
accepts --rng-timeout=10
warns '--rng-timeout: has no effect here'
accepts --no-drng=1 --no-tpm=0
run "$rngd" -f -t 60
[ "$status" = 64 ] && grep -q 'for the -t N of rng-tools-debian write --feed-interval=N' err
ok $? "rngd: a -t with a number gets an explanation"

for wrong in '-d 1:--no-drng=N' --verbose:--debug --hrng=viapadlock:via-rng; do
	# shellcheck disable=SC2086 # -d and its number are two words
	run "$rngd" -f ${wrong%%:*}
	[ "$status" = 64 ] && grep -qF -e "${wrong#*:}" err
	ok $? "rngd: ${wrong%%:*} is refused with what to write"
done
accepts -n 0
warns '--include: 0 is hwrng; the -n 0 of rng-tools5 is --no-tpm=0'

run "$rngd" -O qrypt
printf '%s\n' 'Available options for Qrypt quantum entropy beacon (qrypt)' \
	'key: [tokenfile]	default value: [/etc/qrypt.token]' \
	'key: [delay]	default value: [28800]' | cmp -s - out && [ "$status" = 0 ]
ok $? "rngd -O NAME prints keys and defaults"

run "$rngd" -l -r "$tmp/file" -n rdrand
{ [ "$(sed -n 1p out)" = 'Entropy sources that are available but disabled' ] &&
	grep -qx 'Available and enabled entropy sources:' out &&
	grep -qx '0: Hardware RNG Device (hwrng)' out &&
	grep -qx 'Available entropy sources that failed initialization:' out; }
ok $? "rngd -l has rng-tools' headings and lines"
run "$rngd" -l -r "$tmp/nosuch"
sed -n '/failed initialization/,$p' out | sed -n '2,3p' >failed
grep -qx '0: Hardware RNG Device (hwrng)' failed && grep -q 'nosuch: cannot open: ' failed
ok $? "rngd -l says why a source that is used does not work"

run "$rngd" -l -n pkcs11
sed -n '/failed initialization/,$p' out | grep -A 1 -q '^7: PKCS11 .*pkcs11' &&
	grep -q '^   rngd has no such source: ' out
ok $? "rngd -l says of a source that rngd does not have what to use instead"

# /dev/tty cannot be opened in a session without a terminal.
if [ -e /dev/hwrng ] && unshare -m mount --bind file /dev/hwrng 2>/dev/null; then
	run setsid -w unshare -m sh -c 'mount --bind /dev/tty /dev/hwrng && exec "$@"' \
		sh "$rngd" -l
	enabled=$(sed -n '/and enabled/,/stand in for/p' out)
	[ "$status" = 1 ] && [ "$(echo "$enabled" | wc -l)" = 2 ] &&
		grep -q '/dev/hwrng: cannot open: ' out
	ok $? "rngd -l fails if only the source that stands in works"
	run setsid -w unshare -m sh -c 'mount --bind /dev/tty /dev/hwrng && exec "$@"' \
		sh "$rngd" --test-config -f
	[ "$status" = 0 ] && grep -q ': stands in while file:/dev/hwrng gives nothing' err
	ok $? "rngd --test-config names the source that stands in"
else
	skip "rngd -l fails if only the source that stands in works" \
		"nothing can be mounted at /dev/hwrng"
	skip "rngd --test-config names the source that stands in" \
		"nothing can be mounted at /dev/hwrng"
fi

if [ "$(cat /proc/sys/kernel/random/poolsize)" = 256 ]; then
	accepts -W 90%
	warns "--fill-watermark: this kernel's pool has no mark"
else
	skip "rngd --test-config says that -W has no effect" \
		"this kernel's pool has a mark"
fi

begin "$rngd" -t --control=none --source=getrandom
await grep -q '^rngd: Entropy gathered: [0-9.]*e[+][0-9]* bits' err
finish INT
[ "$status" = 0 ] && grep -Eq \
	'^rngd: Entropy rate: +[0-9.e+]+ [MK]bits/sec averaged over [0-9]+ iterations for +[0-9.]+ seconds' err
ok $? "rngd -t prints rng-tools' lines"

# ------------------------------------------------------------------- PKCS#11

# The command of rngd(8), with a token of SoftHSM's that rngd's user may use.
module=/usr/lib/softhsm/libsofthsm2.so
if [ -e $module ] && command -v pkcs11-tool softhsm2-util >/dev/null; then
	mkdir -m 777 tokens
	echo "directories.tokendir = $tmp/tokens" >softhsm.conf
	SOFTHSM2_CONF=$tmp/softhsm.conf
	export SOFTHSM2_CONF
	softhsm2-util --init-token --free --label rngd --pin 1234 \
		--so-pin 1234 >/dev/null
	chmod -R a+rwX tokens
	run "$rngd" -fq --control=none -o bytes --blocks=4 \
		--source="exec:while pkcs11-tool --module $module --generate-random 4096; do :; done 2>/dev/null"
	[ "$status" = 0 ] && [ "$(wc -c <bytes)" = 10000 ]
	ok $? "rngd reads a PKCS#11 token by a program"
else
	skip "rngd reads a PKCS#11 token by a program" \
		"softhsm2 or opensc is not installed"
fi

# ------------------------------------------------------------- taking over

fresh() {
	rm -rf "$root"
	mkdir -p "$root/etc/default" "$root/etc/sysconfig" "$root/etc/conf.d" \
		"$root/etc/vrng"
	cp "$top/packaging/systemd/rngd.conf" "$conf"
}

takes() {
	RNGD=$rngd run "$migrate" "$root"
}

# conf_has LINE...: these are the settings, and rngd accepts them.
conf_has() {
	printf '%s\n' "$@" >want
	grep -v '^#' "$conf" | grep . >have
	cmp want have && {
		"$rngd" --test-config --config="$conf" 2>/dev/null
		[ $? != 64 ]
	}
}

unchanged() {
	cmp -s "$conf" "$top/packaging/systemd/rngd.conf"
}

fresh
takes
[ "$status" = 0 ] && [ ! -s out ] && [ ! -s err ] && unchanged
ok $? "without files of rng-tools nothing is changed or said"

fresh
cat >"$root/etc/default/rng-tools-debian" <<'END'
# a comment
#HRNGDEVICE=/dev/null
HRNGDEVICE=/dev/ttyACM0
RNGDOPTIONS="--hrng=viakernel --fill-watermark=90% -t 30 -s128 -H 0.5 -T 10"
HRNGSELECT='virtio_rng.0'
END
takes
[ "$status" = 0 ] && conf_has 'source = tty:/dev/ttyACM0' 'fill-watermark = 90%' \
	'feed-interval = 30' 'random-step = 128' 'rng-entropy = 0.5'
ok $? "rng-tools-debian: what rngd can do is in rngd.conf"
name='vrng-tools: /etc/default/rng-tools-debian'
cat >want <<END
$name: HRNGDEVICE=/dev/ttyACM0: taken over as "source = tty:/dev/ttyACM0"
$name: --hrng=viakernel: not taken over: it would have no effect
$name: --fill-watermark=90%: taken over as "fill-watermark = 90%"
$name: --fill-watermark=90%: has an effect only on kernels before 5.18
$name: -t 30: taken over as "feed-interval = 30"
$name: -s128: taken over as "random-step = 128"
$name: -H 0.5: taken over as "rng-entropy = 0.5"
$name: -H 0.5: blocks are conditioned, and not tested by FIPS 140-2; see rngd(8), TESTS
$name: -T 10: not taken over: it would have no effect
$name: HRNGSELECT=virtio_rng.0: not taken over: write it to /sys/class/misc/hw_random/rng_current at boot, by tmpfiles.d(5)
$name: /etc/systemd/system/rngd.service.d/rng-tools.conf: allows rngd.service the device
END
cmp -s out want && [ ! -s err ]
ok $? "and one line tells for each what became of it"
drop_in=$root/etc/systemd/system/rngd.service.d/rng-tools.conf
sed 1d "$drop_in" >have
printf '[Service]\nDeviceAllow=char-ttyACM rw\n' | cmp -s - have
ok $? "the unit allows the serial line"

cp "$conf" before
takes
[ "$status" = 0 ] && [ ! -s out ] && cmp -s "$conf" before
ok $? "a second run changes nothing"
echo 'feed-interval = 7' >"$conf"
rm "$drop_in"
takes
[ "$(grep -c feed-interval "$conf")" = 1 ] &&
	grep -q '^feed-interval = 7$' "$conf" &&
	grep -qF -e '-t 30: not taken over: ' out
ok $? "settings that are there stay as they are"

fresh
echo 'OPTIONS="-d 1 --no-tpm=1 -s 32 -v -f"' >"$root/etc/default/rng-tools5"
takes
[ "$status" = 0 ] && conf_has 'exclude = rdrand' 'random-step = 32' &&
	grep -q -e '--no-tpm=1: is so: rngd has no such source' out
ok $? "rng-tools5: -d and -n have their own meanings"

fresh
echo 'RNGD_ARGS="-x pkcs11 -x nist -n 5 -D daemon:daemon -x2 -fq -R 0 -O jitter:timeout:9"' \
	>"$root/etc/sysconfig/rngd"
takes
[ "$status" = 0 ] && conf_has 'exclude = rdrand' 'quiet = yes' \
	'force-reseed = 0' &&
	grep -q -e '-x pkcs11: is so: rngd has no such source' out &&
	grep -q -e '-O jitter:timeout:9: not taken over: it would have no' out &&
	grep -q -e '-n 5: not taken over: which source 5 is depends' out &&
	grep -q -e '-D daemon:daemon: not taken over' out &&
	grep -q -e '-f: not taken over' out
ok $? "rng-tools 6 of Fedora: the arguments are in rngd.conf"

fresh
printf 'DEVICE="/dev/hwrng"\nSTEP=64\nWATERMARK=2048 # bits\n' \
	>"$root/etc/conf.d/rngd"
takes
[ "$status" = 0 ] && conf_has 'random-step = 64' 'fill-watermark = 2048' &&
	[ ! -e "$drop_in" ]
ok $? "Gentoo's variables are taken over, and the default device needs nothing"

fresh
cat >"$root/etc/default/rng-tools" <<END
HRNGDEVICE=\$(touch $tmp/touched; echo /dev/ttyS0)
RNGDOPTIONS="-s \`touch $tmp/touched\`"
RNGDOPTIONS="-s 16
-W 3"
touch $tmp/touched
END
takes
[ "$status" = 0 ] && [ ! -e touched ] && unchanged &&
	[ "$(grep -c 'only a shell could read' out)" = 3 ]
ok $? "nothing of the files is run, and what only a shell can read is named"

fresh
printf 'RNGDOPTIONS="-s 8"\nRNGDOPTIONS="-s 9"\nexport HRNGDEVICE=/srv/a,b\n' \
	>"$root/etc/default/rng-tools"
takes
[ "$status" = 0 ] && conf_has 'random-step = 9' 'source = file:/srv/a,,b'
ok $? "the last of equal variables counts, as in a shell"

fresh
echo 'RNGD_ARGS="-n pkcs11 -n 1 -O jitter:use_aes:0 --hrng=viapadlock"' \
	>"$root/etc/sysconfig/rngd"
takes
[ "$status" = 0 ] && unchanged && [ "$(grep -c 'not taken over' out)" = 4 ] &&
	[ "$(grep -c 'rngd has no such source; see rngd(8)' out)" = 2 ]
ok $? "what rngd ignores is not taken over"

fresh
echo 'RNGD_ARGS="-s 64k -R 10 -n namedpipe -O namedpipe:path:/run/p -n rdrand -x rdrand --nosuch=1 word"' \
	>"$root/etc/sysconfig/rngd"
takes
[ "$status" = 0 ] && conf_has 'force-reseed = 10' \
	'option = namedpipe:path:/run/p' 'include = rdrand' \
	'include = namedpipe' &&
	grep -q -e '-s 64k: not taken over: random-step: "64k" is not a number' out &&
	grep -q -e '-x rdrand: not taken over: .*both name rdrand' out &&
	grep -q -e '--nosuch=1: not taken over: rngd has no such option' out &&
	grep -q 'word: not taken over: it is no option' out &&
	! grep -q ':[0-9]*: random-step\|"random-step = ' out
ok $? "what rngd would refuse is left out, and the rest is taken over"

fresh
echo 'HRNGDEVICE=/dev/ttyS1
RNGDOPTIONS="-s 64k"' >"$root/etc/default/rng-tools"
echo 'nosuch = 1' >>"$conf"
cp "$conf" before
takes
[ "$status" = 0 ] && cmp -s before "$conf" && [ ! -e "$drop_in" ] &&
	grep -q 'nothing is taken over: rngd refuses /etc/vrng/rngd.conf as it is: "nosuch"' out
ok $? "nothing is taken over into an rngd.conf that rngd refuses"

fresh
cat >"$root/etc/sysconfig/rngd" <<'END'
SYSTEMD_LOG=debug
if [ -e /dev/ttyS1 ]; then
	HRNGDEVICE=/dev/ttyS1
fi
[ -e /dev/ttyS1 ] && DEVICE=/dev/ttyS1
. /etc/default/other
if true; then STEP=9; fi
RNGD_ARGS="-R 10"
END
takes
[ "$status" = 0 ] && conf_has 'force-reseed = 10' &&
	grep -q 'SYSTEMD_LOG: not taken over: rngd knows no such variable' out &&
	grep -q 'HRNGDEVICE: not taken over: a condition decides on it' out &&
	[ "$(grep -c ': not taken over: only a shell could run it' out)" = 4 ] &&
	[ "$(wc -l <out)" = 7 ]
ok $? "a line tells of unknown variables and of what is conditional"

fresh
mkdir "$root/my files"
: >"$root/my files/noise"
cat >"$root/etc/sysconfig/rngd" <<'END'
RNGD_ARGS="-r '/my files/noise' -o '/my files/out' -R10"
END
takes
[ "$status" = 0 ] && conf_has 'source = file:/my files/noise' \
	'random-device = /my files/out' 'force-reseed = 10' &&
	grep -q "/my files/noise: is a regular file: no credit without entropy=" out &&
	grep -q "/my files/out: is no device: .* the kernel gets no credit" out
ok $? "quoted spaces stay, and a file as source or output is told from a device"

for each in '-H 0.998:blocks are conditioned' '-H 0.1:no credit is given' \
	'-H 0.124:no credit is given' '-H 0.125:blocks are conditioned' \
	'-H 1.0:'; do
	fresh
	echo "RNGDOPTIONS='${each%%:*}'" >"$root/etc/default/rng-tools-debian"
	takes
	[ "$(wc -l <out)" = $((1 + (${#each} > 7))) ] &&
		grep -qF -e "${each%%:*}: ${each#*:}" out
	ok $? "a line tells what ${each%%:*} leads to"
done

fresh
echo 'RNGDOPTIONS="-s' >"$root/etc/default/rng-tools"
head -c 4096 /dev/zero | tr '\0' '\377' >>"$root/etc/default/rng-tools"
takes
[ "$status" = 0 ] && unchanged
ok $? "a file that is no text is survived"

run "$migrate" "$root" more
[ "$status" = 64 ]
ok $? "a second folder is wrong usage"
for wrong in -x "$root/nosuch" "$root/etc/default/rng-tools"; do
	run "$migrate" "$wrong"
	[ "$status" = 64 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ]
	ok $? "$(basename -- "$wrong") is no folder"
done
run "$migrate" --help
[ "$status" = 0 ] && grep -q '^usage: ' out
ok $? "--help shows the usage, and changes nothing"

done_testing
