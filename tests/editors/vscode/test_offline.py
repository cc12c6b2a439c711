"""VS Code, the extension and the server on a machine without any network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.editors.vscode.code_server import ROOT

_CUT_OFF = ["unshare", "--net", "--kill-child", "--fork", "--pid", "--mount-proc"]


def test_suggestions_need_no_network(vsix: Path) -> None:
    if subprocess.run([*_CUT_OFF, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("`unshare --net` is not allowed here")
    measured = f"ip link set lo up && exec {sys.executable} -m tests.editors.vscode.latency --count 1 --vsix {vsix}"
    done = subprocess.run([*_CUT_OFF, "sh", "-c", measured], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["n"] == 1
