#!/usr/bin/env python3
"""A flood of posts against a form of a running server, and what others feel of it.

usage: form_flood.py URL SLUG [POSTS] [LANES] [MORE]     (MORE: "&news=yes"; server started with --trusted-proxy 127.0.0.1)

Each post is of another address (X-Forwarded-For) and carries a browser's agent and no proof of work. Meanwhile
somebody else opens a hosted form every 50 ms; the same is measured before. Prints how the posts were answered, posts
a second, and the other's latency before and during.
"""
import http.client
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'


def connect(base):
    return http.client.HTTPConnection(base.hostname, base.port, timeout=30)


def look(base, path, until, out):
    connection = connect(base)
    while not until():
        began = time.perf_counter()
        connection.request('GET', path, headers={'User-Agent': AGENT, 'X-Forwarded-For': '192.0.2.1'})
        connection.getresponse().read()
        out.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)


def words(times):
    times = sorted(times)
    return 'median %.1f ms, 95th %.1f ms, most %.1f ms (%d)' % (
        times[len(times) // 2], times[int(len(times) * 0.95)], times[-1], len(times))


def main():
    base, slug = urlsplit(sys.argv[1]), sys.argv[2]
    posts = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    lanes = int(sys.argv[4]) if len(sys.argv) > 4 else 16
    more = sys.argv[5] if len(sys.argv) > 5 else ''
    before, during, answers, lock = [], [], Counter(), threading.Lock()
    end = time.time() + 2
    look(base, '/f/' + slug, lambda: time.time() > end, before)

    def lane(k):
        connection, mine = connect(base), Counter()
        for i in range(k, posts, lanes):
            connection.request('POST', '/f/' + slug, 'email=flood%d%%40spam.example' % i + more, {
                'User-Agent': AGENT, 'Content-Type': 'application/x-www-form-urlencoded',
                'X-Forwarded-For': '10.%d.%d.%d' % (i >> 16, i >> 8 & 255, i & 255)})
            answer = connection.getresponse()
            answer.read()
            mine[answer.status] += 1
        with lock:
            answers.update(mine)

    began, threads = time.perf_counter(), [threading.Thread(target=lane, args=(k,)) for k in range(lanes)]
    for t in threads:
        t.start()
    look(base, '/f/' + slug, lambda: not any(t.is_alive() for t in threads), during)
    took = time.perf_counter() - began
    print('%d posts in %.1f s (%.0f a second): %s' % (
        posts, took, posts / took, ', '.join('%d times %d' % (n, s) for s, n in sorted(answers.items()))))
    print('a page before: ' + words(before))
    print('a page during: ' + words(during))


main()
