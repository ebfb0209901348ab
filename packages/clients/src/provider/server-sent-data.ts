/**
 * The data of each event of a `text/event-stream`. Comments, such as OpenRouter's `: OPENROUTER PROCESSING`, and all fields but `data`
 * say nothing to us. An event at the very end counts without its blank line too: not every server ends its last one. Nor does every
 * server that fails do so in an event: a bare line of JSON is taken for one.
 */
export async function* serverSentData(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let data: string[] = [];
  for await (const line of lines) {
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else if (line.startsWith("{")) data.push(line);
    if (line !== "" || data.length === 0) continue;
    yield data.join("\n");
    data = [];
  }
  if (data.length > 0) yield data.join("\n");
}
