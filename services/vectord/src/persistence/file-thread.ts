import { workerData } from "node:worker_threads";
import type { ClientOptions } from "@lakehouse/clients";
import { collectBuffersEarly } from "@lakehouse/server/collect-garbage";
import { serveCalls } from "../threads/serve-calls.ts";
import { FileCalls } from "./file-calls.ts";

collectBuffersEarly();
serveCalls(new FileCalls(workerData as Omit<ClientOptions, "token">));
