import { workerData } from "node:worker_threads";
import type { ClientOptions } from "@lakehouse/clients";
import { serveCalls } from "../threads/serve-calls.ts";
import { FileCalls } from "./file-calls.ts";

serveCalls(new FileCalls(workerData as Omit<ClientOptions, "token">));
