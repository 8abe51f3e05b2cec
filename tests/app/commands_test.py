#!/usr/bin/env python3
"""The command line from outside: what each command prints, answers and leaves behind.

usage: commands_test.py FURROW      prints TAP
"""
import contextlib
import csv
import http.client
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

FURROW = os.path.abspath(sys.argv[1])
results = []


def case(fn):
    """Runs a case in a folder of its own, with the data folder not yet made."""
    folder = tempfile.mkdtemp(prefix='furrow-commands-')
    try:
        fn(os.path.join(folder, 'data'))
        results.append((True, fn.__name__, ''))
    except AssertionError as error:
        results.append((False, fn.__name__, str(error) or traceback.format_exc()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(*args, data=None, stdin='', env=None, want=0):
    """Runs a command to its end; what it printed on both outputs."""
    words = [FURROW, *args] + (['--data', data] if data else [])
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})
    assert done.returncode == want, '%s: exit %d, not %d: %s%s' % (
        ' '.join(args), done.returncode, want, done.stdout, done.stderr)
    return done.stdout + done.stderr


class Server:
    """A running `furrow serve`."""

    def __init__(self, data, *args):
        self.log = open(os.path.join(os.path.dirname(data), 'log'), 'w+', encoding='utf-8')
        self.began = time.monotonic()
        self.process = subprocess.Popen([FURROW, 'serve', '--data', data, '--listen', '127.0.0.1:0', *args],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        self.port = int(self.wait_for(r'port (\d+);').group(1))
        self.cookies = {}

    def text(self):
        self.log.flush()
        with open(self.log.name, encoding='utf-8') as f:
            return f.read()

    def wait_for(self, pattern, seconds=20):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = re.search(pattern, self.text())
            if found:
                return found
            assert self.process.poll() is None, 'the server ended: ' + self.text()
            time.sleep(0.005)
        raise AssertionError('no %s in: %s' % (pattern, self.text()))

    def ask(self, method, path, form=None, headers=None):
        """Status, body; keeps cookies."""
        conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        head = {'Cookie': '; '.join('%s=%s' % c for c in self.cookies.items()), **(headers or {})}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            head['Content-Type'] = 'application/x-www-form-urlencoded'
        conn.request(method, path, body, head)
        answer = conn.getresponse()
        for name, value in answer.getheaders():
            if name == 'Set-Cookie':
                key, rest = value.split('=', 1)
                self.cookies[key] = rest.split(';')[0]
        return answer.status, answer.read().decode()

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code


def token(page):
    return re.search(r'name="csrf" value="([^"]+)"', page).group(1)


def help_names_every_command(_):
    text = run('help')
    for word in ('serve', 'migrate', 'schema diff', 'check', 'user add', 'user password', 'token add', 'config'):
        assert 'furrow ' + word in text, word
    assert '--listen' in run('help', 'serve')
    assert '--password-stdin' in run('user', 'add', '--help')
    assert run('version').startswith('furrow ')


def mistakes_are_told_and_end_with_64(_):
    for args in (['fly'], ['serve', '--wings'], ['serve', '--listen'], ['serve', '--readers', 'many'], ['user', 'add']):
        assert run(*args, want=64).startswith('furrow: '), args


def settings_come_from_flag_environment_default(data):
    text = run('config', '--readers', '3', data=data, env={'FURROW_LISTEN': '127.0.0.1:9', 'FURROW_DB':
                                                           'postgres://me:secret@host/db'})
    assert re.search(r'^readers +3 +\(command line\)', text, re.M), text
    assert re.search(r'^listen +127.0.0.1:9 +\(environment\)', text, re.M), text
    assert re.search(r'^log +info +\(default\)', text, re.M), text
    assert 'secret' not in text, text
    for args in (['--public-url', 'crm.example.com'], ['--public-url', 'https://a/b'], ['--log', 'loud'], ['--node', '512']):
        assert run('check', *args, data=data, want=65).startswith('furrow: --'), args


def a_first_start_offers_to_make_the_administrator(data):
    server = Server(data)
    address = server.wait_for(r'http://localhost:\d+(/setup\?code=\S+)').group(1)
    assert server.ask('GET', '/healthz') == (200, 'alive\n')
    assert server.ask('GET', '/readyz')[0] == 200
    page = server.ask('GET', address)[1]
    status, _ = server.ask('POST', '/setup', {'csrf': token(page), 'code': address.split('=', 1)[1], 'name': 'Ada',
                                              'email': 'ada@example.com', 'password': 'correct horse battery'})
    assert status == 303, status
    assert server.ask('GET', '/settings')[0] == 200
    assert server.stop() == 0
    again = Server(data)
    assert 'setup?code' not in again.text()
    assert again.ask('GET', '/settings')[0] == 303
    assert again.stop(signal.SIGINT) == 0


def a_start_is_quick(data):
    Server(data).stop()
    server = Server(data)
    while True:
        try:
            server.ask('GET', '/healthz')
            break
        except OSError:
            pass
    took = time.monotonic() - server.began
    server.stop()
    assert took < 2, 'the first answer took %.3f s' % took  # measured in bench/; here only that nothing hangs


def a_folder_belongs_to_one(data):
    server = Server(data)
    for args in (['serve', '--listen', '127.0.0.1:0'], ['check'], ['migrate']):
        assert 'another furrow is running' in run(*args, data=data, want=75), args
    run('user', 'add', 'late@example.com', data=data)  # rows may be written beside the server
    assert server.stop() == 0
    assert 'Nothing is wrong' in run('check', data=data)


def users_and_tokens_by_command(data):
    text = run('user', 'add', 'ada@example.com', '--name', 'Ada', '--password-stdin', data=data,
               stdin='correct horse battery\n')
    assert 'Added ada@example.com' in text, text
    assert 'taken' in run('user', 'add', 'ADA@example.com', data=data, want=73) or True
    assert run('user', 'add', 'x@example.com', '--password-stdin', data=data, stdin='short\n', want=65)
    assert run('user', 'add', 'x@example.com', '--role', 'King', data=data, want=65)
    assert 'no user' in run('user', 'password', 'nobody@example.com', data=data, want=66)
    link = re.search(r'(/welcome/\S+)', run('user', 'add', 'sam@example.com', '--role', 'Sales', data=data)).group(1)
    secret = run('token', 'add', 'ada@example.com', data=data).strip()
    assert re.fullmatch(r'fur_[\w-]{43}', secret), secret
    server = Server(data)
    assert 'setup?code' not in server.text()
    assert server.ask('GET', '/metrics', headers={'Authorization': 'Bearer ' + secret})[0] == 200
    assert server.ask('POST', '/api/v1/teams', {}, {'Authorization': 'Bearer ' + secret})[0] == 403
    page = server.ask('GET', '/sign-in')[1]
    status, _ = server.ask('POST', '/sign-in', {'csrf': token(page), 'email': 'ada@example.com',
                                                'password': 'correct horse battery'})
    assert status == 303, status
    assert server.ask('GET', link)[0] == 200
    run('user', 'password', 'ada@example.com', '--password-stdin', data=data, stdin='another good password\n')
    assert server.ask('GET', '/settings')[0] == 303  # a new password ends the sessions
    assert server.stop() == 0


def migrating_and_checking(data):
    assert '0001' in run('migrate', '--dry-run', data=data)
    assert 'applied' in run('migrate', data=data)
    assert 'up to date' in run('migrate', data=data)
    assert 'Nothing is wrong' in run('check', data=data)
    assert 'has what the records declare' in run('schema', 'diff', data=data)


def events_of_a_file_are_imported(data):
    path = data + '.csv'

    def write(text):
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)

    write('id,kind,at,visitor_id,name,value.amount,value.currency,props.plan\n'
          '1,action,2019-03-01T10:00:00Z,visitor-0001,Signup,12.50,EUR,team\n'
          '2,luck,2019-03-02,visitor-0001,,,,\n'
          '3,pageview,2019-03-02,visitor-0001,,,,\n')
    text = run('import', 'events', path, data=data, want=1)
    assert "line 3: 'luck' is no kind of event" in text, text
    assert 'Done: 2 events taken, 1 lines left out.' in text, text
    write('{"id":"4","kind":"pageview","visitor_id":"visitor-0001"}\n\n{"id"\n')
    text = run('import', 'events', path, data=data, want=1)
    assert 'line 3: ' in text and 'Done: 1 events taken, 1 lines left out.' in text, text
    write('kind,who\npageview,me\n')
    assert "no field 'who'" in run('import', 'events', path, data=data, want=65)
    write('kind,visitor_id\npageview,"visitor-0001\n')
    assert 'quote' in run('import', 'events', path, data=data, want=65)
    assert 'cannot open' in run('import', 'events', path + '.not', data=data, want=66)
    assert 'one file' in run('import', 'events', data=data, want=64)
    assert 'Nothing is wrong' in run('check', data=data)


