"""kill -9 under full load: every prediction that was answered 200 is in the store after a restart, once."""
import collections
import json
import random
import re
import selectors
import socket
import time
import unittest

import harness
from harness import TIME_FACTOR, Home, Service
from live_swap_test import register

KILLS = 50
CONNECTIONS = 8
PIPELINED = 16  # requests on the way per connection
BODY = json.dumps({"instances": [{"ida": 6.5, "ieg": 7}]})
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(.*?)\r\n\r\n", re.DOTALL)


class Client:
    """One connection that always has requests on the way; collects the ids that were answered 200."""

    def __init__(self, port, ids):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setblocking(False)
        self.ids, self.unsent, self.received, self.stored, self.refused = ids, b"", b"", [], 0
        self.ask(PIPELINED)

    def ask(self, count):
        for _ in range(count):
            head = f"POST /predict HTTP/1.1\r\nHost: t\r\nX-Request-ID: crash-{next(self.ids)}\r\nContent-Length: {len(BODY)}\r\n\r\n"
            self.unsent += (head + BODY).encode()

    def turn(self):
        """False: the server is gone."""
        try:
            self.received += (data := self.socket.recv(1 << 20))
            if not data:
                return False
        except BlockingIOError:
            pass
        except OSError:
            return False
        self.ask(self.parse())
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent):]
        except BlockingIOError:
            pass
        except OSError:
            self.unsent = b""  # what it answered before is still to be read
        return True

    def parse(self):
        """How many whole answers there were. A half one does not count as answered."""
        count, at = 0, 0
        while match := ANSWER.match(self.received, at):
            headers = match[2].decode().lower()
            end = match.end() + int(re.search(r"content-length: (\d+)", headers)[1])
            if end > len(self.received):
                break
            if match[1] == b"200":
                self.stored.append(re.search(r"x-request-id: (\S+)", headers)[1])
            else:
                self.refused += 1
            count, at = count + 1, end
        self.received = self.received[at:]
        return count


def load_until(service, deadline, ids):
    """Full load on a service until `deadline` after the first answer, then kill -9. Returns the clients."""
    clients = [Client(service.port, ids) for _ in range(CONNECTIONS)]
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        for client in clients:
            client.turn()
        kill_at, killed = None, False
        while selector.get_map():
            for key, _ in selector.select(0.01):
                if not key.data.turn():
                    selector.unregister(key.fileobj)
            now = time.monotonic()
            if kill_at is None and any(client.stored for client in clients):
                kill_at = now + deadline
            if kill_at is not None and now >= kill_at and not killed:
                service.process.kill()  # what it had sent before is still read
                killed = True
    for client in clients:
        client.socket.close()
    service.kill()
    return clients


class Crash(unittest.TestCase):
    def test_what_was_answered_is_stored_once(self):
        home = Home()
        self.addCleanup(home.close)
        register(home, "v1.0.0", -1.0)
        home.ok("registry", "promote", "--version", "v1.0.0")
        rng = random.Random(7)
        ids = iter(range(1 << 40))
        answered = []
        for _ in range(KILLS):
            service = Service(home, "--loops", "2", env={"LOG_LEVEL": "ERROR"})
            self.addCleanup(service.kill)
            for client in load_until(service, rng.uniform(0.01, 0.2) * TIME_FACTOR, ids):
                answered += client.stored
        self.assertGreater(len(answered), KILLS * PIPELINED)
        self.assertEqual(len(answered), len(set(answered)))

        service = Service(home)  # the restart that finds what the killed ones left
        self.assertEqual(service.predict({"ida": 1}).status, 200)
        self.assertEqual(service.stop(), 0)
        out = home.path / "out.jsonl"
        home.ok("inference", "export", "--output", out, timeout=300)
        with out.open(encoding="utf-8") as lines:
            stored = collections.Counter(json.loads(line)["request_id"] for line in lines)
        lost = [i for i in answered if i not in stored]
        twice = [i for i, count in stored.items() if count != 1]
        print(f"{KILLS} kills, {len(answered)} answered, {sum(stored.values())} stored", flush=True)
        self.assertEqual((lost[:5], twice[:5]), ([], []))

        # And the same from parquet.
        home.ok("inference", "compact", timeout=300)
        home.ok("inference", "export", "--output", out, timeout=300)
        with out.open(encoding="utf-8") as lines:
            again = collections.Counter(json.loads(line)["request_id"] for line in lines)
        self.assertEqual(stored, again)


if __name__ == "__main__":
    harness.main()
