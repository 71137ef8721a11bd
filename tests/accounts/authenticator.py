"""A passkey's device, in this process: makes keys and signs what a site asks, as WebAuthn wants it."""

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from chat_project.core.signing import encode_bytes

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key on one device. `count` is how often it was used; many devices leave it at nought."""

    def __init__(self, *, counts: bool = True, verifies: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counts = counts
        self.count = 0
        self.flags = PRESENT | (VERIFIED if verifies else 0)

    def create(self, options: dict[str, Any], *, origin: str = settings.SITE_URL) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            clientDataJSON=_client_data("webauthn.create", options["challenge"], origin),
            attestationObject=attestation,
        )

    def get(self, options: dict[str, Any], *, origin: str = settings.SITE_URL) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        self.count += self.counts
        data = self._data(options["rpId"], self.flags)
        client = _client_data("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _credential(self, **response: bytes) -> dict[str, Any]:
        return {
            "id": encode_bytes(self.id),
            "rawId": encode_bytes(self.id),
            "type": "public-key",
            "response": {name: encode_bytes(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
