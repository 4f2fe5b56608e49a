"""Lets the providers' own packages judge our requests and signatures.

`judge.py FOLDER`: FOLDER holds what the contract suite wrote (specimens.rs). Each official client sends the same text to
a server on the loopback interface; what it sends must be what we sent. Each official validator must accept what we
accept, and refuse it changed. Nothing but the loopback interface is called.
"""

import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

FOLDER = Path(sys.argv[1])
TO, TEXT = "+254700000001", "Habari & karibu = ж"
SIGNATURE_SECRET = "vonage_signature_secret_of_32_letters"


def specimen(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


class Recorder(BaseHTTPRequestHandler):
    """Takes everything down and answers with what was set."""

    seen, answer = [], {}

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        Recorder.seen.append({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body})
        status, page = Recorder.answer
        page = json.dumps(page).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


SERVER = HTTPServer(("127.0.0.1", 0), Recorder)
URL = f"http://127.0.0.1:{SERVER.server_port}"
threading.Thread(target=SERVER.serve_forever, daemon=True).start()


def sent_by(client, status, page):
    """What a client sends when it is used so."""
    Recorder.answer = (status, page)
    Recorder.seen.clear()
    client()
    return Recorder.seen[0]


def form(body):
    return dict(parse_qsl(body, keep_blank_values=True))


def same(what, ours, theirs):
    assert ours == theirs, f"{what}: we send {ours}, their package {theirs}"


def refuses(what, check):
    """A changed call must not pass, whichever way the package says no."""
    try:
        passed = check()
    except Exception:
        passed = False
    assert not passed, f"{what}: their package takes a changed call for good"


def twilio():
    from twilio.request_validator import RequestValidator
    from twilio.rest import Client

    sid, token = "AC00000000000000000000000000000001", "twilio_token_1234"
    for name, prefix in [("twilio_sms", ""), ("twilio_whatsapp", "whatsapp:")]:
        ours = specimen(name)
        fields = form(ours["request"]["body"])
        client = Client(sid, token)
        client.api.base_url = URL
        client.api.v2010.domain.base_url = URL
        theirs = sent_by(
            lambda: client.messages.create(
                to=prefix + TO, from_=prefix + "+15005550006", body=TEXT, status_callback=fields["StatusCallback"]
            ),
            201,
            {"sid": "SM1"},
        )
        same("path", ours["request"]["path"], theirs["path"])
        same("form", fields, form(theirs["body"]))
        same("authorization", ours["request"]["headers"]["authorization"], theirs["headers"]["authorization"])
        for call in ours["calls"]:
            url = ours["webhookUrl"] + ("?" + call["query"] if call["query"] else "")
            signature = call["headers"]["x-twilio-signature"]
            check = lambda params: RequestValidator(token).validate(url, params, signature)
            assert check(form(call["body"])), f"{name}: their validator refuses what we accept"
            refuses(name, lambda: check({**form(call["body"]), "Extra": "1"}))


def telnyx():
    from telnyx import Telnyx

    ours = specimen("telnyx")
    body = json.loads(ours["request"]["body"])
    headers = ours["request"]["headers"]
    client = Telnyx(api_key="KEY0123456789abcdef", base_url=URL, max_retries=0)
    key = {"idempotency_key": headers["idempotency-key"]}
    theirs = sent_by(
        lambda: client.messages.send(
            to=TO, text=TEXT, from_=body["from"], webhook_url=body["webhook_url"], **key
        ),
        200,
        {"data": {}},
    )
    same("path", ours["request"]["path"], theirs["path"])
    same("body", body, json.loads(theirs["body"]))
    for name in ["authorization", "idempotency-key", "content-type"]:
        same(name, headers[name], theirs["headers"][name])
    public = base64.b64encode(bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")).decode()
    now = time.time
    for call in ours["calls"]:
        # Their validator reads the clock; the call was signed at an hour of its own.
        time.time = lambda: call["receivedAt"]
        client.webhooks.unwrap(call["body"], headers=call["headers"], key=public)
        refuses("telnyx", lambda: client.webhooks.unwrap(call["body"] + " ", headers=call["headers"], key=public))
        time.time = now


def vonage():
    from vonage_http_client import Auth
    from vonage_jwt.verify_jwt import verify_signature
    from vonage_messages.models import Sms, SmsOptions, WhatsappText
    from vonage_sms import SmsMessage

    plain = lambda model: json.loads(model.model_dump_json(by_alias=True, exclude_none=True))
    ours = json.loads(specimen("vonage_sms")["request"]["body"])
    shared = {key: ours[key] for key in ["client_ref", "webhook_url"]}
    options = SmsOptions(encoding_type="auto")
    same("sms", ours, plain(Sms(to=TO[1:], from_="ACME", text=TEXT, sms=options, **shared)))
    ours = json.loads(specimen("vonage_whatsapp")["request"]["body"])
    shared = {key: ours[key] for key in ["client_ref", "webhook_url"]}
    same("whatsapp", {**ours, "from": "ACME"}, {**plain(WhatsappText(to=TO[1:], from_="15550001111", text=TEXT, **shared)), "from": "ACME"})
    for name in ["vonage_sms", "vonage_whatsapp"]:
        for call in specimen(name)["calls"]:
            token = call["headers"]["authorization"].removeprefix("Bearer ")
            assert verify_signature(token, SIGNATURE_SECRET), "their validator refuses our token"
            refuses(name, lambda: verify_signature(token, "another_" + SIGNATURE_SECRET))
    ours = specimen("vonage_sms_api")
    fields = form(ours["request"]["body"])
    theirs = plain(
        SmsMessage(
            to=TO[1:], from_="ACME", text=TEXT, type="unicode", client_ref=fields["client-ref"], status_report_req=True
        )
    )
    same("sms api", fields, {key: "1" if value is True else value for key, value in theirs.items()})
    auth = Auth(api_key="abcd1234", signature_secret=SIGNATURE_SECRET, signature_method="sha256")
    for call in ours["calls"]:
        assert auth.check_signature(form(call["body"])), "their validator refuses our signature"
        refuses("vonage_sms_api", lambda: auth.check_signature({**form(call["body"]), "extra": "1"}))


def africastalking():
    from africastalking.SMS import SMSService

    ours = specimen("africastalking")["request"]
    service = SMSService("acme", "at_key_0123456789")
    service._baseUrl = service._baseUrl.replace("https://api.africastalking.com", URL)
    theirs = sent_by(
        lambda: service.send(TEXT, [TO], sender_id="ACME", enqueue=True), 201, {"SMSMessageData": {"Recipients": []}}
    )
    same("path", ours["path"], theirs["path"])
    same("form", form(ours["body"]), form(theirs["body"]))
    for name in ["apikey", "accept"]:
        same(name, ours["headers"][name], theirs["headers"][name])


for judge in [africastalking, telnyx, twilio, vonage]:
    judge()
    print(f"   {judge.__name__}: their package sends what we send and accepts what we accept")
