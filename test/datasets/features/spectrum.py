# Writes spectrum.json: log-mel energies and MFCCs of a short sound, by plain NumPy from their definitions.
import json
import pathlib

import numpy

rate, window, hop, bands, coefficients = 8000, 200, 80, 20, 13
n = numpy.arange(600)
sound = numpy.round(9000 * numpy.sin(2 * numpy.pi * 440 * n / rate) + 4000 * numpy.sin(2 * numpy.pi * 1900 * n / rate + n / 90))
samples = sound.astype(numpy.int16)

size = 256
x = samples / 32768
hann = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(window) / window)
frames = numpy.stack([x[start : start + window] * hann for start in range(0, len(x) - window + 1, hop)])
power = numpy.abs(numpy.fft.rfft(frames, size)) ** 2


def mel(f):
    return 2595 * numpy.log10(1 + f / 700)


edges = 700 * (10 ** (numpy.linspace(0, mel(rate / 2), bands + 2) / 2595) - 1)
frequencies = numpy.fft.rfftfreq(size, 1 / rate)
filters = numpy.zeros((bands, len(frequencies)))
for b in range(bands):
    low, centre, high = edges[b : b + 3]
    filters[b] = numpy.maximum(0, numpy.minimum((frequencies - low) / (centre - low), (high - frequencies) / (high - centre)))
log_mel = numpy.log(numpy.maximum(1e-10, power @ filters.T))

b = numpy.arange(bands)
cosines = numpy.stack([numpy.sqrt((1 if j == 0 else 2) / bands) * numpy.cos(numpy.pi * j * (b + 0.5) / bands) for j in range(coefficients)])
mfcc = log_mel @ cosines.T

golden = {"samples": samples.tolist(), "log_mel": log_mel.tolist(), "mfcc": mfcc.tolist()}
path = pathlib.Path(__file__).with_name("spectrum.json")
path.write_text(json.dumps(golden) + "\n", encoding="utf-8")
