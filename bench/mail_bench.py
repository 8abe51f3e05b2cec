#!/usr/bin/env python3
"""Mails a second to a sink on this machine: mail_bench.py [MAILS] [CONNECTIONS]

Postfix's smtp-sink takes them. smtp-source says what the sink takes at most; mail_bench what Furrow sends and
what a program sends that only signs the same bytes. One run, one machine."""
import re, socket, subprocess, sys, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
mails, connections = (sys.argv[1:] + ["5000", "4"][len(sys.argv) - 1:])[:2]
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
sink = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "256"])
try:
    time.sleep(0.5)
    out = subprocess.run([root / "build/bench/mail_bench", str(port), mails, connections], text=True, capture_output=True)
    print(re.sub(r"time=.*\n", "", out.stdout).rstrip())
    if out.returncode:
        sys.exit(out.stderr[-2000:])
    size = re.search(r"message: (\d+)", out.stdout).group(1)
    for round in range(2):
        begun = time.time()
        subprocess.run(["/usr/sbin/smtp-source", "-s", connections, "-m", mails, "-l", size, "-f", "a@alder.example", "-t",
                        "b@firm.example", f"127.0.0.1:{port}"], check=True)
        print(f"sink:    {int(mails) / (time.time() - begun):.0f} mails/s from smtp-source, the same size, {connections} connections, unsigned")
finally:
    sink.terminate()
