export interface ServerEvent {
  /** `message` where the server gives no name. */
  name: string;
  data: string;
}

/** Reads `text/event-stream` (WHATWG HTML §9.2.6), as far as our services write it. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const bytes of body) {
    pending += decoder.decode(bytes, { stream: true });
    const blocks = pending.split(/\r?\n\r?\n/);
    pending = blocks.pop()!;
    yield* blocks.map(parseEvent);
  }
}

function parseEvent(block: string): ServerEvent {
  const event = { name: "message", data: [] as string[] };
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ""] = /^(event|data):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") event.name = value;
    if (field === "data") event.data.push(value);
  }
  return { name: event.name, data: event.data.join("\n") };
}
