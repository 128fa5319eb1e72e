"""Runs the end-to-end tests in parallel lanes: each lane is a process with a network namespace and a bundled internet
of its own, and takes one test file after the other. Called by regression/run-e2e."""
import importlib.util
import multiprocessing
import os
import signal
import sys
import time
import traceback

import netns
from internet import Internet, build
from lab import Lab, Skip


def load(path):
    name = os.path.basename(path).removesuffix(".py")
    spec = importlib.util.spec_from_file_location("e2e_" + name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests_of(module, lab):
    """(sentence, function) of each test: functions test_*, and what `cases(lab)` yields."""
    for name, function in list(vars(module).items()):
        if name.startswith("test_"):
            yield (function.__doc__ or name).strip().splitlines()[0], lambda f=function: f(lab)
    if hasattr(module, "cases"):
        yield from module.cases(lab)


def name_of(path):
    return os.path.basename(path).removesuffix(".py")


def run_file(path, lab, wanted, report):
    name = name_of(path)
    try:
        module = load(path)
        lab.open_file(getattr(module, "SETTINGS", {}))
        for sentence, function in tests_of(module, lab):
            if wanted(f"{name}: {sentence}"):
                report(name, sentence, *run_test(function))
    except Exception:
        report(name, "the file can be run", "failed", traceback.format_exc(), 0.0)
    finally:
        lab.close_file()


def run_test(function):
    start = time.monotonic()
    try:
        function()
        result, detail = "passed", ""
    except Skip as skip:
        result, detail = "skipped", str(skip)
    except Exception:
        result, detail = "failed", traceback.format_exc(limit=-3)
    return result, detail, time.monotonic() - start


def lane(queue, results, wanted):
    netns.die_with_parent(signal.SIGTERM)
    # Ctrl-C reaches every lane; the runner ends them. Not SIG_IGN, which the programs under test would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    netns.enter_new()
    try:
        with Internet() as internet:
            lab = Lab(internet)
            while (path := queue.get()) is not None:
                run_file(path, lab, wanted, lambda *row: results.put(row))
    except SystemExit:
        raise
    except BaseException:
        results.put(("internet", "the bundled internet starts", "failed", traceback.format_exc(), 0.0))
    finally:
        results.put(None)


def run(paths, lanes, wanted, verbose=False):
    """Runs those tests of the files that `wanted("file: sentence")` says yes to; prints one line a test (failures with their
    reason) and returns the result of each."""
    queue, results = multiprocessing.Queue(), multiprocessing.Queue()
    for item in list(paths) + [None] * lanes:
        queue.put(item)
    build.generated()
    workers = [multiprocessing.Process(target=lane, args=(queue, results, wanted)) for _ in range(lanes)]
    outcome = {}
    for worker in workers:
        worker.start()
    try:
        collect(results, lanes, outcome, verbose)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
    return outcome


def collect(results, lanes, outcome, verbose):
    while lanes:
        row = results.get()
        if row is None:
            lanes -= 1
            continue
        name, sentence, result, detail, seconds = row
        outcome[f"{name}: {sentence}"] = result
        if verbose or result != "passed":
            print(f"{result:7} {seconds:6.2f} s  {name}: {sentence}", flush=True)
            print("".join(f"        {line}\n" for line in detail.splitlines()), end="", flush=True)
