# Where SIGMOID_LOW and SIGMOID_HIGH of src/engine/kernels/reference/transcendental.ts come from: e^r = 1 + r + c2·r² + … + c6·r⁶
# with the least largest relative error on |r| <= ln(2)/2, by reweighted least squares (Lawson, 1961). Coefficient after
# coefficient is rounded to single precision and the others are fitted again. Prints c2 to c6 and the error in units of 2⁻²⁴.
import numpy

TERMS = range(2, 7)
edge = numpy.log(2) / 2 * 1.0005  # a little more: r is computed with roundings
r = edge * numpy.cos(numpy.linspace(0, numpy.pi, 4001))
r = r[numpy.abs(r) > 1e-3]
powers = {k: r**k / numpy.exp(r) for k in TERMS}
wanted = (numpy.exp(r) - 1 - r) / numpy.exp(r)


def fit(fixed):
    free = [k for k in TERMS if k not in fixed]
    columns = numpy.stack([powers[k] for k in free], 1)
    rest = wanted - sum(fixed[k] * powers[k] for k in fixed)
    weights = numpy.ones_like(r)
    for _ in range(400):
        root = numpy.sqrt(weights)
        coefficients = numpy.linalg.lstsq(columns * root[:, None], rest * root, rcond=None)[0]
        weights = weights * numpy.abs(columns @ coefficients - rest)
        weights /= weights.sum()
    return float(numpy.float32(coefficients[0]))


fixed = {}
for k in TERMS:
    fixed[k] = fit(fixed)
error = numpy.abs(sum(fixed[k] * powers[k] for k in TERMS) - wanted).max()
print([float(f"{value:.9g}") for value in fixed.values()], error / 2**-24)
