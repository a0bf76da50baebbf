"""Does a running server keep to its OpenAPI document? ``python -m tests.api.service.conformance --max-examples 25``

Schemathesis sends what the document allows and what it does not, and follows links. What stands after the name of the
module goes to it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from tests.api.service.live import live
from tests.tenancy.world import QuickEngines

#: A dismissed job and a revoked key stay to be read; a park is checked for more than a schema can say.
_NOT_CHECKED = "use_after_free,positive_data_acceptance"


def explored(folder: Path, *options: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a new server that keeps a park and a project. The server's store stands in ``folder``.

    Every answer from 400 on must be a problem of the form that the document gives.
    """
    with live(folder, QuickEngines()) as server:
        headers = {"Authorization": f"Bearer {server.key}"}
        for kind, name in (("parks", "minimal"), ("projects", "minimal/diesel-tank")):
            kept = httpx.post(f"{server.url}/v1/{kind}", json={"example": name}, headers=headers, timeout=60.0)
            assert kept.status_code == 201
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"]
        checks = ["--checks", "all", "--exclude-checks", _NOT_CHECKED, "--request-timeout", "30"]
        sent = ["--header", f"Authorization: {headers['Authorization']}", "--continue-on-failure"]
        return subprocess.run(
            [*command, *sent, *checks, *options], cwd=folder, capture_output=capture, text=True, check=False
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as _folder:
        sys.exit(explored(Path(_folder), *sys.argv[1:]).returncode)
