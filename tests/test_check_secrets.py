"""The law of what `mockserver check` shows: no secret anywhere, and personal data in the before-image alone."""

import re
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from mockserver.files import read_world
from tests.checking_by_command import ASHA, AUTH, PASSWORD, STATEMENTS, basic_pair, check, run
from tests.flawed.deployment import Deployment
from tests.flawed.flaws import FLAWS
from tests.flawed.serving import serve

CANARIES = {
    "firstName": "Canarina",
    "lastName": "Kanarienvogel",
    "city": "Aviaryville",
    "mobile": "915550001111",
    "email": "canarina.k@aviary.example",
}
CANARY_WORLD = f"""
extends: demo
customers:
  - id: {ASHA}
    loyaltyType: non_loyalty
    profiles:
      - source: INSTORE
        firstName: {CANARIES["firstName"]}
        lastName: {CANARIES["lastName"]}
        fields: {{city: {CANARIES["city"]}}}
        identifiers: [{{type: mobile, value: "{CANARIES["mobile"]}"}}]
        commChannels:
          - {{type: email, value: {CANARIES["email"]}, primary: true, verified: false, meta: {{residence: true}}}}
          - {{type: mobile, value: "{CANARIES["mobile"]}", primary: true, verified: true, meta: {{office: false}}}}
    extendedFields: {{city: {CANARIES["city"]}}}
"""


def with_canaries(name: str, folder: Path) -> Deployment:
    """Return a flawed deployment whose one customer has personal data that is looked for."""
    (folder / "canaries.yaml").write_text(CANARY_WORLD, encoding="utf-8")
    deployment = FLAWS[name].make()
    deployment.customers = dict(read_world(str(folder / "canaries.yaml")).customers)
    return deployment


@pytest.mark.parametrize(("name", "budget"), [("names-upper-cased", "150"), ("channel-meta-lost", "500")])
def test_no_artefact_shows_secrets_and_the_before_image_alone_shows_personal_data(
    tmp_path: Path, name: str, budget: str
) -> None:
    (tmp_path / "run").mkdir()
    reports = [part for kind in ("junit", "html", "json") for part in ("--report", f"{kind}=report.{kind}")]
    with serve(with_canaries(name, tmp_path)) as url:
        asked = (*AUTH, "--customer", str(ASHA), "--allow", "writes", "--budget", budget, "--max-time", "15s")
        result = check(url, *asked, *STATEMENTS, *reports, "--save", "saved", cwd=tmp_path / "run")
        artefacts = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "run").rglob("*.*")}
    finding = next(path for path in artefacts if path.name.startswith("01-broken"))
    with serve(with_canaries(name, tmp_path)) as url:
        replayed = run("replay", str(finding), url, *AUTH, "--allow", "irreversible", cwd=tmp_path)

    [image] = [path for path in artefacts if path.name.startswith("mockserver-restore-")]
    digest = basic_pair().partition(":")[2]
    texts = {**{str(path): text for path, text in artefacts.items()}, "out": result.stdout, "err": result.stderr}
    assert result.returncode == 1
    assert len(artefacts) > 4
    for where, text in texts.items():
        assert [
            secret for secret in (PASSWORD, digest, b64encode(basic_pair().encode()).decode()) if secret in text
        ] == []
        if where != str(image):
            assert [kind for kind, canary in CANARIES.items() if canary.lower() in text.lower()] == [], where
    assert [kind for kind, canary in CANARIES.items() if canary not in artefacts[image]] == []
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    assert re.search(rf"is kept in saved/{re.escape(image.name)}$", result.stderr, re.MULTILINE)
    assert replayed.returncode == 1
