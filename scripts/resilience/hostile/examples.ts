import { httpCall } from "@lakehouse/testing";
import type { Lakehouse } from "../lakehouse.ts";

/** Puts there what the examples of the API speak of, so that a request with little wrong gets far. */
export async function storeExamples({ url }: Lakehouse): Promise<void> {
  const json = { "content-type": "application/json" };
  const send = async (method: string, path: string, body: string, headers: Record<string, string> = json) => {
    const answer = await httpCall(method, url, path, { body, headers });
    if (answer.status >= 400) throw new Error(`${path} was refused: ${answer.status} ${String(answer.body)}`);
  };
  await send("PUT", "/v1/storage/put/fuzz", "fuzz");
  for (const name of ["people", "fuzz"]) {
    await send("POST", `/v1/ingest?name=${name}`, "id,name,zip\n1,Ada,00501\n", { "content-type": "text/csv" });
  }
  for (const [name, dimension] of Object.entries({ resumes: 768, jobs: 768, fuzz: 3 })) {
    await send("POST", "/v1/vectors/index", JSON.stringify({ name, dimension }));
    const item = {
      id: "fuzz",
      vector: Array.from({ length: dimension }, (_, at) => at + 1),
      metadata: { state: "IL" },
    };
    await send("POST", `/v1/vectors/index/${name}/add`, JSON.stringify({ items: [item] }));
  }
  for (const uid of ["t-1", "fuzz"])
    await send("POST", "/v1/pathway/add", JSON.stringify({ uid, content: { answer: 1 } }));
}
