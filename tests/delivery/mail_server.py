"""A real mail server (aiosmtpd) for tests/delivery. Ends when its standard input ends.

Usage: mail_server.py '{"encryption": "plain|starttls|tls", "login": ["name", "password"] or null, "mechanism": "PLAIN|LOGIN",
"folder": "where ca.pem goes"}'. Prints one JSON line when it is ready, and one for each letter, as Python's own parser reads it.
"""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import json
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificates(folder):
    """An own CA in ca.pem, and a certificate of it for localhost and 127.0.0.1."""

    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def sign(subject, key, issuer, issuer_key, extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = sign("Test CA", ca_key, "Test CA", ca_key, [(x509.BasicConstraints(ca=True, path_length=0), True)])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = sign("localhost", key, "Test CA", ca_key, [(x509.SubjectAlternativeName(names), False)])
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in [("ca.pem", ca), ("server.pem", leaf + secret)]:
        with open(os.path.join(folder, file), "wb") as out:
            out.write(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"))
    return context


def tell(**what):
    print(json.dumps(what), flush=True)


class Letters:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [
            {"type": part.get_content_type(), "charset": part.get_content_charset(), "text": part.get_content()}
            for part in message.walk()
            if not part.is_multipart()
        ]
        tell(
            mail_from=envelope.mail_from,
            rcpt_tos=envelope.rcpt_tos,
            headers=[[key, str(value)] for key, value in message.items()],
            defects=[str(defect) for part in message.walk() for defect in part.defects],
            type=message.get_content_type(),
            parts=parts,
            encrypted=server.transport.get_extra_info("ssl_object") is not None,
            ascii=envelope.content.isascii(),
            longest_line=max(map(len, envelope.content.splitlines())),
        )
        return "250 taken"


async def main(wish):
    context = certificates(wish["folder"]) if wish["encryption"] != "plain" else None
    options = {"hostname": "mail.test"}
    if wish["encryption"] == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if wish["login"]:
        expected = [part.encode() for part in wish["login"]]

        def authenticator(server, session, envelope, mechanism, data):
            return AuthResult(success=[data.login, data.password] == expected, handled=False)

        options |= {
            "authenticator": authenticator,
            "auth_required": True,
            "auth_require_tls": wish["encryption"] == "starttls",
            "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - {wish["mechanism"]},
        }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Letters(), **options),
        "127.0.0.1",
        0,
        ssl=context if wish["encryption"] == "tls" else None,
    )
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


def leave():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=leave, daemon=True).start()
asyncio.run(main(json.loads(sys.argv[1])))
