# Golden values of recurrent.test.ts: `python3 recurrent-layers.py > recurrent-layers.json`. PyTorch's own layers in
# float64; outputs of all steps, and the gradients of the mean squared error against zero. Weights as this engine has
# them: (in,gates) and (H,gates), the transposes of PyTorch's; its two biases are one where they are only added.
import json

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
ROWS, STEPS, INPUTS, UNITS = 3, 4, 2, 3


def rounded(tensor):
    return [round(value, 9) for value in tensor.detach().flatten().tolist()]


def case(layer, kind):
    module = layer(INPUTS, UNITS, batch_first=True)
    if kind != "gru":
        torch.nn.init.zeros_(module.bias_hh_l0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(rounded(parameter)).reshape(parameter.shape))
    x = torch.tensor(rounded(torch.randn(ROWS, STEPS, INPUTS))).reshape(ROWS, STEPS, INPUTS)
    y, _ = module(x)
    y.pow(2).mean().backward()
    names = {"weights": "weight_ih_l0", "recurrent_weights": "weight_hh_l0", "bias": "bias_ih_l0"}
    if kind == "gru":
        names["recurrent_bias"] = "bias_hh_l0"
    values = {own: getattr(module, name) for own, name in names.items()}
    return {
        "kind": kind,
        "x": rounded(x),
        "y": rounded(y),
        "parameters": {name: rounded(value.T if value.dim() == 2 else value) for name, value in values.items()},
        "gradients": {
            name: rounded(value.grad.T if value.dim() == 2 else value.grad) for name, value in values.items()
        },
    }


cases = [case(torch.nn.RNN, "simple_rnn"), case(torch.nn.LSTM, "lstm"), case(torch.nn.GRU, "gru")]
shape = {"rows": ROWS, "steps": STEPS, "inputs": INPUTS, "units": UNITS}
print(json.dumps({**shape, "cases": cases}))
