#!/usr/bin/env python3
"""Writes tests/corpus/support: awkward mails to a support address, one a file, and index.tsv that says for each what must become
of it. Deterministic; run it again after a change and commit what it writes.

index.tsv: file, outcome, thread (the file whose ticket it must be on; - none), before (what is done to that ticket first: answer, solve,
close, merge=OTHER; - nothing), has (words that the message must have; - any), lacks.
In the mails {OUR:file} stands for the Message-ID of our latest answer on that file's ticket, {TAG:file} for its address tag and
{CODE:file} for its number: the test fills them in."""
import base64, os, quopri, sys

OUT = os.path.join(os.path.dirname(__file__), '..', 'corpus', 'support')
rows, seen = [], set()


def add(name, mail, outcome='ticket', thread=None, before='-', has='-', lacks='-'):
    assert name not in seen, name
    seen.add(name)
    mail = mail if isinstance(mail, bytes) else mail.encode('utf-8')
    with open(os.path.join(OUT, name + '.eml'), 'wb') as f:
        f.write(mail)
    if thread is None:
        thread = name if outcome in ('ticket', 'follow_up') else '-'
    rows.append((name, outcome, thread, before, has, lacks))


def head(who='ida', subject='Question', more='', to='support@alderfield.test', name=None, mid=None):
    mid = f'Message-ID: <{mid}>\n' if mid else ''
    name = f'{name} ' if name else ''
    return f'From: {name}<{who}@farm.example>\nTo: {to}\nSubject: {subject}\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n{mid}{more}'


