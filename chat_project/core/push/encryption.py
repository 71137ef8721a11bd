"""Message encryption for Web Push: RFC 8291, over the content coding aes128gcm of RFC 8188. One record a message."""

import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
SALT_BYTES = 16
# What every push service takes (RFC 8030, section 7.2), less the header, the delimiter and the tag.
RECORD_BYTES = 4096
PAYLOAD_MAX_BYTES = RECORD_BYTES - 86 - 1 - 16
_LAST_RECORD = b"\x02"


def is_public_key(data: bytes) -> bool:
    """Tell whether bytes are a point of the curve, as browsers give their key."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError:
        return False
    return True


def encrypted(
    payload: bytes,
    *,
    p256dh: bytes,
    auth: bytes,
    padded_to: int = 1,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body that only the browser with this key can read.

    Its length tells that of the payload no closer than to multiples of `padded_to`. `sender` and `salt` are fresh for
    each message where they are not given. Raises ValueError on a payload above PAYLOAD_MAX_BYTES.
    """
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise ValueError("the payload is too long for one record")
    sender = sender or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    public = point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    secret = _derived(shared, salt=auth, info=b"WebPush: info\x00" + p256dh + public, length=32)
    key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    padding = min(-len(payload) % padded_to, PAYLOAD_MAX_BYTES - len(payload))
    record = AESGCM(key).encrypt(nonce, payload + _LAST_RECORD + bytes(padding), None)
    return salt + struct.pack("!LB", RECORD_BYTES, len(public)) + public + record


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as browsers write it: the point, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
