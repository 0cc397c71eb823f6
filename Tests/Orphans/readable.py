"""readable.py   a report in JSON from standard input, as lines that are the same in every run"""
import json
import os
import sys

for line in sys.stdin:
    report = json.loads(line)
    assert report["version"] >= 10000 and report["process"] > 0
    print(report["report"], report["block_count"], report["byte_count"],
          "suppressed", report["suppressed_block_count"])
    for group in report["groups"]:
        calls = []
        for call in group["stack"]:
            assert call["address"] > call["offset"] >= 0 and os.path.isabs(call["module"])
            if "line" in call:
                assert call["line"] > 0
                calls.append(call["function"] + " " + os.path.basename(call["file"]))
        print(group["block_count"], group["byte_count"], "; ".join(calls))
