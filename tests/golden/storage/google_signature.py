"""Signs a request for Google Cloud Storage, after its documentation.

    python google_signature.py > google_signature.json
"""

import hashlib
import hmac
import json

KEY, SECRET = "GOOGKEY", "secret+/of=a test"
PAYLOAD = hashlib.sha256(b"hello").hexdigest()
CANONICAL = f"""PUT
/bucket/a/b%20c
x-id=PutObject
content-type:image/png
host:storage.googleapis.com
x-goog-content-sha256:{PAYLOAD}
x-goog-date:20261124T121314Z
x-goog-if-generation-match:0

content-type;host;x-goog-content-sha256;x-goog-date;x-goog-if-generation-match
{PAYLOAD}"""
TO_SIGN = f"""GOOG4-HMAC-SHA256
20261124T121314Z
20261124/auto/storage/goog4_request
{hashlib.sha256(CANONICAL.encode()).hexdigest()}"""

key = ("GOOG4" + SECRET).encode()
for part in ("20261124", "auto", "storage", "goog4_request"):
    key = hmac.digest(key, part.encode(), "sha256")
signature = hmac.digest(key, TO_SIGN.encode(), "sha256").hex()
print(json.dumps({
    "accessKeyId": KEY,
    "secretAccessKey": SECRET,
    "payload": PAYLOAD,
    "authorization": f"GOOG4-HMAC-SHA256 Credential={KEY}/20261124/auto/storage/goog4_request, "
    "SignedHeaders=content-type;host;x-goog-content-sha256;x-goog-date;x-goog-if-generation-match, "
    f"Signature={signature}",
}, indent=2))
