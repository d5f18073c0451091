"""The clients of hostile_test.py, as processes of their own, so that what they cost is not the test's.

    hostile_clients.py attack PORT COUNT SEED   sends COUNT bad requests; says as JSON what came back
    hostile_clients.py linger PORT IDLE SLOW    holds silent connections, and bodies that never end, until its input ends
    hostile_clients.py honest PORT              asks at a steady rate until its input ends; says its latencies as JSON
"""
import json
import os
import random
import resource
import select
import selectors
import socket
import sys
import time

from harness import TIME_FACTOR

BODY = json.dumps({"instances": [{"ida": 6.5, "ieg": 7}]})


def post(body, *headers, length=None):
    lines = ["POST /predict HTTP/1.1", "Host: t", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode())


def head(*lines):
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def chunked(data):
    return head("POST /predict HTTP/1.1", "Host: t", "Transfer-Encoding: chunked") + data


DEEP = 100_000
BAD = [
    # Two readers could disagree about where the next request begins.
    ("both lengths", head("POST /predict HTTP/1.1", "Host: t", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    ("two lengths", post(BODY, "Content-Length: 3"), 400),
    ("a signed length", post(BODY, length="+5"), 400),
    ("a negative length", post(BODY, length="-5"), 400),
    ("a length of words", post(BODY, length="five"), 400),
    ("an overflowing length", post(BODY, length="1" * 30), 400),
    ("a space before the colon", head("POST /predict HTTP/1.1", "Host: t", "Content-Length : 3") + b"abc", 400),
    ("a folded header", head("GET /health HTTP/1.1", "Host: t", "X-A: 1", " 2"), 400),
    ("a NUL in a header", head("GET /health HTTP/1.1", "Host: t", "X-A: \0"), 400),
    ("chunked twice", head("POST /predict HTTP/1.1", "Host: t", "Transfer-Encoding: chunked, chunked"), 501),
    ("a bad chunk size", chunked(b"xyz\r\n"), 400),
    ("a chunk without its end", chunked(b"3\r\nabcdef\r\n0\r\n\r\n"), 400),
    ("an overflowing chunk", chunked(b"f" * 20 + b"\r\n"), 400),
    ("no host", head("GET /health HTTP/1.1"), 400),
    ("no request at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    # What is too much.
    ("a huge length", post(b"", length=10**12), 413),
    ("a huge chunk", chunked(b"7fffffff\r\n"), 413),
    ("a long target", head(f"GET /{'a' * 20_000} HTTP/1.1", "Host: t"), 414),
    ("a long header", head("GET /health HTTP/1.1", "Host: t", "X-A: " + "a" * 100_000), 431),
    ("many headers", head("GET /health HTTP/1.1", "Host: t", *[f"X-{i}: 1" for i in range(5000)]), 431),
    ("another expectation", post(BODY, "Expect: 200-maybe"), 417),
    ("another coding", head("POST /predict HTTP/1.1", "Host: t", "Transfer-Encoding: gzip"), 501),
    ("another version", head("GET /health HTTP/9.9", "Host: t"), 505),
    ("another method", head("DELETE /predict HTTP/1.1", "Host: t"), 405),
    ("an unknown path", head("GET /../../etc/passwd HTTP/1.1", "Host: t"), 404),
    # Bodies that are not what they should be.
    ("no JSON", post("instances"), 422),
    ("half a JSON", post(BODY[:-3]), 422),
    ("an empty body", post(""), 422),
    ("deep arrays", post("[" * DEEP), 422),
    ("deep objects", post('{"a":' * DEEP), 422),
    ("deep instances", post('{"instances":[' + "[" * DEEP + "]" * DEEP + "]}"), 422),
    ("a deep extra field", post('{"instances":[{"ida":1}],"x":' + "[" * DEEP + "]" * DEEP + "}"), 422),
    ("too many instances", post(json.dumps({"instances": [{}] * 1001})), 422),
    ("many instances", post('{"instances":[' + "{}," * 100_000 + "{}]}"), 422),
    ("a huge number", post('{"instances":[{"ida":1e999999}]}'), 422),
    ("a long number", post('{"instances":[{"ida":' + "9" * 100_000 + "}]}"), 422),
    ("bytes that are no text", post(b'{"instances":[{"ida":"\xff\xfe"}]}'), 422),
    ("many fields", post('{"instances":[{' + ",".join(f'"f{i}":1' for i in range(20_000)) + "}]}"), 422),
]


def exchange(port, data, timeout=20 * TIME_FACTOR):
    """Sends bytes, ends the sending side, and returns what came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all of it was sent; the answer may be there
        answer = b""
        try:
            while chunk := client.recv(65536):
                answer += chunk
        except ConnectionError:
            pass
        return answer


def mutated(rng, good):
    data = bytearray(rng.choice(good))
    for _ in range(rng.randrange(1, 8)):
        at = rng.randrange(len(data) or 1)
        kind = rng.randrange(4)
        if kind == 0 and data:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at:at + rng.randrange(1, 20)]
        elif kind == 2:
            del data[at:]
        else:
            data[at:at] = rng.choice((b"\r\n", b"\n", b"\0", b"Content-Length: 3\r\n", b"{" * 50, b"Transfer-Encoding: chunked\r\n"))
    return bytes(data) or b"x"


ALLOWED = {0, 100, 200, 400, 404, 405, 408, 413, 414, 417, 422, 431, 501, 503, 505}
GOOD = [post(BODY), chunked(b"5\r\n[[[[[\r\n0\r\n\r\n"), post(BODY) * 3, head("GET /metrics HTTP/1.1", "Host: t")]


def attack(port, count, seed):
    """Mostly mutations of good requests; one in fifty of a known kind; one in twenty hangs up without reading."""
    rng, seen, wrong = random.Random(seed), {}, []
    for i in range(count):
        kind, want = "mutated", None
        data = mutated(rng, GOOD)
        if i % 50 == 0:
            kind, data, want = rng.choice(BAD)
        elif i % 20 == 0:
            with socket.create_connection(("127.0.0.1", port), timeout=20 * TIME_FACTOR) as client:
                client.sendall(data)
            continue
        answer = exchange(port, data)
        status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
        seen[status] = seen.get(status, 0) + 1
        if status not in ALLOWED or (answer and status == 0) or (want and status != want):
            wrong.append([kind, status, want])
    return {"seen": seen, "wrong": wrong}


def linger(port, idle, slow):
    """A byte now and then does not keep a request alive: the service answers 408 and closes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = [socket.create_connection(("127.0.0.1", port), timeout=60 * TIME_FACTOR) for _ in range(min(idle, hard - 600))]
    statuses, answers = {}, {}
    with selectors.DefaultSelector() as selector:
        for _ in range(slow):
            client = socket.create_connection(("127.0.0.1", port), timeout=60 * TIME_FACTOR)
            client.sendall(head("POST /predict HTTP/1.1", "Host: t", "Content-Length: 100"))
            selector.register(client, selectors.EVENT_READ)
        deadline = time.monotonic() + 30 * TIME_FACTOR
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(0.2):
                client = key.fileobj
                data = client.recv(4096)
                answers[client] = answers.get(client, b"") + data
                if not data or b"\r\n\r\n" in answers[client]:
                    selector.unregister(client)
                    status = answers[client][9:12].decode()
                    statuses[status] = statuses.get(status, 0) + 1
                    client.close()
            for key in list(selector.get_map().values()):
                try:
                    key.fileobj.send(b"{")
                except OSError:
                    pass
    print(json.dumps({"idle": len(held), "slow": statuses}), flush=True)
    sys.stdin.read()


CLIENTS, PAUSE_S = 4, 0.004


def honest(port):
    """Four clients that keep their connections and ask, each, 4 ms after the last answer."""
    request = post(json.dumps({"instances": [{"ida": 6.5}]}))
    clients = [socket.create_connection(("127.0.0.1", port), timeout=20 * TIME_FACTOR) for _ in range(CLIENTS)]
    due, sent, seconds, wrong = [time.perf_counter() + i * PAUSE_S / CLIENTS for i in range(CLIENTS)], {}, [], 0
    while True:
        now = time.perf_counter()
        for i in range(CLIENTS):
            if due[i] is not None and due[i] <= now:
                due[i], sent[i] = None, time.perf_counter()
                clients[i].sendall(request)
        waits = [at - now for at in due if at is not None]
        ready, _, _ = select.select([clients[i] for i in sent] + [sys.stdin], [], [], max(0, min(waits, default=1)))
        for client in ready:
            if client is sys.stdin:
                seconds = sorted(seconds[100:])  # without what is new to the caches
                return {"count": len(seconds), "wrong": wrong, "p50_ms": seconds[len(seconds) // 2] * 1000,
                        "p99_ms": seconds[len(seconds) * 99 // 100] * 1000}
            i = clients.index(client)
            answer = client.recv(65536)
            seconds.append(time.perf_counter() - sent.pop(i))
            wrong += not answer.startswith(b"HTTP/1.1 200 ")
            due[i] = time.perf_counter() + PAUSE_S


def main():
    kind, numbers = sys.argv[1], [int(word) for word in sys.argv[2:]]
    if kind == "linger":
        linger(*numbers)
    else:
        print(json.dumps(attack(*numbers) if kind == "attack" else honest(*numbers)))


if __name__ == "__main__":
    main()
