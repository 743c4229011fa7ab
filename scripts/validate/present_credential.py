"""Presents one claim of an SD-JWT as its holder would, and verifies the presentation with the reference implementation of the
OpenWallet Foundation. Arguments: file of the SD-JWT, file with the issuer's JWKS, `claim/member` to disclose. Prints the payload
that a verifier sees."""

import json
import sys

from jwcrypto.jwk import JWK
from sd_jwt.holder import SDJWTHolder
from sd_jwt.verifier import SDJWTVerifier

with open(sys.argv[1]) as file:
    credential = file.read()
with open(sys.argv[2]) as file:
    keys = {key["kid"]: JWK(**key) for key in json.load(file)["keys"]}
claim, member = sys.argv[3].split("/")

holder = SDJWTHolder(credential)
holder.create_presentation({claim: {member: True}})
verified = SDJWTVerifier(holder.sd_jwt_presentation, lambda issuer, header: keys[header["kid"]])
print(json.dumps(verified.get_verified_payload()))
