# Golden sounds of wav.test.ts, made with the audioop of Python 3.11: codes and what they mean. Run: python3 wav.py > wav.json
import audioop
import base64
import json
import math
import struct

every_code = bytes(range(256))


def samples(data):
    return [value for (value,) in struct.iter_unpack("<h", data)]


def ima_block(values, index):
    """A mono block: the first value in its header, the others as codes, whose low half comes first."""
    pcm = struct.pack(f"<{len(values) - 1}h", *values[1:])
    codes, _ = audioop.lin2adpcm(pcm, 2, (values[0], index))
    decoded, _ = audioop.adpcm2lin(codes, 2, (values[0], index))
    swapped = bytes((code >> 4) | ((code & 15) << 4) for code in codes)
    return struct.pack("<hBB", values[0], index, 0) + swapped, [values[0], *samples(decoded)]


# From silence to as loud as can be: steps grow to the largest, samples are clipped.
tone = [round(300 * i * math.sin(0.3 * i * i / 40)) for i in range(113)]
tone = [max(-32768, min(32767, value)) for value in tone]
block, decoded = ima_block(tone, 12)
golden = {
    "a_law": samples(audioop.alaw2lin(every_code, 2)),
    "mu_law": samples(audioop.ulaw2lin(every_code, 2)),
    "ima": {"block": base64.b64encode(block).decode(), "samples": decoded},
}
print(json.dumps(golden))
