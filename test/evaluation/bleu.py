# Golden values of bleu.test.ts: `python3 bleu.py > bleu.json`. An implementation of its own, from the formulas of Papineni
# et al., 2002, and the description of mteval-v13a's tokens and of the exponential smoothing in sacreBLEU's documentation.
# The first case and its 48.53 are those of sacreBLEU's README.
import json
import math
import re
from collections import Counter


def tokens(text):
    for entity, character in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, character)
    text = f" {text} "
    # Every mark of ASCII but ' - , . stands alone.
    text = re.sub(r"([\x21-\x26\x28-\x2b\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])", r" \1 ", text)
    text = re.sub(r"([^0-9])([.,])", r"\1 \2 ", text)
    text = re.sub(r"([.,])([^0-9])", r" \1 \2", text)
    text = re.sub(r"([0-9])(-)", r"\1 \2 ", text)
    return text.split()


def ngrams(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def bleu(hypotheses, references):
    hits, all_runs, c, r = [0] * 4, [0] * 4, 0, 0
    for hypothesis, several in zip(hypotheses, references):
        words, others = tokens(hypothesis), [tokens(one) for one in several]
        c += len(words)
        r += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for n in range(1, 5):
            runs = ngrams(words, n)
            allowed = Counter()
            for other in others:
                allowed |= ngrams(other, n)
            hits[n - 1] += sum((runs & allowed).values())
            all_runs[n - 1] += sum(runs.values())
    if sum(hits) == 0 or 0 in all_runs:
        return 0.0
    k, total = 0, 0.0
    for hit, runs in zip(hits, all_runs):
        if hit == 0:
            k += 1
        total += math.log(hit / runs if hit else 1 / (2**k * runs))
    return 100 * (1 if c >= r else math.exp(1 - r / c)) * math.exp(total / 4)


CASES = [
    {
        "hypotheses": ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
        "references": [
            ["The dog bit the man.", "The dog had bit the man."],
            ["It was not unexpected.", "No one was surprised."],
            ["The man bit him first.", "The man had bitten the dog."],
        ],
    },
    {"hypotheses": ["the the the the the"], "references": [["the cat is on the mat"]]},
    {"hypotheses": ["a b c d x y z", "e f g"], "references": [["a b q d x y"], ["e f g h i j"]]},
    {
        "hypotheses": ["It costs 1,234.50 &amp; more (5-6%), he said: \"no\"."],
        "references": [["It costs 1,234.50 & more (5-6 %), she said: \"no\" ..."]],
    },
    {"hypotheses": ["ein mann fährt rad .", "zwei hunde"], "references": [["ein mann fährt rad ."], ["zwei hunde"]]},
    {"hypotheses": ["nothing at all in common"], "references": [["something quite different stands here"]]},
    {"hypotheses": ["too short"], "references": [["too short"]]},
]
for case in CASES:
    case["bleu"] = round(bleu(case["hypotheses"], case["references"]), 9)
print(json.dumps(CASES, indent=1, ensure_ascii=False))
