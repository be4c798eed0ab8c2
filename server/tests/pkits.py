#!/usr/bin/env python3
"""NIST's path validation suite (PKITS) through `touroku-server verify-certificate`.

    pip download --no-deps cryptography-vectors && unzip -q cryptography_vectors-*.whl
    server/tests/pkits.py target/debug/touroku-server cryptography_vectors/x509/PKITS_data

Each certificate of the suite is verified with the suite's anchor, all its intermediates and all its CRLs. The names of
most say what is expected; POLICIES holds what PKITS (4.8, 4.10) expects of the others and of required policies.
Prints every deviation with what the server said, and the counts.
"""

import collections
import json
import pathlib
import subprocess
import sys

NIST = "2.16.840.1.101.3.2.1.48."

# Certificate: what is expected without a required policy, and of each required policy.
POLICIES = {
    "ValidCertificatePathTest1": (True, {"1": True, "2": False}),
    "AllCertificatesNoPoliciesTest2": (True, {"1": False}),
    "DifferentPoliciesTest3": (True, {"1": False, "2": False}),
    "DifferentPoliciesTest4": (False, {}),
    "DifferentPoliciesTest5": (False, {}),
    "OverlappingPoliciesTest6": (True, {"1": True, "2": False}),
    "DifferentPoliciesTest7": (False, {}),
    "DifferentPoliciesTest8": (False, {}),
    "DifferentPoliciesTest9": (False, {}),
    "AllCertificatesSamePoliciesTest10": (True, {"1": True, "2": True}),
    "AllCertificatesanyPolicyTest11": (True, {"1": True}),
    "DifferentPoliciesTest12": (False, {}),
    "AllCertificatesSamePoliciesTest13": (True, {"1": True, "2": True, "3": True}),
    "AnyPolicyTest14": (True, {"1": True, "2": False}),
    "UserNoticeQualifierTest15": (True, {}),
    "UserNoticeQualifierTest16": (True, {}),
    "UserNoticeQualifierTest17": (True, {}),
    "UserNoticeQualifierTest18": (True, {"1": True, "2": True}),
    "UserNoticeQualifierTest19": (True, {}),
    "CPSPointerQualifierTest20": (True, {}),
    "ValidPolicyMappingTest1": (True, {"1": True, "2": False}),
    "ValidPolicyMappingTest3": (True, {"1": False, "2": True}),
    "ValidPolicyMappingTest5": (True, {"1": True, "6": False}),
    "ValidPolicyMappingTest6": (True, {"1": True, "6": False}),
    "ValidPolicyMappingTest12": (True, {"1": True, "2": True}),
    "inhibitAnyPolicyTest3": (True, {}),
}


def main(server, suite):
    suite = pathlib.Path(suite)
    anchor = suite / "certs" / "TrustAnchorRootCertificate.crt"
    certificates = sorted(suite.glob("certs/*.crt"))
    leaves = [path for path in certificates if path.stem.endswith("EE")]
    arguments = ["--json", "--trust", anchor]
    for path in certificates:
        if path not in leaves and path != anchor:
            arguments += ["--intermediate", path]
    for path in sorted(suite.glob("crls/*.crl")):
        arguments += ["--crl", path]

    counts = collections.Counter()
    for leaf in leaves:
        name = leaf.stem.removesuffix("EE")
        expected, by_policy = POLICIES.get(name, (name.startswith("Valid"), {}))
        runs = [([], expected)]
        runs += [(["--require-policy", NIST + policy], valid) for policy, valid in by_policy.items()]
        for flags, valid in runs:
            run = subprocess.run(
                [server, "verify-certificate", *arguments, *flags, leaf], capture_output=True, text=True
            )
            if not run.stdout:
                sys.exit(f"{name}: {run.stderr}")
            decision = json.loads(run.stdout)
            outcome = ("valid" if valid else "invalid", "accepted" if decision["accepted"] else "refused")
            counts[outcome] += 1
            if valid != decision["accepted"]:
                print(*outcome, name, *flags, decision.get("code", ""), decision.get("reason", ""))
    for (expected, outcome), count in sorted(counts.items()):
        print(f"{count} {expected} {outcome}")


if __name__ == "__main__":
    main(*sys.argv[1:])
