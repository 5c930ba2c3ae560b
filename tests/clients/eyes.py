"""The eyes of a person: what the picture of a CAPTCHA shows, computed with the master key of the service as
`src/accounts/challenge/` does it, because no story can read a picture."""

import base64
import hashlib
import hmac

# As in src/accounts/challenge/mod.rs: the characters of pictures, how many one shows, and where the nonce is in an identifier.
ALPHABET = "ACDEFHJKLMNPRTUVWXY34679"
LENGTH = 6
NONCE = slice(8, 24)


def text_of(challenge, master_key):
    """The text in the picture of the challenge with this identifier; `master_key` is the content of the key's file."""
    nonce = base64.urlsafe_b64decode(challenge)[NONCE]
    captcha = keyed(base64.b64decode(master_key), "proof", "captcha")
    secret = keyed(captcha, "secret", base64.urlsafe_b64encode(nonce).decode().rstrip("="))
    drawn = keyed(secret, "picture")
    numbers = (int.from_bytes(drawn[at:at + 4], "big") for at in range(0, 4 * LENGTH, 4))
    return "".join(ALPHABET[number % len(ALPHABET)] for number in numbers)


def keyed(key, *parts):
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part.encode())
    return mac.digest()
