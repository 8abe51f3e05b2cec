"""program.py -- the program as tests from outside run it, on one engine: for those that kill it.

On PostgreSQL it gets a database of its own in the cluster of FURROW_TEST_PG (with_pg.sh)."""
import os, subprocess, sys
from pathlib import Path

SERVERS = []  # all that were started: whoever ends kills what still runs


class Program:
    """An administrator's token in `token`; after start() the server's port in `port`. Any failure ends the test."""

    def __init__(self, program, engine, scratch, database, log):
        self.program, self.engine, self.data = program, engine, Path(scratch) / engine
        self.options = ["--data", str(self.data), "--log", log]
        if engine == "postgres":
            cluster, name = os.environ["FURROW_TEST_PG"], f"{database}_{os.getpid()}"
            subprocess.run(["psql", "-q", cluster, "-c", f"CREATE DATABASE {name}"], check=True)
            self.url = cluster.replace("/postgres?", f"/{name}?")
            self.options += ["--db", self.url]
        self.run("user", "add", "admin@crash.example", "--password-stdin", given="a long enough password\n")
        self.token = self.run("token", "add", "admin@crash.example", "--write").split()[-1]

    def run(self, *words, given=None):
        done = subprocess.run([self.program, *words, *self.options], input=given, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{words}: {done.stderr}")
        return done.stdout

    def start(self):
        self.server = subprocess.Popen([self.program, "serve", "--listen", "127.0.0.1:0", *self.options],
                                       stdout=subprocess.PIPE, text=True)
        SERVERS.append(self.server)
        line = self.server.stdout.readline()
        while line and "port " not in line:
            line = self.server.stdout.readline()
        if not line:
            sys.exit("the server did not start")
        self.port = int(line.split("port ")[1].split(";")[0])
