"""The schema in the editor that it is for: yaml-language-server, as editors start it.

Installs the server from npm; skipped, with the reason, where that cannot be done.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = "# yaml-language-server: $schema=schema.json\nversion: 1\nrules:\n  - id: a.b\n"


class Editor:
    """As much of the Language Server Protocol as an editor needs to ask and be told."""

    def __init__(self, command, folder):
        self.folder = folder
        self.diagnostics = {}
        self._last = 0
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        )
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
        self._send(method="initialized", params={})

    def close(self):
        self._server.kill()
        self._server.communicate()

    def open(self, name, text):
        self.uri = (self.folder / name).as_uri()
        document = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})

    def at(self, method, line, column):
        document, position = {"uri": self.uri}, {"line": line, "character": column}
        return self.ask(f"textDocument/{method}", textDocument=document, position=position)

    def problems(self):
        while self.uri not in self.diagnostics:
            self._take()
        return [(p["range"]["start"]["line"], p["message"]) for p in self.diagnostics[self.uri]]

    def ask(self, method, **params):
        self._last += 1
        self._send(id=self._last, method=method, params=params)
        while True:
            message = self._take()
            if message.get("id") == self._last and "method" not in message:
                return message["result"]

    def _send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _take(self):
        size = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        assert size, "the server has ended"
        message = json.loads(self._server.stdout.read(size))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send(id=message["id"], result=None)
        return message


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, and yaml-language-server comes from there")
    folder = tmp_path_factory.mktemp("editor")
    install = [npm, "install", "--no-audit", "--no-fund", "yaml-language-server@1"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=240)
    if done.returncode:
        pytest.skip(f"npm could not install yaml-language-server: {done.stderr[-300:]}")
    shutil.copy(ROOT / "rules" / "schema.json", folder)
    editor = Editor([folder / "node_modules/.bin/yaml-language-server", "--stdio"], folder)
    yield editor
    editor.close()


def test_conditions_and_actions_are_completed(editor):
    editor.open("new.yaml", HEAD + "    action: \n    when:\n      te\n")
    offered = editor.at("completion", 4, 12)["items"]
    assert {item["label"] for item in offered} == {"approve", "flag", "hold", "hide"}
    offered = {item["label"] for item in editor.at("completion", 6, 8)["items"]}
    assert {"text", "score", "author.age", "similar", "any", "not"} <= offered


def test_hovering_explains(editor):
    editor.open("hover.yaml", HEAD + "    action: flag\n    when: {text: [x]}\n")
    shown = editor.at("hover", 4, 6)["contents"]
    assert "the strongest action of all matches wins" in str(shown)


def test_mistakes_are_underlined(editor):
    editor.open("wrong.yaml", HEAD + "    action: explode\n    when: {text: [x], lenght: 3}\n")
    found = editor.problems()
    assert [line for line, _ in found] == [4, 5]
    assert "lenght" in found[1][1]


@pytest.mark.parametrize("pack", sorted(path.name for path in (ROOT / "rules").glob("*.yaml")))
def test_the_packs_are_without_fault(editor, pack):
    text = (ROOT / "rules" / pack).read_text("utf-8")
    editor.open(pack, "# yaml-language-server: $schema=schema.json\n" + text)
    assert editor.problems() == []
