#!/usr/bin/env python3
"""Sends the requests of the recorded exchanges to the cluster of KUBECONFIG, a fresh one, and records what it answers.

A request is written as it was sent, with the uids and versions of this cluster. A new exchange is a file with its request alone.
usage: record.py"""
import json, os, sys

from exchanges import FOLDER, Cluster, Learned, parse, perform, read

SHOWN = ("Content-Type", "Transfer-Encoding", "Warning")


def learn(want, have, key, learned):
    """Where old and new answer have a value at the same place, later requests use the new one."""
    learned.learn(key, want, have)
    if isinstance(want, dict) and isinstance(have, dict):
        for k in want.keys() & have.keys():
            learn(want[k], have[k], k, learned)
    elif isinstance(want, list) and isinstance(have, list):
        for a, b in zip(want, have):
            learn(a, b, key, learned)


def hide_tokens(value, learned):
    if isinstance(value, dict):
        return {k: "<jwt>" if k == "token" and v == learned.values.get("<jwt>") else hide_tokens(v, learned) for k, v in value.items()}
    return [hide_tokens(v, learned) for v in value] if isinstance(value, list) else value


def written(x, answer, learned):
    """The text of a file."""
    lines = [f"# {line}" for line in x["notes"]] + [f"> {x['method']} {learned.rewrite(x['target'])}"]
    lines += [f"> {k}: {v}" for k, v in x["headers"].items()]
    token = learned.values.pop("<jwt>", None)  # never into a file
    if x["body"]:
        lines += [">"] + [("> " + line).rstrip() for line in learned.rewrite(x["body"]).rstrip("\n").split("\n")]
    if token:
        learned.values["<jwt>"] = token
    lines.append(f"< {answer.status} {answer.reason}")
    lines += [f"< {k}: {value}" for k in SHOWN for value in answer.headers.get_all(k, ())]
    body = hide_tokens(parse(answer.text), learned)
    if "watch=true" in x["target"] and isinstance(body, (dict, list)):
        events = body if isinstance(body, list) else [body]
        text = "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events) + "<end of stream>"
    else:
        text = body if isinstance(body, str) else json.dumps(body, indent=1)
    return "\n".join(lines) + "\n\n" + text + "\n"


def main():
    c, learned = Cluster(os.environ["KUBECONFIG"]), Learned(own_image=True)
    for name in sorted(n for n in os.listdir(FOLDER) if n.endswith(".http")):
        path = os.path.join(FOLDER, name)
        x = read(path)
        answer = perform(c, name[:3], x, learned)
        learn(parse(x["answer"]), parse(answer.text), "", learned)
        with open(path, "w") as f:
            f.write(written(x, answer, learned))
        print(f"{answer.status} {name}" + ("" if x["status"] in (None, answer.status) else f"    it was {x['status']}"), flush=True)


sys.exit(main())
