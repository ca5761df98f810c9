# power.awk -v who=NAME STATE SCAN: hold what "daxrecord scan" saw against what is
# demanded. A line of STATE is "OFFSET FLUSHED BEGUN...": the last sequence number that was
# reported as flushed, 0 for none, and those whose writing was announced since, of which a
# guest that was killed may have left several. Each word of a record is of one of them.
# Prints complaints, and "figures WHO RECORDS BYTES TORN".
FILENAME == ARGV[1] {
	flushed[$1] = $2
	begun[$1] = ""
	for (i = 3; i <= NF; i++)
		begun[$1] = begun[$1] " " $i
	next
}
$1 == "record" {
	if (!flushed[$2])
		next
	seen[$2] = 1
	words = 0
	strange = ""
	for (i = 4; i <= NF; i++) {
		split($i, part, ":")
		if (part[1] == flushed[$2] || index(begun[$2] " ", " " part[1] " "))
			words += part[2]
		else
			strange = strange " " $i
	}
	if (words * 8 == $3 && strange == "") {
		records++
		bytes += $3
		torn += NF > 4
	} else
		printf "%s: %s at %s: flushed was %s, begun since:%s\n", who, $0, $2, flushed[$2], begun[$2]
}
END {
	for (offset in flushed)
		if (flushed[offset] && !seen[offset])
			printf "%s: the record at %s was not read\n", who, offset
	printf "figures %s %d %d %d\n", who, records, bytes, torn
}
