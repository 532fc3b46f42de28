#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Client, codec and mocks ask RmqEnv for whatever is not a pure function of their input: no object
of theirs needs a symbol that goes round it. A program that does can't be simulated.

usage: banned_symbols.py COMPILER NAME=ARCHIVE...
"""
import fnmatch
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import Tap

# what it reaches for → symbols; a name ending in * stands for all that begin so
BANNED = {
    "clock": "time gettimeofday clock clock_gettime times timespec_get g_get_monotonic_time"
               " g_get_real_time g_get_current_time g_timer_* g_date_time_new_now*",
    "sleep": "sleep usleep nanosleep clock_nanosleep g_usleep pause alarm setitimer"
               " poll ppoll select pselect epoll_* timerfd_* eventfd",
    "thread": "pthread_* thrd_* mtx_* cnd_* sched_yield fork g_thread_* g_mutex_* g_rec_mutex_*"
                " g_rw_lock_* g_cond_* g_async_queue_* g_private_* g_bit_lock*",
    "socket": "socket socketpair connect bind listen accept accept4 send sendto sendmsg recv"
                " recvfrom recvmsg shutdown getsockname getpeername getifaddrs getaddrinfo"
                " gethostby* g_socket_* g_inet_* g_network_* g_resolver_* soup_*",
    "chance": "rand rand_r random random_r srand srandom *rand48* getrandom getentropy arc4random*"
              " g_random_* g_rand_* g_uuid_*",
    "host": "getenv secure_getenv setenv putenv environ getpid getppid gettid gethostname uname"
                " sysconf g_getenv g_setenv g_environ_* g_get_environ g_listenv g_get_host_name"
                " g_get_num_processors g_get_user_name g_get_home_dir g_get_tmp_dir"
                " g_get_current_dir",
    "local-time": "localtime localtime_r mktime strftime tzset g_date_time_new_local"
                  " g_date_time_new_from_unix_local* g_date_time_to_local g_time_zone_new_local",
    "locale": "setlocale strcoll strxfrm toupper tolower __ctype_*_loc strtod atof"
                  " g_utf8_collate*",
    "main-loop": "g_task_* g_source_* g_idle_* g_timeout_* g_main_context_* g_main_loop_*"
                   " g_unix_fd_*",
    "file": "open open64 openat creat read write readv writev fopen fopen64 fread fwrite stat fstat"
              " access unlink mkdir printf __printf_chk puts putchar fprintf __fprintf_chk g_print*"
              " g_open g_fopen g_stat g_file_* g_dir_* g_mkstemp* g_mkdir*",
    "unordered-walk": "g_hash_table_iter_* g_hash_table_foreach* g_hash_table_get_keys*"
                         " g_hash_table_get_values* g_hash_table_find g_hash_table_steal_all_*"
                         " qsort qsort_r",
}
# object → what it may reach for all the same, and why
EXEMPT = {
    "rmq-producer-async.c.o": (["main-loop"], "the _async/_finish wrappers: GTask"),
    "rmq-address-lookup.c.o": (["socket", "main-loop", "thread"],
                               "name server addresses by libsoup, on a thread of its own"),
    "rmq-client-manager.c.o": (["thread"], "the mutex of the factory table"),
    "rmq-control-api.c.o": (["socket", "main-loop"], "HTTP by libsoup"),
}


def undefined(archive):
    """object → the symbols it needs."""
    needs = {}
    listing = subprocess.check_output(["nm", "-A", "-u", "-P", archive], encoding="utf-8")
    for line in listing.splitlines():
        where, symbol = line.split(": ", 1)
        member = os.path.basename(where.split("[")[-1].rstrip("]:"))
        needs.setdefault(member, set()).add(symbol.split()[0].split("@")[0])
    return needs


def reached(symbols, group):
    patterns = BANNED[group].split()
    return sorted(s for s in symbols if any(fnmatch.fnmatchcase(s, p) for p in patterns))


def breaches(needs, group):
    """One line per object that needs what the group bans."""
    for member, symbols in sorted(needs.items()):
        found = reached(symbols, group)
        if found and group not in EXEMPT.get(member, ([], ""))[0]:
            yield f"{member} needs {', '.join(found)}"


def check_archive(tap, name, archive):
    needs = undefined(archive)
    tap.check(f"/house/banned/{name}/objects-are-seen", needs)
    for group in BANNED:
        found = list(breaches(needs, group))
        tap.check(f"/house/banned/{name}/reaches-for-no-{group}", not found, "\n".join(found))


def check_breach_is_seen(tap, compiler):
    """A client file to which somebody added `time ()`."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "rmq-send-operation.c")
        with open(source, "w", encoding="utf-8") as out:
            out.write("#include <time.h>\nlong now (void);\nlong now (void)\n"
                      "{\n  return (long) time (0);\n}\n")
        archive = os.path.join(scratch, "client.a")
        subprocess.check_call([*compiler, "-c", source, "-o", source + ".o"])
        subprocess.check_call(["ar", "rc", archive, source + ".o"])
        found = list(breaches(undefined(archive), "clock"))
        tap.check("/house/banned/a-time-call-in-a-client-file-is-seen",
                  found == ["rmq-send-operation.c.o needs time"], found)


def main():
    tap = Tap()
    check_breach_is_seen(tap, sys.argv[1].split())
    for argument in sys.argv[2:]:
        check_archive(tap, *argument.split("=", 1))
    tap.done()


main()
