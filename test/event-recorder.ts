// Follows a job's event stream as a browser would, and keeps what it was shown until the connection ends.
export interface RecordedEvent {
  id: string;
  type: string;
  data: string;
}

/** Reads until the stream ends or breaks; never rejects. `shown` grows as events come. */
export async function recordEvents(url: string, jobId: string, shown: RecordedEvent[]): Promise<void> {
  try {
    const response = await fetch(`${url}/v1/jobs/${jobId}/events`, { headers: { accept: "text/event-stream" } });
    let pending = "";
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const messages = (pending + part).split("\n\n");
      pending = messages.pop()!;
      shown.push(...messages.map(parseMessage).filter((message) => message.id !== ""));
    }
  } catch {
    // The server was killed: what was shown so far is what counts.
  }
}

function parseMessage(message: string): RecordedEvent {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(message)?.[1] ?? "";
  return { id: field("id"), type: field("event"), data: field("data") };
}
