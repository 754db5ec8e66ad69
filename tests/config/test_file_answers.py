"""A file is answered to whoever asks for its own media type; what is refused is told in JSON."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def documented() -> list[tuple[str, str]]:
    """(path, media type) of every answer that docs/openapi.yaml says is not only JSON."""
    schema = yaml.load((ROOT / "docs" / "openapi.yaml").read_text(), yaml.CSafeLoader)
    return [
        (re.sub(r"\{[^}]+\}", "7", path).replace("reports/7", "reports/bills"), kind)
        for path, operations in schema["paths"].items()
        if path.startswith("/api/v1/")
        for content in [operations.get("get", {}).get("responses", {}).get("200", {})]
        for kind in content.get("content", {})
        if set(content["content"]) != {"application/json"}
    ]


def test_every_documented_type_is_answered(api):
    pairs = documented()

    assert len(pairs) > 12
    refused = [pair for pair in pairs if api.get(pair[0], HTTP_ACCEPT=pair[1]).status_code == 406]
    assert refused == []
    for path in {path for path, _ in pairs}:
        for said in ("application/json", "*/*", "image/png, */*;q=0.1"):
            assert api.get(path, HTTP_ACCEPT=said).status_code != 406, (path, said)
        assert api.get(path, HTTP_ACCEPT="image/png").status_code == 406, path
        for one in ("image/png", *(kind for other, kind in pairs if other == path)):
            answer = api.get(path, HTTP_ACCEPT=one)
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/json"
                assert answer.json()["error"]["code"]
