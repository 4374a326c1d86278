# Writes golden.json: what scikit-learn 1.2.1 makes of a few texts and numbers. Run with Debian's python3-sklearn.
import json
import pathlib

import numpy
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import QuantileTransformer

training = [
    "Free entry! Call now, call FREE.",
    "are you free now? call me",
    "ok, see you at 5 o'clock",
    "Größe über alles: naïve café",
    "",
]
probe = ["call me maybe, call now", "Größe and unknown words", "!!!"]
word = r"(?u)\b\w+\b"


def texts(vectorizer):
    vectorizer.fit(training)
    return {
        "terms": sorted(vectorizer.vocabulary_),
        "rows": vectorizer.transform(training + probe)[:, [vectorizer.vocabulary_[term] for term in sorted(vectorizer.vocabulary_)]].toarray().tolist(),
    }


numbers = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
places = [0, 1, 1.5, 3, 4.5, 5, 7, 9, 10]


def ranks(spread):
    transformer = QuantileTransformer(n_quantiles=len(numbers), output_distribution=spread)
    transformer.fit(numpy.array(numbers, float).reshape(-1, 1))
    return transformer.transform(numpy.array(places, float).reshape(-1, 1)).ravel().tolist()


golden = {
    "training": training,
    "probe": probe,
    "words": texts(TfidfVectorizer(token_pattern=word)),
    "word_pairs": texts(TfidfVectorizer(token_pattern=word, ngram_range=(1, 2))),
    "characters": texts(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3))),
    "counts": texts(CountVectorizer(token_pattern=word)),
    "numbers": numbers,
    "places": places,
    "quantile_uniform": ranks("uniform"),
    "quantile_normal": ranks("normal"),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
