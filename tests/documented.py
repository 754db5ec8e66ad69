"""A client that judges every answer by docs/openapi.yaml, which is what callers build upon."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "openapi.yaml"


def documented(api: APIClient) -> APIClient:
    """The same client; an answer that is not as it is documented fails the test."""
    plain = api.request

    def request(**kwargs: Any) -> Any:
        answer = plain(**kwargs)
        asked = answer.request["REQUEST_METHOD"], answer.request["PATH_INFO"]
        assert list(complaints(*asked, answer)) == [], (asked, answer.content[:500])
        return answer

    api.request = request
    return api


def complaints(method: str, path: str, answer: Any) -> list[str]:
    """What of an answer the document does not say."""
    found = _operation(method.lower(), path)
    if found is None:
        return [] if answer.status_code in (404, 405) else ["The path is not documented."]
    template, responses = found
    if str(answer.status_code) not in responses:
        return [f"{answer.status_code} is not documented."]
    content = responses[str(answer.status_code)].get("content", {})
    kind = answer.get("Content-Type", "").partition(";")[0]
    if content and kind not in content:
        return [f"{kind} is not documented."]
    if kind != "application/json":
        return []
    judge = _judge(template, method.lower(), str(answer.status_code))
    return [f"{one.json_path}: {one.message[:200]}" for one in judge.iter_errors(answer.json())]


@cache
def _document() -> dict[str, Any]:
    whole = yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)
    for part in whole["components"]["schemas"].values():
        if "properties" in part:
            # What is answered besides is not documented.
            part.setdefault("additionalProperties", False)
    return whole


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    # What is spelled out comes before what is filled in.
    templates = sorted(_document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "/?"), path) for path in templates]


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    for pattern, template in _templates():
        operations = _document()["paths"][template]
        if pattern.fullmatch(path) and method in operations:
            return template, operations[method]["responses"]
    return None


@cache
def _judge(template: str, method: str, status: str) -> Draft202012Validator:
    document = _document()
    content = document["paths"][template][method]["responses"][status]["content"]
    schema = content["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})
