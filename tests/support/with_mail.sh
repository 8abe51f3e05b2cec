#!/bin/sh
# with_mail.sh COMMAND...    runs COMMAND beside a private Postfix and a private Dovecot, and says where they are:
#   FURROW_TEST_MAIL          "smtp=PORT submission=PORT smtps=PORT imap=PORT imaps=PORT pop=PORT pops=PORT"
#   FURROW_TEST_MAIL_DIR      their folder: ca.pem (trust this), mail.log, mail/DOMAIN/NAME/ (Maildir)
# with_mail.sh --start DIR   starts them in DIR (made), prints both as shell assignments; they end with the caller.
# with_mail.sh --stop DIR    stops them and removes DIR.
#
# All on 127.0.0.1, on ports that were free, or from FURROW_TEST_MAIL_PORT on. Whoever signs in has the password sow-and-harvest and any name
# of alderfield.test. Plain passwords want TLS. smtp takes mail for the domains below from anybody; submission (STARTTLS) and smtps (TLS) take
# mail for everybody from who signed in. What happens to a mail:
#   NAME@alderfield.test      delivered when NAME is one of $boxes below (NAME+anything too), else refused at RCPT with 550 5.1.1
#   hanna@brandt-obst.test    delivered to a mailbox of that name: a customer's own
#   ok-ANYTHING@bounces.test  delivered to everybody@alderfield.test; any other name is taken, and Postfix writes a bounce
#   ANYTHING@refused.test     refused at RCPT with 554 5.7.1
#   ANYTHING@busy.test        refused at RCPT with 450 4.2.1
#   any other domain          delivered to everybody@alderfield.test
# Postfix wants root for its user ids: run by somebody else, sudo without a password is tried, else this exits with 77 (skipped).
set -eu

boxes="clara miriam henrik jonas sales support bounces feedback everybody"
self=$(readlink -f "$0")

if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || { echo "with_mail.sh: Postfix wants root; skipped" >&2; exit 77; }
    as_root="sudo -n"
else
    as_root=
fi
for program in /usr/sbin/postfix /usr/sbin/dovecot; do
    [ -x "$program" ] || { echo "with_mail.sh: $program is missing: make deps" >&2; exit 1; }
done

write_postfix() {
    mkdir -p "$dir/postfix" "$dir/queue" "$dir/data"
    chown postfix "$dir/data"
    daemons=$(postconf -dh daemon_directory)
    cat >"$dir/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
daemon_directory = $daemons
maillog_file = $dir/mail.log
maillog_file_prefixes = /tmp, /dev/shm, /var
myhostname = mail.alderfield.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
recipient_delimiter = +
notify_classes =
in_flow_delay = 0
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 5s
default_process_limit = 30
smtpd_client_connection_count_limit = 0
smtpd_discard_ehlo_keywords =
message_size_limit = 30000000
disable_dns_lookups = yes
smtp_host_lookup = native
virtual_mailbox_domains = alderfield.test
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = texthash:$dir/postfix/boxes, regexp:$dir/postfix/anybody
virtual_mailbox_limit = 0
virtual_uid_maps = static:$mail_uid
virtual_gid_maps = static:$mail_gid
relay_domains = bounces.test refused.test busy.test
relay_transport = virtual:
default_transport = virtual:
smtpd_tls_cert_file = $dir/server.pem
smtpd_tls_key_file = $dir/server.key
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $dir/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:$dir/postfix/refused
END
    {
        for box in $boxes; do echo "$box@alderfield.test alderfield.test/$box/"; done
        echo "hanna@brandt-obst.test brandt-obst.test/hanna/"
    } >"$dir/postfix/boxes"
    # What neither table knows is what virtual(8) bounces.
    cat >"$dir/postfix/anybody" <<'END'
if !/@(alderfield|bounces)\.test$/
/@/ alderfield.test/everybody/
endif
/^ok-.*@bounces\.test$/ alderfield.test/everybody/
END
    printf 'refused.test 554 5.7.1 We take no mail from you\nbusy.test 450 4.2.1 Busy, try again later\n' >"$dir/postfix/refused"
    {
        echo "127.0.0.1:$smtp inet n - n - - smtpd"
        echo "127.0.0.1:$submission inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes"
        echo "127.0.0.1:$smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes"
        cat <<'END'
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
    } >"$dir/postfix/master.cf"
}

