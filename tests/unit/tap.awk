# SPDX-License-Identifier: GPL-2.0-or-later
# The filter of tests/unit/tap; "program" is the test program's name.

BEGIN { again = ENVIRON["TAP_FAILURES"] }
function tell(line) {
	print program ": " line >"/dev/stderr"
	if (again != "") {
		print program ": " line >>again
		fflush(again)
	}
}
function result() { failed = 0; shown = 0; held = 0 }
/^# SKIP / { why = substr($0, 8); sub(/^[a-z0-9_]+: /, "", why); print; next }
/^ok [0-9]+ - / && why != "" { $0 = $0 " # SKIP " why }
/^(not )?ok |^1\.\./ { why = "" }
/^not ok / {
	for (i = held > 20 ? held - 20 : 0; i < held; i++)
		tell(comment[i % 20])
	tell($0)
	result()
	failed = 1
}
/^ok / { result() }
/^#/ && failed && shown++ < 60 { tell($0) }
/^#/ && !failed { comment[held++ % 20] = $0 }
{ print }
{ fflush() }