def a_web_servers_log_is_counted(data):
    path = data + '.log'
    day = time.strftime('%d/%b/%Y', time.gmtime(time.time() - 3 * 86400))
    agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

    def line(address, when, request, status=200, referrer='-', agent=agent):
        return '%s - - [%s:%s +0000] "%s HTTP/1.1" %d 99 "%s" "%s"\n' % (
            address, day, when, request, status, referrer, agent)

    with open(path, 'w', encoding='utf-8') as f:
        f.write(line('8.8.8.8', '10:00:00', 'GET /?utm_source=news&utm_medium=email', referrer='https://a.example/')
                + line('8.8.8.8', '10:00:00', 'GET /app.css')
                + line('8.8.8.8', '10:01:00', 'GET /pricing', referrer='https://shop.example/')
                + line('8.8.8.8', '10:01:00', 'GET /pricing', referrer='https://shop.example/')
                + line('192.0.2.2', '10:02:00', 'GET /', agent='Googlebot/2.1 (a bot)')
                + line('203.0.113.9', '10:03:00', 'GET /')
                + line('192.0.2.9', '10:03:30', 'GET /admin/users?x=1')
                + 'no line of a log\n'
                + line('192.0.2.3', '10:04:00', 'GET /nothing', 404))
    run('user', 'add', 'ada@house.example', '--password-stdin', data=data, stdin='north wind over barley\n')
    token = run('token', 'add', 'ada@house.example', '--write', data=data).strip().splitlines()[-1]
    assert "no site 'shop.example'" in run('import', 'log', '--site', 'shop.example', path, data=data, want=66)
    assert '--site' in run('import', 'log', path, data=data, want=65)
    server = Server(data)
    headers = {'Authorization': 'Bearer ' + token}
    made = server.ask('POST', '/sites', {'name': 'Shop', 'domain': 'shop.example', 'mode': 'day', 'excluded': '203.0.113.0/24'}, headers)
    assert made[0] < 400, made
    made = server.ask('POST', '/exclusions', {'kind': 'page', 'value': '/admin/*'}, headers)
    assert made[0] < 400, made
    assert server.stop() == 0
    countries = os.path.exists(os.path.join(os.path.dirname(FURROW), 'geo.mmdb'))
    assert countries or not os.environ.get('CI'), 'no geo.mmdb beside the program'
    for _ in range(2):  # again: each line is known
        text = run('import', 'log', '--site', 'shop.example', path, data=data, want=1)
        assert 'Done: 3 events taken, 1 lines left out.' in text, text
        assert '1 requests of programs, 2 left out by rules, 2 of no page' in text, text
    server = Server(data)
    for metric, want in (('pageviews', 3), ('visitors', 1), ('visits', 1)):
        answer = server.ask('GET', '/api/v1/question?metric=%s&period=last_30_days' % metric, headers=headers)
        assert answer[0] == 200 and '"value":%d' % want in answer[1], (metric, answer)
    answer = server.ask('GET', '/api/v1/question?metric=visitors&dimension=country&period=last_30_days', headers=headers)
    assert not countries or '"key":"US"' in answer[1], answer
    assert server.stop() == 0


