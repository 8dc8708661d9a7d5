# SPDX-License-Identifier: GPL-2.0-or-later
# Converts a kernel's log with KTAP in it to flat TAP, without time stamps. The
# indent tells what a line is:
#   0 a suite's result, 4 its header, plan and cases, 8 a case's parameters.
# The variable guest is the exit status of the guest that wrote the log.

function result(ok, name, directive) {
	count++
	if (!ok)
		failed++
	printf "%sok %d %s%s\n", ok ? "" : "not ", count, name, directive
}

# Cases that a suite left out are a failure with a name that says so.
function end_suite() {
	if (suite == "")
		return
	if (planned == "")
		result(0, suite ": no plan", "")
	else if (seen != planned)
		result(0, suite ": " seen " of " planned " cases have a result", "")
	else if (planned == 0)
		result(0, suite ": no cases", "")
	suite = ""
}

function begin_suite(name) {
	end_suite()
	suite = name
	planned = ""
	seen = 0
	suites++
}

# "ok 1 - name # SKIP why" without its number and dash.
function case_result(line,    ok, directive) {
	ok = line !~ /^not /
	directive = ""
	if (match(line, / # (SKIP|TODO).*/)) {
		directive = substr(line, RSTART)
		line = substr(line, 1, RSTART - 1)
	}
	sub(/^(not )?ok [0-9]+ (- )?/, "", line)
	seen++
	result(ok, suite "." line, directive)
}

BEGIN { print "TAP version 13" }

{ sub(/\r$/, ""); sub(/^\[[ 0-9.]+\] /, "") }

/^    # Subtest: / { begin_suite(substr($0, 16)); next }
suite != "" && /^    1\.\.[0-9]+$/ { planned = substr($0, 8) + 0; next }
suite != "" && /^    (not )?ok [0-9]+ / { case_result(substr($0, 5)); next }
suite != "" && /^ +(#|[A-Z]|not ok)/ { print "# " $0; next }
suite != "" && /^(not )?ok [0-9]+ / { end_suite() }

END {
	end_suite()
	if (!suites)
		result(0, "no suite has run", "")
	if (guest != 0)
		result(0, "the guest ended with status " guest, "")
	print "1.." count
	exit failed > 0
}
