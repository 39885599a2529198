"""A real SMTP server for the tests: python3 -c SCRIPT DIR [USER PASSWORD]

Prints "ready PORT" once it listens. Recipients choose its answer:
  refuse@...  550, for good
  later@...   451 the first time, accepted afterwards
  anyone else accepted; each message becomes DIR/NUMBER.eml
With USER and PASSWORD a login is required.
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse@"):
            return f"550 5.1.1 <{address}> no such mailbox"
        if address.startswith("later@") and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        # A name appears only with the whole message behind it, whenever the reader looks.
        part = self.folder / f"{self.count}.part"
        part.write_bytes(envelope.original_content)
        part.rename(self.folder / f"{self.count}.eml")
        return f"250 2.0.0 queued as {self.count}"


async def main():
    handler = Handler(pathlib.Path(sys.argv[1]))
    options = {"hostname": "test.example.org"}
    if len(sys.argv) > 3:
        user, password = (text.encode() for text in sys.argv[2:4])

        def check(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
            return AuthResult(success=good, handled=False)

        options.update(authenticator=check, auth_required=True, auth_require_tls=False)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **options), "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
