"""What is made from the tables: manual pages and completion for shells; and that each command has a test."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from lab import Skip, expect, expect_equal
from recursor import BUILD, REC_CONTROL, RECURSOR, ROOT


def printed(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    expect(done.returncode == 0 and done.stdout and not done.stderr, f"{words}: {done.stderr}")
    return done.stdout


def commands(lab):
    return [line.split()[0] for line in lab.recursor.ordered("help").splitlines() if re.match(r"[a-z]", line)]


def test_every_command_is_tested(lab):
    """each command that help lists is called by some end-to-end test"""
    text = ""
    for path in glob.glob(f"{ROOT}/regression/e2e/*.py") + glob.glob(f"{ROOT}/regression/lib/*.py"):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    known = commands(lab)
    expect(len(known) > 60, known)
    missing = [name for name in known if not re.search(rf"[\"']{re.escape(name)}[\"' ]", text)]
    expect_equal(missing, [], "commands without a test")


def test_manual_pages(lab):
    """the manual pages are without mistakes and name every command and setting"""
    if not shutil.which("mandoc"):
        raise Skip("mandoc is not installed")
    for name, page in (("rec_control.1", printed(REC_CONTROL, "--man")), ("recursor.1", printed(RECURSOR, "--config=man"))):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/{name}"
            with open(path, "w", encoding="utf-8") as file:
                file.write(page)
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True, text=True, check=False)
            expect_equal((done.returncode, done.stdout), (0, ""), name)
            shown = subprocess.run(["mandoc", "-T", "ascii", path], capture_output=True, text=True, check=True).stdout
        shown = re.sub(".\x08", "", shown)
        if name == "rec_control.1":
            expect_equal([word for word in commands(lab) if not re.search(rf"^ +{word}\b", shown, re.M)], [], name)
        else:
            settings = re.findall(r"^([a-z0-9-]+)=", printed(RECURSOR, "--config", f"--config-dir={lab.recursor.folder}"), re.M)
            expect(len(settings) > 150, settings)
            expect_equal([word for word in settings if not re.search(rf"^ +{word}(\s|$)", shown, re.M)], [], name)


class Bash:
    """Completes command lines as an interactive bash would."""

    def __init__(self, script, function):
        self.script, self.function = script, function

    def complete(self, *words):
        code = (f"{self.script}\ncompopt() {{ :; }}\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n{self.function}\n"
                "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", code, "bash", *words], capture_output=True, text=True, check=False)
        expect_equal((done.returncode, done.stderr), (0, ""), words)
        return set(done.stdout.split("\n")) - {""}


def test_bash(lab):
    """bash completes commands, options, words, settings, metrics and files"""
    bash = Bash(printed(REC_CONTROL, "--completion=bash"), "_rec_control")
    expect(set(commands(lab)) <= bash.complete("rec_control", ""), "a command is missing")
    expect_equal(bash.complete("rec_control", "wipe"), {"wipe-cache", "wipe-cache-typed"})
    expect_equal(bash.complete("rec_control", "--config-dir", "=", "/etc", "ping"), {"ping"})
    expect("--timeout=" in bash.complete("rec_control", "--t"), "no option")
    expect_equal(bash.complete("rec_control", "--completion", "=", ""), {"bash", "zsh"})
    expect_equal(bash.complete("rec_control", "--timeout", "=", "3", "blocklist", "sh"), {"shadow"})
    expect_equal(bash.complete("rec_control", "get", "servfail-a"), {"servfail-answers"})
    expect_equal(bash.complete("rec_control", "get-parameter", "quiet", "local-p"), {"local-port"})
    expect_equal(bash.complete("rec_control", "ping", ""), set())
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/a-folder")
        expect_equal(bash.complete("rec_control", "dump-cache", f"{folder}/a"), {f"{folder}/a-folder"})


def test_bash_settings(_lab):
    """bash completes the recursor's settings and those values that are words"""
    bash = Bash(printed(RECURSOR, "--config=completion-bash"), "_recursor")
    expect_equal(bash.complete("recursor", "--local-p"), {"--local-port="})
    expect_equal(bash.complete("recursor", "--quiet", "=", ""), {"yes", "no"})
    expect_equal(bash.complete("recursor", "--dnssec", "=", "proc"), {"process", "process-no-validate"})
    expect("check" in bash.complete("recursor", "--config", "="), "no mode")


def test_zsh(lab):
    """zsh reads its completions without complaint and they name every command"""
    if not shutil.which("zsh"):
        raise Skip("zsh is not installed")
    for name, text in (("_rec_control", printed(REC_CONTROL, "--completion=zsh")),
                       ("_recursor", printed(RECURSOR, "--config=completion-zsh"))):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            code = f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print -r -- ${{_comps[{name[1:]}]}}"
            done = subprocess.run(["zsh", "-f", "-c", code], capture_output=True, text=True, check=False)
            expect_equal((done.stdout, done.stderr), (f"{name}\n", ""), name)
            done = subprocess.run(["zsh", "-n", f"{folder}/{name}"], capture_output=True, text=True, check=False)
            expect_equal((done.returncode, done.stderr), (0, ""), name)
        if name == "_rec_control":
            expect_equal([word for word in commands(lab) if f"'{word}:" not in text], [], "commands")


def test_install(_lab):
    """meson install puts programs, manual pages and completions where they belong"""
    if not shutil.which("meson") or not os.path.exists(f"{BUILD}/recursor/pages/recursor.1"):
        raise Skip("not a whole build folder")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["meson", "install", "--no-rebuild", "-C", BUILD, "--destdir", folder], capture_output=True,
                              text=True, check=False)
        expect_equal(done.returncode, 0, done.stdout + done.stderr)
        found = {path[len(folder):] for path in glob.glob(f"{folder}/**/*", recursive=True) if os.path.isfile(path)}
    for ending in ("/sbin/recursor", "/bin/rec_control", "/man1/recursor.1", "/man1/rec_control.1",
                   "/bash-completion/completions/recursor", "/bash-completion/completions/rec_control"):
        expect(any(path.endswith(ending) for path in found), (ending, found))
    expect(sum("/zsh/" in path and os.path.basename(path) in ("_recursor", "_rec_control") for path in found) == 2, found)
