#!/usr/bin/env python3
"""The answers of the five reports (bench/reports.c) against what others say, to the last digit.

  reference.py [--events 10000000] [--seeds 7,2026,99991] [--shared DIR] [--build build]

Seed 42 with a million events against the answers in DIR/journey/expected-1m; each of the other seeds against DuckDB's SQL
(bench/duckdb). The events are those of DIR/journey/gen.c; DIR is $FURROW_SHARED, or ../shared beside the source. Ends with 1
when an answer differs."""
import argparse, json, os, shutil, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ("q1y", "q1m", "q2", "q3", "q4y", "q4m", "q5")
HEADER = "person,visitor,sec,kind,channel,campaign,page,country,value"


def generate(program, events, folder, seed):
    """events.csv with the columns of journey_data.c; the generator's are visitor,person,sec,ms,kind,chan,camp,page,country,device,value."""
    subprocess.run([program, str(events), folder, str(seed), "--csv"], check=True, stderr=subprocess.DEVNULL)
    raw = folder / "raw.csv"
    (folder / "events.csv").rename(raw)
    with open(folder / "events.csv", "w", encoding="ascii") as out:
        out.write(HEADER + "\n")
        out.flush()
        subprocess.run(["awk", "-F,", "-v", "OFS=,", "{ print $2, $1, $3, $5, $6, $7, $8, $9, $11 }", raw], check=True, stdout=out)
    for name in ("raw.csv", "events.bin", "ident.bin"):
        (folder / name).unlink()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--events", type=int, default=10000000)
    p.add_argument("--seeds", default="7,2026,99991")
    p.add_argument("--shared", type=Path, default=Path(os.environ.get("FURROW_SHARED") or ROOT.parent / "shared"))
    p.add_argument("--build", type=Path, default=ROOT / "build")
    o = p.parse_args()
    oracle = o.shared / "journey"
    if not (oracle / "gen.c").exists():
        sys.exit(f"reference.py: no generator in '{oracle}'; name its folder by --shared")
    top = Path(tempfile.mkdtemp(prefix="furrow-reference-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    good = True
    try:
        program = top / "gen"
        subprocess.run(["cc", "-O2", "-ffp-contract=off", "-o", program, oracle / "gen.c", "-lm"], check=True)
        for seed, events in [(42, 1000000)] + [(int(s), o.events) for s in o.seeds.split(",") if s]:
            folder = top / str(seed)
            folder.mkdir()
            generate(program, events, folder, seed)
            ours = subprocess.run([o.build / "bench/reports_bench", folder, "--rounds", "1"], stdout=subprocess.DEVNULL)
            if ours.returncode != 0:
                sys.exit("reference.py: reports_bench failed")
            if seed == 42:
                wrong = [r for r in REPORTS if (folder / f"{r}.txt").read_text() != (oracle / f"expected-1m/{r}.txt").read_text()]
                who = "the reference answers"
            else:
                said = subprocess.run(["node", ROOT / "bench/duckdb/reports.mjs", folder, "--rounds", "1"], stdout=subprocess.PIPE, text=True)
                equal = {x["report"] for x in map(json.loads, said.stdout.splitlines()) if x.get("equal")}
                wrong, who = [r for r in REPORTS if r not in equal], "DuckDB's SQL"
            print(f"seed {seed}, {events:,} events, {who}: " + ("all seven answers are equal" if not wrong else "DIFFER: " + ", ".join(wrong)),
                  flush=True)
            good &= not wrong
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    sys.exit(not good)


if __name__ == "__main__":
    main()
