"""A mail server for tests: aiosmtpd, with a certificate, a password, and addresses that go wrong.

    smtp_server.py CERTIFICATE KEY (plain|starttls|tls)

It says its port, then every mail it took, as lines of JSON.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, key, mode = sys.argv[1:4]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)


def say(**line):
    print(json.dumps(line), flush=True)


def authenticate(server, session, envelope, mechanism, login):
    good = isinstance(login, LoginPassword) and (login.login, login.password) == (b"ann", b"correct horse")
    return AuthResult(success=good, handled=good)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "553 5.1.8 not a sender of yours"
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "nobody":
            return "550 5.1.1 no such user"
        if name == "full":
            return "452 4.2.2 mailbox full"
        if name == "often":
            return "450 4.7.1 too many mails, try again later"
        if name == "closing":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "spam":
            return "554 5.7.1 looks like spam"
        if name == "broken":
            # After the final dot: nobody knows.
            server.transport.abort()
            return "250 lost"
        if name == "slow":
            await asyncio.sleep(3600)
        say(
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            data=envelope.content.decode("utf-8"),
            encrypted=server.transport.get_extra_info("ssl_object") is not None,
            connection=session.peer[1],
            hello=session.host_name,
            authenticated=session.authenticated,
        )
        return "250 2.0.0 taken as 42"


def server():
    starttls = {"tls_context": context, "require_starttls": True} if mode == "starttls" else {}
    needs_login = mode != "plain"
    return SMTP(
        Handler(),
        hostname="mail.example.test",
        authenticator=authenticate,
        auth_required=needs_login,
        auth_require_tls=mode == "starttls",
        **starttls,
    )


async def main():
    wrapped = {"ssl": context} if mode == "tls" else {}
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, **wrapped)
    say(port=listening.sockets[0].getsockname()[1])
    async with listening:
        await listening.serve_forever()


asyncio.run(main())