write_dovecot() {
    mkdir -p "$dir/dovecot"
    cat >"$dir/dovecot/dovecot.conf" <<END
base_dir = $dir/dovecot/run
state_dir = $dir/dovecot/run
instance_name = furrow-test
log_path = $dir/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
mail_location = maildir:$dir/mail/%d/%n
mail_uid = $mail_uid
mail_gid = $mail_gid
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <$dir/server.pem
ssl_key = <$dir/server.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_max_userip_connections = 100
login_trusted_networks =
passdb {
  driver = static
  args = password=sow-and-harvest
}
userdb {
  driver = static
  args = uid=$mail_uid gid=$mail_gid home=$dir/mail/%d/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
}
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = $pop
  }
  inet_listener pop3s {
    port = $pops
    ssl = yes
  }
}
service auth {
  unix_listener $dir/auth {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
END
}

write_certificate() {
    curve="-newkey ec -pkeyopt ec_paramgen_curve:P-256"
    openssl req -x509 $curve -nodes -days 30 -subj "/CN=Furrow test authority" -addext "basicConstraints=critical,CA:TRUE" \
        -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
    openssl req $curve -nodes -subj "/CN=mail.alderfield.test" -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
    printf 'subjectAltName=DNS:mail.alderfield.test,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >"$dir/server.ext"
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
        -extfile "$dir/server.ext" -out "$dir/server.pem" 2>/dev/null
}

free_ports() {
    python3 - "${FURROW_TEST_MAIL_PORT:-0}" <<'END'
import socket, sys
first, held = int(sys.argv[1]), []
while len(held) < 7:
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", first + len(held) if first else 0))
    except OSError:
        first += 1
        continue
    held.append(s)
print(*[s.getsockname()[1] for s in held])
END
}

answers() { # port
    python3 - "$1" <<'END'
import socket, sys, time
for _ in range(200):
    try:
        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
        s.settimeout(5)
        if s.recv(1):
            sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)
END
}

start() {
    dir=$1
    mail_uid=$(id -u nobody)
    mail_gid=$(id -g nobody)
    mkdir -p "$dir/mail"
    chmod 755 "$dir"
    chown nobody "$dir/mail"
    touch "$dir/mail.log"
    set -- $(free_ports)
    smtp=$1 submission=$2 smtps=$3 imap=$4 imaps=$5 pop=$6 pops=$7
    write_certificate
    write_postfix
    write_dovecot
    /usr/sbin/dovecot -c "$dir/dovecot/dovecot.conf" >"$dir/start.log" 2>&1 ||
        { cat "$dir/start.log" "$dir/dovecot.log" >&2; exit 1; }
    /usr/sbin/postfix -c "$dir/postfix" start >>"$dir/start.log" 2>&1 ||
        { cat "$dir/start.log" "$dir/mail.log" >&2; exit 1; }
    for port in $smtp $submission $imap $pop; do
        answers "$port" || { cat "$dir/start.log" "$dir/mail.log" "$dir/dovecot.log" >&2; exit 1; }
    done
    chmod -R a+rX "$dir/ca.pem" "$dir/mail.log"
    echo "FURROW_TEST_MAIL='smtp=$smtp submission=$submission smtps=$smtps imap=$imap imaps=$imaps pop=$pop pops=$pops'"
    echo "FURROW_TEST_MAIL_DIR='$dir'"
}

stop() {
    for pid in "$1/queue/pid/master.pid" "$1/dovecot/run/master.pid"; do
        [ -f "$pid" ] || continue
        kill "$(cat "$pid")" 2>/dev/null || true
    done
    sleep 0.1
    rm -rf "$1" 2>/dev/null || { sleep 0.5; rm -rf "$1"; }
}

new_folder() { # Many small files: in memory where there is room.
    room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    parent=/tmp
    [ -w /dev/shm ] && [ "${room:-0}" -gt 500000 ] && parent=/dev/shm
    mktemp -d "$parent/furrow-mail-XXXXXX"
}

case ${1:-} in
--start)
    [ -z "$as_root" ] || exec $as_root env "FURROW_TEST_MAIL_PORT=${FURROW_TEST_MAIL_PORT:-0}" "$self" --start-for "$2" "$PPID"
    exec "$self" --start-for "$2" "$PPID"
    ;;
--start-for)
    start "$2"
    caller=$3
    ( # A test program that crashed must not leave servers behind.
        while kill -0 "$caller" 2>/dev/null; do sleep 1; done
        stop "$dir"
    ) >/dev/null 2>&1 </dev/null &
    ;;
--stop)
    [ -z "$as_root" ] || exec $as_root "$self" --stop "$2"
    stop "$2"
    ;;
'')
    sed -n '2,17s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
*)
    dir=$(new_folder)
    trap '"$self" --stop "$dir"' EXIT
    trap 'exit 130' INT TERM HUP
    where=$($as_root env "FURROW_TEST_MAIL_PORT=${FURROW_TEST_MAIL_PORT:-0}" "$self" --start-for "$dir" "$$")
    eval "$where"
    export FURROW_TEST_MAIL FURROW_TEST_MAIL_DIR
    status=0
    "$@" || status=$?
    exit $status
    ;;
esac
