// Images to another size: each output pixel is the mean of the input pixels under a triangle as wide as the step between
// outputs, at least two pixels ("bilinear" with antialiasing, as Pillow resizes).

/** For each of `to` outputs the first of `from` inputs under its triangle, and the weights from there on, which sum to 1. */
export function triangleWeights(from: number, to: number): { first: number; weights: number[] }[] {
  const step = from / to;
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Array.from({ length: end - first }, (_unused, at) => {
      return Math.max(0, 1 - Math.abs(first + at + 0.5 - centre) / reach);
    });
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/** [height, width, channels], row-major. */
export interface Picture {
  shape: readonly [number, number, number];
  pixels: ArrayLike<number>;
}

/** The middle `height` × `width` of a picture. */
export function cropped({ shape, pixels }: Picture, height: number, width: number): Picture {
  const [fullHeight, fullWidth, channels] = shape;
  const top = Math.floor((fullHeight - height) / 2);
  const left = Math.floor((fullWidth - width) / 2);
  const result = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < width * channels; i++)
      result[y * width * channels + i] = pixels[((top + y) * fullWidth + left) * channels + i];
  return { shape: [height, width, channels], pixels: result };
}

export function resized({ shape, pixels }: Picture, height: number, width: number): Picture {
  const [fullHeight, fullWidth, channels] = shape;
  const columns = triangleWeights(fullWidth, width);
  const narrow = new Float64Array(fullHeight * width * channels);
  for (let y = 0; y < fullHeight; y++)
    columns.forEach(({ first, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * pixels[(y * fullWidth + first + k) * channels + c];
        narrow[(y * width + x) * channels + c] = sum;
      }
    });
  const lines = triangleWeights(fullHeight, height);
  const stride = width * channels;
  const result = new Float64Array(height * stride);
  lines.forEach(({ first, weights }, y) => {
    for (let i = 0; i < stride; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(first + k) * stride + i];
      result[y * stride + i] = sum;
    }
  });
  return { shape: [height, width, channels], pixels: result };
}

/** One channel from three by the weights of ITU-R BT.601, or three equal ones from one. */
export function withChannels(picture: Picture, channels: number): Picture {
  const [height, width, given] = picture.shape;
  if (given === channels) return picture;
  const { pixels } = picture;
  const result = new Float64Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    if (channels === 1)
      result[i] = 0.299 * pixels[given * i] + 0.587 * pixels[given * i + 1] + 0.114 * pixels[given * i + 2];
    else result.fill(pixels[given * i], channels * i, channels * (i + 1));
  }
  return { shape: [height, width, channels], pixels: result };
}
