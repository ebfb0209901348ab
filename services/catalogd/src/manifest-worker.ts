import "./bound-wasm-memory.ts";
import { parentPort } from "node:worker_threads";
import { readManifest } from "./read-manifest.ts";

export interface DecodeTask {
  bytes: Uint8Array;
  name: string;
}

parentPort!.on("message", ({ bytes, name }: DecodeTask) => parentPort!.postMessage(readManifest(bytes, name)));
parentPort!.postMessage("ready");