def plain(who, subject, text, more='', **k):
    return head(who, subject, more + 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n', **k) + '\n' + text


def multi(who, subject, kind, parts, boundary='=_b1', end=True, **k):
    text = head(who, subject, f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="{boundary}"\n', **k) + '\n'
    for p in parts:
        text += f'--{boundary}\n{p}\n'
    return text + (f'--{boundary}--\n' if end else '')


def part(kind, body, more=''):
    return f'Content-Type: {kind}\n{more}\n{body}'


# ---- charsets: each in another transfer encoding
charsets = [
    ('iso-8859-1', 'Grüße aus der Kältekammer', 'qp'), ('iso-8859-2', 'Příliš žluťoučký kůň', 'b64'), ('iso-8859-5', 'Датчик молчит', '8bit'),
    ('iso-8859-7', 'Ο αισθητήρας σιωπά', 'qp'), ('iso-8859-8', 'החיישן שותק', 'b64'), ('iso-8859-9', 'Sensör çalışmıyor', '8bit'),
    ('iso-8859-15', 'Preis 12 € für Œuvre', 'qp'), ('windows-1250', 'Čidlo mlčí už týden', '8bit'), ('windows-1251', 'Шлюз не отвечает', 'qp'),
    ('windows-1252', 'It’s “silent” – since Monday', '8bit'), ('windows-1253', 'Δεν λειτουργεί', 'b64'), ('windows-1255', 'שלום מהכרם', '8bit'),
    ('windows-1256', 'المستشعر لا يعمل', 'qp'), ('koi8-r', 'Мороз прошёл мимо', '8bit'), ('koi8-u', 'Датчик мовчить їй', 'b64'),
    ('utf-8', 'Frost ❄ in der Nacht', 'b64'), ('utf-16le', 'Sechzehn Bit Grüße', 'b64'), ('utf-16be', 'Andersherum Grüße', 'b64'),
    ('shift_jis', 'センサーが動きません', 'b64'), ('iso-2022-jp', '霜の警報が鳴りません', '7bit'), ('euc-jp', '電池を交換しました', '8bit'),
    ('gb2312', '传感器没有反应', 'b64'), ('gbk', '報警器沒有響', '8bit'), ('gb18030', '网关一直闪红灯', 'qp'), ('big5', '感測器沒有反應', 'b64'),
    ('euc-kr', '센서가 작동하지 않습니다', '8bit'), ('iso-2022-kr', '서리 경보가 없습니다', '7bit'), ('tis-620', 'เซ็นเซอร์ไม่ทำงาน', 'b64'),
    ('macintosh', 'Château à côté', 'qp'), ('us-ascii', 'Plain old words', '7bit'),
]
python = {'macintosh': 'mac_roman', 'tis-620': 'iso8859_11', 'utf-16le': 'utf_16_le', 'utf-16be': 'utf_16_be'}
for i, (cs, text, how) in enumerate(charsets):
    raw = (text + '\n').encode(python.get(cs, cs))
    body = {'qp': lambda b: quopri.encodestring(b), 'b64': lambda b: base64.encodebytes(b)}.get(how, lambda b: b)(raw)
    cte = {'qp': 'quoted-printable', 'b64': 'base64'}.get(how, how)
    h = head(f'cs{i}', f'Charset {cs}', f'MIME-Version: 1.0\nContent-Type: text/plain; charset={cs}\nContent-Transfer-Encoding: {cte}\n', mid=f'cs{i}@farm.example')
    add(f'charset_{cs.replace("-", "_")}', h.encode() + b'\n' + body, has=text)

# ---- headers
T = 'It does not work.\n'
add('head_q', plain('h1', '=?iso-8859-1?Q?Gr=FC=DFe_aus_K=F6ln?=', T), has='not work')
add('head_b', plain('h2', '=?utf-8?B?4p2EIEZyb3N0?=', T))
add('head_split', plain('h3', '=?utf-8?B?R3LDvMOf?=\n =?utf-8?B?ZQ==?= and\n\tmore', T))
add('head_split_inside', plain('h4', '=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=', T))
add('head_raw_utf8', plain('h5', 'Grüße ohne Kodierung', T))
add('head_raw_latin1', head('h6', 'x').replace('Subject: x', 'Subject: Gr\xfc\xdfe').encode('latin-1') + b'\n' + T.encode())
add('head_raw_from', plain('h7', 'Name', T).replace('From: <', 'From: Jörg Müller <').encode('latin-1'))
add('head_unknown_charset', plain('h8', '=?x-klingon?Q?nuqneH?=', T))
add('head_broken_word', plain('h9', '=?utf-8?Q?never ends', T))
add('head_no_from', 'To: support@alderfield.test\nSubject: Who am I\n\nNobody says.\n', has='Nobody says')
add('head_no_subject', 'From: h10@farm.example\nTo: support@alderfield.test\n\nNo subject at all.\n', has='No subject at all')
add('head_no_date', 'From: h11@farm.example\nSubject: x\n\nNo date.\n', has='No date')
add('head_odd_date', 'From: h12@farm.example\nSubject: x\nDate: yesterday evening\n\nOdd date.\n')
add('head_far_date', 'From: h13@farm.example\nSubject: x\nDate: Mon, 01 Jan 2999 00:00:00 +9999\n\nFar date.\n')
add('head_two_from', 'From: h14@farm.example, h15@farm.example\nSubject: two\n\nWe both.\n', has='We both')
add('head_group', plain('h16', 'Group', T, to='undisclosed-recipients:;'))
add('head_comma', plain('h17', 'Comma', T).replace('From: <', 'From: "Berg, Ida" <'))
add('head_no_brackets', 'From: h18@farm.example (Ida Berg)\nSubject: old style\n\nOld style.\n')
add('head_long_subject', plain('h19', 'very ' * 400 + 'long', T))
add('head_empty_subject', plain('h20', '', T))
add('head_crlf', plain('h21', 'Lines', T).replace('\n', '\r\n'))
add('head_cr_only', plain('h22', 'Old Mac', 'First.\rSecond.\r'), has='First')
add('head_mixed_ends', plain('h23', 'Mixed', 'One\r\nTwo\nThree\r\n'), has='Three')
add('head_only', 'From: h24@farm.example\nSubject: Only a head\n')
add('head_mbox_line', 'From h25@farm.example Mon Nov 23 09:00:00 2026\nFrom: h25@farm.example\nSubject: From a spool\n\nStill a mail.\n')
add('head_folded_from', plain('h26', 'Folded', T).replace('From: <', 'From:\n <'))
add('head_idn', plain('h27', 'IDN', T).replace('@farm.example>', '@bücher.example>'))
add('head_utf8_local', plain('h28', 'SMTPUTF8', T).replace('<h28@', '<jörg@'))
add('head_bad_address', plain('h29', 'Bad', T).replace('<h29@farm.example>', '<not an address>'), has='not work')
add('head_sender_only', 'Sender: h30@farm.example\nSubject: only sender\n\nSent for somebody.\n')
add('head_injection', plain('h31', '=?utf-8?Q?x=0D=0ABcc:_all@farm.example?=', T))
add('head_nul_in_subject', plain('h32', 'zero', T).replace('zero', 'ze\0ro').encode())
add('head_no_blank_line', 'From: h33@farm.example\nSubject: no blank line\nThis is no header but text\n')
add('head_many', plain('h34', 'Many headers', T, more=''.join(f'X-Header-{i}: {i}\n' for i in range(600))))
add('head_long_references', plain('h35', 'Long references', T, more='References: ' + ' '.join(f'<x{i}@farm.example>' for i in range(300)) + '\n'))

# ---- broken MIME
add('mime_no_end', multi('m1', 'No end', 'mixed', [part('text/plain', 'The end is missing.')], end=False), has='The end is missing')
add('mime_no_boundary', head('m2', 'No boundary', 'MIME-Version: 1.0\nContent-Type: multipart/mixed\n') + '\n--x\n\nText anyway.\n--x--\n')
add('mime_wrong_boundary', multi('m3', 'Wrong', 'mixed', [part('text/plain', 'Other boundary.')]).replace('boundary="=_b1"', 'boundary="other"'))
add('mime_empty_multi', multi('m4', 'Empty', 'mixed', []))
add('mime_type_garbage', head('m5', 'Garbage', 'Content-Type: ;;;///\n') + '\nGarbage type.\n')
add('mime_base64_garbage', head('m6', 'B64', 'MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n') + '\n!!!! no base64 ????\n')
add('mime_base64_cut', head('m7', 'B64 cut', 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n') + '\nV2l0aG91dCBwYWRkaW5\n', has='Without padd')
add('mime_qp_broken', head('m8', 'QP', 'MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n') + '\n=ZZ broken =\n', has='broken')
add('mime_cte_unknown', head('m9', 'CTE', 'MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: x-rot13\n') + '\nUryyb\n')
add('mime_charset_unknown', head('m10', 'cs', 'MIME-Version: 1.0\nContent-Type: text/plain; charset=x-nowhere\n') + '\nUnknown charset words.\n', has='Unknown charset words')
add('mime_charset_lies', (head('m11', 'lies', 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n') + '\nGr').encode() + b'\xfc\xdfe lie.\n', has='lie')
add('mime_two_types', head('m12', 'twice', 'Content-Type: text/plain\nContent-Type: text/html\n') + '\nTwo types.\n', has='Two types')
add('mime_nul', (plain('m13', 'NUL', '')).encode() + b'Before\0after\0\0end.\n', has='end')
add('mime_controls', (plain('m14', 'Controls', '')).encode() + bytes(range(1, 32)) + b' still text\n', has='still text')
add('mime_huge_line', plain('m15', 'One line', 'word ' * 12000 + '\n'), has='word word')
add('mime_300_parts', multi('m16', 'Parts', 'mixed', [part('text/plain', f'Part {i}') for i in range(300)]), has='Part 0')
deep = part('text/plain', 'At the bottom.')
for i in range(8):
    deep = f'Content-Type: multipart/mixed; boundary="d{i}"\n\n--d{i}\n{deep}\n--d{i}--'
add('mime_deep_8', head('m17', 'Deep', 'MIME-Version: 1.0\n') + deep + '\n', has='At the bottom')
for i in range(8, 60):
    deep = f'Content-Type: multipart/mixed; boundary="d{i}"\n\n--d{i}\n{deep}\n--d{i}--'
add('mime_deep_60', head('m18', 'Too deep', 'MIME-Version: 1.0\n') + deep + '\n', outcome='ticket|unreadable')
add('mime_bytes', bytes((i * 7919 + i // 3) % 256 for i in range(3000)), outcome='ticket|unreadable')
add('mime_empty_file', b'', outcome='ticket|unreadable')
add('mime_newlines', b'\n\n\n\n', outcome='ticket|unreadable')
add('mime_8bit_boundary', multi('m19', 'Bound', 'mixed', [part('text/plain', 'Odd boundary text.')], boundary="it's (odd)+_,-./:=?"), has='Odd boundary text')
add('mime_preamble', multi('m20', 'Pre', 'mixed', [part('text/plain', 'The real text.')]).replace('--=_b1\n', 'This is a preamble.\n--=_b1\n', 1), has='The real text', lacks='preamble')
add('mime_epilogue', multi('m21', 'Epi', 'mixed', [part('text/plain', 'Before the end.')]) + 'An epilogue.\n', has='Before the end', lacks='epilogue')
add('mime_partial', head('m22', 'Partial', 'MIME-Version: 1.0\nContent-Type: message/partial; id="a@b"; number=1; total=2\n') + '\nSubject: inner\n\nhalf\n')
add('mime_uuencode', plain('m23', 'uu', 'See below.\n\nbegin 644 note.txt\n#86%A\n`\nend\n'), has='See below')
add('mime_flowed', head('m24', 'Flowed', 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8; format=flowed\n') + '\nThis is one \nparagraph only.\n', has='This is one')
add('mime_no_version', head('m25', 'No version', 'Content-Type: text/plain; charset=utf-8\n') + '\nNo version.\n', has='No version')
add('mime_case', head('m26', 'Case', 'mime-version: 1.0\ncontent-TYPE: TEXT/Plain; CHARSET=UTF-8\n') + '\nCase does not matter.\n', has='Case does not matter')

# ---- HTML
html = lambda b, more='': part('text/html; charset=utf-8', b, more)
add('html_only', head('t1', 'HTML', 'MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n') + '\n<p>Hello <b>there</b></p><p>Second</p>\n', has='Hello there', lacks='<b>')
add('html_script', head('t2', 'Script', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<script>alert(1)</script><p>Only words</p>\n', has='Only words', lacks='alert')
add('html_alternative', multi('t3', 'Alt', 'alternative', [part('text/plain', 'Plain words'), html('<p>Rich words</p>')]), has='Plain words', lacks='Rich')
add('html_alternative_empty_plain', multi('t4', 'Alt', 'alternative', [part('text/plain', ''), html('<p>Rich words alone</p>')]), has='Rich words alone')
add('html_entities', head('t5', 'Ent', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<p>&uuml;ber &amp; &#x2744; &euro;</p>\n', has='über & ❄ €')
add('html_broken', head('t6', 'Broken', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<p>Open <b>never closed <a href="x\n<p>More words\n', has='Open')
add('html_image_only', head('t7', 'Image', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<img src="cid:a">\n')
add('html_table', head('t8', 'Table', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<table><tr><td>Serial</td><td>4711</td></tr></table>\n', has='4711')
add('html_huge', head('t9', 'Huge', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n' + '<div>' * 3000 + 'Middle words' + '</div>' * 3000 + '\n', has='Middle words')
add('html_style', head('t10', 'Style', 'MIME-Version: 1.0\nContent-Type: text/html\n') + '\n<style>p{color:red}</style><p>Styled</p><!-- note -->\n', has='Styled', lacks='color')

# ---- bodies
add('body_empty', plain('b1', 'Empty', ''), has='empty')
add('body_blank', plain('b2', 'Blank', '  \n\t\n\n'), has='empty')
add('body_signature_only', plain('b3', 'Signature', '-- \nIda Berg\nFarm Ltd\n'), has='Ida Berg')
add('body_signature', plain('b4', 'Signed', 'The gateway blinks.\n\n-- \nIda Berg\n'), has='The gateway blinks')
add('body_calendar', multi('b5', 'Invitation', 'alternative', [part('text/plain', 'You are invited.'), part('text/calendar; method=REQUEST', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\nEND:VEVENT\nEND:VCALENDAR')]), has='You are invited')
add('body_calendar_only', head('b6', 'Accepted: Visit', 'MIME-Version: 1.0\nContent-Type: text/calendar; method=REPLY\n') + '\nBEGIN:VCALENDAR\nEND:VCALENDAR\n')
add('body_vcard', multi('b7', 'Card', 'mixed', [part('text/plain', 'My card.'), part('text/vcard; name=ida.vcf', 'BEGIN:VCARD\nEND:VCARD', 'Content-Disposition: attachment; filename=ida.vcf\n')]), has='My card')
add('body_smime_signed', multi('b8', 'Signed', 'signed; micalg=sha-256; protocol="application/pkcs7-signature"', [part('text/plain', 'Signed words.'), part('application/pkcs7-signature; name=smime.p7s', 'MIIB', 'Content-Transfer-Encoding: base64\n')]), has='Signed words')
add('body_smime_encrypted', head('b9', 'Encrypted', 'MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n') + '\nMIIBHgYJKoZIhvcNAQcDoIIBDzCCAQsCAQAxgcAwgb0CAQAw\n')
add('body_pgp_inline', plain('b10', 'PGP', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSigned by hand.\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n'), has='Signed by hand')
add('body_pgp_mime', multi('b11', 'PGP', 'encrypted; protocol="application/pgp-encrypted"', [part('application/pgp-encrypted', 'Version: 1'), part('application/octet-stream; name=encrypted.asc', '-----BEGIN PGP MESSAGE-----')]))
add('body_tnef', multi('b12', 'TNEF', 'mixed', [part('text/plain', 'From Outlook.'), part('application/ms-tnef; name=winmail.dat', 'eJ8+IgA=', 'Content-Transfer-Encoding: base64\n')]), has='From Outlook')
add('body_pdf', multi('b13', 'Invoice', 'mixed', [part('text/plain', 'See the invoice.'), part('application/pdf', base64.b64encode(b'%PDF-1.4 x').decode(), "Content-Disposition: attachment; filename*=utf-8''Rechnung%20f%C3%BCr%20Ida.pdf\nContent-Transfer-Encoding: base64\n")]), has='See the invoice')
add('body_30_files', multi('b14', 'Files', 'mixed', [part('text/plain', 'Thirty files.')] + [part('text/plain', f'file {i}', f'Content-Disposition: attachment; filename="f{i}.txt"\n') for i in range(30)]), has='Thirty files')
add('body_file_path', multi('b15', 'Path', 'mixed', [part('text/plain', 'Odd name.'), part('text/plain', 'x', 'Content-Disposition: attachment; filename="../../etc/passwd"\n')]), has='Odd name', lacks='passwd')
add('body_file_no_name', multi('b16', 'No name', 'mixed', [part('text/plain', 'No name.'), part('image/png', 'iVBORw0KGgo=', 'Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n')]), has='No name')
add('body_file_empty', multi('b17', 'Empty file', 'mixed', [part('text/plain', 'An empty file.'), part('application/octet-stream; name=e.bin', '', 'Content-Disposition: attachment\n')]), has='An empty file')
add('body_inline_image', multi('b18', 'Inline', 'related', [html('<p>See picture <img src="cid:p1"></p>'), part('image/png; name=p.png', 'iVBORw0KGgo=', 'Content-ID: <p1>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n')]), has='See picture')
add('body_file_only', head('b19', 'Scan', 'MIME-Version: 1.0\nContent-Type: application/pdf; name=scan.pdf\nContent-Disposition: attachment; filename=scan.pdf\nContent-Transfer-Encoding: base64\n') + '\nJVBERi0xLjQ=\n', has='only files')
inner = plain('inner', 'The first mail', 'What was written first.')
fwd = inner
for i in range(3):
    fwd = multi(f'f{i}', f'Fwd: level {i}', 'mixed', [part('text/plain', f'Forwarded by {i}.'), 'Content-Type: message/rfc822\n\n' + fwd], boundary=f'f{i}')
add('forward_nested', fwd, has='Forwarded by 2')
add('forward_inline', plain('b20', 'Fwd: Trouble', 'Please help her.\n\n---------- Forwarded message ----------\nFrom: Anna\n\nMy probe is dead.\n'), has='My probe is dead')
add('forward_german', plain('b21', 'WG: Störung', 'Bitte kümmern.\n\n-----Ursprüngliche Nachricht-----\nVon: Anna\n\nDie Sonde schweigt.\n'), has='Die Sonde schweigt')
add('forward_only', head('b22', 'FW: x', 'MIME-Version: 1.0\nContent-Type: message/rfc822\n') + '\n' + inner)
add('body_digest', multi('b23', 'Digest', 'digest', ['\n' + plain('d1', 'one', 'First of digest.'), '\n' + plain('d2', 'two', 'Second.')]))
add('body_rtl', plain('b24', 'RTL', 'שלום \u202eabc\u202c עולם\n'), has='שלום')
add('body_emoji', plain('b25', '🥶', '🥶🥶 ' * 200 + 'cold\n'), has='🥶')
add('body_long', plain('b26', 'Long', 'This line is one of very many.\n' * 4000), has='one of very many')
add('body_quotes_only', plain('b27', 'Only quoted', '> all\n> of it\n'), has='all')
add('body_markup', plain('b28', '<b>bold</b> {{name}}', '<script>alert(1)</script> {{ticket}}\n'), has='<script>')

# ---- answers: in thread, what is new is shown
base = 'thread_base'
add(base, plain('ann', 'My probe', 'The probe in row 7 is silent.', mid='base1@farm.example'), has='row 7')
quote = 'We have seen this before.'
styles = [
    ('en', 'On Mon, 23 Nov 2026 at 10:00, Support wrote:'), ('de', 'Am 23.11.2026 um 10:00 schrieb Support:'), ('fr', 'Le lun. 23 nov. 2026 à 10:00, Support a écrit :'),
    ('es', 'El lun, 23 nov 2026 a las 10:00, Support escribió:'), ('it', 'Il giorno lun 23 nov 2026 Support ha scritto:'), ('nl', 'Op ma 23 nov 2026 om 10:00 schreef:'),
]
for i, (lang, line) in enumerate(styles):
    add(f'reply_top_{lang}', plain('ann', 'Re: My probe', f'New words {lang}.\n\n{line}\n> {quote}\n', more='In-Reply-To: <base1@farm.example>\n', mid=f'top{i}@farm.example'), 'reply', base, has=f'New words {lang}', lacks='seen this before')
    add(f'reply_bottom_{lang}', plain('ann', 'Re: My probe', f'{line}\n> {quote}\n\nBottom words {lang}.\n', more='References: <base1@farm.example>\n', mid=f'bot{i}@farm.example'), 'reply', base, has=f'Bottom words {lang}', lacks='seen this before')
add('reply_between', plain('ann', 'Re: My probe', f'> {quote}\nFirst answer.\n> And more.\nSecond answer.\n', more='In-Reply-To: <base1@farm.example>\n'), 'reply', base, has='Second answer')
add('reply_outlook', plain('ann', 'RE: My probe', f'Outlook words.\n\n________________________________\nFrom: Support\nSent: Monday\nTo: Ann\nSubject: My probe\n\n{quote}\n', more='In-Reply-To: <base1@farm.example>\n'), 'reply', base, has='Outlook words', lacks='seen this before')
add('reply_original_message', plain('ann', 'AW: My probe', f'Old Outlook.\n\n-----Original Message-----\nFrom: Support\n\n{quote}\n', more='In-Reply-To: <base1@farm.example>\n'), 'reply', base, has='Old Outlook', lacks='seen this before')
add('reply_html', head('ann', 'Re: My probe', 'In-Reply-To: <base1@farm.example>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n') + f'\n<p>Rich answer</p><blockquote>{quote}</blockquote>\n', 'reply', base, has='Rich answer')
add('reply_signature', plain('ann', 'Re: My probe', 'Short answer.\n\n-- \nAnn\n', more='In-Reply-To: <base1@farm.example>\n'), 'reply', base, has='Short answer')
add('reply_empty_new', plain('ann', 'Re: My probe', f'> {quote}\n', more='In-Reply-To: <base1@farm.example>\n'), 'reply', base, has='seen this before')

# ---- threads
add('thread_ours', plain('ann', 'Re: My probe', 'To your answer.', more='In-Reply-To: <{OUR:thread_base}>\n'), 'reply', base, before='answer', has='To your answer')
add('thread_ours_refs', plain('ann', 'Something else', 'By references.', more='References: <nowhere@x.example> <{OUR:thread_base}> <mangled@gateway.example>\n'), 'reply', base)
add('thread_ours_other', plain('bert', 'Re: My probe', 'A colleague of hers answers.', more='In-Reply-To: <{OUR:thread_base}>\n'), 'reply', base, has='A colleague')
add('thread_reply_to_colleague', plain('ann', 'Re: My probe', 'Thank you Bert.', more='In-Reply-To: <top0@farm.example>\n'), 'reply', base)
add('thread_words_in_header', plain('ann', 'Re: My probe', 'Odd header.', more='In-Reply-To: Your message of Monday <base1@farm.example>\n'), 'reply', base)
add('thread_unknown', plain('carl', 'Re: Elsewhere', 'Of another thread.', more='In-Reply-To: <never@seen.example>\n'))
add('thread_our_id_changed', plain('carl2', 'Re: My probe', 'A made up id.', more='In-Reply-To: <0cn9e8wg0007z.0000000000000000@alderfield.test>\n'))
add('tag_to', plain('dora', 'Hello', 'By the tag.', to='support+{TAG:thread_base}@alderfield.test'), 'reply', base, has='By the tag')
add('tag_upper', plain('dora', 'Hello', 'By the tag, shouted.', to='SUPPORT+{TAG:thread_base}@ALDERFIELD.TEST'), 'reply', base)
add('tag_cc', plain('dora', 'Hello', 'In copy.', more='Cc: "Support" <support+{TAG:thread_base}@alderfield.test>\n', to='x@farm.example'), 'reply', base)
add('tag_delivered_to', plain('dora', 'Hello', 'By the envelope.', more='Delivered-To: support+{TAG:thread_base}@alderfield.test\n', to='x@farm.example'), 'reply', base)
add('tag_forged', plain('eve', 'Hello', 'A forged tag.', to='support+T1001-0123456789@alderfield.test'))
add('tag_cut', plain('eve2', 'Hello', 'A tag that was cut.', to='support+T1001@alderfield.test'))
add('tag_queue', plain('eve3', 'Bill', 'About a bill.', to='support+billing@alderfield.test'))
add('tag_elsewhere', plain('eve4', 'Hello', 'A tag at another house.', to='support+{TAG:thread_base}@elsewhere.example'))
add('subject_theirs', plain('ann', 'About [{CODE:thread_base}]', 'By its number.'), 'reply', base, has='By its number')
add('subject_stranger', plain('eve5', 'About [{CODE:thread_base}]', 'A stranger knows the number.'))
add('subject_unknown', plain('ann', 'About [T-99999999]', 'No such number.'))
add('subject_plain', plain('ann', 'About {CODE:thread_base}', 'Without brackets.'))
add('solved_base', plain('fay', 'Leak', 'It leaks.', mid='leak1@farm.example'))
add('solved_reply', plain('fay', 'Re: Leak', 'It leaks again.', more='In-Reply-To: <leak1@farm.example>\n'), 'reply', 'solved_base', before='solve')
add('closed_base', plain('gus', 'Noise', 'It hums.', mid='noise1@farm.example'))
add('closed_reply', plain('gus', 'Re: Noise', 'It hums again.', more='In-Reply-To: <noise1@farm.example>\n'), 'follow_up', 'closed_reply', before='close=closed_base')
add('merged_base', plain('hal', 'Twice', 'Asked twice.', mid='twice1@farm.example'))
add('merged_reply', plain('hal', 'Re: Twice', 'Goes where it was merged.', more='In-Reply-To: <twice1@farm.example>\n'), 'reply', base, before='merge=merged_base')

# ---- the same again
add('same_first', plain('joe', 'Same', 'The same mail.', mid='same1@farm.example'))
add('same_again', plain('joe', 'Same', 'The same mail.', mid='same1@farm.example'), 'duplicate', 'same_first')
add('same_third', plain('joe', 'Same', 'The same mail.', more='Received: by another.example\n', mid='same1@farm.example'), 'duplicate', 'same_first')
add('same_id_other_words', plain('joe', 'Same', 'Other words with one id.', mid='same1@farm.example'))
add('same_without_id', plain('joe', 'Same', 'No id.'))
add('same_without_id_again', plain('joe', 'Same', 'No id.'))

# ---- machines
def machine(name, more, subject='Re: My probe', text='I am away.', outcome='automatic', **k):
    add('auto_' + name, plain('auto', subject, text, more=more, **k), outcome)
machine('replied', 'Auto-Submitted: auto-replied\n')
machine('generated', 'Auto-Submitted: auto-generated\n')
machine('notified', 'Auto-Submitted: auto-notified; owner="x"\n')
machine('no', 'Auto-Submitted: no\n', outcome='ticket')
machine('x_autoreply', 'X-Autoreply: yes\n')
machine('x_autorespond', 'X-Autorespond: Re: My probe\n')
machine('precedence_reply', 'Precedence: auto_reply\n')
machine('precedence_bulk', 'Precedence: bulk\n', outcome='list')
machine('precedence_junk', 'Precedence: junk\n', outcome='list')
machine('null_path', 'Return-Path: <>\n')
machine('out_of_office', '', subject='Out of Office: My probe')
machine('german', '', subject='Automatische Antwort: Sonde')
machine('german2', '', subject='Abwesenheitsnotiz: Sonde')
machine('french', '', subject='Réponse automatique : sonde')
machine('spanish', '', subject='Respuesta automática: sonda')
machine('italian', '', subject='Risposta automatica: sonda')
machine('dutch', '', subject='Automatisch antwoord: sonde')
add('auto_receipt', 'From: auto@farm.example\nTo: support@alderfield.test\nSubject: Read: My probe\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nRead.\n--x\nContent-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n--x--\n', 'automatic')
add('auto_on_ticket', plain('ann', 'Automatic reply: My probe', 'Away.', more='Auto-Submitted: auto-replied\nIn-Reply-To: <{OUR:thread_base}>\n'), 'automatic', base)

# ---- lists
for i, more in enumerate(['List-Id: <growers.lists.example>\n', 'List-Id: Growers <growers.lists.example>\nPrecedence: list\n', 'List-Unsubscribe: <https://x.example/u>\n', 'List-Post: <mailto:growers@lists.example>\n', 'Precedence: list\n']):
    add(f'list_{i}', plain('list', 'News', 'This month.', more=more), 'list')
add('list_own_group', plain('kim', 'Through our group', 'Sent to the group.', more='List-Id: Support <support.alderfield.test>\nPrecedence: list\nList-Unsubscribe: <mailto:x@y.example>\n'), has='Sent to the group')

# ---- ourselves
add('own_support', 'From: Support <support@alderfield.test>\nTo: support@alderfield.test\nSubject: Loop\n\nRound and round.\n', 'own')
add('own_tagged', 'From: <support+x@alderfield.test>\nTo: support@alderfield.test\nSubject: Loop\n\nRound.\n', 'own')
add('own_upper', 'From: <SUPPORT@Alderfield.Test>\nTo: support@alderfield.test\nSubject: Loop\n\nRound.\n', 'own')

# ---- bounces
def dsn(fields, more=''):
    return ('Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: support@alderfield.test\nSubject: Undelivered Mail Returned to Sender\n' + more +
            'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n--x\nContent-Type: message/delivery-status\n\n'
            'Reporting-MTA: dns; mx.example\n\n' + fields + '\n--x--\n')
for name, fields in [('hard', 'Final-Recipient: rfc822; gone@b.example\nAction: failed\nStatus: 5.1.1'), ('full', 'Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.2.2'),
                     ('delayed', 'Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1'), ('delivered', 'Final-Recipient: rfc822; a@b.example\nAction: delivered\nStatus: 2.0.0'),
                     ('two', 'Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; c@b.example\nAction: failed\nStatus: 5.2.2')]:
    add(f'bounce_{name}', dsn(fields), 'bounce')
add('bounce_of_ours', dsn('Final-Recipient: rfc822; ann@farm.example\nAction: failed\nStatus: 5.1.1', more='In-Reply-To: <{OUR:thread_base}>\n'), 'bounce', base)
add('bounce_qmail', 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program.\n<gone@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n', 'bounce')
add('bounce_exchange', 'From: System Administrator <postmaster@b.example>\nSubject: Undeliverable: Offer\n\nYour message did not reach gone@b.example\nThe e-mail account does not exist. <mx.b.example #5.1.1>\n', 'bounce')
add('bounce_german', 'Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nSubject: Unzustellbar: Angebot\n\nanna@b.example\nDas Postfach ist voll.\n', 'bounce')
add('bounce_warning', 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Warning: message delayed 24 hours\n\n  anna@b.example\n', 'bounce')
add('bounce_complaint', 'From: fbl@provider.example\nSubject: FW: x\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nAbuse.\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Rcpt-To: anna@b.example\n--x--\n', 'bounce')
add('bounce_sounding', plain('lea', 'Undeliverable promises', 'The delivery failed to convince me.'), has='failed to convince')

# ---- too many at once
for i in range(13):
    add(f'rate_{i:02}', plain('rob', f'Alarm {i}', f'Alarm number {i}.'), 'ticket' if i < 10 else 'rate')

with open(os.path.join(OUT, 'index.tsv'), 'w', encoding='utf-8') as f:
    for r in rows:
        f.write('\t'.join(r) + '\n')
print(len(rows), 'mails', file=sys.stderr)
