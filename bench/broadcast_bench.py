#!/usr/bin/env python3
"""A broadcast from the click to the last mail, through a running server: broadcast_bench.py [PEOPLE]
  [--engine sqlite|postgres] [--program build/furrow] [--fill build/bench/fill]

Contacts of build/bench/fill in one live segment, the library's newsletter, Postfix's smtp-sink. Says how long counting,
settling who gets it, handing over and sending took, and the server's memory. PostgreSQL: through tests/support/with_pg.sh,
with contacts made over the API."""
import argparse, http.client, json, os, socket, subprocess, sys, tempfile, shutil, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("people", nargs="?", type=int, default=10000)
options.add_argument("--engine", default="sqlite")
options.add_argument("--program", default="build/furrow")
options.add_argument("--fill", default="build/bench/fill")
o = options.parse_args()
folder = tempfile.mkdtemp(prefix="furrow-broadcast-")
where = ["--data", folder, "--log", "warn"]
if o.engine == "postgres":
    cluster, name = os.environ["FURROW_TEST_PG"], f"broadcast_{os.getpid()}"
    subprocess.run(["psql", "-q", cluster, "-c", f"CREATE DATABASE {name}"], check=True)
    where += ["--db", cluster.replace("/postgres?", f"/{name}?")]


def run(*words, given=None):
    done = subprocess.run([str(w) for w in words], input=given, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{words}: {done.stderr}{done.stdout}")
    return done.stdout


with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    sink_port = s.getsockname()[1]
sink = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{sink_port}", "256"])
server = None
try:
    run(o.program, "user", "add", "a@bench.example", "--password-stdin", *where, given="a long enough password\n")
    token = run(o.program, "token", "add", "a@bench.example", "--write", *where).split()[-1]
    if o.engine == "sqlite":
        run(o.fill, folder, o.people)
    server = subprocess.Popen([o.program, "serve", "--listen", "127.0.0.1:0", "--public-url", "https://crm.bench.example", *where],
                              stdout=subprocess.PIPE, text=True)
    line = ""
    while "port " not in line:
        line = server.stdout.readline()
    port = int(line.split("port ")[1].split(";")[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(method, path, body=None, maybe=False):
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status == 404 and maybe:
            return {}
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text.startswith(("{", "[")) else text

    def memory():
        for line in open(f"/proc/{server.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def wait(what, look, pause=0.1):
        begun = time.time()
        while not (said := look()):
            if server.poll() is not None or time.time() - begun > 7200:
                sys.exit(f"{what}: never")
            time.sleep(pause)
        return said, time.time() - begun

    if o.engine == "postgres":
        for i in range(o.people):
            ask("POST", "/api/v1/contacts", {"first_name": f"P{i}", "email": f"p{i}@firm{i % 499}.example"})
    ask("POST", "/api/v1/senders", {"name": "Bench", "from_address": "news@bench.example", "host": "127.0.0.1", "port": sink_port, "security": "none"})
    ask("POST", "/api/v1/brands", {"name": "Bench", "address": "Mill Lane 1, Berlin", "is_default": True})
    topic = ask("POST", "/api/v1/topics", {"name": "Everybody", "slug": "everybody", "basis": "interest"})["id"]
    letter = json.loads((ROOT / "src/mail/library/02_newsletter.json").read_text())
    made = ask("POST", "/api/v1/mail-contents", {"name": "Letter", "subject": "Hello {{contact.first_name|there}}"})
    content = made["id"]
    ask("POST", f"/api/v1/mail-contents/{content}/draft", {"version": made["version"], "subject": made["subject"], "preview": letter["preview"], "blocks": letter["blocks"]})
    ask("POST", f"/api/v1/mail-contents/{content}/publish", {})
    ask("POST", "/api/v1/segments", {"name": "All", "slug": "all", "kind": "live", "filter": "email is not empty"})
    broadcast = ask("POST", "/api/v1/broadcasts", {"name": "Letter", "content_id": content, "topic_id": topic, "segments": "all", "schedule": "now"})["id"]
    path = f"/api/v1/broadcasts/{broadcast}"
    wait("the segment", lambda: ask("GET", "/api/v1/segments?filter=slug%20%3D%20'all'")["data"][0].get("size", o.people) >= o.people)
    print(f"{o.engine}, {o.people} people; the server has {memory():.0f} MB")
    begun = time.time()
    ask("POST", f"{path}/check", {})
    counted = wait("counting", lambda: ask("GET", f"{path}/check").get("counted"))[0]
    print(f"counted: {counted['recipients']} of {counted['people']} in {time.time() - begun:.1f} s")
    begun = time.time()
    ask("POST", f"{path}/schedule", {"recipients": str(counted["recipients"])})
    shown = peak = 0
    settled = last = None
    while True:
        r = ask("GET", path)
        results = ask("GET", f"{path}/results", maybe=True)
        sent = results.get("all", results).get("delivered", 0)
        peak = max(peak, memory())
        if settled is None and r.get("recipients"):
            settled = time.time() - begun
            print(f"settled who gets it: {settled:.1f} s")
        if sent >= shown + o.people // 5:
            shown = sent
            print(f"  {time.time() - begun:.1f} s: {sent} sent, {memory():.0f} MB", flush=True)
        if r["status"] == "finished":
            break
        if r["status"] not in ("scheduled", "sending"):
            sys.exit(f"it is {r['status']}")
        time.sleep(0.25)
    took = time.time() - begun
    print(f"finished: {took:.1f} s after the click, {counted['recipients'] / took:.0f} mails/s, at most {peak:.0f} MB; {json.dumps(ask('GET', path + '/results'))[:300]}")
finally:
    sink.terminate()
    if server:
        server.terminate()
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)
