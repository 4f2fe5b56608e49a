"""Expands infra/template.yaml as the SAM transform does, without an account, and prints the result as JSON.

The artifact stands in for what `sam deploy` uploads. Needs infra/requirements.txt.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samtranslator.translator.transform import transform  # noqa: E402  (it reads the region when it is imported)
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """The template names no managed policies, so there is nothing to look up."""

    def load(self):
        return {}


template = yaml_parse((pathlib.Path(__file__).parent / "template.yaml").read_text())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://artifacts/bootstrap.zip"
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)
