"""Label Studio itself: a project with our configuration, our tasks in, its export out.

The server runs from an environment of its own (LABEL_STUDIO names its program), its database in a folder of the test.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from civex.formats import read
from civex.formats.files import Log
from civex.formats.label_config import configuration
from civex.formats.label_studio import to_task
from tests.formats.damaged import PLAIN
from tests.formats.documents import TRAPS, same

pytestmark = [pytest.mark.server, pytest.mark.slow]
TOKEN = "0123456789abcdef0123456789abcdef01234567"


class Server:
    """A running Label Studio, by its HTTP interface."""

    def __init__(self, port: int):
        self.address = f"http://127.0.0.1:{port}"

    def call(self, method: str, path: str, data: Any = None) -> Any:
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:2000]!r}") from error


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = os.environ.get("LABEL_STUDIO") or shutil.which("label-studio")
    if not program:
        pytest.skip("python -m venv ls && ls/bin/pip install label-studio, then LABEL_STUDIO=ls/bin/label-studio")
    folder = tmp_path_factory.mktemp("label_studio")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LATEST_VERSION_CHECK": "false",
        "COLLECT_ANALYTICS": "false",
    }
    command = [program, "start", "--no-browser", "--port", str(port), "--username", "a@example.org"]
    command += ["--password", "correct-horse", "--user-token", TOKEN, "--internal-host", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        yield _ready(Server(port), process, folder / "log")
    finally:
        process.terminate()
        process.wait(30)


def _ready(server: Server, process: subprocess.Popen, log: Path) -> Server:
    for _ in range(180):
        try:
            server.call("GET", "/api/projects")
            return server
        except (OSError, AssertionError) as error:
            last = error
        if process.poll() is not None:
            break
        time.sleep(1)
    raise AssertionError(f"Label Studio does not answer: {last}; {log.read_text(errors='replace')[-3000:]}")


def test_tasks_in_and_corrected_export_out(server: Server, tmp_path: Path) -> None:
    project = server.call("POST", "/api/projects", {"title": "civex", "label_config": configuration("label-studio")})
    project_path = f"/api/projects/{project['id']}"
    answer = server.call("POST", f"{project_path}/import", [to_task(document) for document in (TRAPS, PLAIN)])
    assert (answer["task_count"], answer["annotation_count"]) == (2, 2)

    documents = _export(server, project_path, tmp_path / "first.json")
    for document in documents:
        assert document.meta.pop("label_studio")
    assert all(any(same(document, one) for document in documents) for one in (TRAPS, PLAIN))

    tasks = json.loads((tmp_path / "first.json").read_text())
    annotation = next(t for t in tasks if t["data"]["civex"]["id"] == "plain")["annotations"][0]
    for result in annotation["result"]:
        if result.get("from_name") == "number" and result["value"]["text"] == ["5"]:
            result["value"]["text"] = ["6"]
    server.call("PATCH", f"/api/annotations/{annotation['id']}", {"result": annotation["result"]})
    corrected = {d.id: d for d in _export(server, project_path, tmp_path / "second.json")}
    assert [m.number for m in corrected["plain"].mentions if m.label == "killed"] == [(6, 6), (2, 2)]
    assert len(corrected[TRAPS.id].mentions) == len(TRAPS.mentions)


def test_predictions_are_shown(server: Server) -> None:
    project = server.call(
        "POST", "/api/projects", {"title": "predictions", "label_config": configuration("label-studio")}
    )
    task = to_task(PLAIN, model_version="en_civex_sm 0.1.0")
    server.call("POST", f"/api/projects/{project['id']}/import", [task])
    (prediction,) = server.call("GET", f"/api/predictions?project={project['id']}")
    assert prediction["model_version"] == "en_civex_sm 0.1.0"
    assert len(prediction["result"]) == len(task["predictions"][0]["result"])


def _export(server: Server, project: str, path: Path) -> list:
    path.write_text(json.dumps(server.call("GET", f"{project}/export?exportType=JSON")))
    log = Log()
    documents = read(path, "label-studio", log)
    assert log.faults == []
    return documents
