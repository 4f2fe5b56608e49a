"""Reads a spreadsheet as one does with openpyxl: parse, put phone numbers right by a regular expression, leave out who
was there before. Prints what `bench import-read` prints. Argument: the file."""

import json
import re
import resource
import sys
import time

from openpyxl import load_workbook

SEPARATORS = re.compile(r"[\s().-]")
LOCAL = re.compile(r"0\d{9}")
NUMBER = re.compile(r"\+254\d{9}")

begun = time.monotonic()
sheet = load_workbook(sys.argv[1], read_only=True).worksheets[0]
rows = valid = duplicate = 0
seen = set()
for row in sheet.iter_rows(min_row=2, values_only=True):
    rows += 1
    phone = SEPARATORS.sub("", str(row[1] or ""))
    if LOCAL.fullmatch(phone):
        phone = "+254" + phone[1:]
    if not NUMBER.fullmatch(phone):
        continue
    valid += 1
    duplicate += phone in seen
    seen.add(phone)
seconds = time.monotonic() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"rows": rows, "valid": valid, "duplicate": duplicate, "seconds": seconds, "peak": peak}))
