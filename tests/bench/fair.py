#!/usr/bin/env python3
"""What the API and a single message of one organization take while another organization sends to many.

    cargo xtask run                                                        # in another terminal
    python3 tests/bench/fair.py http://127.0.0.1:4000 --recipients 200000

Both organizations are made for it and send by the sandbox, so no text leaves the machine. Prints a table in Markdown.
"""

import argparse
import http.client
import json
import secrets
import time
import urllib.parse
import urllib.request


class Api:
    """A client of one organization, on one connection."""

    def __init__(self, url, label):
        self.host = urllib.parse.urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.token = None
        self.token = self.call("POST", "/auth/register", {
            "organizationName": label, "name": "Ama Owner", "email": f"owner-{secrets.token_hex(6)}@{label}.example",
            "password": secrets.token_urlsafe(18)})["accessToken"]
        self.call("POST", "/providers", {"channel": "SMS", "kind": "SANDBOX", "name": "Sandbox", "isActive": True,
                                         "ratePerMinute": 60_000_000})

    def call(self, method, path, body=None, **headers):
        headers["content-type"] = "application/json"
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        self.connection.request(method, f"/api{path}", json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)


def contacts(api, count):
    """A group of so many contacts, by an import."""
    group = api.call("POST", "/groups", {"name": "Everyone"})["id"]
    made = api.call("POST", "/imports", {"fileName": "everyone.csv", "groupId": group, "mode": "DIRECT"})
    rows = "Name,Phone\n" + "".join(f"Person {number},+2547{number:08}\n" for number in range(count))
    upload = made["upload"]
    request = urllib.request.Request(upload["url"], rows.encode(), upload.get("headers") or {}, method=upload["method"])
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()
    while (state := api.call("GET", f"/imports/{made['id']}"))["status"] not in ("DONE", "FAILED"):
        time.sleep(1)
    if state["status"] == "FAILED" or state["counts"]["created"] != count:
        raise SystemExit(f"the import: {state}")
    return group


def measure(api, requests):
    """Milliseconds of each kind of request, sorted."""
    kinds = {
        "list messages": lambda: api.call("GET", "/messages?limit=25"),
        "estimate": lambda: api.call("POST", "/messages/estimate", single()),
        "single message, until it is SENT": lambda: api.call("POST", "/messages", single(), prefer="wait=20"),
    }
    times = {}
    for kind, request in kinds.items():
        took = []
        for _ in range(requests if "message," not in kind else max(requests // 10, 10)):
            begun = time.perf_counter()
            answer = request()
            took.append((time.perf_counter() - begun) * 1_000)
            if "message," in kind and answer["status"] != "SENT":
                raise SystemExit(f"a single message is {answer['status']} after 20 s")
        times[kind] = sorted(took)
    return times


def single():
    return {"body": "One.", "recipientType": "ADDRESS", "recipients": ["+254100000001"]}


def at(times, share):
    return times[min(int(len(times) * share), len(times) - 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("api", help="the address that `cargo xtask run` prints")
    parser.add_argument("--recipients", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    big, small = Api(options.api, "big"), Api(options.api, "small")
    group = contacts(big, options.recipients)
    measure(small, 20)
    idle = measure(small, options.requests)
    message = big.call("POST", "/messages", {"body": "Many.", "recipientType": "GROUP", "recipientId": group})["id"]

    def pending():
        state = big.call("GET", f"/messages/{message}")
        return state["status"], state["counts"]["pending"]

    while pending()[1] > options.recipients * 0.99:
        time.sleep(0.1)
    begun, before = time.perf_counter(), pending()
    busy = measure(small, options.requests)
    after, took = pending(), time.perf_counter() - begun
    while (state := pending())[0] not in ("SENT", "FAILED", "PAUSED"):
        time.sleep(1)
    print(f"{options.recipients:,} recipients of one organization; {before[1]:,} of them pending when the other began to be "
          f"measured, {after[1]:,} when it ended {took:.0f} s later.\n")
    print("| one other organization | idle p50 | idle p99 | busy p50 | busy p99 | longest |\n|---|---:|---:|---:|---:|---:|")
    for kind in idle:
        cells = [at(idle[kind], 0.5), at(idle[kind], 0.99), at(busy[kind], 0.5), at(busy[kind], 0.99), busy[kind][-1]]
        print(f"| {kind} | " + " | ".join(f"{cell:.0f} ms" for cell in cells) + " |")


if __name__ == "__main__":
    main()