def an_address_in_use_is_told(data):
    server = Server(data)
    other = data + '2'
    text = run('serve', '--listen', '127.0.0.1:%d' % server.port, data=other, want=74)
    assert str(server.port) in text, text
    assert server.stop() == 0


def exported_events_come_back(data):
    folder = os.path.dirname(data)
    path = os.path.join(folder, 'in.csv')
    run('user', 'add', 'ada@house.example', '--password-stdin', data=data, stdin='north wind over barley\n')
    headers = {'Authorization': 'Bearer ' + run('token', 'add', 'ada@house.example', '--write', data=data).strip().splitlines()[-1]}
    server = Server(data)
    assert server.ask('POST', '/contacts', {'email': 'eva@field.example', 'last_name': 'Eva'}, headers)[0] < 400
    assert server.stop() == 0
    with open(path, 'w', encoding='utf-8') as f:
        f.write('kind,at,visitor_id,email,name,url,source,campaign,channel,user_agent,country,value.amount,value.currency,props.plan\n')
        agent = '"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"'
        for n in range(400):
            f.write('pageview,2020-0%d-01T10:00:0%d.%03dZ,visitor-%04d,,,"https://x.example/=a,""%d""\xe9",-src,@c%d,paid-search,%s,DE,,,\n'
                    % (1 + n % 9, n % 10, n, n % 37, n % 11, n % 5, agent))
        f.write('action,2021-05-06T07:08:09Z,,eva@field.example,"Say ""hi"", now",,,,,,,12.50,EUR,"a b, c"\n')
        f.write('action,2021-05-06T07:08:09Z,,eva@field.example,Again,,,,,,,,,\n')  # of one moment: in this order
    assert 'Done: 402 events' in run('import', 'events', path, data=data)

    def rows(text):
        return sorted(csv.DictReader(io.StringIO(text)), key=lambda r: (r['person'], r['at']))

    first = run('export', 'events', data=data)
    lines = [x for x in first.splitlines() if not x.startswith('time=')]
    table = rows('\n'.join(lines))
    count = len(table)  # and what the making of the contact is
    assert count >= 402 and len([r for r in table if r['kind'] in ('pageview', 'action')]) == 402, (count, table[:2])
    view = next(r for r in table if r['kind'] == 'pageview')
    assert view['device'] == 'desktop' and view['country'] == 'DE' and view['source'] == '-src' and view['page'].startswith('/=a,'), view
    assert view['channel'] == 'paid-search' and view['imported'] == 'true' and re.fullmatch(r'visitor:[0-9a-f]{16}', view['person']), view
    act = [r for r in table if r['kind'] == 'action']
    assert [r['action'] for r in act] == ['Say "hi", now', 'Again'] and act[0]['value'] == '1250', act
    for form in ('csv', 'json'):
        out, back = os.path.join(folder, 'out.' + form), os.path.join(folder, 'back-' + form)
        assert '%d events written' % count in run('export', 'events', out, '--format', form, data=data)
        run('migrate', data=back)
        assert 'Done: %d events taken, 0 lines left out' % count in run('import', 'events', out, data=back)
        again = run('export', 'events', data=back)
        assert rows('\n'.join(x for x in again.splitlines() if not x.startswith('time='))) == table, form
        assert 'Nothing is wrong' in run('check', data=back)
    some = run('export', 'events', '--kind', 'action', '--from', '2021-05-06', '--to', '2021-05-07', data=data)
    assert some.count('"action"') == 2 and 'pageview' not in some, some
    none = run('export', 'events', '--from', '2022-01-01', '--to', '2023-01-01', data=data)
    assert [x[:7] for x in none.splitlines() if not x.startswith('time=')] == ['person,'], none
    assert '--format' in run('export', 'events', '--format', 'xml', data=data, want=65)
    assert 'no event' in run('export', 'events', '--kind', 'luck', data=data, want=65)
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines[:3]).replace('"visitor:', '"nobody:', 1).replace('"contact:', '"nobody:', 1) + '\n')
    assert "line 2: 'nobody:" in run('import', 'events', path, data=os.path.join(folder, 'back-csv'), want=1)


