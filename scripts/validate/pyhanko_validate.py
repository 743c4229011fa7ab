"""Asks pyHanko about PDFs, with the root certificate of the first argument as the only trust anchor and what the files
hold as the only revocation data. Prints for each signature of each file: path, conclusion, what was changed afterwards."""

import asyncio
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

root = load_cert_from_pemder(sys.argv[1])
spec = PdfSignatureValidationSpec(
    SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build([root]),
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
    )
)


def conclude(signature):
    try:
        result = asyncio.run(ades_lta_validation(signature, spec))
    except Exception as error:
        return type(error).__name__, str(error).replace("\n", " ")
    level = result.api_status and result.api_status.modification_level
    return str(result.ades_subindic), level.name if level else "?"


for path in sys.argv[2:]:
    with open(path, "rb") as file:
        for signature in PdfFileReader(file).embedded_regular_signatures:
            print(path, *conclude(signature), sep="\t", flush=True)
