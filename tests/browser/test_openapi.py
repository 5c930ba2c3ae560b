"""The description of the interfaces for programs is one that the tools of OpenAPI 3.1 take."""

import json
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator


def test_the_description_is_right(house):
    broker = house()
    with urllib.request.urlopen(f"{broker.web}openapi.json", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        document = json.load(answer)
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert len(document["paths"]) == 15