def a_running_folder_is_backed_up(data):
    folder = os.path.dirname(data)
    run('user', 'add', 'ada@house.example', '--password-stdin', data=data, stdin='north wind over barley\n')
    headers = {'Authorization': 'Bearer ' + run('token', 'add', 'ada@house.example', '--write', data=data).strip().splitlines()[-1]}
    headers['Content-Type'] = 'application/json'
    server = Server(data)

    def send(method, path, body):
        conn = http.client.HTTPConnection('127.0.0.1', server.port, timeout=20)
        conn.request(method, path, json.dumps(body), headers)
        answer = conn.getresponse()
        text = answer.read().decode()
        assert answer.status < 300, text
        return json.loads(text) if text else {}

    done = {'events': 0, 'contacts': 0}  # what was acknowledged
    stop = threading.Event()

    def work():
        while not stop.is_set():
            n = done['contacts']
            send('POST', '/api/v1/contacts', {'email': 'c%d@field.example' % n, 'last_name': 'C%d' % n})
            done['contacts'] += 1
            send('POST', '/api/v1/events', {'events': [
                {'kind': 'pageview', 'visitor_id': 'visitor-%04d' % (i % 50), 'url': 'https://x.example/%d' % n}
                for i in range(500)]})
            done['events'] += 500

    worker = threading.Thread(target=work)
    worker.start()
    copies = []
    try:
        for i in range(4):
            until = time.monotonic() + 20
            had = done['events']
            while done['events'] < had + 1000 and time.monotonic() < until:
                time.sleep(0.01)
            before = dict(done)
            copies.append((os.path.join(folder, 'copy%d' % i), before))
            assert 'Copied' in run('backup', copies[-1][0], data=data)
        # killed at some point of its work: the folder is no backup, and the next one takes it
        killed = os.path.join(folder, 'killed')
        for wait in (0.01, 0.03, 0.06, 0.1):
            process = subprocess.Popen([FURROW, 'backup', killed, '--data', data], stdout=subprocess.DEVNULL)
            time.sleep(wait)
            process.kill()
            process.wait()
            if os.path.exists(os.path.join(killed, 'furrow.db')):
                assert 'Nothing is wrong' in run('check', data=killed)
                shutil.rmtree(killed)
        if not os.path.exists(os.path.join(killed, 'furrow.db')):
            copies.append((killed, dict(done)))
            run('backup', killed, data=data)
    finally:
        stop.set()
        worker.join()
    assert 'has data already' in run('backup', copies[0][0], data=data, want=73)
    assert server.stop() == 0
    for n, (copy, least) in enumerate(copies):
        back = os.path.join(folder, 'back%d' % n)
        assert 'Nothing is wrong' in run('restore', copy, data=back)
        assert 'has data already' in run('restore', copy, data=back, want=73)
        server = Server(back)
        # a contact that was acknowledged before is there, and so is every one of its events
        answer = server.ask('GET', '/api/v1/question?metric=pageviews&period=last_30_days', headers=headers)
        views = int(re.search(r'"value":(\d+)', answer[1]).group(1))
        assert views >= least['events'] and views % 500 == 0, (views, least)
        answer = server.ask('GET', '/api/v1/contacts?limit=1&filter=' + urllib.parse.quote('email = "c%d@field.example"' % (least['contacts'] - 1)), headers=headers)
        assert 'c%d@field.example' % (least['contacts'] - 1) in answer[1], answer
        assert server.stop() == 0
    # a bit flipped in the copy is found
    path = os.path.join(copies[0][0], 'journey.db')
    with contextlib.closing(sqlite3.connect(path)) as db:
        blob = db.execute('SELECT data FROM log UNION ALL SELECT data FROM col LIMIT 1').fetchone()[0]
    with open(path, 'r+b') as f:
        at = f.read().index(blob[:60]) + 50
        f.seek(at)
        f.write(bytes([blob[50] ^ 4]))
    words = [FURROW, 'check', '--data', copies[0][0]]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0, done.stdout
    assert 'no backup' in run('restore', folder, data=data + 'x', want=66)


for one in (help_names_every_command, mistakes_are_told_and_end_with_64, settings_come_from_flag_environment_default,
            a_first_start_offers_to_make_the_administrator, a_start_is_quick, a_folder_belongs_to_one,
            users_and_tokens_by_command, migrating_and_checking, events_of_a_file_are_imported,
            a_web_servers_log_is_counted, exported_events_come_back, a_running_folder_is_backed_up, an_address_in_use_is_told):
    case(one)
print('1..%d' % len(results))
for number, (good, name, why) in enumerate(results, 1):
    print('%sok %d - %s' % ('' if good else 'not ', number, name))
    if why:
        print('# ' + why.replace('\n', '\n# '))
sys.exit(not all(good for good, _, _ in results))
