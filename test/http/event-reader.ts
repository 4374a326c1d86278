// Reads server-sent events as a browser would: message by message, until the server or the reader ends the stream.

export interface StreamedMessage {
  id?: string;
  event?: string;
  retry?: string;
  /** Parsed JSON. */
  data?: any;
  /** The text of a comment line. */
  comment?: string;
}

export interface OpenStream {
  status: number;
  headers: Headers;
  /** The next message, or undefined at the end. */
  next: () => Promise<StreamedMessage | undefined>;
  /** Every message until the end. */
  rest: () => Promise<StreamedMessage[]>;
  /** Goes away without a word, as a closed browser tab does. */
  leave: () => void;
}

export async function openStream(url: string, headers: Record<string, string> = {}): Promise<OpenStream> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    headers: { accept: "text/event-stream", ...headers },
    signal: leaving.signal,
  });
  const messages = readMessages(response);
  const next = async () => (await messages.next()).value as StreamedMessage | undefined;
  const rest = async () => {
    const all: StreamedMessage[] = [];
    for (let message = await next(); message !== undefined; message = await next()) all.push(message);
    return all;
  };
  return { status: response.status, headers: response.headers, next, rest, leave: () => leaving.abort() };
}

async function* readMessages(response: Response): AsyncGenerator<StreamedMessage> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) yield parseMessage(block);
  }
}

function parseMessage(block: string): StreamedMessage {
  const message: Record<string, unknown> = {};
  for (const line of block.split("\n")) {
    const [, field, value] = /^([a-z]*): ?(.*)$/.exec(line)!;
    message[field === "" ? "comment" : field] = field === "data" ? JSON.parse(value) : value;
  }
  return message;
}
